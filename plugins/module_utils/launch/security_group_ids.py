# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Looks up the ids of security groups that are given by name."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils.launch import security_groups


def resolve(clients, groups, vpc_id):
    """Return the ids of the groups, in order. Calls EC2 only when there is a name among them.

    :raises MissingReference: the VPC has no group of that name.
    """
    names = security_groups.names_in(groups)
    if not names:
        return groups
    return security_groups.with_ids(groups, vpc_id, find_ec2.find_security_group_ids(clients, names, vpc_id))
