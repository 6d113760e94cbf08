# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application leaves when it launches from something else: deleted only if it names the profile and nothing uses it."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    FIXED,
    GROUP,
    IMAGE,
    OTHER,
    TEMPLATE,
    after,
    application,
    changes,
    plan,
)

SIBLING = "web-0123456789abcdef"


def account_with(variables, name="", **members):
    """An account in which the application has these variables, and a copy of its launch configuration under another name."""
    account = after(variables)
    if name:
        (own,) = list(account.launch_configurations.values())
        account.launch_configurations[name] = {**copy.deepcopy(own), "LaunchConfigurationName": name, **members}
    return account


def superseded(account, **variables):
    """The step, as changes and as operations of its calls."""
    step = plan(account, **variables).step("superseded")
    assert step.blockers == ()
    return changes(step), [call.operation for call in step.calls]


# Issue 10, disagreement 2: siblings, on a switch and without one.
SIBLINGS = {
    "of the profile": ({}, [SIBLING]),
    "of the profile by ARN": (
        {"IamInstanceProfile": "arn:aws:iam::123456789012:instance-profile/web"},
        [SIBLING],
    ),
    "of the profile in other letter case": ({"IamInstanceProfile": "WEB"}, [SIBLING]),
    "of another profile": ({"IamInstanceProfile": "other"}, []),
    "of no profile": ({"IamInstanceProfile": ""}, []),
}


@pytest.mark.parametrize(("members", "names"), SIBLINGS.values(), ids=SIBLINGS)
def test_superseded_siblings_name_the_profile(members, names):
    expected = [("delete", "launch_configuration", name) for name in names]
    # Launch configurations only.
    account = account_with(IMAGE, SIBLING, **members)
    assert superseded(account, **IMAGE)[0] == expected
    # On a switch to a template, the one that the application left is deleted as well.
    (own,) = set(account.launch_configurations) - {SIBLING}
    listed = superseded(account, **IMAGE, **TEMPLATE)[0]
    assert sorted(listed) == sorted([*expected, ("delete", "launch_configuration", own)])


@pytest.mark.parametrize("name", ["web-2", "web-0123456789abcde", "api-0123456789abcdef", "web-0123456789abcdeg"])
def test_superseded_ignores_other_names(name):
    assert superseded(account_with(IMAGE, name), **IMAGE) == ([], [])


def test_superseded_sibling_of_another_group_is_kept():
    account = account_with({**IMAGE, **GROUP}, SIBLING)
    account.groups["other"] = {
        **account.groups["web"],
        "AutoScalingGroupName": "other",
        "LaunchConfigurationName": SIBLING,
    }
    assert superseded(account, **IMAGE, **GROUP) == ([], [])


def test_superseded_needs_all_groups():
    account = account_with(IMAGE, SIBLING)
    planner = Planner(application(**IMAGE), account.index(has_all_groups=False))
    assert planner.step("superseded").changes == planner.step("superseded").calls == ()


@pytest.mark.parametrize(
    ("prune", "is_deleted"),
    [
        (None, False),
        ({"keep": 0}, True),
        ({}, True),
        ({"keep": 1}, False),
        ({"min_age": 3600}, True),
        ({"min_age": 3601}, False),
    ],
)
def test_superseded_prune_keeps_newest_and_young(prune, is_deleted):
    account = account_with(IMAGE, SIBLING)
    assert bool(superseded(account, **IMAGE, launch_configuration_prune=prune)[0]) is is_deleted


def test_superseded_waits_until_the_group_has_left():
    account = after({**IMAGE, **GROUP})
    assert superseded(account, **OTHER, **GROUP)[1] == []
    for step in ("launch_settings", "auto_scaling_group"):
        account.make(plan(account, **OTHER, **GROUP).step(step).calls)
    assert superseded(account, **OTHER, **GROUP)[1] == ["delete_launch_configuration"]


