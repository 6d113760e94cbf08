# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM instance profiles: what a task asks for, what IAM has, and the calls from one to the other. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html"""

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Optional

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)
from ansible_collections.amazon.aws.plugins.module_utils.transformation import boto3_resource_to_ansible_dict

from ..core.errors import Drift
from ..core.plan import Call, Difference, Plan, Precondition
from . import names as iam_names
from . import tags as iam_tags
from .names import RoleReference

# What GetInstanceProfile says of the role that a profile holds.
_ROLE_MEMBERS = ("Path", "RoleName", "RoleId", "Arn", "CreateDate", "AssumeRolePolicyDocument")
NO_ROLE = RoleReference("")


@dataclass(frozen=True)
class InstanceProfile:
    """An instance profile that IAM has, or will have.

    :param role: the one role that it holds, as GetInstanceProfile gives it, or None.
    :param identity: the read-only ``Arn``, ``CreateDate`` and ``InstanceProfileId``; empty before it is created.
    """

    name: str
    path: str = "/"
    role: Optional[Mapping[str, Any]] = None
    tags: Mapping[str, str] = field(default_factory=dict)
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """What a task asks for. None leaves a thing as it is.

    :param role: the role to hold; :data:`NO_ROLE` for none at all.
    :param on_drift: ``fail`` or ``keep``: what to do about a path that differs, since IAM cannot change one.
    :param option_names: option -> the variable of a role that sets it, for messages.
    """

    name: str
    present: bool = True
    path: Optional[str] = None
    role: Optional[RoleReference] = None
    tags: Optional[Mapping[str, str]] = None
    purge_tags: bool = True
    on_drift: str = "fail"
    option_names: Mapping[str, str] = field(default_factory=dict)

    def option(self, name):
        """Return an option's name for messages."""
        return self.option_names.get(name, name)


@dataclass(frozen=True)
class State:
    """What IAM has: the profile of the target's name, and the role that the target names, as GetRole gives it.

    :param users: the instances that carry the profile, in words, read because the profile loses its role.
    """

    profile: Optional[InstanceProfile]
    role: Optional[Mapping[str, Any]] = None
    users: str = ""


def from_params(params):
    """Return the target that a module's parameters ask for.

    :raises InvalidOption: a name, path, role or tag that IAM would refuse.
    """
    role, path, tags = params["role"], params["path"], params["tags"]
    if role is not None:
        role = iam_names.parse_role("role", role) if role else NO_ROLE
    return Target(
        name=iam_names.check_name("name", params["name"], iam_names.PROFILE_NAME_LENGTH),
        present=params["state"] == "present",
        path=None if path is None else iam_names.check_path("path", path),
        role=role,
        tags=None if tags is None else iam_names.check_tags("tags", tags),
        purge_tags=params["purge_tags"],
        on_drift=params["on_drift"],
    )


def from_api(answer):
    """Return the profile in an answer of GetInstanceProfile, or None for None."""
    if answer is None:
        return None
    return InstanceProfile(
        name=answer["InstanceProfileName"],
        path=answer["Path"],
        role=next((_role(role) for role in answer["Roles"]), None),
        tags=boto3_tag_list_to_ansible_dict(answer.get("Tags") or []),
        identity={key: answer[key] for key in ("Arn", "CreateDate", "InstanceProfileId")},
    )


def render(profile):
    """Return the profile as results and diffs show it, with the keys that amazon.aws uses; None for None."""
    if profile is None:
        return None
    return boto3_resource_to_ansible_dict(
        {
            "InstanceProfileName": profile.name,
            "Path": profile.path,
            "Roles": [] if profile.role is None else [dict(profile.role)],
            "Tags": ansible_dict_to_boto3_tag_list(profile.tags),
            **profile.identity,
        },
        nested_transforms={"Roles": lambda roles: [_render_role(role) for role in roles]},
    )


def _render_role(role):
    # The condition keys of the trust policy are not the API's, and stay as they are.
    return boto3_resource_to_ansible_dict(role, ignore_list=["AssumeRolePolicyDocument"])


def plan(target, state):
    """Return the calls that bring IAM to the target.

    :raises Drift: the path differs and ``on_drift`` is ``fail``.
    :raises MissingReference: the role exists, but not with the path or account that the task names.
    """
    warnings = _compare_identity(target, state.profile)
    profile = state.profile
    if not target.present:
        calls = (_delete(profile),) if profile else ()
        return _warning(Plan((_remove_role(profile), *calls) if profile and profile.role else calls, warnings), state)
    if target.role and state.role is not None:
        target.role.check(target.option("role"), state.role)
        case_warning = iam_names.case_warning("IAM role", target.role.name, state.role["RoleName"])
        warnings += (case_warning,) if case_warning else ()
    calls = () if profile else (_create(_new(target)),)
    profile = profile or _new(target)
    tag_calls = iam_tags.plan(
        "instance_profile", profile.name, _subject(profile), profile.tags, target.tags, target.purge_tags
    )
    return _warning(Plan(calls + _change_role(target, profile, state.role) + tag_calls, warnings), state)


