# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A run ends before or after each call that changes something. The next one converges: nothing twice or orphaned."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest
from ansible_collections.launchkit.aws.plugins.modules import fleet
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import with_group
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.account import differing, snapshot, with_newest_versions
from ansible_collections.launchkit.aws.tests.reliability.scenarios import (
    SCENARIOS,
    WEB,
    Scenario,
    after_runs,
    fleet_of,
)
from ansible_collections.launchkit.aws.tests.reliability.wire import Crash, Ended

# More calls than any of the runs makes.
MOST_CALLS = 40
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
FULL = [
    with_group(
        "web-0",
        managed_policies=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"],
        inline_policies={"queue": POLICY},
        tags={"team": "a"},
    )
]
REFRESHED = [
    with_group("web-0", group_min_size=1, refresh=True, refresh_poll_interval=1, instance_type=each)
    for each in ("t3.small", "t3.large")
]
WEB_TEMPLATE = [
    {**each, "application_launch_with": "launch_template", "application_launch_template_prune": {"keep": 0}}
    for each in WEB
]


def fleet_run(name, applications, *earlier):
    """A run of the module fleet after earlier ones."""
    runs = [(fleet, fleet_of(each)) for each in earlier]
    return Scenario(name, fleet, fleet_of(applications), after_runs(*runs))


RUNS = (
    *SCENARIOS,
    fleet_run("fleet: create with policies", FULL),
    fleet_run("fleet: refresh", REFRESHED[1:], REFRESHED[:1]),
    fleet_run("fleet: to launch template", WEB_TEMPLATE, WEB),
    fleet_run("fleet: back to launch configuration", WEB, WEB_TEMPLATE),
    fleet_run(
        "fleet: new version, prune",
        [{**each, "application_instance_type": "t3.large"} for each in WEB_TEMPLATE],
        WEB_TEMPLATE,
    ),
    fleet_run(
        "fleet: delete templates", [{**each, "application_state": "absent"} for each in WEB_TEMPLATE], WEB_TEMPLATE
    ),
)


@pytest.mark.parametrize("scenario", RUNS, ids=lambda scenario: scenario.name)
def test_run_that_ended_is_completed(laboratory, scenario):
    moments = [(number, kind) for number in range(MOST_CALLS) for kind in ("before a call", "after a call")]
    moments = [moment for moment in moments if table.is_chosen("crashes", scenario.name, *moment)]
    if not moments:
        return
    scenario.begin(laboratory)
    assert not scenario.run(laboratory).get("failed")
    reference, writes = snapshot(laboratory.aws), len(laboratory.writes())
    assert writes <= MOST_CALLS
    wrong = []
    for number, kind in moments:
        if number >= writes:
            break
        scenario.begin(laboratory)
        laboratory.wire.strike = Crash(number, after=kind == "after a call")
        with pytest.raises(Ended):
            scenario.run(laboratory)
        problems = converged(laboratory, scenario, reference)
        table.count("crashes", scenario.name, kind, [f"call {number}: {each}" for each in problems])
        wrong += [f"{kind} {number}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)


def converged(laboratory, scenario, reference):
    """Return what is wrong with the run after one that ended, and with the run after that."""
    laboratory.without_faults()
    problems = []
    result = scenario.run(laboratory)
    if result.get("failed"):
        return [f"the next run failed: {result['msg']}"]
    after = snapshot(laboratory.aws)
    if scenario.module is fleet:
        after, reference = with_newest_versions(after), with_newest_versions(reference)
    if after != reference:
        problems.append(f"did not converge: {differing(reference, after)}")
    if scenario.run(laboratory)["changed"]:
        problems.append("the run after the next changed something again")
    return problems


# A process of its own, ended by SIGKILL, as by a machine that is switched off.
KILLED = """
import json, os, signal, sys
from ansible_collections.launchkit.aws.tests.unit.module_arguments import patch_module_args
from ansible_collections.launchkit.aws.plugins.module_utils.core import clients
from ansible_collections.launchkit.aws.plugins.modules import fleet
from ansible_collections.launchkit.aws.tests.reliability import wire
from ansible_collections.launchkit.aws.tests.reliability.laboratory import wired_session

session, wired = wired_session()
clients._new_session = lambda dummy: session
number, after, arguments = json.loads(sys.argv[1])
wired.strike = wire.Crash(number, after=after, end=lambda: os.kill(os.getpid(), signal.SIGKILL))
with patch_module_args(arguments):
    fleet.main()
"""


KILLS = (
    ("fleet: create", 1, True),
    ("fleet: create", 5, False),
    ("fleet: new image", 2, True),
    ("fleet: delete", 3, True),
)


@pytest.mark.parametrize(("name", "number", "after"), table.sample("SIGKILL", KILLS))
def test_killed_process_is_completed(laboratory, name, number, after):
    (scenario,) = (each for each in SCENARIOS if each.name == name)
    scenario.begin(laboratory)
    scenario.run(laboratory)
    reference = snapshot(laboratory.aws)
    scenario.begin(laboratory)
    arguments = json.dumps([number, after, laboratory.arguments(scenario.parameters)])
    ended = subprocess.run([sys.executable, "-c", KILLED, arguments], check=False, capture_output=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()
    problems = converged(laboratory, scenario, reference)
    table.count("crashes", name, "SIGKILL", problems)
    assert not problems, "\n".join(problems)
