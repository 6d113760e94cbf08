# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One living group between launch configuration and launch template: each test finds what the one before it left."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from serving import Run, Watch, control, group, play, sources  # noqa: E402

NAME = "switch"
SECRET = "user-data-with-a-secret"
TEMPLATE = {"application_launch_with": "launch_template"}
REFRESH = {"application_refresh": True}


def bootstrap(*options: str, **variables: Any) -> Run:
    return play("bootstrap", f"-e@{HERE / 'vars' / 'application.yml'}", *options, **variables)


def launch_configurations() -> list[str]:
    found = boto3.client("autoscaling").describe_launch_configurations()["LaunchConfigurations"]
    return sorted(
        each["LaunchConfigurationName"] for each in found if each["LaunchConfigurationName"].startswith(f"{NAME}-")
    )


def template_versions() -> tuple[int, list[int]] | None:
    """The default version and all versions of the template; None when there is none."""
    ec2 = boto3.client("ec2")
    found = ec2.describe_launch_templates(Filters=[{"Name": "launch-template-name", "Values": [NAME]}])[
        "LaunchTemplates"
    ]
    if not found:
        return None
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=NAME)["LaunchTemplateVersions"]
    return found[0]["DefaultVersionNumber"], sorted(each["VersionNumber"] for each in versions)


@pytest.fixture(autouse=True)
def steps() -> Iterator[None]:
    """Steps of a refresh that last long enough for someone who looks several times a second."""
    control("PUT", "settings", {"refresh_step_seconds": 0.4})
    yield
    control("DELETE", "settings")


@pytest.fixture
def failing() -> Iterator[None]:
    """The next refresh fails; what comes after it, such as the way back, does not."""
    control("PUT", "settings", {"refresh_fails": True})
    autoscaling = boto3.session.Session().client("autoscaling")
    before = newest_refresh(autoscaling)
    over = threading.Event()

    def end_with_it() -> None:
        while not over.is_set():
            newest = newest_refresh(autoscaling)
            if (
                newest
                and newest["InstanceRefreshId"] != (before or {}).get("InstanceRefreshId")
                and newest["Status"] not in ("Pending", "InProgress")
            ):
                control("PUT", "settings", {"refresh_fails": False})
                return
            time.sleep(0.1)

    thread = threading.Thread(target=end_with_it)
    thread.start()
    yield
    over.set()
    thread.join()


def newest_refresh(autoscaling: Any) -> dict[str, Any] | None:
    found = autoscaling.describe_instance_refreshes(AutoScalingGroupName=NAME, MaxRecords=1)["InstanceRefreshes"]
    return found[0] if found else None


# What a launch configuration cannot hold.
ONLY = {
    "application_credit_specification": {"cpu_credits": "unlimited"},
    "application_metadata_options": {"http_tokens": "required", "instance_metadata_tags": "enabled"},
}


def test_to_a_launch_template_with_a_refresh() -> None:
    (before,) = launch_configurations()
    assert sources(NAME) == [before, before]
    # Long enough for a module run to see it under way.
    control("PUT", "settings", {"refresh_step_seconds": 2})
    with Watch(NAME, NAME) as watch:
        run = bootstrap(**TEMPLATE, **REFRESH, **ONLY)
    assert run.status == 0, run.output
    watch.saw_it_serve(2)
    # The instances moved first, and the group with them; the launch configuration went last.
    assert run.writes == ["CreateLaunchTemplate", "StartInstanceRefresh", "DeleteLaunchConfiguration"]
    assert "switch: instance refresh InProgress" in run.output
    assert sources(NAME) == ["switch:1", "switch:1"]
    assert group(NAME)["LaunchTemplate"]["Version"] == "1"
    assert (launch_configurations(), template_versions()) == ([], (1, [1]))
    versions = boto3.client("ec2").describe_launch_template_versions(LaunchTemplateName=NAME)["LaunchTemplateVersions"]
    assert versions[0]["LaunchTemplateData"]["CreditSpecification"] == {"CpuCredits": "unlimited"}
    assert versions[0]["LaunchTemplateData"]["MetadataOptions"]["InstanceMetadataTags"] == "enabled"
    assert SECRET not in run.output


@pytest.mark.usefixtures("failing")
def test_a_refresh_that_fails_is_rolled_back() -> None:
    with Watch(NAME, NAME) as watch:
        run = bootstrap(**TEMPLATE, **REFRESH, application_instance_type="t3.large")
    assert run.status != 0
    watch.saw_it_serve(2)
    assert (
        "failed and was rolled back; the group launches what it did before. Automatic rollback: Instances did not become healthy"
        in run.output
    )
    assert sources(NAME) == ["switch:1", "switch:1"]
    assert group(NAME)["LaunchTemplate"]["Version"] == "1"
    # Whoever names no version still gets the one that works.
    assert template_versions() == (1, [1, 2])


