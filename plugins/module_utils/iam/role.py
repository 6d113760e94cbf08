# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM roles: what an application asks for, and how it differs from what IAM has. Pure.
Private to the collection: names and shapes can change in any release.
Roles are dictionaries as GetAccountAuthorizationDetails returns them, with ``Description`` and ``MaxSessionDuration``
from ListRoles where the target sets these: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html"""

from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ..core.plan import NONE, Difference, in_words
from . import policy_document
from . import tags as iam_tags


@dataclass(frozen=True)
class RoleTarget:
    """What an application asks of its role. None leaves a thing as it is, an empty value makes it empty.

    :param trust_policy: the policy, as a dictionary or as JSON.
    :param max_session_duration: seconds, 3600 to 43200.
    :param managed_policies: ARNs of the managed policies to attach.
    :param permissions_boundary: the ARN of a managed policy, or ``""`` for none.
    :param inline_policies: name -> policy, as a dictionary or as JSON.
    """

    name: str
    trust_policy: Any
    path: Optional[str] = None
    description: Optional[str] = None
    max_session_duration: Optional[int] = None
    managed_policies: Optional[Tuple[str, ...]] = None
    purge_managed_policies: bool = True
    permissions_boundary: Optional[str] = None
    tags: Optional[Mapping[str, str]] = None
    purge_tags: bool = True
    inline_policies: Optional[Mapping[str, Any]] = None
    purge_inline_policies: bool = True


def differences(target, detail):
    """Return what differs in the role, which is None when it does not exist, without its inline policies.

    :raises InvalidOption: the trust policy is not a policy.
    """
    wanted = policy_document.parse("trust_policy", target.trust_policy)
    if detail is None:
        return (Difference("role", "present", "absent"),)
    attached, detached = managed_policy_changes(target, detail)
    actual_tags = tags(detail)
    return (
        *_document_differences("trust_policy", wanted, detail["AssumeRolePolicyDocument"]),
        *_value_differences("description", target.description, detail.get("Description")),
        *_value_differences("max_session_duration", target.max_session_duration, detail.get("MaxSessionDuration")),
        *(Difference(f"managed_policies[{_policy(arn)}]", "attached", NONE) for arn in attached),
        *(Difference(f"managed_policies[{_policy(arn)}]", NONE, "attached") for arn in detached),
        *_value_differences(
            "permissions_boundary", _boundary(target.permissions_boundary), _boundary(boundary(detail))
        ),
        *iam_tags.differences(actual_tags, iam_tags.change(actual_tags, target.tags, target.purge_tags)),
    )


def inline_differences(target, detail):
    """Return which inline policies differ; for a role that does not exist, all of the target's.

    :raises InvalidOption: a policy is not a policy.
    """
    put, deleted = inline_policy_changes(target, detail)
    actual = inline_policies(detail)
    return tuple(
        difference
        for name in (*put, *deleted)
        for difference in _document_differences(f"inline_policies[{name}]", put.get(name), actual.get(name))
    )


def inline_policies(detail):
    """Return the inline policies of a role, name -> dictionary; none for None."""
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in (detail or {}).get("RolePolicyList") or ()}


def inline_policy_changes(target, detail):
    """Return the inline policies to put, name -> dictionary, and the names of those to delete.

    :raises InvalidOption: a policy is not a policy.
    """
    actual = inline_policies(detail)
    wanted = {
        name: policy_document.parse(f"inline_policies[{name}]", policy)
        for name, policy in (target.inline_policies or {}).items()
    }
    put = {
        name: policy
        for name, policy in wanted.items()
        if name not in actual or policy_document.differs(policy, actual[name])
    }
    purges = target.inline_policies is not None and target.purge_inline_policies
    return put, [name for name in actual if purges and name not in wanted]


def managed_policy_changes(target, detail):
    """Return the ARNs of the managed policies to attach, and of those to detach."""
    if target.managed_policies is None:
        return [], []
    actual, wanted = attached_policies(detail), dict.fromkeys(target.managed_policies)
    surplus = [arn for arn in actual if target.purge_managed_policies and arn not in wanted]
    return [arn for arn in wanted if arn not in actual], surplus


def attached_policies(detail):
    """Return the ARNs of the managed policies that are attached to a role; none for None."""
    return [policy["PolicyArn"] for policy in (detail or {}).get("AttachedManagedPolicies") or ()]


def boundary(detail):
    """Return the ARN of a role's permissions boundary, or an empty text."""
    return (detail.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", "")


def tags(detail):
    """Return the tags of a role, key -> value."""
    return boto3_tag_list_to_ansible_dict(detail.get("Tags") or [])


def attributes(target):
    """Return what the target sets, attribute -> text for people, as a plan shows it of a role that is created."""
    values = {
        "path": target.path,
        "trust_policy": policy_document.principals(policy_document.parse("trust_policy", target.trust_policy)),
        "managed_policies": ", ".join(map(_policy, target.managed_policies or ())),
        "permissions_boundary": _policy(target.permissions_boundary or ""),
        "inline_policies": ", ".join(target.inline_policies or ()),
        "description": target.description,
        "max_session_duration": f"{target.max_session_duration} s" if target.max_session_duration else None,
        "tags": ", ".join(f"{key}={value}" for key, value in (target.tags or {}).items()),
    }
    return {name: value for name, value in values.items() if value}


def path_warning(target, detail):
    """Return a warning when the role has another path than the target, or None: IAM can't change the path."""
    if detail is None or target.path is None or target.path == detail.get("Path"):
        return None
    return (
        f"IAM role '{target.name}': the path is '{detail.get('Path')}', not '{target.path}', and IAM can't change it. "
        "Correct the path, or choose another name for the role."
    )


def options(target, is_new=False):
    """Return the options for ``amazon.aws.iam_role``, without those of the connection.

    :param is_new: whether the role does not exist. The module hands an empty boundary to CreateRole, which refuses it.
    """
    given = dict(
        name=target.name,
        path=target.path,
        description=target.description,
        max_session_duration=target.max_session_duration,
        assume_role_policy_document=_module_policy("trust_policy", target.trust_policy),
        managed_policies=None if target.managed_policies is None else list(target.managed_policies),
        purge_policies=target.purge_managed_policies,
        boundary=(target.permissions_boundary or None) if is_new else target.permissions_boundary,
        tags=None if target.tags is None else dict(target.tags),
        purge_tags=target.purge_tags,
        # The profile has a name, a path and tags of its own, and modules of this collection look after it.
        create_instance_profile=False,
        delete_instance_profile=False,
    )
    return {name: value for name, value in given.items() if value is not None}


def inline_options(target, detail, *, every=False):
    """Return the options for ``amazon.aws.iam_policy``, one for each inline policy that differs.

    :param every: whether to return those of the other inline policies of the target, too.
    """
    put, deleted = inline_policy_changes(target, detail)
    put = (target.inline_policies or {}) if every else put
    policies = {
        **{name: dict(policy_json=_module_policy(name, target.inline_policies[name])) for name in put},
        **{name: dict(state="absent") for name in deleted},
    }
    return [
        dict(iam_type="role", iam_name=target.name, policy_name=name, **policy) for name, policy in policies.items()
    ]


def _module_policy(option, policy):
    return policy_document.without_fractions(policy_document.parse(option, policy))


def _value_differences(field, wanted, actual):
    if wanted is None or wanted == actual:
        return ()
    return (Difference(field, in_words(wanted), in_words(actual)),)


def _boundary(arn):
    """Return a permissions boundary in words; None stays None, and an empty text is none."""
    return arn if arn is None else _policy(arn) or NONE


def _document_differences(field, wanted, actual):
    """Return how two policies differ. None stands for one that does not exist."""
    changed, previous = wanted, actual
    if wanted is not None and actual is not None:
        if not policy_document.differs(wanted, actual):
            return ()
        changed, previous = policy_document.changes(wanted, actual), policy_document.changes(actual, wanted)
        if not changed and not previous:
            # Such as a statement that stands there twice.
            changed, previous = wanted, actual
    return (Difference(field, in_words(changed or None), in_words(previous or None)),)


def _policy(arn):
    """Return a managed policy of AWS by its name with its path, and one of the account by its ARN."""
    owner, dummy, name = arn.partition(":policy/")
    return name if owner.endswith(":aws") else arn
