# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module fleet deletes applications: many at once, in reverse order, and nothing that others use or claim."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    entries,
    entry,
    plain,
    template,
    with_group,
)

N = 20
ABSENT = {"application_state": "absent"}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def assert_nothing_exists(fleets):
    groups = fleets.aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (groups, fleets.launch_configurations(), fleets.launch_templates()) == ([], [], [])
    assert (fleets.profiles(), fleets.roles()) == ({}, [])


def test_removal_of_many_reads_in_bulk(fleets):
    applications = entries(N)
    fleets.bootstrap(applications)
    result = fleets.apply(applications, state="absent")
    assert (result["totals"]["delete"], result["totals"]["changed"]) == (3 * N, N)
    assert fleets.writes() == {
        "DeleteLaunchConfiguration": N,
        "RemoveRoleFromInstanceProfile": N,
        "DeleteInstanceProfile": N,
        "DeleteRole": N,
    }
    assert fleets.aws.counts()["total"] <= 4 * N + 45
    assert_nothing_exists(fleets)
    again = fleets.apply(applications, state="absent")
    assert (again["changed"], again["applications"][0]["summary"]) == (False, "web-0: nothing exists")


@pytest.mark.parametrize("force", [False, True])
def test_everything_of_an_application_is_deleted_in_reverse(fleets, force):
    """Instances first, the role with its policies last."""
    variables = {"managed_policies": [READ_ONLY], "inline_policies": {"read": POLICY}}
    variables["permissions_boundary"] = READ_ONLY
    fleets.bootstrap([with_group("web", launch_with="launch_template", group_desired_capacity=1, **variables)])
    fleets.apply([{**with_group("web", group_force_delete=force), **ABSENT}])
    assert list(fleets.writes()) == [
        *([] if force else ["UpdateAutoScalingGroup"]),
        "DeleteAutoScalingGroup",
        "DeleteLaunchTemplate",
        "RemoveRoleFromInstanceProfile",
        "DeleteInstanceProfile",
        "DetachRolePolicy",
        "DeleteRolePolicy",
        "DeleteRole",
    ]
    assert_nothing_exists(fleets)
    reservations = fleets.aws.client("ec2").describe_instances()["Reservations"]
    assert {each["State"]["Name"] for found in reservations for each in found["Instances"]} == {"terminated"}


def test_creation_and_removal_in_one_run(fleets):
    fleets.bootstrap([with_group("old"), entry("kept")])
    result = fleets.apply([{**with_group("old"), **ABSENT}, entry("kept"), template("new")])
    assert [(row["state"], row["changed"]) for row in result["applications"]] == [
        ("absent", True),
        ("present", False),
        ("present", True),
    ]
    assert fleets.roles() == ["kept", "new"]


def test_users_block_a_removal_and_others_go_on(fleets):
    """Nothing of what is blocked is touched: instances, groups and profiles outside the application."""
    applications = [entry("instance"), template("group"), entry("profile"), entry("foreign-role"), entry("good")]
    fleets.bootstrap(applications)
    iam, autoscaling, ec2 = (fleets.aws.client(each) for each in ("iam", "autoscaling", "ec2"))
    ec2.run_instances(ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "instance"})
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="foreign",
        LaunchTemplate={"LaunchTemplateName": "group", "Version": "1"},
        MinSize=0,
        MaxSize=0,
        VPCZoneIdentifier=ec2.describe_subnets()["Subnets"][0]["SubnetId"],
    )
    iam.create_instance_profile(InstanceProfileName="foreign")
    iam.add_role_to_instance_profile(InstanceProfileName="foreign", RoleName="profile")
    fleets.make_roles("other")
    iam.remove_role_from_instance_profile(InstanceProfileName="foreign-role", RoleName="foreign-role")
    iam.add_role_to_instance_profile(InstanceProfileName="foreign-role", RoleName="other")
    fleets.aws.reset_calls()

    message, result = fleets.refused(applications, state="absent")
    assert message.startswith(
        "3 of 5 applications failed; 2 were applied. [instance] application_instance_profile_name: "
    )
    reasons = {row["name"]: row.get("error", "") for row in result["applications"]}
    for name, part in {
        "instance": "instances outside the application's group carry instance profile 'instance': i-",
        "group": "other Auto Scaling groups launch with instance profile 'group' or its launch settings: foreign.",
        "profile": "other instance profiles hold IAM role 'profile': foreign.",
        "foreign-role": "",
        "good": "",
    }.items():
        assert part in reasons[name]
    # A profile that holds the role of others is theirs, and so is the launch configuration that names it.
    assert fleets.writes() == {
        "DeleteLaunchConfiguration": 1,
        "RemoveRoleFromInstanceProfile": 1,
        "DeleteInstanceProfile": 1,
        "DeleteRole": 2,
    }
    assert fleets.roles() == ["group", "instance", "other", "profile"]
    assert fleets.profiles()["foreign-role"] == ["other"]


