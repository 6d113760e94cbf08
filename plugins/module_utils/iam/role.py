# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether C(amazon.aws.iam_role) and C(amazon.aws.iam_policy) would change a role, told without running them. All of it pure.

Documents and tags are compared by amazon.aws's own functions, and everything else as its modules compare it, so that their word
and this one are the same. Roles are read as GetAccountAuthorizationDetails gives them:
https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Mapping, Optional, Tuple

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict, compare_aws_tags
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Difference

NONE = "none"
SHOWN_LENGTH = 200


@dataclass(frozen=True)
class RoleTarget:
    """What a role shall be. None leaves a thing as it is, an empty value makes it empty.

    :param trust_policy: the document, as a mapping or as JSON.
    :param max_session_duration: seconds, 3600 to 43200.
    :param managed_policies: ARNs of the managed policies that shall be attached.
    :param permissions_boundary: the ARN of a managed policy, or ``""`` for none.
    :param inline_policies: name -> document, as a mapping or as JSON.
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
    """Return what ``amazon.aws.iam_role`` would change, given :func:`options`; nothing when it would report no change.

    :param detail: the role as GetAccountAuthorizationDetails gives it, with ``Description`` and ``MaxSessionDuration`` from
        ListRoles, which it leaves out; None when there is no role. The two are needed only where the target sets them.
    :raises InvalidOption: the trust policy is text that is not JSON.
    """
    wanted = _document("trust_policy", target.trust_policy)
    if detail is None:
        return (Difference("role", "present", "absent"),)
    boundary = (detail.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn", "")
    return (
        *_document_differences("trust_policy", wanted, detail.get("AssumeRolePolicyDocument")),
        *_value_differences("description", target.description, detail.get("Description")),
        *_value_differences("max_session_duration", target.max_session_duration, detail.get("MaxSessionDuration")),
        *_managed_policy_differences(target, detail),
        *_value_differences("permissions_boundary", target.permissions_boundary, boundary),
        *_tag_differences(target, detail),
    )


def inline_differences(target, detail):
    """Return which inline policies ``amazon.aws.iam_policy`` would change, when run as the role application runs it.

    For a role that is yet to be made, these are all that it shall have.

    :raises InvalidOption: a document is text that is not JSON.
    """
    found = []
    actual = _inline_policies(detail)
    for name, policy in (target.inline_policies or {}).items():
        wanted = _document(f"inline_policies[{name}]", policy)
        if name in actual:
            found += _document_differences(f"inline_policies[{name}]", wanted, actual[name])
        else:
            found.append(Difference(f"inline_policies[{name}]", _shown(wanted), NONE))
    return (
        *found,
        *(Difference(f"inline_policies[{name}]", NONE, _shown(actual[name])) for name in _surplus(target, actual)),
    )


def path_warning(target, detail):
    """Return a sentence when the role has another path than it shall have: IAM cannot change it, so it is no difference."""
    if detail is None or target.path is None or target.path == detail.get("Path"):
        return None
    return (
        f"path: IAM role '{target.name}' has the path '{detail.get('Path')}', not '{target.path}'. IAM cannot change it, so it is kept; "
        "correct the path, or choose another name for the role."
    )


def options(target, is_new=False):
    """Return the options for ``amazon.aws.iam_role``, as the role application gives them, without those of the connection.

    :param is_new: there is no such role yet. A new role has no boundary, and the module fails when it is told so.
    """
    given = {
        "name": target.name,
        "path": target.path,
        "description": target.description,
        "max_session_duration": target.max_session_duration,
        "assume_role_policy_document": target.trust_policy,
        "managed_policies": None if target.managed_policies is None else list(target.managed_policies),
        "purge_policies": target.purge_managed_policies,
        "boundary": (target.permissions_boundary or None) if is_new else target.permissions_boundary,
        "tags": None if target.tags is None else dict(target.tags),
        "purge_tags": target.purge_tags,
        # The profile has a name, a path and tags of its own, and modules of this collection look after it.
        "create_instance_profile": False,
        "delete_instance_profile": False,
    }
    return {name: value for name, value in given.items() if value is not None}


def inline_options(target, detail):
    """Return the options for ``amazon.aws.iam_policy``, one for each inline policy that differs."""
    actual = _inline_policies(detail)
    role = {"iam_type": "role", "iam_name": target.name}
    differing = {difference.field for difference in inline_differences(target, detail)}
    embedded = [
        {**role, "policy_name": name, "policy_json": policy}
        for name, policy in (target.inline_policies or {}).items()
        if f"inline_policies[{name}]" in differing
    ]
    removed = [{**role, "policy_name": name, "state": "absent"} for name in _surplus(target, actual)]
    return embedded + removed


def _inline_policies(detail):
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in (detail or {}).get("RolePolicyList") or ()}


def _surplus(target, actual):
    """Return the names of the inline policies to remove."""
    if target.inline_policies is None or not target.purge_inline_policies:
        return []
    return [name for name in actual if name not in target.inline_policies]


def _document(field, policy):
    """Return a policy as it is once it has gone to a module and come out of JSON there."""
    try:
        return json.loads(policy if isinstance(policy, str) else json.dumps(policy))
    except ValueError as error:
        raise InvalidOption(f"{field}: the document is not JSON: {error}. Correct it, or write it as YAML.") from error


def _value_differences(field, wanted, actual):
    if wanted is None or wanted == actual:
        return ()
    return (Difference(field, _shown(wanted), _shown(actual)),)


def _managed_policy_differences(target, detail):
    if target.managed_policies is None:
        return ()
    wanted = set(target.managed_policies)
    actual = {policy["PolicyArn"] for policy in detail.get("AttachedManagedPolicies") or ()}
    surplus = actual - wanted if target.purge_managed_policies else ()
    return (
        *(Difference(f"managed_policies[{arn}]", "attached", "detached") for arn in sorted(wanted - actual)),
        *(Difference(f"managed_policies[{arn}]", "detached", "attached") for arn in sorted(surplus)),
    )


def _tag_differences(target, detail):
    if target.tags is None:
        return ()
    actual = boto3_tag_list_to_ansible_dict(detail.get("Tags") or [])
    added, removed = compare_aws_tags(actual, target.tags, purge_tags=target.purge_tags)
    return tuple(
        Difference(f"tags[{key}]", _shown(added.get(key)), _shown(actual.get(key)))
        for key in sorted([*added, *removed])
    )


def _document_differences(field, wanted, actual):
    if not compare_policies(actual, wanted):
        return ()
    shown, shown_actual = _changed(wanted, actual), _changed(actual, wanted)
    if not shown and not shown_actual:
        # Such as a statement that stands there twice.
        return (Difference(field, _shown(wanted), _shown(actual)),)
    return (Difference(field, _shown(shown or None), _shown(shown_actual or None)),)


def _changed(document, other):
    """Return of a document what the other one does not have: statements, or only their members where one statement differs."""
    if not isinstance(document, dict) or not isinstance(other, dict):
        return document
    changed = _members_changed(_without_statements(document), _without_statements(other))
    statements, others = (_unmatched(each, rest) for each, rest in ((document, other), (other, document)))
    if len(statements) == len(others) == 1:
        statements = [_members_changed(statements[0], others[0])]
    if any(statements):
        changed["Statement"] = statements
    return changed


def _unmatched(document, other):
    return [
        statement
        for statement in _statements(document)
        if all(compare_policies({"Statement": each}, {"Statement": statement}) for each in _statements(other))
    ]


def _members_changed(mapping, other):
    return {
        key: value
        for key, value in mapping.items()
        if key not in other or compare_policies({key: other[key]}, {key: value}, default_version=None)
    }


def _statements(document):
    statements = document.get("Statement") or []
    # The policy language takes one statement without a list round it.
    return [each for each in (statements if isinstance(statements, list) else [statements]) if isinstance(each, dict)]


def _without_statements(document):
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    return {"Version": "2008-10-17", **{key: value for key, value in document.items() if key != "Statement"}}


def _shown(value):
    """Return a value in a few words. An empty text is not the same as none."""
    if value is None:
        return NONE
    if value == "":
        return "''"
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, (Mapping, list)) else str(value)
    return text if len(text) <= SHOWN_LENGTH else f"{text[:SHOWN_LENGTH]}..."
