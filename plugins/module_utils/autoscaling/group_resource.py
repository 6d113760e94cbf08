# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What ``converge()`` brings of an Auto Scaling group to its target: pure plans joined with the reads that they need."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import instance_refresh
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling


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
        """Return the launch template that the group names, with its version, as the API gives it.

        :raises MissingReference: somebody deleted the group meanwhile.
        """
        groups = find_autoscaling.list_groups(self._clients, [self._group])
        if not groups:
            raise MissingReference(f"Auto Scaling group '{self._group}' does not exist any more.")
        return instance_refresh.launch_template_of(groups[0])

    def plan(self, state):
        """Return the call that repoints the group, if it names another template or version."""
        if state == self._specification:
            return Plan()
        arguments = {"AutoScalingGroupName": self._group, "LaunchTemplate": self._specification}
        return Plan(
            (Call("autoscaling", "update_auto_scaling_group", f"Auto Scaling group '{self._group}'", arguments),)
        )

    def predict(self, state, planned):
        """Return what the group names after the plan."""
        return self._specification if planned.calls else state
