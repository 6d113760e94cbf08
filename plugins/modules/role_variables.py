#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: role_variables
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Refuse unknown variables of this collection's roles
description:
  - The task fails if the name of a variable begins with C(application_), C(fleet_) or C(launch_template_migration_) and
    no role of this collection has the variable. The message names the nearest variable that exists.
  - The task also fails for C(report_) if the name resembles a variable of the role P(launchkit.aws.report#role).
  - Each role of this collection runs this task first. Ansible itself ignores a misspelt variable.
options: {}
attributes:
  action:
    support: full
    description: The task runs on the controller. It does not connect to the host.
  check_mode:
    support: full
    description: Can run in check mode and return the status without changes.
  diff_mode:
    support: none
    description: Returns details on what has changed, or what would change in check mode.
"""

EXAMPLES = r"""
- name: Refuse misspelt variables
  launchkit.aws.role_variables:
"""

RETURN = r""" # """
