# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instance profiles in IAM."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend

from ..consistency import is_missed, stamp
from ..registry import amends, answers, corrects, refuses
from ..strict import Call

API = "botocore's iam service model"


def find_profile(backend: Any, name_or_arn: str) -> Any:
    """The instance profile of that name or ARN, or None."""
    if name_or_arn.startswith("arn:"):
        return next((profile for profile in backend.instance_profiles.values() if profile.arn == name_or_arn), None)
    return backend.instance_profiles.get(name_or_arn)


@corrects(
    IAMBackend, "get_instance_profile", when="the instance profile does not exist (the text)",
    source="NoSuchEntityException in " + API + "; text as AWS gave it in skyplane-project/skyplane#724",
)  # fmt: skip
def instance_profile_not_found(moto_method: Callable[..., Any], backend: Any, profile_name: str) -> Any:
    profile = backend.instance_profiles.get(profile_name)
    if profile is None:
        raise NotFoundException(f"Instance Profile {profile_name} cannot be found.")
    return profile


@corrects(
    IAMBackend, "get_role", when="the role does not exist (the text)",
    source="NoSuchEntityException in " + API + "; text matched by terraform-provider-aws (internal/service/iam/instance_profile.go)",
)  # fmt: skip
def role_not_found(moto_method: Callable[..., Any], backend: Any, role_name: str) -> Any:
    role = next((role for role in backend.roles.values() if role.name == role_name), None)
    if role is None:
        raise NotFoundException(f"The role with name {role_name} cannot be found.")
    return role


@refuses(
    "iam", "CreateInstanceProfile", when="a profile's name is the same but for its case",
    code="EntityAlreadyExists", status=409, text="Instance Profile {name} already exists.",
    source="EntityAlreadyExistsException in " + API + "; IAM user guide, 'IAM and AWS STS quotas': names are unique "
    "within the account in any letter case. Reads stay exact (unverified on AWS)",
)  # fmt: skip
def instance_profile_name_taken(call: Call) -> Any:
    name = call.params["InstanceProfileName"]
    taken = {other.lower() for other in call.iam.instance_profiles}
    return {"name": name} if name.lower() in taken else None


@refuses(
    "iam", "CreateRole", when="a role's name is the same but for its case",
    code="EntityAlreadyExists", status=409, text="Role with name {name} already exists.",
    source="EntityAlreadyExistsException in " + API + "; IAM user guide, 'IAM and AWS STS quotas'",
)  # fmt: skip
def role_name_taken(call: Call) -> Any:
    name = call.params["RoleName"]
    taken = {role.name.lower() for role in call.iam.roles.values()}
    return {"name": name} if name.lower() in taken else None


@refuses(
    "iam", "RemoveRoleFromInstanceProfile", when="the role exists and is not in the profile",
    code="NoSuchEntity", status=404, text="The role with name {role} cannot be found in the instance profile {profile}.",
    source="NoSuchEntityException of RemoveRoleFromInstanceProfile in " + API + "; the wording is unverified",
)  # fmt: skip
def role_not_in_profile(call: Call) -> Any:
    profile = call.iam.get_instance_profile(call.params["InstanceProfileName"])
    role = call.params["RoleName"]
    if any(held.name == role for held in profile.roles):
        return None
    return {"role": call.iam.get_role(role).name, "profile": profile.name}


@answers(
    "iam", "RemoveRoleFromInstanceProfile", when="the profile holds a role that was recreated: removal goes by name",
    source="RemoveRoleFromInstanceProfile in " + API + " takes a name; that a stale role can be removed so is unverified",
)  # fmt: skip
def remove_role_by_name(call: Call, moto_method: Any) -> None:
    profile = call.iam.get_instance_profile(call.params["InstanceProfileName"])
    profile.roles = [role for role in profile.roles if role.name != call.params["RoleName"]]


@refuses(
    "iam", "GetInstanceProfile", when="a read within iam_delay of creation may find nothing",
    code="NoSuchEntity", status=404, text="Instance Profile {name} cannot be found.",
    source="IAM user guide, 'Changes that I make are not always immediately visible'; terraform-provider-aws retries it",
)  # fmt: skip
def instance_profile_not_visible_yet(call: Call) -> Any:
    profile = call.iam.instance_profiles.get(call.params["InstanceProfileName"])
    return {"name": profile.name} if profile is not None and is_missed(profile) else None


@refuses(
    "iam", "GetRole", "AddRoleToInstanceProfile", when="a use within iam_delay of creation may find nothing",
    code="NoSuchEntity", status=404, text="The role with name {name} cannot be found.",
    source="as instance-profile-not-visible-yet; terraform-provider-aws retries AddRoleToInstanceProfile on this text",
)  # fmt: skip
def role_not_visible_yet(call: Call) -> Any:
    name = call.params["RoleName"]
    role = next((role for role in call.iam.roles.values() if role.name == name), None)
    return {"name": name} if role is not None and is_missed(role) else None


@amends(
    "iam", "CreateInstanceProfile", when="ids start with AIPA, and the moment of creation is noted",
    source="IAM user guide, 'IAM identifiers', table of unique id prefixes",
)  # fmt: skip
def instance_profile_id(call: Call, result: Any) -> None:
    profile = call.iam.instance_profiles[call.params["InstanceProfileName"]]
    if not profile.id.startswith("AIPA"):
        profile.id = "AIPA" + profile.id[:17].upper()
    stamp(profile)


@amends("iam", "CreateRole", when="the moment of creation is noted", source="for role-not-visible-yet")
def role_created_now(call: Call, result: Any) -> None:
    stamp(call.iam.get_role(call.params["RoleName"]))
