# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instance refreshes: what a task asks for, who is outdated, and the call that replaces them."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import (
    instance_refresh,
    instance_refresh_options,
)
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.instance_refresh import State, Target
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    InvalidOption,
    MissingReference,
    StillInUse,
)
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.aws_answers import CREATED

PARAMS = {
    "group": "web",
    "launch_template_id": None,
    "launch_template_version": None,
    "min_healthy_percentage": 90,
    "max_healthy_percentage": None,
    "instance_warmup": None,
    "auto_rollback": None,
}
ONE = {"LaunchTemplateId": "lt-1", "Version": "1"}
TWO = {"LaunchTemplateId": "lt-1", "Version": "2"}
LATEST = {"LaunchTemplateId": "lt-1", "Version": "$Latest"}
OTHER = {"LaunchTemplateId": "lt-9", "Version": "2"}


@pytest.mark.parametrize(
    ("params", "target"),
    [
        pytest.param({}, Target("web", None, {"MinHealthyPercentage": 90}), id="what the group names"),
        pytest.param(
            {"min_healthy_percentage": 0, "max_healthy_percentage": 100, "instance_warmup": 0},
            Target("web", None, {"MinHealthyPercentage": 0, "MaxHealthyPercentage": 100, "InstanceWarmup": 0}),
            id="lowest",
        ),
        pytest.param(
            {"min_healthy_percentage": 100, "max_healthy_percentage": 200},
            Target("web", None, {"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200}),
            id="highest",
        ),
        pytest.param(
            {"launch_template_id": "lt-1", "launch_template_version": "2"},
            Target("web", TWO, {"MinHealthyPercentage": 90, "AutoRollback": True}),
            id="a template",
        ),
        pytest.param(
            {
                "scale_in_protected_instances": "refresh",
                "standby_instances": "refresh",
                "skip_matching": False,
                "bake_time": 0,
                "checkpoint_percentages": [20, 100],
                "checkpoint_delay": 172800,
                "alarms": ["errors"],
            },
            Target(
                "web",
                None,
                {
                    "MinHealthyPercentage": 90,
                    "ScaleInProtectedInstances": "Refresh",
                    # The API's word differs.
                    "StandbyInstances": "Terminate",
                    "SkipMatching": False,
                    "BakeTime": 0,
                    "CheckpointPercentages": [20, 100],
                    "CheckpointDelay": 172800,
                    "AlarmSpecification": {"Alarms": ["errors"]},
                },
            ),
            id="every preference",
        ),
        pytest.param(
            {"scale_in_protected_instances": "ignore", "standby_instances": "wait", "alarms": []},
            Target(
                "web",
                None,
                {"MinHealthyPercentage": 90, "ScaleInProtectedInstances": "Ignore", "StandbyInstances": "Wait"},
            ),
            id="ignore and wait",
        ),
    ],
)
def test_from_params(params, target):
    assert instance_refresh_options.from_params({**PARAMS, **params}) == target


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param(
            {"min_healthy_percentage": -1},
            "min_healthy_percentage: -1 is out of range; AWS takes 0 to 100.",
            id="less than none",
        ),
        pytest.param(
            {"min_healthy_percentage": 101}, "min_healthy_percentage: 101 is out of range", id="more than all"
        ),
        pytest.param(
            {"max_healthy_percentage": 99},
            "max_healthy_percentage: 99 is out of range; AWS takes 100 to 200.",
            id="too few",
        ),
        pytest.param(
            {"max_healthy_percentage": 201, "min_healthy_percentage": 100},
            "max_healthy_percentage: 201 is out of range",
            id="too many",
        ),
        pytest.param(
            {"max_healthy_percentage": 191},
            "max_healthy_percentage: 191 is more than 100 above min_healthy_percentage, which is 90",
            id="far",
        ),
        pytest.param({"instance_warmup": -1}, "instance_warmup: -1 is negative.", id="warmup"),
        pytest.param(
            {"launch_template_id": "lt-1", "launch_template_version": "$Latest"},
            "launch_template_version: '$Latest' is not a number. Auto Scaling rolls back to numbered versions only",
            id="version",
        ),
        pytest.param(
            {"launch_template_id": "lt-1", "launch_template_version": "2\n"}, "is not a number", id="line feed"
        ),
        pytest.param(
            {"launch_template_id": "lt-1", "launch_template_version": "²"}, "is not a number", id="superscript"
        ),
        pytest.param({"bake_time": 172801}, "bake_time: 172801 is out of range; AWS takes 0 to 172800.", id="bake"),
        pytest.param({"bake_time": -1}, "bake_time: -1 is out of range", id="negative bake time"),
        pytest.param({"checkpoint_percentages": [0]}, "checkpoint_percentages: AWS takes ascending numbers", id="0 %"),
        pytest.param({"checkpoint_percentages": [101]}, "checkpoint_percentages: AWS takes", id="101 %"),
        pytest.param({"checkpoint_percentages": [50, 50]}, "checkpoint_percentages: AWS takes", id="twice"),
        pytest.param({"checkpoint_percentages": [50, 20]}, "checkpoint_percentages: AWS takes", id="descending"),
        pytest.param({"checkpoint_delay": 60}, "checkpoint_delay: requires checkpoint_percentages.", id="delay"),
        pytest.param(
            {"checkpoint_percentages": [100], "checkpoint_delay": 172801},
            "checkpoint_delay: 172801 is",
            id="long delay",
        ),
        pytest.param({"alarms": ["a", ""]}, "alarms: one of the values is empty. Remove it.", id="empty alarm"),
    ],
)
def test_refusals(params, message):
    with pytest.raises(InvalidOption) as refused:
        instance_refresh_options.from_params({**PARAMS, **params})
    assert message in refused.value.message


