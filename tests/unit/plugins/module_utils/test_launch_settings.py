# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings to CreateLaunchConfiguration, and from what DescribeLaunchConfigurations answers."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import (
    EVERYTHING,
    EVERYTHING_AS_ARGUMENTS,
)


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        pytest.param(LaunchSettings(), {}, id="nothing"),
        pytest.param(EVERYTHING, EVERYTHING_AS_ARGUMENTS, id="everything"),
        pytest.param(LaunchSettings(instance_id="i-1", volumes=()), {"InstanceId": "i-1"}, id="from an instance"),
        pytest.param(LaunchSettings(assign_public_ip=True), {"AssociatePublicIpAddress": True}, id="public address"),
        pytest.param(
            LaunchSettings(
                instance_profile_name="",
                key_name="",
                spot_price="",
                kernel_id="",
                ramdisk_id="",
                security_groups=(),
                user_data=UserData(b""),
            ),
            {},
            id="empty values are left out",
        ),
        pytest.param(LaunchSettings(metadata_options=MetadataOptions()), {}, id="no metadata options"),
        pytest.param(
            LaunchSettings(instance_monitoring=True), {"InstanceMonitoring": {"Enabled": True}}, id="monitoring"
        ),
    ],
)
def test_to_launch_configuration(settings, arguments):
    assert launch_settings.to_launch_configuration(settings) == arguments


def test_user_data_is_left_to_botocore_to_encode():
    arguments = launch_settings.to_launch_configuration(LaunchSettings(user_data=UserData(b"\x00\xff")))
    assert arguments == {"UserData": b"\x00\xff"}


def test_from_launch_configuration():
    answer = aws_answers.created_launch_configuration({"LaunchConfigurationName": "web", **EVERYTHING_AS_ARGUMENTS})
    found = launch_settings.from_launch_configuration(answer)
    assert {name: getattr(found, name) for name in launch_settings.FIELDS if getattr(EVERYTHING, name) is not None} == {
        name: getattr(EVERYTHING, name) for name in launch_settings.FIELDS if getattr(EVERYTHING, name) is not None
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {
            "KeyName": "",
            "KernelId": "",
            "RamdiskId": "",
            "SecurityGroups": [],
            "UserData": "",
            "BlockDeviceMappings": [],
        },
        {
            "KeyName": None,
            "SpotPrice": None,
            "SecurityGroups": None,
            "UserData": None,
            "MetadataOptions": None,
            "InstanceMonitoring": None,
        },
    ],
    ids=["left out", "empty", "null"],
)
def test_aws_says_none_in_several_ways(answer):
    found = launch_settings.from_launch_configuration(answer)
    assert (found.key_name, found.kernel_id, found.ramdisk_id, found.spot_price, found.instance_profile_name) == (
        "",
    ) * 5
    assert (found.security_groups, found.volumes, found.user_data.content) == ((), (), b"")
    assert (found.metadata_options, found.assign_public_ip, found.placement_tenancy) == (MetadataOptions(), None, None)


def test_security_groups_have_no_order():
    one, other = ({"SecurityGroups": groups} for groups in (["sg-2", "sg-1"], ["sg-1", "sg-2"]))
    assert launch_settings.from_launch_configuration(one) == launch_settings.from_launch_configuration(other)
