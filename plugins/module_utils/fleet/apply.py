# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Carries out the plans of many applications in one process: step by step, many at a time, observed in bulk.
Private to the collection: names and shapes can change in any release."""

import itertools

from ..application.observation import Index
from ..application.plan import ABSENT_STEPS, PRESENT_STEPS
from ..autoscaling import group_plan
from ..autoscaling.group import is_same_source, source_changed, source_of
from ..autoscaling.refreshes import Refreshes
from ..core.converge import converge
from ..core.errors import LaunchkitError, SourceChanged
from ..core.plan import Plan
from ..iam.reads import InstanceProfileResource
from ..launch.resources import LaunchConfigurationResource, LaunchTemplateResource
from .plans import planner_of
from .refresh import needed_refreshes

# Step -> what is read to see that it is settled, and how many reads in a row have to agree.
_OBSERVED = {
    "iam_role": (("roles",), InstanceProfileResource.consecutive_reads),
    "inline_policies": (("roles",), 1),
    "instance_profile": (("profiles",), InstanceProfileResource.consecutive_reads),
    "auto_scaling_group": (("groups",), 1),
}
_TITLES = {
    "iam_role": "IAM role",
    "inline_policies": "inline policies",
    "instance_profile": "instance profile",
    "launch_settings": "launch settings",
    "auto_scaling_group": "Auto Scaling group",
    "superseded": "superseded launch settings",
}


class StepResource:
    """One step of one application, as ``converge()`` takes it. Its state is the :class:`~observation.Index` of an observation."""

    def __init__(self, application, name, former):
        self.application = application
        self.name = name
        self._former = former
        self.consecutive_reads = self._reads()
        is_group = name == "auto_scaling_group"
        self.timeout_option = "application_group_wait_timeout" if is_group else "application_wait_timeout"

    def plan(self, index):
        """Return the plan of the step.

        :raises LaunchkitError: something blocks it.
        """
        planner = planner_of(self.application, index, self._former)
        if self.name == "auto_scaling_group" and self._former and self.application.present:
            self._check_source(planner)
        step = planner.step(self.name)
        if step.blockers:
            raise LaunchkitError(" ".join(step.blockers))
        waiting = self._waiting(planner.group) if self.name == "auto_scaling_group" else ""
        return Plan(step.calls, step.warnings, waiting)

    def predict(self, index, dummy_planned):
        """Return the state unchanged: what was planned before shows what changes."""
        return index

    def _check_source(self, planner):
        """Check that the group launches from what the run found or from what it sets.

        :raises SourceChanged: another run set it to something else.
        """
        former, source = source_of(self._former), source_of(planner.group or {})
        if planner.moves and source and former and not is_same_source(source, former):
            raise SourceChanged(source_changed(self.application.group_name, former, source))

    def _reads(self):
        if self.name in _OBSERVED:
            return _OBSERVED[self.name][1]
        by_template = self.application.launches_from_template
        return (LaunchTemplateResource if by_template else LaunchConfigurationResource).consecutive_reads

    def _waiting(self, group):
        if not self.application.present:
            return (
                "" if group is None else f"it is not deleted yet: {len(group.get('Instances') or ())} instances remain"
            )
        waits = self.application.options["group_wait_for_instances"] and group is not None
        return group_plan.waiting(group) if waits else ""


class Fleet:
    """Carries out the plans of many applications.

    :param reader: see :class:`~read.FleetReader`.
    :param executor: see :class:`~executor.Executor`.
    :param clients: see :class:`~clients.Clients`.
    :param concurrency: applications at once.
    :param refresh_options: ``concurrency``, ``max_failures`` and ``canary`` of :class:`~refreshes.Refreshes`.
    :param wait_timeout: seconds that AWS can take to show what a step changed.
    :param report: is called with a line about progress, from several threads.
    """

    def __init__(self, reader, executor, *, clients, concurrency, refresh_options, wait_timeout, report):
        self._reader = reader
        self._executor = executor
        self._clients = clients
        self._concurrency = concurrency
        self._refresh_options = refresh_options
        self._wait_timeout = wait_timeout
        self._report = report
        self._former: dict = {}
        # Name of an application -> its calls, and what ended it.
        self.calls: dict = {}
        self.errors: dict = {}
        self.not_begun: dict = {}

    def apply(self, applications, observation, plans):
        """Carry out the plans. What can't be carried out to its end, as far as the plan shows, is not begun.

        :returns: the observation at the end.
        """
        self._former = observation.groups
        blocked = {plan.name: plan for plan in plans if plan.blockers}
        for name, plan in blocked.items():
            self.errors[name] = LaunchkitError(" ".join(plan.blockers))
        changed = {plan.name for plan in plans if plan.changes} - set(blocked)
        going = [each for each in applications if each.name in changed]
        present, absent = ([each for each in going if each.present is is_present] for is_present in (True, False))
        for name in PRESENT_STEPS:
            observation = self._apply_step(name, present, observation)
        for name in ABSENT_STEPS:
            observation = self._apply_step(name, absent, observation)
        return observation

    def _apply_step(self, name, applications, observation):
        going = [each for each in applications if each.name not in self.errors]
        for each in applications:
            if each.name in self.errors:
                self.not_begun.setdefault(each.name, []).append(name)
        if not going:
            return observation
        if name == "instance_refresh":
            return self._refresh(going, observation)
        resources = [StepResource(each, name, self._former.get(each.group_name)) for each in going]
        if name == "auto_scaling_group":
            observation = self._look_again(going, observation)
        latest, attempts, index = observation, itertools.count(1), Index(observation)

        def observe(some):
            nonlocal latest
            kinds = self._kinds(name, [resource.application for resource in some], latest)
            latest = self._reader.refresh(latest, kinds, [resource.application for resource in some], next(attempts))
            return [Index(latest)] * len(some)

        outcomes = converge(
            resources,
            self._executor,
            check_mode=False,
            observe=observe,
            states=[index] * len(resources),
            wait_timeout=self._timeout(name, going),
            concurrency=self._concurrency,
            report=self._reporter(name, len([each for each in resources if _calls(each, index)])),
        )
        for resource, outcome in zip(resources, outcomes):
            self._record(resource.application.name, outcome.calls, outcome.error)
        return latest

    def _look_again(self, applications, observation):
        """Return the observation with the groups as they are now that get another launch configuration or template."""
        index = Index(observation)
        planners = [planner_of(each, index, self._former.get(each.group_name)) for each in applications if each.present]
        moving = [planner.application for planner in planners if planner.application.group_name and planner.moves]
        return self._reader.refresh(observation, ("groups",), moving) if moving else observation

    def _refresh(self, applications, observation):
        needed, sizes = needed_refreshes(applications, observation, self._former)
        refreshes = Refreshes(self._clients, self._executor, report=self._report, **self._refresh_options)
        results = {refresh.name: outcome for refresh, outcome in zip(needed, refreshes.run(needed, sizes))}
        for name, outcome in results.items():
            self._record(name, outcome.calls, outcome.error)
        refreshed = [each for each in applications if each.name in results]
        try:
            return self._reader.refresh(observation, ("groups",), refreshed) if refreshed else observation
        except LaunchkitError as error:
            for each in refreshed:
                self.errors.setdefault(each.name, error)
            return observation

    def _record(self, name, calls, error):
        self.calls.setdefault(name, []).extend(str(call) for call in calls)
        if error is not None:
            self.errors[name] = error

    def _kinds(self, name, applications, observation):
        """Return what has to be read again to see a step settle."""
        if name in _OBSERVED:
            return _OBSERVED[name][0]
        names = {each.options["launch_template_name"] for each in applications}
        has_templates = any(each.launches_from_template for each in applications) or not names.isdisjoint(
            observation.templates
        )
        return ("configurations", "templates") if has_templates else ("configurations",)

    def _timeout(self, name, applications):
        if name != "auto_scaling_group":
            return self._wait_timeout
        return max([self._wait_timeout, *(each.options["group_wait_timeout"] for each in applications)])

    def _reporter(self, name, total):
        counter, title = itertools.count(1), _TITLES[name]

        def report(resource, calls, error):
            application = resource.application.name
            if error is not None:
                self._report(f"{title}: {application}: failed: {error.message}")
            elif calls:
                self._report(
                    f"{title} {next(counter)}/{total}: {application}: {', '.join(call.operation for call in calls)}"
                )

        return report


def _calls(resource, index):
    try:
        return resource.plan(index).calls
    except LaunchkitError:
        return ()
