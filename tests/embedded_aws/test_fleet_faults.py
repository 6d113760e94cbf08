# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module fleet when AWS throttles, loses answers and shows things late, when applications fail, and beside another run."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import clients
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import module as fleet_module
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import read as fleet_read
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    IMAGE,
    OTHER_IMAGE,
    entries,
    entry,
    plain,
    template,
    with_group,
)

TEMPLATE = {"launch_with": "launch_template"}
ABSENT = {"application_state": "absent"}
DENIED = {"code": "AccessDenied", "message": "User may not.", "status": 403}
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


def by_name(result):
    return {row["name"]: row for row in result["applications"]}


def test_throttling_only_delays(fleets):
    applications = entries(6)
    for operation in ("GetAccountAuthorizationDetails", "CreateRole", "CreateInstanceProfile"):
        fleets.aws.fault("throttle", operation)
    assert fleets.apply(applications)["totals"]["changed"] == 6
    assert [fault["struck"] for fault in fleets.aws.control("GET", "faults")] == [1, 1, 1]
    assert fleets.summaries(applications) == []


EVERYTHING = {
    "managed_policies": [READ_ONLY],
    "inline_policies": {"read": POLICY},
    "tags": {"Owner": "me"},
    **TEMPLATE,
}


@pytest.mark.parametrize(
    "operation",
    [
        "CreateRole",
        "AttachRolePolicy",
        "PutRolePolicy",
        "CreateInstanceProfile",
        "AddRoleToInstanceProfile",
        "CreateLaunchTemplate",
        "CreateAutoScalingGroup",
    ],
)
def test_lost_answer_of_a_creation_is_no_failure(fleets, operation):
    applications = [with_group("web", **EVERYTHING), with_group("other", **EVERYTHING)]
    fleets.aws.fault("reset_after", operation, times=2)
    result = fleets.apply(applications)
    assert [row["changed"] for row in result["applications"]] == [True, True]
    (fault,) = fleets.aws.control("GET", "faults")
    assert fault["struck"] == 2
    assert fleets.summaries(applications) == []


def test_lost_answer_of_a_creation_of_a_launch_configuration(fleets):
    fleets.aws.fault("reset_after", "CreateLaunchConfiguration", times=2)
    assert fleets.apply(entries(4))["totals"]["changed"] == 4
    assert fleets.summaries(entries(4)) == []


def test_lost_answer_of_an_update_is_no_failure(fleets):
    for operation in ("CreateLaunchTemplateVersion", "UpdateAutoScalingGroup", "DeleteLaunchTemplateVersions"):
        fleets.aws.reset()
        fleets.bootstrap([with_group("web", **TEMPLATE)])
        fleets.aws.fault("reset_after", operation)
        wanted = [with_group("web", image_id=OTHER_IMAGE, **TEMPLATE)]
        fleets.apply(wanted)
        (found,) = fleets.aws.client("ec2").describe_launch_templates()["LaunchTemplates"]
        assert (found["DefaultVersionNumber"], found["LatestVersionNumber"]) == (2, 2)
        assert fleets.summaries(wanted) == []


def test_lost_answer_of_a_deletion_is_no_failure(fleets):
    applications = [with_group("web", **EVERYTHING), entry("other")]
    for operation in ("DeleteAutoScalingGroup", "DeleteLaunchConfiguration", "DeleteInstanceProfile", "DeleteRole"):
        fleets.bootstrap(applications)
        fleets.aws.fault("reset_after", operation)
        fleets.apply(applications, state="absent")
        assert (fleets.roles(), fleets.profiles(), fleets.group()) == ([], {}, None)


