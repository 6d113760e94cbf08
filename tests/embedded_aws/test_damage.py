# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What would do damage: roles that serve lose their profiles or policies, groups lose settings, secrets are shown. Over both ways."""

from __future__ import annotations

import base64
import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.modules import iam_instance_profile
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    OTHER_IMAGE,
    ZONES,
    entry,
    plain,
    template,
    with_group,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.peer import call
from ansible_collections.launchkit.aws.tests.embedded_aws.role_application import RoleFailed

READ_ONLY, POWER = (f"arn:aws:iam::aws:policy/{name}" for name in ("ReadOnlyAccess", "PowerUserAccess"))
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
SWAP = ("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile")
CANARY = "#!/bin/sh\necho the-canary-sings\n"


def by_fleet(fleets, dummy, application, **options):
    """Return the result, also of a failure."""
    try:
        return fleets.apply([application], **options)
    except LaunchkitError as error:
        return {"msg": error.message, **error.details}


def by_role(dummy, role, application, check_mode=False):
    """Return facts and results of the modules, also of a failure."""
    try:
        run = role(application, check_mode)
    except RoleFailed as error:
        return {"msg": str(error)}
    return {**run.facts, "results": run.results}


ways = pytest.mark.parametrize("way", [by_fleet, by_role])


def attached(fleets, name="web"):
    iam = fleets.aws.client("iam")
    return sorted(each["PolicyArn"] for each in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"])


@pytest.fixture
def swapped(fleets):
    """An application whose profile serves with the role 'old', and shall have the role 'new'."""
    fleets.bootstrap([plain("web", role_name="old", instance_profile_name="web")])
    fleets.make_roles("new")
    fleets.aws.reset_calls()
    return plain("web", role_name="new", instance_profile_name="web")


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
@ways
def test_connection_that_breaks_during_a_swap_leaves_a_role(fleets, role, swapped, monkeypatch, way, fault):
    """Broken for as long as botocore retries; the connection works again when the rollback or the next look begins."""
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fleets.aws.fault(fault, "AddRoleToInstanceProfile", times=1, skip=1)
    options = {"aws_config": {"retries": {"total_max_attempts": 1}}} if way is by_fleet else {}
    result = way(fleets, role, swapped, **options)
    (struck,) = fleets.aws.control("GET", "faults")
    assert struck["struck"] == 1
    assert "AttributeError" not in json.dumps(result, default=str)
    assert fleets.profiles()["web"] in (["old"], ["new"])
    way(fleets, role, swapped)
    assert fleets.profiles()["web"] == ["new"]


@ways
def test_denied_swap_removes_nothing(fleets, role, swapped, way):
    fleets.aws.fault("access_denied", "AddRoleToInstanceProfile", times=0)
    assert "AccessDenied" in way(fleets, role, swapped)["msg"]
    assert fleets.profiles() == {"web": ["old"]}
    assert "RemoveRoleFromInstanceProfile" not in fleets.aws.counts()["operations"]


@pytest.mark.parametrize("skip", range(4))
def test_stale_read_of_the_role_changes_no_profile(fleets, skip):
    """One GetRole goes to a replica that does not know the role."""
    fleets.bootstrap([entry("web")])
    stale = {"code": "NoSuchEntity", "message": "The role with name web cannot be found.", "status": 404}
    fleets.aws.fault("error", "GetRole", times=1, skip=skip, **stale)
    call(fleets.aws, iam_instance_profile, False, {"name": "web", "role": "web"})
    fleets.aws.control("DELETE", "faults")
    fleets.aws.fault("error", "GetRole", times=1, skip=skip, **stale)
    by_fleet(fleets, None, entry("web", image_id=OTHER_IMAGE))
    assert not set(SWAP) & set(fleets.aws.counts()["operations"])
    assert fleets.profiles() == {"web": ["web"]}


@ways
def test_refused_policy_leaves_the_others(fleets, role, way):
    """By the plan where the policy does not exist, by the order of the calls where IAM refuses."""
    fleets.bootstrap([plain("web", managed_policies=[READ_ONLY])])
    for check_mode in (True, False):
        misspelt = plain("web", managed_policies=["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces"])
        assert "AmazonS3ReadOnlyAcces" in way(fleets, role, misspelt, check_mode=check_mode)["msg"]
    assert (attached(fleets), fleets.writes()) == ([READ_ONLY], {})
    fleets.aws.fault("access_denied", "AttachRolePolicy", times=0)
    assert "AccessDenied" in way(fleets, role, plain("web", managed_policies=[POWER]))["msg"]
    assert attached(fleets) == [READ_ONLY]


@ways
def test_mixed_instances_policy_is_kept(fleets, role, way):
    fleets.bootstrap([with_group("web", launch_with="launch_template")])
    specification = {"LaunchTemplateName": "web", "Version": "1"}
    policy = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": specification,
            "Overrides": [{"InstanceType": "t3.small"}, {"InstanceType": "t3.medium"}],
        },
        "InstancesDistribution": {"OnDemandBaseCapacity": 1},
    }
    autoscaling = fleets.aws.client("autoscaling")
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="web", MixedInstancesPolicy=policy)
    before = fleets.group()["MixedInstancesPolicy"]
    for application in (
        with_group("web", launch_with="launch_template", image_id=OTHER_IMAGE),
        with_group("web", launch_with="launch_template", group_max_size=5),
        with_group("web"),
    ):
        fleets.aws.reset_calls()
        result = way(fleets, role, application)
        assert "application_group_name" in result["msg"]
        assert (fleets.group()["MixedInstancesPolicy"], fleets.writes()) == (before, {})


