# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The variables of the role ``application`` that describe what AWS has: only those whose value is not the default. Pure.
Private to the collection: names and shapes can change in any release.
Variables are without the prefix that they all have."""

from ..application import model
from ..application.options import (
    DEFAULTS,
    METADATA_DEFAULTS,
    PREFIX,
)
from ..autoscaling import group as auto_scaling_group
from ..autoscaling.group_plan import NEW_GROUP
from ..iam import policy_document, role
from ..launch import options as launch_options

# Tags that no variable sets: AWS's, and the collection's own.
RESERVED_TAGS = auto_scaling_group.PROTECTED_TAGS
# What IAM gives a role that asks for none: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_SESSION_SECONDS = 3600
# What has to have a value in a description of metadata options, where the role has a default.
_METADATA = dict.fromkeys(METADATA_DEFAULTS, "")
# Members of LaunchTemplateData that a variable describes; the role keeps the others.
_TEMPLATE_MEMBERS = {
    *("ImageId", "InstanceType", "KeyName", "EbsOptimized", "KernelId", "RamDiskId", "Monitoring", "Placement"),
    *("CreditSpecification", "IamInstanceProfile", "InstanceMarketOptions", "SecurityGroupIds", "SecurityGroups"),
    *("UserData", "BlockDeviceMappings", "MetadataOptions", "NetworkInterfaces", "TagSpecifications"),
}
_INTERFACE_MEMBERS = {"DeviceIndex", "DeleteOnTermination", "Groups", "AssociatePublicIpAddress"}
_GROUP_MEMBERS: dict = {
    "PlacementGroup": None,
    "NewInstancesProtectedFromScaleIn": False,
    "CapacityRebalance": False,
    "DefaultInstanceWarmup": None,
    "SuspendedProcesses": [],
    "EnabledMetrics": [],
    "WarmPoolConfiguration": None,
}


def free_tags(tags):
    """Return the tags, key -> value, that a variable can set."""
    return {key: value for key, value in tags.items() if not key.startswith(RESERVED_TAGS)}


def of_role(detail, partition):
    """Return the variables that describe a role, without its name and tags.

    :param detail: see ``iam/role.py``, with ``Description`` and ``MaxSessionDuration``.
    """
    trust_policy, seconds = detail["AssumeRolePolicyDocument"], detail.get("MaxSessionDuration")
    is_default = not policy_document.differs(model.trust_policy({}, partition), trust_policy)
    values = {
        "role_path": detail["Path"] if detail["Path"] != "/" else "",
        "role_description": detail.get("Description"),
        "role_max_session_duration": None if seconds == _SESSION_SECONDS else seconds,
        "trust_policy": {} if is_default else trust_policy,
        "managed_policies": role.attached_policies(detail),
        "inline_policies": role.inline_policies(detail),
        "permissions_boundary": role.boundary(detail),
    }
    return {name: value for name, value in values.items() if value}


def of_profile(profile, role_path):
    """Return the variables that describe an instance profile, without its name, role and tags."""
    return {} if profile["Path"] == role_path else {"instance_profile_path": profile["Path"]}


def of_settings(settings):
    """Return the variables that describe launch settings, without instance profile and user data."""
    params = launch_options.to_params(settings)
    values = {name: value for name, value in params.items() if f"{PREFIX}{name}" in model.APPLICATION_ARGUMENTS}
    del values["instance_profile_name"]
    if settings.spot_price:
        values.pop("market_type", None)
    values = {name: value for name, value in values.items() if value or f"{PREFIX}{name}" in DEFAULTS}
    specified = settings.metadata_options.specified()
    values["metadata_options"] = {**_METADATA, **specified} if specified else None
    values["assign_public_ip"] = settings.assign_public_ip
    return {name: value for name, value in values.items() if not _is_default(name, value)}


def _is_default(name, value):
    return f"{PREFIX}{name}" in DEFAULTS and value == DEFAULTS[f"{PREFIX}{name}"]


def of_group(group):
    """Return the variables that describe an Auto Scaling group, without what it launches from and its tags."""
    values = {name: auto_scaling_group.current(group, name) for name in auto_scaling_group.MEMBERS}
    # Scaling decides, and zones are those of the subnets.
    del values["desired_capacity"]
    if values["subnets"]:
        del values["availability_zones"]
    check = [each for each in values["health_check_type"].replace(" ", "").split(",") if each != "EC2"]
    values["health_check_type"] = check[0] if len(check) == 1 else "EC2"
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    defaults = {**NEW_GROUP, "termination_policies": ["Default"], "max_instance_lifetime": 0}
    kept = ("min_size", "max_size")
    return {
        f"group_{name}": value
        for name, value in values.items()
        if name in kept or (value not in (None, []) and value != defaults.get(name))
    }


def kept_of_template(data):
    """Return the members of LaunchTemplateData that no variable describes. The role keeps them."""
    interfaces = data.get("NetworkInterfaces") or ()
    first = {member for each in interfaces[:1] for member in each}
    found = sorted(set(data) - _TEMPLATE_MEMBERS - {"InstanceRequirements"})
    found += [f"Placement.{member}" for member in sorted(data.get("Placement") or ()) if member != "Tenancy"]
    found += [f"NetworkInterfaces[0].{member}" for member in sorted(first - _INTERFACE_MEMBERS)]
    return found + [f"NetworkInterfaces[{index}]" for index in range(1, len(interfaces))]


def kept_of_group(group):
    """Return the members of an Auto Scaling group that no variable describes. The role keeps them."""
    found = [member for member, default in _GROUP_MEMBERS.items() if group.get(member, default) not in (default, None)]
    others = set((group.get("HealthCheckType") or "").replace(" ", "").split(",")) - {"", "EC2", "ELB"}
    return [*found, *(f"HealthCheckType {each}" for each in sorted(others))]
