# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings rendered to LaunchTemplateData and read back, and the way from launch configurations to it."""

from __future__ import annotations

import base64
import copy
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_settings_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import LAUNCH_TEMPLATE, BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import (
    as_launched,
    from_launch_template_data,
    to_launch_template_data,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import (
    aws_answers,
    strategies,
    template_strategies,
)
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import ARN, EVERYTHING
from hypothesis import given

UNSET = dict.fromkeys(launch_settings_options.LAUNCH_SETTINGS_ARGUMENTS)
EVERYTHING_AS_DATA = {
    "ImageId": "ami-baba68d3",
    "InstanceType": "t3.small",
    "IamInstanceProfile": {"Name": "web"},
    "KeyName": "operations",
    "UserData": base64.b64encode(b"#!/bin/sh\n").decode(),
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8}},
        {"DeviceName": "/dev/sdg", "NoDevice": ""},
    ],
    "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 2},
    "Monitoring": {"Enabled": False},
    # With a public address to decide on, security groups have to be here.
    "NetworkInterfaces": [
        {
            "DeviceIndex": 0,
            "DeleteOnTermination": True,
            "AssociatePublicIpAddress": False,
            "Groups": ["sg-1", "sg-2"],
        }
    ],
    "Placement": {"Tenancy": "dedicated"},
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}},
    "EbsOptimized": True,
    "KernelId": "aki-1",
    "RamDiskId": "ari-1",
}
NIC = {"DeviceIndex": 0, "DeleteOnTermination": True}


@pytest.mark.parametrize(
    ("settings", "data"),
    [
        pytest.param(LaunchSettings(), {}, id="nothing"),
        pytest.param(EVERYTHING, EVERYTHING_AS_DATA, id="everything"),
        pytest.param(
            LaunchSettings(instance_profile_name=ARN), {"IamInstanceProfile": {"Arn": ARN}}, id="profile by ARN"
        ),
        pytest.param(LaunchSettings(security_groups=("sg-1",)), {"SecurityGroupIds": ["sg-1"]}, id="security groups"),
        pytest.param(
            LaunchSettings(assign_public_ip=True),
            {"NetworkInterfaces": [{**NIC, "AssociatePublicIpAddress": True}]},
            id="public",
        ),
        pytest.param(
            LaunchSettings(cpu_credits="unlimited"), {"CreditSpecification": {"CpuCredits": "unlimited"}}, id="credits"
        ),
        pytest.param(
            LaunchSettings(
                tag_specifications={"volume": {"b": "2"}, "instance": {"z": "", "a": "1"}, "network-interface": {}}
            ),
            {
                "TagSpecifications": [
                    {"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"}, {"Key": "z", "Value": ""}]},
                    {"ResourceType": "volume", "Tags": [{"Key": "b", "Value": "2"}]},
                ]
            },
            id="tags in order",
        ),
        pytest.param(
            LaunchSettings(
                metadata_options=MetadataOptions(http_protocol_ipv6="enabled", instance_metadata_tags="disabled")
            ),
            {"MetadataOptions": {"HttpProtocolIpv6": "enabled", "InstanceMetadataTags": "disabled"}},
            id="metadata options of templates",
        ),
        pytest.param(
            LaunchSettings(ebs_optimized=False, user_data=UserData(b"")), {"EbsOptimized": False}, id="empty values"
        ),
    ],
)
def test_rendering(settings, data):
    assert to_launch_template_data(settings) == data


BASE = {
    "ImageId": "ami-1",
    "KeyName": "old",
    "UserData": "b25l",
    "IamInstanceProfile": {"Arn": ARN},
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "1", "SpotInstanceType": "one-time"}},
    "MetadataOptions": {"State": "applied", "HttpTokens": "required"},
    "Placement": {"AvailabilityZone": "us-east-1a"},
    "NetworkInterfaces": [
        {"DeviceIndex": 1, "SubnetId": "subnet-1"},
        {"DeviceIndex": 0, "Groups": ["sg-1"], "Ipv6AddressCount": 1},
    ],
    "CreditSpecification": {"CpuCredits": "standard"},
    "HibernationOptions": {"Configured": True},
}


@pytest.mark.parametrize(
    ("settings", "changed"),
    [
        pytest.param(LaunchSettings(), {}, id="nothing"),
        pytest.param(
            LaunchSettings(key_name="", user_data=UserData(b"")), {"KeyName": None, "UserData": None}, id="taken away"
        ),
        pytest.param(
            LaunchSettings(instance_profile_name="", cpu_credits=""),
            {"IamInstanceProfile": None, "CreditSpecification": None},
            id="none",
        ),
        pytest.param(LaunchSettings(spot_price=""), {"InstanceMarketOptions": None}, id="on demand"),
        pytest.param(
            LaunchSettings(spot_price="2"),
            {
                "InstanceMarketOptions": {
                    "MarketType": "spot",
                    "SpotOptions": {"MaxPrice": "2", "SpotInstanceType": "one-time"},
                }
            },
            id="other price",
        ),
        pytest.param(
            LaunchSettings(placement_tenancy="dedicated"),
            {"Placement": {"AvailabilityZone": "us-east-1a", "Tenancy": "dedicated"}},
            id="tenancy",
        ),
        pytest.param(
            LaunchSettings(metadata_options=MetadataOptions(http_endpoint="enabled")),
            {"MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"}},
            id="one metadata option",
        ),
        pytest.param(
            LaunchSettings(security_groups=("sg-2",)),
            {
                "NetworkInterfaces": [
                    {**NIC, "Groups": ["sg-2"], "Ipv6AddressCount": 1},
                    {"DeviceIndex": 1, "SubnetId": "subnet-1"},
                ]
            },
            id="security groups where they were",
        ),
    ],
)
def test_a_new_version_keeps_what_is_not_asked_for(settings, changed):
    before = copy.deepcopy(BASE)
    expected = {**BASE, "MetadataOptions": {"HttpTokens": "required"}, **changed}
    data = to_launch_template_data(settings, BASE)
    assert data == {name: value for name, value in expected.items() if value is not None}
    assert before == BASE


