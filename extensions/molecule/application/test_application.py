# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rest of the application's life, after converge: each test finds what the one before it left, in the order of this file.

What exists is read through boto3. `verify.yml` runs this in the environment that names the embedded AWS.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

HERE = Path(__file__).resolve().parent
NAME = "shop"
SECRET = "user-data-with-a-secret"
EC2_TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READING = ("Describe", "Get", "List")
# Those of the variables, and that of the role.
TAGS = {"Application": NAME, "Stage": "1", "launchkit:application": NAME}


@dataclass
class Run:
    """What a run of a playbook did."""

    status: int
    output: str
    recap: dict[str, int]
    writes: list[str]  # the calls that change something, in their order


def play(playbook: str, *options: str, **variables: Any) -> Run:
    """Run one of the collection's playbooks on the scenario's variables and these."""
    control("DELETE", "calls")
    given = [f"-e@{HERE / 'vars' / 'application.yml'}", "-e", json.dumps(variables)]
    command = [str(Path(sys.executable).parent / "ansible-playbook"), f"launchkit.aws.{playbook}", *given, *options]
    done = subprocess.run(
        command, env={**os.environ, "ANSIBLE_NOCOLOR": "1"}, capture_output=True, text=True, check=False
    )
    recap = next(line for line in reversed(done.stdout.splitlines()) if line.startswith("localhost "))
    writes = [call["operation"] for call in control("GET", "calls") if not call["operation"].startswith(READING)]
    return Run(
        done.returncode,
        done.stdout + done.stderr,
        {word: int(count) for word, count in re.findall(r"(\w+)=(\d+)", recap)},
        writes,
    )


def control(method: str, page: str, body: Any = None) -> Any:
    """Use the control API of the embedded AWS."""
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/embedded-aws/{page}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


@pytest.fixture(scope="module")
def iam() -> Any:
    return boto3.client("iam")


@pytest.fixture(scope="module")
def autoscaling() -> Any:
    return boto3.client("autoscaling")


@pytest.fixture(scope="module")
def ec2() -> Any:
    return boto3.client("ec2")


def group_of(autoscaling: Any, name: str = NAME) -> Any:
    groups = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return groups[0] if groups else None


def launch_configurations(autoscaling: Any) -> list[str]:
    found = autoscaling.describe_launch_configurations()["LaunchConfigurations"]
    return sorted(each["LaunchConfigurationName"] for each in found)


def inventory(iam: Any, autoscaling: Any, ec2: Any) -> Any:
    """Everything on the chain, to compare before and after."""
    profiles = iam.list_instance_profiles()["InstanceProfiles"]
    reservations = ec2.describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])[
        "Reservations"
    ]
    return (
        sorted(role["RoleName"] for role in iam.list_roles()["Roles"]),
        sorted((each["InstanceProfileName"], *(role["RoleName"] for role in each["Roles"])) for each in profiles),
        launch_configurations(autoscaling),
        sorted(
            group["AutoScalingGroupName"] for group in autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        ),
        sorted(instance["InstanceId"] for each in reservations for instance in each["Instances"]),
    )


def test_the_role_is_as_asked_for(iam: Any) -> None:
    role = iam.get_role(RoleName=NAME)["Role"]
    assert role["Path"] == "/applications/"
    assert role["Description"] == "What the shop may do"
    assert role["AssumeRolePolicyDocument"] == EC2_TRUST
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::aws:policy/PowerUserAccess"
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == TAGS
    attached = iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]
    assert {policy["PolicyArn"] for policy in attached} == {
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
        "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM",
        "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy",
    }
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["read-parameters"]


def test_the_instance_profile_is_named_like_the_role_and_holds_it(iam: Any) -> None:
    profile = iam.get_instance_profile(InstanceProfileName=NAME)["InstanceProfile"]
    assert profile["Path"] == "/applications/"
    assert [role["RoleName"] for role in profile["Roles"]] == [NAME]
    assert {tag["Key"]: tag["Value"] for tag in profile["Tags"]} == TAGS


