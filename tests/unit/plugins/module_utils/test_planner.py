# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan of one application that is present: each step created, updated, unchanged or blocked."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application import plan_text
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    FIXED,
    GROUP,
    IMAGE,
    INLINE,
    OTHER,
    POLICY,
    TEMPLATE,
    Account,
    after,
    application,
    changes,
    plan,
)

ROLE_AND_PROFILE = [("create", "iam_role", "web"), ("create", "instance_profile", "web")]
REPLACE = {"launch_configuration_on_drift": "replace"}

# name -> what the application was before, what it is now, the changes.
PLANS = {
    "nothing exists": ([], {}, ROLE_AND_PROFILE),
    "unchanged": ([{}], {}, []),
    "description": ([{}], {"role_description": "New"}, [("update", "iam_role", "web")]),
    "tags": (
        [{}],
        {"tags": {"Owner": "me"}},
        [("update", "iam_role", "web"), ("update", "instance_profile", "web")],
    ),
    "inline policy created": ([{}], {"inline_policies": {"one": INLINE}}, [("create", "inline_policy", "one")]),
    "inline policy updated": (
        [{"inline_policies": {"one": INLINE}}],
        {"inline_policies": {"one": {"Statement": {**INLINE["Statement"][0], "Action": "s3:PutObject"}}}},
        [("update", "inline_policy", "one")],
    ),
    "inline policy deleted": (
        [{"inline_policies": {"one": INLINE}}],
        {"inline_policies": {}},
        [("delete", "inline_policy", "one")],
    ),
    "inline policies not set": ([{"inline_policies": {"one": INLINE}}], {}, []),
    "inline policies not purged": (
        [{"inline_policies": {"one": INLINE}}],
        {"inline_policies": {}, "purge_inline_policies": False},
        [],
    ),
    "fixed launch configuration": ([{}], {**IMAGE, **FIXED}, [("create", "launch_configuration", "fixed")]),
    "fixed launch configuration replaced": (
        [{**IMAGE, **FIXED}],
        {**OTHER, **FIXED, **REPLACE},
        [("replace", "launch_configuration", "fixed")],
    ),
    "fixed launch configuration kept": (
        [{**IMAGE, **FIXED}],
        {**OTHER, **FIXED, "launch_configuration_on_drift": "keep"},
        [],
    ),
    "launch template": ([{}], {**IMAGE, **TEMPLATE}, [("create", "launch_template", "web")]),
    "launch template updated": (
        [{**IMAGE, **TEMPLATE}],
        {**OTHER, **TEMPLATE},
        # The new version, and then the default version.
        [("update", "launch_template", "web"), ("update", "launch_template", "web")],
    ),
    "group": (
        [{**IMAGE, **TEMPLATE}],
        {**IMAGE, **TEMPLATE, **GROUP},
        [("create", "auto_scaling_group", "web")],
    ),
    "group updated": (
        [{**IMAGE, **TEMPLATE, **GROUP}],
        {**IMAGE, **TEMPLATE, **GROUP, "group_max_size": 3},
        [("update", "auto_scaling_group", "web")],
    ),
    "group without image": ([{**IMAGE, **TEMPLATE, **GROUP}], {}, []),
    "switch to a template": (
        [{**IMAGE, **FIXED, **GROUP}],
        {**IMAGE, **FIXED, **GROUP, **TEMPLATE},
        [
            ("create", "launch_template", "web"),
            ("update", "auto_scaling_group", "web"),
            ("delete", "launch_configuration", "fixed"),
        ],
    ),
    "switch to a launch configuration": (
        [{**IMAGE, **TEMPLATE, **GROUP}],
        {**IMAGE, **FIXED, **GROUP},
        [
            ("create", "launch_configuration", "fixed"),
            ("update", "auto_scaling_group", "web"),
            ("delete", "launch_template", "web"),
        ],
    ),
    "name in other letter case": ([{}], {"role_name": "WEB", "instance_profile_name": "WEB"}, []),
}


@pytest.mark.parametrize(("former", "wanted", "expected"), PLANS.values(), ids=PLANS)
def test_plan_of_each_step_names_changes(former, wanted, expected):
    account = after(*former)
    before = copy.deepcopy(vars(account))
    planned = plan(account, **wanted)
    assert (changes(planned), planned.blockers) == (expected, ())
    # A step has calls exactly when it has changes; what is superseded is deleted after the group has left it.
    assert all(
        bool(step.calls) == bool(step.changes)
        for step in planned.steps
        if step.name not in ("superseded", "instance_refresh")
    )
    assert vars(account) == before


