# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an instance is launched with: one model, and its rendering to and from a launch configuration. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html"""

from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Mapping, Optional, Tuple

from . import block_devices
from . import user_data as user_data_model
from .block_devices import BlockDevice
from .user_data import UserData

# Hexadecimal digits of a fingerprint, see differences.py.
FINGERPRINT_LENGTH = 16


@dataclass(frozen=True)
class MetadataOptions:
    """How instances reach the instance metadata service, in the API's values. None: not specified.

    ``http_protocol_ipv6`` and ``instance_metadata_tags`` exist in launch templates only.
    """

    http_endpoint: Optional[str] = None
    http_tokens: Optional[str] = None
    http_put_response_hop_limit: Optional[int] = None
    http_protocol_ipv6: Optional[str] = None
    instance_metadata_tags: Optional[str] = None

    def specified(self):
        """Return the fields that are not None."""
        return {key: value for key, value in asdict(self).items() if value is not None}

    def completed(self):
        """Return the fields of a new launch configuration. HttpTokens without HttpEndpoint has no effect."""
        return {"http_endpoint": "enabled", "http_tokens": "optional", **self.specified()}

    @classmethod
    def from_api(cls, answer):
        """Return the options that the member MetadataOptions of an answer holds, if any."""
        return cls(**{name: (answer or {}).get(member) for name, member in METADATA.items()})


@dataclass(frozen=True)
class LaunchSettings:
    """What an instance is launched with. None leaves a setting to AWS; an empty value means none of it.

    ``security_groups`` are ids in order, ``instance_profile_name`` is a name or ARN, ``spot_price`` US dollars an hour as
    text, and ``instance_id`` the instance from which AWS derives other settings. Launch templates only: ``cpu_credits``,
    ``tag_specifications`` (kind of resource -> its tags), ``market_type`` (``spot`` with or without a price) and
    ``instance_requirements``, which no option sets and an instance type replaces.
    """

    image_id: Optional[str] = None
    instance_type: Optional[str] = None
    instance_id: Optional[str] = None
    instance_profile_name: Optional[str] = None
    key_name: Optional[str] = None
    security_groups: Optional[Tuple[str, ...]] = None
    user_data: Optional[UserData] = None
    volumes: Optional[Tuple[BlockDevice, ...]] = None
    metadata_options: Optional[MetadataOptions] = None
    instance_monitoring: Optional[bool] = None
    assign_public_ip: Optional[bool] = None
    placement_tenancy: Optional[str] = None
    spot_price: Optional[str] = None
    ebs_optimized: Optional[bool] = None
    kernel_id: Optional[str] = None
    ramdisk_id: Optional[str] = None
    cpu_credits: Optional[str] = None
    tag_specifications: Optional[Mapping[str, Mapping[str, str]]] = None
    market_type: Optional[str] = None
    instance_requirements: Optional[Mapping[str, Any]] = None

    @property
    def profile_name(self):
        """The name of the instance profile, which may be given by ARN; an empty text for none."""
        return (self.instance_profile_name or "").rpartition("/")[2]

    def completed_by(self, defaults):
        """Return the settings, with those of ``defaults`` where nothing is specified."""
        return replace(self, **{name: getattr(defaults, name) for name in FIELDS if getattr(self, name) is None})


FIELDS = tuple(each.name for each in fields(LaunchSettings))

# field -> member of CreateLaunchConfiguration, for the fields that are the same on both sides
PLAIN = {
    "image_id": "ImageId",
    "instance_type": "InstanceType",
    "instance_id": "InstanceId",
    "instance_profile_name": "IamInstanceProfile",
    "key_name": "KeyName",
    "assign_public_ip": "AssociatePublicIpAddress",
    "placement_tenancy": "PlacementTenancy",
    "spot_price": "SpotPrice",
    "ebs_optimized": "EbsOptimized",
    "kernel_id": "KernelId",
    "ramdisk_id": "RamdiskId",
}
METADATA = {
    "http_endpoint": "HttpEndpoint",
    "http_tokens": "HttpTokens",
    "http_put_response_hop_limit": "HttpPutResponseHopLimit",
    "http_protocol_ipv6": "HttpProtocolIpv6",
    "instance_metadata_tags": "InstanceMetadataTags",
}


def template_only(settings):
    """Return the options whose values only a launch template can hold."""
    options = settings.metadata_options or MetadataOptions()
    given = {
        "image_id (resolve:ssm:)": (settings.image_id or "").startswith("resolve:"),
        "credit_specification.cpu_credits": settings.cpu_credits,
        "tag_specifications": settings.tag_specifications,
        "market_type": settings.market_type == "spot" and not settings.spot_price,
        "metadata_options.http_protocol_ipv6": options.http_protocol_ipv6,
        "metadata_options.instance_metadata_tags": options.instance_metadata_tags,
        "volumes[].kms_key_id": any(device.kms_key_id for device in settings.volumes or ()),
        "volumes[].volume_type": any(device.volume_type == "io2" for device in settings.volumes or ()),
    }
    return tuple(name for name, value in given.items() if value)


