# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings compared: differences, what is filled in and laid over, and the fingerprint."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import ARN


def found(**members):
    """Settings as read from AWS."""
    return launch_settings.from_launch_configuration(aws_answers.launch_configuration(**members))


def ebs(**members):
    return {"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8, **members}}]}


def volume(**fields):
    return LaunchSettings(volumes=(BlockDevice("/dev/sdf", **fields),))


@pytest.mark.parametrize(
    ("wanted", "actual"),
    [
        pytest.param(LaunchSettings(), found(KeyName="k", SpotPrice="0.05", **ebs()), id="unset means untouched"),
        pytest.param(LaunchSettings(image_id="ami-baba68d3", instance_type="t3.small"), found(), id="same"),
        pytest.param(
            LaunchSettings(instance_profile_name="web"), found(IamInstanceProfile=ARN), id="profile by name and ARN"
        ),
        pytest.param(
            LaunchSettings(instance_profile_name=ARN), found(IamInstanceProfile="web"), id="profile by ARN and name"
        ),
        pytest.param(LaunchSettings(user_data=UserData(b"a")), found(UserData="YQ=="), id="user data decoded"),
        pytest.param(LaunchSettings(user_data=UserData(b"")), found(), id="no user data"),
        pytest.param(
            LaunchSettings(security_groups=("sg-1", "sg-2")),
            found(SecurityGroups=["sg-2", "sg-1"]),
            id="security groups as a set",
        ),
        pytest.param(LaunchSettings(spot_price="0.05"), found(SpotPrice="0.050000"), id="price by its amount"),
        pytest.param(LaunchSettings(spot_price="", key_name=""), found(), id="none given and none there"),
        pytest.param(LaunchSettings(instance_id="i-1"), found(), id="what AWS took from an instance"),
        pytest.param(
            volume(volume_size=8), found(**ebs(VolumeType="gp2", Encrypted=False)), id="volume as far as given"
        ),
        pytest.param(
            volume(volume_size=8, delete_on_termination=True), found(**ebs()), id="AWS deletes volumes by default"
        ),
        pytest.param(LaunchSettings(volumes=()), found(), id="no volumes"),
        pytest.param(
            LaunchSettings(metadata_options=MetadataOptions("enabled", "optional", 1)),
            found(),
            id="AWS's metadata options",
        ),
        pytest.param(
            LaunchSettings(metadata_options=MetadataOptions("enabled", "required")),
            found(MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 3, "HttpEndpoint": "enabled"}),
            id="metadata options as far as given",
        ),
    ],
)
def test_no_difference(wanted, actual):
    assert launch_differences.differences(wanted, actual) == ()


@pytest.mark.parametrize(
    ("wanted", "actual", "difference"),
    [
        pytest.param(LaunchSettings(image_id="ami-2"), found(), ("image_id", "ami-2", "ami-baba68d3"), id="image"),
        pytest.param(LaunchSettings(key_name="k"), found(), ("key_name", "k", "none"), id="key that is not there"),
        pytest.param(
            LaunchSettings(key_name=""), found(KeyName="k"), ("key_name", "none", "k"), id="key that shall not be there"
        ),
        pytest.param(
            LaunchSettings(instance_profile_name="api"),
            found(IamInstanceProfile=ARN),
            ("instance_profile_name", "api", ARN),
            id="profile",
        ),
        pytest.param(
            LaunchSettings(security_groups=("sg-1",)),
            found(SecurityGroups=["sg-2", "sg-1"]),
            ("security_groups", "sg-1", "sg-1, sg-2"),
            id="security groups",
        ),
        pytest.param(
            LaunchSettings(security_groups=()),
            found(SecurityGroups=["sg-1"]),
            ("security_groups", "none", "sg-1"),
            id="no groups",
        ),
        pytest.param(
            LaunchSettings(instance_monitoring=False),
            found(),
            ("instance_monitoring", "false", "true"),
            id="monitoring",
        ),
        pytest.param(
            LaunchSettings(assign_public_ip=False),
            found(),
            ("assign_public_ip", "false", "none"),
            id="false is not unset",
        ),
        pytest.param(
            LaunchSettings(assign_public_ip=True),
            found(AssociatePublicIpAddress=False),
            ("assign_public_ip", "true", "false"),
            id="public address",
        ),
        pytest.param(
            LaunchSettings(placement_tenancy="default"), found(), ("placement_tenancy", "default", "none"), id="tenancy"
        ),
        pytest.param(
            LaunchSettings(spot_price="0.05"), found(SpotPrice="0.06"), ("spot_price", "0.05", "0.06"), id="price"
        ),
        pytest.param(
            LaunchSettings(ebs_optimized=True), found(), ("ebs_optimized", "true", "false"), id="EBS optimized"
        ),
        pytest.param(LaunchSettings(kernel_id="aki-1"), found(), ("kernel_id", "aki-1", "none"), id="kernel"),
        pytest.param(LaunchSettings(ramdisk_id="ari-1"), found(), ("ramdisk_id", "ari-1", "none"), id="RAM disk"),
        pytest.param(
            volume(volume_size=9), found(**ebs()), ("volumes[/dev/sdf].volume_size", "9", "8"), id="volume size"
        ),
        pytest.param(
            volume(volume_size=8, delete_on_termination=False),
            found(**ebs()),
            ("volumes[/dev/sdf].delete_on_termination", "false", "none"),
            id="volume kept",
        ),
        pytest.param(
            volume(no_device=True), found(), ("volumes[/dev/sdf]", "no_device true", "none"), id="device missing"
        ),
        pytest.param(
            LaunchSettings(volumes=()),
            found(**ebs()),
            ("volumes[/dev/sdf]", "none", "volume_size 8"),
            id="device too many",
        ),
        pytest.param(
            LaunchSettings(metadata_options=MetadataOptions(http_tokens="required")),
            found(),
            ("metadata_options.http_tokens", "required", "optional"),
            id="tokens",
        ),
        pytest.param(
            LaunchSettings(metadata_options=MetadataOptions(http_put_response_hop_limit=2)),
            found(MetadataOptions={"HttpPutResponseHopLimit": 3}),
            ("metadata_options.http_put_response_hop_limit", "2", "3"),
            id="hop limit",
        ),
    ],
)
def test_one_difference(wanted, actual, difference):
    assert launch_differences.differences(wanted, actual) == (difference,)


