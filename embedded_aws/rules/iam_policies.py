# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Policies in IAM: trust policies, inline and managed policies, permissions boundaries, and their quotas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import Role
from moto.iam.policy_validation import BaseIAMPolicyValidator, IAMTrustPolicyDocumentValidator

from ..policies import principals_of
from ..registry import amends, corrects, refuses
from ..strict import Call

API = "botocore's iam service model"
QUOTAS = "IAM user guide, 'IAM and AWS STS quotas'"
ELEMENTS = "IAM user guide, 'IAM JSON policy elements"
TRUSTING = ("CreateRole", "UpdateAssumeRolePolicy")
GRANTING = ("PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion")


def _document(call: Call) -> str:
    return call.params.get("AssumeRolePolicyDocument") or call.params.get("PolicyDocument") or ""


def statements_in(document: str) -> list[dict[str, Any]]:
    """The statements of a policy; none if it is not JSON of the right shape, which other rules refuse."""
    try:
        statements = json.loads(document)["Statement"]
    except (ValueError, KeyError, TypeError):
        return []
    return [item for item in (statements if isinstance(statements, list) else [statements]) if isinstance(item, dict)]


def _without_whitespace(document: str) -> int:
    return len(re.sub(r"\s", "", document))


@refuses(
    "iam", "CreateRole", when="the trust policy is no valid policy", code="MalformedPolicyDocument", text="{what}",
    source="MalformedPolicyDocumentException in " + API + "; texts are those of moto's own check in UpdateAssumeRolePolicy",
)  # fmt: skip
def trust_policy(call: Call) -> Any:
    document = call.params["AssumeRolePolicyDocument"]
    try:
        IAMTrustPolicyDocumentValidator(document).validate()
    except MalformedPolicyDocument as error:
        return {"what": error.message}
    for statement in statements_in(document):
        if "Principal" not in statement and "NotPrincipal" not in statement:
            return {"what": "Missing required field Principal"}
        if "Resource" in statement or "NotResource" in statement:
            return {"what": "Has prohibited field Resource"}
    return None


@corrects(
    IAMTrustPolicyDocumentValidator, "_validate_version", when="a trust policy may be of version 2008-10-17, which none at all stands for",
    source="IAM user guide, 'IAM JSON policy elements: Version'; ecsTaskExecutionRole in the Amazon ECS developer guide is of that version",
)  # fmt: skip
def trust_policy_version(original: Any, validator: Any) -> None:
    assert validator._policy_json.get("Version", "2008-10-17") in ("2008-10-17", "2012-10-17")


@refuses(
    "iam", "CreateRole", "PutRolePermissionsBoundary", when="the permissions boundary is no policy of the account or AWS",
    code="NoSuchEntity", status=404, text="Policy {arn} does not exist or is not attachable.",
    source="NoSuchEntityException of PutRolePermissionsBoundary in " + API + "; the text is AttachRolePolicy's",
)  # fmt: skip
def boundary_missing(call: Call) -> Any:
    arn = call.params.get("PermissionsBoundary")
    return {"arn": arn} if arn and arn not in call.iam.managed_policies else None


@corrects(
    BaseIAMPolicyValidator, "__init__", when="numbers without quotes are legal in conditions",
    source=ELEMENTS + ": Condition operators': numeric values; moto takes text, lists and booleans only",
)  # fmt: skip
def numbers_in_conditions(moto_method: Callable[..., Any], validator: Any, policy_document: str) -> None:
    conditions = [statement.get("Condition") for statement in statements_in(policy_document)]
    if any(isinstance(condition, dict) for condition in conditions):
        policy = json.loads(policy_document)
        listed = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        for statement in listed:
            if isinstance(statement, dict) and "Condition" in statement:
                statement["Condition"] = _with_texts(statement["Condition"])
        policy_document = json.dumps(policy)
    moto_method(policy_document)