def test_blocked_application_beside_a_good_one(fleets):
    """The good one is carried out, and both are in the result, as they are in check mode."""
    applications = [entry("blocked", managed_policies=["none-of-this-name"]), entry("good")]
    for check_mode in (True, False):
        with pytest.raises(LaunchkitError) as failure:
            fleets.apply(applications, check_mode=check_mode)
        assert failure.value.message.startswith("1 of 2 applications failed; 1 were applied. [blocked] ")
        rows = {row["name"]: row for row in failure.value.details["applications"]}
        assert (rows["blocked"]["changed"], rows["good"]["changed"]) == (False, True)
        assert "none-of-this-name" in rows["blocked"]["blockers"][0]
    assert fleets.roles() == ["good"]
    # fleet_info returns the same plan and does not fail.
    found = fleets.info(applications)
    assert [bool(row.get("blockers")) for row in found["applications"]] == [True, False]


@pytest.mark.parametrize("text", ["false", "no", False])
@ways
def test_false_as_text_is_false(fleets, role, way, text):
    """From ``-e`` and INI inventories every value is text."""
    variables = {"group_force_delete": text, "purge_tags": text, "group_propagate_tags": text, "refresh": text}
    application = with_group("web", group_tags={"Owner": "me"}, **variables)
    way(fleets, role, application)
    fleets.aws.client("autoscaling").create_or_update_tags(
        Tags=[
            {
                "ResourceId": "web",
                "ResourceType": "auto-scaling-group",
                "Key": "Backup",
                "Value": "daily",
                "PropagateAtLaunch": False,
            }
        ]
    )
    fleets.aws.reset_calls()
    way(fleets, role, application)
    assert (fleets.writes(), "Backup" in json.dumps(fleets.group()["Tags"])) == ({}, True)
    way(fleets, role, {**application, "application_state": "absent"})
    # Scaled in first.
    assert list(fleets.writes())[:2] == ["UpdateAutoScalingGroup", "DeleteAutoScalingGroup"]


def test_two_entries_of_one_name_are_refused(fleets):
    with pytest.raises(LaunchkitError, match="is taken by the application 'web' as well"):
        fleets.apply([plain("web"), plain("web", managed_policies=["AdministratorAccess"])])
    assert fleets.aws.counts()["total"] == 0


@pytest.mark.parametrize("make", [entry, template])
@ways
def test_user_data_is_never_in_a_result(fleets, role, way, make):
    """Neither as text nor in base64, from creation to removal, and while it fails."""
    encoded = base64.b64encode(CANARY.encode()).decode()
    kind = "CreateLaunchTemplate" if make is template else "CreateLaunchConfiguration"
    given = {"user_data": CANARY, "group_name": "web", "group_min_size": 0, "group_max_size": 1}
    given["group_availability_zones"] = ZONES
    other = entry if make is template else template
    results = [fleets.info([make("web", **given)])]
    fleets.aws.fault("access_denied", kind, times=1)
    results.append(way(fleets, role, make("web", **given)))
    assert "msg" in results[-1]
    for application in (
        make("web", **given),
        make("web", image_id=OTHER_IMAGE, **given),
        make("web", user_data_base64=encoded, **{**given, "user_data": None}),
        other("web", **given),
        {**other("web", **given), "application_state": "absent"},
    ):
        results.append(way(fleets, role, application))
    text = json.dumps(results, default=str)
    assert fleets.group() is None
    for secret in ("the-canary-sings", encoded, encoded[:40], base64.b64encode(CANARY.encode() + b"x")[:24].decode()):
        assert secret not in text
    assert "sha256" in text
