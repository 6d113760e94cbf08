# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter launch_template_data on the facts that people have."""

from __future__ import annotations

import base64
import copy

import pytest
from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.launchkit.aws.plugins.filter import launch_template_data as plugin
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import (
    as_launched,
    to_launch_template_data,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, strategies
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import EVERYTHING_AS_ARGUMENTS
from hypothesis import given

FILTER = plugin.FilterModule().filters()["launch_template_data"]
API = aws_answers.created_launch_configuration({"LaunchConfigurationName": "web", **EVERYTHING_AS_ARGUMENTS})
OURS = launch_configuration.render(launch_configuration.from_api(API))
# community.aws.autoscaling_launch_config_info: the API's answer in snake case, with its times as text.
COMMUNITY = {**camel_dict_to_snake_dict(API), "created_time": "2026-11-23T15:20:47+00:00"}
EXPECTED = {
    **{
        key: EVERYTHING_AS_ARGUMENTS[key]
        for key in ("ImageId", "InstanceType", "KeyName", "MetadataOptions", "EbsOptimized", "KernelId")
    },
    "RamDiskId": "ari-1",
    "UserData": base64.b64encode(b"#!/bin/sh\n").decode(),
    "IamInstanceProfile": {"Name": "web"},
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True}},
        {"DeviceName": "/dev/sdg", "NoDevice": ""},
    ],
    "Monitoring": {"Enabled": False},
    "NetworkInterfaces": [
        {"DeviceIndex": 0, "DeleteOnTermination": True, "Groups": ["sg-1", "sg-2"], "AssociatePublicIpAddress": False}
    ],
    "Placement": {"Tenancy": "dedicated"},
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}},
}


@pytest.mark.parametrize(
    ("facts", "user_data"),
    [
        pytest.param(API, None, id="the API's"),
        pytest.param(COMMUNITY, None, id="community.aws's"),
        pytest.param(OURS, "#!/bin/sh\n", id="ours, with the user data"),
        pytest.param({**API, "UserData": "b3RoZXI="}, "#!/bin/sh\n", id="with other user data"),
    ],
)
def test_facts(facts, user_data):
    before = copy.deepcopy(facts)
    assert FILTER(facts, user_data=user_data) == EXPECTED
    assert facts == before


def test_plain_facts():
    plain = launch_configuration.render(launch_configuration.from_api(aws_answers.launch_configuration()))
    assert FILTER(plain) == {
        "ImageId": "ami-baba68d3",
        "InstanceType": "t3.small",
        "Monitoring": {"Enabled": True},
        "EbsOptimized": False,
    }


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        pytest.param([API], "give the facts of one launch configuration, not list.", id="a list"),
        pytest.param({"name": "web"}, "launch_configuration_name is missing.", id="something else"),
        pytest.param(
            OURS,
            "do not hold its user data. Give it as user_data=..., or let launchkit.aws.ec2_launch_template",
            id="hidden",
        ),
        pytest.param(
            {**COMMUNITY, "classic_link_vpc_id": "vpc-1"},
            "launch configuration 'web' links to EC2-Classic",
            id="ClassicLink",
        ),
        pytest.param(
            {**API, "UserData": "S3cr3t%"}, "the user data of launch configuration 'web' is not base64", id="not base64"
        ),
    ],
)
def test_refusals(facts, message):
    with pytest.raises(AnsibleFilterError) as refused:
        FILTER(facts)
    assert message in str(refused.value)
    assert "S3cr3t" not in str(refused.value)


@given(strategies.launch_settings(derived=False))
def test_all_ways_lead_to_the_same_data(settings):
    """The filter makes of each kind of facts what the migration makes of the launch configuration."""
    arguments = {"LaunchConfigurationName": "web", **launch_settings.to_launch_configuration(settings)}
    answer = aws_answers.created_launch_configuration(arguments)
    expected = to_launch_template_data(as_launched(launch_settings.from_launch_configuration(answer)))
    text = (settings.user_data or UserData(b"")).content
    assert FILTER(answer) == expected
    assert FILTER(camel_dict_to_snake_dict(answer)) == expected
    if text.isascii():
        ours = launch_configuration.render(launch_configuration.from_api(answer))
        assert FILTER(ours, user_data=text.decode() if text else None) == expected
