# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the migration of many groups costs in calls."""

from __future__ import annotations

from collections import Counter

from ansible_collections.launchkit.aws.plugins.modules import autoscaling_launch_template_migration as module
from ansible_collections.launchkit.aws.tests.modules.migrations import actions

GROUPS = 60
DELETE = {"delete_launch_configurations": True, "delete_min_age": 0}


def test_sixty_groups_need_five_calls_each_and_one_read_to_clean_up(run, fleet, profile):
    profile("web")
    for index in range(GROUPS):
        fleet.configuration(f"lc-{index}", IamInstanceProfile="web", UserData=f"echo {index}")
        fleet.group(f"web-{index}", f"lc-{index}")
    fleet.aws.reset_calls()
    checked = run(module, check_mode=True, all=True, **DELETE)
    assert checked["totals"]["migrate"] == GROUPS
    planning = len(fleet.aws.calls())
    # Only whether a refresh is in progress is asked for each group.
    assert planning <= GROUPS + 12
    fleet.aws.reset_calls()
    result = run(module, all=True)
    assert set(actions(result).values()) == {"migrated"}
    assert len(fleet.aws.calls()) <= 5 * GROUPS
    fleet.aws.reset_calls()
    cleaned = run(module, all=True, **DELETE)
    counts = Counter(call["operation"] for call in fleet.aws.calls())
    assert len(cleaned["deleted_launch_configurations"]) == GROUPS
    assert counts.pop("DeleteLaunchConfiguration") == GROUPS
    # All groups for the plan and for the deletion, and everything else in bulk.
    assert (counts["DescribeAutoScalingGroups"], sum(counts.values()) <= 12) == (2, True)
    assert fleet.configurations() == []
