# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations by name_prefix: siblings beside each other, of which the older ones are pruned."""

from __future__ import annotations

import re

import pytest
from ansible_collections.launchkit.aws.plugins.modules import autoscaling_launch_configuration as module

PLAIN = {"name_prefix": "web-", "image_id": "ami-baba68d3", "instance_type": "m1.small"}
VOLUMES = [{"device_name": "/dev/sda1", "volume_size": 20}, {"device_name": "/dev/sdb", "ephemeral": "ephemeral0"}]


@pytest.fixture
def made(run, group, writes):
    """The results of making three siblings, the first twice, of which a group names that one; and one that only looks like a sibling."""
    made = [
        run(module, **PLAIN, **settings)
        for settings in ({"volumes": VOLUMES}, {"volumes": VOLUMES[::-1]}, {"user_data": "x" * 16383}, {})
    ]
    run(module, name="web-api-0123456789abcdef", image_id="ami-baba68d3", instance_type="m1.small")
    group("web", LaunchConfigurationName=made[0]["name"])
    writes()
    return made


@pytest.fixture
def names(made):
    """The names of the one in use, the older and the newest."""
    return [made[index]["name"] for index in (0, 2, 3)]


def test_the_same_settings_have_the_same_name_and_others_make_another_one(made, names):
    assert [each["changed"] for each in made] == [True, False, True, True]
    assert made[1]["result"] == made[0]["result"]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"web-[0-9a-f]{16}", name) for name in names)
    assert made[2]["result"]["user_data_size"] == 16383


def test_only_what_no_group_names_is_pruned_and_the_check_lists_it(run, names, writes):
    in_use, older, newest = names
    checked = [run(module, check_mode=True, **PLAIN, prune=prune) for prune in ({}, {"keep": 1}, {"min_age": 3600})]
    assert [(each["changed"], each["pruned"]) for each in checked] == [(True, [older]), (False, []), (False, [])]
    assert writes() == []
    pruned, again = (run(module, **PLAIN, prune={"keep": 0}) for dummy in range(2))
    assert (pruned["changed"], pruned["pruned"], pruned["name"]) == (True, [older], newest)
    assert pruned["diff"] == checked[0]["diff"]
    assert pruned["diff"]["before"]["siblings"] == sorted([in_use, older])
    assert pruned["diff"]["after"]["siblings"] == [in_use]
    assert (again["changed"], again["pruned"]) == (False, [])


def test_siblings_are_removed_when_no_group_names_them_any_more_and_nothing_else_is(run, aws, names, writes):
    in_use = names[0]
    autoscaling = aws.client("autoscaling")
    not_removed = run(module, name_prefix="web-", state="absent")
    assert not_removed["failed"]
    message = f"cannot be removed while Auto Scaling groups name them: '{in_use}' by web. Point the groups to another"
    assert message in not_removed["msg"]
    assert not_removed["auto_scaling_groups"] == {in_use: ["web"]}
    assert writes() == []
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName="web")
    removed, again = (run(module, name_prefix="web-", state="absent") for dummy in range(2))
    assert (removed["changed"], removed["deleted"]) == (True, sorted(names))
    assert (again["changed"], again["deleted"]) == (False, [])
    left = autoscaling.describe_launch_configurations()["LaunchConfigurations"]
    assert [each["LaunchConfigurationName"] for each in left] == ["web-api-0123456789abcdef"]
