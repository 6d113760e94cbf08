# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM beyond instance profiles themselves: tags, lists, trust policies, bulk reads and the policy simulator."""

from __future__ import annotations

from typing import Any

from ..authorization import may_assume
from ..consistency import listed
from ..policies import decide
from ..registry import Refusal, answers, refuses
from ..settings import SETTINGS
from ..strict import Call

API = "botocore's iam service model"
TAGGED = ("CreateInstanceProfile", "TagInstanceProfile")
TAGS = "IAM user guide, 'Tagging IAM resources'"


@refuses(
    "iam", *TAGGED, when="two tag keys differ at most in case", code="InvalidInput",
    text="Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    source="quoted in github-aws-runners/terraform-aws-github-runner#1346",
)  # fmt: skip
def profile_tags_twice(call: Call) -> Any:
    keys = [tag["Key"].lower() for tag in call.params.get("Tags") or []]
    return {} if len(keys) != len(set(keys)) else None


@refuses(
    "iam", *TAGGED, "CreateRole", "TagRole", when="a tag key begins with aws:", code="InvalidInput",
    text="Tag keys with the prefix aws: are reserved for AWS: {key}",
    source=TAGS + ": keys can't begin with aws:; InvalidInputException in " + API + "; wording unverified",
)  # fmt: skip
def reserved_tag(call: Call) -> Any:
    keys = [tag["Key"] for tag in call.params.get("Tags") or []]
    return next(({"key": key} for key in keys if key.lower().startswith("aws:")), None)


@refuses(
    "iam", "TagInstanceProfile", when="there would be more than 50 tags", code="LimitExceeded", status=409,
    text="Cannot exceed quota for TagsPerInstanceProfile: 50",
    source=TAGS + "; LimitExceededException in " + API + "; wording after the other quotas' (unverified)",
)  # fmt: skip
def too_many_profile_tags(call: Call) -> Any:
    profile = call.iam.get_instance_profile(call.params["InstanceProfileName"])
    keys = {tag["Key"].lower() for tag in [*profile.tags, *call.params["Tags"]]}
    return {} if len(keys) > 50 else None


@answers(
    "iam", "TagInstanceProfile", when="a key that differs in case only replaces the tag",
    source=TAGS + ": keys are case-insensitive, and their case is kept",
)  # fmt: skip
def tag_instance_profile(call: Call, moto_method: Any) -> None:
    profile = call.iam.get_instance_profile(call.params["InstanceProfileName"])
    new = {tag["Key"].lower() for tag in call.params["Tags"]}
    profile.tags = [tag for tag in profile.tags if tag["Key"].lower() not in new] + list(call.params["Tags"])


