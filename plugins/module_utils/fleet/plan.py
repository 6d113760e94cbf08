# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application of a fleet differs in from what was read, and the calls that change it: the plans of the single modules.

All of it pure. The stages are in the order in which they are gone through: what comes later needs what comes earlier.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.launchkit.aws.plugins.module_utils.application import model as application_model
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group_options as auto_scaling_group
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import instance_refresh
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile, managed_policy
from ansible_collections.launchkit.aws.plugins.module_utils.iam import role as application_role
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import (
    configuration_plan as launch_configuration_plan,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch import security_groups
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan as launch_template_plan

STAGES = ("instance_profile", "launch_settings", "auto_scaling_group", "clean_up")


class Planned:
    """One application beside what was read: what to do about it, stage by stage.

    :param application: an :class:`~application.Application` that is to be there.
    :param index: the :class:`~fleet_observation.Index` of what was read.
    :param former: the Auto Scaling group as it was when the run began, or None.
    """

    def __init__(self, application, index, former=None):
        self.application = application
        self._index = index
        self._observation = index.observation
        self._former = former if former is not None else self._observation.groups.get(application.group_name)
        self._target = None

    def role_target(self):
        """Return what is asked of the role.

        :raises MissingReference: a managed policy does not exist.
        """
        arns = self._observation.policy_arns
        missing = [policy for policy in self.application.policies if arns.get(policy) is None]
        if missing:
            raise managed_policy.missing(f"{PREFIX}managed_policies", missing)
        return application_model.role_target(self.application, arns, self._observation.partition)

    def role(self):
        """Return the role as it was read, or None."""
        return self._observation.roles.get(self.application.options["role_name"])

    def plan(self, stage):
        """Return the plan of a stage.

        :raises LaunchkitError: what this stage cannot do.
        """
        return getattr(self, f"_plan_{stage}")()

    def warnings(self):
        """Return sentences about what differs and is kept."""
        path = application_role.path_warning(self.role_target(), self.role())
        kept = (warning for stage in ("instance_profile", "launch_settings") for warning in self.plan(stage).warnings)
        return [*filter(None, [path]), *kept]

    def profile_state(self):
        """Return the state of the instance profile."""
        found = self._observation.profile(self.application.profile.name)
        return instance_profile.State(instance_profile.from_api(found), self.role())

    def launch_target(self):
        """Return what is asked of launch configuration or template, with security groups as ids; None for no launch settings.

        :raises MissingReference: a security group does not exist.
        """
        target = self.application.launch
        if target is None or self._target is not None:
            return self._target
        vpc = self.application.options.get("vpc_id")
        known = self._observation.security_group_ids.get(vpc, {})
        ids = security_groups.with_ids(target.settings.security_groups, vpc, known)
        if self.application.launches_from_template:
            self._target = replace(target, settings=replace(target.settings, security_groups=ids))
        else:
            self._target = launch_configuration.with_security_groups(target, ids)
        return self._target

    def launch_state(self):
        """Return the state of the launch configuration with its siblings, or of the launch template."""
        target = self.launch_target()
        if self.application.launches_from_template:
            return self._template_state(target.name)
        names = [target.name, *(self._index.siblings(target.prefix) if target.prefix is not None else ())]
        return self._configuration_state(names)

    def source(self):
        """Return what the group shall launch from, as options of amazon.aws.autoscaling_group; a template to come has no id."""
        target = self.launch_target()
        if not self.application.launches_from_template:
            return {"launch_config_name": target.name}
        state = self.launch_state()
        after = launch_template_plan.predict(target, state, launch_template_plan.plan(target, state)).template
        identity = after.identity.get("LaunchTemplateId")
        name = {"launch_template_id": identity} if identity else {"launch_template_name": target.name}
        return {"launch_template": {**name, "version": str(after.latest_version)}}

    def group(self):
        """Return the group with the keys of ``auto_scaling_group.py``, empty where there is none."""
        found = self._observation.groups.get(self.application.group_name)
        return auto_scaling_group.from_api(found) if found else {}

    def group_options(self):
        """Return what the group shall be, as options of amazon.aws.autoscaling_group."""
        return application_model.group_options(self.application, self.source(), self.group())

    def group_differences(self):
        """Return what differs in the group; () for an application without one."""
        if not self.application.group_name:
            return ()
        options = self.application.options
        return tuple(
            auto_scaling_group.differences(
                self.group_options(),
                self.group(),
                application_model.group_tags(self.application),
                options["group_propagate_tags"],
                options["purge_tags"],
            )
        )

    def needs_refresh(self):
        """Tell whether instances have to be replaced: the role does that, and has the group launch from something else then."""
        if not (self.application.options["refresh"] and self._former):
            return False
        moves = any(each["field"] in ("launch_config_name", "launch_template") for each in self.group_differences())
        return moves or bool(instance_refresh.outdated(self._former))

    def role_differences(self):
        """Return what differs in the role, and what in its inline policies."""
        target, detail = self.role_target(), self.role()
        return application_role.differences(target, detail), application_role.inline_differences(target, detail)

    def leaves(self):
        """Return the launch configuration and the launch template of the application that its group is about to leave, each or None."""
        options, group = self.application.options, self._observation.groups.get(self.application.group_name) or {}
        source = self.source() if group else {}
        configuration = group.get("LaunchConfigurationName")
        target = self.launch_target()
        prunes = self.application.launches_from_template or (target.prune is not None and target.prune.keep == 0)
        sibling = prunes and configuration in self._index.siblings(options["launch_configuration_name_prefix"])
        fixed = self.application.launches_from_template and configuration == options.get("launch_configuration_name")
        ours = configuration and configuration != source.get("launch_config_name") and (sibling or fixed)
        template = (group.get("LaunchTemplate") or {}).get("LaunchTemplateName")
        leaves = not self.application.launches_from_template and template == options["launch_template_name"]
        return configuration if ours else None, template if leaves else None

    def _plan_instance_profile(self):
        return instance_profile.plan(self.application.profile, self.profile_state())

    def _plan_launch_settings(self):
        target = self.launch_target()
        if target is None:
            return Plan()
        plan = launch_template_plan.plan if self.application.launches_from_template else launch_configuration_plan.plan
        planned = plan(target, self.launch_state())
        return replace(planned, calls=tuple(self._with_known_needs(call) for call in planned.calls))

    def _plan_auto_scaling_group(self):
        """Return the call that has an existing group launch from something else, and changes nothing else of it."""
        if not self.group() or self.needs_refresh():
            return Plan()
        if not any(each["field"] in ("launch_config_name", "launch_template") for each in self.group_differences()):
            return Plan()
        source = self.source()
        arguments = {"AutoScalingGroupName": self.application.group_name}
        if "launch_config_name" in source:
            arguments["LaunchConfigurationName"] = source["launch_config_name"]
        else:
            template = source["launch_template"]
            # A template that check mode knows of has no id yet.
            identity = {"LaunchTemplateId": template.get("launch_template_id", ""), "Version": template["version"]}
            arguments["LaunchTemplate"] = identity
        subject = f"Auto Scaling group '{self.application.group_name}'"
        return Plan((Call("autoscaling", "update_auto_scaling_group", subject, arguments),))

    def _plan_clean_up(self):
        """Return the calls that remove what the group has left: versions, launch configurations or the template."""
        target = self.launch_target()
        if target is None or self.needs_refresh() or self._waits_for_group():
            return Plan()
        if not self.application.launches_from_template:
            planned = launch_configuration_plan.plan(target, self.launch_state())
            return Plan((*planned.calls, *self._left_template()))
        state = self.launch_state()
        calls = self._left_configurations()
        template = state.template
        if template is not None and template.default_version != template.latest_version:
            keep = (self.application.options.get("launch_template_prune") or {}).get("keep")
            calls += launch_template_plan.plan(replace(target, default_version="latest", keep=keep), state).calls
        return Plan(calls)

    def _waits_for_group(self):
        """Tell whether the group still launches from something else."""
        return bool(self.group()) and bool(self._plan_auto_scaling_group().calls)

    def _left_configurations(self):
        """Return the calls that remove launch configurations of the application that no group names any more."""
        if not self._observation.has_all_groups:
            return ()
        names = list(self._index.siblings(self.application.options["launch_configuration_name_prefix"]))
        left = (self._former or {}).get("LaunchConfigurationName")
        if left and left == self.application.options.get("launch_configuration_name"):
            names.append(left)
        state = self._configuration_state(names)
        unused = {
            name: each
            for name, each in state.configurations.items()
            if not state.groups.get(name) and self._hands_out_profile(each.settings)
        }
        gone = launch_configuration.Target(None, present=False)
        return launch_configuration_plan.plan(gone, replace(state, configurations=unused)).calls

    def _hands_out_profile(self, settings):
        """Tell whether settings name the application's instance profile: others of such a name are somebody else's."""
        return settings.instance_profile_name.rpartition("/")[2] == self.application.profile.name

    def _left_template(self):
        """Return the call that removes the application's launch template, if its group named it and no group does any more."""
        name = self.application.options["launch_template_name"]
        left = ((self._former or {}).get("LaunchTemplate") or {}).get("LaunchTemplateName")
        state = self._template_state(name)
        if left != name or state.template is None or state.groups is None or state.groups:
            return ()
        return launch_template_plan.plan(launch_template.Target(name, present=False), state).calls

    def _configuration_state(self, names):
        known = self._observation.launch_configurations
        configurations = {name: launch_configuration.from_api(known[name]) for name in names if name in known}
        groups = self._index.groups_by_launch_configuration if self._observation.has_all_groups else None
        return launch_configuration.State(configurations, groups, self._observation.now)

    def _template_state(self, name):
        found = self._observation.templates.get(name)
        if found is None:
            return launch_template.State(None)
        template = launch_template.from_api(*found)
        groups = self._index.groups_by_template(found[0]) if self._observation.has_all_groups else None
        versions = self._observation.template_versions.get(template.identity["LaunchTemplateId"], ())
        return launch_template.State(template, versions, groups)

    def _with_known_needs(self, call):
        """Return the call with what is known of the profile that it needs, so that nobody has to look again."""
        found = self._observation.profile(self.application.profile.name)
        met = True if found and found["Roles"] else None
        return replace(call, needs=tuple(replace(need, satisfied=met) for need in call.needs))
