# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice

NAME = "/dev/sdf"


@pytest.mark.parametrize(
    ("volume", "mapping"),
    [
        pytest.param({"volume_size": 1}, {"Ebs": {"VolumeSize": 1}}, id="size"),
        pytest.param({"snapshot": "snap-1"}, {"Ebs": {"SnapshotId": "snap-1"}}, id="snapshot"),
        pytest.param(
            {"snapshot": "snap-1", "volume_size": 9},
            {"Ebs": {"SnapshotId": "snap-1", "VolumeSize": 9}},
            id="larger snapshot",
        ),
        pytest.param({"ephemeral": "ephemeral0"}, {"VirtualName": "ephemeral0"}, id="instance store"),
        pytest.param({"no_device": True}, {"NoDevice": True}, id="no device"),
        pytest.param({"no_device": False, "volume_size": 8}, {"Ebs": {"VolumeSize": 8}}, id="no_device false"),
        pytest.param(
            {"volume_size": 8, "delete_on_termination": False, "encrypted": False},
            {"Ebs": {"VolumeSize": 8, "DeleteOnTermination": False, "Encrypted": False}},
            id="false is sent",
        ),
        pytest.param(
            {"volume_size": 10, "volume_type": "io1", "iops": 100, "encrypted": True},
            {"Ebs": {"VolumeSize": 10, "VolumeType": "io1", "Iops": 100, "Encrypted": True}},
            id="io1",
        ),
        pytest.param(
            {"volume_size": 10, "volume_type": "gp3", "iops": 20000, "throughput": 1000},
            {"Ebs": {"VolumeSize": 10, "VolumeType": "gp3", "Iops": 20000, "Throughput": 1000}},
            id="gp3",
        ),
        pytest.param(
            {"volume_size": 16384, "volume_type": "gp2"},
            {"Ebs": {"VolumeSize": 16384, "VolumeType": "gp2"}},
            id="largest",
        ),
        pytest.param(
            {"volume_size": 125, "volume_type": "st1"},
            {"Ebs": {"VolumeSize": 125, "VolumeType": "st1"}},
            id="smallest st1",
        ),
        pytest.param(
            {"volume_size": 1024, "volume_type": "standard"},
            {"Ebs": {"VolumeSize": 1024, "VolumeType": "standard"}},
            id="magnetic",
        ),
    ],
)
def test_volumes_that_aws_takes(volume, mapping):
    devices = block_devices.from_params([{"device_name": NAME, **volume}])
    assert block_devices.to_api(devices) == [{"DeviceName": NAME, **mapping}]
    assert block_devices.from_api(block_devices.to_api(devices)) == devices


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        pytest.param({}, "AWS requires volume_size, snapshot, ephemeral or no_device. Set one of them.", id="nothing"),
        pytest.param(
            {"no_device": False},
            "AWS requires volume_size, snapshot, ephemeral or no_device. Set one of them.",
            id="not no_device",
        ),
        pytest.param(
            {"volume_type": "gp3"},
            "AWS requires volume_size, snapshot, ephemeral or no_device. Set one of them.",
            id="type alone",
        ),
        pytest.param(
            {"no_device": True, "volume_size": 8, "ephemeral": "ephemeral0"},
            "no_device excludes all other settings. Remove ephemeral, volume_size.",
            id="no_device and more",
        ),
        pytest.param(
            {"ephemeral": "ephemeral0", "snapshot": "snap-1"},
            "ephemeral excludes all other settings. Remove snapshot.",
            id="ephemeral and snapshot",
        ),
        pytest.param(
            {"ephemeral": "sdb"},
            "ephemeral is 'sdb'. Name an instance store volume, such as ephemeral0.",
            id="ephemeral name",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "io2"},
            "volume_type 'io2' is not possible in a launch configuration, which takes",
            id="io2",
        ),
        pytest.param({"volume_size": 8, "volume_type": "io1"}, "volume_type io1 requires iops.", id="io1 without iops"),
        pytest.param(
            {"volume_size": 8, "iops": 100},
            "iops requires volume_type gp3 or io1. Set volume_type",
            id="iops without type",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "gp2", "iops": 100},
            "iops requires volume_type gp3 or io1.",
            id="gp2 with iops",
        ),
        pytest.param(
            {"volume_size": 8, "throughput": 125},
            "throughput requires volume_type gp3. Set volume_type",
            id="throughput",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "io1", "iops": 100, "throughput": 125},
            "throughput requires volume_type gp3.",
            id="io1",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "io1", "iops": 99},
            "iops is 99; AWS takes 100 to 20000 operations per second here.",
            id="iops 99",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "gp3", "iops": 20001},
            "iops is 20001; AWS takes 100 to 20000",
            id="iops 20001",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "gp3", "throughput": 124},
            "throughput is 124; AWS takes 125 to 1000 MiB",
            id="throughput 124",
        ),
        pytest.param(
            {"volume_size": 8, "volume_type": "gp3", "throughput": 1001},
            "throughput is 1001; AWS takes",
            id="throughput 1001",
        ),
        pytest.param(
            {"volume_size": 0},
            "volume_size 0 is the size of the snapshot, and snapshot is not set. Set a size in GiB, or set snapshot.",
            id="size 0 alone",
        ),
        pytest.param({"volume_size": -1}, "volume_size is -1; AWS takes 1 to 16384 GiB here.", id="negative size"),
        pytest.param({"volume_size": 16385}, "volume_size is 16385; AWS takes 1 to 16384 GiB here.", id="16385 GiB"),
        pytest.param(
            {"volume_size": 124, "volume_type": "st1"},
            "volume_size is 124; AWS takes 125 to 16384 GiB here.",
            id="small st1",
        ),
        pytest.param(
            {"volume_size": 1025, "volume_type": "standard"},
            "volume_size is 1025; AWS takes 1 to 1024 GiB here.",
            id="magnetic",
        ),
        pytest.param(
            {"volume_size": 3, "volume_type": "io1", "iops": 100},
            "volume_size is 3; AWS takes 4 to 16384 GiB here.",
            id="small io1",
        ),
    ],
)
def test_volumes_that_aws_refuses(volume, message):
    with pytest.raises(InvalidOption) as raised:
        block_devices.from_params([{"device_name": "/dev/sda1", "volume_size": 8}, {"device_name": NAME, **volume}])
    assert raised.value.message.startswith(f"volumes[1] ({NAME}): {message}")


