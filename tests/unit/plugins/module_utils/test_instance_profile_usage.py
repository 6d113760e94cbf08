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


CONFIGURATIONS = [
    {"LaunchConfigurationName": "lc", "IamInstanceProfile": ARN},
    {"LaunchConfigurationName": "other", "IamInstanceProfile": "other"},
    {"LaunchConfigurationName": "none"},
]


def users(instances=(), configurations=(), versions=()):
    return usage.users(PROFILE, "us-east-1", instances, configurations, GROUPS, versions)


def template_version(named, template_id="lt-1"):
    return {"LaunchTemplateId": template_id, "LaunchTemplateData": named}


def test_template_versions_of_groups_and_their_overrides():
    assert usage.template_versions(GROUPS) == [("lt-1", "$Latest"), ("lt-1", "3"), ("lt-2", "$Default")]


@pytest.mark.parametrize(
    ("named", "groups"),
    [
        ({"IamInstanceProfile": {"Name": "web"}}, ["x", "y"]),
        ({"IamInstanceProfile": {"Arn": ARN}}, ["x", "y"]),
        ({"IamInstanceProfile": {"Name": "other"}}, []),
        ({}, []),
    ],
)
def test_groups_by_what_their_templates_name(named, groups):
    found = users(versions=[None, template_version(named)])["groups"]
    assert [each["auto_scaling_group_name"] for each in found] == groups


@pytest.mark.parametrize("text", [ARN, "web"])
def test_groups_by_what_their_launch_configurations_name(text):
    configurations = [{"LaunchConfigurationName": name, "IamInstanceProfile": text} for name in ("other", "lc")]
    assert [each["auto_scaling_group_name"] for each in users(configurations=configurations)["groups"]] == ["w", "z"]


@pytest.mark.parametrize(
    ("configurations", "templates", "found"),
    [
        (CONFIGURATIONS, (), ["z"]),
        ((), ["lt-1"], ["x", "y"]),
        ((), ["lt-2"], ["x"]),
        (CONFIGURATIONS, ["lt-2"], ["x", "z"]),
        ((), (), []),
    ],
)
def test_groups_show_what_they_launch_from(configurations, templates, found):
    versions = [template_version({"IamInstanceProfile": {"Arn": ARN}}, template_id) for template_id in templates]
    shown = users(configurations=configurations, versions=versions)["groups"]
    assert [each["auto_scaling_group_name"] for each in shown] == found
    for each in shown:
        assert each["region"] == "us-east-1"
        assert (each["launch_configuration_name"] is None) != (each["launch_template_name"] is None)


def test_instances_show_their_group():
    profile = {"IamInstanceProfile": {"Arn": ARN}}
    instances = [
        {"InstanceId": "i-2", "State": {"Name": "stopped"}, **profile},
        {"InstanceId": "i-3", "State": {"Name": "running"}, "IamInstanceProfile": {"Arn": f"{ARN}2"}},
        {"InstanceId": "i-4", "State": {"Name": "running"}},
        {
            "InstanceId": "i-1",
            "State": {"Name": "running"},
            "Tags": [{"Key": usage.GROUP_TAG, "Value": "web"}],
            **profile,
        },
    ]
    assert users(instances)["instances"] == [
        {"instance_id": "i-1", "region": "us-east-1", "state": "running", "auto_scaling_group_name": "web"},
        {"instance_id": "i-2", "region": "us-east-1", "state": "stopped", "auto_scaling_group_name": None},
    ]
