# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet on its way: the scenario has moved fleet-blue. Each test finds what the one before it left."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from serving import Run, Watch, control, group, play, sources  # noqa: E402

SECRET = "user-data-with-a-secret"
REFRESH = {"launch_template_migration_refresh": True, "launch_template_migration_refresh_poll_interval": 0}
DELETE = {
    "launch_template_migration_delete_launch_configurations": True,
    "launch_template_migration_delete_min_age": 0,
}
# The tags of fleet-green name Terraform.
OWNED = {"launch_template_migration_on_owner": "migrate"}


def migrate(*options: str, groups: list[str] | None = None, **variables: Any) -> Run:
    chosen = (
        {"launch_template_migration_group_regex": "fleet-"}
        if groups is None
        else {"launch_template_migration_groups": groups}
    )
    return play("migrate", *options, **chosen, **variables)


def launch_configurations() -> list[str]:
    found = boto3.client("autoscaling").describe_launch_configurations()["LaunchConfigurations"]
    return sorted(
        each["LaunchConfigurationName"] for each in found if each["LaunchConfigurationName"].startswith("fleet")
    )


def template_of(name: str) -> str:
    return group(name)["LaunchTemplate"]["LaunchTemplateName"]


@pytest.fixture(autouse=True)
def steps() -> Iterator[None]:
    control("PUT", "settings", {"refresh_step_seconds": 0.4})
    yield
    control("DELETE", "settings")


def test_what_the_scenario_has_moved() -> None:
    template = template_of("fleet-blue")
    assert sources("fleet-blue") == [f"{template}:1"] * 3
    # fleet-single still names it.
    assert launch_configurations() == ["fleet blue", "fleet-green"]
    (version,) = boto3.client("ec2").describe_launch_template_versions(LaunchTemplateName=template)[
        "LaunchTemplateVersions"
    ]
    assert version["LaunchTemplateData"]["IamInstanceProfile"] == {"Name": "fleet"}


def test_a_run_without_a_choice_is_refused() -> None:
    for nothing in ({}, {"launch_template_migration_groups": None}, {"launch_template_migration_group_regex": ""}):
        run = play("migrate", **nothing)
        assert (run.status != 0, run.writes) == (True, []), run.output
        assert "no Auto Scaling group is chosen" in run.output


def test_a_check_shows_the_whole_migration_and_changes_nothing() -> None:
    run = migrate("--check", "--diff", **REFRESH, **DELETE)
    assert (run.status, run.writes) == (0, []), run.output
    lines = run.output.splitlines()
    assert any(
        line.startswith("  ~ would migrate fleet-single: launch configuration 'fleet blue' -> ") for line in lines
    )
    assert any(
        line.startswith("  skipped fleet-green: its tags name Terraform: change its configuration too")
        for line in lines
    )
    assert "  nothing to do for 1 group: fleet-blue" in lines
    assert "  - would delete launch configuration fleet blue" in lines
    assert "Plan: 1 group to migrate, 1 launch configuration to delete; 1 skipped, 1 already." in lines
    assert SECRET not in run.output


def test_a_group_of_one_goes_on_serving() -> None:
    with Watch("fleet-single", "fleet") as watch:
        run = migrate(groups=["fleet-single"], **REFRESH, **DELETE)
    assert run.status == 0, run.output
    watch.saw_it_serve(1)
    assert sources("fleet-single") == [f"{template_of('fleet-blue')}:1"]
    # Its template was there already, and with it went the last that named the launch configuration.
    # A tag says when a group last moved, unless one moved within the last minute.
    writes = [each for each in run.writes if each != "CreateTags"]
    assert writes == ["StartInstanceRefresh", "DeleteLaunchConfiguration"]
    assert launch_configurations() == ["fleet-green"]


def test_a_refresh_that_fails_puts_the_group_back() -> None:
    control("PUT", "settings", {"refresh_fails": True})
    with Watch("fleet-green", "fleet") as watch:
        run = migrate(**REFRESH, **DELETE, **OWNED)
    assert run.status != 0
    watch.saw_it_serve(2)
    assert "was rolled back; the group launches what it did before" in run.output
    assert sources("fleet-green") == ["fleet-green", "fleet-green"]
    assert group("fleet-green")["LaunchConfigurationName"] == "fleet-green"
    assert launch_configurations() == ["fleet-green"]


def test_a_run_without_a_refresh_leaves_the_instances_alone() -> None:
    with Watch("fleet-green", "fleet") as watch:
        run = migrate(**OWNED)
    assert run.status == 0, run.output
    watch.saw_it_serve(2)
    assert run.writes == ["UpdateAutoScalingGroup"]
    assert sources("fleet-green") == ["fleet-green", "fleet-green"]
    assert template_of("fleet-green") == "fleet-green"


def test_a_refresh_that_fails_later_puts_the_group_back_too() -> None:
    control("PUT", "settings", {"refresh_fails": True})
    with Watch("fleet-green", "fleet") as watch:
        run = migrate(**REFRESH, **OWNED)
    assert run.status != 0
    watch.saw_it_serve(2)
    assert run.writes == ["UpdateAutoScalingGroup", "StartInstanceRefresh"]
    assert group("fleet-green")["LaunchConfigurationName"] == "fleet-green"
    assert sources("fleet-green") == ["fleet-green", "fleet-green"]
    assert migrate(**OWNED).status == 0


def test_a_run_that_stopped_there_is_taken_up_again() -> None:
    """The group names its template already, and has instances from before."""
    with Watch("fleet-green", "fleet") as watch:
        run = migrate(**REFRESH, **DELETE, **OWNED)
    assert run.status == 0, run.output
    watch.saw_it_serve(2)
    # Back to what it can roll back to; its owner keeps the launch configuration.
    assert run.writes == ["UpdateAutoScalingGroup", "StartInstanceRefresh"]
    assert sources("fleet-green") == ["fleet-green:1", "fleet-green:1"]
    assert launch_configurations() == ["fleet-green"]


def test_the_group_goes_back_to_its_launch_configuration() -> None:
    with Watch("fleet-green", "fleet") as watch:
        run = migrate(groups=["fleet-green"], launch_template_migration_state="reverted", **REFRESH, **OWNED)
    assert run.status == 0, run.output
    watch.saw_it_serve(2)
    assert sources("fleet-green") == ["fleet-green", "fleet-green"]