def test_plan_new_image_shows_difference_and_superseded():
    account = after({**IMAGE, **GROUP})
    (former,) = list(account.launch_configurations)
    planned = plan(account, **OTHER, **GROUP)
    created = planned.changes[0]
    assert changes(planned) == [
        ("create", "launch_configuration", created.name),
        ("update", "auto_scaling_group", "web"),
        ("delete", "launch_configuration", former),
    ]
    assert created.differences == (("image_id", "ami-2", "ami-1"),)
    assert created.attributes["image_id"] == "ami-2"
    account.converge(application(**OTHER, **GROUP))
    assert list(account.launch_configurations) == [created.name]


def test_plan_user_data_is_shown_by_digest():
    account = after({**IMAGE, **GROUP, "user_data": "hunter2"})
    planned = plan(account, **IMAGE, **GROUP, user_data="hunter3")
    (difference,) = planned.changes[0].differences
    assert difference.field == "user_data"
    assert "sha256" in difference.wanted
    assert "hunter" not in "\n".join(plan_text.lines([planned])) + repr(planned)


BLOCKED = {
    "policy that does not exist": (
        [],
        {"managed_policies": ["none-of-this-name"]},
        ("iam_role", "inline_policies"),
        "application_managed_policies: ",
    ),
    "boundary that does not exist": (
        [],
        {"permissions_boundary": "missing"},
        ("iam_role", "inline_policies"),
        "missing",
    ),
    "fixed launch configuration that differs": (
        [{**IMAGE, **FIXED}],
        {**OTHER, **FIXED},
        ("launch_settings",),
        "application_launch_configuration_on_drift",
    ),
    "launch configuration in use to replace": (
        [{**IMAGE, **FIXED, **GROUP}],
        {**OTHER, **FIXED, **GROUP, **REPLACE},
        ("launch_settings",),
        "'fixed' by web",
    ),
    "profile at another path": (
        [{"instance_profile_path": "/one/"}],
        {"instance_profile_path": "/two/"},
        ("instance_profile",),
        "application_instance_profile_on_drift",
    ),
    "security group that does not exist": (
        [],
        {**IMAGE, "security_groups": ["front"], "vpc_id": "vpc-1"},
        ("launch_settings", "instance_refresh", "superseded"),
        "application_security_groups: VPC 'vpc-1' has no security group 'front'.",
    ),
}


@pytest.mark.parametrize(("former", "wanted", "steps", "text"), BLOCKED.values(), ids=BLOCKED)
def test_plan_step_that_cannot_be_done_is_blocked(former, wanted, steps, text):
    planned = plan(after(*former), **wanted)
    assert tuple(step.name for step in planned.steps if step.blockers) == steps
    assert all(not step.calls for step in planned.steps if step.blockers)
    assert text in planned.blockers[0]


def test_plan_of_a_mixed_instances_policy_is_blocked():
    account = after({**IMAGE, **TEMPLATE, **GROUP})
    specification = {"LaunchTemplateSpecification": account.groups["web"].pop("LaunchTemplate")}
    account.groups["web"]["MixedInstancesPolicy"] = {"LaunchTemplate": specification}
    planned = plan(account, **OTHER, **TEMPLATE, **GROUP)
    assert "application_group_name" in planned.step("auto_scaling_group").blockers[0]
    assert planned.step("auto_scaling_group").calls == ()


def test_plan_profile_at_another_path_can_be_kept():
    account = after({"instance_profile_path": "/one/"})
    planned = plan(account, instance_profile_path="/two/", instance_profile_on_drift="keep")
    assert (planned.changes, planned.blockers) == ((), ())
    assert "'/one/'" in planned.warnings[0]


def test_plan_role_in_other_letter_case_warns():
    planned = plan(after({}), role_name="Web", instance_profile_name="Web")
    assert (planned.changes, len(planned.warnings)) == ((), 2)


@pytest.mark.parametrize(
    ("wanted", "found", "step", "text"),
    [
        ({**IMAGE}, {"images": {"ami-1": None}}, "launch_settings", "application_image_id"),
        ({**IMAGE, "key_name": "k"}, {"key_pairs": {"k": None}}, "launch_settings", "application_key_name"),
        (
            {**IMAGE, **GROUP, "group_subnets": ["subnet-1"]},
            {"subnets": {"subnet-1": None}},
            "auto_scaling_group",
            "application_group_subnets",
        ),
    ],
)
def test_plan_missing_reference_blocks_its_step(wanted, found, step, text):
    planned = Planner(application(**wanted), after({}).index(references=found)).plan()
    assert any(text in blocker for blocker in planned.step(step).blockers)


