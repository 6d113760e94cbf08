# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that create, change and delete an IAM role. Pure.
Private to the collection: names and shapes can change in any release.
Each call that removes or overwrites something has the undo that restores it."""

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list

from ..core.plan import Call, Plan
from . import managed_policy, policy_document, role
from . import names as iam_names
from . import tags as iam_tags

# What a role has that was created without these, and what removes them.
_DEFAULTS = {"Description": "", "MaxSessionDuration": 3600}


def plan(target, detail):
    """Return the calls that create the role or change it to the target, without its inline policies.

    :param detail: the role, see ``role.py``, or None when it does not exist.
    :raises InvalidOption: the trust policy is not a policy.
    """
    trust_policy = policy_document.parse("trust_policy", target.trust_policy)
    name = _name(target, detail)
    warnings = _quota_warnings(target, detail, trust_policy)
    if detail is None:
        attached, dummy = role.managed_policy_changes(target, None)
        return Plan((_create(target, trust_policy), *(_attach(name, arn) for arn in attached)), warnings)
    case_warning = iam_names.case_warning("IAM role", target.name, name)
    boundary = _change_boundary(target, name, detail)
    calls = (
        *_change_trust_policy(name, detail, trust_policy),
        *_change_settings(target, name, detail),
        # Who may attach policies only to roles with a boundary needs it before, and until the end.
        *(boundary if target.permissions_boundary else ()),
        *_change_managed_policies(target, name, detail),
        *(() if target.permissions_boundary else boundary),
        *iam_tags.plan("role", name, _subject(name), role.tags(detail), target.tags, target.purge_tags),
    )
    return Plan(calls, tuple(filter(None, (case_warning, role.path_warning(target, detail), *warnings))))


def plan_inline_policies(target, detail):
    """Return the calls that put and delete the role's inline policies.

    :param detail: the role as it was before :func:`plan`, or None when it did not exist.
    :raises InvalidOption: a policy is not a policy.
    """
    name, actual = _name(target, detail), role.inline_policies(detail)
    put, deleted = role.inline_policy_changes(target, detail)
    sizes = {policy: policy_document.length(document) for policy, document in actual.items()}
    growths = {policy: policy_document.length(document) - sizes.get(policy, 0) for policy, document in put.items()}
    # Policies that shrink come first: there is a quota for all together.
    puts = tuple(
        _change_inline(name, policy, put[policy], actual.get(policy))
        for policy in sorted(put, key=lambda each: growths[each])
    )
    deletions = tuple(_change_inline(name, policy, None, actual[policy]) for policy in deleted)
    if sum(sizes.values()) + sum(growths.values()) > policy_document.INLINE_POLICIES_LENGTH:
        return Plan(deletions + puts)
    return Plan(puts + deletions)


def plan_removal(detail):
    """Return the calls that delete the role, which is in no instance profile any more, or is None."""
    if detail is None:
        return Plan()
    name, inline_policies = detail["RoleName"], role.inline_policies(detail)
    detachments = tuple(_detach(name, arn) for arn in role.attached_policies(detail))
    deletions = tuple(_change_inline(name, policy, None, inline_policies[policy]) for policy in inline_policies)
    return Plan((*detachments, *deletions, _call("delete_role", name)))


def _name(target, detail):
    """Return the role's name as IAM has it, or as the target has it when it does not exist."""
    return target.name if detail is None else detail["RoleName"]


def _subject(name):
    return f"IAM role '{name}'"


def _call(operation, name, undo=None, **arguments):
    return Call("iam", operation, _subject(name), {"RoleName": name, **arguments}, undo=undo)


def _create(target, trust_policy):
    members = {
        "Path": target.path or None,
        "Description": target.description,
        "MaxSessionDuration": target.max_session_duration,
        "PermissionsBoundary": target.permissions_boundary or None,
        "Tags": ansible_dict_to_boto3_tag_list(target.tags) if target.tags else None,
    }
    return _call(
        "create_role",
        target.name,
        undo=_call("delete_role", target.name),
        AssumeRolePolicyDocument=policy_document.render(trust_policy),
        **{member: value for member, value in members.items() if value is not None},
    )


