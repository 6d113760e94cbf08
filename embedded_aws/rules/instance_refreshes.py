# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instance refreshes, which moto does not know."""

from __future__ import annotations

from typing import Any

from ..group_launching import source_of, source_of_group
from ..instance_refresh import ACTIVE, Refresh, active_refresh, refreshes_of
from ..registry import answers, refuses
from ..strict import Call
from .group_sources import template_specifications
from .launch_configurations import page_of

API = "botocore's autoscaling service model"


def _group(call: Call) -> Any:
    return call.autoscaling.autoscaling_groups.get(call.params["AutoScalingGroupName"])


@refuses(
    "autoscaling", "StartInstanceRefresh", when="a refresh of the group is active", code="InstanceRefreshInProgress",
    text="An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
    source="InstanceRefreshInProgressFault in " + API + "; the integration suite of amazon.aws asserts the text",
)  # fmt: skip
def refresh_in_progress(call: Call) -> Any:
    return {} if active_refresh(_group(call)) else None


@refuses(
    "autoscaling", "UpdateAutoScalingGroup", code="InstanceRefreshInProgress",
    when="the launch settings are changed while a refresh with a desired configuration is active",
    text="An active instance refresh with a desired configuration exists. All configuration options derived from the desired "
    "configuration are not available for update while the instance refresh is active.",
    source="DesiredConfiguration of StartInstanceRefresh in " + API + "; EC2 Auto Scaling user guide, 'Instance refresh': "
    "code and wording unverified",
)  # fmt: skip
def update_during_refresh(call: Call) -> Any:
    changed = {"LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy"} & set(call.params)
    group = _group(call)
    active = active_refresh(group) if group and changed else None
    return {} if active and active.desired else None


@refuses(
    "autoscaling", "CancelInstanceRefresh", "RollbackInstanceRefresh", when="no refresh of the group is active",
    code="ActiveInstanceRefreshNotFound",
    text="No in progress, baking, pending, or cancelling Instance Refresh found for Auto Scaling group {name}",
    source="ActiveInstanceRefreshNotFoundFault in " + API + "; the integration suite of amazon.aws asserts the text against live "
    "AWS for CancelInstanceRefresh; for RollbackInstanceRefresh it is unverified",
)  # fmt: skip
def no_active_refresh(call: Call) -> Any:
    return None if active_refresh(_group(call)) else {"name": call.params["AutoScalingGroupName"]}


def _irreversible(desired: dict[str, Any] | None, group: Any) -> bool:
    """A rollback needs a desired configuration, and versions that are numbers on both sides."""
    versions = [str(wanted.get("Version") or "$Default") for wanted in template_specifications(desired or {})]
    if not versions:
        return True
    if group.ec2_launch_template is not None:
        versions.append(str(group.launch_template_version))
    return any(version in ("$Latest", "$Default") for version in versions)


@refuses(
    "autoscaling", "RollbackInstanceRefresh", code="IrreversibleInstanceRefresh",
    when="there was no desired configuration, or a version is $Latest or $Default",
    text="The request failed because a desired configuration was not found or an incompatible launch template or launch template "
    "version ($Latest or $Default) is present on the Auto Scaling group.",
    source="IrreversibleInstanceRefreshFault in " + API,
)  # fmt: skip
def refresh_is_irreversible(call: Call) -> Any:
    active = active_refresh(_group(call))
    return {} if active and _irreversible(active.desired, active.group) else None


@refuses(
    "autoscaling", "StartInstanceRefresh", when="AutoRollback is asked for where a rollback can't be", code="ValidationError",
    text="AutoRollback cannot be enabled: specify a desired configuration, and launch template versions other than $Latest and "
    "$Default.",
    source="AutoRollback of RefreshPreferences in " + API + "; wording unverified",
)  # fmt: skip
def auto_rollback_needs_versions(call: Call) -> Any:
    wanted = (call.params.get("Preferences") or {}).get("AutoRollback")
    return {} if wanted and _irreversible(call.params.get("DesiredConfiguration"), _group(call)) else None


