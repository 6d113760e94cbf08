# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The launch configuration modules from parameters to result, on scripted answers."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_launch_configuration,
    autoscaling_launch_configuration_info,
)
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

PLAIN = {"image_id": "ami-baba68d3", "instance_type": "t3.small"}
SECRET = "#!/bin/sh\necho S3cr3t-ü\n"
ENCODED = base64.b64encode(SECRET.encode()).decode()
PROFILE = {
    "InstanceProfile": aws_answers.over_the_wire(aws_answers.instance_profile(roles=[aws_answers.role_in_profile()]))
}


def found(*answers):
    """What DescribeLaunchConfigurations answers; a name stands for one with the usual settings."""
    answers = [aws_answers.launch_configuration(each) if isinstance(each, str) else each for each in answers]
    return {"LaunchConfigurations": [aws_answers.over_the_wire(each) for each in answers]}


def group(name, launch_configuration):
    required = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0, "DefaultCooldown": 300, "HealthCheckType": "EC2"}
    return {
        "AutoScalingGroupName": name,
        "LaunchConfigurationName": launch_configuration,
        "AvailabilityZones": ["us-east-1a"],
        "CreatedTime": aws_answers.CREATED,
        **required,
    }


def assert_hidden(result):
    """The secret is in nothing that was printed, apart from what Ansible itself masks in the module's own parameters."""
    for form in (SECRET, "S3cr3t", ENCODED.rstrip("="), SECRET.encode().hex()):
        assert form not in result["printed"]


def test_unchanged_is_one_call_by_one_client(run_module, script, sessions, clock):
    script.answer(
        "autoscaling", "describe_launch_configurations", found("web"), LaunchConfigurationNames=["web"], MaxRecords=100
    )
    result = run_module(autoscaling_launch_configuration, name="web", security_groups=[], **PLAIN)
    assert (result["changed"], result["result"]["name"]) == (False, "web")
    assert (sessions.made, sessions.clients, clock.slept) == (1, ["autoscaling"], 0)


def test_creation(run_module, script, sessions):
    script.answer("autoscaling", "describe_launch_configurations", found())
    script.answer("iam", "get_instance_profile", PROFILE, InstanceProfileName="web")
    script.answer("autoscaling", "create_launch_configuration")
    made = aws_answers.launch_configuration("web", IamInstanceProfile="web", UserData=ENCODED)
    script.answer("autoscaling", "describe_launch_configurations", found(made))
    result = run_module(
        autoscaling_launch_configuration, name="web", instance_profile_name="web", user_data=SECRET, **PLAIN
    )
    assert (result["changed"], result["name"], result["pruned"]) == (True, "web", [])
    assert result["arn"] == made["LaunchConfigurationARN"]
    assert (result["result"]["user_data"], result["result"]["user_data_size"]) == ("hidden", len(SECRET.encode()))
    assert_hidden(result)
    ((dummy, sent),) = [each for each in script.sent if each[0] == "create_launch_configuration"]
    assert sent["UserData"] == ENCODED
    assert (sessions.made, sessions.clients) == (1, ["autoscaling", "iam"])


def test_check_mode_shows_what_would_be_made(run_module, script, sessions):
    script.answer("autoscaling", "describe_launch_configurations", found())
    result = run_module(autoscaling_launch_configuration, check_mode=True, name="web", user_data=SECRET, **PLAIN)
    assert result["changed"]
    assert result["result"]["instance_monitoring"] is True
    assert result["diff"] == {"before": {}, "after": result["result"]}
    assert "arn" not in result
    assert sessions.clients == ["autoscaling"]
    assert_hidden(result)


def test_lost_answer_of_creation_is_success(run_module, script):
    script.answer("autoscaling", "describe_launch_configurations", found())
    script.refuse(
        "autoscaling",
        "create_launch_configuration",
        "AlreadyExists",
        "Launch Configuration by this name already exists",
    )
    script.answer("autoscaling", "describe_launch_configurations", found("web"))
    assert run_module(autoscaling_launch_configuration, name="web", **PLAIN)["changed"]


def test_somebody_else_made_another_one(run_module, script):
    script.answer("autoscaling", "describe_launch_configurations", found())
    script.refuse(
        "autoscaling",
        "create_launch_configuration",
        "AlreadyExists",
        "Launch Configuration by this name already exists",
    )
    script.answer("autoscaling", "describe_launch_configurations", found("web"))
    result = run_module(autoscaling_launch_configuration, name="web", image_id="ami-2", instance_type="t3.small")
    assert result["failed"]
    assert result["differences"] == [{"field": "image_id", "wanted": "ami-2", "actual": "ami-baba68d3"}]


def test_drift_in_user_data_is_told_by_digest(run_module, script):
    there = aws_answers.launch_configuration("web", UserData=ENCODED)
    script.answer("autoscaling", "describe_launch_configurations", found(there))
    result = run_module(autoscaling_launch_configuration, name="web", user_data=SECRET + "!", **PLAIN)
    assert result["failed"]
    assert "user_data is 25 bytes, sha256 " in result["msg"]
    assert_hidden(result)


def test_account_without_launch_configurations(run_module, script, clock):
    script.answer("autoscaling", "describe_launch_configurations", found())
    text = "The Launch Configuration creation operation is not available in your account. Use launch templates."
    script.refuse("autoscaling", "create_launch_configuration", "UnsupportedOperation", text)
    result = run_module(autoscaling_launch_configuration, name="web", user_data=SECRET, **PLAIN)
    assert "Use a launch template instead" in result["msg"]
    assert result["error"]["code"] == "UnsupportedOperation"
    assert clock.slept == 0
    assert_hidden(result)


