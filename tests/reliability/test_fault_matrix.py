# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Each operation that a module calls fails in each way. The operations are recorded in a run without faults."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

import botocore.session
import pytest
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.account import snapshot
from ansible_collections.launchkit.aws.tests.reliability.judgement import judge
from ansible_collections.launchkit.aws.tests.reliability.laboratory import OLD
from ansible_collections.launchkit.aws.tests.reliability.scenarios import MORE, READS, SCENARIOS
from ansible_collections.launchkit.aws.tests.reliability.wire import Crash, Timeouts, lose_connection

FOREVER = 0
PLUGINS = Path(__file__).resolve().parents[2] / "plugins"


class Fault(NamedTuple):
    """A way to fail, as the embedded AWS knows it.

    :param is_temporary: whether the run has to reach its target.
    """

    name: str
    kind: str
    times: int
    is_temporary: bool = False
    more: tuple = ()

    def set(self, laboratory, operation):
        """Let an operation fail."""
        kind, dummy, when = self.kind.partition("_")
        if kind == "timeout":
            laboratory.wire.strike = Timeouts(operation, after=when == "after", times=self.times)
        else:
            laboratory.aws.fault(self.kind, operation, times=self.times, **dict(self.more))


FAULTS = (
    Fault("throttled once", "throttle", 1, is_temporary=True),
    Fault("throttled 5 times", "throttle", 5, is_temporary=True),
    Fault("throttled for ever", "throttle", FOREVER),
    *(
        Fault(f"{name}, {often}", kind, times, is_temporary=times == 1)
        for name, kind in (
            ("error 500", "error"),
            ("reset before the effect", "reset_before"),
            ("answer lost", "reset_after"),
            ("timeout before the effect", "timeout_before"),
            ("timeout after the effect", "timeout_after"),
        )
        for often, times in (("once", 1), ("for ever", FOREVER))
    ),
    Fault("access denied", "access_denied", FOREVER),
    Fault("token expired", "expired_token", FOREVER),
    *(
        Fault(f"{kind} answer, {often}", kind, times)
        for kind in ("truncated", "empty", "html", "not_xml")
        for often, times in (("once", 1), ("for ever", FOREVER))
    ),
    Fault("a proxy's 502", "html", FOREVER, more=(("effect", False), ("status", 502))),
)


# Seconds, and the share of the reads before that miss a new role or profile.
SINCE_LONG, SINCE_NOW = "what existed is seen", "what existed is new"
# Less than what the modules wait for a role or profile that is named and not found.
PATIENCE = 10
LATE = [(seconds, share) for seconds in (1, 5, 30) for share in (0.5, 1.0)]
# An option of amazon.aws.autoscaling_group.
NO_OPERATIONS = {"SuspendProcesses"}
# Modules that call nothing.
WITHOUT_CALLS = {"role_variables"}
TRIED = (*SCENARIOS, *READS, *MORE)

RECORDED: dict = {}


def record(laboratory, scenario):
    """Return snapshots before and after a run without faults, and the operations that it called."""
    if scenario.name not in RECORDED:
        scenario.begin(laboratory)
        before = snapshot(laboratory.aws)
        laboratory.aws.reset_calls()
        result = scenario.run(laboratory)
        assert not result.get("failed"), result
        operations = sorted({call["operation"] for call in laboratory.aws.calls()})
        RECORDED[scenario.name] = before, snapshot(laboratory.aws), operations
    return RECORDED[scenario.name]


def tried(laboratory, scenario):
    """Return the operations of a scenario that the matrix tries: of the further states, what is new in them."""
    operations = record(laboratory, scenario)[2]
    if scenario not in MORE:
        return operations
    earlier = TRIED[: TRIED.index(scenario)]
    known = {operation for each in earlier for operation in record(laboratory, each)[2]}
    return [operation for operation in operations if operation not in known]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("scenario", TRIED, ids=lambda scenario: scenario.name)
def test_each_operation_fails(laboratory, scenario, fault):
    operations = tried(laboratory, scenario)
    before, reference, dummy = record(laboratory, scenario)
    wrong = []
    for operation in operations:
        if not table.is_chosen(scenario.name, fault.name, operation):
            continue
        scenario.begin(laboratory)
        fault.set(laboratory, operation)
        result = scenario.run(laboratory)
        judged = {"operation": operation, "is_temporary": fault.is_temporary}
        problems = judge(laboratory, scenario, before, reference, result, **judged)
        table.count("faults", scenario.name, fault.name, [f"{operation}: {each}" for each in problems])
        wrong += [f"{operation}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_connection_is_lost_for_good(laboratory, scenario):
    """Neither the outcome can be observed nor anything be rolled back."""
    before, reference, dummy = record(laboratory, scenario)
    scenario.begin(laboratory)
    scenario.run(laboratory)
    wrong = []
    for number in range(len(laboratory.writes())):
        for kind, after in (("lost before a call", False), ("lost after a call", True)):
            if not table.is_chosen(scenario.name, kind, number):
                continue
            scenario.begin(laboratory)
            laboratory.wire.strike = Crash(number, after=after, end=lose_connection)
            result = scenario.run(laboratory)
            problems = judge(laboratory, scenario, before, reference, result, operation=" ", is_temporary=False)
            table.count("faults", scenario.name, kind, [f"{number}: {each}" for each in problems])
            wrong += [f"{kind} {number}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("seconds", "share"), LATE)
@pytest.mark.parametrize("scenario", [*SCENARIOS, *MORE], ids=lambda scenario: scenario.name)
def test_iam_is_late(laboratory, scenario, seconds, share):
    """Reads, lists and the services that use a profile see a role or profile late, now and then or never before."""
    wrong = []
    for since in (SINCE_LONG, *([SINCE_NOW] if "delete" not in scenario.name else [])):
        kind = f"IAM late by {seconds} s, {since}"
        if not table.is_chosen(scenario.name, kind, share):
            continue
        before, reference, dummy = record(laboratory, scenario)
        scenario.begin(laboratory)
        if since == SINCE_LONG:
            laboratory.pass_time(OLD)
        laboratory.let_iam_be_late(seconds, share)
        result = scenario.run(laboratory)
        # A name that stays unknown can be misspelt: nobody waits half a minute for it.
        is_temporary = since == SINCE_LONG or seconds < PATIENCE
        problems = judge(laboratory, scenario, before, reference, result, operation=" ", is_temporary=is_temporary)
        table.count("faults", scenario.name, kind, problems)
        wrong += [f"{kind}, {share}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)


def test_each_operation_of_the_code_is_tried(laboratory):
    """An operation that the code can call, and that no scenario calls, would have no row."""
    recorded = {operation for scenario in TRIED for operation in record(laboratory, scenario)[2]}
    assert operations_in_code() - NO_OPERATIONS - recorded == set()


def test_each_module_is_tried():
    modules = {path.stem for path in (PLUGINS / "modules").glob("*.py")}
    assert {scenario.module.__name__.rpartition(".")[2] for scenario in TRIED} == modules - WITHOUT_CALLS


def operations_in_code():
    """Return AWS's names of the operations whose Python names stand in the code, other than as functions of its own."""
    session, names, own = botocore.session.get_session(), {}, set()
    for service in ("autoscaling", "ec2", "elb", "elbv2", "iam", "ssm", "sts"):
        operations = session.get_service_model(service).operation_names
        names.update({botocore.xform_name(operation): operation for operation in operations})
    found = set()
    for path in PLUGINS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                own.add(node.name)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return {names[name] for name in found - own if name in names}
