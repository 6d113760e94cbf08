# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The instance refreshes that the plans of applications need.
Private to the collection: names and shapes can change in any release."""

from ..application.observation import Index
from ..application.planner import Planner
from ..autoscaling import group as auto_scaling_group
from ..autoscaling import instance_refresh_options
from ..autoscaling.refreshes import Refresh


def needed_refreshes(applications, observation, former):
    """Return the refreshes of applications with outdated instances, and for each the number of the group's instances.

    :param former: name -> Auto Scaling group as it was when the run began.
    """
    index = Index(observation)
    planners = [Planner(each, index, former.get(each.group_name)) for each in applications]
    needed = [planner for planner in planners if planner.step("instance_refresh").changes]
    sizes = {each.application.name: len((each.group or {}).get("Instances") or ()) for each in needed}
    return [_refresh(planner) for planner in needed], sizes


def _refresh(planner):
    options, source = planner.refresh_options, planner.group_target.source
    former = auto_scaling_group.source_of(planner.former) or None
    # Auto Scaling itself rolls back to what a launch template replaced.
    if "LaunchTemplate" in source or former == source:
        former = None
    return Refresh(
        planner.application.name,
        instance_refresh_options.from_params(options),
        options["wait_timeout"],
        options["poll_interval"],
        former,
        "application_refresh_{}",
    )
