# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an Auto Scaling group shall be, compared with what it is. All of it pure.

Wanted is told by the options of amazon.aws.autoscaling_group; what is, by the keys of amazon.aws.autoscaling_group_info, which are
the API's in snake case: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from __future__ import annotations

from typing import Callable

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict


def _sorted(values):
    return sorted(values or ())


def _subnets(text):
    return sorted(text.split(",")) if text else []


def _same(value):
    return value


def _version(launch_template):
    """Return the launch template's id and version, which are what a group launches from; None for none."""
    if not launch_template:
        return None
    return {key: launch_template.get(key) for key in ("launch_template_id", "version")}


# option of amazon.aws.autoscaling_group -> (key of a group, how to read the option, how to read the key)
FIELDS: dict[str, tuple[str, Callable, Callable]] = {
    "launch_config_name": ("launch_configuration_name", _same, _same),
    "launch_template": ("launch_template", _version, _version),
    "min_size": ("min_size", int, _same),
    "max_size": ("max_size", int, _same),
    "desired_capacity": ("desired_capacity", int, _same),
    "vpc_zone_identifier": ("vpc_zone_identifier", _sorted, _subnets),
    "availability_zones": ("availability_zones", _sorted, _sorted),
    "load_balancers": ("load_balancer_names", _sorted, _sorted),
    "target_group_arns": ("target_group_arns", _sorted, _sorted),
    "health_check_type": ("health_check_type", _same, _same),
    "health_check_period": ("health_check_grace_period", int, _same),
    "default_cooldown": ("default_cooldown", int, _same),
    "termination_policies": ("termination_policies", list, _same),
    "max_instance_lifetime": ("max_instance_lifetime", int, lambda value: value or 0),
}


def capacity(desired_capacity, min_size, max_size, group):
    """Return the capacity to ask for: the wanted one; or that of the group, which scaling may have changed, within its limits.

    Auto Scaling refuses limits that the capacity is outside of, instead of moving it.

    :param desired_capacity: None to leave it to scaling.
    :param group: the group, or empty for one that is yet to be made.
    """
    if desired_capacity is not None:
        return int(desired_capacity)
    return min(max(group.get("desired_capacity", 0), int(min_size)), int(max_size))


def differences(options, group, tags=None, propagate_tags=True, purge_tags=True):
    """Return what differs, as a list of ``field``, ``wanted`` and ``actual``. Options that are None are not compared.

    :param options: options of amazon.aws.autoscaling_group, see :data:`FIELDS`.
    :param group: the group; an empty one differs in everything.
    :param tags: key -> value; None to leave them alone.
    :param propagate_tags: whether the group shall put them on its instances.
    :param purge_tags: whether further tags are a difference.
    """
    found = []
    for option, (key, read_option, read_key) in FIELDS.items():
        if options.get(option) is None:
            continue
        wanted, actual = read_option(options[option]), read_key(group.get(key))
        if wanted != actual:
            found.append(dict(field=option, wanted=wanted, actual=actual))
    if tags is not None:
        wanted = {key: dict(value=str(value), propagate_at_launch=propagate_tags) for key, value in tags.items()}
        actual = {
            tag["key"]: dict(value=tag["value"], propagate_at_launch=tag["propagate_at_launch"])
            for tag in group.get("tags") or ()
            if purge_tags or tag["key"] in wanted
        }
        if wanted != actual:
            found.append(dict(field="tags", wanted=wanted, actual=actual))
    return found


def from_api(group):
    """Return a group as DescribeAutoScalingGroups gives it with the keys that are compared here."""
    shown = camel_dict_to_snake_dict(group)
    # The API writes TargetGroupARNs.
    shown["target_group_arns"] = group.get("TargetGroupARNs") or []
    return shown
