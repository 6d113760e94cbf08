# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group_plan
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group import (
    GroupTarget,
    attributes,
    blockers,
    capacity,
    differences,
    moves,
)


def tag(key, value, propagated=True):
    return {
        "ResourceId": "web",
        "ResourceType": "auto-scaling-group",
        "Key": key,
        "Value": value,
        "PropagateAtLaunch": propagated,
    }


def instance(name, state="InService", health="Healthy", is_protected=False):
    return {"InstanceId": name, "LifecycleState": state, "HealthStatus": health, "ProtectedFromScaleIn": is_protected}


TEMPLATE = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": "2"}
# As DescribeAutoScalingGroups returns it.
GROUP = {
    "AutoScalingGroupName": "web",
    "LaunchConfigurationName": "web-1",
    "MinSize": 1,
    "MaxSize": 3,
    "DesiredCapacity": 2,
    "VPCZoneIdentifier": "subnet-b,subnet-a",
    "AvailabilityZones": ["us-east-1b", "us-east-1a"],
    "LoadBalancerNames": [],
    "TargetGroupARNs": ["arn:b", "arn:a"],
    "HealthCheckType": "EC2",
    "HealthCheckGracePeriod": 300,
    "DefaultCooldown": 300,
    "TerminationPolicies": ["OldestInstance", "Default"],
    "SuspendedProcesses": [{"ProcessName": "AZRebalance", "SuspensionReason": ""}],
    "EnabledMetrics": [{"Metric": "GroupMinSize", "Granularity": "1Minute"}],
    "Instances": [instance("i-1"), instance("i-2")],
    "Tags": [tag("A", "1"), tag("B", "2"), tag("aws:stack", "x"), tag("launchkit:application", "web", False)],
}
FROM_TEMPLATE = {**GROUP, "LaunchConfigurationName": None, "LaunchTemplate": TEMPLATE}
MIXED = {
    **GROUP,
    "LaunchConfigurationName": None,
    "MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": TEMPLATE}},
}
CONFIGURATION = {"LaunchConfigurationName": "web-1"}
SAME = GroupTarget(
    "web",
    CONFIGURATION,
    min_size=1,
    max_size=3,
    desired_capacity=2,
    subnets=("subnet-a", "subnet-b", "subnet-a"),
    availability_zones=("us-east-1a", "us-east-1b"),
    load_balancers=(),
    target_group_arns=["arn:a", "arn:b"],
    health_check_type="EC2",
    health_check_period=300,
    default_cooldown=300,
    termination_policies=("OldestInstance", "Default"),
    max_instance_lifetime=0,
    tags={"B": "2", "A": "1"},
    ownership_tags={"launchkit:application": "web"},
)
LEFT = GroupTarget("web", CONFIGURATION)


def calls(plan):
    """The calls as (operation, arguments without the group's name, the same of undo)."""

    def shown(call):
        return call and (
            call.operation,
            {key: each for key, each in call.arguments.items() if key != "AutoScalingGroupName"},
        )

    assert {call.subject for call in plan.calls} <= {"Auto Scaling group 'web'"}
    return [(*shown(call), shown(call.undo)) for call in plan.calls]


@pytest.mark.parametrize(
    "target",
    [
        SAME,
        LEFT,
        replace(SAME, subnets=(), availability_zones=()),
        replace(SAME, subnets=(), availability_zones=[]),
        replace(LEFT, tags={}, purge_tags=False),
    ],
)
def test_differences_same_target_is_empty(target):
    before = copy.deepcopy((target, GROUP))
    assert differences(target, GROUP) == ()
    assert group_plan.plan(target, GROUP).calls == ()
    assert (target, GROUP) == before


