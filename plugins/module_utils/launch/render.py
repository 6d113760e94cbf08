# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings as results and differences show them. The only way for them to be shown: user data is digest and size here."""

from __future__ import annotations

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices


def render(settings):
    """Return the settings with the keys that the Auto Scaling API has, in snake case, in values that JSON can hold.

    What AWS alone can know is None.
    """
    shown = {
        "image_id": settings.image_id,
        "instance_type": settings.instance_type,
        "instance_profile_name": settings.instance_profile_name,
        "iam_instance_profile": settings.instance_profile_name,
        "key_name": settings.key_name,
        "security_groups": None if settings.security_groups is None else list(settings.security_groups),
        "instance_monitoring": settings.instance_monitoring,
        "associate_public_ip_address": settings.assign_public_ip,
        "placement_tenancy": settings.placement_tenancy,
        "spot_price": settings.spot_price or None,
        "ebs_optimized": settings.ebs_optimized,
        "kernel_id": settings.kernel_id,
        "ramdisk_id": settings.ramdisk_id,
        "block_device_mappings": None if settings.volumes is None else [_device(device) for device in settings.volumes],
        "metadata_options": None if settings.metadata_options is None else settings.metadata_options.specified(),
        "user_data": None,
        "user_data_sha256": "",
        "user_data_size": 0,
    }
    if settings.user_data is not None and settings.user_data.size:
        shown.update(
            user_data="hidden", user_data_sha256=settings.user_data.sha256, user_data_size=settings.user_data.size
        )
    return shown


def render_template_settings(settings):
    """Return the settings of a launch template: as :func:`render` does, and what a template alone can hold."""
    return {
        **render(settings),
        "market_type": settings.market_type or None,
        "instance_requirements": camel_dict_to_snake_dict(dict(settings.instance_requirements or {})) or None,
        "credit_specification": {"cpu_credits": settings.cpu_credits} if settings.cpu_credits else None,
        "tag_specifications": [
            {"resource_type": kind, "tags": dict(tags)}
            for kind, tags in sorted((settings.tag_specifications or {}).items())
        ],
    }


def attributes(settings):
    """Return attribute -> value as text of what is set in launch settings, in the order in which people read them."""
    values = {
        "image_id": settings.image_id,
        "instance_type": settings.instance_type,
        "instance_profile": settings.instance_profile_name,
        "key_name": settings.key_name,
        "security_groups": ", ".join(settings.security_groups or ()),
        "user_data": settings.user_data if settings.user_data is not None and settings.user_data.size else "",
        **{f"volume {each.device_name}": _device_text(each) for each in settings.volumes or ()},
        "metadata_options": _members_text(settings.metadata_options.specified() if settings.metadata_options else {}),
        "spot_price": settings.spot_price,
        "placement_tenancy": settings.placement_tenancy,
        "cpu_credits": settings.cpu_credits,
    }
    switches = ("instance_monitoring", "assign_public_ip", "ebs_optimized")
    values.update(
        {name: str(getattr(settings, name)).lower() for name in switches if getattr(settings, name) is not None}
    )
    return {name: str(value) for name, value in values.items() if value}


def _device_text(device):
    return _members_text({name: value for name, value in device.specified().items() if name != "device_name"})


def _members_text(members):
    return ", ".join(
        f"{name} {str(value).lower() if isinstance(value, bool) else value}" for name, value in members.items()
    )


def _device(device):
    return camel_dict_to_snake_dict(block_devices.to_api([device])[0])
