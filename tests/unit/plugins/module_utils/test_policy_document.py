# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.iam import policy_document

TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
BUCKET = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "*"}
ROOT = "arn:{}:iam::123456789012:root"


def policy(*statements, **members):
    return {"Version": "2012-10-17", "Statement": list(statements), **members}


def limited(version):
    return policy({**BUCKET, "Condition": {"NumericLessThan": {"s3:TlsVersion": version}}})


def trusting(principal):
    return policy({**TRUST, "Principal": principal})


@pytest.mark.parametrize(
    ("document", "other"),
    [
        pytest.param(policy(BUCKET), {"Statement": [BUCKET], "Version": "2012-10-17"}, id="order of members"),
        pytest.param(policy(BUCKET), policy({**BUCKET, "Action": BUCKET["Action"][::-1]}), id="order of a list"),
        pytest.param(policy(BUCKET, TRUST), policy(TRUST, BUCKET), id="order of statements"),
        pytest.param(policy(BUCKET), {"Version": "2012-10-17", "Statement": BUCKET}, id="a statement outside a list"),
        pytest.param(policy({**BUCKET, "Resource": ["*"]}), policy(BUCKET), id="a list of one"),
        pytest.param({"Statement": BUCKET}, {"Statement": BUCKET, "Version": "2008-10-17"}, id="the default version"),
        pytest.param(limited(True), limited("true"), id="a boolean"),
        pytest.param(limited(12), limited("12"), id="a number"),
        pytest.param(trusting("*"), trusting({"AWS": "*"}), id="everybody"),
        pytest.param(trusting({"AWS": "123456789012"}), trusting({"AWS": ROOT.format("aws")}), id="an account"),
        pytest.param(trusting({"AWS": 123456789012}), trusting({"AWS": ["123456789012"]}), id="an account as number"),
    ],
)
def test_differs_is_false_as_in_amazon_aws(document, other):
    assert not policy_document.differs(document, other)
    assert not compare_policies(document, other)


@pytest.mark.parametrize(
    ("document", "other"),
    [
        pytest.param(policy(BUCKET), None, id="nothing"),
        pytest.param(policy(BUCKET), policy({**BUCKET, "Action": "s3:GetObject"}), id="an action"),
        pytest.param(policy(BUCKET), {"Statement": [BUCKET]}, id="a version"),
        pytest.param(policy(BUCKET, BUCKET), policy(BUCKET), id="a statement that is there twice"),
        pytest.param(policy(BUCKET), policy({**BUCKET, "Sid": "One"}), id="a Sid"),
        pytest.param(limited("true"), limited("True"), id="letter case"),
        pytest.param(limited("12"), limited("012"), id="text that is the same number"),
        pytest.param(limited(["1", "2"]), limited("1"), id="a list of two"),
        pytest.param(trusting({"AWS": "123456789012"}), trusting({"AWS": "210987654321"}), id="an account"),
    ],
)
def test_differs_is_true_as_in_amazon_aws(document, other):
    assert policy_document.differs(document, other)
    assert compare_policies(other, document)


@pytest.mark.parametrize(
    ("document", "other", "differs"),
    [
        pytest.param(limited(1.2), limited(1.3), True, id="fractions"),
        pytest.param(limited(1.2), limited(None), True, id="a fraction and null"),
        pytest.param(limited(None), limited([]), True, id="null and nothing"),
        pytest.param(limited(1.2), limited("1.2"), False, id="a fraction as text"),
        pytest.param(policy({**BUCKET, "Sid": ""}), policy(BUCKET), False, id="an empty Sid"),
        pytest.param(trusting({"AWS": "123456789012"}), trusting({"AWS": ROOT.format("aws-cn")}), False, id="China"),
        pytest.param(
            trusting({"AWS": "123456789012"}), trusting({"AWS": ROOT.format("aws-us-gov")}), False, id="GovCloud"
        ),
        pytest.param(limited("123456789012"), limited(ROOT.format("aws")), True, id="a root ARN in a condition"),
    ],
)
def test_differs_where_amazon_aws_is_wrong(document, other, differs):
    assert policy_document.differs(document, other) == differs
    assert compare_policies(other, document) != differs


@pytest.mark.parametrize("policy_text", [json.dumps(policy(TRUST)), json.dumps(policy(TRUST), indent=4), policy(TRUST)])
def test_parse(policy_text):
    assert policy_document.parse("trust", policy_text) == policy(TRUST)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param("Version: 1", "trust: the policy is not JSON: ", id="YAML"),
        pytest.param("", "trust: the policy is not JSON: ", id="empty"),
        pytest.param('{"a": NaN}', "trust: the policy is not JSON: ", id="NaN"),
        pytest.param({"a": float("inf")}, "trust: the policy is not JSON: ", id="infinity"),
        pytest.param('{"a": 1e999}', "trust: the policy is not JSON: ", id="a number that is too large"),
        pytest.param({"a": {1}}, "trust: the policy is not JSON: ", id="a set"),
        pytest.param("[" * 100000, "trust: the policy is not JSON: ", id="deeper than Python reads"),
        pytest.param("[" * 300 + "]" * 300, "trust: a policy is a dictionary, not a list. ", id="a deep list"),
        pytest.param('{"a":' * 300 + "1" + "}" * 300, "trust: the policy has more than 20 levels. ", id="deep"),
        pytest.param([{"Statement": []}], "trust: a policy is a dictionary, not a list. ", id="list"),
        pytest.param("[]", "trust: a policy is a dictionary, not a list. ", id="JSON of a list"),
        pytest.param("null", "trust: a policy is a dictionary, not a NoneType. ", id="null"),
    ],
)
def test_parse_refuses(value, message):
    with pytest.raises(InvalidOption) as raised:
        policy_document.parse("trust", value)
    assert raised.value.message.startswith(message)


