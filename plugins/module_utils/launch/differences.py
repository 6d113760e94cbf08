# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings compared: their differences and their fingerprint. Pure.
Private to the collection: names and shapes can change in any release."""

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Mapping

from ..core.plan import Difference
from . import block_devices
from .render import device_text, text
from .settings import FIELDS, FINGERPRINT_LENGTH, market_type

# What members of the metadata options and of volumes mean that the answer for a launch configuration leaves out.
LAUNCH_CONFIGURATION_DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {
        "http_endpoint": "enabled",
        "http_tokens": "optional",
        "http_put_response_hop_limit": 1,
        "http_protocol_ipv6": "disabled",
        "instance_metadata_tags": "disabled",
        "delete_on_termination": True,
    }
)
# For a launch template, image and account decide, so nothing can be compared with what it leaves out:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
LAUNCH_TEMPLATE_DEFAULTS: Mapping[str, Any] = {}


def _sized(members):
    # A size of 0 is that of the snapshot, as no size is.
    return {name: value for name, value in members.items() if name != "volume_size" or value}


# field -> the function whose result is equal for all ways of writing the same value, and that JSON can hold
_COMMON_FORMS: Mapping[str, Any] = {
    "user_data": lambda user_data: user_data.sha256,
    "instance_profile_name": lambda name: name.rpartition("/")[2],
    "spot_price": lambda price: str(Decimal(price).normalize()) if price else "",
    "security_groups": sorted,
    "metadata_options": lambda options: options.completed(),
    "tag_specifications": lambda specifications: {kind: dict(tags) for kind, tags in specifications.items() if tags},
    "volumes": lambda volumes: [_sized(device.specified()) for device in volumes],
    "instance_requirements": dict,
}


def differences(wanted, actual, defaults=LAUNCH_CONFIGURATION_DEFAULTS):
    """Return the fields that are specified in ``wanted`` and different in ``actual``.

    :param defaults: what ``actual`` means where it leaves something out.
    """
    found: list[Difference] = []
    wanted = replace(wanted, market_type=market_type(wanted))
    if wanted.instance_type:
        wanted = replace(wanted, instance_requirements={})
    for name in FIELDS:
        value, current = getattr(wanted, name), getattr(actual, name)
        if value is None or name in ("volumes", "metadata_options", "instance_id"):
            continue
        if name == "market_type" and any(each.field == "spot_price" for each in found):
            continue
        # Empty asks for none, and a template without, for example, a tenancy has None.
        if current is None and value in ("", {}):
            continue
        if _common_form(name, value) != _common_form(name, current):
            found.append(Difference(name, text(value), text(current)))
    if wanted.metadata_options is not None:
        found += _metadata_differences(wanted.metadata_options, actual.metadata_options, defaults)
    if wanted.volumes is not None:
        found += _volume_differences(wanted.volumes, actual.volumes, defaults)
    return tuple(found)


def fingerprint(settings):
    """Return lower-case hexadecimal digits that are the same wherever the same settings are specified, in any way."""
    values = ((name, getattr(settings, name)) for name in FIELDS)
    content = {name: _common_form(name, value) for name, value in values if value is not None}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:FINGERPRINT_LENGTH]


def _common_form(name, value):
    return value if value is None or name not in _COMMON_FORMS else _COMMON_FORMS[name](value)


def _metadata_differences(wanted, actual, defaults):
    current = {**defaults, **actual.specified()}
    return [
        Difference(f"metadata_options.{name}", str(value), text(current.get(name)))
        for name, value in wanted.specified().items()
        if value != current.get(name)
    ]


def _volume_differences(wanted, actual, defaults):
    others = {device.device_name: device for device in actual}
    found = []
    for device in block_devices.merge(actual, wanted):
        name = f"volumes[{device.device_name}]"
        other = others.pop(device.device_name, None)
        if other is None or other.kind != device.kind:
            found.append(Difference(name, device_text(device), device_text(other) if other else "none"))
            continue
        for key in block_devices.FIELDS:
            value, current = getattr(device, key), getattr(other, key)
            default = defaults.get(key)
            if (default if value is None else value) != (default if current is None else current):
                found.append(Difference(f"{name}.{key}", text(value), text(current)))
    gone = [Difference(f"volumes[{name}]", "none", device_text(device)) for name, device in sorted(others.items())]
    return found + gone