@pytest.fixture
def left_behind() -> Iterator[list[str]]:
    """A launch configuration as a run leaves it that is stopped when the group has moved. Gives the names of others, which look like it."""
    autoscaling = boto3.client("autoscaling")
    profiles = {"0123456789abcdef": NAME, "by-hand": NAME, "fedcba9876543210": ""}
    for suffix, profile in profiles.items():
        with_profile = {"IamInstanceProfile": profile} if profile else {}
        autoscaling.create_launch_configuration(
            LaunchConfigurationName=f"{NAME}-{suffix}", ImageId="ami-baba68d3", InstanceType="t3.small", **with_profile
        )
    others = [f"{NAME}-by-hand", f"{NAME}-fedcba9876543210"]
    yield others
    for name in others:
        autoscaling.delete_launch_configuration(LaunchConfigurationName=name)


def test_when_it_succeeds_the_old_version_goes(left_behind: list[str]) -> None:
    with Watch(NAME, NAME) as watch:
        run = bootstrap(**TEMPLATE, **REFRESH, application_instance_type="t3.large")
    assert run.status == 0, run.output
    watch.saw_it_serve(2)
    assert run.writes == [
        "StartInstanceRefresh",
        "ModifyLaunchTemplate",
        "DeleteLaunchTemplateVersions",
        "DeleteLaunchConfiguration",
    ]
    assert launch_configurations() == left_behind
    assert sources(NAME) == ["switch:2", "switch:2"]
    assert template_versions() == (2, [2])


def test_back_to_a_launch_configuration_with_a_refresh() -> None:
    with Watch(NAME, NAME) as watch:
        run = bootstrap(**REFRESH)
    assert run.status == 0, run.output
    watch.saw_it_serve(2)
    assert [each for each in run.writes if each != "DisableMetricsCollection"] == [
        "CreateLaunchConfiguration",
        "UpdateAutoScalingGroup",
        "StartInstanceRefresh",
        "DeleteLaunchTemplate",
    ]
    (now,) = launch_configurations()
    assert sources(NAME) == [now, now]
    assert "LaunchTemplate" not in group(NAME)
    assert template_versions() is None


@pytest.mark.usefixtures("failing")
def test_other_settings_of_a_launch_configuration_that_fail() -> None:
    (before,) = launch_configurations()
    with Watch(NAME, NAME) as watch:
        run = bootstrap(**REFRESH, application_instance_type="t3.large")
    assert run.status != 0
    watch.saw_it_serve(2)
    assert "The group launches what it did before, and so do all of its instances." in run.output
    assert sources(NAME) == [before, before]
    assert group(NAME)["LaunchConfigurationName"] == before


def test_without_a_refresh_the_instances_go_on() -> None:
    (*others, before) = sorted(launch_configurations(), key=lambda name: name == group(NAME)["LaunchConfigurationName"])
    assert len(others) == 1
    run = bootstrap(**TEMPLATE)
    assert run.status == 0, run.output
    assert run.writes[:2] == ["CreateLaunchTemplate", "UpdateAutoScalingGroup"]
    assert run.writes[-2:] == ["DeleteLaunchConfiguration"] * 2
    assert launch_configurations() == []
    assert sources(NAME) == [before, before]


def test_a_template_that_another_group_names_stays() -> None:
    autoscaling = boto3.client("autoscaling")
    template = {"LaunchTemplateName": NAME, "Version": "1"}
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="switch-other",
        LaunchTemplate=template,
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["us-east-1a"],
    )
    try:
        assert bootstrap().status == 0
        assert template_versions() == (1, [1])
    finally:
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName="switch-other")
    # The group has left it, as in a run that is stopped then. When nobody names it any more, the next run removes it.
    run = bootstrap()
    assert (run.status, run.writes, template_versions()) == (0, ["DeleteLaunchTemplate"], None), run.output
    # One that the role has not made stays, although it hands out the application's profile.
    data = {"ImageId": "ami-baba68d3", "InstanceType": "t3.small", "IamInstanceProfile": {"Name": NAME}}
    boto3.client("ec2").create_launch_template(LaunchTemplateName=NAME, LaunchTemplateData=data)
    run = bootstrap()
    assert (run.status, run.recap["changed"], run.writes) == (0, 0, []), run.output
    run = play("teardown", f"-e@{HERE / 'vars' / 'application.yml'}", application_group_force_delete=True)
    assert run.status == 0, run.output
    assert (launch_configurations(), template_versions()) == ([], (1, [1]))
    boto3.client("ec2").delete_launch_template(LaunchTemplateName=NAME)
