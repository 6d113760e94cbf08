# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """The options that say which applications a fleet has."""

    DOCUMENTATION = r"""
options:
  applications:
    description:
      - A list with a dictionary for each application, which holds variables of the role P(launchkit.aws.application#role) by their names,
        such as C(application_name) and C(application_image_id).
      - It is checked as a whole before the first call. All mistakes are reported at once, each with its application.
      - C(application_user_data) and the like are shown by digest and size only.
    type: raw
    required: true
  defaults:
    description:
      - Such variables for every application that does not say otherwise.
    type: raw
  state:
    description:
      - Whether all applications are to be there, whatever their C(application_state) says. What they say counts when this is not set.
    type: str
    choices: ["present", "absent"]
  concurrency:
    description:
      - How many calls are made at once, 1 to 64. While AWS throttles, they slow down by themselves.
    type: int
    default: 8
"""