def group(uses, *launched):
    """A group as the API gives it: what it uses, and what its instances were launched from."""
    return {
        "AutoScalingGroupName": "web",
        "Instances": [{"InstanceId": f"i-{i}", **each} for i, each in enumerate(launched)],
        **uses,
    }


LC, OLD_LC = {"LaunchConfigurationName": "new"}, {"LaunchConfigurationName": "old"}
T1, T2, T9 = {"LaunchTemplate": ONE}, {"LaunchTemplate": TWO}, {"LaunchTemplate": OTHER}
MIXED = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": TWO}}}


@pytest.mark.parametrize(
    ("found", "specification", "expected"),
    [
        pytest.param(group(T2, T2, T2), None, (), id="all current"),
        pytest.param(
            group(T2, T1, T2, LC, T9),
            None,
            ("i-0", "i-2", "i-3"),
            id="from other versions, templates and launch configurations",
        ),
        pytest.param(group(LC, LC, OLD_LC, T1), None, ("i-1", "i-2"), id="launch configuration"),
        pytest.param(group({"LaunchTemplate": LATEST}, T1, T2, T9), None, ("i-2",), id="any version is the newest"),
        pytest.param(group(MIXED, T1, T2), None, ("i-0",), id="mixed instances"),
        pytest.param(group(LC, LC, T2), TWO, ("i-0",), id="compared with what it shall launch from"),
        pytest.param(group(T2), None, (), id="no instances"),
    ],
)
def test_outdated(found, specification, expected):
    assert instance_refresh.outdated(found, specification) == expected


