# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Policy documents: reading, checking and comparing them. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html"""

import json
import re
from fnmatch import fnmatchcase

from ..core.errors import InvalidOption
from . import names as iam_names

# Quotas: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
TRUST_POLICY_LENGTH = 2048
# AWS raises the quota of an account up to this on request.
TRUST_POLICY_MAX_LENGTH = 8192
INLINE_POLICIES_LENGTH = 10240
POLICY_NAME_LENGTH = 128
VERSIONS = ("2012-10-17", "2008-10-17")
# IAM policies have six levels. Deeper documents would end in a RecursionError.
_LEVELS = 20
_SID = re.compile("[A-Za-z0-9]*")
_ROOT_ARN = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")


def parse(option, policy):
    """Return a policy as a dictionary, with the types that JSON has.

    :param policy: a dictionary, or JSON of one.
    :raises InvalidOption: it is neither.
    """
    try:
        document = json.loads(policy if isinstance(policy, str) else json.dumps(policy))
        # Python takes numbers that JSON doesn't have, such as NaN.
        json.dumps(document, allow_nan=False)
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidOption(f"{option}: the policy is not JSON: {error}. Correct it, or write a dictionary.") from error
    if not isinstance(document, dict):
        raise InvalidOption(f"{option}: a policy is a dictionary, not a {type(document).__name__}. Write a dictionary.")
    if _is_deep(document):
        raise InvalidOption(f"{option}: the policy has more than {_LEVELS} levels. Correct it.")
    return document


def check_trust_policy(option, policy):
    """Return a trust policy as a dictionary.

    :raises InvalidOption: IAM would refuse it.
    """
    document = _checked(option, policy, is_trust_policy=True)
    size = length(document)
    if size > TRUST_POLICY_MAX_LENGTH:
        raise InvalidOption(
            f"{option}: the policy has {size} characters; IAM takes at most {TRUST_POLICY_MAX_LENGTH}. Shorten it."
        )
    return document


def check_inline_policies(option, policies):
    """Return the inline policies of a role, name -> dictionary.

    :param policies: name -> policy as a dictionary or JSON.
    :raises InvalidOption: IAM would refuse a name or a policy, or all of them together.
    """
    documents = {}
    for name, policy in policies.items():
        iam_names.check_name(option, name, POLICY_NAME_LENGTH)
        documents[name] = _checked(f"{option}['{name}']", policy, is_trust_policy=False)
    total = sum(map(length, documents.values()))
    if total > INLINE_POLICIES_LENGTH:
        raise InvalidOption(
            f"{option}: the policies have {total} characters together; IAM takes at most {INLINE_POLICIES_LENGTH}. "
            "Shorten them, or use managed policies."
        )
    return documents


def render(document):
    """Return the document as JSON for a call."""
    return json.dumps(document, separators=(",", ":"))


def without_fractions(value):
    """Return a policy with fractions as text, the same to IAM: amazon.aws's comparison drops them as numbers."""
    if isinstance(value, dict):
        return {key: without_fractions(member) for key, member in value.items()}
    if isinstance(value, list):
        return [without_fractions(member) for member in value]
    return str(value) if isinstance(value, float) else value


def length(document):
    """Return the number of characters that count for IAM's quotas: all but white space."""
    return len("".join(json.dumps(document, ensure_ascii=False, separators=(",", ":")).split()))


def differs(document, other):
    """Return whether two documents differ in what they mean, not only in how they are written.

    amazon.aws's ``compare_policies()`` gives the same answer, except for fractions and null, which it drops, an empty
    Sid, and ARNs of root users, which it knows in the partition ``aws`` only, and outside of principals as well.
    """
    return _canonical(_with_version(document)) != _canonical(_with_version(other))


def changes(document, other):
    """Return the parts of a document that the other one does not have.

    These are statements, or only their members where one statement differs.
    """
    changed = _changed_members(_with_version(document), _with_version(other))
    changed.pop("Statement", None)
    statements, others = _unmatched(document, other), _unmatched(other, document)
    if len(statements) == len(others) == 1:
        statements = [_changed_members(statements[0], others[0])]
    if any(statements):
        changed["Statement"] = statements
    return changed


