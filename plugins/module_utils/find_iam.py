# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from IAM. Nothing here changes anything; what does not exist is ``None``."""

from __future__ import annotations

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils import answers
from ansible_collections.launchkit.aws.plugins.module_utils.errors import CallFailed, failed
from ansible_collections.launchkit.aws.plugins.module_utils.reading import read, read_pages

NO_SUCH_ENTITY = answers.Answer("NoSuchEntity")
# The most that IAM's lists give in one call; the default quota of profiles in an account.
PAGE_SIZE = 1000


def find_role(clients, name):
    """Return the role as GetRole gives it, or None.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    return _find(clients, "get_role", f"role '{name}'", "Role", RoleName=name)


def find_instance_profile(clients, name):
    """Return the instance profile as GetInstanceProfile gives it, tags and roles included, or None.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html
    """
    return _find(
        clients, "get_instance_profile", f"instance profile '{name}'", "InstanceProfile", InstanceProfileName=name
    )


def find_managed_policy(clients, arn):
    """Return the managed policy as GetPolicy gives it, or None.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html
    """
    return _find(clients, "get_policy", f"managed policy '{arn}'", "Policy", PolicyArn=arn)


def list_managed_policies(clients):
    """Return all managed policies that can be attached, AWS's own and the account's, as ListPolicies gives them: over a thousand."""
    return read_pages(
        clients("iam"),
        "list_policies",
        "Policies",
        "managed policies",
        PaginationConfig={"PageSize": PAGE_SIZE},
        Scope="All",
    )


def list_instance_profiles(clients, path_prefix=None, role=None):
    """Return instance profiles as ListInstanceProfiles or ListInstanceProfilesForRole give them, which is without tags.

    :param path_prefix: only those whose path begins with this.
    :param role: only those that hold the role of this name.
    """
    if role is not None:
        try:
            return read_pages(
                clients("iam"),
                "list_instance_profiles_for_role",
                "InstanceProfiles",
                f"instance profiles of role '{role}'",
                RoleName=role,
            )
        except CallFailed as failure:
            if NO_SUCH_ENTITY.matches(failure.exception):
                return []
            raise
    prefix = {} if path_prefix is None else {"PathPrefix": path_prefix}
    return read_pages(
        clients("iam"),
        "list_instance_profiles",
        "InstanceProfiles",
        "instance profiles",
        PaginationConfig={"PageSize": PAGE_SIZE},
        **prefix,
    )


def find_instance_profile_ignoring_case(clients, name):
    """Return the instance profile whose name is the given one when letter case is ignored, or None.

    IAM keeps names unique without regard to case, so that a profile whose name differs in case stands in the way of a new one:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    found = find_instance_profile(clients, name)
    if found is not None:
        return found
    for profile in list_instance_profiles(clients):
        if profile["InstanceProfileName"].casefold() == name.casefold():
            return find_instance_profile(clients, profile["InstanceProfileName"])
    return None


def _find(clients, operation, subject, key, **arguments):
    try:
        return read(clients("iam"), operation, subject, **arguments)[key]
    except ClientError as error:
        if NO_SUCH_ENTITY.matches(error):
            return None
        raise failed(CallFailed, subject, operation, error) from error
