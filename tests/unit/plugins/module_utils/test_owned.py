# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What does not belong to the application: left as it is where it is as described, blocked where it differs, adopted on request."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application import plan_text
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.core import ownership
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module_options import module_options
from ansible_collections.launchkit.aws.plugins.module_utils.iam import policy_document
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    FIXED,
    GROUP,
    IMAGE,
    INLINE,
    OTHER,
    TEMPLATE,
    Account,
    after,
    application,
    changes,
    plan,
)

EVERYTHING = {**IMAGE, **TEMPLATE, **GROUP}
REFRESHED = {"refresh": True}
SENTENCE = "exists and does not belong to this application"
LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def foreign(*steps, owner=""):
    """An account whose resources are as the application has them, and carry no tag, or that of another owner."""
    account = after(*steps)
    holders = [*account.roles.values(), *account.profiles.values(), *account.groups.values()]
    for holder in holders:
        kept = [tag for tag in holder.get("Tags", ()) if tag["Key"] != ownership.TAG]
        tag = {"Key": ownership.TAG, "Value": owner, "PropagateAtLaunch": False}
        holder["Tags"] = [*kept, *([tag] if owner else [])]
    if account.template is not None:
        account.template.tags = {ownership.TAG: owner} if owner else {}
    return account


def tags(resource):
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


@pytest.mark.parametrize(("former", "subjects"), [
    ({}, ["IAM role web", "instance profile web"]),
    (EVERYTHING, ["IAM role web", "instance profile web", "launch template web", "Auto Scaling group web"]),
    ({**IMAGE, **FIXED}, ["IAM role web", "instance profile web", "launch configuration fixed"]),
])  # fmt: skip
@pytest.mark.parametrize("owner", ["", "another"])
def test_owned_equal_resources_are_left_and_told(former, subjects, owner):
    account = foreign(former, owner=owner)
    planned = plan(account, **former)
    assert (planned.changes, planned.blockers, list(planned.not_owned)) == ((), (), subjects)
    assert plan_text.lines([planned], single=True) == ["web: unchanged", f"  not owned: {', '.join(subjects)}"]
    assert plan_text.describe(planned)["not_owned"] == subjects


# What differs -> the application before, the application now, the blocker's beginning and a part of it.
DIFFERENT = {
    "trust policy": ({}, {"trust_principal": "ec2.amazonaws.com.cn"}, "application_role_name: IAM role web", "trust_"),
    "tags": ({}, {"tags": {"Owner": "me"}}, "application_role_name: IAM role web", "tags[Owner]: none -> me"),
    "inline policy": ({}, {"inline_policies": {"a": INLINE}}, "application_role_name: IAM role web", "inline policy a"),
    "template": (
        {**IMAGE, **TEMPLATE},
        {**OTHER, **TEMPLATE},
        "application_launch_template_name: launch template web",
        "image_id: ami-1 -> ami-2",
    ),
    "group": (
        EVERYTHING,
        {**EVERYTHING, "group_max_size": 3},
        "application_group_name: Auto Scaling group web",
        "max_size: 1 -> 3",
    ),
    "launch configuration": (
        {**IMAGE, **FIXED},
        {**OTHER, **FIXED, "launch_configuration_on_drift": "replace"},
        "application_launch_configuration_name: launch configuration fixed",
        "image_id: ami-1 -> ami-2",
    ),
}


@pytest.mark.parametrize(("former", "wanted", "start", "part"), DIFFERENT.values(), ids=DIFFERENT)
def test_owned_different_resources_block_and_can_be_adopted(former, wanted, start, part):
    account = foreign(former)
    planned = plan(account, **wanted)
    blocker = planned.blockers[0]
    assert blocker.startswith(f"{start} {SENTENCE}, and differs: ")
    assert part in blocker
    assert "Set application_adopt=true" in blocker
    assert planned.not_owned == ()
    adopted = {**wanted, "adopt": True}
    assert plan(account, **adopted).blockers == ()
    account.converge(application(**adopted))
    # It is the application's from now on, also without the variable.
    planned = plan(account, **wanted)
    assert (planned.changes, planned.blockers, planned.not_owned) == ((), (), ())


