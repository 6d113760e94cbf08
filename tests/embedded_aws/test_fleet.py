# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The modules fleet and fleet_info on the embedded AWS: what they create and change, and what that costs."""

from __future__ import annotations

import copy
import json

import pytest
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    IMAGE,
    OTHER_IMAGE,
    TRUST,
    ZONES,
    entries,
    entry,
    plain,
    template,
    with_group,
)

N = 20
TEMPLATE = {"launch_with": "launch_template"}
# The reads of a fleet of N applications, however many there are: bulk lists, and a page more for every 20.
READS = N / 20 + 12
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ROLE = {
    "role_path": "/ops/",
    "role_description": "For the website",
    "role_max_session_duration": 7200,
    "managed_policies": [READ_ONLY],
    "inline_policies": {"read": POLICY},
    "permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess",
    "tags": {"Owner": "me"},
}


OWNED = {"launchkit:application": "web"}


def tags_of(resource):
    """Return the tags in an answer of AWS, key -> value."""
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


def assert_unchanged(fleets, applications, **options):
    """Assert that both modules find nothing to do, and that nothing is written."""
    fleets.aws.reset_calls()
    assert fleets.summaries(applications, **options) == []
    result = fleets.apply(applications, **options)
    assert (result["changed"], result["totals"]["unchanged"]) == (False, len(applications))
    assert fleets.writes() == {}


def test_bootstrap_creates_the_whole_chain(fleets):
    applications = entries(N)
    result = fleets.apply(applications)
    assert {name: number for name, number in result["totals"].items() if number} == {
        "create": 3 * N,
        "applications": N,
        "changed": N,
    }
    assert fleets.writes() == {
        "CreateRole": N,
        "CreateInstanceProfile": N,
        "AddRoleToInstanceProfile": N,
        "CreateLaunchConfiguration": N,
    }
    # Each write, and reads in bulk: before, and until every step has settled.
    assert fleets.aws.counts()["total"] <= 4 * N + 4 * READS
    assert result["applications"][0]["calls"] == [
        "create_role IAM role 'web-0'",
        "create_instance_profile instance profile 'web-0'",
        "add_role_to_instance_profile instance profile 'web-0'",
        f"create_launch_configuration launch configuration '{fleets.launch_configurations()[0]}'",
    ]
    assert fleets.profiles() == {each["application_name"]: [each["application_name"]] for each in applications}
    assert_unchanged(fleets, applications)


@pytest.mark.parametrize("make", [entry, template])
def test_everything_of_an_application_is_created(fleets, make):
    variables = {**ROLE, "group_tags": {"Stage": "test"}, "group_default_cooldown": 60, "user_data": "hunter2"}
    applications = [with_group("web", **variables, **(TEMPLATE if make is template else {}))]
    launch = "CreateLaunchTemplate" if make is template else "CreateLaunchConfiguration"
    fleets.apply(applications)
    assert list(fleets.writes()) == [
        "CreateRole",
        "AttachRolePolicy",
        "PutRolePolicy",
        "CreateInstanceProfile",
        "AddRoleToInstanceProfile",
        launch,
        "CreateAutoScalingGroup",
    ]
    iam = fleets.aws.client("iam")
    role = iam.get_role(RoleName="web")["Role"]
    assert (role["Path"], role["Description"], role["MaxSessionDuration"]) == ("/ops/", "For the website", 7200)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == ROLE["permissions_boundary"]
    assert (tags_of(role), role["AssumeRolePolicyDocument"]) == ({"Owner": "me", **OWNED}, TRUST)
    assert tags_of(iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]) == {"Owner": "me", **OWNED}
    assert iam.get_role_policy(RoleName="web", PolicyName="read")["PolicyDocument"] == POLICY
    group = fleets.group()
    tags = {"Stage": "test", **OWNED}
    assert (group["DefaultCooldown"], group["AvailabilityZones"], tags_of(group)) == (60, ZONES, tags)
    assert [tag["Key"] for tag in group["Tags"] if not tag["PropagateAtLaunch"]] == list(OWNED)
    assert_unchanged(fleets, applications)