def test_name_in_other_letter_case_blocks_alike(fleets):
    """IAM ignores letter case, so an instance uses the profile of this name."""
    fleets.bootstrap([entry("web")])
    fleets.aws.client("ec2").run_instances(
        ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "web"}
    )
    before = fleets.profiles()
    message, dummy = fleets.refused([{**entry("WEB"), **ABSENT}])
    assert "carry instance profile 'WEB': i-" in message
    assert (fleets.writes().get("DeleteInstanceProfile"), fleets.profiles()) == (None, before)


def test_protected_instances_block_a_scale_in(fleets):
    application = with_group("web", group_desired_capacity=1)
    fleets.bootstrap([application])
    (instance,) = fleets.group()["Instances"]
    fleets.aws.client("autoscaling").set_instance_protection(
        AutoScalingGroupName="web", InstanceIds=[instance["InstanceId"]], ProtectedFromScaleIn=True
    )
    fleets.aws.reset_calls()
    message, dummy = fleets.refused([{**application, **ABSENT}])
    assert "Set application_group_force_delete to true" in message
    assert fleets.writes() == {}
    fleets.apply([{**application, **ABSENT, "application_group_force_delete": "true"}])
    assert_nothing_exists(fleets)


def test_claimed_role_and_profile_are_kept(fleets):
    """Each Region of an account is a host: what another one declares present stays."""
    applications = [with_group("web"), entry("other")]
    fleets.bootstrap(applications)
    found = fleets.info(applications, state="absent", claims={"Web": "us-west-2"})
    assert found["applications"][0]["notes"] == ["IAM role and instance profile are kept: claimed by us-west-2."]
    fleets.apply(applications, state="absent", claims={"Web": "us-west-2"})
    assert (fleets.roles(), fleets.profiles(), fleets.launch_configurations()) == (["web"], {"web": ["web"]}, [])
    assert fleets.group() is None
    assert fleets.apply(applications, state="absent", claims={"web": "us-west-2"})["changed"] is False


def test_users_in_further_regions_block(fleets):
    fleets.bootstrap([entry("web")])
    fleets.apply([entry("web")], region="eu-central-1")
    ec2 = fleets.aws.client("ec2", region="eu-central-1")
    ec2.run_instances(ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "web"})
    absent = {**entry("web"), **ABSENT, "application_used_in_regions": ["eu-central-1"]}
    message, dummy = fleets.refused([absent])
    assert "carry instance profile 'web': i-" in message
    # A claim keeps what that Region uses, so that nothing blocks.
    fleets.apply([absent], claims={"web": "eu-central-1"})
    assert (fleets.roles(), fleets.launch_configurations()) == (["web"], [])