def test_superseded_fixed_name_is_deleted_after_a_switch():
    account = after({**IMAGE, **FIXED, **GROUP})
    former = copy.deepcopy(account.groups["web"])
    wanted = application(**IMAGE, **FIXED, **TEMPLATE, **GROUP)
    for step in ("launch_settings", "auto_scaling_group"):
        account.make(Planner(wanted, account.index(), former).step(step).calls)
    step = Planner(wanted, account.index(), former).step("superseded")
    assert changes(step) == [("delete", "launch_configuration", "fixed")]


# Issue 10, disagreement 1: a template that an interrupted switch back to launch configurations left.
LEFT = {
    "of the profile": ({}, False, ["delete_launch_template"]),
    "of another profile": ({"IamInstanceProfile": {"Name": "other"}}, False, []),
    "of no profile": ({"IamInstanceProfile": {}}, False, []),
    "used by another group": ({}, True, []),
}


@pytest.mark.parametrize(("members", "is_used", "operations"), LEFT.values(), ids=LEFT)
def test_superseded_template_left_behind(members, is_used, operations):
    account = after({**IMAGE, **TEMPLATE, **GROUP})
    former = copy.deepcopy(account.groups["web"])
    for step in ("launch_settings", "auto_scaling_group"):
        account.make(plan(account, **IMAGE, **GROUP).step(step).calls)
    account.template.versions[1].update(members)
    if is_used:
        account.groups["other"] = {**former, "AutoScalingGroupName": "other"}
    listed, called = superseded(account, **IMAGE, **GROUP)
    assert called == operations
    assert listed == [("delete", "launch_template", "web")] * len(operations)


@pytest.mark.parametrize(("prune", "versions"), [({"keep": 0}, [3]), ({"keep": 1}, [2, 3]), (None, [1, 2, 3])])
def test_superseded_template_versions_follow_prune(prune, versions):
    account = after(
        {**IMAGE, **TEMPLATE, "launch_template_prune": None}, {**OTHER, **TEMPLATE, "launch_template_prune": None}
    )
    account.converge(application(**IMAGE, **TEMPLATE, launch_template_prune=prune))
    assert sorted(account.template.versions) == versions
    # What keeps all versions keeps the default one, which tools or people may have chosen.
    assert account.template.default == (1 if prune is None else 3)


def test_superseded_template_version_of_a_group_is_kept():
    """A group without a refresh of its own can name an older version of the template."""
    account = after({**IMAGE, **TEMPLATE, **GROUP})
    account.groups["other"] = {**copy.deepcopy(account.groups["web"]), "AutoScalingGroupName": "other"}
    account.converge(application(**OTHER, **TEMPLATE, **GROUP))
    assert sorted(account.template.versions) == [1, 2]
    assert account.groups["web"]["LaunchTemplate"]["Version"] == "2"


LATEST, DEFAULT = {"launch_template_version": "$Latest"}, {"launch_template_version": "$Default"}


@pytest.mark.parametrize(("version", "number"), [({}, "2"), (LATEST, "$Latest"), (DEFAULT, "$Default")])
def test_group_follows_its_template_by_number_or_word(version, number):
    account = after({**IMAGE, **TEMPLATE, **GROUP, **version}, {**OTHER, **TEMPLATE, **GROUP, **version})
    assert account.groups["web"]["LaunchTemplate"]["Version"] == number
    assert (max(account.template.versions), account.template.default) == (2, 2)
    assert plan(account, **OTHER, **TEMPLATE, **GROUP, **version).changes == ()


def test_default_version_is_new_before_a_group_that_follows_it_refreshes():
    account = after({**IMAGE, **TEMPLATE, **GROUP, **DEFAULT})
    step = plan(account, **OTHER, **TEMPLATE, **GROUP, **DEFAULT).step("launch_settings")
    assert [call.operation for call in step.calls] == ["create_launch_template_version", "modify_launch_template"]
    assert [each.field for each in step.changes[0].differences] == ["image_id", "default_version"]


