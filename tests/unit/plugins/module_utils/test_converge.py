# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""converge() on a resource whose state is a number: observing, planning, waiting."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge, converge_one
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    CallFailed,
    Conflict,
    Drift,
    NotReady,
    OutcomeUnknown,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan, Precondition

TARGET = 1


def call(*needs):
    return Call("iam", "create_instance_profile", "instance profile 'web'", {"secret": "s3cr3t"}, needs)


class Number:
    """A resource whose state is a number, whose target is TARGET. Reads come from a list; the last one stays."""

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

    def __init__(self, *raised, disproved=()):
        self.runs, self.rolled_back = [], []
        self._raised, self._disproved = list(raised), list(disproved)

    def await_preconditions(self, dummy_calls):
        return bool(self._disproved) and self._disproved.pop(0)

    def run(self, calls, done):
        self.runs.append(calls)
        errors, self._raised = self._raised[:1], self._raised[1:]
        for error in filter(None, errors):
            raise error
        done += calls

    def roll_back(self, done, unknown=None):
        calls = [*done, *([unknown] if unknown else [])]
        self.rolled_back += calls
        return " Rolled back.", calls


def test_converge_unchanged_is_one_look(clock):
    resource, runner = Number([1]), Runner()
    outcome = converge_one(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.before, outcome.after, outcome.warnings) == (False, 1, 1, ("a warning",))
    assert (resource.observed, runner.runs, clock.slept) == (1, [], 0)


def test_converge_check_mode_predicts_without_calls(clock):
    resource, runner = Number([0]), Runner()
    outcome = converge_one(resource, runner, check_mode=True)
    assert (outcome.changed, outcome.before, outcome.after) == (True, 0, 1)
    assert (resource.observed, runner.runs, clock.slept) == (1, [], 0)


