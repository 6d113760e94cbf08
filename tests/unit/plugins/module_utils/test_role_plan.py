# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy
import json
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import managed_policy, role_plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam.role import RoleTarget

READ, WRITE, QUEUE = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "PowerUserAccess", "Queue"))
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
OTHER = {**TRUST, "Version": "2008-10-17"}
TARGET = RoleTarget("web", TRUST)
DETAIL = {
    "Path": "/",
    "RoleName": "web",
    "AssumeRolePolicyDocument": TRUST,
    "RolePolicyList": [{"PolicyName": "bucket", "PolicyDocument": {"Statement": ["bucket"]}}],
    "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ}],
    "Tags": [{"Key": "Owner", "Value": "web"}, {"Key": "aws:cloudformation:stack-name", "Value": "web"}],
    "MaxSessionDuration": 3600,
}
BOUNDED = {**DETAIL, "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ}}


def attached(count):
    """A role with that many managed policies."""
    return {**DETAIL, "AttachedManagedPolicies": [{"PolicyArn": f"arn:{number}"} for number in range(count)]}


def short(call):
    """A call as operation and arguments, without the role's name, and with policies as they are before JSON."""
    if call is None:
        return None
    return call.operation, {
        name: json.loads(value) if name.endswith("PolicyDocument") or name == "PolicyDocument" else value
        for name, value in call.arguments.items()
        if name != "RoleName"
    }


def pairs(plan):
    """Each call with its undo."""
    return [(short(call), short(call.undo)) for call in plan.calls]


def attach(arn):
    return "attach_role_policy", {"PolicyArn": arn}


def detach(arn):
    return "detach_role_policy", {"PolicyArn": arn}


def tag(**tags):
    return "tag_role", {"Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}


def untag(*keys):
    return "untag_role", {"TagKeys": list(keys)}


def put(name, document):
    return "put_role_policy", {"PolicyName": name, "PolicyDocument": document}


def delete(name):
    return "delete_role_policy", {"PolicyName": name}


DELETE = ("delete_role", {})


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, [(("create_role", {"AssumeRolePolicyDocument": TRUST}), DELETE)], id="trust policy only"),
        pytest.param(
            {
                "path": "/ops/",
                "description": "",
                "max_session_duration": 7200,
                "managed_policies": (READ, WRITE, READ),
                "permissions_boundary": QUEUE,
                "tags": {"Owner": "web"},
                "inline_policies": {"bucket": {}},
            },
            [
                (
                    (
                        "create_role",
                        {
                            "AssumeRolePolicyDocument": TRUST,
                            "Path": "/ops/",
                            "Description": "",
                            "MaxSessionDuration": 7200,
                            "PermissionsBoundary": QUEUE,
                            "Tags": [{"Key": "Owner", "Value": "web"}],
                        },
                    ),
                    DELETE,
                ),
                (attach(READ), detach(READ)),
                (attach(WRITE), detach(WRITE)),
            ],
            id="everything",
        ),
        pytest.param(
            {"path": "", "permissions_boundary": "", "tags": {}, "managed_policies": ()},
            [(("create_role", {"AssumeRolePolicyDocument": TRUST}), DELETE)],
            id="empty values",
        ),
    ],
)
def test_plan_of_a_new_role(wanted, expected):
    plan = role_plan.plan(replace(TARGET, **wanted), None)
    assert pairs(plan) == expected
    assert plan.warnings == ()


