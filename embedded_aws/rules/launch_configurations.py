# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from typing import Any

from ..registry import Refusal, amends, answers, refuses
from ..settings import SETTINGS
from ..strict import Call
from . import references

API = "botocore's autoscaling service model"
CREATE = "CreateLaunchConfiguration"


@refuses(
    "autoscaling", CREATE, when="the setting new_account is on", code="UnsupportedOperation",
    text="The Launch Configuration creation operation is not available in your account. Use launch templates to create "
    "configuration templates for your Auto Scaling groups.",
    source="EC2 Auto Scaling user guide, 'Auto Scaling launch configurations'; quoted in m-chandler/factorio-spot-pricing#30",
)  # fmt: skip
def account_too_new(call: Call) -> Any:
    return {} if SETTINGS.new_account else None


@refuses(
    "autoscaling", CREATE, when="a launch configuration of that name exists", code="AlreadyExists",
    text="Launch Configuration by this name already exists - A launch configuration already exists with the name {name}",
    source="AlreadyExistsFault in " + API,
)  # fmt: skip
def launch_configuration_name_taken(call: Call) -> Any:
    name = call.params["LaunchConfigurationName"]
    return {"name": name} if name in call.autoscaling.launch_configurations else None


@refuses(
    "autoscaling", CREATE, when="there are 200 in the Region (setting launch_configuration_quota)", code="LimitExceeded",
    text="Launch configuration limit exceeded: you may have at most {most} in this Region",
    source="LimitExceededFault in " + API + "; quota in the EC2 Auto Scaling user guide, 'Quotas'; wording unverified",
)  # fmt: skip
def launch_configuration_quota(call: Call) -> Any:
    most = SETTINGS.launch_configuration_quota
    return {"most": most} if len(call.autoscaling.launch_configurations) >= most else None


@refuses(
    "autoscaling", CREATE, when="the image does not exist (a launch configuration takes no SSM parameter)", code="ValidationError",
    text="AMI {image} is invalid: The image id '[{image}]' does not exist",
    source="quoted in benishak/lamp-aws-cloudformation#1",
)  # fmt: skip
def launch_configuration_image(call: Call) -> Any:
    image = call.params.get("ImageId")
    return {"image": image} if image and image not in call.ec2.amis else None


@refuses(
    "autoscaling", CREATE, when="the instance type does not exist", code="ValidationError",
    text="The specified instance type {type} is not valid",
    source="quoted in aws/amazon-ecs-ami#188",
)  # fmt: skip
def launch_configuration_instance_type(call: Call) -> Any:
    given = call.params.get("InstanceType")
    return {"type": given} if references.missing_instance_type(given) else None


@refuses(
    "autoscaling", CREATE, when="the key pair does not exist", code="ValidationError",
    text="The key pair '{key}' does not exist",
    source="quoted in magma/magma#929",
)  # fmt: skip
def launch_configuration_key_pair(call: Call) -> Any:
    key = call.params.get("KeyName")
    return {"key": key} if references.missing_key_pair(call, key) else None


@refuses(
    "autoscaling", CREATE, when="security groups are given partly by name and partly by id", code="ValidationError",
    text="Must use either use group-id or group-name for all the security groups, not both at the same time",
    source="quoted in kubernetes/kops#2109",
)  # fmt: skip
def launch_configuration_mixed_security_groups(call: Call) -> Any:
    kinds = {group.startswith("sg-") for group in call.params.get("SecurityGroups") or []}
    return {} if len(kinds) > 1 else None


@refuses(
    "autoscaling", CREATE, when="a security group does not exist", code="ValidationError",
    text="The security group '{group}' does not exist",
    source="quoted in hashicorp/terraform#11962 for a launch configuration",
)  # fmt: skip
def launch_configuration_security_group(call: Call) -> Any:
    missing = references.missing_security_group(call, call.params.get("SecurityGroups") or [])
    return {"group": missing} if missing else None


@refuses(
    "autoscaling", CREATE, when="the instance profile does not exist, or not for Auto Scaling yet", code="ValidationError",
    text="Invalid IamInstanceProfile: {profile}",
    source="terraform-provider-aws, internal/service/autoscaling/launch_configuration.go: the text it retries on",
)  # fmt: skip
def launch_configuration_profile(call: Call) -> Any:
    profile = call.params.get("IamInstanceProfile")
    return {"profile": profile} if references.invalid_profile(call, profile) else None