def test_failures_do_not_stop_others(fleets):
    """What is seen beforehand is blocked and not begun; what AWS refuses on the way ends this application only."""
    applications = [
        entry("good"),
        entry("path-differs", role_path="/ops/"),
        entry("settings-differ", launch_configuration_name="fixed"),
        entry("policy-missing", managed_policies=["none-of-this-name"]),
        entry("image-missing", image_id="ami-00000000"),
        entry("refused"),
        plain("also-good"),
    ]
    fleets.make_roles("settings-differ")
    fleets.make_roles("path-differs", path="/ops/")
    iam = fleets.aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="path-differs")
    iam.create_instance_profile(InstanceProfileName="settings-differ")
    fleets.aws.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName="fixed",
        ImageId="ami-baba68d3",
        InstanceType="t3.large",
        IamInstanceProfile="settings-differ",
    )
    fleets.aws.fault("error", "CreateLaunchConfiguration", times=1, skip=1, **DENIED)
    fleets.aws.reset_calls()

    message, result = fleets.refused(applications, concurrency=1)
    rows = by_name(result)
    assert message.startswith("5 of 7 applications failed; 2 were applied. [path-differs] ")
    assert result["changed"] is True
    expected = {
        "path-differs": "path",
        "settings-differ": "instance_type is t3.large, not t3.small",
        "policy-missing": "none-of-this-name",
        "image-missing": "ami-00000000",
        "refused": "Failed to create launch configuration 'refused-",
    }
    for name, part in expected.items():
        assert rows[name]["failed"], rows[name]
        assert part in rows[name]["error"]
        assert f"[{name}] {rows[name]['error']}" in message
        # All but the last are blocked before the first call.
        assert rows[name].get("calls", []) == [] or name == "refused"
    assert [row["name"] for row in result["applications"] if not row["failed"]] == ["good", "also-good"]
    assert rows["refused"]["calls"] == [
        "create_role IAM role 'refused'",
        "create_instance_profile instance profile 'refused'",
        "add_role_to_instance_profile instance profile 'refused'",
    ]
    assert rows["refused"]["not_begun"] == ["auto_scaling_group", "instance_refresh", "superseded"]
    assert set(fleets.profiles()) == {"good", "also-good", "refused", "path-differs", "settings-differ"}

    # Once the reasons are gone, what is left is done, and nothing twice.
    fleets.aws.control("DELETE", "faults")
    fleets.aws.reset_calls()
    corrected = [
        applications[0],
        {**applications[1], "application_instance_profile_on_drift": "keep", "application_adopt": True},
        {**applications[2], "application_launch_configuration_on_drift": "replace", "application_adopt": True},
        {**applications[3], "application_managed_policies": []},
        {**applications[4], "application_image_id": OTHER_IMAGE},
        *applications[5:],
    ]
    result = fleets.apply(corrected)
    assert (result["totals"]["changed"], result["totals"]["unchanged"]) == (5, 2)
    writes = fleets.writes()
    assert (writes["CreateRole"], writes["CreateInstanceProfile"], writes["AddRoleToInstanceProfile"]) == (2, 2, 4)


def test_many_failures_are_grouped_by_cause(fleets):
    """100 of 100 fail in a message that a terminal can show, without waiting for what will not come."""
    applications = entries(100)
    fleets.aws.fault("error", "CreateRole", times=0, **DENIED)
    message, result = fleets.refused(applications)
    assert message.startswith("100 of 100 applications failed; 0 were applied. [web-0, web-1, ")
    assert " and 80 more] Failed to create role for IAM role 'web-0': " in message
    assert len(message) < 4000
    # What depends on a failed step is not begun.
    assert fleets.aws.counts()["operations"]["iam:CreateRole"] == 100
    assert "iam:CreateInstanceProfile" not in fleets.aws.counts()["operations"]
    assert {row["not_begun"][0] for row in result["applications"]} == {"inline_policies"}


def test_calls_before_a_failure_are_returned(fleets):
    fleets.aws.fault("error", "AddRoleToInstanceProfile", times=1, **DENIED)
    dummy, result = fleets.refused(entries(3), concurrency=1)
    row = result["applications"][0]
    assert (row["name"], row["failed"], "AccessDenied" in row["error"]) == ("web-0", True, True)
    assert (row["changed"], row["calls"]) == (
        True,
        ["create_role IAM role 'web-0'", "create_instance_profile instance profile 'web-0'"],
    )
    assert row["not_begun"] == ["launch_settings", "auto_scaling_group", "instance_refresh", "superseded"]
    assert [row["failed"] for row in result["applications"]] == [True, False, False]


@pytest.mark.parametrize(
    "lag",
    [
        {"iam_delay": 1.0, "iam_miss_rate": 0.7},
        {"profile_delay": 1.0},
        # GetAccountAuthorizationDetails does not show the new roles until long after GetRole does.
        {"iam_list_delay": 600, "iam_miss_rate": 1.0},
    ],
    ids=["IAM", "profile", "lists"],
)
def test_lag_of_aws_is_waited_for(fleets, lag):
    applications = [*entries(3), template("template"), entry("tags", tags={"Owner": "me"})]
    fleets.aws.set(**lag)
    assert fleets.apply(applications)["totals"]["changed"] == 5
    writes = fleets.writes()
    # With any reads in between, nothing is made twice.
    assert writes["CreateRole"] == writes["CreateInstanceProfile"] == writes["AddRoleToInstanceProfile"] == 5
    assert (writes["CreateLaunchConfiguration"], writes["CreateLaunchTemplate"]) == (4, 1)
    # A second run within the lag neither fails nor touches what serves.
    fleets.aws.reset_calls()
    fleets.apply(applications)
    assert "RemoveRoleFromInstanceProfile" not in fleets.aws.counts()["operations"]


def test_new_account_is_told_of_templates(fleets):
    fleets.aws.set(new_account=True)
    dummy, result = fleets.refused([entry("old"), template("new")])
    assert [row["failed"] for row in result["applications"]] == [True, False]
    assert "launch template" in result["applications"][0]["error"]
    # Without a retry.
    assert len(fleets.aws.calls(operation="CreateLaunchConfiguration")) == 1
    assert fleets.launch_templates() == ["new"]


