# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What somebody else created under the names of an application. Over both ways: nothing of it is touched."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    IMAGE,
    OTHER_IMAGE,
    TRUST,
    entry,
    plain,
    template,
    with_group,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.test_damage import READ_ONLY, attached, by_fleet, by_role

LAMBDA = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}
OWNED = {"Key": "launchkit:application", "Value": "web"}
SENTENCE = "exists and does not belong to this application"
ABSENT = {"application_state": "absent"}
# A time stamp of 16 digits, as other tools append one.
STAMPED = "web-2024010112304500"


@pytest.fixture(params=[by_fleet, by_role])
def carry_out(request, fleets, role):
    """Return a function that carries out an application in one of the two ways, and returns the result, also of a failure."""
    return lambda application, **options: request.param(fleets, role, application, **options)


@pytest.fixture
def refuse(fleets, carry_out):
    """Carry out what has to fail without a change, in check mode too; return the message."""

    def run(application):
        fleets.aws.reset_calls()
        for check_mode in (True, False):
            message = carry_out(application, check_mode=check_mode)["msg"]
        assert fleets.writes() == {}
        return message

    return run


@pytest.fixture
def iam(fleets):
    return fleets.aws.client("iam")


def make_role(iam, trust=TRUST, name="web", tags=()):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust), Tags=list(tags))
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)


def make_profile(iam, role="web", name="web"):
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=role)


@pytest.mark.parametrize("tags", [[], [OWNED]], ids=["without the tag", "with a copied tag"])
def test_lambda_role_is_neither_changed_nor_deleted(fleets, iam, carry_out, refuse, tags):
    make_role(iam, LAMBDA, tags=tags)
    for adopt in (False, True):
        message = refuse(plain("web", managed_policies=[], tags={"Owner": "me"}, adopt=adopt))
        assert "EC2 may not assume IAM role web, but lambda.amazonaws.com" in message
        fleets.aws.reset_calls()
        assert "msg" not in carry_out({**plain("web", adopt=adopt), **ABSENT})
        assert fleets.writes() == {}
    role = iam.get_role(RoleName="web")["Role"]
    assert (role["AssumeRolePolicyDocument"], role.get("Tags", []), attached(fleets)) == (LAMBDA, tags, [READ_ONLY])


def test_role_of_others_is_blocked_and_can_be_adopted(fleets, iam, carry_out, refuse):
    """As the console creates a role for EC2: with an instance profile of its name."""
    make_role(iam)
    make_profile(iam)
    equal = plain("web", managed_policies=[READ_ONLY])
    fleets.aws.reset_calls()
    result = carry_out(equal)
    assert (fleets.writes(), "msg" in result) == ({}, False)
    (row,) = fleets.info([equal])["applications"]
    assert (row["unchanged"], row["not_owned"]) == (True, ["IAM role web", "instance profile web"])

    wanted = plain("web", managed_policies=[], tags={"Owner": "me"})
    message = refuse(wanted)
    assert f"application_role_name: IAM role web {SENTENCE}, and differs: " in message
    assert "managed_policies[ReadOnlyAccess]: attached -> none" in message
    # Removal deletes only what is owned.
    assert "msg" not in carry_out({**wanted, **ABSENT})
    assert (fleets.roles(), fleets.profiles(), fleets.writes()) == (["web"], {"web": ["web"]}, {})

    assert "msg" not in carry_out({**wanted, "application_adopt": True})
    role = iam.get_role(RoleName="web")["Role"]
    profile = iam.get_instance_profile(InstanceProfileName="web")["InstanceProfile"]
    expected = [{"Key": "Owner", "Value": "me"}, OWNED]
    assert [sorted(each["Tags"], key=lambda tag: tag["Key"]) for each in (role, profile)] == [expected, expected]
    fleets.aws.reset_calls()
    for again in (wanted, {**wanted, "application_adopt": True}):
        carry_out(again)
        assert fleets.writes() == {}
    carry_out({**wanted, **ABSENT})
    assert (fleets.roles(), fleets.profiles()) == ([], {})


def test_launch_template_of_others_keeps_its_versions(fleets, carry_out, refuse):
    ec2 = fleets.aws.client("ec2")
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": IMAGE})
    for size in ("t3.micro", "t3.small"):
        data = {"ImageId": IMAGE, "InstanceType": size}
        ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=data)
    assert f"application_launch_template_name: launch template web {SENTENCE}" in refuse(template("web"))
    carry_out({**template("web"), **ABSENT})
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"]
    assert sorted(each["VersionNumber"] for each in versions) == [1, 2, 3]
    carry_out(template("web", adopt=True))
    (found,) = ec2.describe_launch_templates()["LaunchTemplates"]
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"]
    assert (found["Tags"], [each["VersionNumber"] for each in versions]) == ([OWNED], [4])


