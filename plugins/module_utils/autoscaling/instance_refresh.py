# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Replacing a group's instances step by step: what a task asks for, what Auto Scaling does, and the call that starts it. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/asg-instance-refresh.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Mapping, Optional

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    InvalidOption,
    MissingReference,
    StillInUse,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan

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
    """

    group: Optional[Mapping[str, Any]]
    newest: Optional[Mapping[str, Any]] = None
    started: bool = False


def from_params(params):
    """Return the target that a module's parameters ask for.

    :raises InvalidOption: a percentage or number that AWS refuses.
    """
    if not 0 <= params["min_healthy_percentage"] <= 100:
        raise InvalidOption(
            f"min_healthy_percentage: {params['min_healthy_percentage']} is out of range; AWS takes 0 to 100."
        )
    if params["max_healthy_percentage"] is not None:
        _check_largest(params["max_healthy_percentage"], params["min_healthy_percentage"])
    if params["instance_warmup"] is not None and params["instance_warmup"] < 0:
        raise InvalidOption(
            f"instance_warmup: {params['instance_warmup']} is negative. Give the seconds that an instance needs to warm up."
        )
    version = params["launch_template_version"]
    if version is not None and not version.isdigit():
        raise InvalidOption(
            f"launch_template_version: '{version}' is not a number. Auto Scaling rolls back to numbered versions only, so name one by number."
        )
    specification = None
    if params["launch_template_id"] is not None:
        specification = {"LaunchTemplateId": params["launch_template_id"], "Version": version}
    preferences = {"MinHealthyPercentage": params["min_healthy_percentage"]}
    if params["max_healthy_percentage"] is not None:
        preferences["MaxHealthyPercentage"] = params["max_healthy_percentage"]
    if params["instance_warmup"] is not None:
        preferences["InstanceWarmup"] = params["instance_warmup"]
    if specification is not None:
        # Auto Scaling rolls back only where it is told what to launch.
        preferences["AutoRollback"] = params["auto_rollback"]
    return Target(params["group"], specification, preferences)


def plan(target, state):
    """Return the call that has the instances replaced, where any needs to be.

    :raises MissingReference: there is no such group.
    :raises StillInUse: another refresh of the group is under way.
    """
    if state.group is None:
        raise MissingReference(
            f"group: there is no Auto Scaling group '{target.group}' in this Region. Nothing was changed."
        )
    if is_active(state.newest):
        if target.specification is not None and _desired(state.newest) != target.specification:
            raise StillInUse(
                f"group: an instance refresh of '{target.group}' to something else is under way ({state.newest['InstanceRefreshId']}). Wait for "
                "its end, or cancel it with amazon.aws.autoscaling_instance_refresh and state=cancelled. Nothing was changed."
            )
        return Plan()
    if state.started:
        # It has ended already. Whether well or not is for whoever waits for it; another one would help neither way.
        return Plan()
    if target.specification is not None and state.group.get("MixedInstancesPolicy"):
        raise InvalidOption(
            f"launch_template_id: Auto Scaling group '{target.group}' has a mixed instances policy, which this would replace. Change the template in "
            "the policy instead, and leave launch_template_id out here. Nothing was changed."
        )
    repointed = target.specification is not None and launch_template_of(state.group) != target.specification
    if not repointed and not outdated(state.group):
        return Plan()
    subject = f"Auto Scaling group '{target.group}'"
    arguments = {"AutoScalingGroupName": target.group}
    if not state.group.get("Instances"):
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
        # Auto Scaling compares launch templates, and replaces all instances where a launch configuration is what they shall have.
        arguments["Preferences"]["SkipMatching"] = True
    if target.specification is not None:
        arguments["DesiredConfiguration"] = {"LaunchTemplate": dict(target.specification)}
    return Plan((Call("autoscaling", "start_instance_refresh", subject, arguments),))


def outdated(group, specification=None):
    """Return the ids of the instances that were not launched from what the group names, as far as versions are numbers.

    Where a group names ``$Latest`` or ``$Default``, all versions of the template count as current.

    :param group: as the API gives it.
    :param specification: the launch template and version that count instead of what the group names, see :func:`launch_template_of`.
    """
    configuration = None if specification else group.get("LaunchConfigurationName")
    named = specification or launch_template_of(group)
    return tuple(
        each["InstanceId"] for each in group.get("Instances") or () if not _is_current(each, configuration, named)
    )


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


def _check_largest(largest, smallest):
    if not 100 <= largest <= 200:
        raise InvalidOption(f"max_healthy_percentage: {largest} is out of range; AWS takes 100 to 200.")
    if largest - smallest > 100:
        raise InvalidOption(
            f"max_healthy_percentage: {largest} is more than 100 above min_healthy_percentage, which is {smallest}; AWS takes no more. Lower it."
        )


def _check_rollback(target, group):
    version = launch_template_of(group)["Version"]
    if (target.preferences or {}).get("AutoRollback") and version is not None and not version.isdigit():
        raise InvalidOption(
            f"auto_rollback: Auto Scaling group '{target.group}' names version {version} of its launch template, and Auto Scaling rolls back to "
            "numbered versions only. Have the group name its present version by number first, or use auto_rollback=false. Nothing was changed."
        )


def _desired(refresh):
    return launch_template_of(refresh.get("DesiredConfiguration") or {})


def _is_current(instance, configuration, named):
    if configuration:
        return instance.get("LaunchConfigurationName") == configuration
    launched = launch_template_of(instance)
    if not (named["Version"] or "").isdigit():
        return launched["LaunchTemplateId"] == named["LaunchTemplateId"]
    return launched == named
