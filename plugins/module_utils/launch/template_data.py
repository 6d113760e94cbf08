# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an instance is launched with, rendered to and from the LaunchTemplateData of EC2. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestLaunchTemplateData.html
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch import user_data as user_data_model
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import (
    METADATA,
    LaunchSettings,
    MetadataOptions,
    market_type,
)

# field -> member of LaunchTemplateData, for the fields that are the same on both sides
_PLAIN = {
    "image_id": "ImageId",
    "instance_type": "InstanceType",
    "key_name": "KeyName",
    "ebs_optimized": "EbsOptimized",
    "kernel_id": "KernelId",
    "ramdisk_id": "RamDiskId",
}


def from_launch_template_data(data):
    """Return the settings in the LaunchTemplateData of a template's version.

    As in a launch configuration, what is not there has the empty value; ``assign_public_ip`` and ``placement_tenancy`` are None then.
    """
    interface = _interface(data)
    options = data.get("MetadataOptions") or {}
    profile = data.get("IamInstanceProfile") or {}
    return LaunchSettings(
        **{
            **{name: data.get(member) or "" for name, member in _PLAIN.items()},
            "image_id": data.get("ImageId"),
            "instance_type": data.get("InstanceType"),
            "ebs_optimized": data.get("EbsOptimized", False),
            "instance_profile_name": profile.get("Arn") or profile.get("Name") or "",
            "security_groups": tuple(sorted(_security_groups(data))),
            "user_data": user_data_model.from_base64(data.get("UserData") or ""),
            "volumes": block_devices.from_api(data.get("BlockDeviceMappings") or ()),
            "metadata_options": MetadataOptions(**{name: options.get(member) for name, member in METADATA.items()}),
            "instance_monitoring": (data.get("Monitoring") or {}).get("Enabled", False),
            "assign_public_ip": interface.get("AssociatePublicIpAddress"),
            "placement_tenancy": (data.get("Placement") or {}).get("Tenancy"),
            "spot_price": ((data.get("InstanceMarketOptions") or {}).get("SpotOptions") or {}).get("MaxPrice") or "",
            "cpu_credits": (data.get("CreditSpecification") or {}).get("CpuCredits") or "",
            "market_type": (data.get("InstanceMarketOptions") or {}).get("MarketType") or "",
            "instance_requirements": data.get("InstanceRequirements") or {},
            "tag_specifications": {
                each["ResourceType"]: {tag["Key"]: tag["Value"] for tag in each.get("Tags") or ()}
                for each in data.get("TagSpecifications") or ()
            },
        }
    )


def to_launch_template_data(settings, base=None):
    """Return the LaunchTemplateData for the settings. It holds the user data: do not show it.

    :param base: the LaunchTemplateData of an earlier version. What the settings do not specify stays as it is there, including members
        that settings do not know.
    """
    data = deepcopy(dict(base or {}))
    # EC2 answers with a state here that it does not take.
    data.get("MetadataOptions", {}).pop("State", None)
    for name, member in _PLAIN.items():
        _put(data, member, getattr(settings, name))
    _put(data, "IamInstanceProfile", _profile(settings.instance_profile_name))
    _put(data, "UserData", None if settings.user_data is None else settings.user_data.encoded)
    # EC2 refuses both an instance type and requirements.
    _put(data, "InstanceRequirements", {} if settings.instance_type else settings.instance_requirements)
    if settings.volumes is not None:
        existing = data.get("BlockDeviceMappings") or []
        volumes = block_devices.merge(block_devices.from_api(existing), settings.volumes)
        _put(data, "BlockDeviceMappings", block_devices.to_api(volumes, no_device="", existing=existing))
    _put(data, "Monitoring", _wrapped("Enabled", settings.instance_monitoring))
    _put(data, "CreditSpecification", _wrapped("CpuCredits", settings.cpu_credits))
    if settings.metadata_options is not None:
        options = {METADATA[name]: value for name, value in settings.metadata_options.specified().items()}
        options = {**data.get("MetadataOptions", {}), **options}
        if "HttpTokens" in options:
            # Tokens have no effect without it.
            options.setdefault("HttpEndpoint", "enabled")
        _put(data, "MetadataOptions", options)
    if settings.placement_tenancy is not None:
        placement = dict(data.get("Placement") or {})
        _put(placement, "Tenancy", settings.placement_tenancy)
        _put(data, "Placement", placement)
    if market_type(settings) is not None:
        _put(data, "InstanceMarketOptions", _market_options(data, settings))
    if settings.tag_specifications is not None:
        _put(data, "TagSpecifications", _tag_specifications(settings.tag_specifications))
    _put_network(data, settings)
    return data


def as_launched(settings):
    """Return the settings of a launch configuration with those spelled out for which launch templates have other defaults.

    Auto Scaling deletes the volumes of a launch configuration with their instance unless told otherwise, and answers its metadata
    options in full. EC2 keeps volumes that a template adds to those of the image:
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/preserving-volumes-on-termination.html
    """
    volumes = tuple(_spelled_out(device) for device in settings.volumes or ())
    return replace(settings, volumes=volumes, instance_id=None)


def _spelled_out(device):
    if device.no_device or device.ephemeral is not None or device.delete_on_termination is not None:
        return device
    return replace(device, delete_on_termination=True)


def _put(data, member, value):
    """Set a member, or remove it for an empty value, or leave it for None."""
    if value is None:
        return
    if value in ("", [], {}):
        data.pop(member, None)
    else:
        data[member] = value


def _wrapped(member, value):
    if value is None:
        return None
    return {} if value == "" else {member: value}


def _profile(text):
    if not text:
        return None if text is None else {}
    return {"Arn" if text.startswith("arn:") else "Name": text}


def _market_options(data, settings):
    if market_type(settings) != "spot":
        return {}
    spot = dict((data.get("InstanceMarketOptions") or {}).get("SpotOptions") or {})
    _put(spot, "MaxPrice", settings.spot_price)
    return {"MarketType": "spot", **({"SpotOptions": spot} if spot else {})}


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

    A template says whether to assign a public address on a network interface only, and takes security groups in one place: there,
    if there is one.
    """
    if settings.security_groups is None and settings.assign_public_ip is None:
        return
    interface = _interface(data)
    groups = _security_groups(data) if settings.security_groups is None else list(settings.security_groups)
    data.pop("SecurityGroups", None)
    if not interface and settings.assign_public_ip is None:
        _put(data, "SecurityGroupIds", groups)
        return
    data.pop("SecurityGroupIds", None)
    changed = {"DeviceIndex": 0, "DeleteOnTermination": True, **interface}
    _put(changed, "Groups", groups)
    _put(changed, "AssociatePublicIpAddress", settings.assign_public_ip)
    data["NetworkInterfaces"] = [changed] + [
        each for each in data.get("NetworkInterfaces") or () if each is not interface
    ]
