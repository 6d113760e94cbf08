# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Requests that name no action of the service, or lack a parameter that it requires."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.core.utils import get_service_model

from ..registry import refuses
from ..strict import Call
from .constraints import input_shape, lower_first

QUERY = "autoscaling, iam, sts"


@refuses(
    "autoscaling, ec2, iam, sts", "(unknown)", when="the service has no such action", code="InvalidAction",
    text="Could not find operation {operation} for version {version}",
    source="InvalidAction in 'Common errors' of each API reference; wording unverified, EC2's own above all",
)  # fmt: skip
def unknown_action(exchange: Any) -> Any:
    model = get_service_model(exchange.service)
    known = exchange.operation in model.operation_names
    return None if known else {"operation": exchange.operation, "version": model.api_version}


def _missing(shape: Any, value: Any, place: str = "") -> Iterator[str]:
    """The places of required parameters that a request lacks."""
    if shape is None or value is None:
        return
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, member in shape.members.items():
            inner = f"{place}.{lower_first(name)}" if place else lower_first(name)
            if value.get(name) is None and name in shape.required_members:
                yield inner
            else:
                yield from _missing(member, value.get(name), inner)
    elif shape.type_name == "list" and isinstance(value, list):
        for number, item in enumerate(value, 1):
            yield from _missing(shape.member, item, f"{place}.{number}.member")


@refuses(
    QUERY, "*", when="a required parameter is missing", code="ValidationError", text="{count} detected: {what}",
    source="required members in botocore's service models; wording as for the other constraints of the models",
)  # fmt: skip
def missing_parameter(call: Call) -> Any:
    places = list(_missing(input_shape(call.service, call.operation), call.params))
    if not places:
        return None
    parts = [f"Value null at '{place}' failed to satisfy constraint: Member must not be null" for place in places]
    return {"count": f"{len(parts)} validation error{'s' if len(parts) > 1 else ''}", "what": "; ".join(parts)}


@refuses(
    "ec2", "*", when="a required parameter is missing", code="MissingParameter",
    text="The request must contain the parameter {name}",
    source="EC2 API reference, 'Error codes', MissingParameter; text quoted in cognitect-labs/aws-api#68",
)  # fmt: skip
def missing_parameter_of_ec2(call: Call) -> Any:
    shape = input_shape(call.service, call.operation)
    required = shape.required_members if shape else []
    # The data of a launch template has a text of its own.
    missing = (name for name in required if call.params.get(name) is None and name != "LaunchTemplateData")
    return next(({"name": name} for name in missing), None)
