# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import iam as find_iam
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

MISSING = ("NoSuchEntity", "Instance Profile web cannot be found.")


def profile(*arguments, **named):
    return aws_answers.over_the_wire(aws_answers.instance_profile(*arguments, **named))


def names(found):
    return [each["InstanceProfileName"] for each in found]


def test_role(script):
    script.answer("iam", "get_role", {"Role": aws_answers.over_the_wire(aws_answers.role())}, RoleName="web")
    assert find_iam.find_role(script, "web") == aws_answers.role()


def test_missing_role_is_none_and_not_looked_for_twice(script, clock):
    script.refuse("iam", "get_role", "NoSuchEntity", "The role with name web cannot be found.")
    assert find_iam.find_role(script, "web") is None
    assert clock.pauses == []


def test_refused_role(script, clock):
    script.refuse("iam", "get_role", "AccessDenied", "not authorized to perform: iam:GetRole")
    with pytest.raises(CallFailed) as raised:
        find_iam.find_role(script, "web")
    assert raised.value.message.startswith("Failed to get role 'web': An error occurred (AccessDenied)")
    assert raised.value.exception.response["Error"]["Code"] == "AccessDenied"


def test_profile(script):
    answer = aws_answers.instance_profile(roles=[aws_answers.role_in_profile()], tags={"A": "1"})
    script.answer(
        "iam", "get_instance_profile", {"InstanceProfile": aws_answers.over_the_wire(answer)}, InstanceProfileName="web"
    )
    assert find_iam.find_instance_profile(script, "web") == answer


def test_existing_name_costs_one_call(script):
    script.answer("iam", "get_instance_profile", {"InstanceProfile": profile()}, InstanceProfileName="web")
    assert find_iam.find_instance_profile_ignoring_case(script, "web")["InstanceProfileName"] == "web"


def test_name_in_another_case_is_found_on_any_page(script):
    script.refuse("iam", "get_instance_profile", *MISSING)
    script.answer(
        "iam",
        "list_instance_profiles",
        {"InstanceProfiles": [profile("a")], "IsTruncated": True, "Marker": "m"},
        MaxItems=1000,
    )
    script.answer(
        "iam",
        "list_instance_profiles",
        {"InstanceProfiles": [profile("Web")], "IsTruncated": False},
        MaxItems=1000,
        Marker="m",
    )
    script.answer(
        "iam", "get_instance_profile", {"InstanceProfile": profile("Web", tags={"A": "1"})}, InstanceProfileName="Web"
    )
    found = find_iam.find_instance_profile_ignoring_case(script, "web")
    assert (found["InstanceProfileName"], found["Tags"]) == ("Web", [{"Key": "A", "Value": "1"}])


def test_name_that_is_not_there_in_any_case(script):
    script.refuse("iam", "get_instance_profile", *MISSING)
    script.answer("iam", "list_instance_profiles", {"InstanceProfiles": [profile("website")], "IsTruncated": False})
    assert find_iam.find_instance_profile_ignoring_case(script, "web") is None


@pytest.mark.parametrize(
    ("arguments", "sent"), [({}, {"MaxItems": 1000}), ({"path_prefix": "/a"}, {"MaxItems": 1000, "PathPrefix": "/a"})]
)
def test_profiles(script, arguments, sent):
    script.answer("iam", "list_instance_profiles", {"InstanceProfiles": [profile()], "IsTruncated": False}, **sent)
    assert names(find_iam.list_instance_profiles(script, **arguments)) == ["web"]


def test_profiles_of_a_role(script):
    script.answer(
        "iam", "list_instance_profiles_for_role", {"InstanceProfiles": [profile()], "IsTruncated": False}, RoleName="r"
    )
    assert names(find_iam.list_instance_profiles(script, role="r")) == ["web"]


def test_profiles_of_a_role_that_is_not_there(script):
    script.refuse("iam", "list_instance_profiles_for_role", "NoSuchEntity", "The role with name r cannot be found.")
    assert find_iam.list_instance_profiles(script, role="r") == []


def test_profiles_of_a_role_that_may_not_be_read(script):
    script.refuse("iam", "list_instance_profiles_for_role", "AccessDenied", "no")
    with pytest.raises(CallFailed, match="Failed to list instance profiles for role"):
        find_iam.list_instance_profiles(script, role="r")


def configurations(*named):
    return {
        "LaunchConfigurations": [aws_answers.over_the_wire(aws_answers.launch_configuration(name)) for name in named]
    }


def lc_names(found):
    return [each["LaunchConfigurationName"] for each in found]


def test_all_launch_configurations(script):
    first = {**configurations("a"), "NextToken": "t"}
    script.answer("autoscaling", "describe_launch_configurations", first, MaxRecords=100)
    script.answer("autoscaling", "describe_launch_configurations", configurations("b"), MaxRecords=100, NextToken="t")
    assert lc_names(find_autoscaling.find_launch_configurations(script)) == ["a", "b"]


def test_no_launch_configurations_cost_no_call(script):
    assert find_autoscaling.find_launch_configurations(script, []) == []
    assert script.services == []


@pytest.mark.parametrize(("count", "batches"), [(1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
def test_fifty_names_a_call(script, count, batches):
    wanted = [f"n{number}" for number in range(count)]
    start = 0
    for size in batches:
        batch, start = wanted[start : start + size], start + size
        script.answer(
            "autoscaling",
            "describe_launch_configurations",
            configurations(*batch),
            MaxRecords=100,
            LaunchConfigurationNames=batch,
        )
    assert lc_names(find_autoscaling.find_launch_configurations(script, wanted + wanted[:1])) == wanted


def group(name, launch_configuration=None):
    named = {"LaunchConfigurationName": launch_configuration} if launch_configuration else {}
    return {
        "AutoScalingGroupName": name,
        "MinSize": 0,
        "MaxSize": 0,
        "DesiredCapacity": 0,
        "DefaultCooldown": 300,
        "AvailabilityZones": ["us-east-1a"],
        "HealthCheckType": "EC2",
        "CreatedTime": aws_answers.CREATED,
        **named,
    }


def test_groups_by_launch_configuration(script):
    first = {"AutoScalingGroups": [group("b", "web"), group("template only")], "NextToken": "t"}
    script.answer("autoscaling", "describe_auto_scaling_groups", first, MaxRecords=100)
    last = {"AutoScalingGroups": [group("a", "web"), group("c", "api")]}
    script.answer("autoscaling", "describe_auto_scaling_groups", last, MaxRecords=100, NextToken="t")
    assert find_autoscaling.find_groups_by_launch_configuration(script) == {"web": ("a", "b"), "api": ("c",)}