def test_missing_profile_fails_within_two_seconds(run_module, script, clock):
    script.answer("autoscaling", "describe_launch_configurations", found())
    script.refuse_for_ever("iam", "get_instance_profile", "NoSuchEntity", "Instance Profile web cannot be found.")
    result = run_module(autoscaling_launch_configuration, name="web", instance_profile_name="web", **PLAIN)
    assert "the instance profile 'web' does not exist in this account" in result["msg"]
    assert clock.slept == pytest.approx(2)
    assert "create_launch_configuration" not in script.operations


def test_names_of_security_groups_are_looked_up_once(run_module, script, sessions):
    groups = {"SecurityGroups": [{"GroupName": "web", "GroupId": "sg-1"}]}
    script.answer("ec2", "describe_security_groups", groups)
    there = aws_answers.launch_configuration("web", SecurityGroups=["sg-2", "sg-1"])
    script.answer("autoscaling", "describe_launch_configurations", found(there))
    result = run_module(
        autoscaling_launch_configuration, name="web", security_groups=["web", "sg-2"], vpc_id="vpc-1", **PLAIN
    )
    assert (result["changed"], result["security_groups"]) == (False, ["sg-1", "sg-2"])
    assert (sessions.made, sessions.clients) == (1, ["ec2", "autoscaling"])


def test_prefix_makes_another_one_beside_it_and_prunes(run_module, script):
    old, used, stranger = f"web-{'a' * 16}", f"web-{'b' * 16}", f"web-api-{'a' * 16}"
    there = found(old, used, stranger, "web")
    groups = {"AutoScalingGroups": [group("blue", used)]}
    for dummy in range(2):
        script.answer("autoscaling", "describe_launch_configurations", there, MaxRecords=100)
        script.answer("autoscaling", "describe_auto_scaling_groups", groups)
    parameters = {"name_prefix": "web-", "prune": {}, **PLAIN}
    first = run_module(autoscaling_launch_configuration, check_mode=True, **parameters)
    script.answer("autoscaling", "create_launch_configuration")
    script.answer("autoscaling", "delete_launch_configuration", {}, LaunchConfigurationName=old)
    script.answer("autoscaling", "describe_launch_configurations", found(used, stranger, "web", first["name"]))
    script.answer("autoscaling", "describe_auto_scaling_groups", groups)
    result = run_module(autoscaling_launch_configuration, **parameters)
    assert result["name"] == first["name"]
    assert result["pruned"] == first["pruned"] == [old]
    assert result["diff"]["after"]["siblings"] == first["diff"]["after"]["siblings"] == [used]


def test_removal_names_the_groups_that_are_in_the_way(run_module, script):
    script.answer("autoscaling", "describe_launch_configurations", found("web"))
    script.answer("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": [group("blue", "web")]})
    result = run_module(autoscaling_launch_configuration, name="web", state="absent")
    assert result["failed"]
    assert result["auto_scaling_groups"] == {"web": ["blue"]}


def test_removal_of_nothing_reads_no_groups(run_module, script):
    script.answer("autoscaling", "describe_launch_configurations", found())
    result = run_module(autoscaling_launch_configuration, name="web", state="absent")
    assert (result["changed"], result["deleted"]) == (False, [])


def info(run_module, script, groups, *answers, **parameters):
    script.answer("autoscaling", "describe_launch_configurations", found(*answers))
    if groups is not None:
        script.answer("autoscaling", "describe_auto_scaling_groups", {"AutoScalingGroups": groups})
    return run_module(autoscaling_launch_configuration_info, **parameters)


@pytest.mark.parametrize(("unused", "names"), [(None, ["a", "b"]), (True, ["b"]), (False, ["a"])])
def test_info_says_who_uses_what(run_module, script, unused, names):
    result = info(run_module, script, [group("blue", "a")], "a", "b", unused=unused)
    shown = {each["name"]: (each["auto_scaling_groups"], each["unused"]) for each in result["launch_configurations"]}
    expected = {"a": (["blue"], False), "b": ([], True)}
    assert shown == {name: expected[name] for name in names}


def test_info_of_nothing_reads_no_groups(run_module, script):
    assert info(run_module, script, None, name=["missing"])["launch_configurations"] == []


def test_info_hides_user_data(run_module, script):
    result = info(
        run_module, script, None, aws_answers.launch_configuration(UserData=ENCODED), include_auto_scaling_groups=False
    )
    assert result["launch_configurations"][0]["user_data_size"] == len(SECRET.encode())
    assert_hidden(result)


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, ["b1", "a1", "a2"]),
        ({"name_prefix": "a"}, ["a1", "a2"]),
        ({"name_regex": ".1"}, ["a1", "b1"]),
        ({"sort_order": "descending", "limit": 2}, ["b1", "a2"]),
        ({"sort": "created_time", "sort_start": 1}, ["a1", "b1"]),
        ({"sort": "created_time", "sort_order": "descending", "sort_end": 1}, ["b1"]),
    ],
)
def test_info_chooses_sorts_and_cuts(run_module, script, parameters, names):
    older = aws_answers.CREATED - timedelta(days=1)
    answers = ["b1", "a1", aws_answers.launch_configuration("a2", created=older)]
    result = info(run_module, script, None, *answers, include_auto_scaling_groups=False, **parameters)
    assert [each["name"] for each in result["launch_configurations"]] == names
