# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The modules fleet and fleet_info on the embedded AWS: what they cost, and what of a fleet they change."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report as fleet_view
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    OTHER_IMAGE,
    entries,
    entry,
    plain,
    with_group,
)

N = 30
TEMPLATE = {"launch_with": "launch_template"}


def unchanged(fleets, applications, **options):
    """Assert that both modules find nothing to do, and that nothing was written."""
    fleets.aws.reset_calls()
    found = fleets.info(applications, **options)
    assert [row["summary"] for row in found["applications"] if row["changed"]] == []
    assert (found["iam_roles"], found["iam_policies"], found["beyond_roles"]) == ([], [], [])
    result = fleets.apply(applications, **options)
    assert (result["changed"], result["autoscaling_groups"], result["to_refresh"]) == (False, [], [])
    assert fleets.writes() == {}


def test_bootstrap_and_again(fleets):
    applications = entries(N)
    fleets.make_roles(*applications)
    fleets.aws.reset_calls()
    result = fleets.apply(applications)
    assert result["totals"] == {"applications": N, "changed": N, "unchanged": 0, "failed": 0}
    assert fleets.writes() == {
        "AddRoleToInstanceProfile": N,
        "CreateInstanceProfile": N,
        "CreateLaunchConfiguration": N,
    }
    row = result["applications"][0]
    assert row["done"] == [
        "create_instance_profile instance profile 'web-0'",
        "add_role_to_instance_profile instance profile 'web-0'",
        f"create_launch_configuration launch configuration '{fleets.launch_configurations()[0]}'",
    ]
    assert fleets.profiles() == {each["application_name"]: [each["application_name"]] for each in applications}
    unchanged(fleets, applications)


@pytest.mark.parametrize(
    ("variables", "most"),
    [
        ({}, N / 20 + 10),
        ({"tags": {"Owner": "me"}}, N / 20 + 10 + N),
        (TEMPLATE, N / 20 + 10),
        ({"role_description": "What for"}, N / 20 + 10),
    ],
    ids=["plain", "tags", "templates", "description"],
)
def test_what_an_unchanged_fleet_costs(fleets, variables, most):
    applications = entries(N, **variables)
    fleets.bootstrap(applications)
    fleets.info(applications)
    assert fleets.aws.counts()["total"] <= most


def test_a_new_image_for_all_costs_what_it_changes(fleets):
    fleets.bootstrap(entries(N))
    before = fleets.launch_configurations()
    applications = entries(N, image_id=OTHER_IMAGE)
    found = fleets.info(applications)
    assert {row["summary"].partition("-")[0] for row in found["applications"]} == {"web"}
    fleets.aws.reset_calls()
    assert fleets.apply(applications)["totals"]["changed"] == N
    assert fleets.writes() == {"CreateLaunchConfiguration": N, "DeleteLaunchConfiguration": N}
    # Reads are in bulk: what is one more for each application is a write.
    assert fleets.aws.counts()["total"] <= 2 * N + 3 * (N / 20 + 10)
    assert not set(before) & set(fleets.launch_configurations())
    unchanged(fleets, applications)


def test_one_that_changed_costs_what_it_changes(fleets):
    applications = entries(N)
    fleets.bootstrap(applications)
    applications[7]["application_instance_type"] = "t3.large"
    found = fleets.info(applications)
    assert found["totals"] == {"applications": N, "changed": 1, "failed": 0, "unchanged": N - 1, "orphans": 0}
    assert [row["name"] for row in found["applications"] if row["changed"]] == ["web-7"]
    fleets.aws.reset_calls()
    result = fleets.apply(applications)
    assert [row["name"] for row in result["applications"] if row["changed"]] == ["web-7"]
    assert fleets.writes() == {"CreateLaunchConfiguration": 1, "DeleteLaunchConfiguration": 1}
    assert fleets.aws.counts()["total"] <= 3 * (N / 20 + 10)


# What a fleet can be made of: each kind of application, and what changes in it.
KINDS = {
    "launch configuration": (entry, {}),
    "fixed name": (entry, {"launch_configuration_name": "fixed"}),
    "template": (entry, TEMPLATE),
    "profile only": (plain, {}),
    "tags": (entry, {"tags": {"Owner": "me"}}),
    "template with tags": (entry, {"tags": {"Owner": "me"}, **TEMPLATE}),
    "path": (entry, {"role_path": "/ops/"}),
    "group": (with_group, {}),
    "group with a template": (with_group, TEMPLATE),
    "user data": (entry, {"user_data": "#!/bin/sh\necho hello\n"}),
}


def one_of_each(**more):
    """A fleet with an application of each kind."""
    return [
        make(name.replace(" ", "-"), **{**variables, **(more if make is not plain else {})})
        for name, (make, variables) in KINDS.items()
    ]


