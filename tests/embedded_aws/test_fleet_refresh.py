# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The module fleet replaces outdated instances: a few groups at a time, and none more after a failure."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import IMAGE, OTHER_IMAGE, with_group

REFRESH = {"group_min_size": 1, "refresh": True, "refresh_poll_interval": 0, "refresh_timeout": 30}
TEMPLATE = {"launch_with": "launch_template"}
STEP = 0.05


def groups(number, **variables):
    return [with_group(f"web-{index}", **{**REFRESH, **variables}) for index in range(number)]


def images(fleets):
    """Return the images of the instances that run, by group."""
    found = {}
    for reservation in fleets.aws.client("ec2").describe_instances()["Reservations"]:
        for instance in reservation["Instances"]:
            if instance["State"]["Name"] == "running":
                tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
                found.setdefault(tags["aws:autoscaling:groupName"], []).append(instance["ImageId"])
    return found


def refreshes(fleets, number):
    """Return status, start and end of the refreshes of groups, in the order of their starts."""
    autoscaling = fleets.aws.client("autoscaling")
    found = [
        refresh
        for index in range(number)
        for refresh in autoscaling.describe_instance_refreshes(AutoScalingGroupName=f"web-{index}")["InstanceRefreshes"]
    ]
    return sorted(
        ((each["StartTime"], each.get("EndTime"), each["Status"]) for each in found), key=lambda each: each[0]
    )


@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["launch configuration", "launch template"])
@pytest.mark.parametrize("concurrency", [1, 3])
def test_refreshes_run_a_few_at_a_time(fleets, kind, concurrency):
    fleets.aws.set(refresh_step_seconds=STEP)
    fleets.bootstrap(groups(3, **kind))
    wanted = groups(3, image_id=OTHER_IMAGE, **kind)
    checked = fleets.apply(wanted, check_mode=True)
    assert (checked["totals"]["refresh"], fleets.writes()) == (3, {})
    result = fleets.apply(wanted, refresh_concurrency=concurrency)
    assert result["totals"]["refresh"] == 3
    assert fleets.writes()["StartInstanceRefresh"] == 3
    assert images(fleets) == {f"web-{index}": [OTHER_IMAGE] for index in range(3)}
    done = refreshes(fleets, 3)
    assert [status for *dummy, status in done] == ["Successful"] * 3
    at_once = max(sum(1 for start, end, dummy in done if start <= moment < end) for moment, *dummy in done)
    assert at_once == concurrency
    # What the groups have left is deleted in the same run.
    left = fleets.launch_templates() if kind else fleets.launch_configurations()
    assert len(left) == 3
    assert fleets.summaries(wanted) == []
    assert fleets.apply(wanted)["changed"] is False


@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["launch configuration", "launch template"])
def test_no_refresh_begins_after_a_failure(fleets, kind):
    fleets.aws.set(refresh_step_seconds=STEP)
    fleets.bootstrap(groups(3, **kind))
    fleets.aws.set(refresh_fails=True)
    wanted = groups(3, image_id=OTHER_IMAGE, **kind)
    message, result = fleets.refused(wanted)
    errors = [row["error"] for row in result["applications"]]
    assert message.startswith("3 of 3 applications failed; 0 were applied. [web-0] ")
    assert "[web-1, web-2] The instance refresh was not begun, because another one failed." in message
    assert "not begun" not in errors[0]
    assert [each["not_begun"] for each in result["applications"]] == [["superseded"]] * 3
    assert len(refreshes(fleets, 2)) == len(refreshes(fleets, 1)) != 0
    # Nothing that serves was deleted.
    assert [images(fleets)[f"web-{index}"] for index in (1, 2)] == [[IMAGE], [IMAGE]]
    fleets.aws.set(refresh_fails=False)
    fleets.apply(wanted)
    assert images(fleets) == {f"web-{index}": [OTHER_IMAGE] for index in range(3)}
    assert fleets.summaries(wanted) == []


def test_failure_names_protected_instances(fleets):
    fleets.bootstrap(groups(1, **TEMPLATE))
    client = fleets.aws.client("autoscaling")
    ids = [each["InstanceId"] for each in fleets.group("web-0")["Instances"]]
    client.set_instance_protection(AutoScalingGroupName="web-0", InstanceIds=ids, ProtectedFromScaleIn=True)
    message, dummy = fleets.refused(groups(1, image_id=OTHER_IMAGE, **TEMPLATE, refresh_timeout=1))
    assert "of group 'web-0' did not end within application_refresh_timeout and continues." in message
    assert f"in standby: {ids[0]} (see application_refresh_scale_in_protected_instances). Set the option" in message


def test_failed_refresh_of_one_lets_others_without_one_finish(fleets):
    fleets.aws.set(refresh_step_seconds=STEP)
    fleets.bootstrap([*groups(1), with_group("plain")])
    fleets.aws.set(refresh_fails=True)
    dummy, result = fleets.refused([*groups(1, image_id=OTHER_IMAGE), with_group("plain", image_id=OTHER_IMAGE)])
    assert [row["failed"] for row in result["applications"]] == [True, False]
    # The group launches what it did before, so the failed one has nothing superseded; the other one left its own.
    assert len([each for each in fleets.launch_configurations() if each.startswith("plain-")]) == 1


def test_without_refresh_the_plan_says_what_stays(fleets):
    fleets.bootstrap([with_group("web", group_min_size=1)])
    other = [with_group("web", group_min_size=1, image_id=OTHER_IMAGE)]
    note = "1 instance of Auto Scaling group web keeps earlier launch settings until an instance refresh: set application_refresh=true."
    assert fleets.info(other)["applications"][0]["notes"] == [note]
    fleets.apply(other)
    (row,) = fleets.info(other)["applications"]
    assert (row["unchanged"], row["notes"]) == (True, [note])
    assert images(fleets) == {"web": [IMAGE]}
    # An earlier run moved the group; this one replaces what it left outdated.
    wanted = [{**other[0], "application_refresh": True, "application_refresh_poll_interval": 0}]
    fleets.aws.set(refresh_step_seconds=STEP)
    fleets.aws.reset_calls()
    fleets.apply(wanted)
    assert fleets.writes() == {"StartInstanceRefresh": 1}
    assert images(fleets) == {"web": [OTHER_IMAGE]}
