# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans each group of a migration from what was read. The plans are shown and carried out elsewhere. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace

from ..find.launch_template_specifications import launch_templates_of
from . import instance_refresh, migration_obstacles, template_copy
from .group import source_of
from .migration import template_name
from .migration_model import MIGRATE, NOTHING, REFRESH, REVERT, GroupPlan
from .owners import owners
from .template_copy import Copy


class Planner:
    """Plans the groups of one observation.

    :param options: see :class:`~migration.Options`.
    """

    def __init__(self, observation, options):
        self._seen = observation
        self._options = options
        self._templates = {each["LaunchTemplateId"]: each for each in observation.templates.values()}
        self._copies: dict = {}

    def plans(self):
        """Return the :class:`GroupPlan` of each selected group."""
        plans = [self._plan(group) for group in self._seen.chosen]
        takers: dict = {}
        for plan in plans:
            if plan.copy is not None:
                takers.setdefault(plan.copy.name, set()).add(plan.configuration)
        return tuple(
            replace(plan, blockers=(*plan.blockers, _shared_name(plan.copy.name)))
            if plan.copy is not None and len(takers[plan.copy.name]) > 1
            else plan
            for plan in plans
        )

    def _plan(self, group):
        plan = GroupPlan(
            group["AutoScalingGroupName"],
            source=source_of(group),
            size=len(group.get("Instances") or ()),
            owners=owners(group),
        )
        from_configuration = bool(group.get("LaunchConfigurationName"))
        if self._options.is_reverted:
            planned = (self._reverted if from_configuration else self._revert)(plan, group)
        else:
            planned = self._migrate(plan, group) if from_configuration else self._resume(plan, group)
        if planned.action == NOTHING:
            return planned
        return self._judge(planned, group)

    def _judge(self, plan, group):
        """Return the plan with what stands in the way of any change of the group."""
        blockers, warnings = list(plan.blockers), list(plan.warnings)
        if plan.owners:
            reason = "; ".join(plan.owners)
            if self._options.on_owner == "skip":
                return replace(plan, skipped=f"{reason}. Set on_owner to migrate to include the group")
            if self._options.on_owner == "fail":
                blockers.append(f"on_owner: {reason}.")
            else:
                warnings.append(f"{reason}.")
        newest = self._seen.refreshes.get(plan.name)
        resumed = self._options.refresh and (plan.specification if plan.action != REVERT else None)
        if self._options.refresh and plan.action == REFRESH and "LaunchConfigurationName" in plan.source:
            # A refresh to a launch configuration has no desired configuration.
            resumed = instance_refresh.launch_template_of({})
        blockers += migration_obstacles.of_refresh_in_progress(newest, resumed)
        is_refreshed = self._options.refresh is not None and plan.outdated
        if is_refreshed and not instance_refresh.is_active(newest):
            hooks = self._seen.hooks.get(plan.name, ())
            found = migration_obstacles.of_refresh(group, plan.outdated, self._options.preferences, hooks)
            blockers += found[0]
            warnings += found[1]
        return replace(plan, blockers=tuple(blockers), warnings=tuple(warnings))

    def _migrate(self, plan, group):
        name = group["LaunchConfigurationName"]
        plan = replace(plan, action=MIGRATE, configuration=name)
        configuration = self._seen.configurations.get(name)
        if configuration is None:
            return replace(plan, blockers=(f"launch configuration '{name}' does not exist any more. Set another one.",))
        blockers = list(migration_obstacles.of_configuration(configuration, self._seen.profiles, self._seen.references))
        copy = self._copy(configuration)
        template = self._seen.templates.get(copy.name)
        versions = self._seen.versions.get(template["LaunchTemplateId"], {}) if template else {}
        specification, warnings = None, []
        taken = template_copy.name_taken(copy, template)
        if taken:
            blockers.append(taken)
        elif template is not None:
            number = template_copy.number_of(copy, template_copy.State(template, versions))
            latest, default = self._followers(template)
            if number is not None:
                specification = {"LaunchTemplateId": template["LaunchTemplateId"], "Version": str(number)}
            elif latest:
                blockers.append(
                    f"no version of launch template '{copy.name}' is a copy of the launch configuration any more, and a new "
                    f"version would be what {_quoted(latest)} launches, which follows $Latest. Set template_names to use "
                    "another template, or set these groups to a version's number."
                )
            elif default:
                warnings.append(
                    f"{_quoted(default)} follows $Default of launch template '{copy.name}', which gets a new version. "
                    "The default version stays."
                )
        return replace(
            plan,
            template=copy.name,
            specification=specification,
            copy=None if taken else copy,
            outdated=instance_refresh.outdated(group, specification or {"LaunchTemplateId": "", "Version": ""}),
            blockers=tuple(blockers),
            warnings=tuple(warnings),
        )

    def _resume(self, plan, group):
        """Plan a group that launches from a template: one of an earlier run can have instances from before."""
        plan, origin = self._origin(plan, group)
        old = tuple(
            each["InstanceId"]
            for each in instance_refresh.staying(group)
            if each.get("LaunchConfigurationName") and origin is not None
        )
        plan = replace(plan, outdated=old)
        if not old or self._options.refresh is None or group.get("MixedInstancesPolicy"):
            return plan
        plan = replace(plan, action=REFRESH)
        if not self._options.refresh.get("auto_rollback"):
            return plan
        reason = ""
        if plan.configuration not in self._seen.configurations:
            reason = f"launch configuration '{plan.configuration}' does not exist any more"
        elif not self._names_copy(plan):
            version = plan.source["LaunchTemplate"].get("Version")
            reason = (
                f"it launches from version {version} of its template, which is not a copy of its launch configuration"
            )
        if reason:
            blocker = (
                f"refresh_auto_rollback: a failed refresh could not be rolled back, since {reason}. Set it to false."
            )
            return replace(plan, blockers=(blocker,))
        return replace(plan, back_to=plan.configuration)

    def _reverted(self, plan, group):
        """Plan a group that has returned to its launch configuration, maybe without its instances."""
        plan = replace(plan, configuration=group["LaunchConfigurationName"])
        outdated = tuple(each["InstanceId"] for each in instance_refresh.staying(group) if each.get("LaunchTemplate"))
        action = REFRESH if outdated and self._options.refresh is not None else NOTHING
        return replace(plan, action=action, outdated=outdated)

    def _revert(self, plan, group):
        plan, origin = self._origin(plan, group)
        if origin is None:
            return plan
        outdated = tuple(
            each["InstanceId"]
            for each in instance_refresh.staying(group)
            if each.get("LaunchConfigurationName") != plan.configuration
        )
        plan = replace(plan, action=REVERT, outdated=outdated)
        if plan.configuration not in self._seen.configurations:
            reason = (
                f"launch configuration '{plan.configuration}' does not exist any more. The group cannot return to it."
            )
            return replace(plan, blockers=(reason,))
        if not self._names_copy(plan):
            version = (plan.source.get("LaunchTemplate") or {}).get("Version")
            reason = (
                f"it launches from version {version} of launch template '{plan.template}', which is not a copy of launch "
                f"configuration '{plan.configuration}'. Set the group to the copy's version first, if that is what you want."
            )
            return replace(plan, blockers=(reason,))
        if self._options.refresh is not None and outdated:
            text = "a refresh to a launch configuration cannot be rolled back by Auto Scaling."
            return replace(plan, warnings=(text,))
        return plan

    def _origin(self, plan, group):
        """Return the plan with the group's template and the launch configuration behind that, and whether it is known.

        A tag alone proves nothing, since people copy templates with their tags: a version has to be the copy.
        """
        used: dict = next(iter(launch_templates_of(group)), {})
        template = self._templates.get(used.get("LaunchTemplateId"), {})
        specification = instance_refresh.launch_template_of(group)
        plan = replace(plan, template=used.get("LaunchTemplateName") or "", specification=specification)
        source = template_copy.source_of(template)
        configuration = self._seen.configurations.get(source)
        versions = self._seen.versions.get(used.get("LaunchTemplateId"), {})
        if source is None or group.get("MixedInstancesPolicy"):
            return plan, None
        is_known = configuration is None or any(
            template_copy.is_copy(each, configuration) for each in versions.values()
        )
        return (replace(plan, configuration=source), source) if is_known else (plan, None)

    def _names_copy(self, plan):
        template = plan.source.get("LaunchTemplate") or {}
        version = template.get("Version") or ""
        versions = self._seen.versions.get(template.get("LaunchTemplateId"), {})
        found = versions.get(int(version)) if version.isdigit() else None
        return found is not None and template_copy.is_copy(found, self._seen.configurations[plan.configuration])

    def _copy(self, configuration):
        name, options = configuration["LaunchConfigurationName"], self._options
        if name not in self._copies:
            self._copies[name] = Copy(
                options.template_names.get(name) or template_name(name),
                name,
                template_copy.data_of(configuration, options.tags),
                options.tags,
                self._seen.now,
            )
        return self._copies[name]

    def _followers(self, template):
        """Return the groups that follow the newest version of a template, and those that follow its default version."""
        found: dict = {"$Latest": [], "$Default": []}
        for group in self._seen.groups:
            for each in launch_templates_of(group):
                version = each.get("Version") or "$Default"
                if each.get("LaunchTemplateId") == template["LaunchTemplateId"] and version in found:
                    found[version].append(group["AutoScalingGroupName"])
        return sorted(set(found["$Latest"])), sorted(set(found["$Default"]))


def _shared_name(name):
    return f"the launch template '{name}' is planned for another launch configuration too. Set template_names."


def _quoted(names):
    return f"group {', '.join(repr(name) for name in names)}"