def test_user_data_differs_by_digest_and_size():
    ((field, wanted, actual),) = launch_differences.differences(
        LaunchSettings(user_data=UserData(b"secret")), found(UserData="YQ==")
    )
    assert field == "user_data"
    assert re.fullmatch(r"6 bytes, sha256 [0-9a-f]{64}", wanted)
    assert re.fullmatch(r"1 bytes, sha256 ca978112[0-9a-f]{56}", actual)


def test_all_differences_are_found():
    wanted = LaunchSettings(image_id="ami-2", key_name="k", volumes=(BlockDevice("/dev/sdg", volume_size=1),))
    fields = [each.field for each in launch_differences.differences(wanted, found(**ebs()))]
    assert fields == ["image_id", "key_name", "volumes[/dev/sdg]", "volumes[/dev/sdf]"]


def test_overlay_keeps_what_is_not_given():
    existing = found(KeyName="k", MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"}, **ebs())
    wanted = LaunchSettings(image_id="ami-2", metadata_options=MetadataOptions(http_put_response_hop_limit=2))
    made = launch_settings.overlay(existing, wanted)
    assert made == replace(existing, image_id="ami-2", metadata_options=MetadataOptions("enabled", "required", 2))


def test_overlay_empties_what_is_given_empty():
    made = launch_settings.overlay(
        found(KeyName="k", SecurityGroups=["sg-1"], **ebs()),
        LaunchSettings(key_name="", security_groups=(), volumes=()),
    )
    assert (made.key_name, made.security_groups, made.volumes) == ("", (), ())


def test_overlay_leaves_the_rest_to_the_instance_that_is_given():
    wanted = LaunchSettings(instance_id="i-1", key_name="k")
    assert launch_settings.overlay(found(), wanted) == wanted


def test_aws_fills_in():
    filled = launch_settings.filled_by_aws(LaunchSettings(image_id="ami-1", instance_type="t3.small"))
    assert filled == launch_settings.from_launch_configuration(
        aws_answers.created_launch_configuration(
            {"LaunchConfigurationName": "web", "ImageId": "ami-1", "InstanceType": "t3.small"}
        )
    )


def test_aws_fills_in_only_what_is_not_given():
    filled = launch_settings.filled_by_aws(LaunchSettings(instance_monitoring=False, ebs_optimized=True, key_name="k"))
    assert (filled.instance_monitoring, filled.ebs_optimized, filled.key_name) == (False, True, "k")


def test_what_aws_takes_from_an_instance_is_not_known():
    filled = launch_settings.filled_by_aws(LaunchSettings(instance_id="i-1", key_name="k"))
    assert filled == LaunchSettings(key_name="k", volumes=())


def test_fingerprint_is_what_it_was():
    """Another fingerprint means another launch configuration for everyone who did not change a thing."""
    settings = LaunchSettings(
        image_id="ami-baba68d3",
        instance_type="t3.small",
        instance_profile_name=ARN,
        security_groups=("sg-1",),
        user_data=UserData(b"#!/bin/sh\n"),
        volumes=(BlockDevice("/dev/sdf", volume_size=8, encrypted=True),),
        metadata_options=MetadataOptions("enabled", "required"),
        spot_price="0.05",
        instance_monitoring=False,
    )
    assert launch_differences.fingerprint(settings) == "4cdd83968909f610"
    assert launch_differences.fingerprint(LaunchSettings()) == "44136fa355b3678a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            LaunchSettings(instance_profile_name="web"), LaunchSettings(instance_profile_name=ARN), id="name and ARN"
        ),
        pytest.param(
            LaunchSettings(security_groups=("sg-1", "sg-2")),
            LaunchSettings(security_groups=("sg-2", "sg-1")),
            id="order of groups",
        ),
        pytest.param(LaunchSettings(spot_price="0.05"), LaunchSettings(spot_price="0.050"), id="price"),
    ],
)
def test_same_fingerprint(one, other):
    assert launch_differences.fingerprint(one) == launch_differences.fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(LaunchSettings(), LaunchSettings(key_name=""), id="unset and empty"),
        pytest.param(
            LaunchSettings(assign_public_ip=False), LaunchSettings(assign_public_ip=True), id="true and false"
        ),
        pytest.param(LaunchSettings(kernel_id="x"), LaunchSettings(ramdisk_id="x"), id="field"),
        pytest.param(
            LaunchSettings(user_data=UserData(b"a")), LaunchSettings(user_data=UserData(b"b")), id="user data"
        ),
        pytest.param(
            volume(volume_size=8), volume(volume_size=8, encrypted=False), id="volume's field unset and false"
        ),
    ],
)
def test_different_fingerprint(one, other):
    assert launch_differences.fingerprint(one) != launch_differences.fingerprint(other)
