# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from typing import Any

from tests.embedded_aws.table import TRUST, Account, Error, Table, policy, trust_in

row = Table()
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
AWS_POLICY = "arn:aws:iam::aws:policy/"


def put(account: Account, document: str, name: str = "inline") -> Any:
    return account.iam.put_role_policy(RoleName="app", PolicyName=name, PolicyDocument=document)


def trusted(account: Account) -> Any:
    (statement,) = account.iam.get_role(RoleName="app")["Role"]["AssumeRolePolicyDocument"]["Statement"]
    return statement["Principal"]["AWS"]


@row("trust-policy", Error("MalformedPolicyDocument", 400, ""))
def a_trust_policy_that_is_no_json(account: Account) -> Any:
    return account.iam.create_role(RoleName="app", AssumeRolePolicyDocument="{")


@row("trust-policy", Error("MalformedPolicyDocument", 400, "Missing required field Principal"))
def a_trust_policy_for_no_one(account: Account) -> Any:
    document = policy({"Effect": "Allow", "Action": "sts:AssumeRole"})
    return account.iam.create_role(RoleName="app", AssumeRolePolicyDocument=document)


@row("trust-policy", Error("MalformedPolicyDocument", 400, "Has prohibited field Resource"))
def a_trust_policy_on_a_resource(account: Account) -> Any:
    (statement,) = json.loads(TRUST)["Statement"]
    document = policy({**statement, "Resource": "*"})
    return account.iam.create_role(RoleName="app", AssumeRolePolicyDocument=document)


@row("trust-policy-version", ["2008-10-17", None])
def trust_policies_of_the_old_version(account: Account) -> Any:
    content = json.loads(TRUST)["Statement"]
    account.iam.create_role(
        RoleName="old", AssumeRolePolicyDocument=json.dumps({"Version": "2008-10-17", "Statement": content})
    )
    account.role("none")
    account.iam.update_assume_role_policy(RoleName="none", PolicyDocument=json.dumps({"Statement": content}))
    roles = [account.iam.get_role(RoleName=name)["Role"] for name in ("old", "none")]
    return [role["AssumeRolePolicyDocument"].get("Version") for role in roles]


@row("boundary-missing", Error("NoSuchEntity", 404, "policy/gone does not exist or is not attachable."))
def a_missing_boundary(account: Account) -> Any:
    account.role("right", PermissionsBoundary="arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess")
    return account.role("wrong", PermissionsBoundary="arn:aws:iam::123456789012:policy/gone")


@row("numbers-in-conditions", {"NumericLessThan": {"s3:TlsVersion": 1.2}, "NumericEquals": {"s3:max-keys": [1, 2]}})
def numbers_without_quotes(account: Account) -> Any:
    account.role()
    conditions = {"NumericLessThan": {"s3:TlsVersion": 1.2}, "NumericEquals": {"s3:max-keys": [1, 2]}}
    put(account, policy({**ALLOW, "Condition": conditions}))
    kept = account.iam.get_role_policy(RoleName="app", PolicyName="inline")["PolicyDocument"]
    return kept["Statement"][0]["Condition"]


@row("numbers-in-conditions", None)
def a_date_as_a_number(account: Account) -> Any:
    account.role(AssumeRolePolicyDocument=trust_in("*", Condition={"DateLessThan": {"aws:CurrentTime": 1893456000}}))


SID = Error("MalformedPolicyDocument", 400, "Statement IDs (SID) must be alpha-numeric.")


@row("sid-characters", SID)
def a_sid_with_a_dash_in_an_inline_policy(account: Account) -> Any:
    account.role()
    put(account, policy({**ALLOW, "Sid": "Read1"}))
    return put(account, policy({**ALLOW, "Sid": "read-1"}))


@row("sid-characters", SID)
def a_sid_with_a_blank_in_a_trust_policy(account: Account) -> Any:
    return account.role(AssumeRolePolicyDocument=trust_in({"Service": "ec2.amazonaws.com"}, Sid="for EC2"))


@row("sid-characters", SID)
def a_sid_with_a_dash_in_a_managed_policy(account: Account) -> Any:
    return account.iam.create_policy(PolicyName="p", PolicyDocument=policy({**ALLOW, "Sid": "read-1"}))


