# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The launch template that ``converge()`` brings to its target: pure plans joined with the reads that they need."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan as launch_template_plan


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
        if self._target.needs_versions:
            numbers = (
                each["VersionNumber"] for each in find_ec2.list_launch_template_versions(self._clients, identity)
            )
            versions = tuple(sorted(numbers))
        if self._target.keep is not None or not self._target.present:
            groups = find_autoscaling.find_groups_by_launch_template(self._clients, identity, template.name)
        return launch_template.State(template, versions, groups)

    def plan(self, state):
        """See :func:`launch_template_plan.plan`."""
        return launch_template_plan.plan(self._target, state)

    def predict(self, state, planned):
        """See :func:`launch_template_plan.predict`."""
        return launch_template_plan.predict(self._target, state, planned)
