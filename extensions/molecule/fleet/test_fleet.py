# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The rest of the fleet's life, after converge and up to its removal by cleanup: each test finds what the one before it left, in the order of this file.

What exists is read through boto3. `verify.yml` runs this in the environment that names the embedded AWS.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

import boto3
import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from serving import Run, control, group, play, sources  # noqa: E402

SECRET = "user-data-with-a-secret"
FLEET = yaml.safe_load((HERE / "vars" / "fleet.yml").read_text(encoding="utf-8"))
MAIL, SHOP, LOGS, JOBS = FLEET["fleet_applications"]


def fleet(*options: str, **variables: Any) -> Run:
    return play("fleet", f"-e@{HERE / 'vars' / 'fleet.yml'}", *options, **variables)


def launch_configurations() -> list[str]:
    found = boto3.client("autoscaling").describe_launch_configurations()["LaunchConfigurations"]
    return sorted(each["LaunchConfigurationName"] for each in found)


def launch_templates() -> list[str]:
    return [each["LaunchTemplateName"] for each in boto3.client("ec2").describe_launch_templates()["LaunchTemplates"]]


def profiles() -> dict[str, list[str]]:
    found = boto3.client("iam").list_instance_profiles(PathPrefix="/molecule/")["InstanceProfiles"]
    return {each["InstanceProfileName"]: [role["RoleName"] for role in each["Roles"]] for each in found}


def roles() -> list[str]:
    return [each["RoleName"] for each in boto3.client("iam").list_roles(PathPrefix="/molecule/")["Roles"]]


def test_what_converge_made() -> None:
    iam = boto3.client("iam")
    names = ["jobs", "logs", "mail", "shop"]
    assert sorted(roles()) == names
    assert profiles() == {name: [name] for name in names}
    for name in names:
        (policy,) = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        assert policy["PolicyName"] == "ReadOnlyAccess"
    assert sorted(iam.list_role_policies(RoleName="jobs")["PolicyNames"]) == ["bucket", "queue"]
    assert iam.get_instance_profile(InstanceProfileName="jobs")["InstanceProfile"]["Tags"] == [
        {"Key": "Owner", "Value": "jobs"},
        {"Key": "launchkit:application", "Value": "jobs"},
    ]
    jobs, mail = launch_configurations()
    assert (jobs.rpartition("-")[0], mail.rpartition("-")[0]) == ("jobs", "mail")
    assert launch_templates() == ["shop"]
    assert group("mail")["LaunchConfigurationName"] == mail
    assert sources("shop") == ["shop:1"]


def test_the_role_application_has_nothing_to_do() -> None:
    """One of them, with every module of the chain. tests/embedded_aws/test_fleet_agreement.py goes further."""
    run = play("bootstrap", **FLEET["fleet_defaults"], **SHOP, application_trust_plan=False)
    assert (run.status, run.recap["changed"]) == (0, 0), run.output
    # amazon.aws.autoscaling_group updates a group with what it has.
    assert run.writes == ["UpdateAutoScalingGroup", "DisableMetricsCollection"]
    # All of it was looked at.
    operations = control("GET", "calls/counts")["operations"]
    assert operations["iam:GetRole"] >= 1
    assert operations["ec2:DescribeLaunchTemplateVersions"] >= 1
    assert SECRET not in run.output


def test_an_unchanged_fleet_costs_one_module_and_a_handful_of_calls() -> None:
    run = fleet()
    assert (run.status, run.recap["changed"], run.writes) == (0, 0, []), run.output
    assert "No changes. 4 applications are unchanged." in run.output
    # With one application that has tags.
    assert control("GET", "calls/counts")["total"] <= 4 / 20 + 10 + 1


def test_a_file_is_refused_as_a_whole_before_the_first_call() -> None:
    wrong = [
        MAIL,
        {**SHOP, "application_name": "Mail", "application_imag_id": "ami-1"},
        {**LOGS, "application_role_path": "x"},
    ]
    run = fleet(fleet_applications=wrong)
    assert run.status != 0
    for message in (
        "[Mail] application_imag_id: no such variable exists. Did you mean application_image_id?",
        "[Mail] application_name: 'Mail' is taken by the application 'mail' as well.",
        "[logs] application_role_path",
        "applications: 3 mistakes",
    ):
        assert message in run.output
    assert control("GET", "calls/counts")["total"] == 0


def changed() -> dict[str, Any]:
    """A new image for the shop, more for the mail, another policy for the jobs, and the logs' role is to be found detached."""
    wanted = copy.deepcopy(FLEET["fleet_applications"])
    wanted[0]["application_group_max_size"] = 3
    wanted[1]["application_image_id"] = "ami-785db401"
    del wanted[3]["application_inline_policies"]["bucket"]
    wanted[3]["application_user_data"] = f"#!/bin/sh\necho other-{SECRET}\n"
    return {"fleet_applications": wanted}


def test_a_plan_is_for_people_and_changes_nothing() -> None:
    boto3.client("iam").remove_role_from_instance_profile(InstanceProfileName="logs", RoleName="logs")
    run = fleet("--check", "--diff", **changed())
    assert (run.status, run.writes) == (0, []), run.output
    plan = [line.strip() for line in run.output.splitlines()]
    for lines in (
        ("mail", "~ Auto Scaling group mail", "max_size: 2 -> 3"),
        ("~ launch template shop", "image_id: ami-baba68d3 -> ami-785db401", "~ Auto Scaling group shop"),
        ("logs", "~ instance profile logs", "role: none -> logs"),
        ("jobs", "- inline policy bucket"),
        ("Plan: 1 to create, 5 to update, 2 to delete.",),
    ):
        start = plan.index(lines[0])
        assert plan[start : start + len(lines)] == list(lines)
    assert "note: 1 instance of Auto Scaling group shop keeps earlier launch settings" in run.output
    assert SECRET not in run.output


def test_only_what_differs_is_touched() -> None:
    (former, *dummy) = launch_configurations()
    run = fleet(**changed())
    assert run.status == 0, run.output
    assert sorted(run.writes) == [
        "AddRoleToInstanceProfile",
        "CreateLaunchConfiguration",
        "CreateLaunchTemplateVersion",
        "DeleteLaunchConfiguration",
        "DeleteLaunchTemplateVersions",
        "DeleteRolePolicy",
        "ModifyLaunchTemplate",
        "UpdateAutoScalingGroup",
        "UpdateAutoScalingGroup",
    ]
    # The lines that are shown while it works.
    assert "launch settings 1/2: " in run.output
    assert "launch settings 2/2: " in run.output
    assert group("mail")["MaxSize"] == 3
    assert group("shop")["LaunchTemplate"]["Version"] == "2"
    assert profiles()["logs"] == ["logs"]
    assert former not in launch_configurations()
    assert SECRET not in run.output