@row("principal-in-identity-policy", Error("MalformedPolicyDocument", 400, "should not specify a principal."))
def an_inline_policy_with_a_principal(account: Account) -> Any:
    account.role()
    return put(account, policy({**ALLOW, "Principal": "*"}))


@row("principal-missing", Error("MalformedPolicyDocument", 400, 'Invalid principal in policy: "AWS":"arn:aws:iam::'))
def a_trust_policy_for_a_missing_role(account: Account) -> Any:
    arn = account.role("known")["Arn"]
    session = "arn:aws:sts::123456789012:assumed-role/known/session"
    others = ["210987654321", "arn:aws:iam::210987654321:role/theirs", "arn:aws:iam::123456789012:root", "*"]
    account.role("right", AssumeRolePolicyDocument=trust_in({"AWS": [arn, session, *others]}))
    return account.role("wrong", AssumeRolePolicyDocument=trust_in({"AWS": f"{arn}-gone"}))


@row(
    "principal-missing",
    Error("MalformedPolicyDocument", 400, 'Invalid principal in policy: "SERVICE":"ec2.amazonaws.co"'),
)
def a_trust_policy_for_a_misspelt_service(account: Account) -> Any:
    account.role()
    return account.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=trust_in({"Service": ["ec2.amazonaws.com", "ec2.amazonaws.co"]})
    )


ROOT = "arn:aws:iam::123456789012:root"


@row("account-principals", (ROOT, [ROOT, "arn:aws:iam::210987654321:root"]))
def the_id_of_an_account_as_a_principal(account: Account) -> Any:
    account.role(AssumeRolePolicyDocument=trust_in({"AWS": "123456789012"}))
    first = trusted(account)
    account.iam.update_assume_role_policy(
        RoleName="app", PolicyDocument=trust_in({"AWS": ["123456789012", "210987654321"]})
    )
    return first, trusted(account)


TRUST_SIZE = Error("LimitExceeded", 409, "Cannot exceed quota for ACLSizePerRole: 2048")


@row("trust-policy-size", TRUST_SIZE)
def a_trust_policy_of_2049_characters(account: Account) -> Any:
    def document(length: int) -> str:
        return trust_in("*", Sid="s" * (length - len(trust_in("*", Sid="").replace(" ", ""))))

    account.role("right", AssumeRolePolicyDocument=document(2048))
    return account.role("wrong", AssumeRolePolicyDocument=document(2049))


@row("inline-policies-size", Error("LimitExceeded", 409, "Maximum policy size of 10240 bytes exceeded for role app"))
def inline_policies_of_more_than_10240_characters(account: Account) -> Any:
    account.role()
    document = policy({**ALLOW, "Sid": "s" * 6000})
    put(account, document)
    put(account, document)
    return put(account, document, "another")


@row("managed-policies-quota", Error("LimitExceeded", 409, "Cannot exceed quota for PoliciesPerRole: 10"))
def an_eleventh_managed_policy(account: Account) -> Any:
    account.role()
    arns = [
        account.iam.create_policy(PolicyName=f"p{number}", PolicyDocument=policy(ALLOW))["Policy"]["Arn"]
        for number in range(11)
    ]
    for arn in [*arns[:10], *arns]:
        account.iam.attach_role_policy(RoleName="app", PolicyArn=arn)


@row(
    "service-role-policy", Error("PolicyNotAttachable", 400, "Cannot attach a Service Role Policy to a Customer Role.")
)
def attaching_a_policy_of_a_service_linked_role(account: Account) -> Any:
    account.role()
    arn = f"{AWS_POLICY}aws-service-role/AutoScalingServiceRolePolicy"
    return account.iam.attach_role_policy(RoleName="app", PolicyArn=arn)


@row("policy-name-taken", Error("EntityAlreadyExists", 409, "A policy called READ already exists."))
def a_policy_name_under_another_path(account: Account) -> Any:
    account.iam.create_policy(PolicyName="read", PolicyDocument=policy(ALLOW))
    return account.iam.create_policy(PolicyName="READ", Path="/team/", PolicyDocument=policy(ALLOW))


@row("boundary-type", "Policy")
def the_type_of_a_boundary(account: Account) -> Any:
    account.role(PermissionsBoundary=f"{AWS_POLICY}AmazonS3ReadOnlyAccess")
    return account.iam.get_role(RoleName="app")["Role"]["PermissionsBoundary"]["PermissionsBoundaryType"]
