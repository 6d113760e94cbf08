# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from tests.embedded_aws.table import Account, Error, Table, policy, trust_in

row = Table()


@row(
    "profile-tags-twice",
    Error("InvalidInput", 400, "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
)
def tags_that_differ_in_case(account: Account) -> Any:
    return account.profile(Tags=[{"Key": "team", "Value": "a"}, {"Key": "Team", "Value": "b"}])


@row("reserved-tag", Error("InvalidInput", 400, "aws:"))
def a_tag_of_aws(account: Account) -> Any:
    return account.profile(Tags=[{"Key": "AWS:team", "Value": "a"}])


@row("too-many-profile-tags", Error("LimitExceeded", 409, "Cannot exceed quota for TagsPerInstanceProfile: 50"))
def one_tag_too_many(account: Account) -> Any:
    account.profile(Tags=[{"Key": f"key{number}", "Value": "v"} for number in range(50)])
    account.iam.tag_instance_profile(InstanceProfileName="app", Tags=[{"Key": "KEY1", "Value": "again"}])
    return account.iam.tag_instance_profile(InstanceProfileName="app", Tags=[{"Key": "new", "Value": "v"}])


@row("tag-instance-profile", [{"Key": "TEAM", "Value": "b"}])
def a_tag_under_another_case(account: Account) -> Any:
    account.profile(Tags=[{"Key": "team", "Value": "a"}])
    account.iam.tag_instance_profile(InstanceProfileName="app", Tags=[{"Key": "TEAM", "Value": "b"}])
    return account.iam.get_instance_profile(InstanceProfileName="app")["InstanceProfile"]["Tags"]


@row("list-instance-profiles", (["b", "c"], False))
def profiles_by_prefix_without_tags(account: Account) -> Any:
    account.profile("a")
    account.profile("c", Path="/team/x/", Tags=[{"Key": "k", "Value": "v"}])
    account.profile("b", Path="/team/")
    found = account.iam.list_instance_profiles(PathPrefix="/team/")["InstanceProfiles"]
    return [profile["InstanceProfileName"] for profile in found], any("Tags" in profile for profile in found)


@row("list-instance-profiles", ([2, 2, 1], ["p0", "p1", "p2", "p3", "p4"]))
def profiles_by_pages(account: Account) -> Any:
    for number in range(5):
        account.profile(f"p{number}")
    pages = list(account.iam.get_paginator("list_instance_profiles").paginate(PaginationConfig={"PageSize": 2}))
    names = [profile["InstanceProfileName"] for page in pages for profile in page["InstanceProfiles"]]
    return [len(page["InstanceProfiles"]) for page in pages], names


@row("list-instance-profiles-for-role", Error("NoSuchEntity", 404, "The role with name gone cannot be found."))
def profiles_of_a_missing_role(account: Account) -> Any:
    return account.iam.list_instance_profiles_for_role(RoleName="gone")


@row("list-instance-profile-tags", ([{"Key": "a", "Value": "1"}], True))
def tags_by_pages(account: Account) -> Any:
    account.profile(Tags=[{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}])
    answer = account.iam.list_instance_profile_tags(InstanceProfileName="app", MaxItems=1)
    return answer["Tags"], answer["IsTruncated"]


@row("update-role", ("about", 7200))
def an_update_of_the_duration_alone(account: Account) -> Any:
    account.role(Description="about")
    account.iam.update_role(RoleName="app", MaxSessionDuration=7200)
    role = account.iam.get_role(RoleName="app")["Role"]
    return role.get("Description"), role["MaxSessionDuration"]


@row("instance-profile-quota", Error("LimitExceeded", 409, "Cannot exceed quota for InstanceProfilesPerAccount: 1"))
def one_profile_too_many(account: Account) -> Any:
    account.aws.set(instance_profile_quota=1)
    account.profile("one")
    return account.profile("two")


@row("get-account-authorization-details", ([2, 1], False, "app-0"))
def details_by_pages(account: Account) -> Any:
    for number in range(3):
        account.role(f"app-{number}", Description="about")
    pages = list(
        account.iam.get_paginator("get_account_authorization_details").paginate(
            Filter=["Role"], PaginationConfig={"PageSize": 2}
        )
    )
    roles = [role for page in pages for role in page["RoleDetailList"]]
    return [len(page["RoleDetailList"]) for page in pages], "Description" in roles[0], roles[0]["RoleName"]


@row("get-account-authorization-details", (["RoleId"], ["InstanceProfileId"], ["web"]))
def details_of_the_profiles_of_a_role(account: Account) -> Any:
    account.role(Description="about", Tags=[{"Key": "k", "Value": "v"}])
    account.profile("web", Tags=[{"Key": "k", "Value": "v"}])
    account.profile("other")
    account.iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="app")
    (detail,) = account.iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    (profile,) = detail["InstanceProfileList"]
    (role,) = profile["Roles"]
    plain = {"Path", "Arn", "CreateDate"}
    return (
        sorted(set(role) - plain - {"RoleName", "AssumeRolePolicyDocument"}),
        sorted(set(profile) - plain - {"InstanceProfileName", "Roles"}),
        [each["InstanceProfileName"] for each in detail["InstanceProfileList"]],
    )