def test_the_launch_configuration_has_what_a_security_reviewer_would_choose(autoscaling: Any) -> None:
    (configuration,) = autoscaling.describe_launch_configurations()["LaunchConfigurations"]
    assert configuration["LaunchConfigurationName"].startswith("shop-")
    assert configuration["IamInstanceProfile"] == NAME
    assert configuration["MetadataOptions"] == {"HttpEndpoint": "enabled", "HttpTokens": "required"}
    # AWS takes it only for a group with subnets.
    assert "AssociatePublicIpAddress" not in configuration
    assert configuration["InstanceMonitoring"] == {"Enabled": False}


def test_the_instances_of_the_group_carry_the_profile(iam: Any, autoscaling: Any, ec2: Any) -> None:
    group = group_of(autoscaling)
    assert [group["LaunchConfigurationName"]] == launch_configurations(autoscaling)
    identifiers = [instance["InstanceId"] for instance in group["Instances"]]
    assert len(identifiers) == 1
    (reservation,) = ec2.describe_instances(InstanceIds=identifiers)["Reservations"]
    (instance,) = reservation["Instances"]
    assert (
        instance["IamInstanceProfile"]["Arn"]
        == iam.get_instance_profile(InstanceProfileName=NAME)["InstanceProfile"]["Arn"]
    )
    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert {tag["Key"]: tag["Value"] for tag in instance["Tags"]}["Application"] == NAME


CHANGES = {"application_instance_type": "t3.small", "application_group_max_size": 4}


@pytest.fixture(scope="module")
def change(iam: Any, autoscaling: Any) -> Run:
    """A run with other launch settings and another size, after operators and scaling changed the group and the role by hand."""
    autoscaling.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=2)
    autoscaling.suspend_processes(AutoScalingGroupName=NAME, ScalingProcesses=["AZRebalance"])
    autoscaling.update_auto_scaling_group(AutoScalingGroupName=NAME, DefaultCooldown=77, HealthCheckGracePeriod=88)
    iam.put_role_policy(
        RoleName=NAME,
        PolicyName="by-hand",
        PolicyDocument=json.dumps(EC2_TRUST).replace(
            '"Principal": {"Service": "ec2.amazonaws.com"}', '"Resource": "*"'
        ),
    )
    iam.attach_role_policy(RoleName=NAME, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    run = play("bootstrap", "--diff", "-vvv", **CHANGES)
    assert run.status == 0, run.output
    assert SECRET not in run.output
    return run


def test_other_launch_settings_come_first_then_the_group_moves_then_the_old_ones_go(
    change: Run, autoscaling: Any
) -> None:
    chain = [write for write in change.writes if "LaunchConfiguration" in write or "Group" in write]
    assert chain == ["CreateLaunchConfiguration", "UpdateAutoScalingGroup", "DeleteLaunchConfiguration"]
    group = group_of(autoscaling)
    assert launch_configurations(autoscaling) == [group["LaunchConfigurationName"]]
    found = autoscaling.describe_launch_configurations()["LaunchConfigurations"]
    assert [each["InstanceType"] for each in found] == ["t3.small"]


def test_what_scaling_and_operators_did_to_the_group_stays(change: Run, autoscaling: Any) -> None:
    group = group_of(autoscaling)
    assert (group["MaxSize"], group["DesiredCapacity"]) == (4, 2)
    assert (group["DefaultCooldown"], group["HealthCheckGracePeriod"]) == (77, 88)
    assert [process["ProcessName"] for process in group["SuspendedProcesses"]] == ["AZRebalance"]


def test_what_is_not_declared_any_more_goes_from_the_role(change: Run, iam: Any) -> None:
    # Role, inline policy, launch configuration, group, and the launch configuration from before.
    assert change.recap["changed"] == 5, change.output
    assert iam.list_role_policies(RoleName=NAME)["PolicyNames"] == ["read-parameters"]
    assert len(iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"]) == 3


def test_teardown_refuses_before_it_touches_anything_and_names_all_that_is_in_the_way(
    iam: Any, autoscaling: Any, ec2: Any
) -> None:
    (configuration,) = launch_configurations(autoscaling)
    template = ec2.create_launch_template(
        LaunchTemplateName="foreign-template",
        LaunchTemplateData={"ImageId": "ami-baba68d3", "IamInstanceProfile": {"Name": NAME}},
    )["LaunchTemplate"]["LaunchTemplateId"]
    limits = {"MinSize": 0, "MaxSize": 1, "AvailabilityZones": ["us-east-1a"]}
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="foreign-1", LaunchConfigurationName=configuration, **limits
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="foreign-2", LaunchTemplate={"LaunchTemplateId": template, "Version": "1"}, **limits
    )
    foreign = ec2.run_instances(ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": NAME})[
        "Instances"
    ][0]["InstanceId"]
    iam.create_instance_profile(InstanceProfileName="foreign-profile")
    iam.add_role_to_instance_profile(InstanceProfileName="foreign-profile", RoleName=NAME)
    try:
        before = inventory(iam, autoscaling, ec2)
        # Its own group is not declared here, and so in the way as well.
        run = play("teardown", application_group_name="")
        assert run.status != 0
        assert "set application_group_name if the group belongs to the application" in run.output
        for name in ("foreign-1", "foreign-2", foreign, "foreign-profile"):
            assert name in run.output
        assert run.writes == []
        assert inventory(iam, autoscaling, ec2) == before
    finally:
        for name in ("foreign-1", "foreign-2"):
            autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name)
        ec2.delete_launch_template(LaunchTemplateId=template)
        ec2.terminate_instances(InstanceIds=[foreign])
        iam.remove_role_from_instance_profile(InstanceProfileName="foreign-profile", RoleName=NAME)
        iam.delete_instance_profile(InstanceProfileName="foreign-profile")


