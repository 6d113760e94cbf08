# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: auto_scaling_group_differences
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Compare an Auto Scaling group with what it shall be
description:
  - Takes options of M(amazon.aws.autoscaling_group), and tells in which of them an existing group differs.
  - That module says that it changed every existing group in check mode. This tells before whether it would.
positional: group
options:
  _input:
    description:
      - The options. Those that are not set are not compared. C(tags) is not one of them, see O(tags).
    type: dict
    required: true
  group:
    description:
      - The group as RV(amazon.aws.autoscaling_group_info#module:results) has it. Empty for one that does not exist.
    type: dict
    required: true
  tags:
    description:
      - The tags that the group shall have. Not compared when not set.
    type: dict
  propagate_tags:
    description:
      - Whether the group shall put its tags on its instances.
    type: bool
    default: true
  purge_tags:
    description:
      - Whether further tags of the group are a difference.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Read the group
  amazon.aws.autoscaling_group_info:
    name: web$
  register: found

- name: Change it only if it differs
  amazon.aws.autoscaling_group:
    name: web
    launch_config_name: web-3b1f0a9c5d7e2468
    min_size: 1
    max_size: 4
  when: >-
    {'launch_config_name': 'web-3b1f0a9c5d7e2468', 'min_size': 1, 'max_size': 4}
    | launchkit.aws.auto_scaling_group_differences(found.results | first | default({}))
"""

RETURN = r"""
_value:
  description: What differs. Empty when nothing does.
  type: list
  elements: dict
  contains:
    field:
      description: The option.
      type: str
      sample: min_size
    wanted:
      description: Its value as it shall be.
      type: raw
      sample: 2
    actual:
      description: Its value as it is. Empty when the group does not exist.
      type: raw
      sample: 1
"""

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group_options import differences


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return dict(auto_scaling_group_differences=differences)
