# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A variable is what its specification says, wherever it comes from: ``-e`` and INI inventories give text."""

from __future__ import annotations

import pytest

FLEET = {"fleet_defaults": {"application_role_path": "/web/"}, "fleet_orphan_path": "/web/"}
TEXT = (
    *("-e", "application_purge_tags=false"),
    *("-e", "application_group_propagate_tags=false"),
    *("-e", "application_group_force_delete=false"),
    *("-e", "application_managed_policies=AmazonS3ReadOnlyAccess"),
    *("-e", "application_group_termination_policies=OldestInstance"),
    *("-e", "application_wait_timeout=60"),
)
# The name is a number.
APPLICATION = {
    "application_name": 4711,
    "application_launch_with": "launch_template",
    "application_user_data_base64": "",
    "application_tags": {"Team": "web"},
    "application_group_name": "web",
    "application_group_availability_zones": "us-east-1a, us-east-1b",
    "application_group_min_size": "1",
    "application_group_max_size": "1",
}


def test_application_switches_as_text_are_honoured(succeed, aws, launch):
    variables = {"applications": [{**launch, **APPLICATION}]}
    succeed("bootstrap", *TEXT, variables=variables)
    (attached,) = aws.client("iam").list_attached_role_policies(RoleName="4711")["AttachedPolicies"]
    assert attached["PolicyName"] == "AmazonS3ReadOnlyAccess"
    autoscaling = aws.client("autoscaling")
    backup = {"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "Backup", "Value": "daily"}
    autoscaling.create_or_update_tags(Tags=[{**backup, "PropagateAtLaunch": False}])
    aws.client("iam").tag_role(RoleName="4711", Tags=[{"Key": "Backup", "Value": "daily"}])

    assert succeed("bootstrap", *TEXT, variables=variables).changed == 0
    (group,) = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert group["AvailabilityZones"] == ["us-east-1a", "us-east-1b"]
    assert group["TerminationPolicies"] == ["OldestInstance"]
    tags = {tag["Key"]: tag["PropagateAtLaunch"] for tag in group["Tags"]}
    assert tags.items() >= {"Team": False, "Backup": False}.items()
    role_tags = aws.client("iam").list_role_tags(RoleName="4711")["Tags"]
    assert {"Key": "Backup", "Value": "daily"} in role_tags

    aws.reset_calls()
    succeed("teardown", "-vvv", *TEXT, variables=variables)
    calls = [call["operation"] for call in aws.calls(service="autoscaling", outcome="ok")]
    # By force would be without scaling in first.
    assert calls.index("UpdateAutoScalingGroup") < calls.index("DeleteAutoScalingGroup")
    assert aws.client("iam").list_roles()["Roles"] == []


YES = {"application_name": True}


@pytest.mark.parametrize(("playbook", "variables"), [("bootstrap", {"applications": [YES]}), ("teardown", YES)])
def test_name_that_yaml_reads_as_boolean_is_refused(refuse, playbook, variables):
    output = refuse(playbook, variables=variables)
    assert "application_name" in output
    assert "quote it" in output


def test_prune_orphans_false_as_text_deletes_nothing(succeed, aws, tmp_path):
    succeed("fleet", variables={**FLEET, "fleet_applications": [{"application_name": "former"}]})
    fleet = {**FLEET, "fleet_applications": [{"application_name": "shop"}]}
    given = succeed("fleet", "-e", "fleet_prune_orphans=false", variables=fleet)
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("[prod]\naccount ansible_connection=local\n[prod:vars]\nfleet_prune_orphans=no\n")
    listed = succeed("fleet", "-i", str(inventory), "-e", "launchkit_hosts=prod", variables=fleet)
    for run in (given, listed):
        assert "former" in run.output
    assert listed.changed == 0
    assert {role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]} == {"former", "shop"}
