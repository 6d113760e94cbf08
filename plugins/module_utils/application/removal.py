# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The removal of an application that is absent, step by step, and what blocks it. Pure.
Private to the collection: names and shapes can change in any release.
Only what belongs to the application is deleted. What others use or claim stays.
"""

from dataclasses import replace
from functools import cached_property

from ..autoscaling import group_plan
from ..iam import instance_profile, role_plan
from ..iam import names as iam_names
from .options import PREFIX
from .owned import OwnedResources
from .plan import (
    ABSENT_STEPS,
    DELETE,
    ApplicationPlan,
    Change,
    Step,
)


class Removal(OwnedResources):
    """One application that is absent, beside what was read.

    :param application: an :class:`~model.Application`.
    :param index: the :class:`~observation.Index` of what was read, with all groups and the users of its instance profile.
    """

    def plan(self):
        """Return the whole plan. Everything that blocks it is a blocker of its first step, since nothing is begun then."""
        steps = {name: self.step(name) for name in ABSENT_STEPS}
        blockers = self._blockers() if any(step.changes for step in steps.values()) else ()
        first = steps[ABSENT_STEPS[0]]
        steps[first.name] = replace(first, blockers=(*first.blockers, *blockers))
        return ApplicationPlan(self.application.name, "absent", tuple(steps.values()), self._notes())

    @cached_property
    def configurations(self):
        """The launch configurations of the application."""
        options = self.application.options
        fixed = options.get("launch_configuration_name")
        names = [fixed] if fixed else sorted(self.index.siblings(options["launch_configuration_name_prefix"]))
        return self.owned_configurations(names)

    @cached_property
    def template_state(self):
        """The state of the application's launch template; an empty one where the template is not the application's.

        The newest version decides: it is what the next group would launch from. Older ones can be anything.
        """
        state = super().template_state
        is_named = state.template is not None and iam_names.same_name(
            state.template.settings.profile_name, self.application.profile.name
        )
        is_owned = is_named and self.may_change("launch_template")
        return state if is_owned else replace(state, template=None, groups=None)

    def claim(self):
        """Return the host whose applications claim the role or the instance profile, or None."""
        names = (self.application.options["role_name"], self.application.profile.name)
        return next(filter(None, (self.observation.claims.get(name.casefold()) for name in names)), None)

    def _auto_scaling_group(self):
        group, force = self.group, self.application.options["group_force_delete"]
        if group is None:
            return Step("auto_scaling_group")
        kept = self.kept("auto_scaling_group", self.application.group_name)
        if kept:
            return Step("auto_scaling_group", warnings=(kept,))
        plan = group_plan.plan_removal(group, force)
        change = Change("auto_scaling_group", self.application.group_name, DELETE)
        return Step("auto_scaling_group", (change,), plan.calls, blockers=group_plan.removal_blockers(group, force))

    def _launch_settings(self):
        changes = [Change("launch_configuration", each.name, DELETE) for each in self.configurations]
        if self.template_state.template is not None:
            changes.append(Change("launch_template", self.template_state.template.name, DELETE))
        calls = self.deletions(self.configurations, self.template_state)
        kept = self.kept("launch_template", self.application.options["launch_template_name"])
        return Step("launch_settings", tuple(changes), calls, warnings=tuple(filter(None, [kept])))

    def _instance_profile(self):
        profile = instance_profile.from_api(self.profile)
        if profile is None or self.claim():
            return Step("instance_profile")
        kept = self.kept("instance_profile", profile.name)
        if kept:
            return Step("instance_profile", warnings=(kept,))
        target = instance_profile.Target(profile.name, present=False)
        plan = instance_profile.plan(target, instance_profile.State(profile))
        warning = iam_names.case_warning("instance profile", self.application.profile.name, profile.name)
        warnings = tuple(filter(None, [warning]))
        return Step("instance_profile", (Change("instance_profile", profile.name, DELETE),), plan.calls, warnings)

    def _iam_role(self):
        if self.role is None or self.claim():
            return Step("iam_role")
        kept = self.kept("iam_role", self.role["RoleName"])
        if kept:
            return Step("iam_role", warnings=(kept,))
        change = Change("iam_role", self.role["RoleName"], DELETE)
        return Step("iam_role", (change,), role_plan.plan_removal(self.role).calls)

    def _notes(self):
        host = self.claim()
        if host is None or (self.role is None and self.profile is None):
            return ()
        return (f"IAM role and instance profile are kept: claimed by {host}.",)

    def _blockers(self):
        """Return a sentence for each kind of user that isn't the application itself."""
        name, role_name = self.application.profile.name, self.application.options["role_name"]
        own = self.application.group_name if self.may_change("auto_scaling_group") else ""
        deletes_profile = bool(self.step("instance_profile").changes)
        region, is_shared = self.observation.region, not (deletes_profile or self.step("iam_role").changes)
        used = self.observation.users.get(name.casefold(), dict(instances=[], groups=[]))
        groups_of = self.index.groups_by_launch_configuration
        related = set(self.template_state.groups or ())
        related.update(*(groups_of.get(each.name, ()) for each in self.configurations))
        related.update(each["auto_scaling_group_name"] for each in used["groups"] if each["region"] == region)
        other_groups, instances, profiles = related - {own}, [], []
        if not is_shared:
            other_groups |= {
                f"{each['auto_scaling_group_name']} ({each['region']})"
                for each in used["groups"]
                if each["region"] != region
            }
            instances = [
                each["instance_id"]
                for each in used["instances"]
                if each["region"] != region or not own or each["auto_scaling_group_name"] != own
            ]
            profiles = sorted(
                profile["InstanceProfileName"]
                for key, profile in self.observation.profiles.items()
                if key != name.casefold() and any(iam_names.same_name(role, role_name) for role in _roles_in(profile))
            )
        held = _roles_in(self.profile) if deletes_profile or self.claim() else ()
        other_roles = [role for role in held if not iam_names.same_name(role, role_name)]
        users = (
            (
                f"group_name: other Auto Scaling groups launch with instance profile '{name}' or its launch settings",
                sorted(other_groups),
                "Delete them or set them to other launch settings first, or set "
                f"{PREFIX}group_name if the group belongs to the application.",
            ),
            (
                f"instance_profile_name: instances outside the application's group carry instance profile '{name}'",
                instances,
                "Terminate them, or give them another instance profile first.",
            ),
            (
                f"role_name: other instance profiles hold IAM role '{role_name}'",
                profiles,
                "Remove the role from them first.",
            ),
            (
                f"instance_profile_name: instance profile '{name}' holds another IAM role",
                other_roles,
                f"Set {PREFIX}role_name or {PREFIX}instance_profile_name.",
            ),
        )
        sentences = [f"{PREFIX}{text}: {', '.join(names)}. {advice}" for text, names, advice in users if names]
        if self.group is not None and own and own not in related:
            sentences.append(
                f"{PREFIX}group_name: Auto Scaling group '{own}' launches from something that isn't part of the "
                f"application. Correct {PREFIX}group_name."
            )
        return tuple(sentences)


def _roles_in(profile):
    return [role["RoleName"] for role in (profile or {}).get("Roles", ())]