@pytest.mark.parametrize("purge", [True, False])
@pytest.mark.parametrize("wanted", [None, {}, {"Owner": "me"}])
def test_owned_tag_is_kept_whatever_tags_are_set(wanted, purge):
    variables = {**EVERYTHING, "tags": wanted, "group_tags": wanted, "purge_tags": purge}
    account = after({**EVERYTHING, "tags": {"Stage": "test"}}, variables)
    expected = {ownership.TAG: "web", **({} if wanted is not None and purge else {"Stage": "test"}), **(wanted or {})}
    for resource in (account.roles["web"], account.profiles["web"], account.groups["web"]):
        assert tags(resource) == expected
    assert account.template.tags == expected
    group = {tag["Key"]: tag["PropagateAtLaunch"] for tag in account.groups["web"]["Tags"]}
    assert group[ownership.TAG] is False
    assert plan(account, **variables).changes == ()
    # The modules of the role application purge by what they are given.
    options = module_options(application(**variables), account.index())
    for step in ("iam_role", "instance_profile", "launch"):
        assert "tags" not in options[step] or options[step]["tags"][ownership.TAG] == "web"
    assert {ownership.TAG: "web", "propagate_at_launch": False} in options["auto_scaling_group"]["tags"]


def test_owned_tags_are_not_in_instances_or_volumes():
    account = after(EVERYTHING)
    assert "TagSpecifications" not in account.template.versions[1]


@pytest.mark.parametrize("name", ["tags", "group_tags"])
def test_owned_tag_cannot_be_a_variable(name):
    with pytest.raises(Exception, match=f"application_{name}: the key 'launchkit:x' begins with 'launchkit:'"):
        application(**{name: {"launchkit:x": "a"}})


def test_owned_value_is_what_iam_takes():
    account = after({"name": "a,b"})
    assert tags(account.roles["a,b"]) == {ownership.TAG: "a/b"}
    assert plan(account, name="a,b").not_owned == ()


def test_owned_name_in_other_letter_case_is_the_same():
    assert plan(after({}), name="WEB").not_owned == ()


ADOPT = {"adopt": True}


@pytest.mark.parametrize("variables", [{}, ADOPT, {"inline_policies": {"a": INLINE}}])
@pytest.mark.parametrize("owner", ["", "web"])
def test_owned_role_of_another_kind_is_never_changed(variables, owner):
    account = foreign({}, owner=owner)
    account.roles["web"]["AssumeRolePolicyDocument"] = LAMBDA
    blockers = plan(account, **variables).blockers
    assert blockers[0].startswith("application_role_name: EC2 may not assume IAM role web, but lambda.amazonaws.com.")


@pytest.mark.parametrize("variables", [{}, ADOPT])
@pytest.mark.parametrize("owner", ["", "web"])
def test_owned_role_of_another_kind_is_never_deleted(variables, owner):
    account = foreign({}, owner=owner)
    account.roles["web"]["AssumeRolePolicyDocument"] = LAMBDA
    planned = plan(account, state="absent", **variables)
    assert ("delete", "iam_role", "web") not in changes(planned)
    assert any("EC2 may not assume it" in warning for warning in planned.warnings)


def test_owned_role_for_another_service_is_that_of_its_application():
    """The application created it so, says so, and its tag agrees."""
    lambdas = {"trust_principal": "lambda.amazonaws.com"}
    account = after(lambdas)
    assert changes(plan(account, role_description="New", **lambdas)) == [("update", "iam_role", "web")]
    assert ("delete", "iam_role", "web") in changes(plan(account, state="absent", **lambdas))


def test_owned_profile_is_that_of_the_role_in_it():
    account = after({})
    account.roles["other"] = aws_answers.role("other")
    account.profiles["web"]["Roles"] = [aws_answers.role_in_profile("other", "AROAOTHER")]
    (blocker,) = plan(account).blockers
    assert blocker.startswith(
        f"application_instance_profile_name: instance profile web {SENTENCE}, and differs: role: other -> web"
    )
    # A role of the same application, which is replaced.
    account.roles["other"]["Tags"] = [{"Key": ownership.TAG, "Value": "web"}]
    assert changes(plan(account)) == [("update", "instance_profile", "web")]