@given(template_strategies.template_settings())
def test_everything_that_is_given_comes_back(settings):
    found = from_launch_template_data(to_launch_template_data(settings))
    for name in launch_settings.FIELDS:
        value = getattr(settings, name)
        if value is not None and name not in ("tag_specifications", "metadata_options", "market_type"):
            assert getattr(found, name) == value, name
    assert launch_differences.differences(settings, found, launch_differences.LAUNCH_TEMPLATE_DEFAULTS) == ()


@given(strategies.launch_settings(derived=False))
def test_settings_survive_the_way_from_launch_configuration_to_launch_template(settings):
    """For everything that a launch configuration can hold; and what it launches is spelled out without another change."""
    arguments = {"LaunchConfigurationName": "web", **launch_settings.to_launch_configuration(settings)}
    held = launch_settings.from_launch_configuration(aws_answers.created_launch_configuration(arguments))
    assert from_launch_template_data(to_launch_template_data(held)) == held
    launched = as_launched(held)
    assert from_launch_template_data(to_launch_template_data(launched)) == launched
    assert launch_differences.differences(held, launched) == ()
    # And back again: a launch configuration made of what came through is the same one.
    assert launch_settings.to_launch_configuration(from_launch_template_data(to_launch_template_data(held))) == (
        launch_settings.to_launch_configuration(held)
    )


@pytest.mark.parametrize(
    ("device", "launched"),
    [
        pytest.param(
            BlockDevice("/dev/sdf", volume_size=8),
            BlockDevice("/dev/sdf", volume_size=8, delete_on_termination=True),
            id="unsaid",
        ),
        pytest.param(
            BlockDevice("/dev/sdf", volume_size=8, delete_on_termination=False),
            BlockDevice("/dev/sdf", volume_size=8, delete_on_termination=False),
            id="kept",
        ),
        pytest.param(BlockDevice("/dev/sdf", no_device=True), BlockDevice("/dev/sdf", no_device=True), id="no device"),
        pytest.param(
            BlockDevice("/dev/sdf", ephemeral="ephemeral0"),
            BlockDevice("/dev/sdf", ephemeral="ephemeral0"),
            id="ephemeral",
        ),
    ],
)
def test_as_launched(device, launched):
    assert as_launched(LaunchSettings(volumes=(device,), instance_id="i-1")) == LaunchSettings(volumes=(launched,))


@pytest.mark.parametrize(
    ("params", "option"),
    [
        pytest.param(
            {"volumes": [{"device_name": "/dev/sdf", "volume_size": 8, "encrypted": True, "kms_key_id": "alias/one"}]},
            "volumes[0] (/dev/sdf): kms_key_id",
            id="KMS key",
        ),
        pytest.param(
            {"volumes": [{"device_name": "/dev/sdf", "volume_size": 8, "volume_type": "io2", "iops": 200}]},
            "volumes[0] (/dev/sdf): volume_type 'io2'",
            id="io2",
        ),
        pytest.param(
            {"tag_specifications": [{"resource_type": "instance", "tags": {"a": "b"}}]},
            "tag_specifications",
            id="instance tags",
        ),
        pytest.param(
            {
                "metadata_options": {
                    "http_endpoint": "enabled",
                    "http_tokens": "required",
                    "instance_metadata_tags": "enabled",
                }
            },
            "metadata_options.instance_metadata_tags",
            id="IMDS tags",
        ),
        pytest.param(
            {
                "metadata_options": {
                    "http_endpoint": "enabled",
                    "http_tokens": "required",
                    "http_protocol_ipv6": "enabled",
                }
            },
            "metadata_options.http_protocol_ipv6",
            id="IMDS IPv6 endpoint",
        ),
        pytest.param({"image_id": "resolve:ssm:/golden"}, "image_id (resolve:ssm:)", id="SSM AMI parameter"),
        pytest.param(
            {"credit_specification": {"cpu_credits": "unlimited"}}, "credit_specification.cpu_credits", id="credits"
        ),
    ],
)
def test_what_only_a_template_can_hold(params, option):
    """It is refused for a launch configuration with a message that names the template, and goes through a template and back."""
    with pytest.raises(InvalidOption) as refused:
        launch_settings_options.from_params({**UNSET, **params})
    assert refused.value.message.startswith(option)
    assert "Use a launch template, for example with launchkit.aws.ec2_launch_template." in refused.value.message
    settings = launch_settings_options.from_params({**UNSET, **params}, LAUNCH_TEMPLATE)
    assert launch_settings.template_only(settings)
    found = from_launch_template_data(to_launch_template_data(settings))
    assert launch_settings.template_only(found) == launch_settings.template_only(settings)
    assert launch_settings.template_only(replace(settings, **dict.fromkeys(launch_settings.FIELDS))) == ()


@given(strategies.launch_settings())
def test_a_launch_configuration_holds_nothing_that_only_a_template_can(settings):
    assert launch_settings.template_only(settings) == ()
