# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The removal of an application that is absent, step by step, and what blocks it. Pure.

Only what names the application's instance profile is deleted. What others use or claim stays.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from functools import cached_property

from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX
from ansible_collections.launchkit.aws.plugins.module_utils.application.plan import (
    ABSENT_STEPS,
    DELETE,
    ApplicationPlan,
    Change,
    Step,
)
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group_removal
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile, role_plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import Target as TemplateTarget


class Removal:
    """One application that is absent, beside what was read.

    :param application: an :class:`~model.Application`.
    :param index: the :class:`~observation.Index` of what was read, with all groups and the users of its instance profile.
    """

    def __init__(self, application, index):
        self.application = application
        self.index = index
        self.observation = index.observation

    def plan(self):
        """Return the whole plan. Everything that blocks it is a blocker of its first step, since nothing is begun then."""
        steps = {name: self.step(name) for name in ABSENT_STEPS}
        blockers = self._blockers() if any(step.changes for step in steps.values()) else ()
        first = steps[ABSENT_STEPS[0]]
        steps[ABSENT_STEPS[0]] = Step(
            first.name, first.changes, first.calls, first.warnings, (*first.blockers, *blockers)
        )
        return ApplicationPlan(self.application.name, "absent", tuple(steps.values()), self._notes())

    def step(self, name):
        """Return one step. What it can't do is a blocker."""
        try:
            return getattr(self, f"_{name}")()
        except LaunchkitError as error:
            return Step(name, blockers=(error.message,))

    @property
    def role(self):
        """The IAM role as it was read, or None."""
        return self.observation.role(self.application.options["role_name"])

    @property
    def profile(self):
        """The instance profile as it was read, or None."""
        return self.observation.profile(self.application.profile.name)

    @property
    def group(self):
        """The Auto Scaling group as it was read, or None."""
        return self.observation.groups.get(self.application.group_name)

    @cached_property
    def configurations(self):
        """The launch configurations of the application."""
        options = self.application.options
        fixed = options.get("launch_configuration_name")
        names = [fixed] if fixed else sorted(self.index.siblings(options["launch_configuration_name_prefix"]))
        found = self.index.configuration_state(names).configurations.values()
        return [each for each in found if self._names_profile(each.settings)]

    @cached_property
    def template_state(self):
        """The state of the application's launch template; an empty one where the template is not the application's.

        The newest version decides: it is what the next group would launch from. Older ones can be anything.
        """
        state = self.index.template_state(self.application.options["launch_template_name"])
        return (
            state if state.template is not None and self._names_profile(state.template.settings) else type(state)(None)
        )

    def claim(self):
        """Return the host whose applications claim the role or the instance profile, or None."""
        names = (self.application.options["role_name"], self.application.profile.name)
        return next(filter(None, (self.observation.claims.get(name.casefold()) for name in names)), None)

    def _auto_scaling_group(self):
        group, force = self.group, self.application.options["group_force_delete"]
        if group is None:
            return Step("auto_scaling_group")
        plan = group_removal.plan(group, force)
        change = Change("auto_scaling_group", self.application.group_name, DELETE)
        return Step("auto_scaling_group", (change,), plan.calls, blockers=group_removal.blockers(group, force))

    def _launch_settings(self):
        changes = [Change("launch_configuration", each.name, DELETE) for each in self.configurations]
        used = self.index.groups_by_launch_configuration
        calls = launch_configuration.delete([each for each in self.configurations if not used.get(each.name)])
        state = self.template_state
        if state.template is not None:
            changes.append(Change("launch_template", state.template.name, DELETE))
            if not state.groups:
                calls += template_plan.plan(TemplateTarget(state.template.name, present=False), state).calls
        return Step("launch_settings", tuple(changes), calls)

    def _instance_profile(self):
        profile = instance_profile.from_api(self.profile)
        if profile is None or self.claim():
            return Step("instance_profile")
        target = instance_profile.Target(profile.name, present=False)
        plan = instance_profile.plan(target, instance_profile.State(profile))
        warning = iam_names.case_warning("instance profile", self.application.profile.name, profile.name)
        warnings = tuple(filter(None, [warning]))
        return Step("instance_profile", (Change("instance_profile", profile.name, DELETE),), plan.calls, warnings)

    def _iam_role(self):
        if self.role is None or self.claim():
            return Step("iam_role")
        change = Change("iam_role", self.role["RoleName"], DELETE)
        return Step("iam_role", (change,), role_plan.plan_removal(self.role).calls)

    def _names_profile(self, settings):
        return iam_names.same_name(settings.profile_name, self.application.profile.name)

    def _notes(self):
        host = self.claim()
        if host is None or (self.role is None and self.profile is None):
            return ()
        return (f"IAM role and instance profile are kept: claimed by {host}.",)

    def _blockers(self):
        """Return a sentence for each kind of user that isn't the application itself."""
        options, name = self.application.options, self.application.profile.name
        own, region = self.application.group_name, self.index.region
        used = self.observation.users.get(name.casefold(), dict(instances=[], groups=[]))
        is_shared = self.claim() is not None
        groups = {each["auto_scaling_group_name"] for each in used["groups"] if each["region"] == region}
        related = groups | self._groups_of_launch_settings()
        elsewhere = {
            f"{each['auto_scaling_group_name']} ({each['region']})"
            for each in used["groups"]
            if each["region"] != region
        }
        foreign_groups = sorted((related - {own}) | (set() if is_shared else elsewhere))
        foreign_instances = [
            each["instance_id"]
            for each in used["instances"]
            if each["region"] != region or not own or each["auto_scaling_group_name"] != own
        ]
        role_name = options["role_name"]
        roles = [held["RoleName"] for held in (self.profile or {}).get("Roles", ())]
        foreign_roles = [held for held in roles if not iam_names.same_name(held, role_name)]
        foreign_profiles = sorted(
            profile["InstanceProfileName"]
            for key, profile in self.observation.profiles.items()
            if key != name.casefold()
            and any(iam_names.same_name(held["RoleName"], role_name) for held in profile["Roles"])
        )
        unrelated = [own] if self.group is not None and own not in related else []
        sentences = [
            (
                foreign_groups,
                f"{PREFIX}group_name: other Auto Scaling groups launch with instance profile '{name}' or its launch settings: {{}}. Delete "
                f"them or set them to other launch settings first, or set {PREFIX}group_name if the group belongs to the application.",
            ),
            (
                [] if is_shared else foreign_instances,
                f"{PREFIX}instance_profile_name: instances outside the application's group carry instance profile '{name}': {{}}. "
                "Terminate them, or give them another instance profile first.",
            ),
            (
                [] if is_shared else foreign_profiles,
                f"{PREFIX}role_name: other instance profiles hold IAM role '{role_name}': {{}}. Remove the role from them first.",
            ),
            (
                foreign_roles,
                f"{PREFIX}instance_profile_name: instance profile '{name}' holds another IAM role: {{}}. "
                f"Set {PREFIX}role_name or {PREFIX}instance_profile_name.",
            ),
            (
                unrelated,
                f"{PREFIX}group_name: Auto Scaling group '{{}}' launches from something that isn't part of the application. "
                f"Correct {PREFIX}group_name.",
            ),
        ]
        return tuple(sentence.format(", ".join(names)) for names, sentence in sentences if names)

    def _groups_of_launch_settings(self):
        used = self.index.groups_by_launch_configuration
        groups = {group for each in self.configurations for group in used.get(each.name, ())}
        return groups | set(self.template_state.groups or ())
