# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Block devices that instances are launched with: checked, expanded for the API, and read back. All of it pure.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_BlockDeviceMapping.html and API_Ebs.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Mapping, Optional, Tuple

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption


@dataclass(frozen=True)
class Limits:
    """What a volume may be, which differs between launch configurations and launch templates.

    :param where: the words for messages.
    :param sizes: volume type -> smallest and largest size in GiB.
    :param iops: volume type -> fewest and most operations per second, for the types that take a number.
    :param throughput: least and most MiB per second of a gp3 volume.
    """

    where: str
    sizes: Mapping[str, Tuple[int, int]]
    iops: Mapping[str, Tuple[int, int]]
    throughput: Tuple[int, int]


# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Ebs.html
LAUNCH_CONFIGURATION = Limits(
    where="a launch configuration",
    sizes={
        "standard": (1, 1024),
        "gp2": (1, 16384),
        "gp3": (1, 16384),
        "io1": (4, 16384),
        "st1": (125, 16384),
        "sc1": (125, 16384),
    },
    iops={"gp3": (100, 20000), "io1": (100, 20000)},
    throughput=(125, 1000),
)
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateEbsBlockDeviceRequest.html
LAUNCH_TEMPLATE = Limits(
    where="a launch template",
    sizes={**LAUNCH_CONFIGURATION.sizes, "gp3": (1, 65536), "io2": (4, 65536)},
    iops={"gp3": (3000, 80000), "io1": (100, 64000), "io2": (100, 256000)},
    throughput=(125, 2000),
)
_EPHEMERAL = re.compile(r"ephemeral\d+")
# member of the API's Ebs -> field here
_EBS = {
    "SnapshotId": "snapshot",
    "VolumeSize": "volume_size",
    "VolumeType": "volume_type",
    "DeleteOnTermination": "delete_on_termination",
    "Iops": "iops",
    "Throughput": "throughput",
    "Encrypted": "encrypted",
    "KmsKeyId": "kms_key_id",
}


@dataclass(frozen=True)
class BlockDevice:
    """One device name and what is there: an EBS volume, an instance store volume, or nothing. None: not specified.

    :param device_name: e.g. ``/dev/sdf``.
    :param no_device: True to leave out a device that the image would map.
    :param ephemeral: the instance store volume, e.g. ``ephemeral0``.
    :param snapshot: id of the snapshot to fill the volume from.
    :param volume_size: GiB.
    :param volume_type: ``standard``, ``gp2``, ``gp3``, ``io1``, ``io2``, ``st1`` or ``sc1``.
    :param delete_on_termination: whether the volume goes with its instance; AWS's default is True.
    :param iops: operations per second.
    :param throughput: MiB per second.
    :param encrypted: whether the volume is encrypted.
    :param kms_key_id: the KMS key that encrypts it, by id, alias or ARN. In launch templates only.
    """

    device_name: str
    no_device: Optional[bool] = None
    ephemeral: Optional[str] = None
    snapshot: Optional[str] = None
    volume_size: Optional[int] = None
    volume_type: Optional[str] = None
    delete_on_termination: Optional[bool] = None
    iops: Optional[int] = None
    throughput: Optional[int] = None
    encrypted: Optional[bool] = None
    kms_key_id: Optional[str] = None

    def specified(self):
        """Return the fields that are not None."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name) is not None}


_NEEDS_TEMPLATE = " Use a launch template, for example with launchkit.aws.ec2_launch_template."
FIELDS = tuple(each.name for each in fields(BlockDevice))


def from_params(volumes, limits=LAUNCH_CONFIGURATION):
    """Return the devices that the ``volumes`` option asks for, in the order of their names; None for None.

    A volume of less than 1 GiB asks for no mapping at all, as in community.aws.autoscaling_launch_config.

    :raises InvalidOption: a combination that AWS refuses.
    """
    if volumes is None:
        return None
    devices = [
        _checked(f"volumes[{index}]", BlockDevice(**{name: volume.get(name) for name in FIELDS}), limits)
        for index, volume in enumerate(volumes)
        if volume.get("volume_size") is None or volume["volume_size"] >= 1
    ]
    names = [device.device_name for device in devices]
    for name in names:
        if names.count(name) > 1:
            raise InvalidOption(
                f"volumes: the device_name '{name}' is given {names.count(name)} times. Give each device once."
            )
    return tuple(sorted(devices, key=lambda device: device.device_name))


def from_api(mappings):
    """Return the devices in the API's BlockDeviceMappings, in the order of their names."""
    devices = (
        BlockDevice(
            device_name=mapping["DeviceName"],
            # True in launch configurations, an empty text in launch templates.
            no_device=True if mapping.get("NoDevice") in (True, "") else None,
            ephemeral=mapping.get("VirtualName"),
            **{name: mapping.get("Ebs", {}).get(member) for member, name in _EBS.items()},
        )
        for mapping in mappings
    )
    return tuple(sorted(devices, key=lambda device: device.device_name))


