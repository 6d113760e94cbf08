# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lengths, ranges, patterns and enumerations, straight from AWS's service models.

botocore checks the lower bounds only and leaves the rest to the service, and moto leaves most of it unchecked.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from ..registry import refuses
from ..strict import Call

OPERATIONS_OF_IAM = (
    "CreateInstanceProfile", "GetInstanceProfile", "DeleteInstanceProfile", "ListInstanceProfiles", "TagInstanceProfile",
    "UntagInstanceProfile", "ListInstanceProfileTags", "AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile",
    "ListInstanceProfilesForRole", "CreateRole", "GetRole", "UpdateRole", "TagRole", "PutRolePolicy", "CreatePolicy",
    "ListRoles", "ListRolePolicies", "ListAttachedRolePolicies", "GetAccountAuthorizationDetails",
)  # fmt: skip
OPERATIONS_OF_AUTO_SCALING = (
    "CreateLaunchConfiguration", "DeleteLaunchConfiguration", "DescribeLaunchConfigurations", "CreateAutoScalingGroup",
    "UpdateAutoScalingGroup", "DeleteAutoScalingGroup", "CreateOrUpdateTags", "StartInstanceRefresh",
    "CancelInstanceRefresh", "DescribeInstanceRefreshes",
)  # fmt: skip


@functools.cache
def _pattern(pattern: str) -> re.Pattern[str] | None:
    r"""A Java pattern as Python's. One with surrogates says "any XML character", which the parser has seen to."""
    if r"\uD7FF" in pattern:
        return None
    for java, python in ((r"\p{L}\p{Z}\p{N}", r"\w\s"), (r"\u002F", "/")):
        pattern = pattern.replace(java, python)
    # \w is ASCII in AWS's patterns, but the letters of \p{L} are not.
    return re.compile(pattern, 0 if r"\s" in pattern else re.ASCII)


def lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def violations(shape: Any, value: Any, place: str = "") -> Iterator[tuple[str, Any, str]]:
    """The place, the value and the broken constraint of everything wrong with a request, as AWS words them."""
    limits = shape.metadata
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if isinstance(value, dict) and value.get(name) is not None:
                yield from violations(
                    member, value[name], f"{place}.{lower_first(name)}" if place else lower_first(name)
                )
        return
    if shape.type_name == "list":
        yield from _lengths(limits, len(value), place, value)
        for number, item in enumerate(value, 1):
            yield from violations(shape.member, item, f"{place}.{number}.member")
    elif shape.type_name == "string":
        text = str(value)
        yield from _lengths(limits, len(text), place, text)
        if shape.enum and text not in shape.enum:
            yield place, text, f"Member must satisfy enum value set: [{', '.join(shape.enum)}]"
        pattern = _pattern(limits["pattern"]) if limits.get("pattern") else None
        if pattern and not pattern.fullmatch(text):
            yield place, text, f"Member must satisfy regular expression pattern: {limits['pattern']}"
    elif shape.type_name in ("integer", "long", "double"):
        if "max" in limits and value > limits["max"]:
            yield place, value, f"Member must have value less than or equal to {limits['max']}"
        if "min" in limits and value < limits["min"]:
            yield place, value, f"Member must have value greater than or equal to {limits['min']}"


def _lengths(limits: dict[str, Any], length: int, place: str, value: Any) -> Iterator[tuple[str, Any, str]]:
    if "max" in limits and length > limits["max"]:
        yield place, value, f"Member must have length less than or equal to {limits['max']}"
    if "min" in limits and length < limits["min"]:
        yield place, value, f"Member must have length greater than or equal to {limits['min']}"


@functools.cache
def input_shape(service: str, operation: str) -> Any:
    from moto.core.utils import get_service_model

    return get_service_model(service).operation_model(operation).input_shape


def _described(call: Call) -> dict[str, Any] | None:
    broken = list(violations(input_shape(call.service, call.operation), call.params))
    if not broken:
        return None
    parts = [
        f"Value '{value}' at '{place}' failed to satisfy constraint: {constraint}"
        for place, value, constraint in broken
    ]
    return {"count": f"{len(parts)} validation error{'s' if len(parts) > 1 else ''}", "what": "; ".join(parts)}


NAME_FIELDS = {"RoleName": "roleName", "InstanceProfileName": "instanceProfileName", "PolicyName": "policyName"}


@refuses(
    "iam", "CreateRole", "CreateInstanceProfile", "CreatePolicy", "PutRolePolicy", code="ValidationError",
    when="a name holds other characters than the pattern allows",
    text="The specified value for {field} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
    source="pattern of roleNameType and instanceProfileNameType in botocore's iam service model; wording as in the IAM console's "
    "and terraform's reports of it (unverified for each field)",
)  # fmt: skip
def iam_name_characters(call: Call) -> Any:
    for name, field in NAME_FIELDS.items():
        value = call.params.get(name)
        if value and not re.fullmatch(r"[\w+=,.@-]+", value, re.ASCII):
            return {"field": field}
    return None


@refuses(
    "iam", "CreateRole", "CreateInstanceProfile", code="ValidationError", when="a path does not begin and end with /",
    text="The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters "
    "and/or / characters.",
    source="pattern of pathType in botocore's iam service model; wording unverified",
)  # fmt: skip
def iam_path(call: Call) -> Any:
    path = call.params.get("Path")
    return {} if path is not None and not re.fullmatch(r"/|/[!-~]+/", path) else None


@refuses(
    "iam", *OPERATIONS_OF_IAM, code="ValidationError", when="a length, range, pattern or enumeration of the model is broken",
    text="{count} detected: {what}",
    source="botocore's iam service model; wording as in hashicorp/terraform-provider-aws and boto/boto#2619",
)  # fmt: skip
def iam_constraints(call: Call) -> Any:
    return _described(call)


@refuses(
    "autoscaling", *OPERATIONS_OF_AUTO_SCALING, code="ValidationError",
    when="a length, range, pattern or enumeration of the model is broken", text="{count} detected: {what}",
    source="botocore's autoscaling service model; wording as in boto/boto#2619",
)  # fmt: skip
def auto_scaling_constraints(call: Call) -> Any:
    return _described(call)


@refuses(
    "autoscaling", "DescribeLaunchConfigurations", "DescribeAutoScalingGroups", "DescribeInstanceRefreshes",
    code="ValidationError", when="MaxRecords is over 100",
    text="1 validation error detected: Value '{records}' at 'maxRecords' failed to satisfy constraint: Member must have value "
    "less than or equal to 100",
    source="boto/boto#2619 quotes this answer; MaxRecords in botocore's autoscaling service model",
)  # fmt: skip
def at_most_100_records(call: Call) -> Any:
    records = call.params.get("MaxRecords") or 0
    return {"records": records} if records > 100 else None


@refuses(
    "autoscaling", "DescribeLaunchConfigurations", "DescribeAutoScalingGroups", code="ValidationError",
    when="more names are given than the call describes (50, or MaxRecords for groups)",
    text="1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have length less than or "
    "equal to {most}",
    source="LaunchConfigurationNames and AutoScalingGroupNames in botocore's autoscaling service model; wording unverified",
)  # fmt: skip
def at_most_50_names(call: Call) -> Any:
    groups = call.operation == "DescribeAutoScalingGroups"
    field = "AutoScalingGroupNames" if groups else "LaunchConfigurationNames"
    most = (call.params.get("MaxRecords") or 50) if groups else 50
    return {"field": lower_first(field), "most": most} if len(call.params.get(field) or []) > most else None
