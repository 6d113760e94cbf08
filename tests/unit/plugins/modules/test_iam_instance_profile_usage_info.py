# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.modules import iam_instance_profile_usage_info
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

PROFILE = aws_answers.over_the_wire(aws_answers.instance_profile("web"))
CREATED = aws_answers.CREATED


def instance(instance_id, state, **tags):
    listed = [{"Key": key.replace("_", ":"), "Value": value} for key, value in tags.items()]
    carried = {"Arn": PROFILE["Arn"], "Id": PROFILE["InstanceProfileId"]}
    return {"InstanceId": instance_id, "State": {"Name": state}, "Tags": listed, "IamInstanceProfile": carried}


def group(name, **what):
    return {
        "AutoScalingGroupName": name,
        "MinSize": 0,
        "MaxSize": 1,
        "DesiredCapacity": 0,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-east-1a"],
        "HealthCheckType": "EC2",
        "CreatedTime": CREATED,
        **what,
    }


def test_usage_of_missing_profile_is_one_call(run_module, script):
    script.refuse("iam", "get_instance_profile", "NoSuchEntity", "Instance Profile web cannot be found.")
    result = run_module(iam_instance_profile_usage_info, name="web")
    assert (result["in_use"], result["instances"], result["auto_scaling_groups"]) == (False, [], [])
    assert result["iam_instance_profile"] is None
    assert result["region"] == "us-east-1"


def test_usage_of_unused_profile_reads_no_templates(run_module, script):
    script.answer("iam", "get_instance_profile", {"InstanceProfile": PROFILE}, InstanceProfileName="web")
    script.answer("ec2", "describe_instances", {"Reservations": []})
    script.answer("autoscaling", "describe_launch_configurations", {"LaunchConfigurations": []})
    script.answer("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": []})
    result = run_module(iam_instance_profile_usage_info, name="web")
    assert result["in_use"] is False
    assert result["iam_instance_profile"]["instance_profile_name"] == "web"


def test_usage_finds_instances_and_groups_on_any_page(run_module, script):
    living = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}
    carrying = {"Name": "iam-instance-profile.arn", "Values": [PROFILE["Arn"]]}
    specification = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "one", "Version": "2"}
    script.answer("iam", "get_instance_profile", {"InstanceProfile": PROFILE}, InstanceProfileName="web")
    script.answer(
        "ec2",
        "describe_instances",
        {"Reservations": [{"Instances": [instance("i-2", "stopped")]}], "NextToken": "n"},
        Filters=[carrying, living],
    )
    grouped = instance("i-1", "running", aws_autoscaling_groupName="web")
    script.answer(
        "ec2",
        "describe_instances",
        {"Reservations": [{"Instances": [grouped]}]},
        Filters=[carrying, living],
        NextToken="n",
    )
    configuration = {
        "LaunchConfigurationName": "web-1",
        "ImageId": "ami-1",
        "InstanceType": "t3.small",
        "IamInstanceProfile": PROFILE["Arn"],
        "CreatedTime": CREATED,
    }
    script.answer("autoscaling", "describe_launch_configurations", {"LaunchConfigurations": [configuration]})
    groups = [
        group("web", LaunchConfigurationName="web-1"),
        group("templated", LaunchTemplate=specification),
        group("other", LaunchConfigurationName="other"),
        group("broken", LaunchTemplate={"LaunchTemplateId": "lt-2", "Version": "7"}),
    ]
    script.answer("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": groups})
    version = {"LaunchTemplateId": "lt-1", "LaunchTemplateData": {"IamInstanceProfile": {"Name": "web"}}}
    script.answer(
        "ec2",
        "describe_launch_template_versions",
        {"LaunchTemplateVersions": [version]},
        LaunchTemplateId="lt-1",
        Versions=["2"],
    )
    # The version or the template was deleted, and the group can launch nothing.
    script.refuse("ec2", "describe_launch_template_versions", "InvalidLaunchTemplateId.VersionNotFound", "version 7")
    result = run_module(iam_instance_profile_usage_info, name="web")
    assert result["in_use"] is True
    assert [(each["instance_id"], each["state"], each["auto_scaling_group_name"]) for each in result["instances"]] == [
        ("i-1", "running", "web"),
        ("i-2", "stopped", None),
    ]
    found = {
        each["auto_scaling_group_name"]: (each["launch_configuration_name"], each["launch_template_name"])
        for each in result["auto_scaling_groups"]
    }
    assert found == {"web": ("web-1", None), "templated": (None, "one")}


def test_usage_reads_other_regions_once(run_module, script, sessions):
    script.answer("iam", "get_instance_profile", {"InstanceProfile": PROFILE})
    for name in ("web", "far"):
        script.answer("ec2", "describe_instances", {"Reservations": []})
        script.answer("autoscaling", "describe_launch_configurations", {"LaunchConfigurations": []})
        script.answer(
            "autoscaling",
            "describe_auto_scaling_groups",
            {"AutoScalingGroups": [group(name, LaunchConfigurationName="x")]},
        )
    result = run_module(iam_instance_profile_usage_info, name="web", other_regions=["eu-central-1", "us-east-1"])
    assert result["in_use"] is False
    assert sorted(sessions.clients) == ["autoscaling", "autoscaling", "ec2", "ec2", "iam"]