def test_teardown_removes_everything_in_the_right_order(iam: Any, autoscaling: Any, ec2: Any) -> None:
    run = play("teardown", application_group_force_delete=True)
    assert run.status == 0, run.output
    chain = [write for write in run.writes if write.startswith("Delete") and "Policy" not in write]
    assert chain == ["DeleteAutoScalingGroup", "DeleteLaunchConfiguration", "DeleteInstanceProfile", "DeleteRole"]
    assert inventory(iam, autoscaling, ec2)[1:] == ([], [], [], [])
    assert NAME not in inventory(iam, autoscaling, ec2)[0]


def test_mistakes_are_named_all_at_once_and_nothing_is_made() -> None:
    mistakes = {
        "application_name": "not a name",
        "application_trust_policy": EC2_TRUST,
        "application_trust_principal": "ec2.amazonaws.com",
        "application_instance_type": "",
        "application_user_data": {"password": SECRET},
        "application_user_data_path": "/nowhere",
        "application_group_min_size": 5,
        "application_group_subnets": ["subnet-1"],
    }
    run = play("bootstrap", "-vvv", **mistakes)
    assert run.status != 0
    for message in (
        "application_name: 'not a name' must be",
        "application_trust_principal: application_trust_policy is set",
        "application_image_id and application_instance_type: set both",
        "application_user_data: has to be text",
        "application_user_data: application_user_data_path is set, too.",
        "application_group_max_size have to be in this order",
        "application_group_availability_zones: the subnets",
    ):
        assert message in run.output.replace("\\n", " ")
    assert run.writes == []
    assert SECRET not in run.output


def test_several_applications_in_one_run(iam: Any, tmp_path: Path) -> None:
    listed = tmp_path / "applications.json"
    listed.write_text(
        json.dumps(
            {"applications": [{"application_name": "a"}, {"application_name": "b", "application_role_path": "/b/"}]}
        )
    )
    command = [str(Path(sys.executable).parent / "ansible-playbook"), f"-e@{listed}"]
    done = subprocess.run([*command, "launchkit.aws.bootstrap"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("a", "b"):
        (line,) = [line for line in done.stdout.splitlines() if line.startswith(f"{name} ")]
        assert "changed=2 " in line
    # The principal of the caller's partition.
    assert iam.get_role(RoleName="a")["Role"]["AssumeRolePolicyDocument"] == EC2_TRUST
    found = {each["InstanceProfileName"]: each["Path"] for each in iam.list_instance_profiles()["InstanceProfiles"]}
    assert found == {"a": "/", "b": "/b/"}
    for name in ("a", "b"):
        iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
        iam.delete_instance_profile(InstanceProfileName=name)
        iam.delete_role(RoleName=name)