DEFAULT, UNSAID = (
    {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": "$Default"},
    {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web"},
)
NUMBERS = instance_refresh.version_numbers(
    [{"LaunchTemplateId": "lt-1", "LatestVersionNumber": 2, "DefaultVersionNumber": 1}]
)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        pytest.param(LATEST, ("i-0", "i-2"), id="$Latest"),
        pytest.param(DEFAULT, ("i-1", "i-2"), id="$Default"),
        pytest.param(UNSAID, ("i-1", "i-2"), id="no version is $Default"),
        pytest.param(TWO, ("i-0", "i-2"), id="number"),
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_outdated_resolves_version(named, expected, mixed):
    uses = {"LaunchTemplate": named}
    if mixed:
        uses = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": named}}}
    assert instance_refresh.outdated(group(uses, T1, T2, T9), numbers=NUMBERS) == expected


def test_unnumbered():
    latest = {**LATEST, "LaunchTemplateName": "web"}
    override = {"InstanceType": "t3.large", "LaunchTemplateSpecification": {**OTHER, "Version": "$Latest"}}
    override["LaunchTemplateSpecification"]["LaunchTemplateName"] = "large"
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": latest, "Overrides": [override]}}
    assert instance_refresh.unnumbered(group({"MixedInstancesPolicy": policy})) == ("large", "web")
    assert instance_refresh.unnumbered(group({"LaunchTemplate": UNSAID})) == ("web",)
    assert instance_refresh.unnumbered(group(T2)) == instance_refresh.unnumbered(group(LC)) == ()


def test_outdated_compares_with_the_template_of_an_override():
    overrides = [
        {"InstanceType": "t3.large", "LaunchTemplateSpecification": OTHER},
        {"InstanceType": "t3.small"},
    ]
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": TWO, "Overrides": overrides}}
    found = group(
        {"MixedInstancesPolicy": policy},
        {**T9, "InstanceType": "t3.large"},
        {**T2, "InstanceType": "t3.large"},
        {**T2, "InstanceType": "t3.small"},
        {**T9, "InstanceType": "t3.small"},
    )
    assert instance_refresh.outdated(found) == ("i-1", "i-3")


@pytest.mark.parametrize(
    "state", ["Terminating", "Terminating:Wait", "Terminating:Proceed", "Terminated", "Detaching", "Detached"]
)
@pytest.mark.parametrize(("uses", "old"), [(LC, OLD_LC), (T2, T1)], ids=["launch configuration", "template"])
def test_instance_that_leaves_is_not_outdated(state, uses, old):
    found = group(uses, {**old, "LifecycleState": state}, {**uses, "LifecycleState": "InService"})
    assert instance_refresh.outdated(found) == ()
    assert calls(NAMED, State(found)) == []


PROTECTED = {**T1, "ProtectedFromScaleIn": True, "LifecycleState": "InService"}
STANDBY = {**T1, "LifecycleState": "Standby"}


@pytest.mark.parametrize(
    ("preferences", "outdated", "blocking"),
    [
        pytest.param(
            {},
            ("i-0", "i-1", "i-2"),
            {"scale_in_protected_instances": ["i-0"], "standby_instances": ["i-1"]},
            id="unset",
        ),
        pytest.param(
            {"ScaleInProtectedInstances": "Refresh", "StandbyInstances": "Wait"},
            ("i-0", "i-1", "i-2"),
            {"standby_instances": ["i-1"]},
            id="refresh and wait",
        ),
        pytest.param({"ScaleInProtectedInstances": "Ignore", "StandbyInstances": "Ignore"}, ("i-2",), {}, id="ignore"),
    ],
)
def test_protected_and_standby_instances(preferences, outdated, blocking):
    found = group(T2, PROTECTED, STANDBY, T1)
    assert instance_refresh.outdated(found, preferences=preferences) == outdated
    assert instance_refresh.blocking(found, outdated, preferences) == blocking


def test_nothing_but_ignored_instances_starts_no_refresh():
    target = Target("web", None, {**PREFERENCES, "ScaleInProtectedInstances": "Ignore"})
    assert calls(target, State(group(T2, PROTECTED, T2))) == []
    assert len(calls(target, State(group(T2, PROTECTED, T1)))) == 1


def refresh(status, specification=None, identity="r-1"):
    desired = (
        {"DesiredConfiguration": {"LaunchTemplate": {**specification, "LaunchTemplateName": "web"}}}
        if specification
        else {}
    )
    return {"InstanceRefreshId": identity, "Status": status, **desired}


def calls(target, state):
    return [(call.operation, dict(call.arguments)) for call in instance_refresh.plan(target, state).calls]


PREFERENCES = {"MinHealthyPercentage": 90}
NAMED = Target("web", None, PREFERENCES)
TO_TWO = Target("web", TWO, {**PREFERENCES, "AutoRollback": True})


@pytest.mark.parametrize(
    ("target", "state", "preferences"),
    [
        pytest.param(NAMED, State(group(T2, T1)), {**PREFERENCES, "SkipMatching": True}, id="outdated by version"),
        # Auto Scaling compares templates only.
        pytest.param(NAMED, State(group(LC, LC, OLD_LC)), PREFERENCES, id="outdated by launch configuration"),
        pytest.param(
            NAMED,
            State(group(T2, T1), refresh("Successful")),
            {**PREFERENCES, "SkipMatching": True},
            id="after another one",
        ),
        pytest.param(TO_TWO, State(group(LC, LC)), {**TO_TWO.preferences, "SkipMatching": True}, id="to a template"),
        pytest.param(
            TO_TWO, State(group(T1, T1)), {**TO_TWO.preferences, "SkipMatching": True}, id="to another version"
        ),
        pytest.param(
            TO_TWO, State(group(T1, T2)), {**TO_TWO.preferences, "SkipMatching": True}, id="only the group is behind"
        ),
        pytest.param(NAMED, State(group(MIXED, T1)), {**PREFERENCES, "SkipMatching": True}, id="mixed instances"),
        pytest.param(
            NAMED,
            State(group({"LaunchTemplate": LATEST}, T1), numbers=NUMBERS),
            {**PREFERENCES, "SkipMatching": True},
            id="$Latest is a number",
        ),
        pytest.param(
            Target("web", None, {**PREFERENCES, "SkipMatching": False}),
            State(group(T2, T1)),
            {**PREFERENCES, "SkipMatching": False},
            id="all instances",
        ),
    ],
)
def test_what_starts_a_refresh(target, state, preferences):
    desired = {"DesiredConfiguration": {"LaunchTemplate": target.specification}} if target.specification else {}
    expected = {"AutoScalingGroupName": "web", "Preferences": preferences, **desired}
    assert calls(target, state) == [("start_instance_refresh", expected)]


@pytest.mark.parametrize(
    ("target", "state"),
    [
        pytest.param(NAMED, State(group(T2, T2)), id="all current"),
        pytest.param(NAMED, State(group(T2)), id="no instances"),
        pytest.param(TO_TWO, State(group(T2, T2)), id="already there"),
        pytest.param(TO_TWO, State(group(LC, LC), refresh("InProgress", TWO)), id="under way"),
        pytest.param(TO_TWO, State(group(LC, LC), refresh("RollbackInProgress", TWO)), id="on its way back"),
        pytest.param(NAMED, State(group(T2, T1), refresh("Pending")), id="any under way"),
        # Nobody starts another one because that which was started has failed at once.
        pytest.param(TO_TWO, State(group(LC, LC), refresh("Failed", TWO), started=True), id="started and failed"),
    ],
)
def test_what_starts_none(target, state):
    assert calls(target, state) == []


@pytest.mark.parametrize("instances", [(), ({**LC, "LifecycleState": "Terminating:Wait"},)], ids=["none", "leaving"])
def test_without_instances_the_group_is_repointed(instances):
    assert calls(TO_TWO, State(group(LC, *instances))) == [
        ("update_auto_scaling_group", {"AutoScalingGroupName": "web", "LaunchTemplate": TWO})
    ]


@pytest.mark.parametrize(
    ("target", "state", "error", "message"),
    [
        pytest.param(
            NAMED,
            State(None),
            MissingReference,
            "group: Auto Scaling group 'web' does not exist in this Region.",
            id="no group",
        ),
        pytest.param(
            TO_TWO,
            State(group(LC, LC), refresh("InProgress", ONE)),
            StillInUse,
            "Instance refresh r-1 of group 'web' to another launch template is in progress. Wait for its end, or cancel",
            id="to something else",
        ),
        pytest.param(
            TO_TWO,
            State(group(LC, LC), refresh("Pending")),
            StillInUse,
            "to another launch template is in progress",
            id="to what the group names",
        ),
        pytest.param(
            TO_TWO,
            State(group(MIXED, T1)),
            InvalidOption,
            "has a mixed instances policy, which would be lost",
            id="mixed instances",
        ),
        pytest.param(
            TO_TWO,
            State(group({"LaunchTemplate": LATEST}, T1)),
            InvalidOption,
            "auto_rollback: Auto Scaling group 'web' names version $Latest of its launch template",
            id="rollback to $Latest",
        ),
        pytest.param(
            Target("web", None, {**PREFERENCES, "SkipMatching": True}),
            State(group(LC, OLD_LC)),
            InvalidOption,
            "skip_matching: Auto Scaling group 'web' uses a launch configuration",
            id="launch configurations do not match",
        ),
    ],
)
def test_refused_states(target, state, error, message):
    with pytest.raises(error) as refused:
        instance_refresh.plan(target, state)
    assert message in refused.value.message


def test_render():
    shown = instance_refresh.render(
        {
            **refresh("Failed"),
            "StartTime": CREATED,
            "PercentageComplete": 50,
            "ProgressDetails": {"LivePoolProgress": {}},
        }
    )
    assert shown == {
        "instance_refresh_id": "r-1",
        "status": "Failed",
        "start_time": "2026-11-23T15:20:47+00:00",
        "percentage_complete": 50,
    }
    assert instance_refresh.render(None) == {}
