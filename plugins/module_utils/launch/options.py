# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options that describe what an instance is launched with, as modules take them, and the settings that they ask for. Pure.

They are documented in the documentation fragment ``launch_settings``.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch import user_data as user_data_model
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import (
    METADATA,
    LaunchSettings,
    MetadataOptions,
    template_only,
)

HOP_LIMIT = (1, 64)
LOWEST_SPOT_PRICE = Decimal("0.001")
# Options whose values are settings as they are.
_PLAIN = (
    "image_id",
    "instance_type",
    "instance_id",
    "instance_profile_name",
    "key_name",
    "instance_monitoring",
    "assign_public_ip",
    "placement_tenancy",
    "ebs_optimized",
    "kernel_id",
    "ramdisk_id",
)

VOLUME_ARGUMENTS = dict(
    device_name=dict(required=True),
    no_device=dict(type="bool"),
    ephemeral=dict(),
    snapshot=dict(),
    volume_size=dict(type="int"),
    volume_type=dict(),
    delete_on_termination=dict(type="bool"),
    iops=dict(type="int"),
    throughput=dict(type="int"),
    encrypted=dict(type="bool"),
    kms_key_id=dict(no_log=False),
)

METADATA_ARGUMENTS = dict(
    http_endpoint=dict(choices=["enabled", "disabled"]),
    http_tokens=dict(choices=["optional", "required"]),
    http_put_response_hop_limit=dict(type="int"),
    http_protocol_ipv6=dict(choices=["enabled", "disabled"]),
    instance_metadata_tags=dict(choices=["enabled", "disabled"]),
)

TAG_SPECIFICATION_ARGUMENTS = dict(
    resource_type=dict(choices=["instance", "volume", "network-interface", "spot-instances-request"], required=True),
    tags=dict(type="dict", required=True),
)

LAUNCH_SETTINGS_ARGUMENTS = dict(
    image_id=dict(),
    instance_type=dict(),
    instance_id=dict(),
    instance_profile_name=dict(),
    key_name=dict(no_log=False),
    security_groups=dict(type="list", elements="str"),
    vpc_id=dict(),
    user_data=dict(no_log=True),
    user_data_base64=dict(no_log=True),
    user_data_path=dict(type="path"),
    volumes=dict(type="list", elements="dict", options=VOLUME_ARGUMENTS),
    metadata_options=dict(type="dict", options=METADATA_ARGUMENTS),
    instance_monitoring=dict(type="bool"),
    assign_public_ip=dict(type="bool"),
    placement_tenancy=dict(choices=["", "default", "dedicated"]),
    spot_price=dict(),
    market_type=dict(choices=["", "spot"]),
    ebs_optimized=dict(type="bool"),
    kernel_id=dict(),
    ramdisk_id=dict(),
    credit_specification=dict(type="dict", options=dict(cpu_credits=dict(choices=["standard", "unlimited"]))),
    tag_specifications=dict(type="list", elements="dict", options=TAG_SPECIFICATION_ARGUMENTS),
)


