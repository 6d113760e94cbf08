# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One lifecycle for every resource: observe, plan, execute, observe until there is nothing left to plan, render.

A plan is data: a list of :class:`Call`. Planning is pure; ``converge()`` is the only place that knows check mode.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Tuple

from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import backoff_until
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Conflict, NotReady


@dataclass(frozen=True)
class Outcome:
    """What ``converge()`` found and did.

    :param changed: whether anything was, or in check mode would be, called.
    :param before: the state as first observed.
    :param after: the state as last observed; in check mode the state that the plan would have led to.
    :param warnings: sentences for ``module.warn``.
    """

    changed: bool
    before: Any
    after: Any
    warnings: Tuple[str, ...]


def converge(resource, executor, *, check_mode, wait=True, wait_timeout=120):
    """Bring a resource to its target, or say what that would take.

    :param resource: has ``observe()``, ``plan(state)``, ``predict(state, plan)`` and ``consecutive_reads``, the number of reads
        in a row that must agree before a change counts as arrived.
    :param executor: runs the calls of a plan, see :class:`~executor.Executor`.
    :param check_mode: plan and predict only.
    :param wait: after a change, read until several consecutive reads agree with the target.
    :param wait_timeout: seconds that this may take.
    :raises LaunchkitError: what planning, executing or waiting could not do.
    """
    before = resource.observe()
    plan = resource.plan(before)
    if check_mode or not plan.calls:
        return Outcome(bool(plan.calls), before, resource.predict(before, plan), plan.warnings + _unmet(plan))
    predicted = _execute(resource, executor, before, plan, wait_timeout)
    after, left = _settle(resource, resource.consecutive_reads if wait else 1, wait_timeout if wait else 0)
    if left and wait:
        raise NotReady(
            f"{plan.calls[-1].subject} was changed, but AWS did not show the change consistently within {wait_timeout} seconds: what it shows "
            f"would need {', '.join(call.operation for call in left)}. Nothing was undone: run the task again, or raise wait_timeout."
        )
    return Outcome(True, before, predicted if left else after, plan.warnings)


def _execute(resource, executor, state, plan, timeout):
    """Execute the plan and return the state that it leads to.

    "Already exists" is answered by looking again: either somebody else was faster, or our own call had worked and its answer was
    lost and the SDK repeated it. If what is there is what we want, that is success.
    """
    for dummy in backoff_until(timeout):
        try:
            executor.run(plan.calls)
            return resource.predict(state, plan)
        except Conflict as conflict:
            state = resource.observe()
            plan = resource.plan(state)
            if not plan.calls:
                return resource.predict(state, plan)
            last = conflict
    raise last


def _settle(resource, reads, timeout):
    """Read until that many consecutive reads leave nothing to plan, or time runs out.

    :returns: the last state read, and the calls that the last read to disagree would still need; none when enough reads agreed.
    """
    agreed = 0
    state, left = None, ()
    for dummy in backoff_until(timeout):
        state = resource.observe()
        calls = resource.plan(state).calls
        agreed, left = (0, calls) if calls else (agreed + 1, left)
        if agreed == reads:
            return state, ()
    return state, left


def _unmet(plan):
    return tuple(
        f"{need.option}: {need.kind.replace('_', ' ')} '{need.name}' does not exist now; the run without check mode fails if it is still missing then."
        for call in plan.calls
        for need in call.needs
        if need.satisfied is False
    )
