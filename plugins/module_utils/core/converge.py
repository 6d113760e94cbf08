# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One lifecycle for every resource: observe, plan, execute, observe until nothing is left to plan.
Private to the collection: names and shapes can change in any release.
This is the only place that knows check mode, conflicts, settling and rollback.

A resource has ``plan(state)``, which returns a :class:`~plan.Plan` or raises; ``predict(state, plan)``, which returns
the state that a plan leads to; ``consecutive_reads``, the number of reads in a row that must agree before a change
counts as settled; and ``observe()``, unless ``converge()`` gets another way to observe.
"""

from dataclasses import dataclass
from typing import Any, Optional, Tuple

from .backoff import backoff_until
from .errors import Conflict, LaunchkitError, NotReady, OutcomeUnknown
from .parallel import concurrently
from .plan import Call, Plan

# For how many reads in a row, in about ten seconds, a resource needs other calls than were planned: reads can be stale.
OVERTAKEN_READS = 9


@dataclass(frozen=True)
class Outcome:
    """What ``converge()`` did to one resource.

    :param changed: whether a call was made, or in check mode would be.
    :param after: the state as last observed; in check mode the state that the plan would lead to.
    :param calls: the calls that were made, rolled back ones included.
    :param error: what ended it, or None.
    """

    changed: bool
    before: Any
    after: Any
    warnings: Tuple[str, ...]
    calls: Tuple[Call, ...] = ()
    error: Optional[LaunchkitError] = None


def converge_one(resource, executor, *, check_mode, wait=True, wait_timeout=120):
    """Return the :class:`Outcome` of one resource, see :func:`converge`.

    :raises LaunchkitError: what ended it, with ``changed`` and the calls in its details if any was made.
    """
    (outcome,) = converge([resource], executor, check_mode=check_mode, wait=wait, wait_timeout=wait_timeout)
    if outcome.error is not None:
        raise outcome.error
    return outcome


def converge(
    resources,
    executor,
    *,
    check_mode,
    observe=None,
    states=None,
    wait=True,
    wait_timeout=120,
    concurrency=1,
    report=None,
):
    """Bring resources to their targets, or predict that in check mode.

    :param executor: see :class:`~executor.Executor`.
    :param observe: takes resources and returns their states in order; by default each resource observes itself.
    :param states: the states of all resources, where they were observed already.
    :param wait: whether to observe after a change until consecutive reads agree with the target.
    :param wait_timeout: seconds that this may take.
    :param concurrency: how many plans are executed at once.
    :param report: is called with a resource, the calls that were just made for it, and the error that ended it or None.
    :returns: an :class:`Outcome` for each resource, in order. A resource that fails does not stop the others.
    """
    observe = observe or _observe_each
    runs = [_Run(resource, executor, report) for resource in resources]
    if states is None:
        _observe(runs, observe)
    else:
        for run, state in zip(runs, states):
            run.observed(state)
    if not check_mode:
        _execute([run for run in runs if run.plan.calls], observe, wait, wait_timeout, concurrency)
    return [run.outcome(check_mode) for run in runs]


def _execute(runs, observe, wait, timeout, concurrency):
    """Execute the plans, and observe until nothing is left to plan. What an observation disproves is planned again."""
    concurrently(concurrency, [run.execute for run in runs])
    for dummy in backoff_until(timeout):
        going = [run for run in runs if run.is_going(wait)]
        if going:
            _observe(going, observe)
            concurrently(concurrency, [run.execute for run in going if run.has_to_execute()])
        if not any(run.again or (wait and run.is_going(wait)) for run in going):
            return
    for run in runs:
        if run.is_going(wait):
            run.time_out(timeout)


def _observe_each(resources):
    return [resource.observe() for resource in resources]


def _observe(runs, observe):
    """Observe resources and plan them; an observation that fails ends them."""
    try:
        states = observe([run.resource for run in runs])
    except LaunchkitError as error:
        for run in runs:
            run.fail(error)
        return
    for run, state in zip(runs, states):
        run.observed(state)


class _Run:
    """One resource on its way to its target."""

    def __init__(self, resource, executor, report):
        self.resource = resource
        self.plan = Plan()
        # Whether the plan has to be executed once it was made from a new observation.
        self.again = False
        self._executor = executor
        self._report = report or (lambda *dummy: None)
        self._before = self._state = self._predicted = None
        self._is_executed = False
        self._warnings: tuple[str, ...] = ()
        self._done: list[Call] = []
        # The call whose outcome is unknown, and the failure that said so.
        self._unknown: Optional[Call] = None
        self._last: Optional[LaunchkitError] = None
        self._error: Optional[LaunchkitError] = None
        self._is_first = True
        self._was_waiting = False
        self._agreed = 0
        # The calls of the plans that were executed, those of the last one, and for how many reads in a row others were needed.
        self._planned: list[Call] = []
        self._executed: tuple[Call, ...] = ()
        self._overtaken = 0
        # The conflict that ended the last plan, until the next observation.
        self._conflict: Optional[Conflict] = None

    def is_going(self, wait):
        """Return whether the resource has neither failed nor settled."""
        reads = self.resource.consecutive_reads
        return self._error is None and (self.again or self._agreed < (reads if wait else min(reads, 1)))

    def has_to_execute(self):
        """Return whether the last observation left something to execute."""
        return self.again and self._error is None and bool(self.plan.calls)

    def observed(self, state):
        """Plan from a new observation."""
        self._state = state
        try:
            self.plan = self.resource.plan(state)
        except LaunchkitError as error:
            self.fail(error)
            return
        if self._is_first:
            self._before, self._warnings, self._is_first = state, self.plan.warnings, False
        self._settle_unknown()
        others = [call for call in self.plan.calls if self._planned and not _contains(self._planned, call)]
        # After a conflict or a call without an answer, and when AWS has done something by itself, further calls are due.
        is_due = self.again or self._was_waiting or (bool(others) and all(call.follows for call in others))
        self.again = bool(self.plan.calls) and is_due
        self._overtaken = self._overtaken + 1 if others and not is_due else 0
        if self._error is None and (self._overtaken == OVERTAKEN_READS or self._is_of_another_run()):
            self._lose()
        self._conflict = None
        self._was_waiting = bool(self.plan.waiting)
        self._agreed = 0 if self.plan.calls or self.plan.waiting else self._agreed + 1

    def _is_of_another_run(self):
        """Return whether a conflict is not with a call of this run whose answer was lost.

        What the refused call creates, and calls before it, are done then: only calls after it can be left. A read as stale
        as the one that was planned from needs the same calls once more. Something that an earlier run set seconds ago and
        that the first read did not show yet counts as another run's, too: nothing that AWS returns tells these apart, and
        to fail is safe, while to apply the plan would replace what a run that reported success has set.
        """
        if self._conflict is None or self.plan.calls == self._executed:
            return False
        refused = self._conflict.call
        position = self._executed.index(refused) if refused in self._executed else 0
        return any(not call.follows and not _contains(self._executed[position:], call) for call in self.plan.calls)

    def _settle_unknown(self):
        """Decide by the observation whether a call without an answer took effect."""
        unknown = self._unknown
        if unknown is None:
            return
        if _contains(self.plan.calls, unknown):
            self.fail(self._last)
        else:
            self._unknown = None
            self._done.append(unknown)

    def execute(self):
        before = len(self._done)
        self.again = False
        try:
            if self._executor.await_preconditions(self.plan.calls):
                self.again = True
                return
            self._predicted, self._is_executed = self.resource.predict(self._state, self.plan), True
            self._planned += self.plan.calls
            self._executed = self.plan.calls
            self._executor.run(self.plan.calls, self._done)
        except OutcomeUnknown as failure:
            self.again, self._last, self._unknown = True, failure, failure.call
        except Conflict as conflict:
            self.again, self._last, self._conflict = True, conflict, conflict
        except LaunchkitError as error:
            self.fail(error)
        self._report(self.resource, tuple(self._done[before:]), self._error)

    def fail(self, error):
        """End with an error, after rolling back what can be."""
        unknown = self._unknown
        sentences, undone = self._executor.roll_back(self._done, unknown) if self._done or unknown else ("", [])
        # Nothing was observed since, or the observation would have settled it.
        if unknown and error is not self._last and unknown.undo not in undone:
            sentences += f" AWS did not answer {unknown}; it may have taken effect."
        if not self._done and not sentences:
            self._error = error
            return
        made = dict(changed=True, calls=[str(call) for call in self._done], rolled_back=[str(call) for call in undone])
        self._error = type(error)(error.message + sentences, error.exception, **{**error.details, **made})
        self._error.__cause__ = error

    def _lose(self):
        """End because another run changes the resource to something else; what it did is not rolled back."""
        needed = ", ".join(dict.fromkeys(call.operation for call in self.plan.calls))
        self._error = Conflict(
            f"{self.plan.calls[0].subject}: another run set it to something else meanwhile, which stays: this run would "
            f"need {needed}. {'Nothing was rolled back' if self._done else 'This run changed nothing'}. "
            "Run the task again to apply this one.",
            getattr(self._last, "exception", None),
            **(dict(changed=True, calls=[str(call) for call in self._done]) if self._done else {}),
        )

    def time_out(self, timeout):
        """End because the time has passed."""
        if self.again and self._last is not None:
            self.fail(self._last)
            return
        subject = next(reversed(self.plan.calls or self._done)).subject
        left = ", ".join(call.operation for call in self.plan.calls) or "nothing"
        reason = self.plan.waiting or (
            f"AWS did not show the change consistently within {timeout} seconds: the last read would need {left}"
        )
        option = getattr(self.resource, "timeout_option", "wait_timeout (application_wait_timeout in roles)")
        self._error = NotReady(
            f"{subject} was changed, but {reason}. Nothing was rolled back. Run the task again, or raise {option}.",
            changed=True,
            calls=[str(call) for call in self._done],
        )

    def outcome(self, check_mode):
        if check_mode and self._error is None:
            after = self.resource.predict(self._before, self.plan)
            warnings = self._warnings + _unsatisfied(self.plan)
            return Outcome(bool(self.plan.calls), self._before, after, warnings)
        after = self._predicted if self.plan.calls and self._error is None else self._state
        return Outcome(self._is_executed, self._before, after, self._warnings, tuple(self._done), self._error)


def _contains(calls, wanted):
    return any((call.operation, call.arguments) == (wanted.operation, wanted.arguments) for call in calls)


def _unsatisfied(plan):
    return tuple(
        f"{precondition.option}: {precondition.kind.replace('_', ' ')} '{precondition.name}' does not exist now; "
        "the run without check mode fails if it is still missing then."
        for call in plan.calls
        for precondition in call.needs
        if precondition.satisfied is False
    )
