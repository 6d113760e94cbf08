# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from tests.embedded_aws.table import Account, Error, Table

row = Table()


@row("instance-profile-not-found", Error("NoSuchEntity", 404, "Instance Profile gone cannot be found."))
def reading_a_missing_profile(account: Account) -> Any:
    return account.iam.get_instance_profile(InstanceProfileName="gone")


@row("role-not-found", Error("NoSuchEntity", 404, "The role with name gone cannot be found."))
def reading_a_missing_role(account: Account) -> Any:
    return account.iam.get_role(RoleName="gone")


@row("instance-profile-name-taken", Error("EntityAlreadyExists", 409, "Instance Profile APP already exists."))
def a_profile_that_differs_in_case(account: Account) -> Any:
    account.profile("app")
    return account.profile("APP")


@row("role-name-taken", Error("EntityAlreadyExists", 409, "Role with name APP already exists."))
def a_role_that_differs_in_case(account: Account) -> Any:
    account.role("app")
    return account.role("APP")


@row(
    "role-not-in-profile",
    Error("NoSuchEntity", 404, "The role with name app cannot be found in the instance profile app"),
)
def removing_a_role_that_is_not_attached(account: Account) -> Any:
    account.role()
    account.profile()
    return account.iam.remove_role_from_instance_profile(InstanceProfileName="app", RoleName="app")


@row("remove-role-by-name", [])
def removing_a_role_that_was_recreated(account: Account) -> Any:
    account.role()
    account.profile()
    account.iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    account.aws.action("recreate_role", RoleName="app")
    account.iam.remove_role_from_instance_profile(InstanceProfileName="app", RoleName="app")
    return account.iam.get_instance_profile(InstanceProfileName="app")["InstanceProfile"]["Roles"]


@row("instance-profile-not-visible-yet", Error("NoSuchEntity", 404, "Instance Profile app cannot be found."))
def reading_a_profile_too_soon(account: Account) -> Any:
    account.aws.set(iam_delay=60, iam_miss_rate=1)
    account.profile()
    return account.iam.get_instance_profile(InstanceProfileName="app")


@row("role-not-visible-yet", Error("NoSuchEntity", 404, "The role with name app cannot be found."))
def attaching_a_role_too_soon(account: Account) -> Any:
    account.aws.set(iam_delay=60, iam_miss_rate=1)
    account.role()
    account.profile()
    return account.iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")


@row("instance-profile-id", lambda answer: answer.startswith("AIPA") and len(answer) == 21)
def the_id_of_a_profile(account: Account) -> Any:
    account.profile()
    return account.iam.get_instance_profile(InstanceProfileName="app")["InstanceProfile"]["InstanceProfileId"]


@row("role-created-now", Error("NoSuchEntity", 404, "The role with name app cannot be found."))
def reading_a_role_too_soon(account: Account) -> Any:
    account.aws.set(iam_delay=60, iam_miss_rate=1)
    account.role()
    return account.iam.get_role(RoleName="app")


@row("iam-name-characters", Error("ValidationError", 400, "The specified value for instanceProfileName is invalid."))
def a_profile_name_with_a_slash(account: Account) -> Any:
    account.profile("all+of=them,.@-_")
    return account.profile("team/app")


@row("iam-name-characters", Error("ValidationError", 400, "The specified value for roleName is invalid."))
def a_role_name_with_a_letter_beyond_ascii(account: Account) -> Any:
    return account.role("größe")


@row("iam-path", Error("ValidationError", 400, "The specified value for path is invalid."))
def a_path_without_its_end(account: Account) -> Any:
    account.profile("right", Path="/team/")
    return account.profile("wrong", Path="/team")


@row(
    "iam-constraints",
    Error("ValidationError", 400, "'instanceProfileName' failed to satisfy constraint: Member must have length"),
)
def a_profile_name_of_129_characters(account: Account) -> Any:
    account.profile("p" * 128)
    return account.profile("p" * 129)


@row("iam-constraints", Error("ValidationError", 400, "less than or equal to 64"))
def a_role_name_of_65_characters(account: Account) -> Any:
    account.role("r" * 64)
    return account.role("r" * 65)


@row("iam-constraints", Error("ValidationError", 400, "'path' failed to satisfy constraint"))
def a_path_of_513_characters(account: Account) -> Any:
    account.profile("right", Path="/" + "p" * 510 + "/")
    return account.profile("wrong", Path="/" + "p" * 511 + "/")


@row(
    "iam-constraints",
    Error("ValidationError", 400, "'tags.1.member.key' failed to satisfy constraint: Member must have length"),
)
def a_tag_key_of_129_characters(account: Account) -> Any:
    account.profile("right", Tags=[{"Key": "k" * 128, "Value": "v" * 256}])
    return account.profile("wrong", Tags=[{"Key": "k" * 129, "Value": "v"}])


@row(
    "iam-constraints",
    Error("ValidationError", 400, "'tags.1.member.value' failed to satisfy constraint: Member must have length"),
)
def a_tag_value_of_257_characters(account: Account) -> Any:
    return account.profile(Tags=[{"Key": "k", "Value": "v" * 257}])


@row(
    "iam-constraints",
    Error(
        "ValidationError", 400, "'tags' failed to satisfy constraint: Member must have length less than or equal to 50"
    ),
)
def fifty_one_tags(account: Account) -> Any:
    tags = [{"Key": f"key{number}", "Value": "v"} for number in range(51)]
    account.profile("right", Tags=tags[1:])
    return account.profile("wrong", Tags=tags)
