# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the instance refreshes of many groups: a canary first, then a few at a time, and none more after failures.
Private to the collection: names and shapes can change in any release."""

import threading
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Mapping, Optional

from ..core.backoff import backoff_until
from ..core.converge import converge_one
from ..core.errors import LaunchkitError, SourceChanged
from ..core.parallel import concurrently
from ..core.progress import Counter
from ..find import autoscaling as find_autoscaling
from . import group_plan, instance_refresh, refresh_order, refresh_outcome
from .resources import InstanceRefreshResource


@dataclass(frozen=True)
class Refresh:
    """One refresh to run.

    :param name: what progress and the canary call it: the group, or the application.
    :param timeout: seconds after which its end is not waited for any more.
    :param poll_interval: seconds between two reads.
    :param former: what the group launched from before the run, to which a second refresh leads back where Auto Scaling
        does not roll back; None for no way back.
    :param variable: the role's name of an option of the refresh, with ``{}`` for the option's name.
    """

    name: str
    target: instance_refresh.Target
    timeout: int
    poll_interval: int
    former: Optional[Mapping[str, Any]] = None
    variable: str = "refresh_{}"


@dataclass
class Outcome:
    """What became of a refresh.

    :param refresh: the instance refresh as results show it; empty if none was needed or begun.
    :param error: what ended it, or None.
    """

    is_begun: bool = True
    calls: list = field(default_factory=list)
    refresh: Mapping[str, Any] = field(default_factory=dict)
    error: Optional[LaunchkitError] = None


class Refreshes:
    """The instance refreshes of a run.

    :param clients: see :class:`~clients.Clients`.
    :param executor: see :class:`~executor.Executor`.
    :param concurrency: refreshes at once.
    :param max_failures: after so many failures, and after one of a canary, no further refresh begins.
    :param canary: see :func:`refresh_order.first`.
    :param report: is called with a line about progress, from several threads.
    """

    def __init__(self, clients, executor, *, concurrency, report, max_failures=1, canary=()):
        self._clients = clients
        self._executor = executor
        self._concurrency = concurrency
        self._max_failures = max_failures
        self._canary = canary
        self._report = report
        self._lock = threading.Lock()
        self._failures = 0

    def run(self, refreshes, sizes):
        """Run refreshes, and return the :class:`Outcome` of each in order.

        :param sizes: name of a refresh -> the number of the group's instances.
        """
        counter = Counter(self._report, "Instance refresh", len(refreshes))
        canaries = refresh_order.first(self._canary, sizes)
        first = [each for each in refreshes if each.name in canaries]
        others = [each for each in refreshes if each.name not in canaries]
        outcomes = self._run_some(first, counter, {})
        if any(outcome.error for outcome in outcomes.values()):
            self._failures = max(self._failures, self._max_failures)
        outcomes = self._run_some(others, counter, outcomes)
        return [outcomes[each.name] for each in refreshes]

    def _run_some(self, refreshes, counter, outcomes):
        results = concurrently(self._concurrency, [partial(self._run_one, each, counter) for each in refreshes])
        return {**outcomes, **{each.name: result for each, result in zip(refreshes, results)}}

    def _run_one(self, refresh, counter):
        outcome = Outcome()
        with self._lock:
            outcome.is_begun = self._failures < self._max_failures
        if not outcome.is_begun:
            outcome.error = LaunchkitError("The instance refresh was not begun, because another one failed.")
            return outcome
        try:
            self._replace(refresh, outcome)
        except SourceChanged as error:
            # What another run set says nothing about the launch settings of this one.
            outcome.error = error
        except LaunchkitError as error:
            with self._lock:
                self._failures += 1
            outcome.error = error
        counter.step(refresh.name, outcome.error)
        return outcome

    def _replace(self, refresh, outcome):
        """Start the refresh and wait for its end. Back from a launch configuration leads only a second refresh.

        :raises LaunchkitError: it did not succeed.
        """
        failure = self._follow(refresh, refresh.target, outcome)
        if failure is None:
            return
        if refresh.former is None or instance_refresh.is_active_in_results(outcome.refresh):
            raise LaunchkitError(failure)
        self._executor.run([group_plan.set_source(refresh.target.group, refresh.former)], outcome.calls)
        back = instance_refresh.Target(refresh.target.group, None, _without_rollback(refresh.target.preferences))
        again = self._follow(refresh, back, outcome)
        ending = "and so do all of its instances." if again is None else f"but not all of its instances do: {again}"
        raise LaunchkitError(f"{failure} The group launches what it did before, {ending}")

    def _follow(self, refresh, target, outcome):
        """Start a refresh, follow it to its end, and return why it failed, or None."""
        group = target.group
        try:
            done = converge_one(InstanceRefreshResource(self._clients, target), self._executor, check_mode=False)
        except LaunchkitError as error:
            outcome.calls += error.details.get("calls", ())
            raise
        outcome.calls += done.calls
        after = done.after
        started = any(call.operation == "start_instance_refresh" for call in done.calls)
        if not started and not instance_refresh.is_active(after.newest):
            return None
        self._report(refresh_outcome.continues(group, after.newest["InstanceRefreshId"]))
        reads = (
            instance_refresh.render(find_autoscaling.find_newest_instance_refresh(self._clients, group))
            for dummy in backoff_until(refresh.timeout, refresh.poll_interval)
        )
        outcome.refresh = refresh_outcome.follow(group, reads, self._report)
        outdated = instance_refresh.outdated(after.group, target.specification, after.numbers, target.preferences)
        blocking = instance_refresh.blocking(after.group, outdated, target.preferences)
        variables = {refresh.variable.format(option): ids for option, ids in blocking.items()}
        return refresh_outcome.failure(group, outcome.refresh, variables, refresh.variable.format("timeout"))


def _without_rollback(preferences):
    return {name: value for name, value in preferences.items() if name not in ("AutoRollback", "SkipMatching")}