@refuses(
    "autoscaling", "StartInstanceRefresh", when="MaxHealthyPercentage comes without, or over 100 above, MinHealthyPercentage",
    code="ValidationError", text="{what}",
    source="MaxHealthyPercentage of RefreshPreferences in " + API + "; wording unverified",
)  # fmt: skip
def refresh_percentages(call: Call) -> Any:
    preferences = call.params.get("Preferences") or {}
    most, least = preferences.get("MaxHealthyPercentage"), preferences.get("MinHealthyPercentage")
    if most is None:
        return None
    if least is None:
        return {"what": "You must specify MinHealthyPercentage when you specify MaxHealthyPercentage."}
    too_far = most - least > 100
    return (
        {"what": "The difference between MaxHealthyPercentage and MinHealthyPercentage cannot exceed 100."}
        if too_far
        else None
    )


@refuses(
    "autoscaling", "StartInstanceRefresh", code="ValidationError", text="{what}",
    when="checkpoints are not in ascending order and unique, or CheckpointDelay comes without them",
    source="CheckpointPercentages and CheckpointDelay of RefreshPreferences in " + API + "; wording unverified",
)  # fmt: skip
def refresh_checkpoints(call: Call) -> Any:
    preferences = call.params.get("Preferences") or {}
    percentages = preferences.get("CheckpointPercentages") or []
    if percentages != sorted(set(percentages)):
        return {"what": "CheckpointPercentages must be unique and in ascending order."}
    if preferences.get("CheckpointDelay") is not None and not percentages:
        return {"what": "You must specify CheckpointPercentages when you specify CheckpointDelay."}
    return None


@answers(
    "autoscaling", "StartInstanceRefresh",
    when="instances are replaced step by step and MinHealthyPercentage is kept, except in a group of one",
    source="StartInstanceRefresh in " + API + "; EC2 Auto Scaling user guide, 'How an instance refresh works'",
)  # fmt: skip
def start_instance_refresh(call: Call, moto_method: Any) -> dict[str, Any]:
    group = _group(call)
    before = after = source_of_group(group)
    desired = call.params.get("DesiredConfiguration")
    if desired and (policy := desired.get("MixedInstancesPolicy")):
        after = source_of(call.ec2, policy["LaunchTemplate"]["LaunchTemplateSpecification"], policy)
    elif desired and (wanted := desired.get("LaunchTemplate")):
        after = source_of(call.ec2, wanted)
        # Moto takes the id or the name of a template, not both.
        identifier = after[1]["LaunchTemplate"]["LaunchTemplateId"]
        wanted = {"LaunchTemplateId": identifier, **({"Version": wanted["Version"]} if wanted.get("Version") else {})}
        desired = {**desired, "LaunchTemplate": wanted}
    refresh = Refresh(group, dict(call.params.get("Preferences") or {}), desired, before, after)
    refresh.begin()
    refreshes_of(group).insert(0, refresh)
    ACTIVE.append(refresh)
    return {"InstanceRefreshId": refresh.id}


@answers("autoscaling", "DescribeInstanceRefreshes", when="always", source="DescribeInstanceRefreshes in " + API)
def describe_instance_refreshes(call: Call, moto_method: Any) -> dict[str, Any]:
    wanted = call.params.get("InstanceRefreshIds")
    found = [refresh for refresh in refreshes_of(_group(call)) if not wanted or refresh.id in wanted]
    page, token = page_of(call, found)
    return {"InstanceRefreshes": [refresh.describe() for refresh in page], "NextToken": token}


@answers(
    "autoscaling", "CancelInstanceRefresh", when="what is being replaced is finished first, and nothing is undone",
    source="CancelInstanceRefresh in " + API,
)  # fmt: skip
def cancel_instance_refresh(call: Call, moto_method: Any) -> dict[str, Any]:
    active = active_refresh(_group(call))
    assert active is not None
    active.status, active.reason = "Cancelling", "Cancelled due to user request."
    return {"InstanceRefreshId": active.id}


@answers(
    "autoscaling", "RollbackInstanceRefresh", when="replaced instances are replaced by what was there before",
    source="RollbackInstanceRefresh in " + API,
)  # fmt: skip
def rollback_instance_refresh(call: Call, moto_method: Any) -> dict[str, Any]:
    active = active_refresh(_group(call))
    assert active is not None
    active.roll_back("Rollback was initiated by a user request.")
    return {"InstanceRefreshId": active.id}
