# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Moves Auto Scaling groups from launch configurations to launch templates: the reads and the order of the pure plans."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import migration
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group_resource import (
    GroupLaunchTemplateResource,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge_one
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils.iam.preconditions import PRECONDITIONS
from ansible_collections.launchkit.aws.plugins.module_utils.launch.resources import LaunchTemplateResource


class Migration:
    """One run of the migration.

    :param clients: see :class:`~clients.Clients`.
    :param update_groups: whether to repoint the groups; without, only their templates are made.

    The other parameters are for ``converge()``.
    """

    def __init__(self, clients, *, update_groups, check_mode, wait, wait_timeout):
        self._clients = clients
        self._update_groups = update_groups
        self._executor = Executor(clients, PRECONDITIONS, timeout=wait_timeout, wait=wait)
        self._changed = False
        # launch template's name -> the launch configuration that it was made from, or None
        self._sources = {}
        self._mode = dict(check_mode=check_mode, wait=wait, wait_timeout=wait_timeout)

    def run(self, selection, template_names, skip_obstacles):
        """Migrate the chosen groups, and return a module's result.

        :raises MissingReference: a group that is named does not exist, or something cannot be carried over; nothing was changed.
        :raises LaunchkitError: groups could not be migrated; those before and after them were.
        """
        groups = find_autoscaling.list_groups(self._clients)
        chosen = migration.chosen_groups(selection, groups)
        sources = sorted({group["LaunchConfigurationName"] for group in chosen if group.get("LaunchConfigurationName")})
        self._sources = migration.sources_of(find_ec2.list_launch_templates(self._clients))
        migrated_before = sorted(filter(None, self._sources.values()))
        found = find_autoscaling.find_launch_configurations(self._clients, sources + migrated_before)
        configurations = {each["LaunchConfigurationName"]: each for each in found}
        planned = migration.with_name_clashes(migration.steps(chosen, configurations, template_names), self._sources)
        blocked = [step for step in planned if step.obstacles]
        if blocked and not skip_obstacles:
            rows = [migration.row(step, group, self._sources) for step, group in zip(planned, chosen)]
            reasons = "; ".join(
                f"group '{step.group}' with launch configuration '{step.configuration}': {', '.join(step.obstacles)}"
                for step in blocked
            )
            raise MissingReference(
                f"Not everything can be carried over to launch templates: {reasons}. Mend it, or leave these groups out with on_obstacle=skip. "
                "Nothing was changed.",
                migrations=rows,
                table=migration.table(rows),
            )
        return self._result(
            [self._migrate(step, group) for step, group in zip(planned, chosen)], groups, configurations
        )

    def _migrate(self, step, group):
        """Make the template of one group and repoint the group to it; return the row that says what came of it."""
        if step.target is None:
            return migration.row(step, group, self._sources)
        try:
            made = converge_one(LaunchTemplateResource(self._clients, step.target), self._executor, **self._mode)
            if self._update_groups:
                converge_one(
                    GroupLaunchTemplateResource(self._clients, step.group, made.after.template),
                    self._executor,
                    **self._mode,
                )
        except LaunchkitError as error:
            return dict(migration.row(step, group, self._sources), action="failed", reason=error.message)
        self._changed |= made.changed or self._update_groups
        action = "migrated" if self._update_groups else "prepared"
        return dict(migration.row(step, group, self._sources, made.after.template), action=action)

    def _result(self, rows, groups, configurations):
        migrated = {row["group"] for row in rows if row["action"] in ("migrated", "prepared")}
        result = dict(
            changed=self._changed,
            migrations=rows,
            table=migration.table(rows),
            unused_launch_configurations=migration.unused(configurations, groups, migrated),
        )
        result["diff"] = (
            dict(before="", after="\n".join(result["table"]) + "\n") if self._changed else dict(before="", after="")
        )
        failed = [row for row in rows if row["action"] == "failed"]
        if failed:
            reasons = " ".join(f"Group '{row['group']}': {row['reason']}" for row in failed)
            raise LaunchkitError(
                f"{len(failed)} of {len(rows)} groups could not be migrated; run the task again. {reasons}", **result
            )
        return result
