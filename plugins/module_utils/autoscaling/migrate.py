# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Migrates Auto Scaling groups from launch configurations to launch templates: reads, and the order of the pure plans.

Private to the collection: names and shapes can change in any release.
"""

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import migration
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.resources import GroupLaunchTemplateResource
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils.iam.preconditions import PRECONDITIONS
from ansible_collections.launchkit.aws.plugins.module_utils.launch.resources import LaunchTemplateResource


class Migration:
    """One run of the migration.

    :param clients: see :class:`~clients.Clients`.
    :param update_groups: whether the groups launch from the templates. Otherwise the templates are created only.

    The other parameters are for ``converge()``.
    """

    def __init__(self, clients, *, update_groups, check_mode, wait, wait_timeout):
        self._clients = clients
        self._update_groups = update_groups
        self._executor = Executor(clients, PRECONDITIONS, timeout=wait_timeout, wait=wait)
        self._changed = False
        self._calls = []
        self._rolled_back = []
        self._mode = dict(check_mode=check_mode, wait=wait, wait_timeout=wait_timeout)

    def migrate(self, selection, template_names, skip_obstacles):
        """Migrate the selected groups, and return a module's result.

        :param selection: arguments of :func:`migration.chosen_groups`.
        :raises MissingReference: a group does not exist, or can't be migrated. No changes were made.
        :raises LaunchkitError: the migration of some groups failed; the others were migrated.
        """
        groups = find_autoscaling.list_groups(self._clients)
        chosen = migration.chosen_groups(groups, **selection)
        used = sorted({group["LaunchConfigurationName"] for group in chosen if group.get("LaunchConfigurationName")})
        sources = migration.sources_of(find_ec2.list_launch_templates(self._clients))
        names = used + sorted(filter(None, sources.values()))
        found = find_autoscaling.find_launch_configurations(self._clients, names)
        configurations = {each["LaunchConfigurationName"]: each for each in found}
        steps = migration.steps(chosen, configurations, template_names, sources)
        blocked = [step for step in steps if step.obstacles]
        if blocked and not skip_obstacles:
            rows = [migration.row(step, sources) for step in steps]
            reasons = "; ".join(
                f"group '{step.name}' with launch configuration '{step.configuration}': {', '.join(step.obstacles)}"
                for step in blocked
            )
            raise MissingReference(
                f"on_obstacle: {len(blocked)} of {len(steps)} groups cannot be migrated: {reasons}. "
                "Resolve the obstacles, or set on_obstacle=skip to skip these groups. No changes were made.",
                migrations=rows,
                table=migration.table(rows),
            )
        return self._result([self._migrate(step, sources) for step in steps], groups, configurations)

    def _migrate(self, step, sources):
        """Create the template of one group and update the group; return the row of the result."""
        if step.target is None:
            return migration.row(step, sources)
        try:
            template = self._converge(LaunchTemplateResource(self._clients, step.target)).after.template
            if self._update_groups:
                specification = migration.specification_of(template)
                self._converge(GroupLaunchTemplateResource(self._clients, step.name, specification))
        except LaunchkitError as error:
            return dict(migration.row(step, sources), action="failed", reason=error.message)
        return migration.row(step, sources, template, "migrated" if self._update_groups else "prepared")

    def _converge(self, resource):
        """Bring a resource to its target, note what was done, and return the outcome."""
        (outcome,) = converge([resource], self._executor, **self._mode)
        self._calls += map(str, outcome.calls)
        self._changed |= outcome.changed if outcome.error is None else outcome.error.details.get("changed", False)
        if outcome.error is not None:
            self._rolled_back += outcome.error.details.get("rolled_back", ())
            raise outcome.error
        return outcome

    def _result(self, rows, groups, configurations):
        migrated = {row["group"] for row in rows if row["action"] in ("migrated", "prepared")}
        table = migration.table(rows)
        result = dict(
            changed=self._changed,
            migrations=rows,
            table=table,
            unused_launch_configurations=migration.unused(configurations, groups, migrated),
            diff=dict(before="", after="\n".join(table) + "\n" if self._changed else ""),
        )
        failed = [row for row in rows if row["action"] == "failed"]
        if failed:
            reasons = " ".join(f"Group '{row['group']}': {row['reason']}" for row in failed)
            raise LaunchkitError(
                f"{len(failed)} of {len(rows)} groups could not be migrated; run the task again. {reasons}",
                **result,
                calls=self._calls,
                rolled_back=self._rolled_back,
            )
        return result
