# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Sentences about what a plan would lose, and about what it leaves to another run. Pure.
Private to the collection: names and shapes can change in any release."""

from ..autoscaling import group as auto_scaling_group
from .options import PREFIX


def lost_user_data(planner):
    """Return a sentence if a new launch configuration or template would not have the user data that the group has."""
    source = auto_scaling_group.source_of(planner.group or {})
    current = planner.index.source(source)
    if not source or (current is not None and not current.settings.user_data.size):
        return ()
    return (
        f"{PREFIX}keep_user_data: the user data of {auto_scaling_group.subject(planner.application.group_name)} would be "
        f"lost with {planner.launch_target.name}, which is new. Set {PREFIX}user_data_path, {PREFIX}user_data_base64 or "
        f"{PREFIX}user_data instead. The playbook adopt writes the user data into files with adopt_user_data=true.",
    )


def notes(planner, steps):
    """Return sentences about what does not happen by itplanner."""
    if any(step.blockers for step in steps.values()) or planner.application.options["refresh"]:
        return ()
    if planner.launch_target is None or not planner.group or not planner.outdated:
        return ()
    count = len(planner.outdated)
    return (
        f"{count} instance{'' if count == 1 else 's'} of Auto Scaling group {planner.application.group_name} "
        f"keep{'s' if count == 1 else ''} earlier launch settings until an instance refresh: set {PREFIX}refresh=true.",
    )
