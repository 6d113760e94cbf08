# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings as results and differences show them. User data is shown by digest and size only.
Private to the collection: names and shapes can change in any release."""

from typing import Mapping

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from . import block_devices
from .settings import PLAIN, tag_specification_options


def render(settings):
    """Return the settings with the keys of the Auto Scaling API in snake case. What AWS alone can know is None."""
    user_data = settings.user_data if settings.user_data is not None and settings.user_data.size else None
    answer = {member: getattr(settings, name) for name, member in PLAIN.items() if name != "instance_id"}
    answer["BlockDeviceMappings"] = None if settings.volumes is None else block_devices.to_api(settings.volumes)
    return {
        **camel_dict_to_snake_dict(answer),
        "spot_price": settings.spot_price or None,
        "instance_profile_name": settings.instance_profile_name,
        "security_groups": None if settings.security_groups is None else list(settings.security_groups),
        "instance_monitoring": settings.instance_monitoring,
        "metadata_options": None if settings.metadata_options is None else settings.metadata_options.specified(),
        "user_data": user_data and "hidden",
        "user_data_sha256": user_data.sha256 if user_data else "",
        "user_data_size": user_data.size if user_data else 0,
    }


def render_template_settings(settings):
    """Return the settings of a launch template: as :func:`render` does, and what a template alone can hold."""
    return {
        **render(settings),
        "market_type": settings.market_type or None,
        "instance_requirements": camel_dict_to_snake_dict(dict(settings.instance_requirements or {})) or None,
        "credit_specification": {"cpu_credits": settings.cpu_credits} if settings.cpu_credits else None,
        "tag_specifications": tag_specification_options(settings.tag_specifications or {}),
    }


def attributes(settings):
    """Return attribute -> value as text of the settings that are set, in the order in which people read them."""
    values = {
        "image_id": settings.image_id,
        "instance_type": settings.instance_type,
        "instance_profile": settings.instance_profile_name,
        "key_name": settings.key_name,
        "security_groups": settings.security_groups,
        "user_data": settings.user_data and settings.user_data.size and settings.user_data,
        **{f"volume {each.device_name}": device_text(each) for each in settings.volumes or ()},
        "metadata_options": members_text(settings.metadata_options.specified()) if settings.metadata_options else "",
        "spot_price": settings.spot_price,
        "placement_tenancy": settings.placement_tenancy,
        "cpu_credits": settings.cpu_credits,
        "instance_monitoring": settings.instance_monitoring,
        "assign_public_ip": settings.assign_public_ip,
        "ebs_optimized": settings.ebs_optimized,
    }
    return {name: text(value) for name, value in values.items() if value or value is False}


def text(value):
    """Return a value for people to read."""
    if value is None or value == "" or value == ():
        return "none"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {text(item)}" for key, item in sorted(value.items())) or "none"
    return str(value).lower() if isinstance(value, bool) else str(value)


def members_text(members):
    """Return the members of an option for people to read."""
    return ", ".join(f"{name} {text(value)}" for name, value in members.items())


def device_text(device):
    """Return a block device, less its name, for people to read."""
    return members_text({name: value for name, value in device.specified().items() if name != "device_name"})