@pytest.mark.parametrize(
    ("wanted", "detail", "expected"),
    [
        pytest.param({}, DETAIL, [], id="what is not set stays"),
        pytest.param(
            {"trust_policy": json.dumps(OTHER)},
            DETAIL,
            [
                (
                    ("update_assume_role_policy", {"PolicyDocument": OTHER}),
                    ("update_assume_role_policy", {"PolicyDocument": TRUST}),
                )
            ],
            id="trust policy",
        ),
        pytest.param(
            {"description": "b"},
            {**DETAIL, "Description": "a", "MaxSessionDuration": 7200},
            [
                (
                    ("update_role", {"Description": "b", "MaxSessionDuration": 7200}),
                    ("update_role", {"Description": "a", "MaxSessionDuration": 7200}),
                )
            ],
            id="description, with the duration that it has",
        ),
        pytest.param(
            {"max_session_duration": 7200},
            {**DETAIL, "Description": "a"},
            [
                (
                    ("update_role", {"Description": "a", "MaxSessionDuration": 7200}),
                    ("update_role", {"Description": "a", "MaxSessionDuration": 3600}),
                )
            ],
            id="duration, with the description that it has",
        ),
        pytest.param(
            {"description": "b", "max_session_duration": 7200},
            DETAIL,
            [
                (
                    ("update_role", {"Description": "b", "MaxSessionDuration": 7200}),
                    ("update_role", {"Description": "", "MaxSessionDuration": 3600}),
                )
            ],
            id="description and duration in one call",
        ),
        pytest.param(
            {"managed_policies": (WRITE, QUEUE)},
            DETAIL,
            [(attach(WRITE), detach(WRITE)), (attach(QUEUE), detach(QUEUE)), (detach(READ), attach(READ))],
            id="policies are attached before others are detached",
        ),
        pytest.param(
            {"managed_policies": (WRITE,), "purge_managed_policies": False},
            DETAIL,
            [(attach(WRITE), detach(WRITE))],
            id="policies are not purged",
        ),
        pytest.param(
            {"managed_policies": (WRITE, *(f"arn:{number}" for number in range(8)))},
            attached(9),
            [(attach(WRITE), detach(WRITE)), (detach("arn:8"), attach("arn:8"))],
            id="the quota has room for one more",
        ),
        pytest.param(
            {"managed_policies": (WRITE, *(f"arn:{number}" for number in range(9)))},
            attached(10),
            [(detach("arn:9"), attach("arn:9")), (attach(WRITE), detach(WRITE))],
            id="the quota has no room",
        ),
        pytest.param(
            {"permissions_boundary": WRITE, "managed_policies": (WRITE, READ)},
            DETAIL,
            [
                (
                    ("put_role_permissions_boundary", {"PermissionsBoundary": WRITE}),
                    ("delete_role_permissions_boundary", {}),
                ),
                (attach(WRITE), detach(WRITE)),
            ],
            id="a new boundary comes before policies",
        ),
        pytest.param(
            {"permissions_boundary": WRITE},
            BOUNDED,
            [
                (
                    ("put_role_permissions_boundary", {"PermissionsBoundary": WRITE}),
                    ("put_role_permissions_boundary", {"PermissionsBoundary": READ}),
                )
            ],
            id="another boundary",
        ),
        pytest.param(
            {"permissions_boundary": "", "managed_policies": (WRITE, READ)},
            BOUNDED,
            [
                (attach(WRITE), detach(WRITE)),
                (
                    ("delete_role_permissions_boundary", {}),
                    ("put_role_permissions_boundary", {"PermissionsBoundary": READ}),
                ),
            ],
            id="a boundary is deleted after policies",
        ),
        pytest.param(
            {"tags": {"Stage": "1"}},
            DETAIL,
            [(untag("Owner"), tag(Owner="web")), (tag(Stage="1"), untag("Stage"))],
            id="tags",
        ),
        pytest.param(
            {"tags": {"Owner": "api", "Stage": ""}, "purge_tags": False},
            DETAIL,
            [(tag(Owner="api"), tag(Owner="web")), (tag(Stage=""), untag("Stage"))],
            id="tags that change and tags that are new",
        ),
        pytest.param(
            {"tags": {"owner": "api"}, "purge_tags": False},
            DETAIL,
            [(tag(owner="api"), tag(Owner="web"))],
            id="IAM ignores the letter case of a role's keys",
        ),
    ],
)
def test_plan_of_an_existing_role(wanted, detail, expected):
    target, before = replace(TARGET, **wanted), copy.deepcopy(detail)
    plan = role_plan.plan(target, detail)
    assert pairs(plan) == expected
    assert {call.subject for call in plan.calls} <= {"IAM role 'web'"}
    assert detail == before


BUCKET, OLD = {"Statement": ["bucket"]}, {"Statement": ["old"]}


