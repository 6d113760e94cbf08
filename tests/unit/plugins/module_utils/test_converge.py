# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The lifecycle, on a resource that is nothing but numbers: observing, planning, waiting."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, Conflict, Drift, NotReady
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan, Precondition

TARGET = 1


def call(*needs):
    return Call("iam", "create_instance_profile", "instance profile 'web'", {"secret": "s3cr3t"}, needs)


class Number:
    """A resource whose state is a number, which shall be TARGET. Reads come from a list; the last one stays."""

    def __init__(self, reads, consecutive_reads=3, need=None, drift_at=None):
        self.reads, self.consecutive_reads = list(reads), consecutive_reads
        self.observed, self._need, self._drift_at = 0, need, drift_at

    def observe(self):
        self.observed += 1
        return self.reads.pop(0) if len(self.reads) > 1 else self.reads[0]

    def plan(self, state):
        if state == self._drift_at:
            raise Drift("it differs")
        needs = (self._need,) if self._need else ()
        return Plan(() if state == TARGET else (call(*needs),), ("a warning",))

    def predict(self, state, planned):
        return TARGET if planned.calls else state


class Runner:
    """Stands in for the executor; raises what it is given, one a run."""

    def __init__(self, *raised):
        self.runs, self._raised = [], list(raised)

    def run(self, calls):
        self.runs.append(calls)
        if self._raised:
            error = self._raised.pop(0)
            if error:
                raise error


def test_nothing_to_do_is_one_look(clock):
    resource, runner = Number([1]), Runner()
    outcome = converge(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.before, outcome.after, outcome.warnings) == (False, 1, 1, ("a warning",))
    assert (resource.observed, runner.runs, clock.slept) == (1, [], 0)


def test_check_mode_calls_nothing_and_predicts(clock):
    resource, runner = Number([0]), Runner()
    outcome = converge(resource, runner, check_mode=True)
    assert (outcome.changed, outcome.before, outcome.after) == (True, 0, 1)
    assert (resource.observed, runner.runs, clock.slept) == (1, [], 0)


@pytest.mark.parametrize(("met", "warned"), [(False, True), (True, False), (None, False)])
def test_check_mode_warns_of_what_is_missing(clock, met, warned):
    outcome = converge(
        Number([0], need=Precondition("instance_profile", "web", "role", met)), Runner(), check_mode=True
    )
    sentence = (
        "role: instance profile 'web' does not exist now; the run without check mode fails if it is still missing then."
    )
    assert outcome.warnings == (("a warning", sentence) if warned else ("a warning",))


@pytest.mark.parametrize(
    ("reads", "observed"),
    [
        ([0, 1, 1, 1], 4),
        ([0, 0, 1, 1, 1], 5),
        ([0, 1, 1, 0, 1, 1, 1], 7),
        ([0, 1, 0, 1, 0, 1, 1, 1], 8),
    ],
    ids=["at once", "late", "a stale read restarts the count", "and again"],
)
def test_reads_have_to_agree_three_times_in_a_row(clock, reads, observed):
    resource, runner = Number(reads), Runner()
    outcome = converge(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.before, outcome.after) == (True, 0, 1)
    assert (resource.observed, len(runner.runs)) == (observed, 1)


def test_one_read_is_enough_where_one_is_asked_for(clock):
    resource = Number([0, 1], consecutive_reads=1)
    converge(resource, Runner(), check_mode=False)
    assert (resource.observed, clock.slept) == (2, 0)


def test_without_wait_there_is_one_read_and_no_pause(clock):
    resource = Number([0, 0])
    outcome = converge(resource, Runner(), check_mode=False, wait=False)
    assert (outcome.changed, outcome.after) == (True, 1)
    assert (resource.observed, clock.slept) == (2, 0)


NOT_READY = (
    "instance profile 'web' was changed, but AWS did not show the change consistently within 20 seconds: what it shows would need "
    "create_instance_profile. Nothing was undone: run the task again, or raise wait_timeout."
)


def test_change_that_is_never_shown(clock):
    with pytest.raises(NotReady) as raised:
        converge(Number([0]), Runner(), check_mode=False, wait_timeout=20)
    assert raised.value.message == NOT_READY
    assert clock.slept == pytest.approx(20)


@pytest.mark.parametrize("first", [0, 1])
def test_reads_that_never_agree(clock, first):
    """Whichever of two replicas answers last."""
    with pytest.raises(NotReady) as raised:
        converge(Number([0, *([first, 1 - first] * 100)]), Runner(), check_mode=False, wait_timeout=20)
    assert raised.value.message == NOT_READY


def conflict():
    return Conflict("it already exists")


def test_conflict_with_what_is_wanted_is_success(clock):
    """The answer of our own call was lost, or somebody else did the same."""
    resource, runner = Number([0, 1]), Runner(conflict())
    outcome = converge(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.before, outcome.after, len(runner.runs)) == (True, 0, 1, 1)


def test_conflict_with_something_else_is_judged_by_the_plan(clock):
    with pytest.raises(Drift, match="it differs"):
        converge(Number([0, 2], drift_at=2), Runner(conflict()), check_mode=False)


def test_conflict_that_is_not_shown_yet_is_looked_at_again(clock):
    resource, runner = Number([0, 0, 0, 1]), Runner(conflict(), conflict(), conflict())
    assert converge(resource, runner, check_mode=False).after == 1
    assert len(runner.runs) == 3


def test_conflict_that_never_shows_fails_in_time(clock):
    with pytest.raises(Conflict, match="it already exists"):
        converge(Number([0]), Runner(*(conflict() for dummy in range(400))), check_mode=False, wait_timeout=20)
    assert clock.slept == pytest.approx(20)


def test_failure_is_handed_on(clock):
    resource = Number([0])
    with pytest.raises(CallFailed, match="no"):
        converge(resource, Runner(CallFailed("no")), check_mode=False)
    assert resource.observed == 1


def test_arguments_of_calls_are_never_shown():
    shown = repr(Plan((call(),)))
    assert "create_instance_profile" in shown
    assert "s3cr3t" not in shown + str(call())
