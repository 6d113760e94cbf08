# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Nothing is half made, nothing is dropped silently, and check mode foresees it."""

from __future__ import annotations

import pytest

READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
MISSPELT = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces"
FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


@pytest.fixture
def policies(aws):
    """Return the ARNs of what the role ``web`` has attached."""
    pages = aws.client("iam").get_paginator("list_attached_role_policies")
    return lambda: [each["PolicyArn"] for page in pages.paginate(RoleName="web") for each in page["AttachedPolicies"]]


def application(**variables):
    """Return the variables of the application ``web``, without their prefix in the arguments."""
    return {f"application_{name}": value for name, value in {"name": "web", **variables}.items()}


def test_policy_that_cannot_be_attached_leaves_the_role_as_it_was(succeed, attempt, refuse, policies, aws):
    succeed("bootstrap", variables=application(managed_policies=[READ_ONLY]))
    for arguments in (["--check"], []):
        output = refuse("bootstrap", *arguments, variables=application(managed_policies=[MISSPELT]))
        assert "application_managed_policies" in output
        assert MISSPELT in output
    assert policies() == [READ_ONLY]

    denied = {"code": "AccessDenied", "status": 403, "message": "not authorized to perform: iam:AttachRolePolicy"}
    aws.fault("error", "AttachRolePolicy", times=1, **denied)
    assert not attempt("bootstrap", variables=application(managed_policies=[FULL])).succeeded
    assert policies() == [READ_ONLY]


def test_two_applications_of_one_name_are_refused(refuse):
    administrator = {"application_name": "Web", "application_managed_policies": ["AdministratorAccess"]}
    output = refuse("bootstrap", variables={"applications": [{"application_name": "web"}, administrator]})
    assert "application_name" in output
    assert "web" in output


def test_application_with_the_name_of_a_host_is_refused(refuse, tmp_path):
    """It would have that host's variables as well."""
    (tmp_path / "hosts.ini").write_text("web application_managed_policies=AdministratorAccess\n")
    output = refuse("bootstrap", "-i", "hosts.ini", variables={"applications": [{"application_name": "web"}]})
    assert "application_name" in output


def test_fleet_application_that_cannot_be_planned_stops_no_other(attempt, aws):
    aws.client("iam").create_instance_profile(InstanceProfileName="elsewhere", Path="/other/")
    names = ["elsewhere", "shop"]
    defaults = {"application_instance_profile_path": "/web/"}
    fleet = {"fleet_applications": [{"application_name": name} for name in names], "fleet_defaults": defaults}
    run = attempt("fleet", variables=fleet)
    assert not run.succeeded
    assert "has no attribute" not in run.output
    assert "1 of 2 applications failed" in run.output
    assert "[elsewhere] " in run.output
    assert "[shop] " not in run.output
    (role,) = aws.client("iam").get_instance_profile(InstanceProfileName="shop")["InstanceProfile"]["Roles"]
    assert role["RoleName"] == "shop"


def test_mixed_instances_policy_of_the_group_stays(succeed, attempt, aws):
    group = {"group_name": "web", "group_min_size": 1, "group_max_size": 1, "group_availability_zones": ["us-east-1a"]}
    launch = {"launch_with": "launch_template", "image_id": "ami-baba68d3"}
    succeed("bootstrap", variables=application(**group, **launch, instance_type="t3.small"))
    template = {"LaunchTemplateName": "web", "Version": "1"}
    policy = {
        "LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": [{"InstanceType": "t3.large"}]},
        "InstancesDistribution": {"OnDemandBaseCapacity": 1},
    }
    autoscaling = aws.client("autoscaling")
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="web", MixedInstancesPolicy=policy)

    aws.reset_calls()
    run = attempt("bootstrap", variables=application(**group, **launch, instance_type="t3.medium"))
    (found,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    kept = found["MixedInstancesPolicy"]
    assert kept["LaunchTemplate"]["Overrides"] == [{"InstanceType": "t3.large"}]
    assert kept["InstancesDistribution"]["OnDemandBaseCapacity"] == 1
    if not run.succeeded:
        assert "application_group_name" in run.output
        assert (
            len(aws.client("ec2").describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"])
            == 1
        )
