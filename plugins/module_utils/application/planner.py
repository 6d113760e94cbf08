# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application that is present needs, step by step: the plans of the single resources, from one observation. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace
from functools import cached_property

from ..autoscaling import group as auto_scaling_group
from ..autoscaling import group_plan, instance_refresh
from ..core.errors import MissingReference
from ..core.plan import Difference
from ..iam import instance_profile, managed_policy, role, role_plan
from ..iam import tags as iam_tags
from ..launch import configuration as launch_configuration
from ..launch import options as launch_options
from ..launch import render, template_plan
from ..launch.differences import (
    LAUNCH_TEMPLATE_DEFAULTS,
    differences,
)
from . import consequences, model, references, superseded
from .options import PREFIX
from .owned import OwnedResources
from .plan import (
    CREATE,
    DELETE,
    PRESENT_STEPS,
    REFRESH,
    REPLACE,
    UPDATE,
    ApplicationPlan,
    Change,
    Step,
)


class Planner(OwnedResources):
    """One application beside what was read.

    :param application: an :class:`~model.Application` that is present.
    :param index: the :class:`~observation.Index` of what was read.
    :param former: the Auto Scaling group as it was when the run began; None for how it was read now.
    """

    def __init__(self, application, index, former=None):
        super().__init__(application, index)
        self.former = former if former is not None else self.group

    def plan(self):
        """Return the whole plan, with what the application refers to checked where that was looked up."""
        steps = {name: self.step(name) for name in PRESENT_STEPS}
        for name, sentences in self._reference_blockers(steps).items():
            steps[name] = replace(steps[name], blockers=(*steps[name].blockers, *sentences))
        return ApplicationPlan(self.application.name, "present", tuple(steps.values()), consequences.notes(self, steps))

    @cached_property
    def role_target(self):
        """What the application asks of its IAM role.

        :raises MissingReference: a managed policy does not exist.
        """
        arns = self.observation.policy_arns
        missing = [policy for policy in self.application.policies if arns.get(policy) is None]
        if missing:
            raise managed_policy.missing(f"{PREFIX}managed_policies", missing)
        return self.tagged("iam_role", model.role_target(self.application, arns, self.observation.partition))

    @cached_property
    def profile_target(self):
        """What the application asks of its instance profile."""
        return self.tagged("instance_profile", self.application.profile)

    @cached_property
    def launch_target(self):
        """What the application asks of its launch configuration or template, with security groups as ids; None for no launch settings.

        :raises MissingReference: a security group does not exist.
        """
        target = self.application.launch
        if target is None:
            return None
        vpc = self.application.options.get("vpc_id")
        known = self.observation.security_group_ids.get(vpc, {})
        try:
            ids = launch_options.with_ids(target.settings.security_groups, vpc, known)
        except MissingReference as missing:
            raise MissingReference(PREFIX + missing.message) from missing
        if self.application.launches_from_template:
            target = self.tagged("launch_template", target)
            return replace(target, settings=replace(target.settings, security_groups=ids))
        return launch_configuration.with_security_groups(target, ids)

    @cached_property
    def launch_plan(self):
        """The plan of the launch configuration or template, without what is superseded."""
        if self.application.launches_from_template:
            return template_plan.plan(self.launch_target, self.template_state)
        return launch_configuration.plan(replace(self.launch_target, prune=None), self.configuration_state)

    @property
    def launch_version(self):
        """The number of the launch template's newest version after the plan."""
        return self._template_after.latest_version

    @property
    def configuration_state(self):
        """The state of the application's launch configuration with its siblings."""
        target = self.launch_target
        siblings = self.index.siblings(target.prefix) if target.prefix is not None else ()
        return self.index.configuration_state([target.name, *siblings])

    @cached_property
    def group_target(self):
        """What the application asks of its Auto Scaling group."""
        target = model.group_target(self.application, self._source())
        return replace(target, ownership_tags=self.ownership_tags("auto_scaling_group"))

    @property
    def group_step_target(self):
        """What the step of the group makes of it. A refresh moves a group to a launch template itself: only so can it roll back."""
        source = auto_scaling_group.source_of(self.group) if self.group else None
        if source and self.needs_refresh and self.application.launches_from_template:
            return replace(self.group_target, source=source)
        return self.group_target

    @property
    def refresh_options(self):
        """The options for launchkit.aws.autoscaling_instance_refresh that replace the instances."""
        return model.refresh_options(self.application, self.group_target.source, self.former)

    @property
    def moves(self):
        """Whether an existing group launches from something else after the plan."""
        return bool(self.group) and auto_scaling_group.moves(self.group_target, self.group)

    @cached_property
    def outdated(self):
        """The instances of the group as it was when the run began that launched from something else than the group has after the plan."""
        if not self.former:
            return ()
        # The group can have moved already: the step before the refresh moves it to a launch configuration.
        moves = auto_scaling_group.moves(self.group_target, self.former)
        sources = ("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy")
        moved = {**dict.fromkeys(sources), **self.group_target.source} if moves else {}
        numbers = {}
        if self.application.launches_from_template:
            identity = self._template_after.identity.get("LaunchTemplateId")
            numbers = {(identity, each): str(self.launch_version) for each in ("$Latest", "$Default")}
        return instance_refresh.outdated({**self.former, **moved}, numbers=numbers)

    @property
    def needs_refresh(self):
        """Whether instances have to be replaced now."""
        return bool(self.application.options["refresh"] and self.application.group_name and self.outdated)

    def _iam_role(self):
        target, detail = self.role_target, self.role
        plan = role_plan.plan(target, detail)
        changes: tuple[Change, ...] = ()
        if plan.calls and detail is None:
            changes = (Change("iam_role", target.name, CREATE, attributes=role.attributes(target)),)
        elif plan.calls:
            changes = (Change("iam_role", detail["RoleName"], UPDATE, role.differences(target, detail)),)
        return self.guarded(Step("iam_role", changes, plan.calls, plan.warnings), "iam_role", target.name)

    def _inline_policies(self):
        target, detail = self.role_target, self.role
        actual = role.inline_policies(detail)
        changed, deleted = role.inline_policy_changes(target, detail)
        differing = {difference.field: difference for difference in role.inline_differences(target, detail)}
        changes = [
            Change("inline_policy", name, UPDATE, (differing[f"inline_policies[{name}]"],))
            if name in actual
            else Change("inline_policy", name, CREATE)
            for name in changed
        ]
        changes += [Change("inline_policy", name, DELETE) for name in deleted]
        calls = role_plan.plan_inline_policies(target, detail).calls
        return self.guarded(Step("inline_policies", tuple(changes), calls), "iam_role", target.name)

    def _instance_profile(self):
        target = self.profile_target
        read = instance_profile.from_api(self.profile)
        carriers = self.observation.carriers.get(target.name.casefold(), "")
        state = instance_profile.State(read, self.role, carriers)
        plan = instance_profile.plan(target, state)
        after = instance_profile.predict(target, state, plan).profile
        changes: tuple[Change, ...] = ()
        if plan.calls and read is None:
            changes = (Change("instance_profile", after.name, CREATE, attributes=instance_profile.attributes(after)),)
        elif plan.calls:
            changes = (Change("instance_profile", after.name, UPDATE, instance_profile.differences(read, after)),)
        step = Step("instance_profile", changes, plan.calls, plan.warnings)
        return self.guarded(step, "instance_profile", target.name)

    def _launch_settings(self):
        if self.launch_target is None:
            return Step("launch_settings")
        plan, by_template = self.launch_plan, self.application.launches_from_template
        changes: tuple[Change, ...] = ()
        if plan.calls:
            changes = (self._template_change() if by_template else self._configuration_change(),)
        # What is known of the profile that a call requires, so that it is not read again.
        satisfied = True if self.profile and self.profile["Roles"] else None
        calls = [
            replace(call, needs=tuple(replace(need, satisfied=satisfied) for need in call.needs)) for call in plan.calls
        ]
        is_new = any(change.action == CREATE for change in changes)
        blockers = consequences.lost_user_data(self) if is_new and self.application.options["keep_user_data"] else ()
        step, name = Step("launch_settings", changes, tuple(calls), plan.warnings, blockers), self.launch_target.name
        if by_template:
            return self.guarded(step, "launch_template", name)
        existing = self.configuration_state.configurations.get(name)
        return self.guarded(step, "launch_configuration", name, existing is None or self.owns(existing.settings))

    def _template_change(self):
        target, before, after = self.launch_target, self.template_state.template, self._template_after
        if before is None:
            return Change("launch_template", target.name, CREATE, attributes=render.attributes(after.settings))
        found = differences(target.settings, before.settings, LAUNCH_TEMPLATE_DEFAULTS)
        if before.default_version != after.default_version:
            found += (Difference("default_version", str(after.default_version), str(before.default_version)),)
        return Change("launch_template", target.name, UPDATE, found + iam_tags.differences(before.tags, after.tags))

    def _configuration_change(self):
        """Return the change of the launch configuration: a new one is compared with the one that it supersedes."""
        target, known = self.launch_target, self.configuration_state.configurations
        newest = max(known.values(), key=lambda each: each.identity["CreatedTime"], default=None)
        former = known.get(target.name) or known.get((self.group or {}).get("LaunchConfigurationName"), newest)
        found = differences(target.settings, former.settings) if former else ()
        if target.name in known:
            return Change("launch_configuration", target.name, REPLACE, found)
        return Change("launch_configuration", target.name, CREATE, found, render.attributes(target.settings))

    def _auto_scaling_group(self):
        if not self.application.group_name or self.launch_target is None:
            return Step("auto_scaling_group")
        target, group = self.group_step_target, self.group
        blockers = auto_scaling_group.blockers(target, group)
        plan = group_plan.plan(target, group, self.observation.zones)
        changes: tuple[Change, ...] = ()
        if plan.calls and group is None:
            attributes = auto_scaling_group.attributes(target)
            changes = (Change("auto_scaling_group", target.name, CREATE, attributes=attributes),)
        elif plan.calls:
            changed = auto_scaling_group.differences(target, group)
            changes = (Change("auto_scaling_group", target.name, UPDATE, changed),)
        step = Step("auto_scaling_group", changes, plan.calls, plan.warnings, blockers)
        return self.guarded(step, "auto_scaling_group", target.name)

    def _instance_refresh(self):
        if self.launch_target is None or not self.needs_refresh:
            return Step("instance_refresh")
        attributes = {"instances": str(len(self.outdated))}
        change = Change("instances", self.application.group_name, REFRESH, attributes=attributes)
        if self.application.launches_from_template and self.moves:
            target = replace(self.group_target, tags=None, ownership_tags={})
            found = [
                each for each in auto_scaling_group.differences(target, self.group) if each.field.startswith("launch_")
            ]
            change = replace(change, differences=tuple(found))
        return self.guarded(Step("instance_refresh", (change,)), "auto_scaling_group", self.application.group_name)

    def _superseded(self):
        if self.launch_target is None:
            return Step("superseded")
        step = superseded.step(self)
        by_template = self.application.launches_from_template
        return self.guarded(step, "launch_template", self.launch_target.name) if by_template else step

    def _source(self):
        """Return what the group launches from after the plan; a template that does not exist yet has no id."""
        target = self.launch_target
        if not self.application.launches_from_template:
            return {"LaunchConfigurationName": target.name}
        identity = self._template_after.identity.get("LaunchTemplateId")
        version = self.application.options.get("launch_template_version") or str(self.launch_version)
        specification = {"LaunchTemplateName": target.name, "Version": version}
        return {"LaunchTemplate": {**specification, **({"LaunchTemplateId": identity} if identity else {})}}

    @property
    def _template_after(self):
        return template_plan.predict(self.launch_target, self.template_state, self.launch_plan).template

    def _reference_blockers(self, steps):
        """Return step -> sentences about what does not exist, for the steps that create or change something."""
        found, options, arns = self.observation.references, self.application.options, self.observation.policy_arns
        checks = {
            "iam_role": lambda: references.policy_blockers(options, arns, found),
            "launch_settings": lambda: references.launch_settings_blockers(self.launch_target.settings, found),
            "auto_scaling_group": lambda: references.group_blockers(options, self.launch_target.settings, found),
        }
        return {name: check() for name, check in checks.items() if found is not None and steps[name].changes}
