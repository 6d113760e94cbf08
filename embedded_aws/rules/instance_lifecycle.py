# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instances of Auto Scaling groups: how they come and go, lifecycle hooks, and scaling activities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, TerminateInstanceActivity
from moto.core.exceptions import ServiceException

from .. import group_launching, lifecycle
from ..registry import Refusal, answers, corrects, refuses
from ..strict import Call
from .launch_configurations import page_of

API = "botocore's autoscaling service model"
LIFECYCLE = "EC2 Auto Scaling user guide, 'Amazon EC2 Auto Scaling instance lifecycle'"


@corrects(
    FakeAutoScalingGroup, "replace_autoscaling_group_instances",
    when="instances are launched with everything that the launch configuration or template says, and a failure is an activity",
    source="EC2 Auto Scaling user guide, 'Launch templates', 'Launch configurations' and 'Troubleshoot: EC2 instance launch failures'",
)  # fmt: skip
def group_launches(
    moto_method: Callable[..., Any], group: Any, count_needed: int, propagated_tags: dict[str, str]
) -> None:
    try:
        group_launching.launch_for_group(group, count_needed, propagated_tags)
    except (Refusal, ServiceException) as error:
        lifecycle.launch_failed(group, str(error.message))


@corrects(
    FakeAutoScalingGroup, "active_instances", when="an instance that is coming counts when a group is sized, one that leaves doesn't",
    source=LIFECYCLE,
)  # fmt: skip
def coming_instances_count(moto_method: Callable[..., Any], group: Any) -> list[Any]:
    return [
        state
        for state in group.instance_states
        if state.lifecycle_state == "InService" or state.lifecycle_state.startswith("Pending")
    ]


@corrects(
    FakeAutoScalingGroup, "set_desired_capacity",
    when="the oldest instances that are not protected go first when a group shrinks, those that leave already don't count",
    source="EC2 Auto Scaling user guide, 'Default termination policy': the oldest launch settings first; " + LIFECYCLE,
)  # fmt: skip
def group_shrinks_in_order(moto_method: Callable[..., Any], group: Any, new_capacity: int | None) -> None:
    wanted = group.min_size if new_capacity is None else new_capacity
    active = group.active_instances()
    overrides = ((group.mixed_instances_policy or {}).get("LaunchTemplate") or {}).get("Overrides") or []
    if not any(override.get("WeightedCapacity") for override in overrides):
        dispensable = [state for state in active if not state.protected_from_scale_in]
        for state in dispensable[: max(0, len(active) - (wanted or 0))]:
            lifecycle.terminate(state)
    if len(group.active_instances()) > (wanted or 0):
        # What is left is protected, or weighs more than one.
        group.desired_capacity = wanted
        return
    moto_method(new_capacity)


@corrects(
    AutoScalingBackend, "delete_auto_scaling_group", when="ForceDelete ends protected instances and outstanding lifecycle actions too",
    source="ForceDelete of DeleteAutoScalingGroup in " + API,
)  # fmt: skip
def deleted_group_keeps_nothing(moto_method: Callable[..., Any], backend: Any, group_name: str) -> None:
    group = backend.autoscaling_groups.get(group_name)
    for state in list(group.instance_states) if group else []:
        lifecycle.remove(state)
    moto_method(group_name)


@refuses(
    "autoscaling", "TerminateInstanceInAutoScalingGroup", when="no group has the instance", code="ValidationError",
    text="Instance Id not found - No managed instance found for instance ID {instance}",
    source="EC2 Auto Scaling API reference, common errors; wording unverified",
)  # fmt: skip
def instance_of_no_group(call: Call) -> Any:
    instance = call.params["InstanceId"]
    return None if call.autoscaling.describe_auto_scaling_instances([instance]) else {"instance": instance}


@corrects(
    AutoScalingBackend, "terminate_instance", when="a lifecycle hook keeps an instance in Terminating:Wait",
    source="EC2 Auto Scaling user guide, 'How lifecycle hooks work'; " + LIFECYCLE,
)  # fmt: skip
def termination_waits(moto_method: Callable[..., Any], backend: Any, instance_id: str, should_decrement: bool) -> Any:
    (state,) = backend.describe_auto_scaling_instances([instance_id])
    group = state.auto_scaling_group
    before = group.desired_capacity
    lifecycle.terminate(state)
    group.desired_capacity = before - 1 if should_decrement else before
    group.set_desired_capacity(group.desired_capacity)
    return TerminateInstanceActivity(state.instance, before)


@corrects(
    AutoScalingBackend, "notify_terminate_instances", when="an instance that EC2 terminated is recorded, and replaced",
    source="EC2 Auto Scaling user guide, 'Health checks for instances in an Auto Scaling group'",
)  # fmt: skip
def terminated_instances_are_recorded(moto_method: Callable[..., Any], backend: Any, instance_ids: list[str]) -> None:
    for state in backend.describe_auto_scaling_instances(instance_ids) if instance_ids else []:
        lifecycle.remove(state)
        group = state.auto_scaling_group
        group.set_desired_capacity(group.desired_capacity)


@refuses(
    "autoscaling", "CompleteLifecycleAction", when="no instance of the group waits", code="ValidationError",
    text="No active Lifecycle Action found with instance ID {instance}",
    source="CompleteLifecycleAction in " + API + "; wording unverified",
)  # fmt: skip
def no_lifecycle_action(call: Call) -> Any:
    return None if _waiting(call) else {"instance": call.params.get("InstanceId")}


@answers(
    "autoscaling", "CompleteLifecycleAction", when="the instance goes on, in service or terminated",
    source="CompleteLifecycleAction in " + API + "; tokens are not known here",
)  # fmt: skip
def complete_lifecycle_action(call: Call, moto_method: Any) -> dict[str, Any]:
    lifecycle.complete(_waiting(call), call.params["LifecycleActionResult"])
    return {}


def _waiting(call: Call) -> Any:
    group = call.autoscaling.autoscaling_groups.get(call.params["AutoScalingGroupName"])
    states = group.instance_states if group else []
    instance = call.params.get("InstanceId")
    return next(
        (item for item in states if item.instance_id == instance and item.lifecycle_state.endswith(":Wait")), None
    )


@answers(
    "autoscaling", "DescribeScalingActivities", when="launches and terminations are recorded, and failed launches with their reason",
    source="DescribeScalingActivities in " + API + "; EC2 Auto Scaling user guide, 'Verify a scaling activity for an Auto Scaling "
    "group'; causes are shorter than AWS's",
)  # fmt: skip
def describe_scaling_activities(call: Call, moto_method: Any) -> dict[str, Any]:
    name, wanted = call.params.get("AutoScalingGroupName"), call.params.get("ActivityIds")
    found = [
        activity
        for group, activities in lifecycle.activities_of(call.autoscaling).items()
        if name in (None, group)
        and (call.params.get("IncludeDeletedGroups") or group in call.autoscaling.autoscaling_groups)
        for activity in activities
        if not wanted or activity["ActivityId"] in wanted
    ]
    page, token = page_of(call, sorted(found, key=lambda activity: activity["StartTime"], reverse=True))
    return {"Activities": page, "NextToken": token}
