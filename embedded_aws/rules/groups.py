# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Auto Scaling groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup

from .. import group_launching
from ..registry import amends, answers, corrects, refuses
from ..strict import Call
from .launch_configurations import page_of

API = "botocore's autoscaling service model"
CREATE = "CreateAutoScalingGroup"
UPDATE = "UpdateAutoScalingGroup"


@refuses(
    "autoscaling", CREATE, when="a group of that name exists", code="AlreadyExists",
    text="AutoScalingGroup by this name already exists - A group with the name {name} already exists",
    source="AlreadyExistsFault in " + API,
)  # fmt: skip
def group_name_taken(call: Call) -> Any:
    name = call.params["AutoScalingGroupName"]
    return {"name": name} if name in call.autoscaling.autoscaling_groups else None


@refuses(
    "autoscaling", "SetDesiredCapacity", "SuspendProcesses", "ResumeProcesses", "StartInstanceRefresh", "CancelInstanceRefresh",
    "RollbackInstanceRefresh", "DescribeInstanceRefreshes", "AttachInstances", "DetachInstances", "EnterStandby", "ExitStandby",
    "CreateOrUpdateTags", "EnableMetricsCollection", "DisableMetricsCollection", code="ValidationError", when="the group does not exist",
    text="AutoScalingGroup name not found - AutoScalingGroup {name} not found",
    source="the integration suite of amazon.aws (autoscaling_instance_refresh) asserts it against live AWS",
)  # fmt: skip
def group_missing(call: Call) -> Any:
    names = [tag.get("ResourceId") for tag in call.params.get("Tags") or []] or [
        call.params.get("AutoScalingGroupName")
    ]
    return next(({"name": name} for name in names if name not in call.autoscaling.autoscaling_groups), None)


@refuses(
    "autoscaling", CREATE, UPDATE, when="the sizes contradict each other", code="ValidationError",
    text="{what}", source="MinSize, MaxSize and DesiredCapacity in " + API + "; wording unverified",
)  # fmt: skip
def group_sizes(call: Call) -> Any:
    group = call.autoscaling.autoscaling_groups.get(call.params["AutoScalingGroupName"])
    least = call.params.get("MinSize", group.min_size if group else 0)
    most = call.params.get("MaxSize", group.max_size if group else 0)
    desired = call.params.get("DesiredCapacity")
    if least > most:
        return {"what": f"Max bound, {most}, must be greater than or equal to min bound, {least}"}
    if desired is not None and not least <= desired <= most:
        return {
            "what": f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
        }
    return None


@refuses(
    "autoscaling", "DeleteAutoScalingGroup", when="it has instances and ForceDelete is not given", code="ResourceInUse",
    text="You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
    source="ResourceInUseFault and ForceDelete in " + API + "; text as terraform-provider-aws's reports quote it",
)  # fmt: skip
def group_has_instances(call: Call) -> Any:
    group = call.autoscaling.autoscaling_groups.get(call.params["AutoScalingGroupName"])
    return {} if group and group.instance_states and not call.params.get("ForceDelete") else None


@corrects(
    FakeAutoScalingGroup, "replace_autoscaling_group_instances",
    when="instances are launched with everything that the launch configuration or template says",
    source="EC2 Auto Scaling user guide, 'Launch templates' and 'Launch configurations'",
)  # fmt: skip
def group_launches(
    moto_method: Callable[..., Any], group: Any, count_needed: int, propagated_tags: dict[str, str]
) -> None:
    group_launching.launch_for_group(group, count_needed, propagated_tags)


@corrects(
    FakeAutoScalingGroup, "set_desired_capacity", when="the oldest instances go first when a group shrinks, and the order stays",
    source="EC2 Auto Scaling user guide, 'Default termination policy': the oldest launch settings first",
)  # fmt: skip
def group_shrinks_in_order(moto_method: Callable[..., Any], group: Any, new_capacity: int | None) -> None:
    order = {id(state): position for position, state in enumerate(group.instance_states)}
    moto_method(new_capacity)
    group.instance_states.sort(key=lambda state: order.get(id(state), len(order)))


@answers(
    "autoscaling", "DescribeTags", when="pages have a token", source="MaxRecords and NextToken of DescribeTags in " + API,
)  # fmt: skip
def describe_tags(call: Call, moto_method: Any) -> dict[str, Any]:
    page, token = page_of(call, call.autoscaling.describe_tags(call.params.get("Filters") or []))
    return {"Tags": page, "NextToken": token}


@answers(
    "autoscaling", "DisableMetricsCollection", when="moto can only enable metrics",
    source="DisableMetricsCollection in " + API + ": without Metrics, all are disabled",
)  # fmt: skip
def disable_metrics_collection(call: Call, moto_method: Any) -> None:
    group = call.autoscaling.autoscaling_groups[call.params["AutoScalingGroupName"]]
    disabled = call.params.get("Metrics") or group.metrics
    group.metrics = [metric for metric in group.metrics if metric not in disabled]


@amends(
    "autoscaling", UPDATE, when="moto leaves cooldown, termination policies, placement group and capacity rebalancing as they were",
    source="UpdateAutoScalingGroup in " + API,
)  # fmt: skip
def update_all_that_is_given(call: Call, result: Any) -> None:
    group = call.autoscaling.autoscaling_groups[call.params["AutoScalingGroupName"]]
    fields = {
        "DefaultCooldown": "default_cooldown", "TerminationPolicies": "termination_policies", "PlacementGroup": "placement_group",
        "CapacityRebalance": "capacity_rebalance", "MaxInstanceLifetime": "max_instance_lifetime",
    }  # fmt: skip
    for name, attribute in fields.items():
        if call.params.get(name) is not None:
            setattr(group, attribute, call.params[name])


@answers(
    "autoscaling", "DescribeAutoScalingGroups", when="pages have a token that outlives deletions",
    source="MaxRecords and NextToken of DescribeAutoScalingGroups in " + API,
)  # fmt: skip
def describe_groups(call: Call, moto_method: Any) -> dict[str, Any]:
    names, filters = call.params.get("AutoScalingGroupNames") or [], call.params.get("Filters") or []
    found = call.autoscaling.describe_auto_scaling_groups(names, filters=filters)
    page, token = page_of(call, found, key=lambda group: group.name)
    return {"AutoScalingGroups": page, "NextToken": token}