def to_api(devices, no_device=True):
    """Return the devices as BlockDeviceMappings.

    :param no_device: the value that leaves a device out: True in launch configurations, an empty text in launch templates.
    """
    return [_expand(device, no_device) for device in devices]


def _expand(device, no_device):
    mapping = {"DeviceName": device.device_name}
    if device.no_device:
        mapping["NoDevice"] = no_device
    elif device.ephemeral is not None:
        mapping["VirtualName"] = device.ephemeral
    else:
        mapping["Ebs"] = {
            member: getattr(device, name) for member, name in _EBS.items() if getattr(device, name) is not None
        }
    return mapping


def _checked(option, device, limits):
    """Return the device with ``no_device: false`` taken as not given.

    :raises InvalidOption: a combination that AWS refuses.
    """
    ebs = [name for name in _EBS.values() if getattr(device, name) is not None]
    where = f"{option} ({device.device_name})"
    if not device.device_name:
        raise InvalidOption(f"{option}: device_name is empty. Give one, for example /dev/sdf.")
    if device.no_device:
        if ebs or device.ephemeral is not None:
            raise InvalidOption(
                f"{where}: no_device leaves the device out, so it goes with no other setting; remove {_listed(ebs, device)}."
            )
        return device
    if device.ephemeral is not None:
        if ebs:
            raise InvalidOption(
                f"{where}: ephemeral is an instance store volume and goes with no setting of an EBS volume; remove {', '.join(ebs)}."
            )
        if not _EPHEMERAL.fullmatch(device.ephemeral):
            raise InvalidOption(
                f"{where}: ephemeral is '{device.ephemeral}'; AWS names instance store volumes ephemeral0, ephemeral1 and so on."
            )
    elif device.snapshot is None and device.volume_size is None:
        raise InvalidOption(f"{where}: give volume_size, snapshot, ephemeral or no_device; AWS needs one of them.")
    else:
        _check_ebs(where, device, limits)
    return BlockDevice(**{**device.specified(), "no_device": None})


def _check_ebs(where, device, limits):
    if device.volume_type is not None and device.volume_type not in limits.sizes:
        raise InvalidOption(
            f"{where}: volume_type '{device.volume_type}' cannot be in {limits.where}, which takes {', '.join(limits.sizes)}."
            + (_NEEDS_TEMPLATE if limits is LAUNCH_CONFIGURATION else "")
        )
    if device.kms_key_id is not None and limits is LAUNCH_CONFIGURATION:
        raise InvalidOption(f"{where}: kms_key_id cannot be in {limits.where}.{_NEEDS_TEMPLATE}")
    if device.kms_key_id is not None and not device.encrypted:
        raise InvalidOption(f"{where}: kms_key_id needs encrypted=true.")
    if device.volume_size is not None:
        _check_range(
            where, "volume_size", device.volume_size, limits.sizes.get(device.volume_type, limits.sizes["gp3"]), "GiB"
        )
    if device.volume_type in ("io1", "io2") and device.iops is None:
        raise InvalidOption(f"{where}: volume_type {device.volume_type} needs iops.")
    if device.iops is not None:
        if device.volume_type not in limits.iops:
            raise InvalidOption(
                f"{where}: iops goes with volume_type {' or '.join(sorted(limits.iops))} only; set volume_type or remove iops."
            )
        _check_range(where, "iops", device.iops, limits.iops[device.volume_type], "operations per second")
    if device.throughput is not None:
        if device.volume_type != "gp3":
            raise InvalidOption(
                f"{where}: throughput goes with volume_type gp3 only; set volume_type or remove throughput."
            )
        _check_range(where, "throughput", device.throughput, limits.throughput, "MiB per second")


def _check_range(where, name, value, limits, unit):
    if not limits[0] <= value <= limits[1]:
        raise InvalidOption(f"{where}: {name} is {value}; AWS takes {limits[0]} to {limits[1]} {unit} here.")


def _listed(ebs, device):
    return ", ".join(ebs + (["ephemeral"] if device.ephemeral is not None else []))
