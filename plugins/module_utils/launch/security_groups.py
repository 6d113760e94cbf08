# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Security groups given by name, and their ids."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference


def names_in(security_groups):
    """Return those that are names. EC2 lets no group's name begin with ``sg-``, so whatever does is an id."""
    return tuple(group for group in security_groups or () if not group.startswith("sg-"))


def check(security_groups, vpc_id):
    """Check that names come with the VPC that they are unique in.

    :raises InvalidOption: a name is given, and no ``vpc_id``; or an empty name.
    """
    names = names_in(security_groups)
    if "" in names:
        raise InvalidOption("security_groups: one of the values is empty. Remove it.")
    if names and not vpc_id:
        raise InvalidOption(
            f"security_groups: '{names[0]}' is a name, and names are unique within a VPC only. Give vpc_id as well, or the group's id (sg-...)."
        )


def with_ids(security_groups, vpc_id, ids):
    """Return the ids of groups that are given by name or id, in order.

    :param ids: name -> id, for the names that the VPC has.
    :raises MissingReference: the VPC has no group of that name.
    """
    missing = [name for name in names_in(security_groups) if name not in ids]
    if missing:
        raise MissingReference(
            f"security_groups: VPC '{vpc_id}' has no security group named {_quoted(missing)}. No changes were made."
        )
    return security_groups and tuple(sorted({ids.get(group, group) for group in security_groups}))


def _quoted(names):
    return ", ".join(f"'{name}'" for name in names)