@row("list-roles", ([1, 1], [("a", "about", 3600), ("b", None, 7200)]))
def roles_by_pages(account: Account) -> Any:
    account.role("b", Path="/team/", MaxSessionDuration=7200)
    account.role("c")
    account.role("a", Path="/team/x/", Description="about", Tags=[{"Key": "k", "Value": "v"}])
    account.aws.set(page_size=1)
    pages = list(account.iam.get_paginator("list_roles").paginate(PathPrefix="/team/"))
    roles = [role for page in pages for role in page["Roles"]]
    assert not any("Tags" in role for role in roles)
    return (
        [len(page["Roles"]) for page in pages],
        [(role["RoleName"], role.get("Description"), role["MaxSessionDuration"]) for role in roles],
    )


def lag(account: Account, **settings: float) -> None:
    """What is created now is not listed yet, although it is found by name."""
    account.aws.set(iam_miss_rate=1, **(settings or {"iam_list_delay": 60}))
    account.role()
    account.profile()
    if not settings:
        account.iam.get_role(RoleName="app")
        account.iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")


@row("list-roles", [])
def a_new_role_is_not_listed_yet(account: Account) -> Any:
    lag(account)
    return [role["RoleName"] for role in account.iam.list_roles()["Roles"]]


@row("list-roles", [])
def lists_are_never_earlier_than_reads(account: Account) -> Any:
    lag(account, iam_delay=60)
    return [role["RoleName"] for role in account.iam.list_roles()["Roles"]]


@row("list-instance-profiles", [])
def a_new_profile_is_not_listed_yet(account: Account) -> Any:
    lag(account)
    return [profile["InstanceProfileName"] for profile in account.iam.list_instance_profiles()["InstanceProfiles"]]


@row("list-instance-profiles-for-role", [])
def a_new_profile_is_not_listed_for_its_role_yet(account: Account) -> Any:
    lag(account)
    return account.iam.list_instance_profiles_for_role(RoleName="app")["InstanceProfiles"]


@row("get-account-authorization-details", [])
def a_new_role_is_not_in_the_details_yet(account: Account) -> Any:
    lag(account)
    return account.iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]


