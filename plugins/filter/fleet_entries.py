# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: fleet_entries
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Fill in the entries of a fleet
description:
  - Takes the applications of a fleet and returns those of the given names, each with all variables of the role
    P(launchkit.aws.application#role) that have a value, be it the application's own, that of O(defaults), or the role's default.
options:
  _input:
    description:
      - A list of dictionaries with variables of the role.
    type: list
    elements: dict
    required: true
  defaults:
    description:
      - Such variables for every application that does not say otherwise.
    type: dict
  state:
    description:
      - C(application_state) for all of them.
    type: str
  names:
    description:
      - The names of the applications to return. All when not set.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: Show what an application is made of
  ansible.builtin.debug:
    msg: "{{ [{'application_name': 'shop'}] | launchkit.aws.fleet_entries(defaults={'application_instance_type': 't3.small'}) }}"
"""

RETURN = r"""
_value:
  description: The variables of each application. They can hold user data.
  type: list
  elements: dict
"""

from ansible_collections.launchkit.aws.plugins.module_utils.application.options import (
    DEFAULTS,
    PREFIX,
    given,
    with_derived,
)


def fleet_entries(applications, defaults=None, state=None, names=None):
    """Return the variables of each application, those without a value left out."""
    return [
        _filled(entry, defaults or {}, state)
        for entry in applications
        if names is None or str(entry[f"{PREFIX}name"]) in names
    ]


def _filled(entry, defaults, state):
    variables = {**DEFAULTS, **given(defaults), **given(entry)}
    if state is not None:
        variables[f"{PREFIX}state"] = state
    options = with_derived({name[len(PREFIX) :]: value for name, value in variables.items()})
    return {PREFIX + name: value for name, value in options.items()}


class FilterModule:
    """The filter, under its name."""

    def filters(self):
        return dict(fleet_entries=fleet_entries)
