# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How operators take over an account that other tools made, and migrate it off launch configurations."""

import json

IMAGE = {"ImageId": "ami-baba68d3", "InstanceType": "t3.small"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def make_account(aws, user_data):
    """Make a group with a launch configuration, one with a launch template, and one with a mixed instances policy."""
    iam, ec2, autoscaling = map(aws.client, ("iam", "ec2", "autoscaling"))
    for name in ("web", "jobs", "mixed"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Description="For {{ nobody }}")
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="web-2019", IamInstanceProfile="web", UserData=user_data, **IMAGE
    )
    for name in ("jobs", "mixed"):
        data = {**IMAGE, "IamInstanceProfile": {"Name": name}}
        ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
    latest = {name: {"LaunchTemplateName": name, "Version": "$Latest"} for name in ("jobs", "mixed")}
    policy = {
        "LaunchTemplate": {"LaunchTemplateSpecification": latest["mixed"], "Overrides": [{"InstanceType": "t3.large"}]}
    }
    sources = {
        "web": {"LaunchConfigurationName": "web-2019"},
        "jobs": {"LaunchTemplate": latest["jobs"]},
        "mixed": {"MixedInstancesPolicy": policy},
    }
    sizes = {"MinSize": 0, "MaxSize": 2, "AvailabilityZones": ["us-east-1a"]}
    for name, source in sources.items():
        autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, **sizes, **source)


def test_adopt_then_migrate_in_three_commands(succeed, aws, launch, tmp_path):
    user_data = launch["application_user_data"]
    make_account(aws, user_data)
    aws.reset_calls()
    adopted = succeed("adopt", "-e", "fleet_file=fleet.yml", "-e", "adopt_user_data=true")
    assert "fleet.yml: 2 of 3 applications unchanged; 1 need a decision: mixed." in adopted.output
    assert [call for call in aws.calls() if not call["operation"].startswith(("Describe", "List", "Get"))] == []
    secret = tmp_path / "fleet.yml.user_data" / "web"
    assert (secret.read_text(encoding="utf-8"), secret.stat().st_mode & 0o777) == (user_data, 0o600)

    path = tmp_path / "fleet.yml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("fleet_defaults:", "fleet_defaults:\n  application_launch_with: launch_template"), encoding="utf-8"
    )
    plan = succeed("fleet", "-e", "@fleet.yml", "-e", "fleet_adopt=true", "--check")
    assert "- launch configuration web-2019" in plan.output
    succeed("fleet", "-e", "@fleet.yml", "-e", "fleet_adopt=true")
    assert aws.client("autoscaling").describe_launch_configurations()["LaunchConfigurations"] == []
    (group,) = aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["web"])[
        "AutoScalingGroups"
    ]
    assert group["LaunchTemplate"]["LaunchTemplateName"] == "web"
