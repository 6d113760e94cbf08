# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time
from typing import Any

from tests.embedded_aws.rows_instance_refreshes import (
    HELD,
    QUICK,
    finished,
    group_on_template,
    refresh,
    start,
    versions,
)
from tests.embedded_aws.table import Account, Error, Table

row = Table()


@row("refresh-checkpoints", Error("ValidationError", 400, "must be unique and in ascending order"))
def checkpoints_in_the_wrong_order(account: Account) -> Any:
    group_on_template(account, step=HELD)
    account.autoscaling.start_instance_refresh(
        AutoScalingGroupName="group", Preferences={"CheckpointPercentages": [50, 100]}
    )
    account.autoscaling.cancel_instance_refresh(AutoScalingGroupName="group")
    account.group("other", size=0, LaunchTemplate={"LaunchTemplateName": "template", "Version": "1"})
    return account.autoscaling.start_instance_refresh(
        AutoScalingGroupName="other", Preferences={"CheckpointPercentages": [100, 50]}
    )


@row("refresh-checkpoints", Error("ValidationError", 400, "You must specify CheckpointPercentages"))
def a_delay_without_checkpoints(account: Account) -> Any:
    group_on_template(account)
    return start(account, CheckpointDelay=10)


def refused(member: str) -> Error:
    return Error("ValidationError", 400, f"'preferences.{member}' failed to satisfy constraint")


@row("auto-scaling-constraints", refused("scaleInProtectedInstances"))
def a_wrong_word_for_protected_instances(account: Account) -> Any:
    group_on_template(account)
    return start(account, ScaleInProtectedInstances="Terminate")


@row("auto-scaling-constraints", refused("standbyInstances"))
def a_wrong_word_for_standby_instances(account: Account) -> Any:
    group_on_template(account)
    return start(account, StandbyInstances="Refresh")


@row("auto-scaling-constraints", refused("bakeTime"))
def a_bake_time_of_more_than_two_days(account: Account) -> Any:
    group_on_template(account)
    return start(account, BakeTime=172801)


PREFERENCES = {
    "ScaleInProtectedInstances": "Refresh", "StandbyInstances": "Ignore", "SkipMatching": True, "CheckpointPercentages": [50, 100],
    "CheckpointDelay": 0, "BakeTime": 1, "AlarmSpecification": {"Alarms": ["errors"]}, "InstanceWarmup": 0,
}  # fmt: skip


@row("describe-instance-refreshes", PREFERENCES)
def preferences_are_shown_as_sent(account: Account) -> Any:
    group_on_template(account, step=HELD)
    start(account, **PREFERENCES)
    shown = refresh(account)["Preferences"]
    return {name: value for name, value in shown.items() if name in PREFERENCES}


@row("start-instance-refresh", (["1", "1", "2", "2"], 50, "Successful", ["2"] * 4))
def a_checkpoint_is_waited_at(account: Account) -> Any:
    group_on_template(account)
    start(account, "2", CheckpointPercentages=[50, 100], CheckpointDelay=1)
    time.sleep(0.4)
    resting = versions(account), refresh(account)["PercentageComplete"]
    return (*resting, finished(account)["Status"], versions(account))


@row("start-instance-refresh", ("Successful", ["1", "1", "2", "2"]))
def a_last_checkpoint_that_is_not_100(account: Account) -> Any:
    group_on_template(account)
    start(account, "2", CheckpointPercentages=[50], CheckpointDelay=0)
    return finished(account)["Status"], versions(account)


@row("start-instance-refresh", ("Baking", "Successful"))
def a_refresh_that_bakes(account: Account) -> Any:
    group_on_template(account, size=1)
    start(account, "2", BakeTime=1)
    time.sleep(0.5)
    return refresh(account)["Status"], finished(account)["Status"]


def held_back(account: Account, standby: bool) -> str:
    """A group of four with one instance that is protected from scale in, or in Standby; returns its id."""
    group_on_template(account)
    instance = account.described_group()["Instances"][0]["InstanceId"]
    if standby:
        account.autoscaling.enter_standby(
            AutoScalingGroupName="group", InstanceIds=[instance], ShouldDecrementDesiredCapacity=True
        )
    else:
        account.autoscaling.set_instance_protection(
            AutoScalingGroupName="group", InstanceIds=[instance], ProtectedFromScaleIn=True
        )
    return instance


