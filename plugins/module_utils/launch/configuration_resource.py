# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The launch configuration that ``converge()`` brings to its target: pure plans joined with the reads that they need."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import (
    configuration_plan as launch_configuration_plan,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences


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
        configurations = {
            each["LaunchConfigurationName"]: launch_configuration.from_api(each)
            for each in found
            if self._is_ours(each)
        }
        groups = (
            find_autoscaling.find_groups_by_launch_configuration(self._clients)
            if self._may_delete(configurations)
            else None
        )
        return launch_configuration.State(configurations, groups, self._now)

    def plan(self, state):
        """See :func:`launch_configuration_plan.plan`."""
        return launch_configuration_plan.plan(self._target, state)

    def predict(self, state, planned):
        """See :func:`launch_configuration_plan.predict`."""
        return launch_configuration_plan.predict(self._target, state, planned)

    def _is_ours(self, answer):
        name = answer["LaunchConfigurationName"]
        return name == self._target.name or (
            self._target.prefix is not None and launch_configuration.is_sibling(self._target.prefix, name)
        )

    def _may_delete(self, configurations):
        if not self._target.present or self._target.prune is not None:
            return bool(set(configurations) - ({self._target.name} if self._target.present else set()))
        existing = configurations.get(self._target.name)
        return (
            self._target.on_drift == "replace"
            and existing is not None
            and bool(launch_differences.differences(self._target.settings, existing.settings))
        )