def test_each_change_is_made_by_its_own_call(fleets):
    """Of the role, its inline policies, and the group; what is not named any more stays."""
    fleets.bootstrap([with_group("web", **ROLE)])
    other = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    power = "arn:aws:iam::aws:policy/PowerUserAccess"
    changes = [
        ({"role_description": "Other"}, ["UpdateRole"]),
        ({"role_max_session_duration": 3600}, ["UpdateRole"]),
        ({"trust_principal": "lambda.amazonaws.com"}, ["UpdateAssumeRolePolicy"]),
        ({"permissions_boundary": ""}, ["DeleteRolePermissionsBoundary"]),
        ({"managed_policies": [power]}, ["AttachRolePolicy", "DetachRolePolicy"]),
        ({"inline_policies": {"read": other}}, ["PutRolePolicy"]),
        ({"inline_policies": {}}, ["DeleteRolePolicy"]),
        ({"group_max_size": 5}, ["UpdateAutoScalingGroup"]),
        ({"group_tags": {"Stage": "test"}}, ["CreateOrUpdateTags", "DeleteTags"]),
    ]
    wanted = dict(ROLE)
    for change, operations in changes:
        wanted.update(change)
        applications = [with_group("web", **wanted)]
        assert len(fleets.summaries(applications)) == 1
        fleets.aws.reset_calls()
        assert fleets.apply(applications)["changed"] is True, change
        assert list(fleets.writes()) == operations
        assert fleets.summaries(applications) == []
    # What is not named stays as it is.
    left = {"trust_principal": "lambda.amazonaws.com", "group_max_size": 5, "group_tags": {"Stage": "test"}}
    assert_unchanged(fleets, [with_group("web", **left)])


@pytest.mark.parametrize(
    ("variables", "most"),
    [
        ({}, READS),
        ({"tags": {"Owner": "me"}}, READS + N),
        (TEMPLATE, READS),
        ({"role_description": "What for"}, READS),
        ({"managed_policies": [READ_ONLY], "inline_policies": {"read": POLICY}}, READS),
    ],
    ids=["plain", "tags", "templates", "description", "policies"],
)
def test_reads_of_an_unchanged_fleet(fleets, variables, most):
    applications = entries(N, **variables)
    fleets.bootstrap(applications)
    result = fleets.apply(applications)
    assert (result["changed"], fleets.writes()) == (False, {})
    assert fleets.aws.counts()["total"] <= most


def test_new_image_for_all_costs_its_writes(fleets):
    at_once = {"launch_configuration_prune": {"min_age": 0}}
    fleets.bootstrap(entries(N, **at_once))
    before = fleets.launch_configurations()
    applications = entries(N, image_id=OTHER_IMAGE, **at_once)
    assert fleets.apply(applications)["totals"]["changed"] == N
    assert fleets.writes() == {"CreateLaunchConfiguration": N, "DeleteLaunchConfiguration": N}
    assert fleets.aws.counts()["total"] <= 2 * N + 3 * READS
    assert not set(before) & set(fleets.launch_configurations())
    assert_unchanged(fleets, applications)


def test_one_change_among_many_costs_few_calls(fleets):
    applications = entries(N)
    fleets.bootstrap(applications)
    applications[7]["application_instance_type"] = "t3.large"
    found = fleets.info(applications)
    assert [row["name"] for row in found["applications"] if row["changed"]] == ["web-7"]
    fleets.aws.reset_calls()
    result = fleets.apply(applications)
    assert [row["name"] for row in result["applications"] if row["changed"]] == ["web-7"]
    # Another run may be about to use the superseded one, which is new. So nobody has to know who uses it.
    assert fleets.writes() == {"CreateLaunchConfiguration": 1}
    assert "DescribeAutoScalingGroups" not in fleets.aws.counts()["operations"]
    # Looking again is by name.
    assert fleets.aws.counts()["total"] <= 15
    assert_unchanged(fleets, applications)


