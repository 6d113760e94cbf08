# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time
from typing import Any

from tests.embedded_aws.table import Account, Error, Table

row = Table()


def states(account: Account) -> list[str]:
    return sorted(instance["LifecycleState"] for instance in account.described_group()["Instances"])


def group(account: Account, size: int = 2) -> list[str]:
    """A group; returns the ids of its instances."""
    account.launch_configuration()
    account.group(size=size)
    return [instance["InstanceId"] for instance in account.described_group()["Instances"]]


def hook(account: Account, transition: str, **more: Any) -> None:
    account.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName="group", LifecycleHookName="hook",
        LifecycleTransition=f"autoscaling:EC2_INSTANCE_{transition}", **more,
    )  # fmt: skip


def size(account: Account, capacity: int) -> None:
    account.autoscaling.set_desired_capacity(AutoScalingGroupName="group", DesiredCapacity=capacity)


def complete(account: Account, instance: str, result: str = "CONTINUE") -> Any:
    return account.autoscaling.complete_lifecycle_action(
        AutoScalingGroupName="group", LifecycleHookName="hook", InstanceId=instance, LifecycleActionResult=result
    )


def activities(account: Account, **arguments: Any) -> list[tuple[str, str]]:
    """What was recorded of the group, oldest first: the first words and the status."""
    found = account.autoscaling.describe_scaling_activities(AutoScalingGroupName="group", **arguments)["Activities"]
    return [(entry["Description"].partition(":")[0], entry["StatusCode"]) for entry in reversed(found)]


@row("group-launches", (["Pending", "Pending"], ["InService", "InService"]))
def new_instances_are_pending_for_a_while(account: Account) -> Any:
    account.aws.set(pending_seconds=0.2)
    group(account)
    first = states(account)
    time.sleep(0.21)
    return first, states(account)


@row("coming-instances-count", 2)
def sizing_a_group_of_pending_instances(account: Account) -> Any:
    account.aws.set(pending_seconds=60)
    group(account)
    size(account, 2)
    return len(states(account))


@row("group-shrinks-in-order", (["InService", "Terminating:Wait"], ["InService"]))
def a_lifecycle_hook_keeps_an_instance_that_leaves(account: Account) -> Any:
    oldest, _newest = group(account)
    hook(account, "TERMINATING")
    size(account, 1)
    waiting = states(account)
    complete(account, oldest)
    return waiting, states(account)


@row("group-shrinks-in-order", (2, ["InService"]))
def a_lifecycle_hook_ends_with_its_timeout(account: Account) -> Any:
    group(account)
    hook(account, "TERMINATING", HeartbeatTimeout=1)
    size(account, 1)
    waiting = len(states(account))
    time.sleep(1.01)
    return waiting, states(account)


@row("termination-waits", (["InService", "InService", "Terminating:Wait"], 2))
def terminating_an_instance_of_a_group_with_a_hook(account: Account) -> Any:
    oldest, _newest = group(account)
    hook(account, "TERMINATING")
    account.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=oldest, ShouldDecrementDesiredCapacity=False
    )
    return states(account), account.described_group()["DesiredCapacity"]


@row("instance-of-no-group", Error("ValidationError", 400, "No managed instance found for instance ID i-0"))
def terminating_an_instance_of_no_group(account: Account) -> Any:
    return account.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId="i-0", ShouldDecrementDesiredCapacity=False
    )


@row("complete-lifecycle-action", (["Pending:Wait"], ["InService"]))
def a_lifecycle_hook_keeps_an_instance_that_comes(account: Account) -> Any:
    group(account, size=0)
    hook(account, "LAUNCHING")
    size(account, 1)
    account.described_group()
    waiting = states(account)
    complete(account, account.described_group()["Instances"][0]["InstanceId"])
    return waiting, states(account)


@row("complete-lifecycle-action", True)
def an_instance_that_is_abandoned_is_replaced(account: Account) -> Any:
    group(account, size=0)
    hook(account, "LAUNCHING")
    size(account, 1)
    first = account.described_group()["Instances"][0]["InstanceId"]
    complete(account, first, "ABANDON")
    (second,) = account.described_group()["Instances"]
    return second["InstanceId"] != first and second["LifecycleState"].startswith("Pending")


@row("no-lifecycle-action", Error("ValidationError", 400, "No active Lifecycle Action found with instance ID i-"))
def completing_what_does_not_wait(account: Account) -> Any:
    return complete(account, group(account)[0])


LAUNCHED, TERMINATED = ("Launching a new EC2 instance", "Successful"), ("Terminating EC2 instance", "Successful")


@row("describe-scaling-activities", [LAUNCHED, LAUNCHED, TERMINATED])
def launches_and_terminations_are_recorded(account: Account) -> Any:
    group(account)
    size(account, 1)
    return activities(account)


@row("describe-scaling-activities", ([], [LAUNCHED, TERMINATED]))
def the_activities_of_a_deleted_group(account: Account) -> Any:
    group(account, size=1)
    account.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="group", ForceDelete=True)
    return activities(account), activities(account, IncludeDeletedGroups=True)


@row("terminated-instances-are-recorded", [LAUNCHED, TERMINATED, LAUNCHED])
def an_instance_that_ec2_terminates(account: Account) -> Any:
    account.ec2.terminate_instances(InstanceIds=group(account, size=1))
    return activities(account)


@row("group-launches", ("Failed", True, 1))
def a_launch_that_fails_is_an_activity_and_tried_again(account: Account) -> Any:
    account.profile()
    account.template("template", IamInstanceProfile={"Name": "app"})
    account.group(size=0, LaunchTemplate={"LaunchTemplateName": "template"})
    account.iam.delete_instance_profile(InstanceProfileName="app")
    size(account, 1)
    first = account.autoscaling.describe_scaling_activities(AutoScalingGroupName="group")["Activities"][:1]
    account.profile()
    time.sleep(1.01)
    failed = first[0] if first else {}
    told = "Invalid IAM Instance Profile name" in failed.get("StatusMessage", "")
    return failed.get("StatusCode"), told, len(states(account))


@row("deleted-group-keeps-nothing", [])
def deleting_a_group_by_force_with_protected_instances(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=1, NewInstancesProtectedFromScaleIn=True)
    account.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="group", ForceDelete=True)
    return account.instances()


IN_USE = Error("DependencyViolation", 400, "has a dependent object")


@row("security-group-in-use", IN_USE)
def deleting_a_security_group_of_an_instance(account: Account) -> Any:
    ids = [
        account.ec2.create_security_group(GroupName=name, Description="for the row")["GroupId"]
        for name in ("free", "used")
    ]
    account.ec2.delete_security_group(GroupId=ids[0])
    account.launch_configuration(SecurityGroups=ids[1:])
    account.group(size=1)
    return account.ec2.delete_security_group(GroupId=ids[1])


@row("security-group-in-use", IN_USE)
def deleting_a_security_group_that_another_names(account: Account) -> Any:
    one, other = (
        account.ec2.create_security_group(GroupName=name, Description="for the row")["GroupId"] for name in ("a", "b")
    )
    account.ec2.authorize_security_group_ingress(
        GroupId=one,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": other}]}],
    )
    return account.ec2.delete_security_group(GroupId=other)