def _page(call: Call, items: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """One page by MaxItems (100 when unset) and Marker, and the fields that tell of the next."""
    try:
        start = int(call.params.get("Marker") or 0)
    except ValueError:
        raise Refusal("ValidationError", "Invalid Marker.") from None
    end = start + SETTINGS.most_of_a_page(int(call.params.get("MaxItems") or 100))
    more = end < len(items)
    return items[start:end], {"IsTruncated": more, **({"Marker": str(end)} if more else {})}


def _without_tags(profile: Any) -> dict[str, Any]:
    return {
        "Path": profile.path, "InstanceProfileName": profile.name, "InstanceProfileId": profile.id, "Arn": profile.arn,
        "CreateDate": profile.create_date, "Roles": [_role_in_profile(role) for role in profile.roles],
    }  # fmt: skip


def _role_in_profile(role: Any) -> dict[str, Any]:
    """A role as instance profiles show it, which is what all answers say of a role."""
    return {
        "Path": role.path, "RoleName": role.name, "RoleId": role.id, "Arn": role.arn, "CreateDate": role.create_date,
        "AssumeRolePolicyDocument": role.assume_role_policy_document,
    }  # fmt: skip


@answers(
    "iam", "ListInstanceProfiles", when="tags are left out, PathPrefix filters, MaxItems and Marker make pages, sorted by name",
    source="ListInstanceProfiles in " + API,
)  # fmt: skip
def list_instance_profiles(call: Call, moto_method: Any) -> dict[str, Any]:
    prefix = call.params.get("PathPrefix") or "/"
    found = [profile for profile in call.iam.instance_profiles.values() if profile.path.startswith(prefix)]
    page, rest = _page(call, sorted(found, key=lambda profile: profile.name))
    return {"InstanceProfiles": [_without_tags(profile) for profile in listed(page)], **rest}


@answers(
    "iam", "ListInstanceProfilesForRole", when="the role must exist, tags are left out, and pages are made",
    source="ListInstanceProfilesForRole in " + API,
)  # fmt: skip
def list_instance_profiles_for_role(call: Call, moto_method: Any) -> dict[str, Any]:
    name = call.iam.get_role(call.params["RoleName"]).name
    found = [
        profile for profile in call.iam.instance_profiles.values() if any(role.name == name for role in profile.roles)
    ]
    page, rest = _page(call, sorted(found, key=lambda profile: profile.name))
    return {"InstanceProfiles": [_without_tags(profile) for profile in listed(page)], **rest}


@answers("iam", "ListInstanceProfileTags", when="tags are listed by pages", source="ListInstanceProfileTags in " + API)
def list_instance_profile_tags(call: Call, moto_method: Any) -> dict[str, Any]:
    profile = call.iam.get_instance_profile(call.params["InstanceProfileName"])
    page, rest = _page(call, sorted(profile.tags, key=lambda tag: tag["Key"]))
    return {"Tags": page, **rest}


@answers(
    "iam", "UpdateRole", when="what is not given stays",
    source="Description and MaxSessionDuration of UpdateRole in " + API + " are optional; the duration's default of one hour "
    "when it is left out is unverified",
)  # fmt: skip
def update_role(call: Call, moto_method: Any) -> dict[str, Any]:
    role = call.iam.get_role(call.params["RoleName"])
    for name, attribute in (("Description", "description"), ("MaxSessionDuration", "max_session_duration")):
        if call.params.get(name) is not None:
            setattr(role, attribute, call.params[name])
    return {}


@refuses(
    "iam", "CreateInstanceProfile", when="there are 1000 in the account (setting instance_profile_quota)", code="LimitExceeded",
    status=409, text="Cannot exceed quota for InstanceProfilesPerAccount: {most}",
    source="quoted in ansible/workshops#1801",
)  # fmt: skip
def instance_profile_quota(call: Call) -> Any:
    most = SETTINGS.instance_profile_quota
    return {"most": most} if len(call.iam.instance_profiles) >= most else None


@answers(
    "iam", "ListRoles", when="PathPrefix filters, MaxItems and Marker make pages, and boundary, last use and tags are left out",
    source="ListRoles in " + API + "; the order by name is unverified",
)  # fmt: skip
def list_roles(call: Call, moto_method: Any) -> dict[str, Any]:
    prefix = call.params.get("PathPrefix") or "/"
    found = [role for role in call.iam.roles.values() if role.path.startswith(prefix)]
    page, rest = _page(call, sorted(found, key=lambda role: role.name))
    roles = [
        {**_role_in_profile(role), "Description": role.description, "MaxSessionDuration": role.max_session_duration}
        for role in listed(page)
    ]
    return {"Roles": roles, **rest}


@answers("iam", "ListRolePolicies", when="names are listed by pages", source="ListRolePolicies in " + API)
def list_role_policies(call: Call, moto_method: Any) -> dict[str, Any]:
    page, rest = _page(call, sorted(call.iam.get_role(call.params["RoleName"]).policies))
    return {"PolicyNames": page, **rest}


@answers(
    "iam", "ListAttachedRolePolicies", when="policies are listed by pages (setting page_size)", source="ListAttachedRolePolicies in " + API
)  # fmt: skip
def list_attached_role_policies(call: Call, moto_method: Any) -> dict[str, Any]:
    prefix = call.params.get("PathPrefix") or "/"
    attached = call.iam.get_role(call.params["RoleName"]).managed_policies.values()
    found = [policy for policy in attached if policy.path.startswith(prefix)]
    page, rest = _page(call, sorted(found, key=lambda policy: policy.name))
    return {"AttachedPolicies": [{"PolicyName": policy.name, "PolicyArn": policy.arn} for policy in page], **rest}


@answers(
    "iam", "GetAccountAuthorizationDetails",
    when="pages are made over all kinds together, and instance profiles and the roles in them show no more than lists do",
    source="GetAccountAuthorizationDetails in " + API + "; its RoleDetail has no Description and no MaxSessionDuration; example in the AWS CLI "
    "reference for InstanceProfileList (that tags never stand there is unverified); noqdev/iambic#217 for PermissionsBoundary",
)  # fmt: skip
def get_account_authorization_details(call: Call, moto_method: Any) -> dict[str, Any]:
    details = call.iam.get_account_authorization_details(call.params.get("Filter") or [])
    lists = {
        "UserDetailList": "users",
        "GroupDetailList": "groups",
        "RoleDetailList": "roles",
        "Policies": "managed_policies",
    }
    entries = [(name, item) for name, kind in lists.items() for item in details[kind]]
    page, rest = _page(call, entries)
    holding: dict[str, list[Any]] = {}
    for profile in listed([profile for profile in call.iam.instance_profiles.values() if profile.roles]):
        for role in profile.roles:
            holding.setdefault(role.id, []).append(_without_tags(profile))
    answer = {name: [item for kind, item in page if kind == name] for name in lists}
    answer["RoleDetailList"] = [
        _role_detail(role, holding.get(role.id, [])) for role in listed(answer["RoleDetailList"])
    ]
    return {**answer, **rest}


def _role_detail(role: Any, profiles: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **_role_in_profile(role), "InstanceProfileList": profiles, "RolePolicyList": role.role_policy_list,
        "AttachedManagedPolicies": role.attached_managed_policies, "PermissionsBoundary": role.permissions_boundary,
        "Tags": role.tags or [], "RoleLastUsed": role.role_last_used,
    }  # fmt: skip


@answers(
    "iam", "SimulatePrincipalPolicy", when="attached and inline policies and the boundary are evaluated for each action and resource",
    source="SimulatePrincipalPolicy in " + API + "; IAM user guide, 'Policy evaluation logic'",
)  # fmt: skip
def simulate_principal_policy(call: Call, moto_method: Any) -> dict[str, Any]:
    arn = call.params["PolicySourceArn"]
    identities = [*call.iam.roles.values(), *call.iam.users.values()]
    identity = next((identity for identity in identities if identity.arn == arn), None)
    if identity is None:
        raise Refusal("NoSuchEntity", f"The source ARN {arn} cannot be found.", 404)
    context = {
        entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in call.params.get("ContextEntries") or []
    }
    results = []
    for action in call.params["ActionNames"]:
        for resource in call.params.get("ResourceArns") or ["*"]:
            decision, matched = decide(identity, call.iam, action, resource, context)
            results.append(
                {
                    "EvalActionName": action,
                    "EvalResourceName": resource,
                    "EvalDecision": decision,
                    "MatchedStatements": [
                        {"SourcePolicyId": statement.policy, "SourcePolicyType": statement.kind}
                        for statement in matched
                    ],
                    "MissingContextValues": [],
                }
            )
    page, rest = _page(call, results)
    return {"EvaluationResults": page, **rest}


@refuses(
    "sts", "AssumeRole", when="the role does not exist, or its trust policy does not name the caller", code="AccessDenied",
    status=403, text="User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}",
    source="IAM user guide, 'Troubleshoot access denied error messages' and 'Troubleshoot IAM roles'. That the root user, which a "
    "key of nobody stands for here, can't assume roles is left out",
)  # fmt: skip
def role_not_assumable(call: Call) -> Any:
    arn = call.params["RoleArn"]
    role = next((role for role in call.iam.roles.values() if role.arn == arn), None)
    return None if role and may_assume(call, role) else {"caller": call.exchange.principal, "role": arn}


@answers(
    "sts", "GetCallerIdentity", when="the key belongs to nobody: it stands for the root user, as everywhere here",
    source="GetCallerIdentity in botocore's sts service model; IAM user guide, 'IAM identifiers', for the root user's ARN",
)  # fmt: skip
def caller_identity(call: Call, moto_method: Any) -> Any:
    principal = call.exchange.principal
    if not principal.endswith(":root"):
        return moto_method()
    return {"UserId": call.account, "Account": call.account, "Arn": principal}
