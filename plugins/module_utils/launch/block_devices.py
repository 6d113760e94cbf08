# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Block devices that instances are launched with: checked, merged, expanded for the API, and read back. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_BlockDeviceMapping.html and API_Ebs.html"""

import re
from dataclasses import dataclass, fields
from typing import Mapping, Optional, Tuple

from ..core.errors import InvalidOption


@dataclass(frozen=True)
class Limits:
    """The limits of AWS, which differ between launch configurations and launch templates.

    :param where: the words for messages.
    :param ranges: member of a volume -> volume type that can have it -> lowest and highest value.
    :param user_data: most bytes of user data before encoding.
    """

    where: str
    ranges: Mapping[str, Mapping[str, Tuple[int, int]]]
    user_data: int


_SIZES = {
    "standard": (1, 1024),
    "gp2": (1, 16384),
    "gp3": (1, 16384),
    "io1": (4, 16384),
    "st1": (125, 16384),
    "sc1": (125, 16384),
}
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Ebs.html
LAUNCH_CONFIGURATION = Limits(
    where="a launch configuration",
    ranges={
        "volume_size": _SIZES,
        "iops": {"gp3": (100, 20000), "io1": (100, 20000)},
        "throughput": {"gp3": (125, 1000)},
    },
    # Auto Scaling's model takes 21847 characters in base64, which are 16383 bytes and not 16384:
    # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html
    user_data=16383,
)
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateEbsBlockDeviceRequest.html
LAUNCH_TEMPLATE = Limits(
    where="a launch template",
    ranges={
        "volume_size": {**_SIZES, "gp3": (1, 65536), "io2": (4, 65536)},
        "iops": {"gp3": (3000, 80000), "io1": (100, 64000), "io2": (100, 256000)},
        "throughput": {"gp3": (125, 2000)},
    },
    user_data=16384,
)
_UNITS = {"volume_size": "GiB", "iops": "operations per second", "throughput": "MiB per second"}
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
    """A device name with an EBS volume, an instance store volume, or no device. None: not specified.

    Sizes are GiB, with 0 for the size of the snapshot. AWS deletes a volume with its instance by default.
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

    @property
    def kind(self):
        """``no_device``, ``ephemeral`` or ``ebs``."""
        return "no_device" if self.no_device else "ebs" if self.ephemeral is None else "ephemeral"

    def specified(self):
        """Return the fields that are not None."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name) is not None}


FIELDS = tuple(each.name for each in fields(BlockDevice))
NEEDS_TEMPLATE = "Use a launch template, for example with launchkit.aws.ec2_launch_template."


def from_params(volumes, limits=LAUNCH_CONFIGURATION, complete=True):
    """Return the devices in the ``volumes`` option, in the order of their names; None for None. An empty text is unset.

    :param complete: False if an existing device can supply the members that are not set. Call :func:`check` then.
    :raises InvalidOption: a combination that AWS refuses.
    """
    if volumes is None:
        return None
    devices = []
    for index, volume in enumerate(volumes):
        members = {name: volume.get(name) for name in FIELDS if volume.get(name) not in (None, "")}
        if not members.get("device_name"):
            raise InvalidOption(f"volumes[{index}]: device_name is empty. Set it, for example to /dev/sdf.")
        # no_device: false is the same as no_device unset.
        device = BlockDevice(**{**members, "no_device": members.get("no_device") or None})
        _refuse(f"volumes[{index}] ({device.device_name})", _mistakes(device, limits, complete))
        devices.append(device)
    names = [device.device_name for device in devices]
    for name in names:
        if names.count(name) > 1:
            raise InvalidOption(f"volumes: device_name '{name}' is given {names.count(name)} times. Give it once.")
    return tuple(sorted(devices, key=lambda device: device.device_name))


def check(devices, limits):
    """Check that each device has the members that AWS requires together.

    :raises InvalidOption: one is missing.
    """
    for device in devices:
        if device.kind == "ebs":
            _refuse(f"volumes ({device.device_name})", _missing_members(device, limits))


def merge(existing, desired):
    """Return the desired devices, each with what it leaves unset taken from the existing device of its name.

    What the new volume type or an unencrypted volume cannot have is not taken.
    """
    known = {device.device_name: device for device in existing}
    return tuple(_merge(known.get(device.device_name), device) for device in desired)


