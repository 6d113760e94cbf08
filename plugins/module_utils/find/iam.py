# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from IAM. Nothing here changes anything; what does not exist is ``None``."""

from __future__ import annotations

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core import error_codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed
from ansible_collections.launchkit.aws.plugins.module_utils.find.paginate import read, read_pages

NO_SUCH_ENTITY = error_codes.ErrorCode("NoSuchEntity")
# The most that IAM's lists give in one call; the default quota of profiles in an account.
PAGE_SIZE = 1000


def find_role(clients, name):
    """Return the role as GetRole gives it, or None.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html
    """
    return _find(clients, "get_role", f"role '{name}'", "Role", RoleName=name)


def find_role_details(clients, name, with_inline_policies):
    """Return a role as GetAccountAuthorizationDetails would give it, with what GetRole knows besides, or None. Two calls and more.

    :param with_inline_policies: whether to read these as well: a call for their names, and one for each.
    """
    role = find_role(clients, name)
    if role is None:
        return None
    iam, subject = clients("iam"), f"role '{name}'"
    attached = read_pages(iam, "list_attached_role_policies", "AttachedPolicies", subject, RoleName=name)
    names = read_pages(iam, "list_role_policies", "PolicyNames", subject, RoleName=name) if with_inline_policies else ()
    try:
        documents = {
            policy: read(iam, "get_role_policy", "PolicyDocument", subject, RoleName=name, PolicyName=policy)
            for policy in names
        }
    except ClientError as error:
        raise failed(CallFailed, subject, "get_role_policy", error) from error
    embedded = [{"PolicyName": policy, "PolicyDocument": document} for policy, document in documents.items()]
    return {**role, "AttachedManagedPolicies": attached, "RolePolicyList": embedded}


def list_role_details(clients):
    """Return all roles with their policies and tags, but without description and longest session.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    return read_pages(
        clients("iam"),
        "get_account_authorization_details",
        "RoleDetailList",
        "roles of the account",
        PaginationConfig={"PageSize": PAGE_SIZE},
        Filter=["Role"],
    )


def count_roles(clients):
    """Return the number of roles in the account, which is one small call.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
    """
    return _find(clients, "get_account_summary", "account summary", "SummaryMap")["Roles"]


def list_roles(clients):
    """Return all roles with description and longest session, but without policies and tags.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
    """
    return read_pages(
        clients("iam"), "list_roles", "Roles", "roles of the account", PaginationConfig={"PageSize": PAGE_SIZE}
    )


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
        return read(clients("iam"), operation, key, subject, **arguments)
    except ClientError as error:
        if NO_SUCH_ENTITY.matches(error):
            return None
        raise failed(CallFailed, subject, operation, error) from error
