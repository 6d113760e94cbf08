# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of the documentation fragment ``launch_settings``, and the launch settings that they ask for. Pure.
Private to the collection: names and shapes can change in any release."""

from decimal import Decimal, InvalidOperation
from typing import Any

from ..core.errors import InvalidOption, MissingReference
from ..core.plan import Precondition
from ..iam import names as iam_names
from . import block_devices
from . import user_data as user_data_model
from .settings import METADATA, PLAIN, LaunchSettings, MetadataOptions, tag_specification_options, template_only

LOWEST_SPOT_PRICE = Decimal("0.001")
# Options whose values are settings as they are.
_PLAIN = ("instance_monitoring", *(name for name in PLAIN if name != "spot_price"))

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
    resource_type=dict(
        choices=["instance", "volume", "network-interface", "spot-instances-request"], default="instance"
    ),
    tags=dict(type="dict", required=True),
)

LAUNCH_SETTINGS_ARGUMENTS = dict(
    image_id=dict(),
    instance_type=dict(),
    instance_id=dict(),
    instance_profile_name=dict(aliases=["iam_instance_profile"]),
    key_name=dict(no_log=False),
    security_groups=dict(type="list", elements="str", aliases=["security_group_ids"]),
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
    ramdisk_id=dict(aliases=["ram_disk_id"]),
    credit_specification=dict(type="dict", options=dict(cpu_credits=dict(choices=["standard", "unlimited"]))),
    tag_specifications=dict(type="list", elements="dict", options=TAG_SPECIFICATION_ARGUMENTS),
)


def from_params(params, limits=block_devices.LAUNCH_CONFIGURATION, complete=True):
    """Return the settings that a module's parameters ask for. Security groups may still be names.

    :param limits: :data:`block_devices.LAUNCH_CONFIGURATION` or :data:`block_devices.LAUNCH_TEMPLATE`.
    :param complete: False if what exists can supply members of volumes that are not set, see ``block_devices.py``.
    :raises InvalidOption: a value or a combination that AWS refuses.
    """
    spot_price, market_type = _spot_price(params.get("spot_price")), params.get("market_type")
    if market_type == "" and spot_price:
        raise InvalidOption("market_type: empty means On-Demand Instances, and spot_price is set. Remove one of them.")
    if limits is block_devices.LAUNCH_CONFIGURATION:
        # Its price alone decides.
        spot_price = "" if market_type == "" else spot_price
        market_type = None if market_type == "" or spot_price else market_type
    for name in ("image_id", "instance_type", "instance_id"):
        if params.get(name) == "":
            raise InvalidOption(f"{name}: the value is empty. Give one, or leave the option out.")
    if params.get("instance_profile_name"):
        iam_names.instance_profile_name("instance_profile_name", params["instance_profile_name"])
    credit = params.get("credit_specification")
    settings = LaunchSettings(
        **{name: params.get(name) for name in _PLAIN},
        user_data=user_data_model.from_params(params, limits.user_data),
        volumes=block_devices.from_params(params.get("volumes"), limits, complete),
        metadata_options=_metadata_options(params.get("metadata_options")),
        spot_price=spot_price,
        market_type=market_type,
        security_groups=_security_groups(params.get("security_groups"), params.get("vpc_id")),
        cpu_credits=None if credit is None else credit.get("cpu_credits") or "",
        tag_specifications=_tag_specifications(params.get("tag_specifications")),
    )
    if limits is block_devices.LAUNCH_CONFIGURATION:
        for name in template_only(settings):
            raise InvalidOption(f"{name}: a launch configuration cannot hold this. {block_devices.NEEDS_TEMPLATE}")
    return settings


def to_params(settings):
    """Return the options that describe the settings, without user data and what is not specified."""
    params = {name: getattr(settings, name) for name in (*_PLAIN, "spot_price", "market_type")}
    params["security_groups"] = None if settings.security_groups is None else list(settings.security_groups)
    params["volumes"] = None if settings.volumes is None else [device.specified() for device in settings.volumes]
    params["metadata_options"] = settings.metadata_options and settings.metadata_options.specified()
    if settings.cpu_credits is not None:
        params["credit_specification"] = {"cpu_credits": settings.cpu_credits} if settings.cpu_credits else {}
    if settings.tag_specifications is not None:
        params["tag_specifications"] = tag_specification_options(settings.tag_specifications)
    return {name: value for name, value in params.items() if value is not None}


def check_prune(prune):
    """Check the members of an option ``prune``.

    :raises InvalidOption: one is negative.
    """
    for name, value in prune.items():
        if value < 0:
            raise InvalidOption(f"prune.{name}: {value} is negative. Give 0 or more.")


def preconditions(settings, option="instance_profile_name"):
    """Return what a call that creates something of these settings requires.

    :param option: the option that names the instance profile, for messages.
    """
    return (Precondition("instance_profile", settings.profile_name, option),) if settings.profile_name else ()


def named_security_groups(security_groups):
    """Return those that are given by name. No name can begin with ``sg-``, as all ids do."""
    return tuple(group for group in security_groups or () if not group.startswith("sg-"))


def with_ids(security_groups, vpc_id, ids):
    """Return the ids of groups that are given by name or id, in order.

    :param ids: name -> id, for the names that the VPC has.
    :raises MissingReference: the VPC has no group of that name.
    """
    missing = ", ".join(f"'{name}'" for name in named_security_groups(security_groups) if name not in ids)
    if missing:
        raise MissingReference(
            f"security_groups: VPC '{vpc_id}' has no security group {missing}. No changes were made."
        )
    return security_groups and tuple(sorted({ids.get(group, group) for group in security_groups}))


def _security_groups(given, vpc_id):
    if given is None:
        return None
    # A text with commas and blanks is a list as well.
    groups = tuple(sorted({group.strip() for group in given}))
    names = named_security_groups(groups)
    if "" in names:
        raise InvalidOption("security_groups: one of the values is empty. Remove it.")
    if names and not vpc_id:
        raise InvalidOption(
            f"security_groups: '{names[0]}' is a name, which is unique within a VPC only. "
            "Set vpc_id as well, or give the group's id (sg-...)."
        )
    return groups


def _metadata_options(options):
    if options is None:
        return None
    limit = options.get("http_put_response_hop_limit")
    if limit is not None and not 1 <= limit <= 64:
        raise InvalidOption(f"metadata_options.http_put_response_hop_limit: {limit} is out of range. Set 1 to 64.")
    return MetadataOptions(**{name: options.get(name) or None for name in METADATA})


def _tag_specifications(specifications):
    if specifications is None:
        return None
    tags: dict[str, Any] = {}
    for index, each in enumerate(specifications):
        kind = each["resource_type"]
        if kind in tags:
            raise InvalidOption(f"tag_specifications: the resource_type '{kind}' is given twice. Give each once.")
        tags[kind] = iam_names.check_tags(f"tag_specifications[{index}].tags", each["tags"], for_ec2=True)
    return tags


def _spot_price(price):
    """Return the price as AWS takes it, an empty text for none, or None if it is not set."""
    if price in (None, ""):
        return price
    try:
        exact = Decimal(str(price))
    except InvalidOperation:
        exact = Decimal("NaN")
    # YAML's .nan and .inf are numbers too, and 1e999999 has a million digits.
    if not exact.is_finite() or exact.adjusted() > 6:
        raise InvalidOption(f"spot_price: '{price}' is not a price. Set US dollars an hour.")
    if exact.is_zero():
        return ""
    if exact < LOWEST_SPOT_PRICE:
        raise InvalidOption(f"spot_price: {price} is too low; AWS takes {LOWEST_SPOT_PRICE} or more. Set 0 for none.")
    return format(exact.normalize(), "f")
