# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What stands in the way of a migration, and a migration that stops on its way."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.launchkit.aws.plugins.modules import autoscaling_launch_template_migration as module
from ansible_collections.launchkit.aws.plugins.modules import ec2_launch_template

IMAGE = "ami-baba68d3"
# In no result, message or difference may this appear.
SECRET = "correct-horse"
GROUPS = {"web-a": "web one", "web-b": "web one", "web-c": "web-two"}


@pytest.fixture
def fleet(aws, profile, group, writes):
    """Three groups with two launch configurations; the tags of the last name Terraform."""
    profile("web")
    autoscaling = aws.client("autoscaling")
    for name in ("web one", "web-two"):
        autoscaling.create_launch_configuration(
            LaunchConfigurationName=name,
            ImageId=IMAGE,
            InstanceType="t3.micro",
            IamInstanceProfile="web",
            UserData=SECRET,
            BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8}}],
        )
    for (name, configuration), size in zip(GROUPS.items(), (2, 0, 1)):
        group(name, size=size, LaunchConfigurationName=configuration)
    owner = {"ResourceId": "web-c", "ResourceType": "auto-scaling-group", "Key": "managed-by", "Value": "Terraform"}
    autoscaling.create_or_update_tags(Tags=[{**owner, "PropagateAtLaunch": False}])
    writes()
    return autoscaling


def actions(result):
    return [each["action"] for each in result["migrations"]]


def test_what_stands_in_the_way_is_named_and_nothing_is_changed(run, fleet, writes):
    run(ec2_launch_template, name="web-two", image_id=IMAGE)
    writes()
    blocked = run(module, group_regex="web")
    assert blocked["failed"]
    assert "a launch template named 'web-two' exists" in blocked["msg"]
    assert "or set on_obstacle=skip to skip these groups. No changes were made." in blocked["msg"]
    assert len(blocked["table"]) == 4
    assert actions(blocked) == ["waiting", "waiting", "blocked"]
    gone = run(module, groups=["web-a", "gone"])
    assert gone["failed"]
    assert "Auto Scaling group gone does not exist" in gone["msg"]
    skipped = run(module, check_mode=True, group_regex="web", on_obstacle="skip")
    assert skipped["changed"]
    assert actions(skipped) == ["migrated", "migrated", "blocked"]
    assert skipped["unused_launch_configurations"] == ["web one"]
    assert writes() == []


def test_templates_by_themselves(run, fleet):
    prepared, again = (run(module, group_regex="web", update_groups=False) for dummy in range(2))
    assert (prepared["changed"], again["changed"]) == (True, False)
    assert set(actions(prepared)) == {"prepared"}
    assert all("LaunchTemplate" not in each for each in fleet.describe_auto_scaling_groups()["AutoScalingGroups"])


def test_a_group_that_is_refused_does_not_stop_the_others(run, aws, fleet, writes):
    before = fleet.describe_auto_scaling_groups()["AutoScalingGroups"]
    parameters = {"group_regex": "web", "template_names": {"web-two": "second"}}
    checked = run(module, check_mode=True, **parameters)
    assert writes() == []
    assert (checked["changed"], actions(checked)) == (True, ["migrated"] * 3)
    assert [each["outdated_instances"] for each in checked["migrations"]] == [2, 0, 1]
    assert len(checked["migrations"][2]["owners"]) == 1
    assert len([each for each in checked["warnings"] if "its tags name Terraform" in each]) == 1
    assert checked["diff"]["after"] == "\n".join(checked["table"]) + "\n"

    aws.fault("error", "UpdateAutoScalingGroup", code="AccessDenied", status=403, message="denied")
    stopped = run(module, **parameters)
    assert stopped["failed"]
    assert actions(stopped) == ["failed", "migrated", "migrated"]
    assert "1 of 3 groups could not be migrated; run the task again." in stopped["msg"]
    made = ("create_launch_template",) * 2 + ("update_auto_scaling_group",) * 2
    assert (stopped["changed"], sorted(call.partition(" ")[0] for call in stopped["calls"])) == (True, list(made))

    ran = run(module, **parameters)
    assert (ran["changed"], actions(ran)) == (True, ["migrated", "already", "already"])
    assert [each["migrated_from"] for each in ran["migrations"]] == list(GROUPS.values())
    assert sorted(ran["unused_launch_configurations"]) == ["web one", "web-two"]

    # They launch with templates that launch the same, and are otherwise as they were.
    first = ran["migrations"][0]["launch_template"]
    after = fleet.describe_auto_scaling_groups()["AutoScalingGroups"]
    sources = [each.pop("LaunchTemplate") for each in after]
    names = [each.pop("LaunchConfigurationName") for each in before]
    assert names == list(GROUPS.values())
    assert [each["LaunchTemplateName"] for each in sources] == [first, first, "second"]
    assert {each["Version"] for each in sources} == {"1"}
    assert after == before
    versions = aws.client("ec2").describe_launch_template_versions(LaunchTemplateName=first)["LaunchTemplateVersions"]
    encoded = base64.b64encode(SECRET.encode()).decode()
    data = versions[0]["LaunchTemplateData"]
    assert (data["IamInstanceProfile"], data["UserData"]) == ({"Name": "web"}, encoded)
    assert data["BlockDeviceMappings"][0]["Ebs"] == {"VolumeSize": 8, "DeleteOnTermination": True}
    for result in (checked, stopped, ran):
        assert SECRET not in result["printed"]
        assert encoded not in result["printed"]