@row("list-role-policies", ([2, 1], ["a", "b", "c"]))
def inline_policies_by_pages(account: Account) -> Any:
    account.role()
    for name in ("c", "a", "b"):
        document = policy({"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
        account.iam.put_role_policy(RoleName="app", PolicyName=name, PolicyDocument=document)
    paginator = account.iam.get_paginator("list_role_policies")
    pages = list(paginator.paginate(RoleName="app", PaginationConfig={"PageSize": 2}))
    return [len(page["PolicyNames"]) for page in pages], [name for page in pages for name in page["PolicyNames"]]


@row("list-attached-role-policies", (["AmazonEC2ReadOnlyAccess"], True))
def attached_policies_by_pages(account: Account) -> Any:
    account.role()
    for name in ("AmazonS3ReadOnlyAccess", "AmazonEC2ReadOnlyAccess"):
        account.iam.attach_role_policy(RoleName="app", PolicyArn=f"arn:aws:iam::aws:policy/{name}")
    account.aws.set(page_size=1)
    answer = account.iam.list_attached_role_policies(RoleName="app")
    return [each["PolicyName"] for each in answer["AttachedPolicies"]], answer["IsTruncated"]


@row("simulate-principal-policy", ["allowed", "explicitDeny", "implicitDeny", "implicitDeny"])
def a_role_with_attached_and_inline_policies(account: Account) -> Any:
    arn = account.role()["Arn"]
    account.iam.attach_role_policy(RoleName="app", PolicyArn="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    denial = {"Effect": "Deny", "Action": "s3:List*", "Resource": "arn:aws:s3:::secret"}
    allowance = {"Effect": "Allow", "Action": "sqs:*", "Resource": "arn:aws:sqs:*:*:jobs"}
    account.iam.put_role_policy(RoleName="app", PolicyName="inline", PolicyDocument=policy(denial, allowance))

    def decision(action: str, resource: str) -> str:
        return account.iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=[action], ResourceArns=[resource]
        )["EvaluationResults"][0]["EvalDecision"]

    return [
        decision("s3:GetObject", "arn:aws:s3:::public/file"),
        decision("s3:ListBucket", "arn:aws:s3:::secret"),
        decision("s3:PutObject", "arn:aws:s3:::public/file"),
        decision("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:other"),
    ]


@row("simulate-principal-policy", ["implicitDeny", "allowed"])
def a_boundary_limits_what_is_allowed(account: Account) -> Any:
    arn = account.role(PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")["Arn"]
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    account.iam.put_role_policy(RoleName="app", PolicyName="inline", PolicyDocument=policy(everything))
    results = account.iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["s3:PutObject", "s3:GetObject"])
    return [result["EvalDecision"] for result in results["EvaluationResults"]]


@row("simulate-principal-policy", ["allowed", "implicitDeny"])
def a_condition_decides(account: Account) -> Any:
    arn = account.role()["Arn"]
    passing = {
        "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
        "Condition": {"StringLike": {"iam:PassedToService": "ec2.amazonaws.com*"}},
    }  # fmt: skip
    account.iam.put_role_policy(RoleName="app", PolicyName="inline", PolicyDocument=policy(passing))

    def decision(service: str) -> str:
        entry = {"ContextKeyName": "iam:PassedToService", "ContextKeyValues": [service], "ContextKeyType": "string"}
        return account.iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=["iam:PassRole"], ContextEntries=[entry]
        )["EvaluationResults"][0]["EvalDecision"]

    return [decision("ec2.amazonaws.com"), decision("lambda.amazonaws.com")]


@row("caller-identity", ("arn:aws:iam::123456789012:root", "123456789012"))
def a_key_of_nobody(account: Account) -> Any:
    answer = account.aws.client("sts").get_caller_identity()
    return answer["Arn"], answer["Account"]


DENIED = Error(
    "AccessDenied",
    403,
    "root is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/",
)


@row("role-not-assumable", DENIED)
def assuming_a_missing_role(account: Account) -> Any:
    arn = account.role(AssumeRolePolicyDocument=trust_in({"AWS": "123456789012"}))["Arn"]
    sts = account.aws.client("sts")
    sts.assume_role(RoleArn=arn, RoleSessionName="right")
    return sts.assume_role(RoleArn=f"{arn}-gone", RoleSessionName="wrong")


@row("role-not-assumable", DENIED)
def assuming_a_role_of_a_service(account: Account) -> Any:
    return account.aws.client("sts").assume_role(RoleArn=account.role()["Arn"], RoleSessionName="session")
