# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: auto_scaling_group_capacity
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Keep the capacity that scaling gave an Auto Scaling group, within its limits
description:
  - Tells the capacity to ask for. Auto Scaling refuses limits that the capacity of the group is outside of.
positional: min_size, max_size, group
options:
  _input:
    description:
      - The capacity that is wanted. None to leave it to scaling.
    type: int
    required: true
  min_size:
    description:
      - The least number of instances.
    type: int
    required: true
  max_size:
    description:
      - The greatest number of instances.
    type: int
    required: true
  group:
    description:
      - The group as RV(amazon.aws.autoscaling_group_info#module:results) has it. Empty for one that does not exist.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Show the capacity that scaling gave the group, or the new limit that it is outside of
  ansible.builtin.debug:
    msg: "{{ none | launchkit.aws.auto_scaling_group_capacity(2, 4, found.results[0]) }}"
"""

RETURN = r"""
_value:
  description: The capacity.
  type: int
  sample: 2
"""

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group_options import capacity


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return dict(auto_scaling_group_capacity=capacity)
