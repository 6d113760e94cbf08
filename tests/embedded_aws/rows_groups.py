# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from tests.embedded_aws.table import Account, Error, Table

row = Table()


@row("group-name-taken", Error("AlreadyExists", 400, "A group with the name group already exists"))
def a_second_one_of_the_name(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    return account.group(size=0)


@row("keep-request", ("required", "enabled", True))
def instances_carry_metadata_options_monitoring_and_optimisation(account: Account) -> Any:
    account.launch_configuration(
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"}, EbsOptimized=True
    )
    account.group()
    (instance,) = account.instances()
    return instance["MetadataOptions"]["HttpTokens"], instance["Monitoring"]["State"], instance["EbsOptimized"]


@row("group-missing", Error("ValidationError", 400, "AutoScalingGroup gone not found"))
def tagging_a_missing_group(account: Account) -> Any:
    tag = {
        "ResourceId": "gone",
        "ResourceType": "auto-scaling-group",
        "Key": "k",
        "Value": "v",
        "PropagateAtLaunch": False,
    }
    return account.autoscaling.create_or_update_tags(Tags=[tag])


@row("group-sizes", Error("ValidationError", 400, "Max bound, 1, must be greater than or equal to min bound, 2"))
def contradicting_sizes(account: Account) -> Any:
    account.launch_configuration()
    return account.group(MinSize=2, MaxSize=1)


@row(
    "group-has-instances",
    Error("ResourceInUse", 400, "You cannot delete an AutoScalingGroup while there are instances"),
)
def deleting_a_living_group(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=1)
    return account.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="group")


@row("group-shrinks-in-order", True)
def a_group_of_twelve_keeps_its_order(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=12, MaxSize=12)
    before = [instance["InstanceId"] for instance in account.described_group()["Instances"]]
    account.autoscaling.set_desired_capacity(AutoScalingGroupName="group", DesiredCapacity=10)
    return before[2:] == [instance["InstanceId"] for instance in account.described_group()["Instances"]]


@row("describe-tags", [50, 10])
def sixty_tags_in_pages(account: Account) -> Any:
    account.launch_configuration()
    for number in range(6):
        tags = [{"Key": f"k{tag}", "Value": "v", "PropagateAtLaunch": False} for tag in range(10)]
        account.group(f"group-{number}", size=0, Tags=tags)
    first = account.autoscaling.describe_tags()
    second = account.autoscaling.describe_tags(NextToken=first.get("NextToken", "0"))
    return [len(first["Tags"]), len(second["Tags"])]


@row("disable-metrics-collection", [])
def disabling_metrics(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    account.autoscaling.enable_metrics_collection(
        AutoScalingGroupName="group", Granularity="1Minute", Metrics=["GroupMinSize"]
    )
    account.autoscaling.disable_metrics_collection(AutoScalingGroupName="group")
    return account.described_group()["EnabledMetrics"]


@row("update-all-that-is-given", (60, ["OldestInstance"]))
def updating_cooldown_and_policies(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    account.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="group", DefaultCooldown=60, TerminationPolicies=["OldestInstance"]
    )
    group = account.described_group()
    return group["DefaultCooldown"], group["TerminationPolicies"]


@row("update-all-that-is-given", 86400)
def a_new_group_with_a_maximum_instance_lifetime(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0, MaxInstanceLifetime=86400)
    return account.described_group().get("MaxInstanceLifetime")


@row("describe-groups", ["b", "c"])
def the_next_page_after_a_group_is_gone(account: Account) -> Any:
    account.launch_configuration()
    for name in ("c", "a", "b"):
        account.group(name, size=0)
    first = account.autoscaling.describe_auto_scaling_groups(MaxRecords=1)
    account.autoscaling.delete_auto_scaling_group(
        AutoScalingGroupName=first["AutoScalingGroups"][0]["AutoScalingGroupName"]
    )
    groups = account.autoscaling.describe_auto_scaling_groups(NextToken=first["NextToken"])["AutoScalingGroups"]
    return [group["AutoScalingGroupName"] for group in groups]