def test_one_of_each_kind(fleets):
    applications = one_of_each()
    result = fleets.bootstrap(applications)
    assert result["totals"]["changed"] == len(KINDS)
    assert [each["name"] for each in result["autoscaling_groups"]] == ["group", "group-with-a-template"]
    unchanged(fleets, applications)


@pytest.mark.parametrize(
    "names",
    [("group", "template with tags")],
    ids=lambda names: names[0],
)
def test_few_applications_are_read_one_by_one_with_the_same_outcome(fleets, names):
    applications = [
        make(name.replace(" ", "-"), **variables) for name, (make, variables) in KINDS.items() if name in names
    ]
    others = [plain("other"), plain("another")]
    wishes = [
        {},
        {
            "application_image_id": OTHER_IMAGE,
            "application_tags": {"Owner": "you"},
            "application_role_description": "Other",
            "application_inline_policies": {"one": {"Statement": []}},
        },
        {"application_managed_policies": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "none-of-this-name"]},
        {"application_state": "absent"},
    ]

    def compare():
        for wish in wishes:
            wanted = [{**each, **wish} for each in applications]
            few, in_bulk = fleets.info(wanted), fleets.info(wanted + others)
            assert few["applications"] == in_bulk["applications"][:2]
            assert few["iam_roles"] == [each for each in in_bulk["iam_roles"] if "other" not in each["name"]]
            assert few["iam_policies"] == in_bulk["iam_policies"]

    compare()
    fleets.bootstrap(applications)
    compare()


@pytest.mark.parametrize("page_size", [1, 7])
def test_all_pages_of_everything_are_read(fleets, page_size):
    applications = one_of_each(group_tags={"Owner": "me"})
    fleets.bootstrap(applications)
    fleets.aws.set(page_size=page_size)
    found = fleets.info(applications, orphan_path="/former/")
    changed = {row["name"]: row["summary"] for row in found["applications"] if row["changed"]}
    # The tags of groups are amazon.aws's, and these were made without.
    assert set(changed) == {"group", "group-with-a-template"}
    assert fleets.apply([each for each in applications if "group" not in each["application_name"]])["changed"] is False


def test_a_check_changes_nothing_and_says_what_the_run_then_changes(fleets):
    applications = one_of_each()
    fleets.make_roles(*applications)

    def checked_and_run(wanted):
        fleets.aws.reset_calls()
        before = copy.deepcopy(wanted)
        checked = fleets.apply(wanted, check_mode=True)
        assert (fleets.writes(), wanted) == ({}, before)
        result = fleets.apply(wanted)
        fleets.make_groups(result)
        assert [row["changed"] for row in checked["applications"]] == [row["changed"] for row in result["applications"]]
        assert checked["changed"] == result["changed"]
        return result

    result = checked_and_run(applications)
    assert result["totals"]["changed"] == len(KINDS)
    assert checked_and_run(applications)["changed"] is False
    others = one_of_each(image_id=OTHER_IMAGE, launch_configuration_on_drift="replace")
    # A role and profile only has no image.
    assert checked_and_run(others)["totals"]["changed"] == len(KINDS) - 1


def test_a_check_says_that_a_group_would_move(fleets):
    """As after a run that was stopped between the two calls."""
    application = with_group("web")
    fleets.bootstrap([application])
    (former,) = fleets.launch_configurations()
    other = with_group("web", image_id=OTHER_IMAGE)
    fleets.aws.fault("error", "UpdateAutoScalingGroup", times=0, code="ValidationError", message="No.", status=400)
    message, dummy = fleets.refused([other])
    assert "[web]" in message
    fleets.aws.control("DELETE", "faults")
    assert len(fleets.launch_configurations()) == 2
    assert fleets.apply([other], check_mode=True)["changed"] is True
    assert fleets.apply([other])["changed"] is True
    assert former not in fleets.launch_configurations()


def group_of(fleets, name="web"):
    (found,) = fleets.aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
        "AutoScalingGroups"
    ]
    return found


def test_a_template_gets_a_version_the_group_moves_and_the_old_version_goes(fleets):
    fleets.bootstrap([with_group("web", **TEMPLATE)])
    applications = [with_group("web", image_id=OTHER_IMAGE, **TEMPLATE)]
    (row,) = fleets.info(applications)["applications"]
    assert row["summary"].startswith("web: change launch template web (image_id); change Auto Scaling group web")
    fleets.aws.reset_calls()
    result = fleets.apply(applications)
    assert result["autoscaling_groups"] == []
    assert list(fleets.writes().items()) == [
        ("CreateLaunchTemplateVersion", 1),
        ("UpdateAutoScalingGroup", 1),
        ("ModifyLaunchTemplate", 1),
        ("DeleteLaunchTemplateVersions", 1),
    ]
    assert group_of(fleets)["LaunchTemplate"]["Version"] == "2"
    versions = fleets.aws.client("ec2").describe_launch_template_versions(LaunchTemplateName="web")
    assert [(each["VersionNumber"], each["DefaultVersion"]) for each in versions["LaunchTemplateVersions"]] == [
        (2, True)
    ]
    unchanged(fleets, applications)


