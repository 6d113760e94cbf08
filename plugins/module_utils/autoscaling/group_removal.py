# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that delete an Auto Scaling group, step by step. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group import subject
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan

NAMES_SHOWN = 10
NO_INSTANCES = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}


def plan(group, force):
    """Return the next call of the removal; none while instances terminate or AWS deletes the group.

    Observe and plan again until the group is ``None``.

    :param group: as DescribeAutoScalingGroups returns it, or ``None``.
    :param force: whether to delete the group with its instances at once. Otherwise it scales in first.
    """
    # Auto Scaling shows a status only while it deletes the group.
    if group is None or group.get("Status"):
        return Plan()
    name = {"AutoScalingGroupName": group["AutoScalingGroupName"]}
    if force:
        return Plan((_call("delete_auto_scaling_group", {**name, "ForceDelete": True}),))
    if any(group[member] for member in NO_INSTANCES):
        return Plan((_call("update_auto_scaling_group", {**name, **NO_INSTANCES}),))
    return Plan() if group.get("Instances") else Plan((_call("delete_auto_scaling_group", name),))


def blockers(group, force):
    """Return sentences that say why the group can't scale in to be deleted, with the role's variable."""
    if group is None or force:
        return ()
    name, instances = subject(group["AutoScalingGroupName"]), group.get("Instances") or ()
    protected = [each["InstanceId"] for each in instances if each.get("ProtectedFromScaleIn")]
    standby = [each["InstanceId"] for each in instances if each["LifecycleState"] in ("EnteringStandby", "Standby")]
    suspended = [each["ProcessName"] for each in group.get("SuspendedProcesses") or ()]
    causes = []
    if protected:
        causes.append((f"has instances with scale-in protection: {_names(protected)}", "remove the protection"))
    if standby:
        causes.append((f"has instances on standby: {_names(standby)}", "return them to service"))
    if instances and "Terminate" in suspended:
        causes.append(("can't scale in while its process Terminate is suspended", "resume the process"))
    return tuple(
        f"application_group_force_delete: {name} {cause}. "
        f"Set application_group_force_delete to true to terminate all its instances, or {remedy}."
        for cause, remedy in causes
    )


def _names(names):
    hidden = len(names) - NAMES_SHOWN
    return ", ".join(names[:NAMES_SHOWN]) + (f" and {hidden} more" if hidden > 0 else "")


def _call(operation, arguments):
    return Call("autoscaling", operation, subject(arguments["AutoScalingGroupName"]), arguments)
