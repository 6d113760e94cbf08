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
    """Yield a message for each rule that the options break.

    :param options: the role's variables without :data:`PREFIX`, with their defaults.
    """
    if not _NAME.fullmatch(options["name"]):
        yield (
            f"{PREFIX}name: {options['name']!r} must be 1 to 64 letters, digits and any of _+=,.@- "
            "since it names IAM resources."
        )
    if options["state"] == "present":
        yield from (f"{PREFIX}{message}" for rule in (_together, _group, _negatives) for message in rule(options))


def _together(options):
    if options.get("trust_policy") and options.get("trust_principal"):
        yield f"trust_principal: {PREFIX}trust_policy is set and says who may assume the role. Set one of them."
    user_data = [name for name in ("user_data", "user_data_base64", "user_data_path") if options.get(name)]
    if len(user_data) > 1:
        yield f"{user_data[0]}: {PREFIX}{user_data[1]} is set, too. Set one of them."
    if bool(options.get("image_id")) != bool(options.get("instance_type")):
        yield f"image_id and {PREFIX}instance_type: set both, or neither to manage role and instance profile only."
    elif options.get("group_name") and not options.get("image_id"):
        yield f"group_name: a group launches from an image; set {PREFIX}image_id and {PREFIX}instance_type."
    if options.get("group_subnets") and options.get("group_availability_zones"):
        yield f"group_availability_zones: the subnets of {PREFIX}group_subnets are in zones already. Set one of them."


def _group(options):
    if not options.get("group_name"):
        return
    smallest, largest, desired = (options.get(f"group_{name}") for name in ("min_size", "max_size", "desired_capacity"))
    if smallest is None or largest is None:
        yield f"group_name: set {PREFIX}group_min_size and {PREFIX}group_max_size as well."
    elif not 0 <= smallest <= (smallest if desired is None else desired) <= largest:
        yield (
            f"group_desired_capacity: 0, {PREFIX}group_min_size, the desired capacity and {PREFIX}group_max_size "
            "have to be in this order."
        )
    if options.get("assign_public_ip") and not options.get("group_subnets"):
        yield f"assign_public_ip: AWS takes this only for a group with subnets. Set {PREFIX}group_subnets."


def _negatives(options):
    prunes = ("launch_configuration_prune", "launch_template_prune")
    numbers = {f"{name}.{key}": value for name in prunes for key, value in (options.get(name) or {}).items()}
    numbers.update({name: options.get(name) for name in ("group_wait_timeout", "refresh_timeout", "wait_timeout")})
    for name, value in numbers.items():
        if value is not None and value < 0:
            yield f"{name}: {value} is negative. Set 0 or more{' seconds' if name.endswith('_timeout') else ''}."