@pytest.mark.parametrize("fixed", [None, "fixed"])
def test_switching_what_is_launched_with_leaves_nothing_behind(fleets, fixed):
    first = [with_group("web", launch_configuration_name=fixed)]
    fleets.bootstrap(first)
    second = [with_group("web", launch_configuration_name=fixed, **TEMPLATE)]
    for wanted, templates, configurations in ((second, ["web"], 0), (first, [], 1), (second, ["web"], 0)):
        fleets.apply(wanted)
        assert (fleets.launch_templates(), len(fleets.launch_configurations())) == (templates, configurations)
        unchanged(fleets, wanted)


def test_what_another_group_names_is_not_removed(fleets):
    fleets.bootstrap([with_group("web")])
    (former,) = fleets.launch_configurations()
    fleets.aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="foreign",
        LaunchConfigurationName=former,
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["us-east-1a"],
    )
    fleets.apply([with_group("web", image_id=OTHER_IMAGE)])
    assert former in fleets.launch_configurations()
    fleets.apply([with_group("web", **TEMPLATE)])
    assert fleets.launch_configurations() == [former]


def test_a_group_that_differs_in_more_is_left_to_its_module(fleets):
    fleets.bootstrap([with_group("web")])
    applications = [{**with_group("web", image_id=OTHER_IMAGE), "application_group_max_size": 5}]
    result = fleets.apply(applications)
    (options,) = result["autoscaling_groups"]
    assert (options["name"], options["max_size"]) == ("web", 5)
    # It launches from the new one already, and nothing of the old is left.
    assert [options["launch_config_name"]] == fleets.launch_configurations()
    assert group_of(fleets)["MaxSize"] == 2


def test_where_instances_are_to_be_replaced_the_group_is_left_to_the_role(fleets):
    applications = [with_group("web")]
    fleets.bootstrap(applications)
    (former,) = fleets.launch_configurations()
    wanted = [with_group("web", image_id=OTHER_IMAGE, refresh=True)]
    result = fleets.apply(wanted)
    assert (result["to_refresh"], result["autoscaling_groups"]) == (["web"], [])
    assert group_of(fleets)["LaunchConfigurationName"] == former
    assert len(fleets.launch_configurations()) == 2


def test_applications_that_shall_not_be_there_are_not_touched_and_told(fleets):
    applications = one_of_each()
    fleets.bootstrap(applications)
    found = fleets.info(applications, state="absent")
    assert found["to_remove"] == [each["application_name"] for each in applications]
    assert found["applications"][-2]["summary"].startswith(
        "group-with-a-template: remove Auto Scaling group group-with-a-template; remove launch template group-with-a-template;"
    )
    fleets.aws.reset_calls()
    result = fleets.apply(applications, state="absent")
    assert (result["applications"], fleets.writes()) == ([], {})


def test_orphans_are_found_with_what_they_are_made_of(fleets):
    there = [
        with_group("former", role_path="/web/"),
        with_group("template", role_path="/web/", **TEMPLATE),
        entry("kept", role_path="/web/"),
        plain("elsewhere", role_path="/ops/"),
    ]
    fleets.bootstrap(there)
    found = fleets.info([there[2]], orphan_path="/web/")
    configuration = next(each for each in fleets.launch_configurations() if each.startswith("former-"))
    assert [orphan["summary"] for orphan in found["orphans"]] == [
        "former: ORPHAN: role former; instance profile former; "
        f"launch configuration {configuration}; Auto Scaling group former",
        "template: ORPHAN: role template; instance profile template; launch template template; Auto Scaling group template",
    ]
    assert found["orphans"][0]["variables"] == {
        "application_name": "former",
        "application_role_name": "former",
        "application_instance_profile_name": "former",
        "application_launch_configuration_name_prefix": "former-",
        "application_group_name": "former",
    }
    assert found["plan"][-1] == fleet_view.totals_line(found["totals"])
    assert found["totals"] == {"applications": 1, "changed": 0, "failed": 0, "unchanged": 1, "orphans": 2}
    # One that shall not be there is claimed all the same.
    absent = {**there[0], "application_state": "absent"}
    assert [each["name"] for each in fleets.info([absent, *there[1:3]], orphan_path="/web/")["orphans"]] == []
