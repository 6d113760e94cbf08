# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the role of an application may do, and findings about that. Pure.
Private to the collection: names and shapes can change in any release.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

import json
import re
import shlex
from fnmatch import fnmatchcase

from ..iam import role as iam_role
from .catalogue import SEVERITIES, Finding
from .launching import listed

PASS_ROLE = "iam:passrole"
_ACCOUNT = re.compile(r"(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::.*)?")
# Resources that are all roles.
_ALL_ROLES = re.compile(r"\*+|arn:(?:\*|aws[a-z-]*):(?:\*|iam):\*?:(?:\*|\d{12}):(?:\*|role/\*)")
# AWS's own policies whose documents are not read.
_AWS_POLICIES = {"AdministratorAccess": "administrator_access", "IAMFullAccess": "pass_role_everything"}


def findings(role, account, options, lint=None):
    """Yield the findings about a role.

    :param options: ``thresholds``, ``known_accounts`` and ``actions`` of the module.
    :param lint: a function that returns pairs of severity and sentence about a policy document; None where there is none.
    """
    observation = account.observation
    for arn in sorted(iam_role.attached_policies(role)):
        owner, name = arn.split(":")[4], arn.rpartition("/")[2]
        if owner == "aws" and name in _AWS_POLICIES:
            yield Finding(
                _AWS_POLICIES[name], f"Policy {name} is attached to role {role['RoleName']}.", _policies_fix(name)
            )
    for kind, name, document in documents(role, account):
        where = f"{kind} policy {name} of role {role['RoleName']}"
        fix = "application_inline_policies" if kind == "Inline" else "application_managed_policies"
        yield from _policy(
            where, document, f"{fix}: a policy with the actions and resources that the application needs"
        )
        for severity, sentence in lint(document) if lint else ():
            yield Finding("parliament", f"{where}: {sentence}", fix, severity if severity in SEVERITIES else None)
    yield from _trust(role, {observation.account, *options["known_accounts"]})
    yield from _usage(role, observation.now, options["thresholds"])
    if options["thresholds"]["require_permissions_boundary"] and not iam_role.boundary(role):
        detail = f"Role {role['RoleName']} has no permissions boundary."
        yield Finding("boundary_missing", detail, "application_permissions_boundary: the ARN of a policy")
    for decision in decisions(role, account, options["actions"]):
        if decision["expected"] not in ("", decision["decision"]):
            detail = f"{decision['action']} on {decision['resource']} is {decision['decision']}, expected {decision['expected']}."
            yield Finding("action_unexpected", detail, _policies_fix(None))


def documents(role, account):
    """Yield kind, name and document of the policies of a role whose documents are known."""
    for name, document in sorted(iam_role.inline_policies(role).items()):
        yield "Inline", name, document
    for arn in sorted(iam_role.attached_policies(role)):
        if arn in account.policies:
            yield "Managed", arn.rpartition("/")[2], account.policies[arn]


def decisions(role, account, actions):
    """Return what the policy simulation decided for the actions that the operator named."""
    expected = {
        (action, resource): each.get("expected") or ""
        for each in actions
        for action in each["actions"]
        for resource in each.get("resources") or ["*"]
    }
    return [
        dict(
            action=result["EvalActionName"],
            resource=result["EvalResourceName"],
            decision="allowed" if result["EvalDecision"] == "allowed" else "denied",
            expected=expected[result["EvalActionName"], result["EvalResourceName"]],
        )
        for result in account.decisions.get(role["Arn"]) or ()
        # One call has all actions and all resources.
        if (result["EvalActionName"], result["EvalResourceName"]) in expected
    ]


def _policies_fix(name):
    without = f" without {name}" if name else ""
    return (
        f"application_managed_policies, application_inline_policies: the policies that the application needs{without}"
    )


def _policy(where, document, fix):
    for statement in _statements(document):
        if statement.get("Effect") != "Allow":
            continue
        resources = _listed(statement.get("Resource")) if "NotResource" not in statement else ["*"]
        limited = " It has conditions." if statement.get("Condition") else ""
        has_everything = any(set(action) <= set("*:") for action in _listed(statement.get("Action")) if "*" in action)
        if has_everything and "*" in resources:
            severity = "high" if limited else None
            yield Finding(
                "allows_everything", f"{where} allows every action on every resource.{limited}", fix, severity
            )
        elif _includes(statement, PASS_ROLE) and any(_ALL_ROLES.fullmatch(resource) for resource in resources):
            severity = "medium" if limited else None
            yield Finding("pass_role_everything", f"{where} allows iam:PassRole on every role.{limited}", fix, severity)


def _includes(statement, action):
    """Return whether a statement is about an action."""
    if "NotAction" in statement:
        return not any(fnmatchcase(action, pattern.lower()) for pattern in _listed(statement["NotAction"]))
    return any(fnmatchcase(action, pattern.lower()) for pattern in _listed(statement.get("Action")))


def _trust(role, known):
    fix = "application_trust_policy: a policy with the principals that need the role"
    unknown: dict = {}
    for statement in _statements(role["AssumeRolePolicyDocument"]):
        principal = {"AWS": "*"} if statement.get("Principal") == "*" else statement.get("Principal")
        if statement.get("Effect") != "Allow" or not isinstance(principal, dict):
            continue
        names = _listed(principal.get("AWS"))
        if "*" in names:
            limited = " The statement has conditions." if statement.get("Condition") else ""
            detail = f"The trust policy of role {role['RoleName']} names the principal *.{limited}"
            yield Finding("wildcard_trust", detail, fix, "high" if limited else None)
        accounts = [match[1] for match in map(_ACCOUNT.fullmatch, names) if match]
        unknown.update(dict.fromkeys(account for account in accounts if account not in known))
    if unknown:
        detail = f"The trust policy of role {role['RoleName']} names account {listed(unknown)}."
        variables = shlex.quote(json.dumps({"report_known_accounts": list(unknown)}))
        yield Finding("unknown_account", detail, f"{fix}. If the account is known: -e {variables}")


def _usage(role, now, thresholds):
    days = thresholds["max_unused_days"]
    used = (role.get("RoleLastUsed") or {}).get("LastUsedDate")
    since = (now - (used or role["CreateDate"])).days
    if since > days:
        when = f"was last used {since} days ago" if used else f"was not used in the {since} days since its creation"
        fix = f"ansible-playbook launchkit.aws.teardown -e application_name={shlex.quote(role['RoleName'])} --check"
        yield Finding("role_unused", f"Role {role['RoleName']} {when}.", fix)


def _listed(value):
    return [str(each) for each in (value if isinstance(value, list) else [] if value is None else [value])]


def _statements(document):
    listed_statements = document.get("Statement") if isinstance(document, dict) else None
    listed_statements = listed_statements if isinstance(listed_statements, list) else [listed_statements]
    return [each for each in listed_statements if isinstance(each, dict)]