def test_empty_device_name():
    with pytest.raises(InvalidOption, match=r"^volumes\[0\]: device_name is empty. Set it, for example to /dev/sdf.$"):
        block_devices.from_params([{"device_name": "", "volume_size": 8}])


def test_a_device_twice():
    with pytest.raises(InvalidOption, match=r"^volumes: device_name '/dev/sdf' is given 2 times\."):
        block_devices.from_params(
            [{"device_name": NAME, "volume_size": 8}, {"device_name": NAME, "snapshot": "snap-1"}]
        )


@pytest.mark.parametrize(
    ("volumes", "devices"),
    [
        (None, None),
        ([], ()),
        (
            [{"device_name": NAME, "volume_size": 0, "snapshot": "snap-1"}],
            (BlockDevice(NAME, snapshot="snap-1", volume_size=0),),
        ),
        (
            [{"device_name": NAME, "volume_size": 8, "snapshot": "", "volume_type": "", "ephemeral": ""}],
            (BlockDevice(NAME, volume_size=8),),
        ),
        (
            [{"device_name": "/dev/sdg", "volume_size": 2}, {"device_name": NAME, "volume_size": 1}],
            (BlockDevice(NAME, volume_size=1), BlockDevice("/dev/sdg", volume_size=2)),
        ),
    ],
    ids=["not set", "none", "size 0 is the size of the snapshot", "empty is unset", "in the order of names"],
)
def test_lists_of_volumes(volumes, devices):
    assert block_devices.from_params(volumes) == devices


def test_from_api_sorts_and_reads_everything():
    ebs = {
        "SnapshotId": "snap-1",
        "VolumeSize": 8,
        "VolumeType": "gp3",
        "DeleteOnTermination": False,
        "Iops": 3000,
        "Throughput": 125,
        "Encrypted": True,
    }
    mappings = [
        {"DeviceName": "/dev/sdh", "NoDevice": True},
        {"DeviceName": "/dev/sdg", "VirtualName": "ephemeral0", "NoDevice": False},
        {"DeviceName": NAME, "Ebs": ebs},
    ]
    assert block_devices.from_api(mappings) == (
        BlockDevice(
            NAME,
            snapshot="snap-1",
            volume_size=8,
            volume_type="gp3",
            delete_on_termination=False,
            iops=3000,
            throughput=125,
            encrypted=True,
        ),
        BlockDevice("/dev/sdg", ephemeral="ephemeral0"),
        BlockDevice("/dev/sdh", no_device=True),
    )


def test_specified_leaves_out_what_is_not():
    assert BlockDevice(NAME, volume_size=8, encrypted=False).specified() == {
        "device_name": NAME,
        "volume_size": 8,
        "encrypted": False,
    }