@pytest.mark.parametrize(
    ("wanted", "detail", "expected"),
    [
        pytest.param({}, DETAIL, [], id="not set"),
        pytest.param({"inline_policies": {"bucket": json.dumps(BUCKET)}}, DETAIL, [], id="as it is"),
        pytest.param(
            {"inline_policies": {"one": BUCKET}}, None, [(put("one", BUCKET), delete("one"))], id="a new role"
        ),
        pytest.param(
            {"inline_policies": {"bucket": OLD}},
            DETAIL,
            [(put("bucket", OLD), put("bucket", BUCKET))],
            id="another policy",
        ),
        pytest.param(
            {"inline_policies": {"one": OLD}},
            DETAIL,
            [(put("one", OLD), delete("one")), (delete("bucket"), put("bucket", BUCKET))],
            id="put before delete",
        ),
        pytest.param(
            {"inline_policies": {"one": {"Statement": ["x" * 10220]}}},
            DETAIL,
            [(delete("bucket"), put("bucket", BUCKET)), (put("one", {"Statement": ["x" * 10220]}), delete("one"))],
            id="the quota has no room for both",
        ),
        pytest.param(
            {"inline_policies": {"one": OLD, "bucket": {}}},
            DETAIL,
            [(put("bucket", {}), put("bucket", BUCKET)), (put("one", OLD), delete("one"))],
            id="a policy that shrinks comes first",
        ),
        pytest.param({"inline_policies": {}, "purge_inline_policies": False}, DETAIL, [], id="not purged"),
    ],
)
def test_plan_inline_policies(wanted, detail, expected):
    assert pairs(role_plan.plan_inline_policies(replace(TARGET, **wanted), detail)) == expected


def test_plan_removal():
    assert pairs(role_plan.plan_removal(BOUNDED)) == [
        (detach(READ), attach(READ)),
        (delete("bucket"), put("bucket", BUCKET)),
        (DELETE, None),
    ]
    assert role_plan.plan_removal(None) == Plan()


def test_calls_name_the_role_as_iam_does():
    target = RoleTarget("WEB", OTHER, tags={}, inline_policies={"one": BUCKET})
    plans = role_plan.plan(target, DETAIL), role_plan.plan_inline_policies(target, DETAIL)
    calls = [call for plan in plans for call in plan.calls]
    assert {call.arguments["RoleName"] for each in calls for call in (each, each.undo)} == {"web"}
    assert {call.subject for call in calls} == {"IAM role 'web'"}


LONG = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Sid": "a" * 2048}]}


@pytest.mark.parametrize(
    ("target", "detail", "warning"),
    [
        pytest.param(
            RoleTarget("WEB", TRUST), DETAIL, "IAM role 'web': the name is given as 'WEB', and", id="letter case"
        ),
        pytest.param(
            replace(TARGET, path="/ops/"), DETAIL, "IAM role 'web': the path is '/', not '/ops/', and", id="path"
        ),
        pytest.param(
            replace(TARGET, trust_policy=LONG),
            None,
            "IAM role 'web': the trust policy has 2156 characters, and the default quota is 2048.",
            id="a long trust policy",
        ),
        pytest.param(
            replace(TARGET, managed_policies=tuple(f"arn:{number}" for number in range(11))),
            attached(10),
            "IAM role 'web': 11 managed policies are to be attached, and the default quota is 10.",
            id="many managed policies",
        ),
    ],
)
def test_plan_warns(target, detail, warning):
    (text,) = role_plan.plan(target, detail).warnings
    assert text.startswith(warning)


def test_plan_without_calls_does_not_warn_of_quotas():
    target = replace(TARGET, trust_policy=LONG, managed_policies=tuple(f"arn:{number}" for number in range(11)))
    assert role_plan.plan(target, {**attached(11), "AssumeRolePolicyDocument": LONG}) == Plan()


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        pytest.param(
            ["arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"],
            "managed: 'arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy' is for service-linked roles only",
            id="ARN",
        ),
        pytest.param(
            ["aws-service-role/A"], "managed: 'aws-service-role/A' is for service-linked roles only", id="name"
        ),
        pytest.param(
            ["arn:aws:iam::aws:role/a"], "managed: 'arn:aws:iam::aws:role/a' is not the ARN of a", id="a role"
        ),
        pytest.param(["a\n"], "managed: 'a\n' has characters that IAM refuses", id="line end"),
        pytest.param(
            ["arn:aws:iam::aws:policy/a\n"], "managed: 'arn:aws:iam::aws:policy/a\n' is not", id="ARN with a line end"
        ),
        pytest.param(
            [f"p{number}" for number in range(26)], "managed: 26 policies are given; a role takes at most 25.", id="26"
        ),
    ],
)
def test_check_attachable_refuses(policies, message):
    with pytest.raises(InvalidOption) as raised:
        managed_policy.check_attachable("managed", policies)
    assert raised.value.message.startswith(message)


def test_check_attachable_takes_a_policy_twice():
    managed_policy.check_attachable("managed", ["ReadOnlyAccess", "service-role/A", READ, *["B"] * 30])