def test_plan_does_not_check_references_of_what_stays():
    account = after({**IMAGE, **GROUP})
    planned = Planner(application(**IMAGE, **GROUP), account.index(references=dict(images={"ami-1": None}))).plan()
    assert (planned.changes, planned.blockers) == ((), ())


def test_planner_launch_settings_know_the_profile():
    planned = plan(after({}), **IMAGE)
    (call,) = planned.step("launch_settings").calls
    # The profile was observed with its role, so the executor does not read it again.
    assert [need.satisfied for need in call.needs] == [True]
    (call,) = plan(Account(), **IMAGE).step("launch_settings").calls
    assert [need.satisfied for need in call.needs] == [None]


def test_planner_moves_group_and_changes_nothing_else():
    account = after({**IMAGE, **GROUP})
    account.make(plan(account, **OTHER, **GROUP).step("launch_settings").calls)
    (call,) = plan(account, **OTHER, **GROUP).step("auto_scaling_group").calls
    assert sorted(call.arguments) == ["AutoScalingGroupName", "LaunchConfigurationName"]


def test_planner_group_of_new_template_has_its_version():
    account = after({**IMAGE, **TEMPLATE, **GROUP})
    account.converge(application(**OTHER, **TEMPLATE, **GROUP))
    assert account.groups["web"]["LaunchTemplate"]["Version"] == "2"


def refreshed(**variables):
    """An account whose group has one instance of the first image, and the plan for these variables."""
    account = after({**IMAGE, **GROUP, **variables})
    account.add_instance()
    return account


@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["launch configuration", "launch template"])
def test_planner_refresh_replaces_outdated_instances(kind):
    account = refreshed(**kind)
    planned = plan(account, **OTHER, **GROUP, **kind, refresh=True)
    (change,) = planned.step("instance_refresh").changes
    assert (change.action, change.resource, change.name) == ("refresh", "instances", "web")
    assert change.attributes == {"instances": "1"}
    # A refresh moves a group to a version of a template itself; nothing is called twice.
    moves = bool(planned.step("auto_scaling_group").calls)
    assert moves is (not kind)
    assert planned.notes == ()
    account.converge(application(**OTHER, **GROUP, **kind, refresh=True))
    assert plan(account, **OTHER, **GROUP, **kind, refresh=True).changes == ()


def test_planner_refresh_of_moved_group_knows_its_former():
    """Between the step of the group and the refresh, the group shows its new launch configuration already."""
    account = refreshed()
    former = copy.deepcopy(account.groups["web"])
    wanted = application(**OTHER, **GROUP, refresh=True)
    for step in ("launch_settings", "auto_scaling_group"):
        account.make(Planner(wanted, account.index(), former).step(step).calls)
    assert Planner(wanted, account.index(), former).step("instance_refresh").changes


@pytest.mark.parametrize(("count", "words"), [(1, "1 instance of"), (2, "2 instances of")])
def test_planner_note_counts_instances_that_stay(count, words):
    account = refreshed()
    if count == 2:
        account.add_instance(instance_id="i-2")
    (note,) = plan(account, **OTHER, **GROUP).notes
    assert note.startswith(words)
    assert note.endswith("set application_refresh=true.")


@pytest.mark.parametrize(
    ("variables", "members"),
    [
        ({}, {}),
        ({"refresh": True}, {}),
        ({"refresh": True}, {"LifecycleState": "Terminating:Wait", "LaunchConfigurationName": "old"}),
    ],
    ids=["current", "current with refresh", "terminating"],
)
def test_planner_current_instances_need_no_refresh(variables, members):
    account = after({**IMAGE, **GROUP})
    account.add_instance(**members)
    planned = plan(account, **IMAGE, **GROUP, **variables)
    assert (planned.changes, planned.notes) == ((), ())


def test_planner_attributes_of_a_new_application():
    planned = plan(Account(), **IMAGE, **GROUP, role_path="/web/", managed_policies=[POLICY], tags={"Owner": "me"})
    role, profile, launch, group = planned.changes
    assert role.attributes["managed_policies"] == "ReadOnlyAccess"
    tags = {"tags[Owner]": "me", "tags[launchkit:application]": "web"}
    assert profile.attributes == {"path": "/web/", "role": "web", **tags}
    assert (launch.attributes["image_id"], group.attributes["max_size"]) == ("ami-1", "1")


def test_planner_recreated_role_is_attached_again():
    account = after({})
    account.profiles["web"]["Roles"] = [aws_answers.role_in_profile(role_id="AROAFORMER")]
    (change,) = plan(account).changes
    assert change.differences == (("role", "web as it exists now", "a deleted role of the same name"),)
