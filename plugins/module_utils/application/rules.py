# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the variables of the role ``application`` have to be together, beyond the type of each. All of it pure."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")


def not_text(variables):
    """Return a message for user data that is no text: Ansible would write a dictionary as Python does.

    :param variables: as they were given, under the names of the role's variables.
    """
    return [
        f"{name}: has to be text. For JSON, write a block of text, or use application_user_data_base64."
        for name in ("application_user_data", "application_user_data_base64")
        if not isinstance(variables.get(name, ""), str)
    ]


def mistakes(options):
    """Return a message for each rule that the options break.

    :param options: the role's variables without what they all begin with, with their defaults.
    """
    rules = (_name,) if options["state"] == "absent" else (_name, _trust, _user_data, _launch, _group, _limits, _zones)
    return [message for rule in rules for message in [rule(options)] if message]


def _name(options):
    if not _NAME.fullmatch(options["name"]):
        return f"application_name: '{options['name']}' must be 1 to 64 letters, digits and any of _+=,.@- since it names IAM resources."
    return None


def _trust(options):
    if options.get("trust_policy") and options.get("trust_principal"):
        return "application_trust_principal: application_trust_policy is set and says who may assume the role. Set one of them."
    return None


def _user_data(options):
    given = [name for name in ("user_data", "user_data_base64", "user_data_path") if options.get(name) is not None]
    if len(given) > 1:
        return f"application_{given[0]}: application_{given[1]} is set, too. Set one of them."
    return None


def _launch(options):
    if bool(options.get("image_id")) != bool(options.get("instance_type")):
        return "application_image_id and application_instance_type: set both, or neither to manage role and instance profile only."
    if options.get("group_name") and not options.get("image_id"):
        return "application_group_name: a group launches from an image; set application_image_id and application_instance_type."
    return None


def _group(options):
    if options.get("group_name") and None in (options.get("group_min_size"), options.get("group_max_size")):
        return "application_group_name: set application_group_min_size and application_group_max_size as well."
    return None


def _limits(options):
    smallest, largest = options.get("group_min_size"), options.get("group_max_size")
    if not options.get("group_name") or None in (smallest, largest):
        return None
    desired = options.get("group_desired_capacity")
    if not 0 <= smallest <= (smallest if desired is None else desired) <= largest:
        return (
            "application_group_desired_capacity: from 0, application_group_min_size, the desired capacity and application_group_max_size "
            "have to be in this order."
        )
    return None


def _zones(options):
    if options.get("group_subnets") and options.get("group_availability_zones"):
        return "application_group_availability_zones: the subnets of application_group_subnets are in zones already. Set one of them."
    return None
