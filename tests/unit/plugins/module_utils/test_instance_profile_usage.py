# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile_usage as usage
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

PROFILE = aws_answers.instance_profile("web")
ARN = PROFILE["Arn"]


@pytest.mark.parametrize(
    ("text", "named"),
    [(None, False), ("", False), ("web", True), ("WEB", True), ("web2", False), (ARN, True), (ARN + "2", False)],
)
def test_names_profile(text, named):
    assert usage.names_profile(text, PROFILE) is named


def test_launch_configurations_with():
    configurations = [
        {"LaunchConfigurationName": "c", "IamInstanceProfile": ARN},
        {"LaunchConfigurationName": "a", "IamInstanceProfile": "web"},
        {"LaunchConfigurationName": "b", "IamInstanceProfile": "other"},
        {"LaunchConfigurationName": "d"},
    ]
    assert usage.launch_configurations_with(PROFILE, configurations) == ("a", "c")


GROUPS = [
    {"AutoScalingGroupName": "z", "LaunchConfigurationName": "lc"},
    {
        "AutoScalingGroupName": "y",
        "LaunchTemplate": {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "one", "Version": "3"},
    },
    {
        "AutoScalingGroupName": "x",
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": "lt-1", "Version": "$Latest"},
                "Overrides": [
                    {"LaunchTemplateSpecification": {"LaunchTemplateId": "lt-2"}},
                    {"InstanceType": "t3.small"},
                ],
            }
        },
    },
    {"AutoScalingGroupName": "w", "LaunchConfigurationName": "other"},
]


def test_template_versions_of_groups_and_their_overrides():
    assert usage.template_versions(GROUPS) == {"lt-1": ("$Latest", "3"), "lt-2": ("$Default",)}


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ({"IamInstanceProfile": {"Name": "web"}}, {"lt-1"}),
        ({"IamInstanceProfile": {"Arn": ARN}}, {"lt-1"}),
        ({"IamInstanceProfile": {"Name": "other"}}, set()),
        ({}, set()),
    ],
)
def test_templates_with(named, found):
    assert usage.templates_with(PROFILE, [{"LaunchTemplateId": "lt-1", "LaunchTemplateData": named}]) == found


@pytest.mark.parametrize(
    ("configurations", "templates", "found"),
    [
        (("lc",), set(), ["z"]),
        ((), {"lt-1"}, ["x", "y"]),
        ((), {"lt-2"}, ["x"]),
        (("lc",), {"lt-2"}, ["x", "z"]),
        ((), set(), []),
    ],
)
def test_groups_with(configurations, templates, found):
    shown = usage.groups_with(GROUPS, configurations, templates, "us-east-1")
    assert [each["auto_scaling_group_name"] for each in shown] == found
    for each in shown:
        assert each["region"] == "us-east-1"
        assert (each["launch_configuration_name"] is None) != (each["launch_template_name"] is None)


def test_instances_show_their_group():
    instances = [
        {"InstanceId": "i-2", "State": {"Name": "stopped"}},
        {"InstanceId": "i-1", "State": {"Name": "running"}, "Tags": [{"Key": usage.GROUP_TAG, "Value": "web"}]},
    ]
    assert usage.instances_shown(instances, "us-east-1") == [
        {"instance_id": "i-1", "region": "us-east-1", "state": "running", "auto_scaling_group_name": "web"},
        {"instance_id": "i-2", "region": "us-east-1", "state": "stopped", "auto_scaling_group_name": None},
    ]