def _merge(existing, device):
    if existing is None or device.kind != "ebs":
        return device
    given, kept = device.specified(), existing.specified()
    if given.keys() == {"device_name"}:
        return existing
    if existing.kind != "ebs":
        return device
    if device.volume_type not in (None, existing.volume_type):
        for name in ("iops", "throughput"):
            if device.volume_type not in LAUNCH_TEMPLATE.ranges[name]:
                kept.pop(name, None)
    if device.encrypted is False:
        kept.pop("kms_key_id", None)
    merged = {**kept, **given}
    return BlockDevice(**{**merged, "volume_size": merged.get("volume_size") or None})


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


def to_api(devices, no_device=True, existing=()):
    """Return the devices as BlockDeviceMappings.

    :param no_device: what leaves a device out: True in launch configurations, an empty text in launch templates.
    :param existing: BlockDeviceMappings whose members that the model does not know are kept, by device name.
    """
    unknown = {
        mapping["DeviceName"]: {name: value for name, value in (mapping.get("Ebs") or {}).items() if name not in _EBS}
        for mapping in existing
    }
    mappings = []
    for device in devices:
        if device.kind == "no_device":
            mapping = {"NoDevice": no_device}
        elif device.kind == "ephemeral":
            mapping = {"VirtualName": device.ephemeral}
        else:
            # A size of 0 is the snapshot's size, which the API has no value for.
            given = {**device.specified(), "volume_size": device.volume_size or None}
            members = {member: given[name] for member, name in _EBS.items() if given.get(name) is not None}
            mapping = {"Ebs": {**unknown.get(device.device_name, {}), **members}}
        mappings.append({"DeviceName": device.device_name, **mapping})
    return mappings


def _refuse(where, mistakes):
    for mistake in mistakes:
        raise InvalidOption(f"{where}: {mistake}")


def _mistakes(device, limits, complete):
    """Yield what AWS refuses in the settings of a device, alone and together."""
    others = [name for name in device.specified() if name not in ("device_name", device.kind)]
    if device.kind != "ebs" and others:
        yield f"{device.kind} excludes all other settings. Remove {', '.join(others)}."
    if device.kind == "ephemeral" and not _EPHEMERAL.fullmatch(device.ephemeral):
        yield f"ephemeral is '{device.ephemeral}'. Name an instance store volume, such as ephemeral0."
    if device.kind == "ebs":
        yield from _ebs_mistakes(device, limits)
        if complete:
            yield from _missing_members(device, limits)


def _missing_members(device, limits):
    """Yield which members AWS requires in addition."""
    if limits is LAUNCH_CONFIGURATION and device.snapshot is None and device.volume_size is None:
        yield "AWS requires volume_size, snapshot, ephemeral or no_device. Set one of them."
    if device.specified().keys() == {"device_name"}:
        yield "no setting is given. Set at least one, for example volume_size or encrypted."
    if device.kms_key_id is not None and not device.encrypted:
        yield "kms_key_id requires encrypted=true."
    if device.volume_type in ("io1", "io2") and device.iops is None:
        yield f"volume_type {device.volume_type} requires iops."
    for name in ("iops", "throughput"):
        if getattr(device, name) is not None and device.volume_type is None:
            yield f"{name} requires volume_type {' or '.join(limits.ranges[name])}. Set volume_type."


def _ebs_mistakes(device, limits):
    kind, kinds = device.volume_type, limits.ranges["volume_size"]
    if kind is not None and kind not in kinds:
        advice = f" {NEEDS_TEMPLATE}" if limits is LAUNCH_CONFIGURATION else ""
        yield f"volume_type '{kind}' is not possible in {limits.where}, which takes {', '.join(kinds)}.{advice}"
    if device.kms_key_id is not None and limits is LAUNCH_CONFIGURATION:
        yield f"kms_key_id is not possible in {limits.where}. {NEEDS_TEMPLATE}"
    if device.kms_key_id is not None and device.encrypted is False:
        yield "kms_key_id requires encrypted=true."
    if device.volume_size == 0 and device.snapshot is None:
        yield "volume_size 0 is the size of the snapshot, and snapshot is not set. Set a size in GiB, or set snapshot."
    for name, ranges in limits.ranges.items():
        value = getattr(device, name)
        if value is None or (name == "volume_size" and value == 0):
            continue
        if kind is not None and kind not in ranges:
            yield f"{name} requires volume_type {' or '.join(ranges)}. Set volume_type or remove {name}."
        lowest, highest = zip(*([ranges[kind]] if kind else ranges.values()))
        if not min(lowest) <= value <= max(highest):
            yield f"{name} is {value}; AWS takes {min(lowest)} to {max(highest)} {_UNITS[name]} here."