def test_default_version_stays_if_nothing_is_pruned():
    kept = {"launch_template_prune": None}
    account = after({**IMAGE, **TEMPLATE, **GROUP, **kept}, {**OTHER, **TEMPLATE, **GROUP, **kept})
    assert (
        max(account.template.versions),
        account.template.default,
        account.groups["web"]["LaunchTemplate"]["Version"],
    ) == (
        2,
        1,
        "2",
    )
    assert superseded(account, **OTHER, **TEMPLATE, **GROUP, **kept) == ([], [])


KEEP = {"keep_user_data": True}


def test_kept_user_data_stays_in_new_versions():
    account = after({**IMAGE, **TEMPLATE, **GROUP, "user_data": "a secret"})
    before = account.template.describe()[1]["LaunchTemplateData"]["UserData"]
    assert plan(account, **IMAGE, **TEMPLATE, **GROUP, **KEEP).changes == ()
    account.converge(application(**OTHER, **TEMPLATE, **GROUP, **KEEP))
    data = account.template.describe()[1]["LaunchTemplateData"]
    assert (data["ImageId"], data["UserData"]) == ("ami-2", before)


@pytest.mark.parametrize("former", [{}, FIXED, TEMPLATE], ids=["prefix", "fixed", "template"])
def test_kept_user_data_is_not_lost_with_something_new(former):
    account = after({**IMAGE, **GROUP, **former, "user_data": "a secret"})
    new = {**OTHER, **GROUP, **KEEP, **({} if former == TEMPLATE else TEMPLATE)}
    (blocker,) = plan(account, **new).blockers
    assert blocker.startswith(
        "application_keep_user_data: the user data of Auto Scaling group 'web' would be lost with "
    )
    # There is none to lose.
    assert plan(after({**IMAGE, **GROUP, **former}), **new).blockers == ()
    assert plan(after(), **new).blockers == ()


@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["configuration", "template"])
def test_metadata_options_and_monitoring_stay_as_they_are(kind):
    set_before = {"metadata_options": {"http_tokens": "optional"}, "instance_monitoring": True}
    account = after({**IMAGE, **FIXED, **kind, **set_before})
    left = {"metadata_options": None, "instance_monitoring": None}
    assert plan(account, **IMAGE, **FIXED, **kind, **left).changes == ()
    assert plan(account, **IMAGE, **FIXED, **kind, **left, launch_configuration_on_drift="replace").changes == ()
    assert plan(account, **IMAGE, **FIXED, **kind, launch_configuration_on_drift="replace").changes != ()


@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["configuration", "template"])
def test_kernel_and_ramdisk_are_settings(kind):
    account = after({**IMAGE, **kind, "kernel_id": "aki-1", "ramdisk_id": "ari-1"})
    assert plan(account, **IMAGE, **kind, kernel_id="aki-1", ramdisk_id="ari-1").changes == ()
    assert plan(account, **IMAGE, **kind, kernel_id="aki-2", ramdisk_id="ari-1").changes != ()


@pytest.mark.parametrize("version", [LATEST, DEFAULT], ids=["latest", "default"])
def test_group_that_follows_its_template_refreshes_outdated_instances(version):
    account = after({**IMAGE, **TEMPLATE, **GROUP, **version})
    launched = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": "1"}
    account.add_instance(LaunchTemplate=launched)
    refreshed = {**TEMPLATE, **GROUP, **version, "refresh": True}
    assert plan(account, **IMAGE, **refreshed).changes == ()
    assert changes(plan(account, **OTHER, **refreshed).step("instance_refresh")) == [("refresh", "instances", "web")]
    account.add_instance(instance_id="i-2", LaunchTemplate={**launched, "Version": "2"})
    account.make(plan(account, **OTHER, **refreshed).step("launch_settings").calls)
    (change,) = plan(account, **OTHER, **refreshed).step("instance_refresh").changes
    assert change.attributes == {"instances": "1"}