def test_refused_removal_does_not_stop_others(fleets):
    applications = entries(4)
    fleets.bootstrap(applications)
    fleets.aws.fault("error", "DeleteInstanceProfile", times=1, code="AccessDenied", message="No.", status=403)
    dummy, result = fleets.refused(applications, state="absent", concurrency=1)
    failed = [row for row in result["applications"] if row["failed"]]
    assert [(row["name"], row["not_begun"]) for row in failed] == [("web-0", ["iam_role"])]
    assert (fleets.roles(), fleets.launch_configurations()) == (["web-0"], [])
    # The profile is as it was before: in service, it has its role.
    assert fleets.profiles() == {"web-0": ["web-0"]}
    fleets.apply(applications, state="absent")
    assert_nothing_exists(fleets)


def test_orphans_are_found_and_pruned(fleets):
    there = [
        with_group("former", role_path="/web/"),
        template("template", role_path="/web/"),
        entry("kept", role_path="/web/"),
        plain("elsewhere", role_path="/ops/"),
    ]
    fleets.bootstrap(there)
    found = fleets.info([there[2]], orphan_path="/web/")
    configuration = next(each for each in fleets.launch_configurations() if each.startswith("former-"))
    assert [orphan["summary"] for orphan in found["orphans"]] == [
        "former: ORPHAN: IAM role former; instance profile former; "
        f"launch configuration {configuration}; Auto Scaling group former",
        "template: ORPHAN: IAM role template; instance profile template; launch template template",
    ]
    assert found["plan"][-1] == "No changes. 1 application is unchanged. 2 orphans exist."
    # One that is absent is claimed all the same, and reported only without prune_orphans.
    absent = {**there[0], **ABSENT}
    assert fleets.info([absent, *there[1:3]], orphan_path="/web/")["orphans"] == []
    kept = fleets.apply([there[2]], orphan_path="/web/")
    assert (kept["changed"], [each["name"] for each in kept["orphans"]]) == (False, ["former", "template"])

    checked = fleets.apply([there[2]], orphan_path="/web/", prune_orphans=True, check_mode=True)
    assert (checked["totals"]["delete"], fleets.writes()) == (7, {})
    fleets.apply([there[2]], orphan_path="/web/", prune_orphans=True)
    assert (fleets.roles(), fleets.group("former"), fleets.launch_templates()) == (["elsewhere", "kept"], None, [])
    assert fleets.apply([there[2]], orphan_path="/web/", prune_orphans=True)["changed"] is False


@pytest.mark.parametrize("variables", [{}, {"launch_with": "launch_template"}], ids=["configuration", "template"])
def test_group_of_an_application_whose_role_has_a_new_name_stays(fleets, variables):
    """Group and template named the former profile when the orphans were looked for."""
    before = with_group("web", role_path="/web/", **variables)
    fleets.bootstrap([before])
    after = {**before, "application_role_name": "web-2", "application_instance_profile_name": "web-2"}
    for dummy in range(2):
        fleets.apply([after], orphan_path="/web/", prune_orphans=True)
        assert fleets.group("web") is not None
    assert (fleets.roles(), list(fleets.profiles())) == (["web-2"], ["web-2"])
    assert fleets.apply([after], orphan_path="/web/", prune_orphans=True)["changed"] is False


def test_orphan_in_use_is_blocked_and_others_are_pruned(fleets):
    there = [entry("used", role_path="/web/"), entry("unused", role_path="/web/")]
    fleets.bootstrap(there)
    fleets.aws.client("ec2").run_instances(
        ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "used"}
    )
    message, dummy = fleets.refused([plain("new")], orphan_path="/web/", prune_orphans=True)
    assert "instances outside the application's group carry instance profile 'used'" in message
    assert fleets.roles() == ["new", "used"]


def test_orphan_of_one_region_is_pruned_in_it(fleets):
    """What another host claims keeps its role and profile."""
    fleets.bootstrap([entry("web", role_path="/web/")])
    options = {"orphan_path": "/web/", "claims": {"web": "eu-central-1"}}
    (orphan,) = fleets.info([], **options)["orphans"]
    assert orphan["name"] == "web"
    fleets.apply([], prune_orphans=True, **options)
    assert (fleets.roles(), fleets.launch_configurations()) == (["web"], [])
    assert fleets.info([], **options)["orphans"] == []
