# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof that a group's plan does what amazon.aws.autoscaling_group does, and is empty when that changes nothing.

That module reports changes that it doesn't make, so what it does is read from DescribeAutoScalingGroups.
"""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import replace

import pytest
from ansible_collections.amazon.aws.plugins.modules import autoscaling_group
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group as auto_scaling_group
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group_plan
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group import GroupTarget
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

NAME, IMAGE = "web", "ami-baba68d3"
ZONES = ("us-east-1a", "us-east-1b")
METRICS = ("GroupMinSize", "GroupTotalInstances", "WarmPoolTotalCapacity")
PROCESSES = ("AZRebalance", "ScheduledActions")
NUMBERS = st.sampled_from([60, 300])
SIZES = st.tuples(*[st.integers(0, 2)] * 3).map(sorted)
TAGS = st.sampled_from([{}, {"Owner": ""}, {"Owner": "b c", "größe": "1"}, {"Stage": "1"}])
POLICIES = st.sampled_from([("Default",), ("OldestInstance", "Default"), ("Default", "OldestInstance")])
OWNERSHIP = {"launchkit:application": NAME}


class Account:
    """An account with what groups refer to, and at most one group."""

    def __init__(self, aws):
        self.client = aws.client("autoscaling")
        ec2, balancing = aws.client("ec2"), aws.client("elbv2")
        for name in ("web-1", "web-2"):
            self.client.create_launch_configuration(
                LaunchConfigurationName=name, ImageId=IMAGE, InstanceType="t3.small"
            )
        data = {"ImageId": IMAGE, "InstanceType": "t3.small"}
        template = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)["LaunchTemplate"]
        ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=data)
        subnets = {each["AvailabilityZone"]: each for each in ec2.describe_subnets()["Subnets"]}
        self.subnets = [subnets[zone]["SubnetId"] for zone in ZONES]
        vpc = subnets[ZONES[0]]["VpcId"]
        self.target_groups = [
            balancing.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0][
                "TargetGroupArn"
            ]
            for name in ("one", "two", "three")
        ]
        self.load_balancers = ["classic", "classic-2"]
        for name in self.load_balancers:
            listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
            aws.client("elb").create_load_balancer(
                LoadBalancerName=name, Listeners=[listener], AvailabilityZones=list(ZONES)
            )
        identity = template["LaunchTemplateId"]
        self.zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
        self.sources = [
            *({"LaunchConfigurationName": name} for name in ("web-1", "web-2")),
            *({"LaunchTemplate": {"LaunchTemplateId": identity, "Version": each}} for each in ("1", "2", "$Latest")),
            {"LaunchTemplate": {"LaunchTemplateId": identity, "LaunchTemplateName": "web", "Version": "2"}},
        ]

    def group(self):
        """The group as the API returns it, or None."""
        return next(iter(self.client.describe_auto_scaling_groups()["AutoScalingGroups"]), None)

    def execute(self, plan):
        for call in plan.calls:
            getattr(self.client, call.operation)(**copy.deepcopy(call.arguments))

    def undo(self, plan):
        for call in reversed(plan.calls):
            if call.undo:
                getattr(self.client, call.undo.operation)(**copy.deepcopy(call.undo.arguments))

    def replace_group(self, described):
        """Delete the group, and create another one as described, with what CreateAutoScalingGroup doesn't take."""
        self.execute(group_plan.plan_removal(self.group(), force=True))
        if described is None:
            return
        target, processes, metrics = described
        self.execute(group_plan.plan(target, None, self.zones))
        if processes:
            self.client.suspend_processes(AutoScalingGroupName=NAME, ScalingProcesses=processes)
        if metrics:
            self.client.enable_metrics_collection(AutoScalingGroupName=NAME, Granularity="1Minute", Metrics=metrics)


def state(group):
    """What two groups have in common when they are the same except for the order of lists."""
    ignored = ("AutoScalingGroupARN", "CreatedTime", "Instances")
    members = {key: value for key, value in group.items() if key not in ignored}
    members["Instances"] = len(group["Instances"])
    members["VPCZoneIdentifier"] = sorted(group.get("VPCZoneIdentifier", "").split(","))
    # 0 is how the limit is removed.
    members["MaxInstanceLifetime"] = group.get("MaxInstanceLifetime") or 0
    for key in ("AvailabilityZones", "LoadBalancerNames", "TargetGroupARNs"):
        members[key] = sorted(group[key])
    for key, name in (("Tags", "Key"), ("SuspendedProcesses", "ProcessName"), ("EnabledMetrics", "Metric")):
        members[key] = sorted(group[key], key=lambda each, name=name: each[name])
    return members


def some(values):
    # Half of the examples have several: Hypothesis prefers short lists.
    several = st.lists(st.sampled_from(values), unique=True, min_size=2)
    return st.one_of(st.lists(st.sampled_from(values), unique=True, max_size=1), several).map(tuple)


