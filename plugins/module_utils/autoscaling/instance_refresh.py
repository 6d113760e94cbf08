# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Replacing a group's instances step by step: what a task asks for, what Auto Scaling does, and the call that starts it. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    InvalidOption,
    MissingReference,
    StillInUse,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan
from ansible_collections.launchkit.aws.plugins.module_utils.find.launch_template_specifications import (
    launch_templates_of,
)

PROTECTED, STANDBY = "ScaleInProtectedInstances", "StandbyInstances"
ACTIVE = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")
SUCCESSFUL = "Successful"


@dataclass(frozen=True)
class Target:
    """What a task asks for.

    :param group: the group's name.
    :param specification: the launch template's id and version that the group shall launch from, with the API's keys; None to replace
        what was not launched from what the group names now.
    :param preferences: with the API's keys.
    """

    group: str
    specification: Optional[Mapping[str, str]] = None
    preferences: Optional[Mapping[str, Any]] = None


@dataclass(frozen=True)
class State:
    """What was read from Auto Scaling.

    :param group: the group as the API gives it, or None.
    :param newest: its newest instance refresh as the API gives it, or None.
    :param started: whether the newest one has been started since the first look.
    :param numbers: see :func:`version_numbers`.
    """

    group: Optional[Mapping[str, Any]]
    newest: Optional[Mapping[str, Any]] = None
    started: bool = False
    numbers: Mapping[Tuple[str, str], str] = field(default_factory=dict)


def plan(target, state):
    """Return the call that has the instances replaced, where any needs to be.

    :raises MissingReference: there is no such group.
    :raises StillInUse: another refresh of the group is under way.
    """
    if state.group is None:
        raise MissingReference(
            f"group: there is no Auto Scaling group '{target.group}' in this Region. No changes were made."
        )
    if is_active(state.newest):
        if target.specification is not None and _desired(state.newest) != target.specification:
            raise StillInUse(
                f"group: an instance refresh of '{target.group}' to something else is under way ({state.newest['InstanceRefreshId']}). Wait for "
                "its end, or cancel it with amazon.aws.autoscaling_instance_refresh and state=cancelled. No changes were made."
            )
        return Plan()
    if state.started:
        # It has ended already. Its result is reported to the caller; another refresh would not help.
        return Plan()
    if target.specification is not None and state.group.get("MixedInstancesPolicy"):
        raise InvalidOption(
            f"launch_template_id: Auto Scaling group '{target.group}' has a mixed instances policy, which this would replace. Change the template in "
            "the policy instead, and leave launch_template_id out here. No changes were made."
        )
    repointed = target.specification is not None and launch_template_of(state.group) != target.specification
    if not repointed and not outdated(state.group, numbers=state.numbers, preferences=target.preferences):
        return Plan()
    subject = f"Auto Scaling group '{target.group}'"
    arguments = {"AutoScalingGroupName": target.group}
    if not _staying(state.group):
        # There is nothing to replace, so what the next instance is launched from is all that changes.
        return Plan(
            (
                Call(
                    "autoscaling",
                    "update_auto_scaling_group",
                    subject,
                    {**arguments, "LaunchTemplate": target.specification},
                ),
            )
        )
    _check_rollback(target, state.group)
    arguments["Preferences"] = dict(target.preferences or {})
    if target.specification is not None or not state.group.get("LaunchConfigurationName"):
        # Auto Scaling compares launch templates, and replaces all instances of a launch configuration.
        arguments["Preferences"].setdefault("SkipMatching", True)
    elif arguments["Preferences"].get("SkipMatching"):
        raise InvalidOption(
            f"skip_matching: Auto Scaling group '{target.group}' uses a launch configuration, and Auto Scaling matches launch templates "
            "only. Remove skip_matching. No changes were made."
        )
    if target.specification is not None:
        arguments["DesiredConfiguration"] = {"LaunchTemplate": dict(target.specification)}
    return Plan((Call("autoscaling", "start_instance_refresh", subject, arguments),))


def outdated(group, specification=None, numbers=None, preferences=None):
    """Return the ids of the instances that were not launched from what the group names.

    Instances that terminate or leave the group do not count, nor those that a refresh with these preferences ignores.

    :param group: as the API gives it.
    :param specification: the launch template and version that count instead of what the group names, see :func:`launch_template_of`.
    :param numbers: see :func:`version_numbers`. All versions of a template count as current if it has no number here.
    :param preferences: of the instance refresh, with the API's keys.
    """
    configuration = None if specification else group.get("LaunchConfigurationName")
    return tuple(
        each["InstanceId"]
        for each in _staying(group)
        if not _is_ignored(each, preferences or {})
        and not _is_current(
            each, configuration, [specification] if specification else _named(group, each), numbers or {}
        )
    )