@pytest.mark.parametrize(("met", "warned"), [(False, True), (True, False), (None, False)])
def test_converge_check_mode_warns_of_missing_reference(clock, met, warned):
    outcome = converge_one(
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
def test_converge_needs_three_reads_that_agree(clock, reads, observed):
    resource, runner = Number(reads), Runner()
    outcome = converge_one(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.before, outcome.after) == (True, 0, 1)
    assert (resource.observed, len(runner.runs)) == (observed, 1)


def test_converge_one_consecutive_read_is_enough(clock):
    resource = Number([0, 1], consecutive_reads=1)
    converge_one(resource, Runner(), check_mode=False)
    assert (resource.observed, clock.slept) == (2, 0)


def test_converge_without_wait_reads_once(clock):
    resource = Number([0, 0])
    outcome = converge_one(resource, Runner(), check_mode=False, wait=False)
    assert (outcome.changed, outcome.after) == (True, 1)
    assert (resource.observed, clock.slept) == (2, 0)


NOT_READY = (
    "instance profile 'web' was changed, but AWS did not show the change consistently within 20 seconds: the last read would need "
    "create_instance_profile. Nothing was rolled back. Run the task again, or raise wait_timeout (application_wait_timeout in roles)."
)


def test_converge_change_that_is_never_shown_fails(clock):
    with pytest.raises(NotReady) as raised:
        converge_one(Number([0]), Runner(), check_mode=False, wait_timeout=20)
    assert raised.value.message == NOT_READY
    assert clock.slept == pytest.approx(20)


@pytest.mark.parametrize("first", [0, 1])
def test_converge_reads_that_never_agree_fail(clock, first):
    """Whichever of two replicas answers last."""
    with pytest.raises(NotReady, match="did not show the change consistently within 20 seconds"):
        converge_one(Number([0, *([first, 1 - first] * 100)]), Runner(), check_mode=False, wait_timeout=20)


def conflict():
    return Conflict("it already exists")


def test_converge_conflict_with_target_is_success(clock):
    """The answer of our own call was lost, or somebody else did the same."""
    resource, runner = Number([0, 1]), Runner(conflict())
    outcome = converge_one(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.before, outcome.after, len(runner.runs)) == (True, 0, 1, 1)


def test_converge_conflict_with_other_state_is_planned(clock):
    with pytest.raises(Drift, match="it differs"):
        converge_one(Number([0, 2], drift_at=2), Runner(conflict()), check_mode=False)


def test_converge_conflict_not_shown_yet_is_retried(clock):
    resource, runner = Number([0, 0, 0, 1]), Runner(conflict(), conflict(), conflict())
    assert converge_one(resource, runner, check_mode=False).after == 1
    assert len(runner.runs) == 3


def test_converge_conflict_that_never_shows_fails(clock):
    with pytest.raises(Conflict, match="it already exists"):
        converge_one(Number([0]), Runner(*(conflict() for dummy in range(400))), check_mode=False, wait_timeout=20)
    assert clock.slept == pytest.approx(20)


def test_converge_failure_is_raised(clock):
    resource = Number([0])
    with pytest.raises(CallFailed, match="no"):
        converge_one(resource, Runner(CallFailed("no")), check_mode=False)
    assert resource.observed == 1


def test_converge_unknown_outcome_with_effect_is_success(clock):
    resource, runner = Number([0, 1]), Runner(unknown())
    outcome = converge_one(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.after, len(outcome.calls), len(runner.runs)) == (True, 1, 1, 1)


def test_converge_unknown_outcome_without_effect_fails(clock):
    runner = Runner(unknown())
    with pytest.raises(OutcomeUnknown, match=r"no answer Rolled back\.") as raised:
        converge_one(Number([0, 0]), runner, check_mode=False)
    assert (len(runner.runs), len(runner.rolled_back)) == (1, 1)
    assert raised.value.details["changed"] is True


def unknown():
    error = OutcomeUnknown("no answer")
    error.call = call()
    return error


def test_converge_failed_observation_lists_calls(clock):
    class Unreadable(Number):
        def observe(self):
            if self.observed:
                raise CallFailed("unreachable")
            return super().observe()

    with pytest.raises(CallFailed, match=r"unreachable Rolled back\.") as raised:
        converge_one(Unreadable([0]), Runner(), check_mode=False)
    assert raised.value.details["calls"] == ["create_instance_profile instance profile 'web'"]


def test_converge_disproved_plan_is_made_again(clock):
    """A role that one stale read did not show: what was planned without it is not executed."""
    resource, runner = Number([0, 1]), Runner(disproved=[True])
    outcome = converge_one(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.after, runner.runs) == (False, 1, [])


class Scaling(Number):
    """A resource that AWS brings to TARGET by itself, from 0 over 2, once it was asked to, and that can be deleted at 3."""

    timeout_option = "group_wait_timeout"

    def plan(self, state):
        waiting = f"{state} instances remain" if state == 2 else ""
        return Plan((call(),) if state in (0, 3) else (), waiting=waiting)


def test_converge_waits_for_what_aws_does_by_itself(clock):
    resource, runner = Scaling([0, 2, 2, 2, 1], consecutive_reads=1), Runner()
    outcome = converge_one(resource, runner, check_mode=False)
    assert (outcome.changed, outcome.after, resource.observed, len(runner.runs)) == (True, 1, 5, 1)


def test_converge_waiting_leads_to_further_calls(clock):
    """A group that has scaled in can be deleted."""
    resource, runner = Scaling([0, 2, 2, 3, 1], consecutive_reads=1), Runner()
    outcome = converge_one(resource, runner, check_mode=False)
    assert (len(runner.runs), len(outcome.calls), outcome.after) == (2, 2, 1)


def test_converge_waiting_restarts_the_count_of_reads(clock):
    resource = Scaling([0, 1, 2, 1, 1, 1], consecutive_reads=3)
    assert converge_one(resource, Runner(), check_mode=False).after == 1
    assert resource.observed == 6


def test_converge_waiting_without_change_is_not_waited_for(clock):
    resource = Scaling([2])
    outcome = converge_one(resource, Runner(), check_mode=False)
    assert (outcome.changed, resource.observed, clock.slept) == (False, 1, 0)


def test_converge_waiting_that_never_ends_names_option(clock):
    with pytest.raises(NotReady) as raised:
        converge_one(Scaling([0, 2]), Runner(), check_mode=False, wait_timeout=20)
    assert raised.value.message == (
        "instance profile 'web' was changed, but 2 instances remain. Nothing was rolled back. "
        "Run the task again, or raise group_wait_timeout."
    )
    assert raised.value.details["changed"] is True
    assert clock.slept == pytest.approx(20)


def test_converge_failed_resource_does_not_stop_others(clock):
    resources = [Number([0, 1]), Number([0]), Number([1])]
    reported = []
    outcomes = converge(
        resources,
        Runner(None, CallFailed("no")),
        check_mode=False,
        report=lambda resource, calls, error: reported.append((resources.index(resource), len(calls), str(error))),
    )
    assert [outcome.changed for outcome in outcomes] == [True, True, False]
    assert [outcome.error and outcome.error.message for outcome in outcomes] == [None, "no", None]
    assert reported == [(0, 1, "None"), (1, 0, "no")]


def test_converge_observes_a_list_at_once(clock):
    resources, looks = [Number([0]), Number([0])], []

    def observe(each):
        looks.append(len(each))
        return [0 if len(looks) < 2 else 1 for dummy in each]

    outcomes = converge(resources, Runner(), observe=observe, states=[0, 1], check_mode=False)
    assert looks == [1, 1, 1, 1]
    assert [outcome.changed for outcome in outcomes] == [True, False]


def test_plan_arguments_of_calls_are_not_shown():
    shown = repr(Plan((call(),)))
    assert "create_instance_profile" in shown
    assert "s3cr3t" not in shown + str(call())