def test_denied_bulk_read_falls_back_to_reads_by_name(fleets):
    applications = entries(4)
    fleets.aws.fault("error", "GetAccountAuthorizationDetails", times=0, **DENIED)
    assert fleets.apply(applications)["totals"]["changed"] == 4
    assert fleets.summaries(applications) == []


def test_failed_read_returns_what_was_done(fleets):
    """The session expires after the first creations."""
    fleets.aws.fault(
        "error", "ListInstanceProfiles", times=0, skip=1, code="ExpiredToken", message="Expired.", status=403
    )
    message, result = fleets.refused(entries(4))
    assert "ExpiredToken" in message
    assert result["changed"] is True
    assert all("create_role IAM role" in row["calls"][0] for row in result["applications"])


def in_threads(*functions):
    """Run functions at once, and return their results or exceptions."""
    results, start = [None] * len(functions), threading.Barrier(len(functions))

    def run(index):
        start.wait()
        try:
            results[index] = functions[index]()
        except Exception as error:  # noqa: BLE001 - shown by the assertions of the callers
            results[index] = error

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def threaded(fleets, monkeypatch):
    """Fleets with a session of each thread's own."""
    sessions = threading.local()

    def new_session(profile):
        if not hasattr(sessions, "session"):
            sessions.session = clients_new_session(profile)
        return sessions.session

    monkeypatch.setattr(clients, "_new_session", new_session)
    return fleets


clients_new_session = clients._new_session


def test_two_runs_of_one_fleet_adopt_each_others_work(threaded):
    applications = [*entries(6), with_group("group", **EVERYTHING)]
    results = in_threads(lambda: threaded.apply(applications), lambda: threaded.apply(applications))
    assert [getattr(each, "message", None) or each["totals"]["blocked"] for each in results] == [0, 0]
    writes = threaded.writes()
    assert (writes["CreateRole"], writes["CreateInstanceProfile"], writes["CreateAutoScalingGroup"]) == (7, 7, 1)
    assert threaded.summaries(applications) == []
    results = in_threads(*[lambda: threaded.apply(applications, state="absent")] * 2)
    assert [getattr(each, "message", None) or each["totals"]["blocked"] for each in results] == [0, 0]
    assert (threaded.roles(), threaded.profiles(), threaded.group("group")) == ([], {}, None)


def test_two_regions_of_an_account_share_roles_and_profiles(threaded):
    applications, regions = entries(6), ("us-east-1", "eu-central-1")
    results = in_threads(*[lambda region=region: threaded.apply(applications, region=region) for region in regions])
    assert [getattr(each, "message", None) or each["totals"]["blocked"] for each in results] == [0, 0]
    writes = threaded.writes()
    assert writes["CreateRole"] == writes["CreateInstanceProfile"] == writes["AddRoleToInstanceProfile"] == 6
    assert writes["CreateLaunchConfiguration"] == 12
    for region in regions:
        assert threaded.summaries(applications, region=region) == []


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        ("iam", "create_role"),
        ("iam", "create_instance_profile"),
        ("autoscaling", "create_launch_configuration"),
        ("ec2", "create_launch_template"),
        ("autoscaling", "create_auto_scaling_group"),
    ],
)
def test_resource_of_a_faster_run_is_adopted(fleets, monkeypatch, service, operation):
    """The other run creates it between this one's look and its call."""

    class Overtaken(clients.Clients):
        def __call__(self, name):
            found = super().__call__(name)
            create = getattr(found, operation, None)
            if name == service and not hasattr(create, "is_late"):

                def late(**arguments):
                    create(**{key: value for key, value in arguments.items() if key != "ClientToken"})
                    return create(**arguments)

                late.is_late = True
                setattr(found, operation, late)
            return found

    monkeypatch.setattr(fleet_module, "Clients", Overtaken)
    applications = [with_group("web"), with_group("template", **TEMPLATE)]
    fleets.apply(applications)
    assert fleets.summaries(applications) == []


def test_deploy_during_the_run_stays(fleets, monkeypatch):
    """Somebody sets the group to another launch configuration after the plan was made."""
    fleets.bootstrap([with_group("web")])
    autoscaling = fleets.aws.client("autoscaling")
    read_all = fleet_read.FleetReader.read_all

    def read_and_deploy(self):
        observation = read_all(self)
        arguments = {"ImageId": IMAGE, "InstanceType": "t3.large"}
        autoscaling.create_launch_configuration(LaunchConfigurationName="deployed", **arguments)
        autoscaling.update_auto_scaling_group(AutoScalingGroupName="web", LaunchConfigurationName="deployed")
        return observation

    monkeypatch.setattr(fleet_read.FleetReader, "read_all", read_and_deploy)
    message, dummy = fleets.refused([with_group("web", image_id=OTHER_IMAGE)])
    assert "launches from launch configuration 'deployed' now" in message
    assert fleets.group("web")["LaunchConfigurationName"] == "deployed"
