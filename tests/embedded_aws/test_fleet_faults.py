# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module fleet when AWS throttles, loses answers and shows things late, when applications fail, and beside another one."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import clients, executor
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import module as fleet_entry
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import OTHER_IMAGE, entries, entry, plain, with_group

TEMPLATE = {"launch_with": "launch_template"}


def by_name(result):
    return {row["name"]: row for row in result["applications"]}


def test_throttling_delays_and_harms_nothing(fleets):
    applications = entries(6)
    fleets.make_roles(*applications)
    for operation in ("GetAccountAuthorizationDetails", "CreateInstanceProfile", "CreateLaunchConfiguration"):
        fleets.aws.fault("throttle", operation, times=2)
    assert fleets.apply(applications)["totals"]["changed"] == 6
    assert [fault["struck"] for fault in fleets.aws.control("GET", "faults")] == [2, 2, 2]
    assert fleets.info(applications)["totals"]["unchanged"] == 6


@pytest.mark.parametrize(
    ("operation", "variables"),
    [
        ("CreateInstanceProfile", {}),
        ("AddRoleToInstanceProfile", {}),
        ("CreateLaunchConfiguration", {}),
        ("CreateLaunchTemplate", TEMPLATE),
    ],
)
def test_an_answer_that_is_lost_is_no_failure(fleets, operation, variables):
    applications = entries(4, **variables)
    fleets.make_roles(*applications)
    fleets.aws.fault("reset_after", operation, times=2)
    result = fleets.apply(applications)
    # Whether it was made here cannot be told; that it was not there is certain.
    assert [row["changed"] for row in result["applications"]] == [True] * 4
    (fault,) = fleets.aws.control("GET", "faults")
    assert fault["struck"] == 2
    assert fleets.info(applications)["totals"]["unchanged"] == 4
    assert fleets.profiles() == {each["application_name"]: [each["application_name"]] for each in applications}


def test_a_lost_answer_of_what_comes_after_is_no_failure(fleets):
    for operation in ("CreateLaunchTemplateVersion", "UpdateAutoScalingGroup", "DeleteLaunchTemplateVersions"):
        fleets.aws.reset()
        fleets.bootstrap([with_group("web", **TEMPLATE)])
        fleets.aws.fault("reset_after", operation)
        wanted = [with_group("web", image_id=OTHER_IMAGE, **TEMPLATE)]
        fleets.apply(wanted)
        (template,) = fleets.aws.client("ec2").describe_launch_templates()["LaunchTemplates"]
        assert (template["DefaultVersionNumber"], template["LatestVersionNumber"]) == (2, 2)
        assert fleets.info(wanted)["totals"]["unchanged"] == 1


def test_what_fails_does_not_stop_the_others(fleets, monkeypatch):
    # A role that is missing could be one made a moment ago.
    monkeypatch.setitem(executor.NEW_ENTITY_SECONDS, "role", 1)
    applications = [
        entry("good"),
        entry("role-missing"),
        entry("path-differs", role_path="/ops/"),
        entry("settings-differ", launch_configuration_name="fixed"),
        entry("policy-missing", managed_policies=["none-of-this-name"]),
        entry("image-missing", image_id="ami-00000000"),
        plain("also-good"),
    ]
    fleets.make_roles(*(each for each in applications if each["application_name"] != "role-missing"))
    iam = fleets.aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="path-differs")
    iam.create_instance_profile(InstanceProfileName="settings-differ")
    fleets.aws.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName="fixed",
        ImageId="ami-baba68d3",
        InstanceType="t3.large",
        IamInstanceProfile="settings-differ",
    )
    fleets.aws.reset_calls()

    message, result = fleets.refused(applications)
    rows = by_name(result)
    assert message.startswith(
        "5 of 7 applications could not be brought to what they shall be; the others were. [role-missing] "
    )
    assert result["totals"] == {"applications": 7, "changed": 2, "unchanged": 0, "failed": 5}
    assert result["changed"] is True
    expected = {
        "role-missing": "the role 'role-missing' does not exist in this account",
        "path-differs": "path",
        "settings-differ": "instance_type is t3.large, not t3.small",
        "policy-missing": "none-of-this-name",
        "image-missing": "ami-00000000",
    }
    for name, part in expected.items():
        assert rows[name]["failed"], rows[name]
        assert part in rows[name]["error"]
        assert f"[{name}] {rows[name]['error']}" in message
    assert [row["name"] for row in result["applications"] if not row["failed"]] == ["good", "also-good"]
    assert rows["good"]["left"] == rows["also-good"]["left"] == []
    # What is seen beforehand is not begun; what shows on the way leaves what came before it.
    assert rows["path-differs"]["done"] == rows["policy-missing"]["done"] == rows["settings-differ"]["done"] == []
    assert rows["image-missing"]["done"][0] == "create_instance_profile instance profile 'image-missing'"
    assert rows["image-missing"]["left"] == ["auto_scaling_group", "clean_up"]
    assert set(fleets.profiles()) == {"good", "also-good", "image-missing", "path-differs", "settings-differ"}
    assert [name for name in fleets.launch_configurations() if name.startswith("good-")]

    # Once the reasons are gone, what is left is done, and nothing twice.
    fleets.make_roles(applications[1])
    fleets.aws.reset_calls()
    put_right = [
        *applications[:2],
        {**applications[2], "application_instance_profile_on_drift": "keep"},
        {**applications[3], "application_launch_configuration_on_drift": "replace"},
        {**applications[4], "application_managed_policies": []},
        {**applications[5], "application_image_id": OTHER_IMAGE},
        applications[6],
    ]
    result = fleets.apply(put_right)
    assert result["totals"] == {"applications": 7, "changed": 5, "unchanged": 2, "failed": 0}
    assert fleets.writes() == {
        "AddRoleToInstanceProfile": 4,
        "CreateInstanceProfile": 2,
        "CreateLaunchConfiguration": 5,
        "DeleteLaunchConfiguration": 1,
    }