@pytest.mark.parametrize(
    ("field", "value", "wanted", "actual", "arguments"),
    [
        ("min_size", 0, "0", "1", {"MinSize": 0}),
        ("max_size", 4, "4", "3", {"MaxSize": 4}),
        ("desired_capacity", 3, "3", "2", {"DesiredCapacity": 3}),
        ("subnets", ("subnet-a",), "subnet-a", "subnet-b, subnet-a", {"VPCZoneIdentifier": "subnet-a"}),
        ("health_check_type", "ELB", "ELB", "EC2", {"HealthCheckType": "ELB"}),
        ("health_check_period", 0, "0", "300", {"HealthCheckGracePeriod": 0}),
        ("default_cooldown", 60, "60", "300", {"DefaultCooldown": 60}),
        ("termination_policies", (), "Default", "OldestInstance, Default", {"TerminationPolicies": ["Default"]}),
        ("max_instance_lifetime", 86400, "86400", "0", {"MaxInstanceLifetime": 86400}),
    ],
)
def test_one_setting_differs(field, value, wanted, actual, arguments):
    target = replace(SAME, **{field: value})
    assert differences(target, GROUP) == ((field, wanted, actual),)
    ((operation, request, undo),) = calls(group_plan.plan(target, GROUP))
    assert (operation, request) == ("update_auto_scaling_group", arguments)
    assert undo == (operation, {member: GROUP.get(member, 0) for member in arguments})


@pytest.mark.parametrize(
    ("wanted", "actual", "differs"),
    [("ELB", "EC2,ELB", False), ("ELB", "ELB, EC2", False), ("EC2", "ELB", True), ("ELB", "ELB,VPC_LATTICE", True)],
)
def test_health_check_types_compare_as_sets(wanted, actual, differs):
    target = replace(LEFT, health_check_type=wanted)
    assert bool(differences(target, {**GROUP, "HealthCheckType": actual})) == differs


@pytest.mark.parametrize(
    ("source", "group", "differs"),
    [
        (CONFIGURATION, GROUP, None),
        ({"LaunchConfigurationName": "web-2"}, GROUP, ("launch_configuration", "web-2", "web-1")),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"}}, FROM_TEMPLATE, None),
        ({"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": 2}}, FROM_TEMPLATE, None),
        (
            {"LaunchTemplate": {**TEMPLATE, "Version": "3"}},
            FROM_TEMPLATE,
            ("launch_template", "web lt-1 version 3", "web lt-1 version 2"),
        ),
        (
            {"LaunchTemplate": {"LaunchTemplateId": "lt-2", "Version": "2"}},
            FROM_TEMPLATE,
            ("launch_template", "lt-2 version 2", "web lt-1 version 2"),
        ),
        # One that doesn't exist yet: the group's template of that name is another one.
        (
            {"LaunchTemplate": {"LaunchTemplateName": "web", "Version": "2"}},
            FROM_TEMPLATE,
            ("launch_template", "web version 2", "web lt-1 version 2"),
        ),
        (
            {"LaunchTemplate": TEMPLATE},
            GROUP,
            ("launch_template", "web lt-1 version 2", "launch_configuration web-1"),
        ),
        (CONFIGURATION, FROM_TEMPLATE, ("launch_configuration", "web-1", "launch_template web lt-1 version 2")),
        (CONFIGURATION, MIXED, ("launch_configuration", "web-1", "mixed instances policy")),
    ],
)
def test_source_differs(source, group, differs):
    target = GroupTarget("web", source)
    assert differences(target, group) == ((differs,) if differs else ())
    assert moves(target, group) == (differs is not None)


