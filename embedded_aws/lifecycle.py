# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What instances of Auto Scaling groups go through, and the scaling activities that record it.

Pending, InService, Terminating; a lifecycle hook adds Pending:Wait and Terminating:Wait. Nothing here has a thread of its
own: before each API call every instance is brought to where the clock says it is.
Source: EC2 Auto Scaling user guide, "Amazon EC2 Auto Scaling instance lifecycle", "Lifecycle hooks", "Verify a scaling activity".
"""

from __future__ import annotations

import collections
import time
import uuid
from typing import Any

from moto.core.utils import utcnow

from .settings import SETTINGS

LAUNCHING, TERMINATING = "autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"
ACTIVITIES_OF_A_GROUP = 500
RETRY_SECONDS = 1.0

# Instances that the clock moves on, with the time when it does, of all Regions.
_moving: dict[int, tuple[Any, float]] = {}
# Groups that couldn't launch what they want, with the time of the next attempt.
_short: dict[int, tuple[Any, float]] = {}


def reset() -> None:
    _moving.clear()
    _short.clear()


def is_moving(state: Any) -> bool:
    return id(state) in _moving


def is_leaving(state: Any) -> bool:
    return str(state.lifecycle_state).startswith("Terminating")


def hook_of(group: Any, transition: str) -> Any:
    """The group's first lifecycle hook for a transition, or None."""
    hooks = group.autoscaling_backend.lifecycle_hooks.values()
    found = (hook for hook in hooks if hook.auto_scaling_group_name == group.name)
    return next((hook for hook in found if hook.lifecycle_transition == transition), None)


def begin(state: Any) -> None:
    """An instance was launched into a group."""
    group, instance = state.auto_scaling_group, state.instance_id
    state.activity = record(group, f"Launching a new EC2 instance: {instance}", f"instance {instance} was started")
    if SETTINGS.pending_seconds or hook_of(group, LAUNCHING):
        state.lifecycle_state = "Pending"
        state.activity.update(StatusCode="PreInService", Progress=30, EndTime=None)
        _moving[id(state)] = (state, time.monotonic() + SETTINGS.pending_seconds)


def terminate(state: Any) -> None:
    """Take an instance out of its group: at once, or when its lifecycle hook has ended."""
    group = state.auto_scaling_group
    if is_leaving(state):
        return
    _moving.pop(id(state), None)
    hook = hook_of(group, TERMINATING)
    if hook is None:
        remove(state)
        return
    state.lifecycle_state = "Terminating:Wait"
    state.activity = _termination(state)
    state.activity.update(StatusCode="MidTerminatingLifecycleAction", Progress=60, EndTime=None)
    _moving[id(state)] = (state, time.monotonic() + hook.heartbeat_timeout)


def remove(state: Any) -> None:
    """End an instance without regard to its hooks."""
    group = state.auto_scaling_group
    _moving.pop(id(state), None)
    if state.lifecycle_state == "Terminating:Wait":
        _finish(state)
    else:
        _termination(state)
    group.instance_states = [other for other in group.instance_states if other is not state]
    group.ec2_backend.terminate_instances([state.instance_id])


def complete(state: Any, result: str) -> None:
    """A lifecycle action has ended, with CONTINUE or ABANDON."""
    group = state.auto_scaling_group
    if is_leaving(state):
        remove(state)
    elif result == "CONTINUE":
        _moving.pop(id(state), None)
        state.lifecycle_state = "InService"
        _finish(state)
    else:
        remove(state)
        group.set_desired_capacity(group.desired_capacity)


def advance() -> None:
    """Bring every instance to where it is now, and launch what could not be launched."""
    now = time.monotonic()
    for state, due in list(_moving.values()):
        if now >= due:
            _step(state, now)
    for group, due in list(_short.values()):
        if now >= due:
            del _short[id(group)]
            if group.autoscaling_backend.autoscaling_groups.get(group.name) is group:
                group.set_desired_capacity(group.desired_capacity)


def _step(state: Any, now: float) -> None:
    hook = hook_of(state.auto_scaling_group, LAUNCHING)
    if state.lifecycle_state == "Pending" and hook is not None:
        state.lifecycle_state = "Pending:Wait"
        state.activity.update(StatusCode="MidLifecycleAction", Progress=60)
        _moving[id(state)] = (state, now + hook.heartbeat_timeout)
    elif state.lifecycle_state == "Pending:Wait":
        complete(state, hook.default_result if hook else "CONTINUE")
    else:
        complete(state, "CONTINUE")


def launch_failed(group: Any, reason: str) -> None:
    """Record that a launch failed; the group tries again."""
    text = f"{reason} Launching EC2 instance failed."
    activity = record(group, f"Launching a new EC2 instance.  Status Reason: {text}", "an instance was started")
    activity.update(StatusCode="Failed", StatusMessage=text)
    _short[id(group)] = (group, time.monotonic() + RETRY_SECONDS)


def _termination(state: Any) -> dict[str, Any]:
    instance = state.instance_id
    cause = f"instance {instance} was taken out of service"
    return record(state.auto_scaling_group, f"Terminating EC2 instance: {instance}", cause)


def _finish(state: Any) -> None:
    state.activity.update(StatusCode="Successful", Progress=100, EndTime=utcnow())


def activities_of(backend: Any) -> dict[str, collections.deque[dict[str, Any]]]:
    """The scaling activities of a Region, newest first, by the name of the group."""
    return backend.__dict__.setdefault("embedded_aws_activities", {})


def record(group: Any, description: str, what: str) -> dict[str, Any]:
    """Record an activity that has succeeded; returns it, to be changed when it has not."""
    now = utcnow()
    activity = {
        "ActivityId": str(uuid.uuid4()), "AutoScalingGroupName": group.name, "AutoScalingGroupARN": group.arn,
        "Description": description, "Cause": f"At {now:%Y-%m-%dT%H:%M:%SZ} {what}.", "StartTime": now, "EndTime": now,
        "StatusCode": "Successful", "Progress": 100,
    }  # fmt: skip
    kept = activities_of(group.autoscaling_backend)
    kept.setdefault(group.name, collections.deque(maxlen=ACTIVITIES_OF_A_GROUP)).appendleft(activity)
    return activity