def principals(document):
    """Return in a few words who may assume the role: services as they are, others with their kind."""
    names = []
    is_conditional = False
    for statement in _statements(document):
        is_conditional |= "Condition" in statement or statement.get("Effect") != "Allow"
        principal = {"AWS": "*"} if statement.get("Principal") == "*" else statement.get("Principal")
        if statement.get("Effect") == "Allow" and isinstance(principal, dict):
            for kind, members in principal.items():
                names += [str(each) if kind == "Service" else f"{kind} {each}" for each in _listed(members)]
    return (", ".join(dict.fromkeys(names)) or "none") + (" (with conditions)" if is_conditional else "")


def lets_ec2_assume(document):
    """Return whether a trust policy allows EC2 to assume its role, with any conditions."""
    return any(
        statement.get("Effect") == "Allow"
        and any(fnmatchcase("sts:assumerole", str(action).lower()) for action in _listed(statement.get("Action")))
        and _names_ec2(statement.get("Principal"))
        for statement in _statements(document)
    )


def _names_ec2(principal):
    """Return whether a principal is everyone, or EC2, whose name ends differently in some partitions."""
    if not isinstance(principal, dict):
        return principal == "*"
    return any(str(service).startswith("ec2.") for service in _listed(principal.get("Service")))


def _is_deep(document):
    level = [document]
    for dummy in range(_LEVELS):
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, dict) else value if isinstance(value, list) else ())
        ]
    return bool(level)


def _checked(option, policy, is_trust_policy):
    document = parse(option, policy)
    mistake = _mistake(document, is_trust_policy)
    if mistake:
        raise InvalidOption(f"{option}: {mistake}.")
    return document


def _mistake(document, is_trust_policy):
    """Return what IAM refuses as a malformed policy, and what to do, or None."""
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        return f"Version is '{document['Version']}'. Write '{VERSIONS[0]}', in quotes"
    statements = _listed(document.get("Statement"))
    if not statements or not all(isinstance(statement, dict) for statement in statements):
        return "Statement must be a dictionary, or a list of dictionaries that is not empty. Correct it"
    sids = [statement["Sid"] for statement in statements if statement.get("Sid", "") != ""]
    for sid in sids:
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            return f"the Sid '{sid}' has characters that IAM refuses. Use letters and digits only"
        if sids.count(sid) > 1:
            return f"two statements have the Sid '{sid}'. Give each its own"
    kind, needed, refused = "an inline", "Resource", "Principal"
    if is_trust_policy:
        kind, needed, refused = "a trust", "Principal", "Resource"
    for statement in statements:
        if statement.get("Effect") not in ("Allow", "Deny"):
            return "a statement has no Effect, or another than Allow and Deny. Correct it"
        if not {"Action", "NotAction"} & set(statement):
            return "a statement has no Action. Add one"
        if not {needed, f"Not{needed}"} & set(statement) or {refused, f"Not{refused}"} & set(statement):
            return f"each statement of {kind} policy needs a {needed}, and has no {refused}. Correct it"
    return None


def _listed(value):
    """Return the list that a single value stands for: the policy language takes either."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _statements(document):
    return [statement for statement in _listed(document.get("Statement")) if isinstance(statement, dict)]


def _with_version(document):
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    return {"Version": "2008-10-17", **document} if isinstance(document, dict) else document


def _canonical(value):
    """Return a text that is the same for all ways to write a part of a policy."""
    if isinstance(value, dict):
        # The console writes an empty Sid, which means none.
        members = [(key, item) for key, item in sorted(value.items()) if (key, item) != ("Sid", "")]
        return f"{{{','.join(f'{json.dumps(key)}:{_canonical(_member(key, item))}' for key, item in members)}}}"
    if isinstance(value, list):
        items = sorted(map(_canonical, value))
        return items[0] if len(items) == 1 else f"[{','.join(items)}]"
    # To IAM, numbers and booleans are text.
    return json.dumps(json.dumps(value) if isinstance(value, (bool, int, float)) else value)


def _member(key, value):
    """Return the canonical form of a principal, and other members as they are."""
    if key not in ("Principal", "NotPrincipal"):
        return value
    if value == "*":
        return {"AWS": "*"}
    if not isinstance(value, dict) or "AWS" not in value:
        return value
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-accounts
    return {**value, "AWS": [_ROOT_ARN.sub(r"\1", str(each)) for each in _listed(value["AWS"])]}


def _unmatched(found, beside):
    others = set(map(_canonical, _statements(beside)))
    return [statement for statement in _statements(found) if _canonical(statement) not in others]


def _changed_members(mapping, other):
    return {
        key: value
        for key, value in mapping.items()
        if key not in other or _canonical({key: other[key]}) != _canonical({key: value})
    }
