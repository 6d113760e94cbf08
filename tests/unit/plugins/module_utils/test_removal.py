# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan of an application that is absent: what is deleted, what blocks it, and what others claim."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application.removal import Removal
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    FIXED,
    GROUP,
    IMAGE,
    TEMPLATE,
    Account,
    after,
    application,
    changes,
)

ABSENT = {"state": "absent", "group_name": "web"}
EVERYTHING = {**IMAGE, **FIXED, **GROUP}
IAM = [("delete", "instance_profile", "web"), ("delete", "iam_role", "web")]
GROUP_CHANGE = ("delete", "auto_scaling_group", "web")


def removal(account, members=None, **variables):
    """The plan of the removal, with further members of the observation."""
    return Removal(application(**{**ABSENT, **FIXED, **variables}), account.index(**(members or {}))).plan()


@pytest.mark.parametrize(
    ("former", "expected"),
    [
        ([], []),
        ([{}], IAM),
        ([EVERYTHING], [GROUP_CHANGE, ("delete", "launch_configuration", "fixed"), *IAM]),
        ([{**IMAGE, **TEMPLATE}], [("delete", "launch_template", "web"), *IAM]),
    ],
    ids=["nothing", "role and profile", "everything", "template"],
)
def test_removal_names_what_exists(former, expected):
    account = after(*former)
    planned = removal(account)
    assert (planned.state, changes(planned), planned.blockers) == ("absent", expected, ())
    account.converge(application(**ABSENT, **FIXED))
    assert removal(account).changes == ()
    assert account.roles == account.profiles == account.groups == {}


def test_removal_by_prefix_deletes_siblings_of_the_profile():
    account = after(IMAGE)
    (name,) = list(account.launch_configurations)
    foreign = {**account.launch_configurations[name], "IamInstanceProfile": "other"}
    account.launch_configurations["web-0123456789abcdef"] = foreign
    listed = changes(removal(account, launch_configuration_name=""))
    assert listed == [("delete", "launch_configuration", name), *IAM]


@pytest.mark.parametrize("kind", [FIXED, TEMPLATE], ids=["launch configuration", "launch template"])
def test_removal_keeps_launch_settings_of_another_profile(kind):
    account = after({**IMAGE, **kind})
    if kind is FIXED:
        account.launch_configurations["fixed"]["IamInstanceProfile"] = "other"
    else:
        account.template.versions[1]["IamInstanceProfile"] = {"Name": "other"}
    assert changes(removal(account)) == IAM


@pytest.mark.parametrize("latest", [True, False], ids=["newest version", "older version"])
def test_removal_newest_template_version_tells_whose_it_is(latest):
    account = after({**IMAGE, **TEMPLATE})
    other = {**account.template.versions[1], "IamInstanceProfile": {"Name": "other"}}
    account.template.versions = (
        {1: other, 2: account.template.versions[1]} if latest else {**account.template.versions, 2: other}
    )
    assert (("delete", "launch_template", "web") in changes(removal(account))) is latest


def users(*pairs, instances=()):
    """Users of the profile: Auto Scaling groups and instances as triples of name, group and Region."""
    return {
        "users": {
            "web": {
                "groups": [{"auto_scaling_group_name": name, "region": region} for name, region in pairs],
                "instances": [
                    {"instance_id": name, "auto_scaling_group_name": group, "region": region}
                    for name, group, region in instances
                ],
            }
        }
    }


HERE, THERE = "us-east-1", "eu-west-1"
USERS = {
    "own group": (users(("web", HERE)), ()),
    "own instance": (users(instances=[("i-1", "web", HERE)]), ()),
    "another group": (users(("other", HERE)), ("application_group_name: other Auto Scaling groups", "other")),
    "a group of its name elsewhere": (users(("web", THERE)), ("application_group_name: ", "web (eu-west-1)")),
    "an instance without a group": (
        users(instances=[("i-1", None, HERE)]),
        ("application_instance_profile_name: instances outside", "i-1"),
    ),
    "an instance of another group": (users(instances=[("i-1", "other", HERE)]), ("instances outside", "i-1")),
    "an instance elsewhere": (users(instances=[("i-1", "web", THERE)]), ("instances outside", "i-1")),
}


@pytest.mark.parametrize(("members", "parts"), USERS.values(), ids=USERS)
# K11: a name in another letter case is the same profile.
@pytest.mark.parametrize("name", ["web", "WEB"])
def test_removal_users_of_the_profile_block(members, parts, name):
    planned = removal(after(EVERYTHING), members, role_name=name, instance_profile_name=name)
    assert len(planned.blockers) == bool(parts)
    assert all(part in planned.blockers[0] for part in parts)
    # Nothing is begun then, so what blocks is on the first step.
    assert planned.steps[0].blockers == planned.blockers
    assert planned.changes


