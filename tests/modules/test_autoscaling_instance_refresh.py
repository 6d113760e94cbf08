# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instance refreshes of groups that name their launch template without a number, and the preferences of a refresh."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.modules import autoscaling_instance_refresh as module
from ansible_collections.launchkit.aws.plugins.modules import ec2_launch_template


@pytest.fixture
def template(run):
    """The result of creating version 1 of a launch template."""
    return run(ec2_launch_template, name="web", image_id="ami-baba68d3", instance_type="t3.micro")


@pytest.mark.parametrize(
    ("version", "default_version", "outdated"),
    [("$Latest", "keep", 2), ("$Default", "latest", 2), ("$Default", "keep", 0)],
)
def test_version_without_number(run, aws, group, writes, template, version, default_version, outdated):
    group("web", size=2, LaunchTemplate={"LaunchTemplateId": template["launch_template_id"], "Version": version})
    run(ec2_launch_template, name="web", instance_type="t3.small", default_version=default_version)
    writes()
    checked = run(module, check_mode=True, group="web")
    assert (checked["changed"], len(checked["outdated_instances"])) == (bool(outdated), outdated)
    assert writes() == []
    assert run(module, group="web")["changed"] == bool(outdated)


def test_group_with_a_number_costs_no_call_to_ec2(run, aws, group, template):
    group("web", LaunchTemplate={"LaunchTemplateId": template["launch_template_id"], "Version": "1"})
    aws.reset_calls()
    assert not run(module, group="web")["changed"]
    assert {call["operation"] for call in aws.calls()} == {"DescribeAutoScalingGroups", "DescribeInstanceRefreshes"}


def test_preferences_are_sent(run, aws, group, template):
    preferences = {
        "scale_in_protected_instances": "refresh",
        "standby_instances": "ignore",
        "skip_matching": False,
        "bake_time": 1,
        "checkpoint_percentages": [50, 100],
        "checkpoint_delay": 1,
        "alarms": ["errors"],
    }
    group("web", size=1, LaunchTemplate={"LaunchTemplateId": template["launch_template_id"], "Version": "$Latest"})
    run(ec2_launch_template, name="web", instance_type="t3.small")
    result = run(module, group="web", **preferences)
    assert result["changed"], result["printed"]
    (sent,) = aws.client("autoscaling").describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"]
    shown = sent["Preferences"]
    assert (shown["ScaleInProtectedInstances"], shown["StandbyInstances"]) == ("Refresh", "Ignore")
    assert (shown["SkipMatching"], shown["BakeTime"], shown["CheckpointDelay"]) == (False, 1, 1)
    assert (shown["CheckpointPercentages"], shown["AlarmSpecification"]) == ([50, 100], {"Alarms": ["errors"]})


def test_protected_instances_are_named_or_ignored(run, aws, group, template):
    group("web", size=1, LaunchTemplate={"LaunchTemplateId": template["launch_template_id"], "Version": "$Latest"})
    client = aws.client("autoscaling")
    (found,) = client.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    ids = [each["InstanceId"] for each in found["Instances"]]
    client.set_instance_protection(AutoScalingGroupName="web", InstanceIds=ids, ProtectedFromScaleIn=True)
    run(ec2_launch_template, name="web", instance_type="t3.small")
    checked = run(module, check_mode=True, group="web")
    assert checked["blocking_instances"] == {"scale_in_protected_instances": ids, "standby_instances": []}
    ignored = run(module, group="web", scale_in_protected_instances="ignore")
    assert (ignored["changed"], ignored["outdated_instances"]) == (False, [])


@pytest.mark.parametrize("kind", ["launch configuration", "launch template"])
def test_group_that_another_run_changed_is_left_alone(run, fleet, template, writes, kind):
    """The caller saw the group before the deploy, and starts the refresh after it."""
    specification = {"LaunchTemplateId": template["launch_template_id"], "Version": "1"}
    for name in ("before", "deployed"):
        fleet.configuration(name)
    fleet.group("web", "before", 1)
    seen = {"expected_launch_configuration": "before"}
    if kind == "launch template":
        fleet.set("web", LaunchTemplate=specification)
        seen = {"expected_launch_template_id": template["launch_template_id"], "expected_launch_template_version": "1"}
    fleet.set("web", LaunchConfigurationName="deployed")
    new = run(ec2_launch_template, name="new", image_id="ami-785db401", instance_type="t3.micro")
    wanted = {"launch_template_id": new["launch_template_id"], "launch_template_version": "1"}
    writes()
    refused = run(module, group="web", **wanted, **seen)
    assert "launches from launch configuration 'deployed' now" in refused["msg"]
    assert writes() == []
    assert run(module, group="web", **wanted, expected_launch_configuration="deployed")["changed"]


def test_rollback_without_a_template_is_refused(run, group, template, writes):
    group("web", LaunchTemplate={"LaunchTemplateId": template["launch_template_id"], "Version": "1"})
    writes()
    refused = run(module, group="web", auto_rollback=True)
    assert "auto_rollback: requires launch_template_id." in refused["msg"]
