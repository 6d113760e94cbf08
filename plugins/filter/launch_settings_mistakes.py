# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: launch_settings_mistakes
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Find mistakes in launch settings before anything is made
description:
  - Takes options of M(launchkit.aws.autoscaling_launch_configuration) or M(launchkit.aws.ec2_launch_template) and returns what these
    modules would refuse before their first call.
  - So a play can refuse bad input before it makes the role and the instance profile that come first.
  - What V(user_data_path) names is not looked at, since it may lie on another host.
options:
  _input:
    description:
      - The options that describe what an instance is launched with. Those that are empty are not set.
    type: dict
    required: true
  launch_with:
    description:
      - What the settings are for. The two take different values, such as volume types.
    type: str
    choices: ["launch_configuration", "launch_template"]
    default: launch_configuration
  prefix:
    description:
      - What messages put before the name of an option, for a role whose variables have one.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Refuse bad launch settings
  ansible.builtin.assert:
    that: mistakes | length == 0
    fail_msg: "{{ mistakes | join(' ') }}"
  vars:
    mistakes: "{{ {'image_id': 'ami-baba68d3', 'metadata_options': {'http_put_response_hop_limit': 65}} | launchkit.aws.launch_settings_mistakes }}"
"""

RETURN = r"""
_value:
  description: The messages, which name no user data. Empty when there is nothing to refuse.
  type: list
  elements: str
"""

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices, security_groups
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import (
    LAUNCH_SETTINGS_ARGUMENTS,
    from_params,
)

LIMITS = {
    "launch_configuration": block_devices.LAUNCH_CONFIGURATION,
    "launch_template": block_devices.LAUNCH_TEMPLATE,
}


def launch_settings_mistakes(options, launch_with="launch_configuration", prefix=""):
    """Return the messages of what the modules would refuse.

    :raises AnsibleFilterError: ``launch_with`` is none of the choices.
    """
    if launch_with not in LIMITS:
        raise AnsibleFilterError(
            f"launch_settings_mistakes: launch_with is '{launch_with}'; give one of {', '.join(LIMITS)}."
        )
    given = {name: value for name, value in options.items() if value is not None}
    validated = ArgumentSpecValidator(LAUNCH_SETTINGS_ARGUMENTS).validate(given)
    if validated.error_messages:
        # These name options anywhere in the sentence.
        return [f"{prefix}*: {message}" if prefix else message for message in validated.error_messages]
    params = dict(validated.validated_parameters)
    if not (params["user_data"] or params["user_data_base64"]):
        # The file is on the host that runs the module.
        params["user_data_path"] = None
    try:
        settings = from_params(params, LIMITS[launch_with])
        security_groups.check(settings.security_groups, params["vpc_id"])
    except InvalidOption as mistake:
        return [prefix + mistake.message]
    return []


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        """Return the filters by name."""
        return dict(launch_settings_mistakes=launch_settings_mistakes)