def test_profile_under_instances_of_others_keeps_its_role(fleets, iam, carry_out, refuse):
    make_role(iam, name="theirs")
    make_profile(iam, "theirs")
    instances = fleets.aws.client("ec2").run_instances(
        ImageId=IMAGE, MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "web"}
    )
    message = refuse(plain("web"))
    assert (
        f"application_instance_profile_name: instance profile web {SENTENCE}, and differs: role: theirs -> web"
        in message
    )
    (row,) = fleets.info([plain("web", adopt=True)])["applications"]
    # The plan names who loses the role.
    identity = instances["Instances"][0]["InstanceId"]
    assert row["warnings"] == [
        f"instance profile 'web' loses role 'theirs': instances in us-east-1 use it, which are {identity}."
    ]
    carry_out({**plain("web"), **ABSENT})
    assert fleets.profiles() == {"web": ["theirs"]}
    carry_out(plain("web", adopt=True))
    assert fleets.profiles() == {"web": ["web"]}


def test_group_of_others_is_not_touched(fleets, refuse, carry_out):
    group = {"AutoScalingGroupName": "web", "MinSize": 0, "MaxSize": 9, "AvailabilityZones": ["us-east-1a"]}
    autoscaling = fleets.aws.client("autoscaling")
    autoscaling.create_launch_configuration(LaunchConfigurationName="theirs", ImageId=IMAGE, InstanceType="t3.small")
    autoscaling.create_auto_scaling_group(**group, LaunchConfigurationName="theirs")
    before = fleets.group()
    assert f"application_group_name: Auto Scaling group web {SENTENCE}" in refuse(with_group("web"))
    carry_out({**with_group("web"), **ABSENT})
    assert fleets.group() == before
    carry_out(with_group("web", adopt=True))
    tags = [(tag["Key"], tag["Value"], tag["PropagateAtLaunch"]) for tag in fleets.group()["Tags"]]
    assert tags == [(*OWNED.values(), False)]


@pytest.mark.parametrize("profile", ["web", "other"])
def test_launch_configuration_with_a_time_stamp_is_no_sibling(fleets, carry_out, profile):
    at_once = {"launch_configuration_prune": {"min_age": 0}}
    carry_out(entry("web", **at_once))
    fleets.apply([plain("other")])
    fleets.aws.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName=STAMPED, ImageId=IMAGE, InstanceType="t3.small", IamInstanceProfile=profile
    )
    carry_out(entry("web", image_id=OTHER_IMAGE, **at_once))
    assert STAMPED in fleets.launch_configurations()
    assert len(fleets.launch_configurations()) == 2
    carry_out({**entry("web"), **ABSENT})
    assert fleets.launch_configurations() == [STAMPED]


def test_superseded_launch_configuration_goes_at_once_if_its_group_left_it(fleets, carry_out):
    """Others have to be an hour old: another run may be about to use them."""
    carry_out(with_group("web"))
    first = fleets.launch_configurations()
    autoscaling = fleets.aws.client("autoscaling")
    (own,) = autoscaling.describe_launch_configurations()["LaunchConfigurations"]
    kept = {key: own[key] for key in ("ImageId", "InstanceType", "IamInstanceProfile")}
    autoscaling.create_launch_configuration(LaunchConfigurationName="web-0123456789abcdef", **kept)
    fleets.aws.reset_calls()
    carry_out(with_group("web"))
    assert fleets.writes() == {}
    carry_out(with_group("web", image_id=OTHER_IMAGE))
    assert fleets.writes()["DeleteLaunchConfiguration"] == 1
    assert not set(first) & set(fleets.launch_configurations())
    assert "web-0123456789abcdef" in fleets.launch_configurations()


def test_orphans_of_others_are_listed_and_stay(fleets, iam):
    fleets.apply([plain("ours", role_path="/web/")])
    for name in ("theirs", "function"):
        trust = LAMBDA if name == "function" else TRUST
        tags = [{**OWNED, "Value": "function"}] if name == "function" else []
        iam.create_role(RoleName=name, Path="/web/", AssumeRolePolicyDocument=json.dumps(trust), Tags=tags)
    iam.create_instance_profile(InstanceProfileName="empty", Path="/web/")
    listed = [each["summary"] for each in fleets.info([], orphan_path="/web/")["orphans"]]
    assert listed == [
        "empty: ORPHAN, not owned: instance profile empty",
        "function: ORPHAN: IAM role function",
        "ours: ORPHAN: IAM role ours; instance profile ours",
        "theirs: ORPHAN, not owned: IAM role theirs",
    ]
    result = fleets.apply([], orphan_path="/web/", prune_orphans=True, adopt=True)
    assert (fleets.roles(), fleets.profiles()) == (["function", "theirs"], {"empty": []})
    assert "theirs: ORPHAN, not owned: IAM role theirs" in result["plan"]


def test_orphan_profile_that_lost_its_role_is_known_by_its_tag(fleets, iam):
    fleets.apply([plain("ours", role_path="/web/")])
    iam.remove_role_from_instance_profile(InstanceProfileName="ours", RoleName="ours")
    iam.delete_role(RoleName="ours")
    fleets.apply([], orphan_path="/web/", prune_orphans=True)
    assert fleets.profiles() == {}
