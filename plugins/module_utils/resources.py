# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The resources that ``converge()`` brings to their targets: pure plans joined with the reads that they need."""

from __future__ import annotations

from datetime import datetime
from datetime import timezone

from ansible_collections.launchkit.aws.plugins.module_utils import find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils import find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils import find_iam
from ansible_collections.launchkit.aws.plugins.module_utils import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils import instance_refresh
from ansible_collections.launchkit.aws.plugins.module_utils import launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils import launch_configuration_plan
from ansible_collections.launchkit.aws.plugins.module_utils import launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils import launch_template
from ansible_collections.launchkit.aws.plugins.module_utils import launch_template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.converge import Call
from ansible_collections.launchkit.aws.plugins.module_utils.converge import Plan


class InstanceProfileResource:
    """The instance profile of a target. Two calls observe it; one where the target leaves the role alone."""

    # IAM answers from several places that come to agree only after a while, so one read that shows a change proves little:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    consecutive_reads = 3

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        # The name as IAM writes it, once it is known. From then on a read that finds nothing counts as such: looking through the list
        # of all profiles for another spelling would hide that IAM's answers do not agree yet.
        self._name = None

    def observe(self):
        """Read the profile, and the role that the target names."""
        if self._name is None:
            profile = find_iam.find_instance_profile_ignoring_case(self._clients, self._target.name)
        else:
            profile = find_iam.find_instance_profile(self._clients, self._name)
        if profile is not None:
            self._name = profile["InstanceProfileName"]
        wants_role = self._target.present and self._target.role not in (None, instance_profile.NO_ROLE)
        role = find_iam.find_role(self._clients, self._target.role.name) if wants_role else None
        return instance_profile.State(instance_profile.from_api(profile), role)

    def plan(self, state):
        """See :func:`instance_profile.plan`."""
        return instance_profile.plan(self._target, state)

    def predict(self, state, planned):
        """See :func:`instance_profile.predict`."""
        return instance_profile.predict(self._target, state, planned)


class LaunchConfigurationResource:
    """The launch configuration of a target, with its siblings where it is pruned. One call observes it in the plain case."""

    # Auto Scaling shows its own changes at once.
    consecutive_reads = 1

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        # One point in time for all looks: what grows old enough to be pruned while the module runs is left for the next run.
        self._now = datetime.now(timezone.utc)

    def observe(self):
        """Read the launch configuration, its siblings if they matter, and the groups if something might have to go."""
        target = self._target
        siblings = target.name is None or target.prune is not None
        found = find_autoscaling.find_launch_configurations(self._clients, None if siblings else [target.name])
        configurations = {each["LaunchConfigurationName"]: launch_configuration.from_api(each) for each in found if self._is_ours(each)}
        groups = find_autoscaling.find_groups_by_launch_configuration(self._clients) if self._may_delete(configurations) else None
        return launch_configuration.State(configurations, groups, self._now)

    def plan(self, state):
        """See :func:`launch_configuration_plan.plan`."""
        return launch_configuration_plan.plan(self._target, state)

    def predict(self, state, planned):
        """See :func:`launch_configuration_plan.predict`."""
        return launch_configuration_plan.predict(self._target, state, planned)

    def _is_ours(self, answer):
        name = answer["LaunchConfigurationName"]
        return name == self._target.name or (self._target.prefix is not None and launch_configuration.is_sibling(self._target.prefix, name))

    def _may_delete(self, configurations):
        if not self._target.present or self._target.prune is not None:
            return bool(set(configurations) - ({self._target.name} if self._target.present else set()))
        existing = configurations.get(self._target.name)
        return (
            self._target.on_drift == "replace"
            and existing is not None
            and bool(launch_settings.differences(self._target.settings, existing.settings))
        )


class LaunchTemplateResource:
    """The launch template of a target. Two calls observe it, and two more where its versions are pruned."""

    # EC2 is eventually consistent, too, though less so than IAM: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
    consecutive_reads = 2

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target

    def observe(self):
        """Read the template with its newest version, and its versions and the groups that name them if something might have to go."""
        found = find_ec2.find_launch_template(self._clients, self._target.name)
        if found is None:
            return launch_template.State(None)
        template = launch_template.from_api(*found)
        identity = template.identity["LaunchTemplateId"]
        versions, groups = (), None
        if self._target.present and self._target.keep is not None:
            numbers = (each["VersionNumber"] for each in find_ec2.list_launch_template_versions(self._clients, identity))
            versions = tuple(sorted(numbers))
        if versions or not self._target.present:
            groups = find_autoscaling.find_groups_by_launch_template(self._clients, identity, template.name)
        return launch_template.State(template, versions, groups)

    def plan(self, state):
        """See :func:`launch_template_plan.plan`."""
        return launch_template_plan.plan(self._target, state)

    def predict(self, state, planned):
        """See :func:`launch_template_plan.predict`."""
        return launch_template_plan.predict(self._target, state, planned)


class GroupLaunchTemplateResource:
    """What an existing Auto Scaling group launches from, and nothing else of it: its capacity is never touched."""

    consecutive_reads = 1

    def __init__(self, clients, group, template):
        """Take the group's name and the :class:`~launch_template.LaunchTemplate` whose newest version it shall name by number."""
        self._clients = clients
        self._group = group
        self._specification = {
            "LaunchTemplateId": template.identity.get("LaunchTemplateId", ""),
            "Version": str(template.latest_version),
        }

    def observe(self):
        """Return the launch template that the group names, with its version, as the API gives it."""
        group = find_autoscaling.list_groups(self._clients, [self._group])[0]
        return {key: (group.get("LaunchTemplate") or {}).get(key) for key in self._specification}

    def plan(self, state):
        """Return the call that repoints the group, if it names another template or version."""
        if state == self._specification:
            return Plan()
        arguments = {"AutoScalingGroupName": self._group, "LaunchTemplate": self._specification}
        return Plan((Call("autoscaling", "update_auto_scaling_group", f"Auto Scaling group '{self._group}'", arguments),))

    def predict(self, state, planned):
        """Return what the group names after the plan."""
        return self._specification if planned.calls else state


class InstanceRefreshResource:
    """The instances of an existing Auto Scaling group, of which outdated ones are replaced step by step."""

    consecutive_reads = 1

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target

    def observe(self):
        """Read the group and its newest instance refresh."""
        groups = find_autoscaling.list_groups(self._clients, [self._target.group])
        newest = find_autoscaling.find_newest_instance_refresh(self._clients, self._target.group) if groups else None
        return instance_refresh.State(groups[0] if groups else None, newest)

    def plan(self, state):
        """See :func:`instance_refresh.plan`."""
        return instance_refresh.plan(self._target, state)

    def predict(self, state, dummy_planned):
        """Return what was read: what a refresh leads to shows as it goes on."""
        return state