def from_launch_configuration(answer):
    """Return the settings of a launch configuration as DescribeLaunchConfigurations returns it.

    The API says "none" by an empty string or list, or by leaving the member out; here it is always the empty value.
    """
    settings = {name: answer.get(member) for name, member in PLAIN.items()}
    for name in ("instance_profile_name", "key_name", "spot_price", "kernel_id", "ramdisk_id"):
        settings[name] = settings[name] or ""
    return LaunchSettings(
        **settings,
        security_groups=tuple(sorted(answer.get("SecurityGroups") or ())),
        user_data=user_data_model.from_base64(answer.get("UserData") or ""),
        volumes=block_devices.from_api(answer.get("BlockDeviceMappings") or ()),
        instance_monitoring=(answer.get("InstanceMonitoring") or {}).get("Enabled"),
        cpu_credits="",
        tag_specifications={},
        market_type="spot" if settings["spot_price"] else "",
        instance_requirements={},
        metadata_options=MetadataOptions.from_api(answer.get("MetadataOptions")),
    )


# What a launch configuration has that specifies nothing.
_EMPTY = from_launch_configuration({})


def to_launch_configuration(settings):
    """Return the arguments of CreateLaunchConfiguration, without its name. Never shown: they hold the user data."""
    arguments = {
        **{member: getattr(settings, name) for name, member in PLAIN.items()},
        "SecurityGroups": list(settings.security_groups or ()),
        # botocore encodes the user data of launch configurations itself.
        "UserData": settings.user_data and settings.user_data.content,
        "BlockDeviceMappings": block_devices.to_api(settings.volumes or ()),
    }
    if settings.metadata_options is not None and settings.metadata_options.specified():
        options = settings.metadata_options.completed()
        arguments["MetadataOptions"] = {METADATA[name]: value for name, value in options.items()}
    if settings.instance_monitoring is not None:
        arguments["InstanceMonitoring"] = {"Enabled": settings.instance_monitoring}
    return {member: value for member, value in arguments.items() if value or value is False}


def filled_by_aws(settings):
    """Return the settings that AWS shows for a launch configuration that was created with these.

    What AWS takes from ``instance_id`` cannot be known beforehand and stays None.
    """
    defaults = replace(_EMPTY, instance_monitoring=True, ebs_optimized=False)
    if settings.instance_id is not None:
        defaults = LaunchSettings(volumes=defaults.volumes)
    filled = replace(settings.completed_by(defaults), instance_id=None, market_type=None)
    if settings.metadata_options is not None and settings.metadata_options.specified():
        filled = replace(filled, metadata_options=MetadataOptions(**settings.metadata_options.completed()))
    return replace(filled, market_type=market_type(filled))


def tag_specification_options(specifications):
    """Return tag specifications (kind of resource -> its tags) as the option ``tag_specifications`` has them."""
    return [{"resource_type": kind, "tags": dict(tags)} for kind, tags in sorted(specifications.items())]


def market_type(settings):
    """Return ``spot``, an empty text for On-Demand Instances, or None if the settings specify neither."""
    if settings.market_type is not None or settings.spot_price is None:
        return settings.market_type
    return "spot" if settings.spot_price else ""


def overlay(existing, desired):
    """Return the desired settings, completed by an existing launch configuration, its metadata options and volumes too.

    With ``instance_id``, AWS takes the other settings from that instance instead.
    """
    merged = desired if desired.instance_id is not None else desired.completed_by(existing)
    values: dict[str, Any] = {}
    if market_type(desired) is not None:
        values["market_type"] = market_type(desired)
        values["spot_price"] = merged.spot_price if values["market_type"] else ""
    if desired.metadata_options is not None:
        kept = (existing.metadata_options or MetadataOptions()).specified()
        values["metadata_options"] = MetadataOptions(**{**kept, **desired.metadata_options.specified()})
    if desired.volumes is not None:
        values["volumes"] = block_devices.merge(existing.volumes or (), desired.volumes)
    return replace(merged, **values)


def cleared(settings):
    """Return the settings of a launch template that launches what a new launch configuration of these settings does.

    What is unset becomes empty, so that a template loses what its description no longer sets, security groups included:
    without any, instances get the VPC's default one in both cases. Image, instance type, metadata options, monitoring and
    the public IP address stay unset, which leaves them as they are.
    """
    none = replace(_EMPTY, metadata_options=None, instance_requirements=None, placement_tenancy="", ebs_optimized=False)
    return replace(settings, market_type=market_type(settings)).completed_by(none)
