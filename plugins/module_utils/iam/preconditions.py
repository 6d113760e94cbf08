# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What calls require of IAM. A file of its own, since modules for launch settings need no more of this room.
Private to the collection: names and shapes can change in any release."""

from ..find import iam as find_iam


def _missing_role(clients, precondition):
    if find_iam.find_role(clients, precondition.name) is None:
        return (
            f"{precondition.option}: the role '{precondition.name}' does not exist in this account. "
            "Create it first, for example with amazon.aws.iam_role."
        )
    return None


def _missing_instance_profile(clients, precondition):
    profile = find_iam.find_instance_profile(clients, precondition.name)
    subject = f"{precondition.option}: the instance profile '{precondition.name}'"
    if profile is None:
        return (
            f"{subject} does not exist in this account. "
            "Create it first, for example with launchkit.aws.iam_instance_profile."
        )
    if not profile["Roles"]:
        return (
            f"{subject} holds no role, so instances would get no credentials. "
            "Add one, for example with launchkit.aws.iam_instance_profile."
        )
    return None


# For the executor: kind -> function that returns a sentence about what is missing, or None.
PRECONDITIONS = {"role": _missing_role, "instance_profile": _missing_instance_profile}