# What a fleet can be made of: each kind of application, and what changes in it.
KINDS = {
    "launch configuration": (entry, {}),
    "fixed name": (entry, {"launch_configuration_name": "fixed"}),
    "template": (template, {}),
    "profile only": (plain, {}),
    "tags": (entry, {"tags": {"Owner": "me"}}),
    "template with tags": (template, {"tags": {"Owner": "me"}}),
    "role": (entry, ROLE),
    "group": (with_group, {}),
    "group with a template": (with_group, TEMPLATE),
    "user data": (entry, {"user_data": "#!/bin/sh\necho hello\n"}),
}


def one_of_each(**more):
    """Return a fleet with an application of each kind."""
    return [
        make(name.replace(" ", "-"), **{**variables, **(more if make is not plain else {})})
        for name, (make, variables) in KINDS.items()
    ]


def test_few_applications_read_by_name_plan_the_same(fleets):
    applications = [
        make(name.replace(" ", "-"), **variables)
        for name, (make, variables) in KINDS.items()
        if name in ("group", "template with tags")
    ]
    others = [plain("other"), plain("another")]
    wishes = [
        {},
        {
            "application_image_id": OTHER_IMAGE,
            "application_tags": {"Owner": "you"},
            "application_role_description": "Other",
            "application_inline_policies": {"one": POLICY},
        },
        {"application_managed_policies": [READ_ONLY, "none-of-this-name"]},
        {"application_state": "absent"},
    ]

    def compare():
        for wish in wishes:
            wanted = [{**each, **wish} for each in applications]
            few, in_bulk = fleets.info(wanted), fleets.info(wanted + others)
            assert few["applications"] == in_bulk["applications"][:2]

    compare()
    fleets.bootstrap(applications)
    compare()


@pytest.mark.parametrize("page_size", [1, 7])
def test_all_pages_are_read(fleets, page_size):
    applications = one_of_each()
    fleets.bootstrap(applications)
    fleets.aws.set(page_size=page_size)
    assert_unchanged(fleets, applications, orphan_path="/former/")


def test_check_mode_predicts_the_run(fleets):
    def checked_and_run(wanted):
        fleets.aws.reset_calls()
        before = copy.deepcopy(wanted)
        checked = fleets.apply(wanted, check_mode=True)
        assert (fleets.writes(), wanted) == ({}, before)
        result = fleets.apply(wanted)
        keys = ("name", "changed", "summary", "changes")
        rows = [[{key: row.get(key) for key in keys} for row in run["applications"]] for run in (checked, result)]
        assert rows[0] == rows[1]
        assert (checked["changed"], checked["totals"]) == (result["changed"], result["totals"])
        assert_unchanged(fleets, wanted)
        return result

    assert checked_and_run(one_of_each())["totals"]["changed"] == len(KINDS)
    others = one_of_each(image_id=OTHER_IMAGE, launch_configuration_on_drift="replace")
    # A role and profile only has no image.
    assert checked_and_run(others)["totals"]["changed"] == len(KINDS) - 1
    assert checked_and_run([{**each, "application_state": "absent"} for each in others])["changed"] is True


def test_group_moves_after_an_interrupted_run(fleets):
    fleets.bootstrap([with_group("web")])
    (former,) = fleets.launch_configurations()
    other = with_group("web", image_id=OTHER_IMAGE)
    fleets.aws.fault("error", "UpdateAutoScalingGroup", times=0, code="ValidationError", message="No.", status=400)
    message, dummy = fleets.refused([other])
    assert message.startswith("Failed to update Auto Scaling group 'web': ")
    fleets.aws.control("DELETE", "faults")
    assert fleets.apply([other], check_mode=True)["changed"] is True
    assert fleets.apply([other])["changed"] is True
    assert former not in fleets.launch_configurations()
    assert_unchanged(fleets, [other])


