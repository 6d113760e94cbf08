# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may do what, when the setting ``authorization`` is on: keys, signatures, identity policies, iam:PassRole.

Actions, resources and condition keys: Service Authorization Reference for IAM, EC2 Auto Scaling and EC2.
Texts: IAM user guide, "Troubleshoot access denied error messages"; EC2 API reference, "Error codes".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from werkzeug.exceptions import HTTPException

from .policies import ALLOWED, EXPLICIT_DENY, decide, is_trusted
from .registry import Refusal
from .settings import SETTINGS

ALWAYS_ALLOWED = {("sts", "GetCallerIdentity")}
# What creates with tags needs permission to tag as well. Sources: IAM user guide, "Tags for AWS Identity and Access Management resources";
# EC2 Auto Scaling user guide, "Tag Auto Scaling groups and instances"; EC2 user guide, "Grant permission to tag Amazon EC2 resources during
# creation".
TAGS_ON_CREATION = {
    ("iam", "CreateRole"): "iam:TagRole",
    ("iam", "CreateInstanceProfile"): "iam:TagInstanceProfile",
    ("autoscaling", "CreateAutoScalingGroup"): "autoscaling:CreateOrUpdateTags",
    ("ec2", "CreateLaunchTemplate"): "ec2:CreateTags",
}
# Operations on a role whose condition key iam:PermissionsBoundary is the boundary that the role has.
GUARDED_BY_BOUNDARY = (
    "AttachRolePolicy", "DetachRolePolicy", "PutRolePolicy", "DeleteRolePolicy", "DeleteRolePermissionsBoundary",
)  # fmt: skip


@dataclass(frozen=True)
class Principal:
    """Who calls: the ARN that errors show, and moto's user or role behind it (None: the root user)."""

    arn: str
    identity: Any = None


@dataclass(frozen=True)
class Demand:
    """One permission that a call needs."""

    action: str
    resource: str
    context: dict[str, str]
    refusal: str = ""  # AWS's own text where it does not name the action


def authorize(call: Any) -> None:
    """Note the caller's ARN. With the setting on, raise a Refusal unless the key is good and everything is allowed."""
    principal = _principal(call)
    call.exchange.principal = principal.arn if principal else _root(call)
    if not SETTINGS.authorization:
        return
    if principal is None:
        call.exchange.principal = ""
        raise _bad_key(call)
    if principal.identity is None:
        return
    _check_signature(call)
    if (call.service, call.operation) not in ALWAYS_ALLOWED and not assumes_by_name(call, principal):
        for demand in demands(call):
            call.exchange.demanded.append(demand.action)
            _check(call, principal, demand)


def arns_of(principal: Principal) -> set[str]:
    """The ARNs by which a policy can name a caller: its own, and the role's for a session."""
    return {principal.arn, getattr(principal.identity, "arn", principal.arn)}


def may_assume(call: Any, role: Any) -> bool:
    """Whether the trust policy lets the caller assume the role: by its ARN, or through the account's root user."""
    principal = _principal(call) or Principal(_root(call))
    names = {*arns_of(principal), _root(call), call.account}
    return is_trusted(role.assume_role_policy_document, names, "sts:AssumeRole", {"aws:PrincipalArn": principal.arn})


def assumes_by_name(call: Any, principal: Principal) -> bool:
    """A trust policy that names the caller itself, in the same account, suffices without an identity policy."""
    if (call.service, call.operation) != ("sts", "AssumeRole"):
        return False
    role = next((role for role in call.iam.roles.values() if role.arn == call.params.get("RoleArn")), None)
    return role is not None and is_trusted(role.assume_role_policy_document, arns_of(principal), "sts:AssumeRole", {})


def _root(call: Any) -> str:
    return f"arn:{call.partition}:iam::{call.account}:root"


def _principal(call: Any) -> Principal | None:
    key = call.exchange.access_key
    found = call.iam.access_keys.get(key)
    if found is not None and found.user_name in call.iam.users:
        user = call.iam.users[found.user_name]
        return Principal(user.arn, user) if found.status == "Active" else None
    if key.startswith("ASIA"):
        from moto.sts.models import sts_backends

        session = sts_backends[call.account][call.partition].get_assumed_role_from_access_key(key)
        role = next((role for role in call.iam.roles.values() if session and role.arn == session.role_arn), None)
        if session is not None and role is not None:
            return Principal(session.arn, role)
    return Principal(_root(call)) if key == SETTINGS.root_access_key else None


