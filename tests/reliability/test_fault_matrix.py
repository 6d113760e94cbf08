# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Each operation that a module calls fails in each way. The operations are recorded in a run without faults."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.account import snapshot
from ansible_collections.launchkit.aws.tests.reliability.judgement import judge
from ansible_collections.launchkit.aws.tests.reliability.scenarios import SCENARIOS
from ansible_collections.launchkit.aws.tests.reliability.wire import Timeouts, connection_is_lost

FOREVER = 0


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


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_each_operation_fails(laboratory, scenario, fault):
    before, reference, operations = record(laboratory, scenario)
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
            laboratory.wire.strike = connection_is_lost(number, after=after)
            result = scenario.run(laboratory)
            problems = judge(laboratory, scenario, before, reference, result, operation=" ", is_temporary=False)
            table.count("faults", scenario.name, kind, [f"{number}: {each}" for each in problems])
            wrong += [f"{kind} {number}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)
