# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The outdated instances of an Auto Scaling group, and the call that starts the instance refresh to replace them. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Optional, Tuple

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ..core.errors import InvalidOption, MissingReference, SourceChanged, StillInUse
from ..core.plan import Call, Plan
from ..find.launch_template_specifications import launch_templates_of
from . import group as auto_scaling_group
from . import group_plan
from .group import is_protected, is_standby, subject

PROTECTED, STANDBY = "ScaleInProtectedInstances", "StandbyInstances"
ACTIVE = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")
# Preference -> its option, and which instances it is about.
_EXCEPTIONS = {
    PROTECTED: ("scale_in_protected_instances", is_protected),
    STANDBY: ("standby_instances", is_standby),
}


@dataclass(frozen=True)
class Target:
    """What a task asks for.

    :param group: the group's name.
    :param specification: id and version of the launch template, with the API's keys; ``None`` for what the group names.
    :param preferences: with the API's keys.
    :param expected: what the caller saw the group launch from, as ``group.source_of()`` returns it; None for anything.
    :param back_to: the launch configuration that the group returns to before the refresh to its own template begins, so
        that Auto Scaling can roll back to it; None to leave the group as it is.
    """

    group: str
    specification: Optional[Mapping[str, str]]
    preferences: Mapping[str, Any]
    expected: Optional[Mapping[str, Any]] = None
    back_to: Optional[str] = None


@dataclass(frozen=True)
class State:
    """What was read from Auto Scaling.

    :param group: as the API returns it; ``None`` if it does not exist.
    :param newest: its newest instance refresh as the API returns it, or ``None``.
    :param started: whether the newest one was started after the first read.
    :param numbers: see :func:`version_numbers`.
    """

    group: Optional[Mapping[str, Any]]
    newest: Optional[Mapping[str, Any]] = None
    started: bool = False
    numbers: Mapping[Tuple[str, str], str] = field(default_factory=dict)


def plan(target, state):
    """Return the call that replaces outdated instances, or that sets the launch template of a group without instances.

    :raises MissingReference: the group does not exist.
    :raises StillInUse: an instance refresh to another launch template is in progress.
    :raises SourceChanged: the group does not launch from what the caller saw any more.
    :raises InvalidOption: Auto Scaling refuses the options for this group.
    """
    name, group, wanted = subject(target.group), state.group, target.specification
    if group is None:
        raise MissingReference(f"group: {name} does not exist in this Region. No changes were made.")
    if is_active(state.newest):
        if wanted is not None and launch_template_of(state.newest.get("DesiredConfiguration") or {}) != wanted:
            raise StillInUse(
                f"Instance refresh {state.newest['InstanceRefreshId']} of group '{target.group}' to another launch "
                "template is in progress. Wait for its end, or cancel it with amazon.aws.autoscaling_instance_refresh "
                "and state=cancelled. No changes were made."
            )
        return Plan()
    # The caller reports the result of one that was started and has ended. Another one would end in the same way.
    if state.started:
        return Plan()
    if wanted is not None and group.get("MixedInstancesPolicy"):
        raise InvalidOption(
            f"launch_template_id: {name} has a mixed instances policy, which would be lost. "
            "Remove launch_template_id, and set the template in the policy. No changes were made."
        )
    moves = wanted is not None and launch_template_of(group) != wanted
    _check_expected(target, group)
    if not moves and not outdated(group, numbers=state.numbers, preferences=target.preferences):
        return Plan()
    if not staying(group):
        return Plan((group_plan.set_source(target.group, {"LaunchTemplate": wanted}),))
    back: tuple[Call, ...] = ()
    if target.back_to is not None and not moves:
        source = {"LaunchConfigurationName": target.back_to}
        undo = group_plan.set_source(target.group, {"LaunchTemplate": wanted})
        back, group = (replace(group_plan.set_source(target.group, source), undo=undo),), {**group, **source}
        group.pop("LaunchTemplate", None)
    arguments = {"AutoScalingGroupName": target.group, **_refresh_arguments(target, group)}
    return Plan((*back, Call("autoscaling", "start_instance_refresh", name, arguments)))


def _check_expected(target, group):
    """Check that the group launches from what the caller saw, or already from what it asks for.

    :raises SourceChanged: another run set it to something else.
    """
    source = auto_scaling_group.source_of(group)
    others = [
        {"LaunchTemplate": target.specification} if target.specification else None,
        {"LaunchConfigurationName": target.back_to} if target.back_to else None,
    ]
    if target.expected is not None and not any(
        auto_scaling_group.is_same_source(source, each) for each in (target.expected, *others) if each is not None
    ):
        raise SourceChanged(auto_scaling_group.source_changed(target.group, target.expected, source))


def outdated(group, specification=None, numbers=None, preferences=None):
    """Return the ids of the instances that were not launched from what the group names.

    Instances that terminate or leave the group do not count, nor those that a refresh with these preferences ignores.

    :param group: as the API returns it.
    :param specification: launch template and version that count instead of what the group names.
    :param numbers: see :func:`version_numbers`. All versions of a template without a number here count as current.
    :param preferences: of the instance refresh, with the API's keys.
    """
    return tuple(
        instance["InstanceId"]
        for instance in staying(group)
        if not any(
            (preferences or {}).get(preference) == "Ignore" and applies(instance)
            for preference, (dummy, applies) in _EXCEPTIONS.items()
        )
        and not _is_current(instance, group, specification, numbers or {})
    )


