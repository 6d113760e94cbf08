# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The texts of a role's differences. tests/embedded_aws/test_role_drift.py proves that amazon.aws sees the same ones."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.iam import role
from ansible_collections.launchkit.aws.plugins.module_utils.iam.role import RoleTarget

READ, WRITE = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "PowerUserAccess"))
OWN, SERVICE = "arn:aws:iam::123456789012:policy/own", "arn:aws:iam::aws:policy/service-role/S"
STATEMENT = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
TRUST = {"Version": "2012-10-17", "Statement": [STATEMENT]}
BUCKET = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}
QUEUE = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
POLICY = {"Version": "2012-10-17", "Statement": [BUCKET]}
TARGET = RoleTarget("web", TRUST)
DETAIL = {
    "Path": "/",
    "RoleName": "web",
    "AssumeRolePolicyDocument": TRUST,
    "RolePolicyList": [{"PolicyName": "bucket", "PolicyDocument": POLICY}],
    "AttachedManagedPolicies": [{"PolicyName": "ReadOnlyAccess", "PolicyArn": READ}],
    "Tags": [{"Key": "Owner", "Value": "web"}, {"Key": "aws:cloudformation:stack-name", "Value": "web"}],
    "MaxSessionDuration": 3600,
}
BOUNDED = {**DETAIL, "PermissionsBoundary": {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": READ}}


def trusting(*statements, **members):
    return {**TRUST, "Statement": list(statements), **members}


@pytest.mark.parametrize(
    ("wanted", "detail", "expected"),
    [
        pytest.param({}, None, [("role", "present", "absent")], id="no role"),
        pytest.param({}, DETAIL, [], id="what is not set is left as it is"),
        pytest.param({"path": "/ops/"}, DETAIL, [], id="a path cannot change"),
        pytest.param({"trust_policy": json.dumps(TRUST)}, DETAIL, [], id="trust policy as JSON"),
        pytest.param({"trust_policy": {**TRUST, "Statement": STATEMENT}}, DETAIL, [], id="a statement outside a list"),
        pytest.param(
            {"trust_policy": trusting({**STATEMENT, "Action": ["sts:AssumeRole"]})},
            DETAIL,
            [],
            id="an action in a list",
        ),
        pytest.param(
            {"trust_policy": trusting({**STATEMENT, "Condition": {"Bool": {"a": True}, "NumericEquals": {"b": 1}}})},
            {
                **DETAIL,
                "AssumeRolePolicyDocument": trusting(
                    {**STATEMENT, "Condition": {"Bool": {"a": "true"}, "NumericEquals": {"b": "1"}}}
                ),
            },
            [],
            id="numbers and booleans are text to IAM",
        ),
        pytest.param(
            {"trust_policy": trusting({**STATEMENT, "Action": "sts:TagSession"})},
            DETAIL,
            [
                (
                    "trust_policy",
                    '{"Statement": [{"Action": "sts:TagSession"}]}',
                    '{"Statement": [{"Action": "sts:AssumeRole"}]}',
                )
            ],
            id="the member of the statement that changed",
        ),
        pytest.param(
            {"trust_policy": trusting({**STATEMENT, "Condition": {}})},
            DETAIL,
            [("trust_policy", '{"Statement": [{"Condition": {}}]}', "none")],
            id="a member that is new",
        ),
        pytest.param(
            {"trust_policy": trusting(QUEUE, STATEMENT)},
            DETAIL,
            [("trust_policy", json.dumps({"Statement": [QUEUE]}), "none")],
            id="a statement that is new",
        ),
        pytest.param(
            {"trust_policy": {"Statement": [STATEMENT]}},
            DETAIL,
            [("trust_policy", '{"Version": "2008-10-17"}', '{"Version": "2012-10-17"}')],
            id="without a version it is the old one",
        ),
        pytest.param(
            {"trust_policy": trusting(STATEMENT, STATEMENT)},
            DETAIL,
            [("trust_policy", json.dumps(trusting(STATEMENT, STATEMENT)), json.dumps(TRUST))],
            id="a statement that is there twice",
        ),
        pytest.param({"description": ""}, DETAIL, [("description", "''", "none")], id="empty is not the same as none"),
        pytest.param(
            {"description": "b"}, {**DETAIL, "Description": "a"}, [("description", "b", "a")], id="description"
        ),
        pytest.param({"max_session_duration": 3600}, DETAIL, [], id="duration as it is"),
        pytest.param({"max_session_duration": 7200}, DETAIL, [("max_session_duration", "7200", "3600")], id="duration"),
        pytest.param({"managed_policies": (READ, READ)}, DETAIL, [], id="a policy named twice"),
        pytest.param(
            {"managed_policies": (WRITE,)},
            DETAIL,
            [
                ("managed_policies[PowerUserAccess]", "attached", "none"),
                ("managed_policies[ReadOnlyAccess]", "none", "attached"),
            ],
            id="managed policies",
        ),
        pytest.param(
            {"managed_policies": (), "purge_managed_policies": False}, DETAIL, [], id="managed policies are not purged"
        ),
        pytest.param(
            {"managed_policies": ()},
            DETAIL,
            [("managed_policies[ReadOnlyAccess]", "none", "attached")],
            id="no managed policies",
        ),
        pytest.param(
            {"managed_policies": (READ, OWN, SERVICE)},
            DETAIL,
            [
                (f"managed_policies[{OWN}]", "attached", "none"),
                ("managed_policies[service-role/S]", "attached", "none"),
            ],
            id="policies of the account and with a path",
        ),
        pytest.param({"permissions_boundary": ""}, DETAIL, [], id="no boundary"),
        pytest.param({"permissions_boundary": READ}, BOUNDED, [], id="boundary as it is"),
        pytest.param(
            {"permissions_boundary": READ},
            DETAIL,
            [("permissions_boundary", "ReadOnlyAccess", "none")],
            id="a boundary that is new",
        ),
        pytest.param(
            {"permissions_boundary": ""},
            BOUNDED,
            [("permissions_boundary", "none", "ReadOnlyAccess")],
            id="a boundary too many",
        ),
        pytest.param({"tags": {"Owner": "web"}}, DETAIL, [], id="tags of AWS are not ours"),
        pytest.param(
            {"tags": {"Stage": ""}},
            DETAIL,
            [("tags[Owner]", "none", "web"), ("tags[Stage]", "''", "none")],
            id="tags",
        ),
        pytest.param(
            {"tags": {"Owner": "api"}, "purge_tags": False},
            DETAIL,
            [("tags[Owner]", "api", "web")],
            id="a tag's value",
        ),
        pytest.param({"tags": {}, "purge_tags": False}, DETAIL, [], id="tags are not purged"),
    ],
)
def test_differences(wanted, detail, expected):
    assert list(role.differences(replace(TARGET, **wanted), detail)) == expected


PUT = {"iam_type": "role", "iam_name": "web"}


@pytest.mark.parametrize(
    ("wanted", "detail", "expected", "options"),
    [
        pytest.param({}, DETAIL, [], [], id="not set"),
        pytest.param({"inline_policies": {"bucket": json.dumps(POLICY)}}, DETAIL, [], [], id="as it is"),
        pytest.param(
            {"inline_policies": {"bucket": {**POLICY, "Statement": [QUEUE]}}},
            DETAIL,
            [
                (
                    "inline_policies[bucket]",
                    '{"Statement": [{"Action": "sqs:*"}]}',
                    '{"Statement": [{"Action": ["s3:GetObject", "s3:PutObject"]}]}',
                )
            ],
            [{**PUT, "policy_name": "bucket", "policy_json": {**POLICY, "Statement": [QUEUE]}}],
            id="another document",
        ),
        pytest.param(
            {"inline_policies": {"copy": POLICY}},
            DETAIL,
            [
                ("inline_policies[copy]", json.dumps(POLICY), "none"),
                ("inline_policies[bucket]", "none", json.dumps(POLICY)),
            ],
            [
                {**PUT, "policy_name": "copy", "policy_json": POLICY},
                {**PUT, "policy_name": "bucket", "state": "absent"},
            ],
            id="the same under another name",
        ),
        pytest.param(
            {"inline_policies": {}, "purge_inline_policies": False}, DETAIL, [], [], id="none, and none is removed"
        ),
        pytest.param(
            {"inline_policies": {}},
            DETAIL,
            [("inline_policies[bucket]", "none", json.dumps(POLICY))],
            [{**PUT, "policy_name": "bucket", "state": "absent"}],
            id="none",
        ),
        pytest.param(
            {"inline_policies": {"bucket": POLICY}},
            None,
            [("inline_policies[bucket]", json.dumps(POLICY), "none")],
            [{**PUT, "policy_name": "bucket", "policy_json": POLICY}],
            id="no role yet",
        ),
    ],
)
def test_inline_differences(wanted, detail, expected, options):
    target = replace(TARGET, **wanted)
    assert list(role.inline_differences(target, detail)) == expected
    assert role.inline_options(target, detail) == options


@pytest.mark.parametrize(
    ("path", "detail", "named"),
    [
        pytest.param(None, DETAIL, False, id="not set"),
        pytest.param("/", DETAIL, False, id="as it is"),
        pytest.param("/ops/", None, False, id="no role"),
        pytest.param("/ops/", DETAIL, True, id="another"),
    ],
)
def test_path_warning(path, detail, named):
    warning = role.path_warning(replace(TARGET, path=path), detail)
    assert (warning is not None) == named
    if warning:
        assert warning.startswith("IAM role 'web': the path is '/', not '/ops/', and IAM can't change it. ")


FLAGS = {
    "purge_policies": True,
    "purge_tags": True,
    "create_instance_profile": False,
    "delete_instance_profile": False,
}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, {}, id="what is not set is left out"),
        pytest.param(
            {
                "path": "/ops/",
                "description": "",
                "max_session_duration": 7200,
                "managed_policies": (READ,),
                "purge_managed_policies": False,
                "permissions_boundary": "",
                "tags": {},
                "purge_tags": False,
                "inline_policies": {"bucket": POLICY},
            },
            {
                "path": "/ops/",
                "description": "",
                "max_session_duration": 7200,
                "managed_policies": [READ],
                "purge_policies": False,
                "boundary": "",
                "tags": {},
                "purge_tags": False,
            },
            id="everything",
        ),
    ],
)
def test_options(wanted, expected):
    options = role.options(replace(TARGET, **wanted))
    assert options == {"name": "web", "assume_role_policy_document": TRUST, **FLAGS, **expected}


