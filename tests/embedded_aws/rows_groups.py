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


@row("group-launch-configuration", Error("ValidationError", 400, "Launch configuration gone not found"))
def a_missing_launch_configuration(account: Account) -> Any:
    return account.group(LaunchConfigurationName="gone")


@row("group-launch-configuration", Error("ValidationError", 400, "Launch configuration gone not found"))
def repointing_to_a_missing_launch_configuration(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    return account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", LaunchConfigurationName="gone")


@row("group-profile", Error("ValidationError", 400, "Invalid IAM Instance Profile name"))
def a_launch_configuration_whose_profile_is_gone(account: Account) -> Any:
    account.profile()
    account.launch_configuration(IamInstanceProfile="app")
    account.iam.delete_instance_profile(InstanceProfileName="app")
    return account.group(size=0)


@row("group-launches", "arn:aws:iam::123456789012:instance-profile/app")
def instances_carry_the_profile(account: Account) -> Any:
    account.profile()
    account.launch_configuration(IamInstanceProfile="app")
    account.group()
    (instance,) = account.instances()
    return instance.get("IamInstanceProfile", {}).get("Arn")


@row("keep-request", ("required", "enabled", True))
def instances_carry_metadata_options_monitoring_and_optimisation(account: Account) -> Any:
    account.launch_configuration(
        MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"}, EbsOptimized=True
    )
    account.group()
    (instance,) = account.instances()
    return instance["MetadataOptions"]["HttpTokens"], instance["Monitoring"]["State"], instance["EbsOptimized"]