@refuses(
    "autoscaling", CREATE, when="the profile holds no role and the setting refuse_empty_profiles is on", code="ValidationError",
    text="You are not authorized to perform this operation",
    source="terraform-provider-aws retries on this text; that an empty profile brings it about is unverified, so it is a setting",
)  # fmt: skip
def launch_configuration_empty_profile(call: Call) -> Any:
    profile = call.params.get("IamInstanceProfile")
    if not profile or not SETTINGS.refuse_empty_profiles:
        return None
    return None if references.find_profile(call.iam, profile).roles else {}


@refuses(
    "autoscaling", CREATE, when="the user data is not base64", code="ValidationError",
    text="Invalid BASE64 encoding of user data",
    source="UserData in " + API + "; EC2's text for the same (InvalidUserData.Malformed), unverified for Auto Scaling",
)  # fmt: skip
def launch_configuration_user_data(call: Call) -> Any:
    try:
        base64.b64decode(call.params.get("UserData") or "", validate=True)
    except binascii.Error:
        return {}
    return None


@refuses(
    "autoscaling", CREATE, when="the spot price is no number of at least 0.001", code="ValidationError",
    text="Invalid spot price: {price}",
    source="SpotPrice in " + API + " ('Valid Range: Minimum value of 0.001'); wording unverified",
)  # fmt: skip
def launch_configuration_spot_price(call: Call) -> Any:
    price = call.params.get("SpotPrice")
    try:
        # Written so that NaN, which compares as false with everything, is refused too.
        return None if price is None or float(price) >= 0.001 else {"price": price}
    except ValueError:
        return {"price": price}


@refuses(
    "autoscaling", CREATE, when="the tenancy is neither default nor dedicated", code="ValidationError",
    text="Invalid placement tenancy: {tenancy}",
    source="PlacementTenancy in " + API + "; wording unverified",
)  # fmt: skip
def launch_configuration_tenancy(call: Call) -> Any:
    tenancy = call.params.get("PlacementTenancy")
    return {"tenancy": tenancy} if tenancy not in (None, "default", "dedicated") else None


@refuses(
    "autoscaling", CREATE, when="a block device is not exactly one of Ebs, NoDevice and VirtualName, or its volume has no size",
    code="ValidationError", text="Invalid block device mapping for {device}: {why}",
    source="BlockDeviceMapping and Ebs in " + API + "; wording unverified",
)  # fmt: skip
def launch_configuration_block_device(call: Call) -> Any:
    for mapping in call.params.get("BlockDeviceMappings") or []:
        device, ebs = mapping.get("DeviceName"), mapping.get("Ebs")
        kinds = [ebs is not None, mapping.get("NoDevice") is True, mapping.get("VirtualName") is not None]
        if sum(kinds) != 1:
            return {"device": device, "why": "specify exactly one of Ebs, NoDevice and VirtualName"}
        if ebs is not None and not ebs.get("VolumeSize") and not ebs.get("SnapshotId"):
            return {"device": device, "why": "you must specify either a VolumeSize or a SnapshotId"}
        if ebs and ebs.get("VolumeType") not in (None, "standard", "io1", "gp2", "st1", "sc1", "gp3"):
            return {"device": device, "why": f"{ebs['VolumeType']} is not a valid volume type"}
    return None


@refuses(
    "autoscaling", "DeleteLaunchConfiguration", when="there is none of that name", code="ValidationError",
    text="Launch configuration name not found - Launch configuration {name} not found",
    source="terraform-provider-aws, internal/service/autoscaling/launch_configuration.go",
)  # fmt: skip
def launch_configuration_missing(call: Call) -> Any:
    name = call.params["LaunchConfigurationName"]
    return None if name in call.autoscaling.launch_configurations else {"name": name}


@refuses(
    "autoscaling", "DeleteLaunchConfiguration", when="a group uses it", code="ResourceInUse",
    text="Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {group}",
    source="ResourceInUseFault in " + API,
)  # fmt: skip
def launch_configuration_in_use(call: Call) -> Any:
    name = call.params["LaunchConfigurationName"]
    for group in call.autoscaling.autoscaling_groups.values():
        if group.launch_configuration_name == name:
            return {"name": name, "group": group.name}
    return None


