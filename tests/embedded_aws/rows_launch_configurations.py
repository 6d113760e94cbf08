# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from tests.embedded_aws.table import Account, Error, Table

row = Table()


@row("account-too-new", Error("UnsupportedOperation", 400, "is not available in your account. Use launch templates"))
def a_new_account(account: Account) -> Any:
    account.aws.set(new_account=True)
    return account.launch_configuration()


@row("launch-configuration-name-taken", Error("AlreadyExists", 400, "already exists with the name lc"))
def a_second_one_of_the_name(account: Account) -> Any:
    account.launch_configuration()
    return account.launch_configuration()


@row("launch-configuration-profile", Error("ValidationError", 400, "Invalid IamInstanceProfile: gone"))
def a_missing_profile(account: Account) -> Any:
    return account.launch_configuration(IamInstanceProfile="gone")


@row("launch-configuration-profile", Error("ValidationError", 400, "Invalid IamInstanceProfile: app"))
def a_profile_that_auto_scaling_does_not_see_yet(account: Account) -> Any:
    account.aws.set(profile_delay=60)
    account.profile()
    return account.launch_configuration(IamInstanceProfile="app")


@row("launch-configuration-profile", Error("ValidationError", 400, "Invalid IamInstanceProfile: arn:aws:iam::"))
def a_missing_profile_by_arn(account: Account) -> Any:
    account.profile("app", Path="/team/")
    account.launch_configuration("right", IamInstanceProfile="arn:aws:iam::123456789012:instance-profile/team/app")
    return account.launch_configuration("wrong", IamInstanceProfile="arn:aws:iam::123456789012:instance-profile/app")


@row("launch-configuration-missing", Error("ValidationError", 400, "Launch configuration gone not found"))
def deleting_a_missing_one(account: Account) -> Any:
    return account.autoscaling.delete_launch_configuration(LaunchConfigurationName="gone")


@row("launch-configuration-in-use", Error("ResourceInUse", 400, "lc because it is attached to AutoScalingGroup group"))
def deleting_a_used_one(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    return account.autoscaling.delete_launch_configuration(LaunchConfigurationName="lc")