def test_template_gets_a_version_and_the_old_one_is_deleted(fleets):
    fleets.bootstrap([with_group("web", **TEMPLATE)])
    applications = [with_group("web", image_id=OTHER_IMAGE, **TEMPLATE)]
    (summary,) = fleets.summaries(applications)
    assert summary.startswith("web: update launch template web (image_id); update Auto Scaling group web")
    fleets.aws.reset_calls()
    fleets.apply(applications)
    assert list(fleets.writes().items()) == [
        ("CreateLaunchTemplateVersion", 1),
        ("UpdateAutoScalingGroup", 1),
        ("ModifyLaunchTemplate", 1),
        ("DeleteLaunchTemplateVersions", 1),
    ]
    assert fleets.group()["LaunchTemplate"]["Version"] == "2"
    versions = fleets.aws.client("ec2").describe_launch_template_versions(LaunchTemplateName="web")
    assert [(each["VersionNumber"], each["DefaultVersion"]) for each in versions["LaunchTemplateVersions"]] == [
        (2, True)
    ]
    assert_unchanged(fleets, applications)


@pytest.mark.parametrize("fixed", [None, "fixed"])
def test_switching_the_kind_of_launch_settings_leaves_nothing(fleets, fixed):
    first = [with_group("web", launch_configuration_name=fixed)]
    fleets.bootstrap(first)
    second = [with_group("web", launch_configuration_name=fixed, **TEMPLATE)]
    for wanted, templates, configurations in ((second, ["web"], 0), (first, [], 1)):
        fleets.apply(wanted)
        assert (fleets.launch_templates(), len(fleets.launch_configurations())) == (templates, configurations)
        assert_unchanged(fleets, wanted)


def test_launch_settings_of_another_group_are_kept(fleets):
    fleets.bootstrap([with_group("web")])
    (former,) = fleets.launch_configurations()
    fleets.aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="foreign", LaunchConfigurationName=former, MinSize=0, MaxSize=0, AvailabilityZones=ZONES
    )
    fleets.apply([with_group("web", image_id=OTHER_IMAGE)])
    assert former in fleets.launch_configurations()
    fleets.apply([with_group("web", **TEMPLATE)])
    assert fleets.launch_configurations() == [former]


def test_missing_references_block_before_the_first_write(fleets):
    missing = {
        "image": entry("image", image_id="ami-00000000"),
        "key": entry("key", key_name="nobody"),
        "policy": plain("policy", managed_policies=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces"]),
        "subnet": with_group("subnet", group_subnets=["subnet-00000000"], group_availability_zones=None),
        "security-group": entry("security-group", security_groups=["sg-00000000"]),
    }
    for check_mode in (True, False):
        dummy, result = fleets.refused([*missing.values(), plain("good")], check_mode=check_mode)
        rows = {row["name"]: row for row in result["applications"]}
        assert [name for name, row in rows.items() if row.get("blockers")] == list(missing)
        for row in result["applications"][:-1]:
            assert (row["changed"], len(row["blockers"])) == (False, 1)
        assert fleets.writes() == (
            {} if check_mode else {"CreateRole": 1, "CreateInstanceProfile": 1, "AddRoleToInstanceProfile": 1}
        )


def test_plan_shows_old_and_new_values(fleets):
    fleets.bootstrap([with_group("web", **TEMPLATE)])
    found = fleets.info([with_group("web", image_id=OTHER_IMAGE, group_max_size=3, **TEMPLATE), plain("new")])
    text = "\n".join(found["plan"])
    assert f"image_id: {IMAGE} -> {OTHER_IMAGE}" in text
    assert "max_size: 2 -> 3" in text
    assert found["plan"][-1] == "Plan: 2 to create, 3 to update."
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("name", ["a", "ui", "ui+db"])
def test_fleet_name_that_no_template_can_have_is_accepted(fleets, name):
    assert fleets.apply([entry(name)])["changed"] is True
    assert fleets.apply([entry(name)])["changed"] is False
    assert fleets.apply([entry(name, state="absent")])["changed"] is True