def _bad_key(call: Any) -> Refusal:
    if call.service == "ec2":
        return Refusal("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    return Refusal("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


def _check_signature(call: Any) -> None:
    """Moto knows how to calculate a signature; what it raises is put into each service's own words."""
    from moto.iam.access_control import IAMRequest

    response = call.response
    try:
        IAMRequest(
            account_id=call.account, method=response.method, path=response.path, data=response.data,
            body=response.raw_body, headers=response.headers, action=call.operation,
        ).check_signature()  # fmt: skip
    except HTTPException:
        if call.service == "ec2":
            raise _bad_key(call) from None
        raise Refusal(
            "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your "
            "AWS Secret Access Key and signing method. Consult the service documentation for details.", 403,
        ) from None  # fmt: skip


def _check(call: Any, principal: Principal, demand: Demand) -> None:
    context = {
        "aws:PrincipalArn": principal.arn,
        "aws:PrincipalAccount": call.account,
        "aws:RequestedRegion": call.region,
        "aws:username": getattr(principal.identity, "name", ""),
        "aws:SecureTransport": "false",
        **demand.context,
    }
    decision, _statement = decide(principal.identity, call.iam, demand.action, demand.resource, context)
    if decision == ALLOWED:
        return
    if demand.refusal:
        raise Refusal("AccessDenied", demand.refusal, 403)
    why = (
        "with an explicit deny in an identity-based policy"
        if decision == EXPLICIT_DENY
        else f"because no identity-based policy allows the {demand.action} action"
    )
    text = f"User: {principal.arn} is not authorized to perform: {demand.action} on resource: {demand.resource} {why}"
    if call.service == "ec2":
        raise Refusal("UnauthorizedOperation", f"You are not authorized to perform this operation. {text}", 403)
    raise Refusal("AccessDenied", text, 403)


def demands(call: Any) -> Iterator[Demand]:
    """Every permission that a call needs: its own on each resource, and iam:PassRole where a role is handed over."""
    action = f"{call.service}:{call.operation}"
    context = _context(call)
    resources = {
        "iam": _iam_resources, "autoscaling": _auto_scaling_resources, "ec2": _ec2_resources,
        "sts": lambda sts: [sts.params.get("RoleArn") or "*"],
    }.get(call.service)  # fmt: skip
    for resource in resources(call) if resources else ["*"]:
        yield Demand(action, resource, context)
    if tagging := _tagging(call):
        yield Demand(tagging, "*" if call.service == "ec2" else resource, context)
    yield from _passed_roles(call)


def _tagging(call: Any) -> str:
    """The action that a caller needs as well to create something with tags, or nothing."""
    given = call.params.get("Tags") or any(each.get("Tags") for each in call.params.get("TagSpecifications") or [])
    return TAGS_ON_CREATION.get((call.service, call.operation), "") if given else ""


def _context(call: Any) -> dict[str, str]:
    context = {}
    if call.params.get("PolicyArn"):
        context["iam:PolicyARN"] = call.params["PolicyArn"]
    if call.params.get("PermissionsBoundary"):
        context["iam:PermissionsBoundary"] = call.params["PermissionsBoundary"]
    elif call.operation in GUARDED_BY_BOUNDARY:
        boundary = getattr(_role(call, call.params.get("RoleName")), "permissions_boundary_arn", None)
        context.update({"iam:PermissionsBoundary": boundary} if boundary else {})
    for name in ("LaunchConfigurationName", "InstanceType", "ImageId"):
        if isinstance(call.params.get(name), str):
            context[f"{call.service}:{name}"] = call.params[name]
    for tag in call.params.get("Tags") or []:
        if "Key" in tag:
            context[f"aws:RequestTag/{tag['Key']}"] = tag.get("Value", "")
    return context


def _role(call: Any, name: str | None) -> Any:
    return next((role for role in call.iam.roles.values() if role.name == name), None)


def _iam_resources(call: Any) -> list[str]:
    start = f"arn:{call.partition}:iam::{call.account}:"
    name, path = call.params.get, call.params.get("Path") or "/"
    if profile := name("InstanceProfileName"):
        known = call.iam.instance_profiles.get(profile)
        return [known.arn if known else f"{start}instance-profile{path}{profile}"]
    if role := name("RoleName"):
        known = _role(call, role)
        return [known.arn if known else f"{start}role{path}{role}"]
    if user := name("UserName"):
        known = call.iam.users.get(user)
        return [known.arn if known else f"{start}user{path}{user}"]
    if call.operation in ("ListInstanceProfiles", "ListRoles", "ListUsers"):
        kind = {"ListInstanceProfiles": "instance-profile", "ListRoles": "role", "ListUsers": "user"}[call.operation]
        return [f"{start}{kind}{call.params.get('PathPrefix') or '/'}"]
    if call.operation == "CreatePolicy":
        return [f"{start}policy{path}{name('PolicyName')}"]
    return [name("PolicyArn") or name("PolicySourceArn") or "*"]


def _auto_scaling_resources(call: Any) -> list[str]:
    if call.operation.startswith("Describe"):
        return ["*"]
    start = f"arn:{call.partition}:autoscaling:{call.region}:{call.account}:"
    tagged = {tag["ResourceId"] for tag in call.params.get("Tags") or [] if tag.get("ResourceId")}
    groups = [call.params["AutoScalingGroupName"]] if call.params.get("AutoScalingGroupName") else sorted(tagged)
    if groups:
        known = call.autoscaling.autoscaling_groups
        return [
            known[name].arn if name in known else f"{start}autoScalingGroup:*:autoScalingGroupName/{name}"
            for name in groups
        ]
    if name := call.params.get("LaunchConfigurationName"):
        made = call.autoscaling.launch_configurations.get(name)
        return [made.arn if made else f"{start}launchConfiguration:*:launchConfigurationName/{name}"]
    return ["*"]


def _ec2_resources(call: Any) -> list[str]:
    start = f"arn:{call.partition}:ec2:{call.region}:{call.account}:"
    if call.operation.startswith("Describe"):
        return ["*"]
    if call.operation == "RunInstances":
        image = call.params.get("ImageId")
        images = [f"arn:{call.partition}:ec2:{call.region}::image/{image}"] if image else []
        return [
            f"{start}instance/*",
            *images,
            *([_template_arn(call, call.params["LaunchTemplate"])] if call.params.get("LaunchTemplate") else []),
        ]
    if "LaunchTemplate" in call.operation:
        return [
            f"{start}launch-template/*"
            if call.operation == "CreateLaunchTemplate"
            else _template_arn(call, call.params)
        ]
    ids = call.params.get("InstanceIds") or ([call.params["InstanceId"]] if call.params.get("InstanceId") else [])
    return [f"{start}instance/{instance}" for instance in ids] or ["*"]


def _template_arn(call: Any, named: dict[str, Any]) -> str:
    known = call.ec2.launch_template_name_to_ids.get(named.get("LaunchTemplateName"))
    return f"arn:{call.partition}:ec2:{call.region}:{call.account}:launch-template/{named.get('LaunchTemplateId') or known or '*'}"


def _passed_roles(call: Any) -> Iterator[Demand]:
    """Where AWS demands iam:PassRole of the caller; a role that does not exist is somebody else's error."""
    from .rules.group_sources import template_specifications
    from .rules.instance_profiles import find_profile

    profiles: list[str] = []
    key = (call.service, call.operation)
    if key == ("iam", "AddRoleToInstanceProfile"):
        if role := _role(call, call.params["RoleName"]):
            yield Demand("iam:PassRole", role.arn, {"iam:PassedToService": "ec2.amazonaws.com"})
    elif key == ("autoscaling", "CreateLaunchConfiguration"):
        profiles = [call.params.get("IamInstanceProfile") or ""]
    elif key in (("autoscaling", "CreateAutoScalingGroup"), ("autoscaling", "UpdateAutoScalingGroup")):
        for specification in template_specifications(call.params):
            arn = _template_arn(call, specification)
            name = specification.get("LaunchTemplateId") or specification.get("LaunchTemplateName")
            yield Demand("ec2:RunInstances", arn, {}, f"You are not authorized to use launch template: {name}")
            profiles.append(_profile_of_template(call, specification))
    elif key == ("ec2", "RunInstances"):
        given = call.params.get("IamInstanceProfile") or {}
        template = call.params.get("LaunchTemplate")
        profiles = [given.get("Arn") or given.get("Name") or (_profile_of_template(call, template) if template else "")]
    elif key[0] == "ec2" and key[1] in ("AssociateIamInstanceProfile", "ReplaceIamInstanceProfileAssociation"):
        given = call.params.get("IamInstanceProfile") or {}
        profiles = [given.get("Arn") or given.get("Name") or ""]
    for profile in filter(None, profiles):
        found = find_profile(call.iam, profile)
        for role in found.roles if found else []:
            yield Demand("iam:PassRole", role.arn, {"iam:PassedToService": "ec2.amazonaws.com"})


def _profile_of_template(call: Any, specification: dict[str, Any]) -> str:
    from .launching import find_template

    try:
        template = find_template(
            call.ec2, specification.get("LaunchTemplateId"), specification.get("LaunchTemplateName")
        )
        data = template.get_version(specification.get("Version") or "$Default").data
    except Refusal:
        return ""
    profile = data.get("IamInstanceProfile") or {}
    return profile.get("Arn") or profile.get("Name") or ""
