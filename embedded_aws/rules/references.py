# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What launch settings refer to, and whether it exists: profile, image, key pair, security groups, instance type."""

from __future__ import annotations

from typing import Any

from ..consistency import is_invisible
from .instance_profiles import find_profile


def invalid_profile(call: Any, profile: str | None) -> bool:
    """Whether Auto Scaling and EC2 would call this profile (a name or an ARN) invalid."""
    if not profile:
        return False
    found = find_profile(call.iam, profile)
    return found is None or is_invisible(found)


def missing_image(call: Any, image: str | None) -> bool:
    return image is not None and not image.startswith("resolve:ssm:") and image not in call.ec2.amis


def missing_key_pair(call: Any, key_name: str | None) -> bool:
    return bool(key_name) and key_name not in call.ec2.key_pairs


def missing_security_group(call: Any, groups: list[str]) -> str | None:
    """The first of the groups (ids, or names in the default VPC) that does not exist."""
    for group in groups:
        if call.ec2.get_security_group_by_name_or_id(group) is None:
            return group
    return None


def missing_instance_type(instance_type: str | None) -> bool:
    from moto.ec2.models.instance_types import INSTANCE_TYPES

    return bool(instance_type) and instance_type not in INSTANCE_TYPES


def has_interfaces_and_security_groups(settings: dict[str, Any]) -> bool:
    named = settings.get("SecurityGroupIds") or settings.get("SecurityGroups")
    return bool(settings.get("NetworkInterfaces") and named)


def template_problem(call: Any, settings: dict[str, Any]) -> str | None:
    """What EC2 says against launching from these settings of a launch template, or None."""
    from ..launching import named_security_groups

    image, key, instance_type = settings.get("ImageId"), settings.get("KeyName"), settings.get("InstanceType")
    profile = settings.get("IamInstanceProfile") or {}
    named = profile.get("Arn") or profile.get("Name")
    if not image:
        return "The request must contain the parameter ImageId"
    if missing_image(call, image):
        return f"The image id '[{image}]' does not exist"
    if missing_key_pair(call, key):
        return f"The key pair '{key}' does not exist"
    if missing_instance_type(instance_type):
        return f"Invalid value '{instance_type}' for InstanceType."
    if invalid_profile(call, named):
        field, what = ("arn", "ARN") if profile.get("Arn") else ("name", "name")
        return (
            f"Value ({named}) for parameter iamInstanceProfile.{field} is invalid. Invalid IAM Instance Profile {what}"
        )
    if group := missing_security_group(call, named_security_groups(settings)):
        return f"The security group '{group}' does not exist"
    return None