def test_a_new_role_is_not_told_to_have_no_boundary():
    """amazon.aws.iam_role hands the empty text to CreateRole, which takes ARNs only."""
    assert "boundary" not in role.options(replace(TARGET, permissions_boundary=""), is_new=True)
    assert role.options(replace(TARGET, permissions_boundary=READ), is_new=True)["boundary"] == READ


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, {"trust_policy": "ec2.amazonaws.com"}, id="what is not set is left out"),
        pytest.param(
            {
                "path": "/ops/",
                "description": "Web servers",
                "max_session_duration": 7200,
                "managed_policies": (READ, OWN),
                "permissions_boundary": WRITE,
                "tags": {"Owner": "web", "Stage": ""},
                "inline_policies": {"bucket": POLICY, "queue": POLICY},
            },
            {
                "path": "/ops/",
                "trust_policy": "ec2.amazonaws.com",
                "managed_policies": f"ReadOnlyAccess, {OWN}",
                "permissions_boundary": "PowerUserAccess",
                "inline_policies": "bucket, queue",
                "description": "Web servers",
                "max_session_duration": "7200 s",
                "tags": "Owner=web, Stage=",
            },
            id="everything",
        ),
    ],
)
def test_attributes(wanted, expected):
    attributes = role.attributes(replace(TARGET, **wanted))
    assert list(attributes.items()) == list(expected.items())


@pytest.mark.parametrize("detail", [DETAIL, None], ids=["there", "no role"])
def test_policies_that_are_not_json_are_named(detail):
    with pytest.raises(InvalidOption, match=r"^trust_policy: the policy is not JSON: "):
        role.differences(replace(TARGET, trust_policy="{"), detail)
    with pytest.raises(InvalidOption, match=r"^inline_policies\[bucket\]: the policy is not JSON: "):
        role.inline_differences(replace(TARGET, inline_policies={"bucket": "Version: 1"}), detail)
