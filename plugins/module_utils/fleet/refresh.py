# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Replaces the outdated instances of applications, a few groups at a time; after a failure none is begun any more.
Private to the collection: names and shapes can change in any release."""

import threading
from functools import partial

from ..application.observation import Index
from ..application.planner import Planner
from ..autoscaling import group as auto_scaling_group
from ..autoscaling import group_plan, instance_refresh, instance_refresh_options, refresh_outcome
from ..autoscaling.resources import InstanceRefreshResource
from ..core.backoff import backoff_until
from ..core.converge import converge_one
from ..core.errors import LaunchkitError
from ..core.parallel import concurrently
from ..find import autoscaling as find_autoscaling


class Refreshes:
    """The instance refreshes of a run.

    :param clients: see :class:`~clients.Clients`.
    :param executor: see :class:`~executor.Executor`.
    :param concurrency: refreshes at once.
    :param report: is called with a line about progress.
    """

    def __init__(self, clients, executor, concurrency, report):
        self._clients = clients
        self._executor = executor
        self._concurrency = concurrency
        self._report = report
        self._failed = threading.Event()

    def run(self, applications, observation, former):
        """Refresh what has to be refreshed.

        :param former: name -> Auto Scaling group as it was when the run began.
        :returns: name of an application -> the calls that were made, and the error that ended it or None.
        """
        index = Index(observation)
        planners = [Planner(each, index, former.get(each.group_name)) for each in applications]
        needed = [each for each in planners if each.step("instance_refresh").changes]
        results = concurrently(self._concurrency, [partial(self._refresh, planner) for planner in needed])
        return {planner.application.name: result for planner, result in zip(needed, results)}

    def _refresh(self, planner):
        calls: list = []
        if self._failed.is_set():
            return calls, LaunchkitError("The instance refresh was not begun, because another one failed.")
        try:
            self._replace(planner, calls)
        except LaunchkitError as error:
            self._failed.set()
            self._report(f"instance refresh: {planner.application.name}: failed: {error.message}")
            return calls, error
        return calls, None

    def _replace(self, planner, calls):
        """Start the refresh and wait for its end. Back from a launch configuration leads only a second refresh.

        :raises LaunchkitError: it did not succeed.
        """
        failure = self._run_one(planner, calls)
        if failure is None:
            return
        former = auto_scaling_group.source_of(planner.former)
        if "LaunchTemplate" in planner.group_target.source or not former or former == planner.group_target.source:
            raise LaunchkitError(failure)
        name = planner.application.group_name
        self._executor.run([group_plan.set_source(name, former)], calls)
        again = self._run_one(planner, calls)
        outcome = "and so do all of its instances." if again is None else f"but not all of its instances do: {again}"
        raise LaunchkitError(f"{failure} The group launches what it did before, {outcome}")

    def _run_one(self, planner, calls):
        """Return why a refresh of the group failed, or None."""
        options = planner.refresh_options
        group = options["group"]
        target = instance_refresh_options.from_params(options)
        outcome = converge_one(InstanceRefreshResource(self._clients, target), self._executor, check_mode=False)
        calls.extend(outcome.calls)
        after = outcome.after
        if not instance_refresh.is_active(after.newest) and not any(
            call.operation == "start_instance_refresh" for call in outcome.calls
        ):
            return None
        reads = (
            instance_refresh.render(find_autoscaling.find_newest_instance_refresh(self._clients, group))
            for dummy in backoff_until(options["wait_timeout"], options["poll_interval"])
        )
        refresh = refresh_outcome.follow(group, reads, self._report)
        outdated = instance_refresh.outdated(after.group, target.specification, after.numbers, target.preferences)
        blocking = instance_refresh.blocking(after.group, outdated, target.preferences)
        variables = {f"application_refresh_{option}": ids for option, ids in blocking.items()}
        return refresh_outcome.failure(group, refresh, variables, "application_refresh_timeout")