@answers(
    "autoscaling", CREATE, when="InstanceId fills in everything but the block devices, which the request can override",
    source="InstanceId in " + API + "; EC2 Auto Scaling user guide, 'Create a launch configuration using an EC2 instance'",
)  # fmt: skip
def launch_configuration_from_instance(call: Call, moto_method: Any) -> Any:
    instance_id = call.params.get("InstanceId")
    if instance_id:
        instance = call.ec2.get_instance_by_id(instance_id)
        if instance is None:
            raise Refusal("ValidationError", f"The instance ID '{instance_id}' does not exist")
        for name, value in _derived(instance).items():
            call.params.setdefault(name, value)
    return moto_method()


def _derived(instance: Any) -> dict[str, Any]:
    profile = instance.iam_instance_profile or {}
    derived = {
        "ImageId": instance.image_id,
        "InstanceType": instance.instance_type,
        "KeyName": instance.key_name,
        "SecurityGroups": [group.id for group in instance.security_groups],
        "UserData": str(instance.user_data) if instance.user_data else None,
        "IamInstanceProfile": profile.get("Arn"),
        "InstanceMonitoring": {"Enabled": instance.monitored},
        "EbsOptimized": bool(instance.ebs_optimized),
        "PlacementTenancy": instance.placement.tenancy if instance.placement.tenancy != "default" else None,
    }
    return {name: value for name, value in derived.items() if value is not None}


@amends(
    "autoscaling",
    CREATE,
    when="the request is kept as it was sent",
    source="for what Describe answers and groups launch",
)
def keep_request(call: Call, result: Any) -> None:
    created = call.autoscaling.launch_configurations[call.params["LaunchConfigurationName"]]
    created.requested = {name: value for name, value in call.params.items() if name != "InstanceId"}


@answers(
    "autoscaling", "DescribeLaunchConfigurations",
    when="what was sent comes back unchanged, with what AWS fills in, in pages whose token outlives deletions",
    source="LaunchConfiguration in " + API + " (defaults: monitoring enabled, EbsOptimized false); the empty strings as in the "
    "examples of the AWS CLI reference; AssociatePublicIpAddress is absent when it was not set",
)  # fmt: skip
def describe_launch_configurations(call: Call, moto_method: Any) -> dict[str, Any]:
    names = call.params.get("LaunchConfigurationNames")
    kept = call.autoscaling.launch_configurations
    found = [kept[name] for name in kept if not names or name in names]
    page, token = page_of(call, found, key=lambda configuration: configuration.name)
    return {"LaunchConfigurations": [_described(configuration) for configuration in page], "NextToken": token}


def page_of(call: Call, items: list[Any], key: Callable[[Any], str] | None = None) -> tuple[list[Any], str | None]:
    """One page of a Describe call of Auto Scaling, by its MaxRecords (50 when unset) and NextToken.

    With a key, items are sorted by it and a page begins after the last key of the page before: what is deleted in
    between is neither missed nor skipped over. Without one, a page begins where the one before ended.
    """
    token = call.params.get("NextToken")
    if token is not None and not re.fullmatch("after/.+" if key else r"\d+", token):
        raise Refusal("InvalidNextToken", f"The token '{token}' is invalid.")
    length = SETTINGS.most_of_a_page(call.params.get("MaxRecords") or 50)
    if key is None:
        start = int(token or 0)
        return items[start : start + length], str(start + length) if start + length < len(items) else None
    rest = sorted((item for item in items if token is None or key(item) > token.removeprefix("after/")), key=key)
    page = rest[:length]
    return page, f"after/{key(page[-1])}" if len(rest) > length else None


def _described(configuration: Any) -> dict[str, Any]:
    asked = dict(getattr(configuration, "requested", {}))
    filled_in: dict[str, Any] = {
        "ImageId": configuration.image_id, "InstanceType": configuration.instance_type, "KeyName": "", "KernelId": "",
        "RamdiskId": "", "UserData": "", "SecurityGroups": [], "BlockDeviceMappings": [], "ClassicLinkVPCSecurityGroups": [],
        "InstanceMonitoring": {"Enabled": True}, "EbsOptimized": False,
    }  # fmt: skip
    return {
        **filled_in,
        **asked,
        "LaunchConfigurationName": configuration.name,
        "LaunchConfigurationARN": configuration.arn,
        "CreatedTime": configuration.created_time,
    }