def without(statement, *members):
    return {key: value for key, value in statement.items() if key not in members}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param([policy(TRUST)], "trust: a policy is a dictionary, not a list. ", id="list"),
        pytest.param(
            policy(TRUST, Version="2012"), "trust: Version is '2012'. Write '2012-10-17', in quotes.", id="version"
        ),
        pytest.param(
            {"Version": "2012-10-17"}, "trust: Statement must be a dictionary, or a list of", id="no statement"
        ),
        pytest.param(policy(), "trust: Statement must be a dictionary, or a list of", id="empty list"),
        pytest.param(policy("Allow"), "trust: Statement must be a dictionary, or a list of", id="text"),
        pytest.param(policy({**TRUST, "Sid": "my web"}), "trust: the Sid 'my web' has characters that", id="Sid"),
        pytest.param(policy({**TRUST, "Sid": "web\n"}), "trust: the Sid 'web\n' has characters that", id="line end"),
        pytest.param(policy({**TRUST, "Sid": ["a"]}), "trust: the Sid '['a']' has characters that", id="Sid as list"),
        pytest.param(
            policy(*2 * [{**TRUST, "Sid": "A"}]), "trust: two statements have the Sid 'A'. Give", id="Sid twice"
        ),
        pytest.param(policy({**TRUST, "Effect": "allow"}), "trust: a statement has no Effect, or another", id="effect"),
        pytest.param(policy(without(TRUST, "Action")), "trust: a statement has no Action. ", id="action"),
        pytest.param(
            policy(without(TRUST, "Principal")), "trust: each statement of a trust policy needs", id="principal"
        ),
        pytest.param(
            policy({**TRUST, "Resource": "*"}), "trust: each statement of a trust policy needs", id="resource"
        ),
        pytest.param(
            policy({**TRUST, "Sid": "a" * 8192}),
            "trust: the policy has 8328 characters; IAM takes at most 8192. ",
            id="long",
        ),
    ],
)
def test_check_trust_policy_refuses(value, message):
    with pytest.raises(InvalidOption) as raised:
        policy_document.check_trust_policy("trust", value)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    "document",
    [
        policy(TRUST),
        {"Statement": TRUST},
        policy({**TRUST, "Sid": ""}, {**TRUST, "Sid": ""}),
        policy({**without(TRUST, "Principal", "Action"), "NotPrincipal": "*", "NotAction": "sts:*"}),
    ],
    ids=["plain", "no version, no list", "empty Sids", "negated"],
)
def test_check_trust_policy_returns_the_document(document):
    assert policy_document.check_trust_policy("trust", json.dumps(document)) == document


def test_check_inline_policies_returns_the_documents():
    policies = {"one": json.dumps(policy(BUCKET)), "two": policy({**without(BUCKET, "Resource"), "NotResource": "*"})}
    assert policy_document.check_inline_policies("inline", policies) == {"one": policy(BUCKET), "two": policies["two"]}


@pytest.mark.parametrize(
    ("policies", "message"),
    [
        pytest.param(
            {"read queue": policy(BUCKET)}, "inline: 'read queue' has characters that IAM refuses", id="blank"
        ),
        pytest.param({"one\n": policy(BUCKET)}, "inline: 'one\n' has characters that IAM refuses", id="line end"),
        pytest.param({"a" * 129: policy(BUCKET)}, f"inline: '{'a' * 129}' has 129 characters", id="long name"),
        pytest.param({"one": "no JSON"}, "inline['one']: the policy is not JSON", id="no JSON"),
        pytest.param({"one": [policy(BUCKET)]}, "inline['one']: a policy is a dictionary, not a list", id="list"),
        pytest.param(
            {"one": policy({**BUCKET, "Principal": "*"})}, "inline['one']: each statement of an", id="principal"
        ),
        pytest.param(
            {"one": policy(without(BUCKET, "Resource"))}, "inline['one']: each statement of an", id="resource"
        ),
        pytest.param(
            {name: policy({**BUCKET, "Sid": "a" * 5100}) for name in ("one", "two")},
            "inline: the policies have 10444 characters together; IAM takes at most 10240. ",
            id="too long together",
        ),
    ],
)
def test_check_inline_policies_refuses(policies, message):
    with pytest.raises(InvalidOption) as raised:
        policy_document.check_inline_policies("inline", policies)
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("document", "length"),
    [({}, 2), ({"a": ["b", 1.5]}, len('{"a":["b",1.5]}')), ({"a": "b c\td"}, len('{"a":"bc\\td"}')), ({"a": "ö"}, 9)],
)
def test_length_counts_no_white_space(document, length):
    assert policy_document.length(document) == length


@pytest.mark.parametrize(
    ("document", "words"),
    [
        pytest.param(policy(TRUST), "ec2.amazonaws.com", id="a service"),
        pytest.param({"Statement": TRUST}, "ec2.amazonaws.com", id="no list"),
        pytest.param(
            trusting({"Service": ["a", "b"], "AWS": "123456789012"}),
            "a, b, AWS 123456789012",
            id="services and an account",
        ),
        pytest.param(trusting("*"), "AWS *", id="everybody"),
        pytest.param(policy({**TRUST, "Condition": {}}), "ec2.amazonaws.com (with conditions)", id="a condition"),
        pytest.param(
            policy(TRUST, {**TRUST, "Effect": "Deny", "Principal": "*"}),
            "ec2.amazonaws.com (with conditions)",
            id="a denial",
        ),
        pytest.param(policy({**TRUST, "Effect": "Deny"}), "none (with conditions)", id="nothing allowed"),
    ],
)
def test_principals(document, words):
    assert policy_document.principals(document) == words