def _change_trust_policy(name, detail, trust_policy):
    current = detail["AssumeRolePolicyDocument"]
    if not policy_document.differs(trust_policy, current):
        return ()
    undo = _call("update_assume_role_policy", name, PolicyDocument=policy_document.render(current))
    return (_call("update_assume_role_policy", name, undo, PolicyDocument=policy_document.render(trust_policy)),)


def _change_settings(target, name, detail):
    wanted = {"Description": target.description, "MaxSessionDuration": target.max_session_duration}
    wanted = {member: value for member, value in wanted.items() if value is not None}
    if all(detail.get(member) == value for member, value in wanted.items()):
        return ()
    # UpdateRole sets both: what is not given could go back to its default.
    current = {member: detail[member] for member in _DEFAULTS if member in detail}
    arguments = {**current, **wanted}
    previous = {member: {**_DEFAULTS, **current}[member] for member in arguments}
    return (_call("update_role", name, _call("update_role", name, **previous), **arguments),)


def _change_boundary(target, name, detail):
    current = role.boundary(detail)
    if target.permissions_boundary in (None, current):
        return ()
    return (_set_boundary(name, target.permissions_boundary, undo=_set_boundary(name, current)),)


def _set_boundary(name, arn, undo=None):
    if arn:
        return _call("put_role_permissions_boundary", name, undo, PermissionsBoundary=arn)
    return _call("delete_role_permissions_boundary", name, undo)


def _change_managed_policies(target, name, detail):
    attached, detached = role.managed_policy_changes(target, detail)
    attachments = tuple(_attach(name, arn) for arn in attached)
    detachments = tuple(_detach(name, arn) for arn in detached)
    # Nothing is lost when IAM refuses to attach a policy, unless the quota leaves no other order.
    if len(role.attached_policies(detail)) + len(attached) > managed_policy.ATTACHED:
        return detachments + attachments
    return attachments + detachments


def _attach(name, arn):
    return _call("attach_role_policy", name, _call("detach_role_policy", name, PolicyArn=arn), PolicyArn=arn)


def _detach(name, arn):
    return _call("detach_role_policy", name, _call("attach_role_policy", name, PolicyArn=arn), PolicyArn=arn)


def _change_inline(name, policy, document, current):
    """Return the call that puts an inline policy, or deletes it if the document is None, with its undo."""
    return _set_inline(name, policy, document, undo=_set_inline(name, policy, current))


def _set_inline(name, policy, document, undo=None):
    if document is None:
        return _call("delete_role_policy", name, undo, PolicyName=policy)
    return _call("put_role_policy", name, undo, PolicyName=policy, PolicyDocument=policy_document.render(document))


def _quota_warnings(target, detail, trust_policy):
    """Return warnings about quotas that AWS raises on request, where a call of the plan meets them."""
    facts = []
    size = policy_document.length(trust_policy)
    differs = detail is None or policy_document.differs(trust_policy, detail["AssumeRolePolicyDocument"])
    if differs and size > policy_document.TRUST_POLICY_LENGTH:
        facts.append((f"the trust policy has {size} characters", policy_document.TRUST_POLICY_LENGTH))
    attached, detached = role.managed_policy_changes(target, detail)
    count = len(role.attached_policies(detail)) + len(attached) - len(detached)
    if attached and count > managed_policy.ATTACHED:
        facts.append((f"{count} managed policies are to be attached", managed_policy.ATTACHED))
    return tuple(
        f"IAM role '{target.name}': {fact}, and the default quota is {quota}. "
        "IAM refuses this unless AWS raised the quota of the account."
        for fact, quota in facts
    )
