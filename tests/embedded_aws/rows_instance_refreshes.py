# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import time
from typing import Any

from tests.embedded_aws.table import Account, Error, Table

row = Table()
QUICK, HELD = 0.01, 60.0


def group_on_template(account: Account, size: int = 4, step: float = QUICK) -> None:
    """A group on version 1 of a template that has a version 2."""
    account.aws.set(refresh_step_seconds=step)
    account.template("template")
    account.ec2.create_launch_template_version(
        LaunchTemplateName="template", SourceVersion="1", LaunchTemplateData={"EbsOptimized": True}
    )
    account.group(size=size, LaunchTemplate={"LaunchTemplateName": "template", "Version": "1"})


def start(account: Account, version: str | None = None, **preferences: Any) -> str:
    desired = {"LaunchTemplate": {"LaunchTemplateName": "template", "Version": version}} if version else None
    return account.autoscaling.start_instance_refresh(
        AutoScalingGroupName="group", Preferences=preferences, **({"DesiredConfiguration": desired} if desired else {})
    )["InstanceRefreshId"]


def refresh(account: Account) -> Any:
    return account.autoscaling.describe_instance_refreshes(AutoScalingGroupName="group")["InstanceRefreshes"][0]


def finished(account: Account, watch: Any = None) -> Any:
    for _number in range(500):
        if watch:
            watch(account.described_group())
        found = refresh(account)
        if found.get("EndTime"):
            return found
        time.sleep(0.005)
    raise AssertionError(f"the refresh does not end: {found}")


def versions(account: Account) -> list[str]:
    return sorted(instance["LaunchTemplate"]["Version"] for instance in account.described_group()["Instances"])


@row(
    "group-missing", Error("ValidationError", 400, "AutoScalingGroup name not found - AutoScalingGroup gone not found")
)
def refreshes_of_a_missing_group(account: Account) -> Any:
    return account.autoscaling.describe_instance_refreshes(AutoScalingGroupName="gone")


@row("describe-instance-refreshes", Error("InvalidNextToken", 400, "The token 'x' is invalid."))
def a_wrong_token_for_refreshes(account: Account) -> Any:
    group_on_template(account)
    return account.autoscaling.describe_instance_refreshes(AutoScalingGroupName="group", NextToken="x")


@row("refresh-in-progress", Error("InstanceRefreshInProgress", 400, "already in progress and blocks the execution"))
def a_second_one_at_once(account: Account) -> Any:
    group_on_template(account, step=HELD)
    start(account)
    return start(account)


@row("update-during-refresh", Error("InstanceRefreshInProgress", 400, "with a desired configuration exists"))
def repointing_during_a_refresh(account: Account) -> Any:
    group_on_template(account, step=HELD)
    start(account, "2")
    return account.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="group", LaunchTemplate={"LaunchTemplateName": "template", "Version": "2"}
    )


@row(
    "no-active-refresh",
    Error(
        "ActiveInstanceRefreshNotFound",
        400,
        "No in progress, baking, pending, or cancelling Instance Refresh found",
    ),
)
def cancelling_nothing(account: Account) -> Any:
    group_on_template(account)
    return account.autoscaling.cancel_instance_refresh(AutoScalingGroupName="group")


@row("refresh-is-irreversible", Error("IrreversibleInstanceRefresh", 400, "a desired configuration was not found"))
def rolling_back_without_a_desired_configuration(account: Account) -> Any:
    group_on_template(account, step=HELD)
    start(account)
    return account.autoscaling.rollback_instance_refresh(AutoScalingGroupName="group")


@row("refresh-is-irreversible", Error("IrreversibleInstanceRefresh", 400, "$Latest or $Default"))
def rolling_back_from_the_latest(account: Account) -> Any:
    group_on_template(account, step=HELD)
    start(account, "$Latest")
    return account.autoscaling.rollback_instance_refresh(AutoScalingGroupName="group")


@row("auto-rollback-needs-versions", Error("ValidationError", 400, "AutoRollback cannot be enabled"))
def auto_rollback_of_the_latest(account: Account) -> Any:
    group_on_template(account)
    return start(account, "$Latest", AutoRollback=True)


@row("refresh-percentages", Error("ValidationError", 400, "You must specify MinHealthyPercentage"))
def a_maximum_without_minimum(account: Account) -> Any:
    group_on_template(account)
    return start(account, MaxHealthyPercentage=150)


@row("group-launch-template", Error("ValidationError", 400, "Could not find the specified version 9"))
def refreshing_to_a_missing_version(account: Account) -> Any:
    group_on_template(account)
    return start(account, "9")


@row("start-instance-refresh", ("Successful", 100, ["2"] * 4, "2", True))
def instances_are_replaced_and_the_group_repointed(account: Account) -> Any:
    group_on_template(account)
    before = {instance["InstanceId"] for instance in account.described_group()["Instances"]}
    start(account, "2")
    done = finished(account)
    group = account.described_group()
    replaced = before.isdisjoint(instance["InstanceId"] for instance in group["Instances"])
    return done["Status"], done["PercentageComplete"], versions(account), group["LaunchTemplate"]["Version"], replaced


