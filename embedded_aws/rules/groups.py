# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Auto Scaling groups."""

from __future__ import annotations

from typing import Any

from ..registry import amends, answers, refuses
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
    "autoscaling", CREATE, UPDATE,
    when="moto's update leaves cooldown, termination policies, placement group and capacity rebalancing as they were, and no group has a "
    "maximum instance lifetime from the beginning", source="CreateAutoScalingGroup and UpdateAutoScalingGroup in " + API,
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