@st.composite
def targets(draw, account, complete):
    """Something to ask of a group. If it isn't complete, settings can be left as they are."""
    smallest, desired, largest = draw(SIZES)
    optional = {
        "desired_capacity": st.just(desired),
        "load_balancers": some(account.load_balancers),
        "target_group_arns": some(account.target_groups),
        "health_check_type": st.sampled_from(["EC2", "ELB"]),
        "health_check_period": NUMBERS,
        "default_cooldown": NUMBERS,
        "termination_policies": st.one_of(POLICIES, st.just(())),
        "max_instance_lifetime": st.sampled_from([0, 86400]),
        "tags": TAGS,
        "ownership_tags": st.just(OWNERSHIP),
        # A group is in subnets or zones.
        **draw(st.sampled_from([{"subnets": some(account.subnets)}, {"availability_zones": some(ZONES)}])),
    }
    chosen = {name: draw(values) for name, values in optional.items() if complete or draw(st.booleans())}
    flags = {name: draw(st.sampled_from([True, True, False])) for name in ("propagate_tags", "purge_tags")}
    return GroupTarget(NAME, draw(st.sampled_from(account.sources)), smallest, largest, **chosen, **flags)


# What is changed in a group.
CHANGED = {
    "nothing": (),
    "source": ("source",),
    "sizes": ("min_size", "max_size", "desired_capacity"),
    "placement": ("subnets", "availability_zones"),
    "load_balancers": ("load_balancers",),
    "target_group_arns": ("target_group_arns",),
    "health_check_type": ("health_check_type",),
    "tags": ("tags", "propagate_tags"),
}
# What examples rarely come to by themselves.
ASKED = {
    "no load balancers": {"load_balancers": ()},
    "launch configuration": {"source": {"LaunchConfigurationName": "web-2"}},
    "other values": {
        "max_size": 3,
        "health_check_period": 90,
        "default_cooldown": 90,
        "termination_policies": ("NewestInstance",),
        "max_instance_lifetime": 604800,
    },
}


@st.composite
def situations(draw, account, kind):
    """A group that exists, or None, and a target."""
    if kind == "new":
        return None, draw(targets(account, complete=False))
    group = draw(targets(account, complete=kind != "anything"))
    other = draw(targets(account, complete=kind != "anything"))
    changed = ASKED.get(kind) or {name: getattr(other, name) for name in CHANGED.get(kind, ())}
    target = other if kind == "anything" else replace(group, **changed)
    assume(target != group or kind in ("nothing", "anything"))
    return (group, draw(some(PROCESSES)), draw(some(METRICS))), target


@pytest.fixture
def account(aws):
    return Account(aws)


SEEN: Counter[str] = Counter()
RAN = set()
KINDS = ("new", *CHANGED, *ASKED, "anything")


@pytest.mark.parametrize("kind", KINDS)
@settings(
    max_examples=3,
    # Every example is dozens of calls, so a failing one is shown as it was found.
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_plan_agrees_with_the_module(account, run, kind, data):
    RAN.add(kind)
    described, target = data.draw(situations(account, kind))

    def module():
        options = group_plan.module_options(target, account.group())
        run(autoscaling_group, check_mode=False, wait_for_instances=False, **options)
        return state(account.group())

    account.replace_group(described)
    group = account.group()
    assume(not auto_scaling_group.blockers(target, group))
    before = copy.deepcopy((target, group))
    plan = group_plan.plan(target, group, account.zones)
    assert (target, group) == before
    by_module = module()
    if group is not None:
        assert (plan.calls == ()) == (by_module == state(group)), plan
        assert (plan.calls == ()) == (auto_scaling_group.differences(target, group) == ())
    assert group_plan.plan(target, account.group()).calls == ()

    account.replace_group(described)
    account.execute(plan)
    planned = account.group()
    assert state(planned) == by_module
    assert group_plan.plan(target, planned).calls == ()
    assert module() == by_module

    if group is not None:
        account.replace_group(described)
        account.execute(plan)
        account.undo(plan)
        # Nothing was removed for tags that were added, nor for subnets of a group without any.
        kept = ("Tags", "AvailabilityZones", "VPCZoneIdentifier")
        kept = kept if not group.get("VPCZoneIdentifier") else kept[:1]
        assert {**state(account.group()), **dict.fromkeys(kept)} == {**state(group), **dict.fromkeys(kept)}
    SEEN.update([call.operation for call in plan.calls] or ["none"])
    if group is not None:
        SEEN.update(each.field.partition("[")[0] for each in auto_scaling_group.differences(target, group))


def test_examples_cover_all_kinds_and_calls():
    """Runs after the proof, which would prove nothing about what its examples never do."""
    if len(RAN) < len(KINDS):
        pytest.skip("it judges what all examples of the proof covered, and only a part of them was run")
    operations = {f"{verb}_{name}" for name in group_plan.ATTACHMENTS.values() for verb in ("attach", "detach")}
    operations |= {"create_auto_scaling_group", "update_auto_scaling_group", "create_or_update_tags", "delete_tags"}
    fields = {"launch_configuration", "launch_template", "tags", *auto_scaling_group.MEMBERS}
    missing = (operations | fields | {"none"}) - set(SEEN)
    assert not missing, SEEN