def _with_texts(value: Any) -> Any:
    """The value with its numbers as text; true and false stay."""
    if isinstance(value, dict):
        return {name: _with_texts(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_texts(member) for member in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@refuses(
    "iam", *TRUSTING, *GRANTING, when="a Sid has other characters than letters and digits", code="MalformedPolicyDocument",
    text="Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
    source=ELEMENTS + ": Sid'; text quoted in aws-cloudformation/cfn-lint#1376",
)  # fmt: skip
def sid_characters(call: Call) -> Any:
    sids = [statement.get("Sid") for statement in statements_in(_document(call))]
    return {} if any(isinstance(sid, str) and not re.fullmatch(r"[0-9A-Za-z]*", sid) for sid in sids) else None


@refuses(
    "iam", *GRANTING, when="an identity policy names a principal", code="MalformedPolicyDocument",
    text="Policy document should not specify a principal.",
    source=ELEMENTS + ": Principal': not in an identity-based policy; text quoted in hashicorp/terraform#13449",
)  # fmt: skip
def principal_in_identity_policy(call: Call) -> Any:
    named = [{"Principal", "NotPrincipal"} & set(statement) for statement in statements_in(_document(call))]
    return {} if any(named) else None


@refuses(
    "iam", *TRUSTING, when="a principal of the trust policy does not exist", code="MalformedPolicyDocument",
    text='Invalid principal in policy: "{kind}":"{principal}"',
    source=ELEMENTS + ": Principal'; text quoted in databrickslabs/ucx#2269 and hashicorp/terraform#35086. Principals of other accounts can't "
    "be looked up here, nor can the list of services: one ends in .amazonaws.com",
)  # fmt: skip
def principal_missing(call: Call) -> Any:
    for statement in statements_in(_document(call)):
        for kind, principal in principals_of(statement):
            if not _exists(call, kind, principal):
                return {"kind": kind.upper() if kind == "Service" else kind, "principal": principal}
    return None


def _exists(call: Call, kind: str, principal: str) -> bool:
    if kind == "Service":
        return re.fullmatch(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)", principal) is not None
    if kind != "AWS" or principal == "*" or re.fullmatch(r"\d{12}|A[A-Z0-9]{15,}", principal):
        return True
    arn = re.fullmatch(r"arn:[a-z-]+:(iam|sts)::(\d{12}):(.+)", principal)
    if arn is None:
        return False
    service, account, resource = arn.groups()
    if account != call.account or resource == "root":
        return True
    if service == "sts":
        role = resource.removeprefix("assumed-role/").partition("/")[0]
        return resource.startswith("federated-user/") or role in _role_names(call)
    return principal in {known.arn for known in [*call.iam.roles.values(), *call.iam.users.values()]}


def _role_names(call: Call) -> Iterator[str]:
    return (role.name for role in call.iam.roles.values())


@amends(
    "iam", *TRUSTING, when="the id of an account as a principal is written back as the ARN of its root user",
    source=ELEMENTS + ": Principal', 'AWS account principals': the short form is transformed",
)  # fmt: skip
def account_principals(call: Call, result: Any) -> None:
    role = call.iam.get_role(call.params["RoleName"])
    policy = json.loads(role.assume_role_policy_document)
    before = json.dumps(policy)
    for statement in policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]:
        named = statement.get("Principal")
        if isinstance(named, dict) and "AWS" in named:
            given = named["AWS"]
            arns = [_as_root(call, item) for item in (given if isinstance(given, list) else [given])]
            named["AWS"] = arns if isinstance(given, list) else arns[0]
    if json.dumps(policy) != before:
        role.assume_role_policy_document = json.dumps(policy)


def _as_root(call: Call, principal: str) -> str:
    return f"arn:{call.partition}:iam::{principal}:root" if re.fullmatch(r"\d{12}", principal) else principal


@refuses(
    "iam", *TRUSTING, when="the trust policy is longer than 2,048 characters without white space", code="LimitExceeded",
    status=409, text="Cannot exceed quota for ACLSizePerRole: 2048",
    source=QUOTAS + "; text quoted in kubeflow/dashboard#29",
)  # fmt: skip
def trust_policy_size(call: Call) -> Any:
    return {} if _without_whitespace(_document(call)) > 2048 else None


@refuses(
    "iam", "PutRolePolicy", code="LimitExceeded", status=409,
    when="the inline policies of the role would be longer than 10,240 characters without white space",
    text="Maximum policy size of 10240 bytes exceeded for role {role}",
    source=QUOTAS + "; text quoted in aws-amplify/amplify-backend#2615 and, with code and status, in serverless/serverless#7643",
)  # fmt: skip
def inline_policies_size(call: Call) -> Any:
    role = call.iam.get_role(call.params["RoleName"])
    policies = {**role.policies, call.params["PolicyName"]: call.params["PolicyDocument"]}
    return {"role": role.name} if sum(map(_without_whitespace, policies.values())) > 10240 else None


@refuses(
    "iam", "AttachRolePolicy", when="10 managed policies are attached to the role", code="LimitExceeded", status=409,
    text="Cannot exceed quota for PoliciesPerRole: 10",
    source=QUOTAS + "; text quoted in aws/eks-hybrid#741",
)  # fmt: skip
def managed_policies_quota(call: Call) -> Any:
    attached = call.iam.get_role(call.params["RoleName"]).managed_policies
    return {} if len(attached) >= 10 and call.params["PolicyArn"] not in attached else None


@refuses(
    "iam", "AttachRolePolicy", when="the policy is for service-linked roles, under /aws-service-role/", code="PolicyNotAttachable",
    text="Cannot attach a Service Role Policy to a Customer Role.",
    source="PolicyNotAttachableException in " + API + "; text quoted in aws/aws-cdk#6131",
)  # fmt: skip
def service_role_policy(call: Call) -> Any:
    role = call.iam.get_role(call.params["RoleName"])
    named = ":policy/aws-service-role/" in call.params["PolicyArn"]
    return {} if named and not role.path.startswith("/aws-service-role/") else None


@refuses(
    "iam", "CreatePolicy", when="a policy has that name, under any path and in any case", code="EntityAlreadyExists", status=409,
    text="A policy called {name} already exists. Duplicate names are not allowed.",
    source=QUOTAS + ": names are unique within the account; text is moto's own for the same path",
)  # fmt: skip
def policy_name_taken(call: Call) -> Any:
    name, own = call.params["PolicyName"], f"arn:{call.partition}:iam::{call.account}:"
    taken = {policy.name.lower() for arn, policy in call.iam.managed_policies.items() if arn.startswith(own)}
    return {"name": name} if name.lower() in taken else None


@corrects(
    Role, "permissions_boundary", when="the type of a permissions boundary is Policy",
    source="the integration suites of amazon.aws (iam_role) assert it against live AWS; the model's enumeration says otherwise",
)  # fmt: skip
def boundary_type(moto_method: Callable[..., Any], role: Any) -> dict[str, str] | None:
    boundary = moto_method()
    return {**boundary, "PermissionsBoundaryType": "Policy"} if boundary else None