def from_params(params, limits=block_devices.LAUNCH_CONFIGURATION, complete=True):
    """Return the settings that a module's parameters ask for. Security groups may still be names, see ``security_groups.py``.

    :param limits: what the settings are for: :data:`block_devices.LAUNCH_CONFIGURATION` or :data:`block_devices.LAUNCH_TEMPLATE`.
    :param complete: False if what exists can supply members of volumes that are not set, see ``block_devices.py``.
    :raises InvalidOption: a value or a combination that AWS refuses.
    """
    settings = {name: params.get(name) for name in _PLAIN}
    settings["user_data"] = user_data_model.from_params(params, limits.user_data)
    settings["volumes"] = block_devices.from_params(params.get("volumes"), limits, complete)
    settings["metadata_options"] = _metadata_options(params.get("metadata_options"))
    settings["spot_price"] = _spot_price(params.get("spot_price"))
    settings["market_type"] = params.get("market_type")
    if settings["market_type"] == "" and settings["spot_price"]:
        raise InvalidOption("market_type: empty means On-Demand Instances, and spot_price is set. Remove one of them.")
    if limits is block_devices.LAUNCH_CONFIGURATION:
        # Its price alone decides.
        if settings["market_type"] == "":
            settings["spot_price"] = ""
        if settings["market_type"] == "" or settings["spot_price"]:
            settings["market_type"] = None
    if params.get("security_groups") is not None:
        # A text with commas and blanks is a list as well.
        settings["security_groups"] = tuple(sorted({group.strip() for group in params["security_groups"]}))
    if params.get("instance_profile_name"):
        iam_names.instance_profile_name("instance_profile_name", params["instance_profile_name"])
    for name in ("image_id", "instance_type", "instance_id"):
        if settings[name] == "":
            raise InvalidOption(f"{name}: the value is empty. Give one, or leave the option out.")
    if params.get("credit_specification") is not None:
        settings["cpu_credits"] = params["credit_specification"].get("cpu_credits") or ""
    settings["tag_specifications"] = _tag_specifications(params.get("tag_specifications"))
    wanted = LaunchSettings(**settings)
    if limits is block_devices.LAUNCH_CONFIGURATION:
        for name in template_only(wanted):
            raise InvalidOption(
                f"{name}: a launch configuration cannot hold this. Use a launch template, for example with launchkit.aws.ec2_launch_template."
            )
    return wanted


def to_params(settings):
    """Return the options that describe the settings, without user data and what is not specified."""
    params = {name: getattr(settings, name) for name in (*_PLAIN, "spot_price", "market_type")}
    params["security_groups"] = None if settings.security_groups is None else list(settings.security_groups)
    params["volumes"] = None if settings.volumes is None else [device.specified() for device in settings.volumes]
    params["metadata_options"] = settings.metadata_options and settings.metadata_options.specified()
    if settings.cpu_credits is not None:
        params["credit_specification"] = {"cpu_credits": settings.cpu_credits} if settings.cpu_credits else {}
    if settings.tag_specifications is not None:
        params["tag_specifications"] = [
            {"resource_type": kind, "tags": dict(tags)} for kind, tags in sorted(settings.tag_specifications.items())
        ]
    return {name: value for name, value in params.items() if value is not None}


def _metadata_options(options):
    if options is None:
        return None
    limit = options.get("http_put_response_hop_limit")
    if limit is not None and not HOP_LIMIT[0] <= limit <= HOP_LIMIT[1]:
        raise InvalidOption(
            f"metadata_options.http_put_response_hop_limit: {limit} is out of range; AWS takes {HOP_LIMIT[0]} to {HOP_LIMIT[1]}."
        )
    return MetadataOptions(**{name: options.get(name) for name in METADATA})


def _tag_specifications(specifications):
    if specifications is None:
        return None
    found = {}
    for index, each in enumerate(specifications):
        if each["resource_type"] in found:
            raise InvalidOption(
                f"tag_specifications: the resource_type '{each['resource_type']}' is given twice. Give each once."
            )
        found[each["resource_type"]] = iam_names.check_tags(
            f"tag_specifications[{index}].tags", each["tags"], for_ec2=True
        )
    return found


def _spot_price(price):
    """Return the price as AWS takes it, an empty text for none, or None if it is not set."""
    if price in (None, ""):
        return price
    try:
        exact = Decimal(str(price))
    except InvalidOperation:
        exact = Decimal("NaN")
    # YAML's .nan and .inf are numbers too, and 1e999999 is a million digits.
    if not exact.is_finite() or exact.adjusted() > 6:
        raise InvalidOption(f"spot_price: '{price}' is not a price. Set US dollars an hour.")
    if exact.is_zero():
        return ""
    if exact < LOWEST_SPOT_PRICE:
        raise InvalidOption(
            f"spot_price: {price} is too low; AWS takes {LOWEST_SPOT_PRICE} US dollars an hour or more. Set 0 for none."
        )
    return format(exact.normalize(), "f")
