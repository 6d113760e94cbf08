# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The instance refresh that ``converge()`` starts where it is needed: pure plans joined with the reads that they need."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import instance_refresh
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2


class InstanceRefreshResource:
    """The instances of an existing Auto Scaling group, of which outdated ones are replaced step by step."""

    consecutive_reads = 1

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        # The id of the newest refresh at the first look, in a list of one.
        self._first = []

    def observe(self):
        """Read the group, its newest instance refresh, and the launch templates that it names without a number."""
        groups = find_autoscaling.list_groups(self._clients, [self._target.group])
        newest = find_autoscaling.find_newest_instance_refresh(self._clients, self._target.group) if groups else None
        identity = (newest or {}).get("InstanceRefreshId")
        self._first = self._first or [identity]
        names = instance_refresh.unnumbered(groups[0]) if groups else ()
        templates = find_ec2.list_launch_templates(self._clients, names) if names else ()
        return instance_refresh.State(
            groups[0] if groups else None,
            newest,
            started=identity != self._first[0],
            numbers=instance_refresh.version_numbers(templates),
        )

    def plan(self, state):
        """See :func:`instance_refresh.plan`."""
        return instance_refresh.plan(self._target, state)

    def predict(self, state, dummy_planned):
        """Return what was read: what a refresh leads to shows as it goes on."""
        return state
