# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


class ModuleDocFragment:
    """What the modules of this collection support, in the words of Ansible's attributes."""

    STATE = r"""
notes:
  - A task that fails after a change returns C(changed=true), C(calls) with the calls that were made, and C(rolled_back) with
    those that rolled some of them back. M(launchkit.aws.fleet) returns them for each application.
attributes:
  check_mode: {description: Whether the module can run without changes and return what it would change., support: full}
  diff_mode:
    description: Whether the module returns a diff. User data is shown by digest and size only.
    support: full
  idempotent: {description: Whether a second run with the same options changes nothing., support: full}
  action_group:
    description: The action group for C(module_defaults) that the module belongs to.
    support: full
    membership: [launchkit.aws.aws]
"""

    INFO = r"""
attributes:
  check_mode: {description: Whether the module can run in check mode. It only reads., support: full}
  diff_mode: {description: Whether the module returns a diff. It changes nothing., support: N/A}
  idempotent: {description: Whether a second run with the same options changes nothing., support: full}
  action_group:
    description: The action group for C(module_defaults) that the module belongs to.
    support: full
    membership: [launchkit.aws.aws]
"""