def unnumbered(group):
    """Return the names of the launch templates that a group names by ``$Latest``, ``$Default`` or no version."""
    specifications = (each for each in launch_templates_of(group) if not (each.get("Version") or "").isdigit())
    return tuple(sorted({each["LaunchTemplateName"] for each in specifications}))


def version_numbers(templates):
    """Return (template's id, ``$Latest`` or ``$Default``) -> the version's number as text.

    :param templates: as DescribeLaunchTemplates returns them.
    """
    members = {"$Latest": "LatestVersionNumber", "$Default": "DefaultVersionNumber"}
    return {
        (template["LaunchTemplateId"], version): str(template[member])
        for template in templates
        for version, member in members.items()
    }


def blocking(group, instances, preferences):
    """Return option -> ids of those instances for which a refresh waits until they are treated otherwise.

    Auto Scaling fails the refresh after an hour.
    """
    return {
        option: [each["InstanceId"] for each in staying(group) if each["InstanceId"] in instances and applies(each)]
        for preference, (option, applies) in _EXCEPTIONS.items()
        if preferences.get(preference, "Wait") == "Wait"
    }


def launch_template_of(holder):
    """Return id and version of the launch template of a group, instance or desired configuration; ``None`` for none.

    Of a mixed instances policy, this is the template that overrides do not replace.
    """
    policy = ((holder.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}).get("LaunchTemplateSpecification")
    template = holder.get("LaunchTemplate") or policy or {}
    return {"LaunchTemplateId": template.get("LaunchTemplateId"), "Version": template.get("Version")}


def is_active(refresh):
    """Return whether a refresh, as the API returns it, is in progress."""
    return refresh is not None and refresh["Status"] in ACTIVE


def is_active_in_results(refresh):
    """Return whether a refresh, as :func:`render` returns it, is in progress."""
    return refresh.get("status") in ACTIVE


def render(refresh):
    """Return a refresh for results: keys in snake case, times in ISO 8601. Empty for ``None``."""
    return {
        key: value.isoformat() if hasattr(value, "isoformat") else value
        for key, value in camel_dict_to_snake_dict(dict(refresh or {})).items()
        if key != "progress_details"
    }


def diffable(group, instances):
    """Return what a difference shows of a group: what it launches from, and its outdated instances."""
    template = launch_template_of(group)
    return {
        "launch_configuration": group.get("LaunchConfigurationName") or "",
        "launch_template_id": template["LaunchTemplateId"] or "",
        "launch_template_version": template["Version"] or "",
        "outdated_instances": list(instances),
    }


def _refresh_arguments(target, group):
    preferences, version = dict(target.preferences), launch_template_of(group)["Version"]
    if preferences.get("AutoRollback") and version is not None and not version.isdigit():
        raise InvalidOption(
            f"auto_rollback: {subject(target.group)} names version {version} of its launch template, and Auto Scaling "
            "rolls back to numbered versions only. Set the group to the version's number, or set auto_rollback=false. "
            "No changes were made."
        )
    # Auto Scaling compares launch templates, and replaces all instances of a launch configuration.
    if target.specification is not None or not group.get("LaunchConfigurationName"):
        preferences.setdefault("SkipMatching", True)
    elif preferences.get("SkipMatching"):
        raise InvalidOption(
            f"skip_matching: {subject(target.group)} uses a launch configuration, and Auto Scaling matches launch "
            "templates only. Remove skip_matching. No changes were made."
        )
    if target.specification is None:
        return {"Preferences": preferences}
    return {"Preferences": preferences, "DesiredConfiguration": {"LaunchTemplate": dict(target.specification)}}


def staying(group):
    """Return the instances that neither terminate nor leave the group."""
    return [
        each
        for each in group.get("Instances") or ()
        if not each.get("LifecycleState", "").startswith(("Terminat", "Detach"))
    ]


def _named(group, instance):
    """Return the launch template specifications from which the group can launch instances of this one's type."""
    policy = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    specifications = [
        override.get("LaunchTemplateSpecification") or policy.get("LaunchTemplateSpecification")
        for override in policy.get("Overrides") or ()
        if override.get("InstanceType") in (None, instance.get("InstanceType"))
    ]
    return specifications or [launch_template_of(group)]


def _is_current(instance, group, specification, numbers):
    if not specification and group.get("LaunchConfigurationName"):
        return instance.get("LaunchConfigurationName") == group["LaunchConfigurationName"]
    launched = launch_template_of(instance)
    for each in [specification] if specification else _named(group, instance):
        version = each.get("Version") or "$Default"
        number = version if version.isdigit() else numbers.get((each["LaunchTemplateId"], version), launched["Version"])
        if launched == {"LaunchTemplateId": each["LaunchTemplateId"], "Version": number}:
            return True
    return False
