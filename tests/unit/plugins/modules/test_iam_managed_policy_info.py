# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.iam import managed_policy
from ansible_collections.launchkit.aws.plugins.modules import iam_managed_policy_info

AWS = "arn:aws:iam::aws:policy"
OWN = "arn:aws:iam::123456789012:policy"
IDENTITY = {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/me", "UserId": "AIDA"}


def policy(arn):
    return {"Arn": arn, "PolicyName": arn.rpartition("/")[2]}


@pytest.fixture
def account(script):
    """An account with some policies; tells how often each name was asked for by the script that it writes."""

    def has(*arns, asked):
        script.answer("sts", "get_caller_identity", IDENTITY)
        for arn in asked:
            if arn in arns:
                script.answer("iam", "get_policy", {"Policy": policy(arn)}, PolicyArn=arn)
            else:
                script.refuse("iam", "get_policy", "NoSuchEntity", f"Policy {arn} does not exist", PolicyArn=arn)

    return has


def find(run_module, *names):
    return run_module(iam_managed_policy_info, names_or_arns=list(names))


def test_arns_cost_no_call(run_module, sessions):
    arns = [f"{AWS}/service-role/AWSConfigRole", f"{OWN}/ops/web", "arn:aws-cn:iam::aws:policy/ReadOnlyAccess"]
    result = find(run_module, *arns)
    assert result["arns"] == arns
    assert sessions.made == 0
    assert [each["path"] for each in result["policies"]] == ["/service-role/", "/ops/", "/"]
    assert [each["is_aws_managed"] for each in result["policies"]] == [True, False, True]
    assert [each["partition"] for each in result["policies"]] == ["aws", "aws", "aws-cn"]


@pytest.mark.parametrize(
    ("name", "arn", "asked"),
    [
        ("A", f"{AWS}/A", ["/A"]),
        ("A", f"{AWS}/service-role/A", ["/A", "/service-role/A"]),
        ("A", f"{AWS}/job-function/A", ["/A", "/service-role/A", "/job-function/A"]),
        ("service-role/A", f"{AWS}/service-role/A", ["/service-role/A"]),
        ("/service-role/A", f"{AWS}/service-role/A", ["/service-role/A"]),
        ("/A", f"{AWS}/A", ["/A"]),
    ],
)
def test_names_of_aws(run_module, account, name, arn, asked):
    account(arn, asked=[AWS + each for each in asked])
    assert find(run_module, name)["arns"] == [arn]


def test_the_account_s_own_comes_after_those_of_aws(run_module, account):
    account(f"{OWN}/A", asked=[f"{AWS}/A", f"{AWS}/service-role/A", f"{AWS}/job-function/A", f"{OWN}/A"])
    assert find(run_module, "A")["arns"] == [f"{OWN}/A"]


def test_each_name_is_looked_for_once_and_the_order_is_kept(run_module, account):
    account(f"{AWS}/A", f"{AWS}/B", asked=[f"{AWS}/B", f"{AWS}/A"])
    names = ["B", f"{OWN}/C", "A", "B"]
    assert find(run_module, *names)["arns"] == [f"{AWS}/B", f"{OWN}/C", f"{AWS}/A", f"{AWS}/B"]


def everywhere(name):
    return [f"{AWS}/{name}", f"{AWS}/service-role/{name}", f"{AWS}/job-function/{name}", f"{OWN}/{name}"]


def test_all_policies_are_listed_once_when_names_are_nowhere_else(run_module, account, script):
    account(asked=everywhere("A") + everywhere("B"))
    script.answer(
        "iam",
        "list_policies",
        {"Policies": [policy(f"{OWN}/x/A")], "IsTruncated": True, "Marker": "m"},
        Scope="All",
        MaxItems=1000,
    )
    script.answer("iam", "list_policies", {"Policies": [policy(f"{OWN}/y/B")]}, Scope="All", MaxItems=1000, Marker="m")
    assert find(run_module, "A", "B")["arns"] == [f"{OWN}/x/A", f"{OWN}/y/B"]


def test_missing_names_are_all_named(run_module, account, script):
    account(asked=[*everywhere("A"), f"{AWS}/x/B", f"{OWN}/x/B"])
    script.answer("iam", "list_policies", {"Policies": []})
    result = find(run_module, "A", "x/B")
    assert result["failed"]
    assert result["msg"].startswith(
        "names_or_arns: neither AWS nor this account has a managed policy named 'A', 'x/B'."
    )


def test_a_name_of_several_policies_is_refused(run_module, account, script):
    account(asked=everywhere("A"))
    script.answer("iam", "list_policies", {"Policies": [policy(f"{OWN}/x/A"), policy(f"{OWN}/y/A")]})
    assert f"'A' is the name of 2 policies: {OWN}/x/A, {OWN}/y/A." in find(run_module, "A")["msg"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "names_or_arns: '' has 0 characters"),
        ("a b", "names_or_arns: 'a b' has characters that IAM refuses"),
        ("arn:aws:iam::aws:role/A", "names_or_arns: 'arn:aws:iam::aws:role/A' is not the ARN of a managed policy"),
        ("x" * 129, "has 129 characters; IAM takes 1 to 128."),
    ],
)
def test_bad_names_are_refused_before_the_first_call(run_module, sessions, name, message):
    assert message in find(run_module, name)["msg"]
    assert sessions.made == 0


def test_partition_of_china():
    reference = managed_policy.parse("names_or_arns", "A")
    assert managed_policy.candidates(reference, "aws-cn", "123456789012")[0] == "arn:aws-cn:iam::aws:policy/A"
