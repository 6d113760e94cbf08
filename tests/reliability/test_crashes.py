# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""SIGKILL ends a run before or after each call that changes something. The next one converges: nothing twice or orphaned."""

from __future__ import annotations

import os
import signal

import pytest
from ansible_collections.launchkit.aws.plugins.modules import fleet
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.account import differing, snapshot, with_newest_versions
from ansible_collections.launchkit.aws.tests.reliability.scenarios import MORE, SCENARIOS
from ansible_collections.launchkit.aws.tests.reliability.wire import Crash, kill

# More calls than any of the runs makes.
MOST_CALLS = 40
RUNS = (*SCENARIOS, *MORE)


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
        killed(laboratory, scenario, number, after=kind == "after a call")
        problems = converged(laboratory, scenario, reference)
        table.count("crashes", scenario.name, kind, [f"call {number}: {each}" for each in problems])
        wrong += [f"{kind} {number}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)


def killed(laboratory, scenario, number, *, after):
    """Run a scenario in a process of its own that SIGKILL ends at its n-th call that changes something."""
    process = os.fork()
    if process == 0:
        try:
            laboratory.wire.strike = Crash(number, after=after, end=kill)
            scenario.run(laboratory)
        finally:
            # Neither pytest's summary nor the server's end is this process's business.
            os._exit(1)
    dummy, status = os.waitpid(process, 0)
    assert os.WIFSIGNALED(status), f"was not killed at call {number}"
    assert os.WTERMSIG(status) == signal.SIGKILL


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