def test_removal_name_in_other_letter_case_warns():
    planned = removal(after({}), role_name="WEB", instance_profile_name="WEB")
    assert changes(planned) == IAM
    assert "'web'" in planned.warnings[0]


def test_removal_group_of_launch_configuration_blocks():
    account = after(EVERYTHING)
    account.groups["other"] = {**account.groups["web"], "AutoScalingGroupName": "other"}
    (blocker,) = removal(account).blockers
    assert "launch settings: other." in blocker


def test_removal_group_of_template_blocks():
    account = after({**IMAGE, **TEMPLATE, **GROUP})
    (blocker,) = removal(account, group_name="").blockers
    assert "launch settings: web." in blocker


def test_removal_group_of_something_else_blocks():
    account = after(EVERYTHING)
    account.groups["web"]["LaunchConfigurationName"] = "other"
    (blocker,) = removal(account).blockers
    assert blocker.startswith(
        "application_group_name: Auto Scaling group 'web' launches from something that isn't part"
    )


def test_removal_profile_of_another_role_is_kept():
    account = after({})
    account.profiles["web"]["Roles"] = [aws_answers.role_in_profile("other")]
    planned = removal(account)
    assert changes(planned) == [("delete", "iam_role", "web")]
    assert "instance profile web exists and does not belong to this application: it is kept." in planned.warnings[0]
    # Taken over, it would leave an application without its role.
    (blocker,) = removal(account, adopt=True).blockers
    assert "holds another IAM role: other." in blocker


@pytest.mark.parametrize("role_name", ["web", "WEB"])
def test_removal_role_in_another_profile_blocks(role_name):
    account = after({})
    account.profiles["other"] = aws_answers.instance_profile("other", roles=[aws_answers.role_in_profile()])
    (blocker,) = removal(account, role_name=role_name).blockers
    assert blocker.startswith("application_role_name: other instance profiles hold IAM role")
    assert ": other." in blocker


def test_removal_without_changes_has_no_blockers():
    assert removal(Account(), users(("other", HERE))).blockers == ()


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"ProtectedFromScaleIn": True}, "scale-in protection: i-1"),
        ({"LifecycleState": "Standby"}, "on standby: i-1"),
    ],
)
def test_removal_instances_that_stay_need_force(members, text):
    account = after(EVERYTHING)
    account.add_instance(**members)
    (blocker,) = removal(account).blockers
    assert text in blocker
    assert "application_group_force_delete" in blocker
    forced = removal(account, group_force_delete=True)
    assert forced.blockers == ()
    (call,) = forced.step("auto_scaling_group").calls
    assert call.arguments["ForceDelete"] is True


# K1: text of a template or of -e is what it says.
@pytest.mark.parametrize("value", [False, "false", "no", "False"])
def test_removal_without_force_scales_in_first(value):
    account = after({**EVERYTHING, "group_min_size": 1})
    account.add_instance()
    (call,) = removal(account, group_force_delete=value).step("auto_scaling_group").calls
    assert call.operation == "update_auto_scaling_group"
    assert call.arguments["MaxSize"] == 0


@pytest.mark.parametrize("name", ["web", "WEB"])
def test_removal_claimed_role_and_profile_are_kept(name):
    account = after(EVERYTHING)
    members = {**users(("web", THERE), instances=[("i-1", None, THERE)]), "claims": {"web": "eu-host"}}
    planned = removal(account, members, role_name=name, instance_profile_name=name)
    assert planned.blockers == ()
    assert changes(planned) == [GROUP_CHANGE, ("delete", "launch_configuration", "fixed")]
    assert planned.notes == ("IAM role and instance profile are kept: claimed by eu-host.",)


def test_removal_claimed_profile_alone_keeps_both():
    planned = removal(after({}), {"claims": {"profile": "eu-host"}}, instance_profile_name="profile")
    assert planned.changes == ()
    assert planned.notes


def test_removal_claim_of_another_name_keeps_nothing():
    planned = removal(after({}), {"claims": {"other": "eu-host"}})
    assert (changes(planned), planned.notes) == (IAM, ())


def test_removal_claim_does_not_spare_other_groups_here():
    account = after(EVERYTHING)
    account.groups["other"] = {**copy.deepcopy(account.groups["web"]), "AutoScalingGroupName": "other"}
    assert removal(account, {"claims": {"web": "eu-host"}}).blockers