@row("start-instance-refresh", ("Successful", 3, 4))
def the_minimum_is_kept(account: Account) -> Any:
    group_on_template(account, step=0.03)
    counts, sizes = [], []

    def watch(group: Any) -> None:
        states = [(instance["LifecycleState"], instance["HealthStatus"]) for instance in group["Instances"]]
        counts.append(states.count(("InService", "Healthy")))
        sizes.append(len(states) - sum(state == "Terminating" for state, _health in states))

    start(account, MinHealthyPercentage=75)
    done = finished(account, watch)
    return done["Status"], min(counts), max(sizes)


@row("start-instance-refresh", ("Successful", 4))
def with_a_maximum_new_ones_come_first(account: Account) -> Any:
    group_on_template(account, step=0.03)
    counts = []

    def watch(group: Any) -> None:
        counts.append(sum(instance["LifecycleState"] == "InService" for instance in group["Instances"]))

    start(account, MinHealthyPercentage=100, MaxHealthyPercentage=150)
    done = finished(account, watch)
    return done["Status"], min(counts)


@row("start-instance-refresh", ("Successful", 0))
def what_matches_is_skipped(account: Account) -> Any:
    group_on_template(account)
    before = [instance["InstanceId"] for instance in account.described_group()["Instances"]]
    start(account, "1", SkipMatching=True)
    done = finished(account)
    after = [instance["InstanceId"] for instance in account.described_group()["Instances"]]
    return done["Status"], len(set(before) - set(after))


@row("start-instance-refresh", ("Failed", "Instances did not become healthy", "1"))
def a_version_that_does_not_work(account: Account) -> Any:
    group_on_template(account)
    account.aws.set(refresh_fails=True)
    start(account, "2")
    done = finished(account)
    return (
        done["Status"],
        done["StatusReason"].partition(":")[0],
        account.described_group()["LaunchTemplate"]["Version"],
    )


@row("start-instance-refresh", ("RollbackSuccessful", ["1"] * 4, "1", "Automatic rollback"))
def an_automatic_rollback(account: Account) -> Any:
    group_on_template(account)
    account.aws.set(refresh_fails=True)
    start(account, "2", AutoRollback=True)
    done = finished(account)
    reason = done["RollbackDetails"]["RollbackReason"].partition(":")[0]
    return done["Status"], versions(account), account.described_group()["LaunchTemplate"]["Version"], reason


@row("start-instance-refresh", ("Failed", True))
def a_profile_that_is_gone(account: Account) -> Any:
    account.profile()
    account.aws.set(refresh_step_seconds=QUICK)
    account.template("template", IamInstanceProfile={"Name": "app"})
    account.group(size=1, LaunchTemplate={"LaunchTemplateName": "template", "Version": "1"})
    account.iam.delete_instance_profile(InstanceProfileName="app")
    start(account)
    done = finished(account)
    return done["Status"], "Invalid IAM Instance Profile name" in done["StatusReason"]


@row("describe-instance-refreshes", ("Pending", 4, 0, 90))
def a_refresh_that_has_not_begun(account: Account) -> Any:
    group_on_template(account, step=HELD)
    start(account)
    found = refresh(account)
    return (
        found["Status"], found["InstancesToUpdate"], found["PercentageComplete"], found["Preferences"]["MinHealthyPercentage"]
    )  # fmt: skip


@row("cancel-instance-refresh", ("Cancelled", True))
def cancelling(account: Account) -> Any:
    group_on_template(account, step=0.2)
    start(account, "2", MinHealthyPercentage=75)
    while refresh(account)["PercentageComplete"] < 25:
        time.sleep(0.01)
    account.autoscaling.cancel_instance_refresh(AutoScalingGroupName="group")
    done = finished(account)
    return done["Status"], set(versions(account)) == {"1", "2"}


@row("rollback-instance-refresh", ("RollbackSuccessful", ["1"] * 4))
def rolling_back(account: Account) -> Any:
    group_on_template(account, step=0.2)
    start(account, "2", MinHealthyPercentage=50)
    while refresh(account)["PercentageComplete"] < 50:
        time.sleep(0.01)
    account.autoscaling.rollback_instance_refresh(AutoScalingGroupName="group")
    done = finished(account)
    return done["Status"], versions(account)


@row("coming-instances-count", (4, 0))
def sizing_a_group_during_a_refresh(account: Account) -> Any:
    group_on_template(account, step=0.5)
    start(account, MinHealthyPercentage=50)
    while not any(instance["LifecycleState"] == "Pending" for instance in account.described_group()["Instances"]):
        assert not refresh(account).get("EndTime"), "the refresh ended between two looks: the machine is too busy"
        time.sleep(0.01)
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", DesiredCapacity=4)
    states = [instance["LifecycleState"] for instance in account.described_group()["Instances"]]
    return sum(state in ("InService", "Pending") for state in states), len(states) - 6
