# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the variables of the role ``application`` have to be together, beyond the type of each. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

import re

from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_TRUTHS = ("yes", "no", "true", "false", "on", "off")


def type_mistakes(variables):
    """Return a message for each variable that YAML or a template gave another type than text, where text is required.

    :param variables: as they were given, with their prefix.
    """
    found = []
    name = variables.get(f"{PREFIX}name")
    if isinstance(name, bool) or name in ("True", "False"):
        found.append(
            f"{PREFIX}name: YAML reads {', '.join(_TRUTHS)} as a truth value, here {name}; quote it to use it as a name."
        )
    for variable in (f"{PREFIX}user_data", f"{PREFIX}user_data_base64"):
        if not isinstance(variables.get(variable, ""), str):
            # Ansible would write a dictionary as Python does.
            found.append(
                f"{variable}: has to be text. For JSON, write a block of text, or use {PREFIX}user_data_base64."
            )
    return found


def mistakes(options):
    """Return a message for each rule that the options break.

    :param options: the role's variables without :data:`PREFIX`, with their defaults.
    """
    rules = (
        (_name,)
        if options["state"] == "absent"
        else (_name, _trust, _user_data, _launch, _group, _limits, _zones, _address, _negatives)
    )
    return [f"{PREFIX}{message}" for rule in rules for message in [rule(options)] if message]


def _name(options):
    if not _NAME.fullmatch(options["name"]):
        return f"name: {options['name']!r} must be 1 to 64 letters, digits and any of _+=,.@- since it names IAM resources."
    return None


def _trust(options):
    if options.get("trust_policy") and options.get("trust_principal"):
        return f"trust_principal: {PREFIX}trust_policy is set and says who may assume the role. Set one of them."
    return None


def _user_data(options):
    given = [name for name in ("user_data", "user_data_base64", "user_data_path") if options.get(name)]
    if len(given) > 1:
        return f"{given[0]}: {PREFIX}{given[1]} is set, too. Set one of them."
    return None


def _launch(options):
    if bool(options.get("image_id")) != bool(options.get("instance_type")):
        return f"image_id and {PREFIX}instance_type: set both, or neither to manage role and instance profile only."
    if options.get("group_name") and not options.get("image_id"):
        return f"group_name: a group launches from an image; set {PREFIX}image_id and {PREFIX}instance_type."
    return None


def _group(options):
    if options.get("group_name") and None in (options.get("group_min_size"), options.get("group_max_size")):
        return f"group_name: set {PREFIX}group_min_size and {PREFIX}group_max_size as well."
    return None


def _limits(options):
    smallest, largest = options.get("group_min_size"), options.get("group_max_size")
    if not options.get("group_name") or None in (smallest, largest):
        return None
    desired = options.get("group_desired_capacity")
    if not 0 <= smallest <= (smallest if desired is None else desired) <= largest:
        return f"group_desired_capacity: 0, {PREFIX}group_min_size, the desired capacity and {PREFIX}group_max_size have to be in this order."
    return None


def _zones(options):
    if options.get("group_subnets") and options.get("group_availability_zones"):
        return f"group_availability_zones: the subnets of {PREFIX}group_subnets are in zones already. Set one of them."
    return None


def _address(options):
    if options.get("group_name") and options.get("assign_public_ip") and not options.get("group_subnets"):
        return f"assign_public_ip: AWS takes this only for a group with subnets. Set {PREFIX}group_subnets."
    return None


def _negatives(options):
    for variable in ("launch_configuration_prune", "launch_template_prune"):
        for key, value in (options.get(variable) or {}).items():
            if value is not None and value < 0:
                return f"{variable}.{key}: {value} is negative. Set 0 or more."
    for variable in ("group_wait_timeout", "refresh_timeout", "wait_timeout"):
        if (options.get(variable) or 0) < 0:
            return f"{variable}: {options[variable]} is negative. Set 0 or more seconds."
    return None
