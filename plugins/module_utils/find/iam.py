# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from IAM, and from STS whose account it is. What does not exist is None.
Private to the collection: names and shapes can change in any release."""

from ..core.error_codes import codes
from .paginate import read, read_pages

_ABSENT = codes("NoSuchEntity")
# The most that IAM's lists give in one call; the default quota of profiles in an account.
_PAGE = {"PageSize": 1000}


def find_account(clients):
    """Return the partition and the 12 digits of the account that the credentials belong to.

    Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    arn = read(clients("sts"), "get_caller_identity", "Arn", "identity of the credentials in use")
    dummy, partition, dummy, dummy, account, dummy = arn.split(":", 5)
    return partition, account


def find_role(clients, name):
    """Return the role as GetRole gives it, or None."""
    return read(clients("iam"), "get_role", "Role", f"role '{name}'", absent=_ABSENT, RoleName=name)


def find_role_details(clients, name, with_inline_policies):
    """Return a role as GetAccountAuthorizationDetails would give it, with what only GetRole returns, or None.

    :param with_inline_policies: whether to read these as well: a call for their names, and one for each.
    """
    role = find_role(clients, name)
    if role is None:
        return None
    iam, subject = clients("iam"), f"role '{name}'"
    attached = read_pages(iam, "list_attached_role_policies", "AttachedPolicies", subject, RoleName=name)
    names = read_pages(iam, "list_role_policies", "PolicyNames", subject, RoleName=name) if with_inline_policies else ()
    embedded = []
    for policy in names:
        document = read(iam, "get_role_policy", "PolicyDocument", subject, RoleName=name, PolicyName=policy)
        embedded.append({"PolicyName": policy, "PolicyDocument": document})
    return {**role, "AttachedManagedPolicies": attached, "RolePolicyList": embedded}


def list_role_details(clients):
    """Return all roles with their policies and tags, but without description and longest session."""
    return _list(
        clients, "get_account_authorization_details", "RoleDetailList", "roles of the account", Filter=["Role"]
    )


def list_role_and_policy_details(clients):
    """Return all roles, see :func:`list_role_details`, and the customer managed policies with their versions."""
    kinds, subject = ["Role", "LocalManagedPolicy"], "roles and policies of the account"
    details = _list(clients, "get_account_authorization_details", None, subject, Filter=kinds)
    return details.get("RoleDetailList") or [], details.get("Policies") or []


def simulate(clients, arn, actions, resources):
    """Return the decision for each action on each resource, as SimulatePrincipalPolicy gives it."""
    subject = f"policy simulation of '{arn}'"
    arguments = dict(PolicySourceArn=arn, ActionNames=list(actions), ResourceArns=list(resources))
    return _list(clients, "simulate_principal_policy", "EvaluationResults", subject, **arguments)


def count_roles(clients):
    """Return the number of roles in the account, which is one small call."""
    return read(clients("iam"), "get_account_summary", "SummaryMap", "account summary")["Roles"]


def list_roles(clients):
    """Return all roles with description and longest session, but without policies and tags."""
    return _list(clients, "list_roles", "Roles", "roles of the account")


def find_instance_profile(clients, name):
    """Return the instance profile as GetInstanceProfile gives it, tags and roles included, or None."""
    subject = f"instance profile '{name}'"
    return read(
        clients("iam"), "get_instance_profile", "InstanceProfile", subject, absent=_ABSENT, InstanceProfileName=name
    )


def find_managed_policy(clients, arn):
    """Return the managed policy as GetPolicy gives it, or None."""
    return read(clients("iam"), "get_policy", "Policy", f"managed policy '{arn}'", absent=_ABSENT, PolicyArn=arn)


def list_managed_policies(clients):
    """Return all managed policies, AWS's and the account's, as ListPolicies gives them: over a thousand."""
    return _list(clients, "list_policies", "Policies", "managed policies", Scope="All")


def list_instance_profiles(clients, path_prefix=None, role=None):
    """Return instance profiles as ListInstanceProfiles or ListInstanceProfilesForRole give them, which is without tags.

    :param path_prefix: only those whose path begins with this.
    :param role: only those that hold the role of this name.
    """
    if role is not None:
        operation, subject = "list_instance_profiles_for_role", f"instance profiles of role '{role}'"
        return read_pages(clients("iam"), operation, "InstanceProfiles", subject, absent=_ABSENT, RoleName=role)
    prefix = {} if path_prefix is None else {"PathPrefix": path_prefix}
    return _list(clients, "list_instance_profiles", "InstanceProfiles", "instance profiles", **prefix)


def find_instance_profile_ignoring_case(clients, name):
    """Return the instance profile whose name is the given one when letter case is ignored, or None.

    IAM ignores letter case, so a profile whose name differs in case only prevents the creation of a new one:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    """
    profile = find_instance_profile(clients, name)
    if profile is not None:
        return profile
    for other in list_instance_profiles(clients):
        if other["InstanceProfileName"].casefold() == name.casefold():
            return find_instance_profile(clients, other["InstanceProfileName"])
    return None


def _list(clients, operation, key, subject, **arguments):
    return read_pages(clients("iam"), operation, key, subject, PaginationConfig=_PAGE, **arguments)