def loses_role(planned):
    """Return whether a plan, or a step, removes the role from a profile."""
    return any(call.operation == "remove_role_from_instance_profile" for call in planned.calls)


def _warning(planned, state):
    """Return a plan with a warning about the instances that carry a profile which loses its role."""
    if not state.users or not loses_role(planned):
        return planned
    warning = f"{_subject(state.profile)} loses role '{state.profile.role['RoleName']}': {state.users}."
    return replace(planned, warnings=(*planned.warnings, warning))


def predict(target, state, planned):
    """Return the state that a plan leads to, without the members that only IAM can know."""
    if not planned.calls:
        return state
    if not target.present:
        return replace(state, profile=None)
    profile = state.profile or _new(target)
    if target.role == NO_ROLE:
        profile = replace(profile, role=None)
    elif target.role is not None:
        profile = replace(profile, role=_role(state.role or {"RoleName": target.role.name}))
    return replace(state, profile=replace(profile, tags=iam_tags.change(profile.tags, target.tags, target.purge_tags)))


def attributes(profile):
    """Return attribute -> value as text of a profile that is created."""
    values = {"path": profile.path, "role": (profile.role or {}).get("RoleName")}
    values = {key: value for key, value in values.items() if value}
    return {**values, **{f"tags[{key}]": value for key, value in sorted(profile.tags.items())}}


def differences(before, after):
    """Return what a plan changes in a profile, for people."""
    names = [(profile.role or {}).get("RoleName") or "none" for profile in (after, before)]
    found = [Difference("role", *names)] if names[0] != names[1] else []
    found += iam_tags.differences(before.tags, after.tags)
    return tuple(found) or (Difference("role", f"{names[0]} as it exists now", "a deleted role of the same name"),)


def _new(target):
    return InstanceProfile(target.name, target.path or "/", tags=target.tags or {})


def _role(answer):
    return {key: answer[key] for key in _ROLE_MEMBERS if key in answer}


def _subject(profile):
    return f"instance profile '{profile.name}'"


def _compare_identity(target, profile):
    """Return warnings about what cannot be changed: the letter case of the name, and the path."""
    if profile is None:
        return ()
    warnings = [iam_names.case_warning("instance profile", target.name, profile.name)]
    if target.path is not None and target.path != profile.path:
        keep = f"{target.option('on_drift')}=keep"
        difference = (
            f"{target.option('path')}: {_subject(profile)} has the path '{profile.path}', not '{target.path}', "
            "and IAM cannot change it"
        )
        if target.on_drift == "fail":
            raise Drift(
                f"{difference}. Correct the path, keep the existing one with {keep}, or choose another name. "
                "A profile is never replaced: running instances would lose their credentials.",
                differences=[{"field": "path", "wanted": target.path, "actual": profile.path}],
            )
        warnings.append(f"{difference}; it is kept because of {keep}.")
    return tuple(filter(None, warnings))


def _create(profile):
    arguments = {"InstanceProfileName": profile.name, "Path": profile.path}
    if profile.tags:
        arguments["Tags"] = ansible_dict_to_boto3_tag_list(profile.tags)
    return Call("iam", "create_instance_profile", _subject(profile), arguments, undo=_delete(profile))


def _delete(profile):
    return Call("iam", "delete_instance_profile", _subject(profile), {"InstanceProfileName": profile.name})


def _change_role(target, profile, role):
    if target.role is None or (target.role == NO_ROLE and profile.role is None):
        return ()
    if target.role == NO_ROLE:
        return (_remove_role(profile),)
    # A role that was deleted and created again has its name and another RoleId; the profile still holds the old one.
    if profile.role is not None and role is not None and profile.role["RoleId"] == role["RoleId"]:
        return ()
    need = Precondition("role", target.role.name, target.option("role"), satisfied=role is not None)
    addition = replace(
        _membership(profile, role["RoleName"] if role else target.role.name, "add", "remove"), needs=(need,)
    )
    if profile.role is None:
        return (addition,)
    # IAM refuses to add a second role: LimitExceeded shows that the caller may pass it, AccessDenied that it may not.
    # That IAM checks permissions first is not documented. Without this call, a caller without iam:PassRole would remove
    # the old role, and could add neither role after that.
    probe = replace(addition, undo=None, expects_conflict=True)
    return (probe, _remove_role(profile), replace(addition, needs=()))


def _remove_role(profile):
    return _membership(profile, profile.role["RoleName"], "remove", "add")


def _membership(profile, role_name, verb, undo_verb):
    operations = dict(add="add_role_to_instance_profile", remove="remove_role_from_instance_profile")
    arguments = {"InstanceProfileName": profile.name, "RoleName": role_name}
    undo = Call("iam", operations[undo_verb], _subject(profile), arguments)
    return Call("iam", operations[verb], _subject(profile), arguments, undo=undo)
