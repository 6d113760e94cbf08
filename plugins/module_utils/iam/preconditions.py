# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What calls require of IAM: that a role exists, and that an instance profile exists and holds a role.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.find.iam import find_instance_profile, find_role


def _missing_role(clients, precondition):
    if find_role(clients, precondition.name) is None:
        return (
            f"{precondition.option}: the role '{precondition.name}' does not exist in this account. "
            "Create it first, for example with amazon.aws.iam_role."
        )
    return None


def _missing_instance_profile(clients, precondition):
    profile = find_instance_profile(clients, precondition.name)
    if profile is None:
        return (
            f"{precondition.option}: the instance profile '{precondition.name}' does not exist in this account. "
            "Create it first, for example with launchkit.aws.iam_instance_profile."
        )
    if not profile["Roles"]:
        return (
            f"{precondition.option}: the instance profile '{precondition.name}' holds no role, so instances would get no credentials. "
            "Give it one with the role option of launchkit.aws.iam_instance_profile."
        )
    return None


# For the executor: kind -> function that returns a sentence about what is missing, or None.
PRECONDITIONS = {"role": _missing_role, "instance_profile": _missing_instance_profile}