@pytest.mark.parametrize(("own", "is_blocked"), [(True, False), (False, True)])
def test_owned_profile_without_a_role_is_known_by_its_tag(own, is_blocked):
    account = after({}) if own else foreign({})
    account.profiles["web"]["Roles"] = []
    assert bool(plan(account).blockers) is is_blocked


def test_owned_launch_configurations_of_a_foreign_profile_stay():
    account = foreign(IMAGE)
    assert changes(plan(account, **OTHER)) == [
        ("create", "launch_configuration", "web-" + account_name(account, OTHER))
    ]
    assert plan(account, state="absent").changes == ()


def account_name(account, variables):
    return Planner(application(**variables), account.index()).launch_target.name.removeprefix("web-")


@pytest.mark.parametrize("former", [{}, {**IMAGE, **FIXED}, EVERYTHING])
@pytest.mark.parametrize("owner", ["", "another"])
def test_owned_removal_deletes_nothing_of_others(former, owner):
    account = foreign(former, owner=owner)
    names = {"state": "absent", **FIXED, "group_name": "web"}
    before = copy.deepcopy(vars(account))
    planned = plan(account, **names)
    assert (planned.changes, planned.blockers) == ((), ())
    assert all(SENTENCE in warning and "Set application_adopt=true" in warning for warning in planned.warnings)
    assert len(planned.warnings) == (4 if former is EVERYTHING else 2)
    account.converge(application(**names))
    assert vars(account) == before
    account.converge(application(**names, **ADOPT))
    assert not any((account.roles, account.profiles, account.launch_configurations, account.groups, account.template))


def test_owned_removal_deletes_its_own_beside_others():
    account = after(EVERYTHING)
    account.groups["web"]["Tags"] = []
    planned = plan(account, state="absent", group_name="web")
    # The group of others launches from the template.
    assert (
        "other Auto Scaling groups launch with instance profile 'web' or its launch settings: web"
        in planned.blockers[0]
    )
    assert "auto_scaling_group" not in [change.resource for change in planned.changes]


def test_owned_refresh_of_a_foreign_group_blocks():
    account = after(EVERYTHING)
    account.add_instance(LaunchTemplate={"LaunchTemplateId": "lt-1", "Version": "0"})
    account.groups["web"]["Tags"] = []
    step = plan(account, **EVERYTHING, **REFRESHED).step("instance_refresh")
    assert step.blockers[0].startswith("application_group_name: Auto Scaling group web")


def test_owned_foreign_template_keeps_its_versions():
    account = after(
        {**IMAGE, **TEMPLATE, "launch_template_prune": None}, {**OTHER, **TEMPLATE, "launch_template_prune": None}
    )
    account.template.tags = {}
    planned = plan(account, **OTHER, **TEMPLATE)
    assert planned.step("superseded").calls == ()
    options = module_options(application(**OTHER, **TEMPLATE), account.index())
    assert options["superseded"]["versions"] == {}


TRUSTS = {
    "ec2": ({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole", True),
    "China": ({"Service": "ec2.amazonaws.com.cn"}, ["sts:AssumeRole", "sts:TagSession"], True),
    "among others": ({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, "sts:*", True),
    "everyone": ("*", "*", True),
    "lambda": ({"Service": "lambda.amazonaws.com"}, "sts:AssumeRole", False),
    "an account": ({"AWS": "123456789012"}, "sts:AssumeRole", False),
    "another service of EC2's name": ({"Service": "ec2fleet.amazonaws.com"}, "sts:AssumeRole", False),
    "another action": ({"Service": "ec2.amazonaws.com"}, "sts:TagSession", False),
    "OpenID": ({"Federated": "accounts.google.com"}, "sts:AssumeRoleWithWebIdentity", False),
}


@pytest.mark.parametrize(("principal", "action", "lets"), TRUSTS.values(), ids=TRUSTS)
def test_trust_policy_that_lets_ec2_assume(principal, action, lets):
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    for statements in (statement, [statement]):
        assert policy_document.lets_ec2_assume({"Statement": statements}) is lets
    assert policy_document.lets_ec2_assume({"Statement": {**statement, "Effect": "Deny"}}) is False


def test_owned_nothing_exists():
    assert plan(Account()).not_owned == ()