def kept(account: Account, instance: str) -> bool:
    return instance in {item["InstanceId"] for item in account.described_group()["Instances"]}


@row("start-instance-refresh", [("Successful", True), ("Successful", False)])
def protected_instances_are_ignored_or_replaced(account: Account) -> Any:
    instance, ends = held_back(account, standby=False), []
    for choice in ("Ignore", "Refresh"):
        start(account, ScaleInProtectedInstances=choice)
        ends.append((finished(account)["Status"], kept(account, instance)))
    return ends


@row("start-instance-refresh", [("Successful", True), ("Successful", False)])
def standby_instances_are_ignored_or_terminated(account: Account) -> Any:
    instance, ends = held_back(account, standby=True), []
    for choice in ("Ignore", "Terminate"):
        start(account, StandbyInstances=choice)
        ends.append((finished(account)["Status"], kept(account, instance)))
    return ends


@row("start-instance-refresh", ("InProgress", "Waiting for instances", 75, "Successful"))
def protected_instances_are_waited_for(account: Account) -> Any:
    instance = held_back(account, standby=False)
    start(account, "2")
    time.sleep(0.4)
    waiting = refresh(account)
    account.autoscaling.set_instance_protection(
        AutoScalingGroupName="group", InstanceIds=[instance], ProtectedFromScaleIn=False
    )
    reason = waiting.get("StatusReason", "")[:21]
    return waiting["Status"], reason, waiting["PercentageComplete"], finished(account)["Status"]


@row("start-instance-refresh", ("Failed", 1))
def standby_instances_are_not_waited_for_for_ever(account: Account) -> Any:
    held_back(account, standby=True)
    account.aws.set(refresh_wait_seconds=0.3)
    start(account, "2")
    done = finished(account)
    return done["Status"], done["InstancesToUpdate"]


@row("start-instance-refresh", ("Successful", True))
def instances_of_a_launch_configuration_do_not_match(account: Account) -> Any:
    account.aws.set(refresh_step_seconds=QUICK)
    account.launch_configuration()
    account.group(size=1)
    before = account.described_group()["Instances"][0]["InstanceId"]
    start(account, SkipMatching=True)
    return finished(account)["Status"], not kept(account, before)


@row("start-instance-refresh", ("Successful", ["1", "2"], ["Terminating:Wait"]))
def an_instance_that_leaves_is_not_refreshed(account: Account) -> Any:
    group_on_template(account, size=2)
    account.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName="group", LifecycleHookName="hook",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING", HeartbeatTimeout=60,
    )  # fmt: skip
    account.autoscaling.set_desired_capacity(AutoScalingGroupName="group", DesiredCapacity=1)
    account.autoscaling.delete_lifecycle_hook(AutoScalingGroupName="group", LifecycleHookName="hook")
    start(account, "2")
    done = finished(account)
    old = [item for item in account.described_group()["Instances"] if item["LaunchTemplate"]["Version"] == "1"]
    return done["Status"], versions(account), [item["LifecycleState"] for item in old]


@row("start-instance-refresh", ("Successful", ["2", "2"], "2", ["MixedInstancesPolicy"], 1))
def refreshing_to_a_mixed_instances_policy(account: Account) -> Any:
    def policy(version: str) -> dict[str, Any]:
        specification = {"LaunchTemplateName": "template", "Version": version}
        return {"LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": []}}

    group_on_template(account, size=2)
    mixed = {**policy("1"), "InstancesDistribution": {"OnDemandBaseCapacity": 1}}
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", MixedInstancesPolicy=mixed)
    account.autoscaling.start_instance_refresh(
        AutoScalingGroupName="group", DesiredConfiguration={"MixedInstancesPolicy": policy("2")}
    )
    status, group = finished(account)["Status"], account.described_group()
    shown = group["MixedInstancesPolicy"]
    version = shown["LaunchTemplate"]["LaunchTemplateSpecification"]["Version"]
    kinds = sorted({"LaunchTemplate", "MixedInstancesPolicy"} & set(group))
    return status, versions(account), version, kinds, shown["InstancesDistribution"]["OnDemandBaseCapacity"]