def test_what_was_made_before_a_call_failed_is_told(fleets):
    applications = entries(3)
    fleets.make_roles(*applications)
    fleets.aws.fault(
        "error", "AddRoleToInstanceProfile", times=1, code="AccessDenied", message="User may not.", status=403
    )
    dummy, result = fleets.refused(applications, concurrency=1)
    row = result["applications"][0]
    assert (row["name"], row["failed"], "AccessDenied" in row["error"]) == ("web-0", True, True)
    assert (row["changed"], row["done"]) == (True, ["create_instance_profile instance profile 'web-0'"])
    assert row["left"] == ["launch_settings", "auto_scaling_group", "clean_up"]
    assert result["totals"] == {"applications": 3, "changed": 2, "unchanged": 0, "failed": 1}


@pytest.mark.parametrize(
    "settings", [{"iam_delay": 1.0, "iam_miss_rate": 0.7}, {"profile_delay": 1.0}], ids=["IAM", "profile"]
)
def test_what_aws_shows_late_is_waited_for(fleets, settings):
    applications = [*entries(3), entry("template", **TEMPLATE), entry("tags", tags={"Owner": "me"})]
    fleets.aws.set(**settings)
    fleets.make_roles(*applications)
    result = fleets.apply(applications)
    assert result["totals"]["changed"] == 5
    writes = fleets.writes()
    # Whatever is seen meanwhile, nothing is made twice.
    assert writes["CreateInstanceProfile"] == writes["AddRoleToInstanceProfile"] == 5
    assert (writes["CreateLaunchConfiguration"], writes["CreateLaunchTemplate"]) == (4, 1)


def test_an_account_without_launch_configurations_is_told_of_templates(fleets):
    fleets.aws.set(new_account=True)
    applications = [entry("old"), entry("new", **TEMPLATE)]
    fleets.make_roles(*applications)
    dummy, result = fleets.refused(applications)
    assert [row["failed"] for row in result["applications"]] == [True, False]
    assert "launch template" in result["applications"][0]["error"]
    # Without a retry.
    assert len(fleets.aws.calls(operation="CreateLaunchConfiguration")) == 1
    assert fleets.launch_templates() == ["new"]


def test_two_regions_of_an_account_make_the_same_profiles_once(fleets, monkeypatch):
    # Sessions are not for two threads.
    monkeypatch.undo()
    applications = entries(8)
    fleets.make_roles(*applications)
    regions, results, start = ("us-east-1", "eu-central-1"), {}, threading.Barrier(2)

    def run(region):
        start.wait()
        try:
            results[region] = fleets.apply(applications, region=region)
        except Exception as error:  # noqa: BLE001 - shown by the assertion below
            results[region] = error

    threads = [threading.Thread(target=run, args=(region,)) for region in regions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(results[region], "message", results[region]["totals"]["failed"]) for region in regions] == [0, 0]
    writes = fleets.writes()
    assert writes["CreateInstanceProfile"] == writes["AddRoleToInstanceProfile"] == 8
    assert writes["CreateLaunchConfiguration"] == 16
    for region in regions:
        assert fleets.info(applications, region=region)["totals"]["unchanged"] == 8


def test_a_profile_that_somebody_else_made_is_adopted(fleets, monkeypatch):
    """The other one is faster after this one has looked."""
    applications = entries(3)
    fleets.make_roles(*applications)
    look = fleets.aws.client("iam").create_instance_profile

    class Overtaken(clients.Clients):
        def __call__(self, service):
            found = super().__call__(service)
            if service == "iam":
                create = found.create_instance_profile

                def late(**arguments):
                    look(**{key: value for key, value in arguments.items() if key != "Tags"})
                    return create(**arguments)

                found.create_instance_profile = late
            return found

    monkeypatch.setattr(fleet_entry, "Clients", Overtaken)
    result = fleets.apply(applications)
    assert result["totals"]["failed"] == 0
    assert fleets.profiles() == {each["application_name"]: [each["application_name"]] for each in applications}
