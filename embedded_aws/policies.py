# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Identity policies: whether their statements allow an action on a resource. Pure, apart from reading moto's state.

Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements".
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

ALLOWED, EXPLICIT_DENY, IMPLICIT_DENY = "allowed", "explicitDeny", "implicitDeny"


@dataclass(frozen=True)
class Statement:
    """One statement and the policy that it stands in."""

    policy: str
    kind: str
    content: dict[str, Any]


def _listed(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


@functools.lru_cache(maxsize=4096)
def _wildcard(pattern: str, ignore_case: bool) -> re.Pattern[str]:
    translated = "".join(".*" if char == "*" else "." if char == "?" else re.escape(char) for char in pattern)
    return re.compile(translated, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def _matches(patterns: Any, value: str, ignore_case: bool = False) -> bool:
    return any(_wildcard(pattern, ignore_case).fullmatch(value) for pattern in _listed(patterns))


def _with_variables(patterns: Any, context: dict[str, str]) -> list[str]:
    return [
        re.sub(r"\$\{([^}]+)\}", lambda found: context.get(found.group(1), found.group(0)), item)
        for item in _listed(patterns)
    ]


def applies(statement: dict[str, Any], action: str, resource: str, context: dict[str, str]) -> bool:
    """Whether a statement speaks of this action on this resource under these conditions."""
    if "NotAction" in statement:
        if _matches(statement["NotAction"], action, ignore_case=True):
            return False
    elif not _matches(statement.get("Action"), action, ignore_case=True):
        return False
    if "NotResource" in statement:
        if _matches(_with_variables(statement["NotResource"], context), resource):
            return False
    elif not _matches(_with_variables(statement.get("Resource"), context), resource):
        return False
    return conditions_hold(statement.get("Condition") or {}, context, denies=statement.get("Effect") == "Deny")


# Operator -> how a single value is compared with a single value of the request. The negated ones are built from these.
_COMPARISONS = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": _matches,
    "ArnEquals": _matches,
    "ArnLike": _matches,
    "Bool": lambda wanted, given: str(wanted).lower() == given.lower(),
    "NumericEquals": lambda wanted, given: float(wanted) == float(given),
    "NumericLessThan": lambda wanted, given: float(given) < float(wanted),
    "NumericLessThanEquals": lambda wanted, given: float(given) <= float(wanted),
    "NumericGreaterThan": lambda wanted, given: float(given) > float(wanted),
    "NumericGreaterThanEquals": lambda wanted, given: float(given) >= float(wanted),
}
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NumericNotEquals": "NumericEquals",
}


def conditions_hold(conditions: dict[str, Any], context: dict[str, str], denies: bool) -> bool:
    """Whether all conditions hold. One that isn't understood counts for the safe side: no allow, but a deny."""
    lowered = {key.lower(): value for key, value in context.items()}
    for operator, tests in conditions.items():
        plain = operator.rpartition(":")[2]
        if_exists = plain.endswith("IfExists")
        plain = plain.removesuffix("IfExists")
        for key, wanted in tests.items():
            given = lowered.get(key.lower())
            values = [str(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
            if plain == "Null":
                if (given is None) != (values[0].lower() == "true"):
                    return False
            elif plain in _NEGATED:
                if given is not None and any(_COMPARISONS[_NEGATED[plain]](value, given) for value in values):
                    return False
            elif plain not in _COMPARISONS:
                return denies
            elif given is None:
                if not if_exists:
                    return False
            elif not any(_COMPARISONS[plain](value, given) for value in values):
                return False
    return True


def evaluate(
    statements: Iterable[Statement], action: str, resource: str, context: dict[str, str]
) -> tuple[str, list[Statement]]:
    """The decision, and the statements that made it."""
    matching = [item for item in statements if applies(item.content, action, resource, context)]
    denials = [item for item in matching if item.content.get("Effect") == "Deny"]
    if denials:
        return EXPLICIT_DENY, denials
    allowances = [item for item in matching if item.content.get("Effect") == "Allow"]
    return (ALLOWED, allowances) if allowances else (IMPLICIT_DENY, [])


@functools.lru_cache(maxsize=1024)
def _parsed(document: str) -> list[dict[str, Any]]:
    statements = json.loads(document).get("Statement") or []
    return [statements] if isinstance(statements, dict) else list(statements)


def _of_managed(policy: Any) -> list[Statement]:
    document = next(version.document for version in policy.versions if version.is_default)
    return [Statement(policy.name, "IAM Policy", content) for content in _parsed(document)]


def principals_of(statement: dict[str, Any]) -> list[tuple[str, str]]:
    """Kind and name of each principal of a trust policy's statement: AWS, Service, Federated, CanonicalUser."""
    named = statement.get("Principal")
    named = {"AWS": "*"} if named == "*" else named
    if not isinstance(named, dict):
        return []
    return [(kind, str(item)) for kind, value in named.items() for item in _listed(value)]


def is_trusted(document: str, arns: set[str], action: str, context: dict[str, str]) -> bool:
    """Whether a trust policy lets a caller, known by these ARNs, assume the role."""
    effects = set()
    for statement in _parsed(document):
        named = {name for kind, name in principals_of(statement) if kind == "AWS"}
        if named & {"*", *arns} and applies({**statement, "Resource": "*"}, action, "*", context):
            effects.add(statement.get("Effect"))
    return effects == {"Allow"}


def statements_of(identity: Any) -> list[Statement]:
    """All statements of a moto role, user or group: its inline policies and the managed ones attached to it."""
    found: list[Statement] = []
    for name, document in identity.policies.items():
        found += [Statement(name, "IAM Policy", content) for content in _parsed(document)]
    for policy in identity.managed_policies.values():
        found += _of_managed(policy)
    return found


def boundary_of(identity: Any, backend: Any) -> list[Statement] | None:
    """The statements of the permissions boundary, or None when there is no boundary."""
    arn = getattr(identity, "permissions_boundary_arn", None)
    if not arn:
        return None
    policy = backend.managed_policies.get(arn)
    return _of_managed(policy) if policy else []


def decide(
    identity: Any, backend: Any, action: str, resource: str, context: dict[str, str]
) -> tuple[str, list[Statement]]:
    """The decision for a moto role or user: its own statements, its groups', and its permissions boundary."""
    statements = statements_of(identity)
    for group in backend.groups.values():
        if identity in group.users:
            statements += statements_of(group)
    decision, matched = evaluate(statements, action, resource, context)
    boundary = boundary_of(identity, backend)
    if boundary is not None and decision == ALLOWED:
        within, by = evaluate(boundary, action, resource, context)
        if within != ALLOWED:
            return within, by
    return decision, matched
