# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations and launch templates for ``converge()``: the plans, and the reads that they need.
Private to the collection: names and shapes can change in any release."""

from datetime import datetime, timezone
from functools import partial

from ..find import autoscaling as find_autoscaling
from ..find import ec2 as find_ec2
from . import configuration as launch_configuration
from . import differences as launch_differences
from . import options as launch_options
from . import template as launch_template
from . import template_plan as launch_template_plan


def find_security_groups(clients, groups, vpc_id):
    """Return the ids of security groups that are given by name or id, in order. Calls EC2 only for names.

    :raises MissingReference: the VPC has no group of that name.
    """
    names = launch_options.named_security_groups(groups)
    if not names:
        return groups
    return launch_options.with_ids(groups, vpc_id, find_ec2.find_security_group_ids(clients, names, vpc_id))


class LaunchConfigurationResource:
    """The launch configuration of a target, with its siblings if it is pruned. One call observes it in the plain case."""

    # Auto Scaling shows its own changes at once.
    consecutive_reads = 1

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        self.plan = partial(launch_configuration.plan, target)
        self.predict = partial(launch_configuration.predict, target)
        # The same for all reads: what becomes old enough to be pruned during the run is left for the next run.
        self._now = datetime.now(timezone.utc)

    def observe(self):
        """Read the launch configuration, its siblings if they matter, and the groups if something might have to go."""
        target = self._target
        names = None if target.name is None or target.prune is not None else [target.name]
        configurations = {
            answer["LaunchConfigurationName"]: launch_configuration.from_api(answer)
            for answer in find_autoscaling.find_launch_configurations(self._clients, names)
            if answer["LaunchConfigurationName"] == target.name
            or (target.prefix and launch_configuration.is_sibling(target.prefix, answer["LaunchConfigurationName"]))
        }
        groups = None
        if self._may_delete(configurations):
            groups = find_autoscaling.find_groups_by_launch_configuration(self._clients)
        return launch_configuration.State(configurations, groups, self._now)

    def _may_delete(self, configurations):
        target, existing = self._target, configurations.get(self._target.name)
        if not target.present:
            return bool(configurations)
        if target.prune is not None:
            return bool(
                launch_configuration.prunable(target, launch_configuration.State(configurations, now=self._now))
            )
        return (
            target.on_drift == "replace"
            and existing is not None
            and bool(launch_differences.differences(target.settings, existing.settings))
        )


class LaunchTemplateResource:
    """The launch template of a target. Two calls observe it, and two more where its versions are pruned."""

    # EC2 is eventually consistent, though less so than IAM:
    # https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
    consecutive_reads = 2

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        self.plan = partial(launch_template_plan.plan, target)
        self.predict = partial(launch_template_plan.predict, target)

    def observe(self):
        """Read the newest version, and all versions and the groups that name them if something might have to go."""
        found = find_ec2.find_launch_template(self._clients, self._target.name)
        if found is None:
            return launch_template.State(None)
        template = launch_template.from_api(*found)
        identity = template.identity["LaunchTemplateId"]
        versions, groups = (), None
        if self._target.needs_versions:
            answers = find_ec2.list_launch_template_versions(self._clients, identity)
            versions = tuple(sorted(each["VersionNumber"] for each in answers))
        if self._target.keep is not None or not self._target.present:
            groups = find_autoscaling.find_groups_by_launch_template(self._clients, identity, template.name)
        return launch_template.State(template, versions, groups)