def test_source_update_has_undo():
    ((dummy, request, undo),) = calls(group_plan.plan(GroupTarget("web", {"LaunchTemplate": TEMPLATE}), GROUP))
    assert request == {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"}}
    assert undo == ("update_auto_scaling_group", CONFIGURATION)
    by_number = {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": 2}}
    assert calls(group_plan.plan(GroupTarget("web", by_number), GROUP))[0][1] == request
    ((dummy, request, undo),) = calls(group_plan.plan(LEFT, FROM_TEMPLATE))
    assert request == CONFIGURATION
    assert undo[1] == {"LaunchTemplate": {"LaunchTemplateId": "lt-1", "Version": "2"}}


@pytest.mark.parametrize(
    ("target", "differs"),
    [
        (replace(SAME, tags={"A": "1"}), [("tags[B]", "none", "2")]),
        (replace(SAME, tags={"A": "1"}, purge_tags=False), []),
        (
            replace(SAME, tags={"A": "", "C": ""}),
            [("tags[A]", "''", "1"), ("tags[B]", "none", "2"), ("tags[C]", "''", "none")],
        ),
        (replace(SAME, tags={}), [("tags[A]", "none", "1"), ("tags[B]", "none", "2")]),
        (
            replace(SAME, tags={"A": "1", "B": "3"}, propagate_tags=False),
            [
                ("tags[A]", "1 (not propagated to instances)", "1 (propagated to instances)"),
                ("tags[B]", "3", "2"),
            ],
        ),
        (replace(SAME, tags=None), []),
        # Who owns the group is neither purged nor compared unless it is asked for.
        (replace(SAME, ownership_tags={}), []),
        (
            replace(SAME, ownership_tags={"launchkit:application": "api"}),
            [("tags[launchkit:application]", "api", "web")],
        ),
    ],
)
def test_tags_differ_each_on_its_own(target, differs):
    assert list(differences(target, GROUP)) == differs
    names = [name for name, dummy, dummy in calls(group_plan.plan(target, GROUP))]
    assert ("delete_tags" in names) == any(wanted == "none" for dummy, wanted, dummy in differs)
    assert ("create_or_update_tags" in names) == any(wanted != "none" for dummy, wanted, dummy in differs)


@pytest.mark.parametrize(
    ("desired", "smallest", "largest", "group", "result"),
    [
        (2, 1, 3, {"DesiredCapacity": 3}, 2),
        (0, 0, 3, {"DesiredCapacity": 3}, 0),
        (None, 1, 3, {"DesiredCapacity": 2}, 2),
        (None, 3, 5, {"DesiredCapacity": 2}, 3),
        (None, 0, 1, {"DesiredCapacity": 2}, 1),
        (None, None, 1, GROUP, 1),
        (None, None, None, GROUP, 2),
        (None, 2, 4, None, 2),
        (None, 0, 4, None, 0),
    ],
)
def test_capacity(desired, smallest, largest, group, result):
    target = replace(LEFT, desired_capacity=desired, min_size=smallest, max_size=largest)
    assert capacity(target, group) == result


def test_plan_adds_before_it_removes():
    target = replace(
        SAME,
        min_size=3,
        desired_capacity=None,
        load_balancers=("classic",),
        target_group_arns=("arn:c",),
        tags={"A": "2"},
    )
    balancers, added = {"LoadBalancerNames": ["classic"]}, {"TargetGroupARNs": ["arn:c"]}
    removed = {"TargetGroupARNs": ["arn:a", "arn:b"]}
    operations = [
        ("create_or_update_tags", {"Tags": [tag("A", "2")]}, None),
        ("attach_load_balancers", balancers, ("detach_load_balancers", balancers)),
        ("attach_load_balancer_target_groups", added, ("detach_load_balancer_target_groups", added)),
        (
            "update_auto_scaling_group",
            {"MinSize": 3, "DesiredCapacity": 3},
            ("update_auto_scaling_group", {"MinSize": 1, "DesiredCapacity": 2}),
        ),
        ("detach_load_balancer_target_groups", removed, ("attach_load_balancer_target_groups", removed)),
        ("delete_tags", {"Tags": [tag("B", "2")]}, ("create_or_update_tags", {"Tags": [tag("B", "2")]})),
    ]
    assert calls(group_plan.plan(target, GROUP)) == operations


def test_plan_attaches_ten_target_groups_a_call():
    target = replace(LEFT, target_group_arns=tuple(f"arn:{number:02}" for number in range(21)))
    plan = group_plan.plan(target, {**GROUP, "TargetGroupARNs": []})
    assert [len(request["TargetGroupARNs"]) for dummy, request, dummy in calls(plan)] == [10, 10, 1]


def test_undo_leaves_subnets_of_a_group_without_any():
    group = {**GROUP, "VPCZoneIdentifier": ""}
    ((dummy, request, undo),) = calls(group_plan.plan(replace(LEFT, subnets=("subnet-a",), min_size=0), group))
    assert request == {"VPCZoneIdentifier": "subnet-a", "MinSize": 0}
    assert undo[1] == {"MinSize": 1}
    for zones in (None, ("us-east-1c",)):
        target = replace(LEFT, subnets=("subnet-c",), availability_zones=zones)
        ((dummy, request, undo),) = calls(group_plan.plan(target, group))
        assert undo is None


NEW = {
    "MinSize": 1,
    "MaxSize": 3,
    "DesiredCapacity": 1,
    "HealthCheckType": "EC2",
    "HealthCheckGracePeriod": 300,
    "DefaultCooldown": 300,
    "TerminationPolicies": ["Default"],
    "Tags": [],
}


@pytest.mark.parametrize(
    ("target", "arguments"),
    [
        (LEFT, {"AvailabilityZones": ["us-east-1a", "us-east-1f"]}),
        (replace(LEFT, availability_zones=("us-east-1c",)), {"AvailabilityZones": ["us-east-1c"]}),
        (
            replace(LEFT, subnets=("subnet-a", "subnet-b"), load_balancers=(), max_instance_lifetime=0),
            {"VPCZoneIdentifier": "subnet-a,subnet-b"},
        ),
        (
            SAME,
            {
                "VPCZoneIdentifier": "subnet-a,subnet-b",
                "AvailabilityZones": ["us-east-1a", "us-east-1b"],
                "DesiredCapacity": 2,
                "TargetGroupARNs": ["arn:a", "arn:b"],
                "TerminationPolicies": ["OldestInstance", "Default"],
                "Tags": [tag("B", "2"), tag("A", "1"), tag("launchkit:application", "web", False)],
            },
        ),
    ],
)
def test_plan_of_a_new_group_creates_it(target, arguments):
    target = replace(target, min_size=1, max_size=3)
    plan = group_plan.plan(target, None, ["us-east-1a", "us-east-1f"])
    assert calls(plan) == [("create_auto_scaling_group", {**CONFIGURATION, **NEW, **arguments}, None)]
    assert plan.calls[0].arguments["AutoScalingGroupName"] == "web"


def test_attributes_of_a_new_group():
    target = replace(LEFT, min_size=1, max_size=3, subnets=("subnet-a", "subnet-b"), load_balancers=(), tags={"A": "1"})
    assert attributes(target) == {
        "launch_configuration": "web-1",
        "min_size": "1",
        "max_size": "3",
        "desired_capacity": "1",
        "subnets": "subnet-a, subnet-b",
        "load_balancers": "none",
        "tags[A]": "1",
    }


IN_OTHER_ZONES = replace(LEFT, availability_zones=("us-east-1c",))


@pytest.mark.parametrize(
    ("target", "group", "parts"),
    [
        (LEFT, None, None),
        (LEFT, GROUP, None),
        # K5: "launch_template none -> ...", and the policy is lost.
        (LEFT, MIXED, ["application_group_name: ", "mixed instances policy", "Leave application_group_name out"]),
        (LEFT, {**GROUP, "Status": "Delete in progress"}, ["application_group_name: ", "Delete in progress"]),
        (IN_OTHER_ZONES, {**GROUP, "VPCZoneIdentifier": ""}, None),
        (IN_OTHER_ZONES, GROUP, ["application_group_availability_zones: ", "Set application_group_subnets"]),
    ],
)
def test_blockers_name_the_variable(target, group, parts):
    sentences = blockers(target, group)
    assert len(sentences) == (parts is not None)
    assert all(part in sentences[0] for part in parts or ())
    if parts:
        assert group_plan.plan(target, group).calls == ()


@pytest.mark.parametrize(
    ("instances", "text"),
    [
        ([], "0 of 2 instances in service"),
        ([instance("i-1"), instance("i-2", "Pending")], "1 of 2 instances in service"),
        ([instance("i-1"), instance("i-2", health="Unhealthy")], "1 of 2 instances in service"),
        ([instance("i-1"), instance("i-2"), instance("i-3", "Terminating")], ""),
    ],
)
def test_waiting_counts_instances_in_service(instances, text):
    assert group_plan.waiting({**GROUP, "Instances": instances}) == text


def test_module_options_keep_what_is_not_set():
    assert group_plan.module_options(LEFT, GROUP) == {
        "name": "web",
        "launch_config_name": "web-1",
        "desired_capacity": 2,
        "health_check_type": "EC2",
        "health_check_period": 300,
        "default_cooldown": 300,
        "termination_policies": ["OldestInstance", "Default"],
        "suspend_processes": ["AZRebalance"],
        "metrics_collection": True,
        "metrics_list": ["GroupMinSize"],
        # The module compares all tags.
        "tags": [
            {"A": "1", "propagate_at_launch": True},
            {"B": "2", "propagate_at_launch": True},
            {"launchkit:application": "web", "propagate_at_launch": False},
        ],
        "purge_tags": False,
    }


def test_module_options_of_a_new_group():
    source = {"LaunchTemplate": TEMPLATE}
    target = GroupTarget("web", source, 1, 3, subnets=("subnet-a",), load_balancers=(), tags={"A": "1"})
    assert group_plan.module_options(target, None) == {
        "name": "web",
        "launch_template": {"launch_template_id": "lt-1", "version": "2"},
        "min_size": 1,
        "max_size": 3,
        "desired_capacity": 1,
        "vpc_zone_identifier": ["subnet-a"],
        "load_balancers": [],
        "health_check_type": "EC2",
        "health_check_period": 300,
        "default_cooldown": 300,
        "termination_policies": ["Default"],
        "suspend_processes": [],
        "metrics_collection": False,
        "tags": [{"A": "1", "propagate_at_launch": True}],
        "purge_tags": False,
    }


EMPTY = {**GROUP, "MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0, "Instances": []}
SIZES = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}


@pytest.mark.parametrize(
    ("group", "force", "operations"),
    [
        (None, False, []),
        (None, True, []),
        (GROUP, True, [("delete_auto_scaling_group", {"ForceDelete": True}, None)]),
        (GROUP, False, [("update_auto_scaling_group", SIZES, None)]),
        ({**EMPTY, "MaxSize": 1}, False, [("update_auto_scaling_group", SIZES, None)]),
        ({**EMPTY, "Instances": [instance("i-1", "Terminating:Wait")]}, False, []),
        (EMPTY, False, [("delete_auto_scaling_group", {}, None)]),
        ({**EMPTY, "Status": "Delete in progress"}, False, []),
        ({**GROUP, "Status": "Delete in progress"}, True, []),
    ],
)
def test_removal_goes_step_by_step(group, force, operations):
    assert calls(group_plan.plan_removal(group, force)) == operations


@pytest.mark.parametrize(
    ("changed", "text"),
    [
        ({}, None),
        # K11: a group whose instances are protected from scale-in waits ten minutes and fails.
        ({"Instances": [instance("i-1", is_protected=True), instance("i-2")]}, "scale-in protection: i-1. "),
        ({"Instances": [instance(f"i-{number}", is_protected=True) for number in range(12)]}, "i-9 and 2 more. "),
        ({"Instances": [instance("i-1", "Standby")]}, "on standby: i-1. "),
        ({"SuspendedProcesses": [{"ProcessName": "Terminate"}]}, "process Terminate is suspended. "),
        ({"SuspendedProcesses": [{"ProcessName": "Terminate"}], "Instances": []}, None),
    ],
)
def test_removal_blockers_name_force_delete(changed, text):
    group = {**GROUP, **changed}
    sentences = group_plan.removal_blockers(group, force=False)
    assert len(sentences) == (text is not None)
    for sentence in sentences:
        assert sentence.startswith("application_group_force_delete: Auto Scaling group 'web' ")
        assert text + "Set application_group_force_delete to true" in sentence
    assert group_plan.removal_blockers(group, force=True) == group_plan.removal_blockers(None, force=False) == ()
