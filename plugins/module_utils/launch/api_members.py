# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Members of LaunchTemplateData that have no option of this collection, and amazon.aws.ec2_launch_template's options for them. Pure.
Private to the collection: names and shapes can change in any release."""

import base64
import binascii
from copy import deepcopy

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ..core.errors import InvalidOption

_EBS_ARGUMENTS = dict(
    delete_on_termination=dict(type="bool"),
    encrypted=dict(type="bool"),
    iops=dict(type="int"),
    kms_key_id=dict(no_log=False),
    snapshot_id=dict(),
    throughput=dict(type="int"),
    volume_size=dict(type="int"),
    volume_type=dict(),
)
_INTERFACE_ARGUMENTS = dict(
    associate_public_ip_address=dict(type="bool"),
    delete_on_termination=dict(type="bool"),
    description=dict(),
    device_index=dict(type="int"),
    groups=dict(type="list", elements="str"),
    ipv6_address_count=dict(type="int"),
    ipv6_addresses=dict(type="list", elements="str"),
    network_interface_id=dict(),
    private_ip_address=dict(),
    subnet_id=dict(),
)
_SPOT_ARGUMENTS = dict(
    block_duration_minutes=dict(type="int"),
    instance_interruption_behavior=dict(choices=["hibernate", "stop", "terminate"]),
    max_price=dict(),
    spot_instance_type=dict(choices=["one-time", "persistent"]),
)
_PLACEMENT = ("affinity", "availability_zone", "group_name", "host_id", "tenancy")
# Those whose members are the API's in snake case.
_MEMBERS = dict(
    cpu_options=dict(type="dict", options=dict(core_count=dict(type="int"), threads_per_core=dict(type="int"))),
    disable_api_termination=dict(type="bool"),
    elastic_gpu_specifications=dict(type="list", elements="dict", options=dict(type=dict())),
    instance_initiated_shutdown_behavior=dict(choices=["stop", "terminate"]),
    instance_market_options=dict(
        type="dict", options=dict(market_type=dict(), spot_options=dict(type="dict", options=_SPOT_ARGUMENTS))
    ),
    network_interfaces=dict(type="list", elements="dict", options=_INTERFACE_ARGUMENTS),
    placement=dict(type="dict", options={name: dict() for name in _PLACEMENT}),
)
MEMBER_ARGUMENTS = dict(
    **_MEMBERS,
    block_device_mappings=dict(
        type="list",
        elements="dict",
        options=dict(
            device_name=dict(), ebs=dict(type="dict", options=_EBS_ARGUMENTS), no_device=dict(), virtual_name=dict()
        ),
    ),
    monitoring=dict(type="dict", options=dict(enabled=dict(type="bool"))),
    launch_template_data=dict(type="dict"),
)
EXCLUSIVE = [
    ("block_device_mappings", "volumes"),
    ("instance_market_options", "market_type"),
    ("instance_market_options", "spot_price"),
    ("monitoring", "instance_monitoring"),
    ("network_interfaces", "assign_public_ip"),
    ("network_interfaces", "security_groups"),
    ("placement", "placement_tenancy"),
]
# Member of the API -> the option for it.
_OPTIONS = {
    "BlockDeviceMappings": "volumes",
    "CreditSpecification": "credit_specification",
    "EbsOptimized": "ebs_optimized",
    "IamInstanceProfile": "instance_profile_name",
    "ImageId": "image_id",
    "InstanceType": "instance_type",
    "KernelId": "kernel_id",
    "KeyName": "key_name",
    "MetadataOptions": "metadata_options",
    "Monitoring": "instance_monitoring",
    "RamDiskId": "ramdisk_id",
    "SecurityGroupIds": "security_groups",
    "SecurityGroups": "security_groups",
    "TagSpecifications": "tag_specifications",
    "UserData": "user_data",
    **{"".join(word.capitalize() for word in name.split("_")): name for name in _MEMBERS},
}
# How decoded user data begins: a script, cloud-config and other cloud-init formats, PowerShell, MIME, gzip.
_USER_DATA = (
    b"#!",
    b"#cloud",
    b"#include",
    b"## template:",
    b"<powershell>",
    b"<script>",
    b"Content-Type:",
    b"MIME-",
    b"\x1f\x8b",
)


def from_params(params):
    """Return parameters with the options of this collection, and the members of LaunchTemplateData for the others.

    :raises InvalidOption: a member that has an option, or user data in base64.
    """
    _check_user_data(params.get("user_data"))
    data = {name: deepcopy(value) for name, value in (params.get("launch_template_data") or {}).items()}
    for member in data:
        if member in _OPTIONS:
            raise InvalidOption(f"launch_template_data: set {member} with the option {_OPTIONS[member]}.")
    given = {name: params[name] for name in _MEMBERS if params.get(name) is not None}
    given = snake_dict_to_camel_dict(_without_unset(given), capitalize_first=True)
    for interface in given.get("NetworkInterfaces", ()):
        if "Ipv6Addresses" in interface:
            interface["Ipv6Addresses"] = [{"Ipv6Address": address} for address in interface["Ipv6Addresses"]]
    data.update(given)
    changed = {}
    if params.get("block_device_mappings") is not None:
        changed["volumes"] = [_volume(mapping) for mapping in params["block_device_mappings"]]
    if params.get("monitoring") is not None:
        changed["instance_monitoring"] = params["monitoring"]["enabled"]
    return {**params, **changed}, data


def overlay(data, members):
    """Return LaunchTemplateData with members set: dictionaries member by member, other values as they are. Empty removes."""
    changed = dict(data)
    for name, value in members.items():
        if isinstance(value, dict) and value:
            current = changed.get(name)
            value = overlay(current if isinstance(current, dict) else {}, value)
        changed[name] = value
    return {name: value for name, value in changed.items() if name not in members or value not in ("", [], {}, None)}


def _volume(mapping):
    ebs = dict(mapping.get("ebs") or {})
    ebs["snapshot"] = ebs.pop("snapshot_id", None)
    no_device = None if mapping.get("no_device") is None else True
    return dict(ebs, device_name=mapping.get("device_name"), no_device=no_device, ephemeral=mapping.get("virtual_name"))


def _without_unset(value):
    if isinstance(value, dict):
        return {name: _without_unset(each) for name, each in value.items() if each is not None}
    return [_without_unset(each) for each in value] if isinstance(value, list) else value


def _check_user_data(text):
    """Refuse text that is base64 of user data, which amazon.aws.ec2_launch_template takes: instances would get the base64."""
    try:
        decoded = base64.b64decode("".join((text or "").split()), validate=True)
    except (ValueError, binascii.Error):
        return
    if decoded.startswith(_USER_DATA):
        raise InvalidOption("user_data: the text is in base64. Set user_data_base64 instead, or decode it.")
