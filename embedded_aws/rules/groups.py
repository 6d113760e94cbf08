# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Auto Scaling groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup

from ..launching import launch_for_group
from ..registry import corrects, refuses
from ..strict import Call
from . import references

API = "botocore's autoscaling service model"
CREATE = "CreateAutoScalingGroup"
UPDATE = "UpdateAutoScalingGroup"

# A group that was made without a launch configuration has no such attribute in moto.
FakeAutoScalingGroup.launch_configuration_name = None  # type: ignore[assignment]


@refuses(
    "autoscaling", CREATE, when="a group of that name exists", code="AlreadyExists",
    text="AutoScalingGroup by this name already exists - A group with the name {name} already exists",
    source="AlreadyExistsFault in " + API,
)  # fmt: skip
def group_name_taken(call: Call) -> Any:
    name = call.params["AutoScalingGroupName"]
    return {"name": name} if name in call.autoscaling.autoscaling_groups else None


@refuses(
    "autoscaling", CREATE, UPDATE, when="the launch configuration does not exist", code="ValidationError",
    text="Launch configuration name not found - Launch configuration {name} not found",
    source="EC2 Auto Scaling API reference, common errors; text as terraform-provider-aws matches it ('not found')",
)  # fmt: skip
def group_launch_configuration(call: Call) -> Any:
    name = call.params.get("LaunchConfigurationName")
    return {"name": name} if name and name not in call.autoscaling.launch_configurations else None


@refuses(
    "autoscaling", CREATE, UPDATE, when="its launch configuration names a profile that does not exist", code="ValidationError",
    text="Value ({profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
    source="terraform-provider-aws, internal/service/autoscaling/group.go: the text it retries on",
)  # fmt: skip
def group_profile(call: Call) -> Any:
    configuration = call.autoscaling.launch_configurations.get(call.params.get("LaunchConfigurationName"))
    profile = configuration.iam_instance_profile if configuration else None
    return {"profile": profile} if references.invalid_profile(call, profile) else None


@corrects(
    FakeAutoScalingGroup, "replace_autoscaling_group_instances",
    when="instances are launched with everything that the launch configuration or template says",
    source="EC2 Auto Scaling user guide, 'Launch templates' and 'Launch configurations'",
)  # fmt: skip
def group_launches(
    moto_method: Callable[..., Any], group: Any, count_needed: int, propagated_tags: dict[str, str]
) -> None:
    launch_for_group(group, count_needed, propagated_tags)
