# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings compared: their differences and their fingerprint. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from typing import Mapping, NamedTuple

from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Difference
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import (
    FIELDS,
    FINGERPRINT_LENGTH,
    market_type,
)


class Defaults(NamedTuple):
    """What an answer means that leaves a member of the metadata options or of a volume out."""

    metadata_options: Mapping[str, object]
    volume: Mapping[str, object]


# What Auto Scaling does for a launch configuration.
LAUNCH_CONFIGURATION_DEFAULTS = Defaults(
    metadata_options={
        "http_endpoint": "enabled",
        "http_tokens": "optional",
        "http_put_response_hop_limit": 1,
        "http_protocol_ipv6": "disabled",
        "instance_metadata_tags": "disabled",
    },
    volume={"delete_on_termination": True},
)
# For a launch template, image and account decide, so what it does not say is nothing that could be asked for:
# https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
LAUNCH_TEMPLATE_DEFAULTS = Defaults(metadata_options={}, volume={})


def differences(wanted, actual, defaults=LAUNCH_CONFIGURATION_DEFAULTS):
    """Return the fields that are specified in ``wanted`` and different in ``actual``.

    Only what is specified counts, since AWS fills in the rest, and what it replaces: an instance type replaces instance
    requirements. Volumes compare by device name, and of each what is specified; user data by its decoded bytes; security groups as
    a set; the instance profile by name, written as name or ARN.

    :param defaults: what ``actual`` means where it leaves something out.
    """
    found: list[Difference] = []
    wanted = replace(wanted, market_type=market_type(wanted))
    if wanted.instance_type:
        wanted = replace(wanted, instance_requirements={})
    for name in FIELDS:
        value = getattr(wanted, name)
        if value is None or name in ("volumes", "metadata_options", "instance_id"):
            continue
        if name == "market_type" and any(each.field == "spot_price" for each in found):
            continue
        # A template without a tenancy has None, and empty asks for none.
        other = "" if value == "" and getattr(actual, name) is None else getattr(actual, name)
        if _comparable(name, value) != _comparable(name, other):
            found.append(Difference(name, _shown(value), _shown(getattr(actual, name))))
    found += _metadata_differences(wanted.metadata_options, actual.metadata_options, defaults.metadata_options)
    found += _volume_differences(wanted.volumes, actual.volumes, defaults.volume)
    return tuple(found)


def fingerprint(settings):
    """Return lower-case hexadecimal digits that are the same wherever the same settings are specified.

    Of user data and everything else that two ways of writing can name alike, the fingerprint takes the common form.
    """
    content = {
        name: _comparable(name, getattr(settings, name)) for name in FIELDS if getattr(settings, name) is not None
    }
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:FINGERPRINT_LENGTH]


def _comparable(name, value):
    """Return a value that is equal for all ways of writing the same, and that JSON can hold."""
    if name == "instance_requirements":
        return dict(value or {})
    if value is None:
        return None
    if name == "user_data":
        return value.sha256
    if name == "instance_profile_name":
        return value.rpartition("/")[2]
    if name == "spot_price":
        return str(Decimal(value).normalize()) if value else ""
    if name == "security_groups":
        return sorted(value)
    if name == "metadata_options":
        return value.completed()
    if name == "tag_specifications":
        return {kind: dict(tags) for kind, tags in value.items() if tags}
    if name == "volumes":
        # A size of 0 is that of the snapshot, as no size is.
        return [
            {key: each for key, each in device.specified().items() if key != "volume_size" or each} for device in value
        ]
    return value


def _shown(value):
    if value is None or value == "" or value == ():
        return "none"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(item)}" for key, item in sorted(value.items())) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _metadata_differences(wanted, actual, defaults):
    if wanted is None:
        return []
    current = {**defaults, **actual.specified()}
    return [
        Difference(f"metadata_options.{name}", str(value), _shown(current.get(name)))
        for name, value in wanted.specified().items()
        if value != current.get(name)
    ]


def _volume_differences(wanted, actual, defaults):
    if wanted is None:
        return []
    others = {device.device_name: device for device in actual}
    found = []
    for device in block_devices.merge(actual, wanted):
        name = f"volumes[{device.device_name}]"
        other = others.pop(device.device_name, None)
        if other is None or other.kind != device.kind:
            found.append(Difference(name, _described(device), _described(other) if other else "none"))
            continue
        for key in block_devices.FIELDS:
            value, current = getattr(device, key), getattr(other, key)
            if _first(value, defaults.get(key)) != _first(current, defaults.get(key)):
                found.append(Difference(f"{name}.{key}", _shown(value), _shown(current)))
    return found + [
        Difference(f"volumes[{name}]", "none", _described(device)) for name, device in sorted(others.items())
    ]


def _first(value, default):
    return default if value is None else value


def _described(device):
    return ", ".join(f"{key} {_shown(value)}" for key, value in device.specified().items() if key != "device_name")
