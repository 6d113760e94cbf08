# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an instance is launched with, rendered to and from the LaunchTemplateData of EC2. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html"""

from copy import deepcopy
from dataclasses import replace

from . import block_devices
from . import user_data as user_data_model
from .settings import METADATA, LaunchSettings, MetadataOptions, market_type

# field -> path of the member of LaunchTemplateData that takes its value as it is
_PATHS = {
    "image_id": ("ImageId",),
    "instance_type": ("InstanceType",),
    "key_name": ("KeyName",),
    "ebs_optimized": ("EbsOptimized",),
    "kernel_id": ("KernelId",),
    "ramdisk_id": ("RamDiskId",),
    "instance_monitoring": ("Monitoring", "Enabled"),
    "placement_tenancy": ("Placement", "Tenancy"),
    "cpu_credits": ("CreditSpecification", "CpuCredits"),
}


def from_launch_template_data(data):
    """Return the settings in the LaunchTemplateData of a template's version.

    What is not there is empty, as in a launch configuration; ``assign_public_ip`` and ``placement_tenancy`` are None.
    """
    profile, market = data.get("IamInstanceProfile") or {}, data.get("InstanceMarketOptions") or {}
    return LaunchSettings(
        image_id=data.get("ImageId"),
        instance_type=data.get("InstanceType"),
        key_name=data.get("KeyName") or "",
        ebs_optimized=data.get("EbsOptimized", False),
        kernel_id=data.get("KernelId") or "",
        ramdisk_id=data.get("RamDiskId") or "",
        instance_profile_name=profile.get("Arn") or profile.get("Name") or "",
        security_groups=tuple(sorted(_security_groups(data))),
        user_data=user_data_model.from_base64(data.get("UserData") or ""),
        volumes=block_devices.from_api(data.get("BlockDeviceMappings") or ()),
        metadata_options=MetadataOptions.from_api(data.get("MetadataOptions")),
        instance_monitoring=(data.get("Monitoring") or {}).get("Enabled", False),
        assign_public_ip=_interface(data).get("AssociatePublicIpAddress"),
        placement_tenancy=(data.get("Placement") or {}).get("Tenancy"),
        spot_price=(market.get("SpotOptions") or {}).get("MaxPrice") or "",
        cpu_credits=(data.get("CreditSpecification") or {}).get("CpuCredits") or "",
        market_type=market.get("MarketType") or "",
        instance_requirements=data.get("InstanceRequirements") or {},
        tag_specifications={
            each["ResourceType"]: {tag["Key"]: tag["Value"] for tag in each.get("Tags") or ()}
            for each in data.get("TagSpecifications") or ()
        },
    )


def to_launch_template_data(settings, base=None):
    """Return the LaunchTemplateData for the settings. It holds the user data: do not show it.

    :param base: the LaunchTemplateData of an earlier version. What the settings do not specify is kept from it.
    """
    data = deepcopy(dict(base or {}))
    # EC2 answers with a state here that it does not take.
    data.get("MetadataOptions", {}).pop("State", None)
    for name, path in _PATHS.items():
        _put(data, *path, value=getattr(settings, name))
    profile = settings.instance_profile_name
    _put(data, "IamInstanceProfile", value=profile and {"Arn" if profile.startswith("arn:") else "Name": profile})
    _put(data, "UserData", value=settings.user_data and settings.user_data.encoded)
    # EC2 refuses both an instance type and requirements.
    _put(data, "InstanceRequirements", value={} if settings.instance_type else settings.instance_requirements)
    if settings.volumes is not None:
        existing = data.get("BlockDeviceMappings") or []
        volumes = block_devices.merge(block_devices.from_api(existing), settings.volumes)
        _put(data, "BlockDeviceMappings", value=block_devices.to_api(volumes, no_device="", existing=existing))
    if settings.metadata_options is not None:
        for name, value in settings.metadata_options.specified().items():
            _put(data, "MetadataOptions", METADATA[name], value=value)
        if "HttpTokens" in data.get("MetadataOptions", {}):
            # Tokens have no effect without it.
            data["MetadataOptions"].setdefault("HttpEndpoint", "enabled")
    if market_type(settings) == "spot":
        _put(data, "InstanceMarketOptions", "MarketType", value="spot")
        _put(data, "InstanceMarketOptions", "SpotOptions", "MaxPrice", value=settings.spot_price)
    else:
        _put(data, "InstanceMarketOptions", value=market_type(settings))
    if settings.tag_specifications is not None:
        _put(data, "TagSpecifications", value=_tag_specifications(settings.tag_specifications))
    _put_network(data, settings)
    return data


def as_launched(settings):
    """Return the settings of a launch configuration, with those set for which launch templates have other defaults.

    By default, Auto Scaling deletes volumes with their instance, and EC2 keeps those that a template adds to the image:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
    """
    volumes = tuple(
        replace(device, delete_on_termination=True)
        if device.kind == "ebs" and device.delete_on_termination is None
        else device
        for device in settings.volumes or ()
    )
    return replace(settings, volumes=volumes, instance_id=None)


def _put(data, member, *path, value):
    """Set the member at a path; remove it, and parents that become empty, for an empty value; leave it for None."""
    if value is None:
        return
    if path:
        parent = data.get(member) or {}
        _put(parent, *path, value=value)
        value = parent
    if value in ("", [], {}):
        data.pop(member, None)
    else:
        data[member] = value


def _tag_specifications(specifications):
    return [
        {"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in sorted(tags.items())]}
        for kind, tags in sorted(specifications.items())
        if tags
    ]


def _interface(data):
    """Return the first network interface, the one that public addresses and security groups are about."""
    return next((each for each in data.get("NetworkInterfaces") or () if each.get("DeviceIndex", 0) == 0), {})


def _security_groups(data):
    ids = _interface(data).get("Groups") or data.get("SecurityGroupIds")
    return ids or data.get("SecurityGroups") or []


def _put_network(data, settings):
    """Set security groups and public address.

    A template has the public address on a network interface only, and security groups on the interface if it has one.
    """
    if settings.security_groups is None and settings.assign_public_ip is None:
        return
    interface = _interface(data)
    groups = _security_groups(data) if settings.security_groups is None else list(settings.security_groups)
    data.pop("SecurityGroups", None)
    if not interface and settings.assign_public_ip is None:
        _put(data, "SecurityGroupIds", value=groups)
        return
    data.pop("SecurityGroupIds", None)
    changed = {"DeviceIndex": 0, "DeleteOnTermination": True, **interface}
    _put(changed, "Groups", value=groups)
    _put(changed, "AssociatePublicIpAddress", value=settings.assign_public_ip)
    others = [each for each in data.get("NetworkInterfaces") or () if each is not interface]
    data["NetworkInterfaces"] = [changed, *others]
