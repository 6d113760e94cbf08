# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""converge() beside another run, and when the outcome of a call stays unknown. The state is a number, whose target is 1."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import OVERTAKEN_READS, converge_one
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, Conflict, OutcomeUnknown
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan

TARGET = 1


class Number:
    """A resource that is set from the number that it is. Reads come from a list; the last one stays."""

    consecutive_reads = 1

    def __init__(self, *reads, follows=False, undo=None):
        self._reads, self._follows, self._undo = list(reads), follows, undo

    def observe(self):
        read = self._reads.pop(0) if len(self._reads) > 1 else self._reads[0]
        if isinstance(read, Exception):
            raise read
        return read

    def plan(self, state):
        call = Call("ec2", "set", "number 'one'", {"from": state}, undo=self._undo, follows=self._follows)
        return Plan(() if state == TARGET else (call,))

    def predict(self, state, planned):
        return TARGET if planned.calls else state


class Runner:
    """Stands in for the executor; raises what it is given, one a run. What is undone was never done, unless it says otherwise."""

    def __init__(self, *raised, sentences="", undone=()):
        self.runs, self._raised, self._rolled_back = [], list(raised), (sentences, list(undone))

    def await_preconditions(self, dummy_calls):
        return False

    def run(self, calls, done):
        self.runs.append([call.arguments["from"] for call in calls])
        errors, self._raised = self._raised[:1], self._raised[1:]
        for error in filter(None, errors):
            if isinstance(error, OutcomeUnknown):
                (error.call,) = calls
            raise error
        done += calls

    def roll_back(self, dummy_done, dummy_unknown):
        return self._rolled_back


OVERTAKEN = "number 'one': another run set it to something else meanwhile, which stays: this run would need set."


def test_converge_other_run_set_it_fails_in_seconds(clock):
    runner = Runner()
    with pytest.raises(Conflict) as caught:
        converge_one(Number(0, 7), runner, check_mode=False)
    assert caught.value.message.startswith(OVERTAKEN)
    assert caught.value.details == {"changed": True, "calls": ["set number 'one'"]}
    assert runner.runs == [[0]]
    assert clock.slept < 15


def test_converge_stale_reads_are_no_other_run(clock):
    runner = Runner()
    assert converge_one(Number(0, *[7] * (OVERTAKEN_READS - 1), 0, 1), runner, check_mode=False).after == TARGET
    assert runner.runs == [[0]]


class Steps:
    """A resource whose state is the calls that are left to make."""

    consecutive_reads = 1

    def __init__(self, *reads):
        self._reads = list(reads)

    def observe(self):
        return self._reads.pop(0)

    def plan(self, state):
        return Plan(tuple(Call("iam", name, "thing 'one'", {}, undo=undo) for name, undo in map(named, state)))

    def predict(self, state, dummy_planned):
        return state


def named(text):
    """Return the operation of ``delete`` or ``delete/old``, and what would undo it."""
    name, dummy, old = text.partition("/")
    return name, Call("iam", "create", "thing 'one'", {"as": old}) if old else None


class Refusing:
    """Stands in for the executor; an operation conflicts in the first run."""

    def __init__(self, operation):
        self.runs, self._refused = [], operation

    def await_preconditions(self, dummy_calls):
        return False

    def run(self, calls, done):
        self.runs.append([call.operation for call in calls])
        for call in calls:
            if call.operation == self._refused:
                self._refused = None
                conflict = Conflict("it exists")
                conflict.call = call
                raise conflict
            done.append(call)


REMOVE_AND_ADD = ("try", "remove", "add")


@pytest.mark.parametrize(
    ("planned", "refused", "left"),
    [
        (("create", "add"), "create", ()),
        (("create", "add"), "create", ("add",)),
        (("create", "add"), "add", ()),
        # A stale read.
        (("create", "add"), "create", ("create", "add")),
        (("create", "add"), "add", ("create", "add")),
        (REMOVE_AND_ADD, "add", REMOVE_AND_ADD),
        (REMOVE_AND_ADD, "add", ("add",)),
        (("delete/old", "create"), "create", ("delete/old", "create")),
    ],
    ids=str,
)
def test_converge_conflict_with_own_call_is_completed(clock, planned, refused, left):
    runner = Refusing(refused)
    assert converge_one(Steps(planned, left, ()), runner, check_mode=False).after == ()
    assert runner.runs[1:] == ([[named(text)[0] for text in left]] if left else [])


@pytest.mark.parametrize(
    ("planned", "refused", "left"),
    [
        (("create", "add"), "create", ("remove", "add")),
        (("create", "add"), "create", ("update",)),
        (("create", "add"), "add", REMOVE_AND_ADD),
        # The role that another run added, and the launch configuration that it created.
        (REMOVE_AND_ADD, "add", ("remove", "add")),
        (("delete/old", "create"), "create", ("delete/new", "create")),
    ],
    ids=str,
)
def test_converge_conflict_with_another_run_fails_at_once(clock, planned, refused, left):
    runner = Refusing(refused)
    with pytest.raises(Conflict, match="another run set it to something else meanwhile, which stays") as caught:
        converge_one(Steps(planned, left), runner, check_mode=False)
    assert caught.value.details.get("changed", False) is (planned[0] != refused)
    assert len(runner.runs) == 1


def test_converge_call_that_follows_is_planned_again(clock):
    runner = Runner()
    assert converge_one(Number(0, 7, 1, follows=True), runner, check_mode=False).after == TARGET
    assert runner.runs == [[0], [7]]


def test_converge_call_without_effect_changes_nothing(clock):
    runner = Runner(OutcomeUnknown("no answer"))
    with pytest.raises(OutcomeUnknown, match=r"^no answer$") as caught:
        converge_one(Number(0, 0), runner, check_mode=False)
    assert "changed" not in caught.value.details


def test_converge_unreadable_outcome_is_said_to_be_unknown(clock):
    runner = Runner(OutcomeUnknown("no answer"))
    sentence = r"^no read AWS did not answer set number 'one'; it may have taken effect\.$"
    with pytest.raises(CallFailed, match=sentence) as caught:
        converge_one(Number(0, CallFailed("no read")), runner, check_mode=False)
    assert caught.value.details["changed"] is True


def test_converge_unreadable_outcome_that_is_undone_is_known(clock):
    undo = Call("ec2", "unset", "number 'one'", {})
    runner = Runner(OutcomeUnknown("no answer"), sentences=" Rolled back.", undone=[undo])
    with pytest.raises(CallFailed, match=r"^no read Rolled back\.$"):
        converge_one(Number(0, CallFailed("no read"), undo=undo), runner, check_mode=False)