def unnumbered(group):
    """Return the names of the launch templates that a group names by ``$Latest``, ``$Default`` or no version."""
    specifications = (each for each in launch_templates_of(group) if not (each.get("Version") or "").isdigit())
    return tuple(sorted({each["LaunchTemplateName"] for each in specifications}))


def version_numbers(templates):
    """Return (template's id, ``$Latest`` or ``$Default``) -> the version's number as text.

    :param templates: as DescribeLaunchTemplates gives them.
    """
    members = {"$Latest": "LatestVersionNumber", "$Default": "DefaultVersionNumber"}
    return {
        (template["LaunchTemplateId"], version): str(template[member])
        for template in templates
        for version, member in members.items()
    }


def blocking(group, instances, preferences):
    """Return which of the instances a refresh waits for: option that changes that -> their ids.

    Auto Scaling fails the refresh after an hour.
    """
    waiting = {
        "scale_in_protected_instances": (PROTECTED, _is_protected),
        "standby_instances": (STANDBY, _is_standby),
    }
    return {
        option: [each["InstanceId"] for each in _staying(group) if each["InstanceId"] in instances and applies(each)]
        for option, (preference, applies) in waiting.items()
        if preferences.get(preference, "Wait") == "Wait"
    }


def launch_template_of(group):
    """Return the id and version of the launch template that a group, an instance or a desired configuration names; None for none.

    A group names it itself or in its mixed instances policy, of which this is the template that overrides do not replace.
    """
    policy = ((group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}).get("LaunchTemplateSpecification")
    template = group.get("LaunchTemplate") or policy or {}
    return {"LaunchTemplateId": template.get("LaunchTemplateId"), "Version": template.get("Version")}


def is_active(refresh):
    """Tell whether a refresh, as the API gives it, is still under way."""
    return refresh is not None and refresh["Status"] in ACTIVE


def render(refresh):
    """Return a refresh as results show it: the API's keys in snake case, and times in ISO 8601. Empty for None."""
    shown = camel_dict_to_snake_dict(dict(refresh or {}))
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in shown.items()
        if key != "progress_details"
    }


def diffable(group, instances):
    """Return what a difference shows of a group: what it launches from, and its outdated instances."""
    named = launch_template_of(group)
    return {
        "launch_configuration": group.get("LaunchConfigurationName") or "",
        "launch_template_id": named["LaunchTemplateId"] or "",
        "launch_template_version": named["Version"] or "",
        "outdated_instances": list(instances),
    }


def _check_rollback(target, group):
    version = launch_template_of(group)["Version"]
    if (target.preferences or {}).get("AutoRollback") and version is not None and not version.isdigit():
        raise InvalidOption(
            f"auto_rollback: Auto Scaling group '{target.group}' names version {version} of its launch template, and Auto Scaling rolls back to "
            "numbered versions only. Have the group name its present version by number first, or use auto_rollback=false. No changes were made."
        )


def _desired(refresh):
    return launch_template_of(refresh.get("DesiredConfiguration") or {})


def _staying(group):
    """Return the instances that neither terminate nor leave the group."""
    return [
        each
        for each in group.get("Instances") or ()
        if not each.get("LifecycleState", "").startswith(("Terminat", "Detach"))
    ]


def _is_protected(instance):
    return bool(instance.get("ProtectedFromScaleIn"))


def _is_standby(instance):
    return instance.get("LifecycleState") in ("Standby", "EnteringStandby")


def _is_ignored(instance, preferences):
    return (preferences.get(PROTECTED) == "Ignore" and _is_protected(instance)) or (
        preferences.get(STANDBY) == "Ignore" and _is_standby(instance)
    )


def _named(group, instance):
    """Return the launch template specifications from which the group can launch instances of this one's type."""
    policy = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    specifications = [
        override.get("LaunchTemplateSpecification") or policy.get("LaunchTemplateSpecification")
        for override in policy.get("Overrides") or ()
        if override.get("InstanceType") in (None, instance.get("InstanceType"))
    ]
    return specifications or [launch_template_of(group)]


def _is_current(instance, configuration, named, numbers):
    if configuration:
        return instance.get("LaunchConfigurationName") == configuration
    launched = launch_template_of(instance)
    for each in named:
        version = each.get("Version") or "$Default"
        number = version if version.isdigit() else numbers.get((each["LaunchTemplateId"], version), launched["Version"])
        if launched == {"LaunchTemplateId": each["LaunchTemplateId"], "Version": number}:
            return True
    return False
