# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instance refreshes: a group's instances are replaced step by step, and rolled back the same way.

A refresh has no thread of its own. Before each API call every refresh is brought to where the clock says it is, one
step per ``refresh_step_seconds``: so nothing happens unobserved, and nothing needs a lock.
Source: EC2 Auto Scaling user guide, "How an instance refresh works in an Auto Scaling group".
"""

from __future__ import annotations

import math
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow

from . import group_launching, lifecycle
from .registry import Refusal
from .settings import SETTINGS

# How many steps a new instance may stay unhealthy before the refresh is given up.
PATIENCE = 3
DEFAULTS = {"MinHealthyPercentage": 90, "SkipMatching": False, "AutoRollback": False}
ACTIVE_STATES = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")


@dataclass
class Refresh:
    """One refresh. ``before`` and ``after`` are launch settings with what their instances show as source."""

    group: Any
    preferences: dict[str, Any]
    desired: dict[str, Any] | None
    before: tuple[dict[str, Any], dict[str, Any]]
    after: tuple[dict[str, Any], dict[str, Any]]
    waiting: list[Any] = field(default_factory=list)  # instances still to be replaced
    moving: list[tuple[Any, Any]] = field(default_factory=list)  # (old instance if it still serves, new one)
    launched: list[Any] = field(default_factory=list)  # new instances that are in service
    holes: int = 0  # instances to launch without one to replace
    total: int = 0
    status: str = "Pending"
    reason: str = ""
    unhealthy_steps: int = 0
    checkpoints: list[int] = field(default_factory=list)  # percentages that are still ahead
    resting_until: float = 0.0
    blocked_since: float | None = None
    rollback: dict[str, Any] | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: Any = field(default_factory=utcnow)
    ended: Any = None
    next_step: float = field(default_factory=lambda: time.monotonic() + SETTINGS.refresh_step_seconds)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE_STATES

    @property
    def remaining(self) -> int:
        return len(self.waiting) + len(self.moving) + self.holes

    def begin(self) -> None:
        matching = self.preferences.get("SkipMatching", False)
        ignore_protected = self.preferences.get("ScaleInProtectedInstances") == "Ignore"
        self.waiting = [
            state
            for state in self.group.instance_states
            if not lifecycle.is_leaving(state)
            # Launch configurations can't be matched: they have no version.
            and not (matching and "LaunchTemplate" in self.after[1] and getattr(state, "source", None) == self.after[1])
            and not (ignore_protected and state.protected_from_scale_in)
            and not (self.preferences.get("StandbyInstances") == "Ignore" and state.lifecycle_state == "Standby")
        ]
        self.total = len(self.waiting)
        self.checkpoints = list(self.preferences.get("CheckpointPercentages") or [])

    def describe(self) -> dict[str, Any]:
        done = self.total - self.remaining if self.rollback is None else self.rollback["done"]
        without_any = 100 if self.status == "Successful" else 0
        described = {
            "InstanceRefreshId": self.id,
            "AutoScalingGroupName": self.group.name,
            "Status": self.status,
            "StatusReason": self.reason or None,
            "StartTime": self.started,
            "EndTime": self.ended,
            "PercentageComplete": 100 * done // self.total if self.total else without_any,
            "InstancesToUpdate": self.total - done,
            "Preferences": {**DEFAULTS, **self.preferences},
            "DesiredConfiguration": self.desired,
            "Strategy": "Rolling",
        }
        if self.rollback is not None:
            described["RollbackDetails"] = {
                "RollbackReason": self.rollback["reason"],
                "RollbackStartTime": self.rollback["started"],
                "PercentageCompleteOnRollback": described["PercentageComplete"],
                "InstancesToUpdateOnRollback": described["InstancesToUpdate"],
            }
        return described

    def step(self) -> None:
        """One step: what is being replaced gets ready, and the next batch begins."""
        try:
            if self.status == "Pending":
                self.status = "InProgress"
            if not self._settle():
                return
            if self.status == "Cancelling":
                self._end("Cancelled", "Cancelled due to user request.")
            elif self._rests():
                return
            elif not self.remaining:
                self._succeed()
            else:
                self._begin_batch()
        except Refusal as refusal:
            self._fail(refusal.message)

    def _settle(self) -> bool:
        """New instances come into service and those they replace end; False while they are not healthy."""
        if any(lifecycle.is_moving(new) for _old, new in self.moving):
            return False
        if self.moving and SETTINGS.refresh_fails and self.status != "RollbackInProgress":
            self.unhealthy_steps += 1
            for _old, new in self.moving:
                new.health_status = "Unhealthy"
            if self.unhealthy_steps >= PATIENCE:
                self._fail(
                    f"Instances did not become healthy: {', '.join(new.instance.id for _old, new in self.moving)}"
                )
            return False
        for old, new in self.moving:
            new.lifecycle_state = "InService"
            self.launched.append(new)
            if old is not None:
                self._terminate(old)
        self._forget_terminating()
        self.moving = []
        return True

    def _begin_batch(self) -> None:
        wanted = self.group.desired_capacity or 0
        serving = [state for state in self.group.instance_states if state.lifecycle_state == "InService"]
        least = math.ceil(wanted * self.preferences.get("MinHealthyPercentage", 90) / 100)
        most = math.floor(wanted * self.preferences.get("MaxHealthyPercentage", 100) / 100)
        spare = max(0, most - sum(not lifecycle.is_leaving(state) for state in self.group.instance_states))
        dispensable = max(0, len(serving) - least)
        if not spare and not dispensable:
            # A group of one is terminated first, with an outage, unless MaxHealthyPercentage is given, be it 100: botocore's
            # autoscaling service model says so of it in RefreshPreferences. Others keep the minimum.
            outage = wanted <= 1 and "MaxHealthyPercentage" not in self.preferences
            spare, dispensable = (0, 1) if outage else (1, 0)
        while self.holes:
            self.holes -= 1
            self.moving.append((None, self._launch()))
        replaceable = [state for state in self.waiting if self._may_replace(state)]
        for old in replaceable[: min(spare + dispensable, self._until_checkpoint())]:
            self.waiting.remove(old)
            if spare:
                spare -= 1
                self.moving.append((old, self._launch()))
            else:
                self._leave(old)
                self.moving.append((None, self._launch()))
        if self.moving:
            self.reason, self.blocked_since = "", None
            return
        self.reason = "Waiting for instances that are protected from scale in or in Standby."
        self.blocked_since = self.blocked_since or time.monotonic()
        if time.monotonic() - self.blocked_since >= SETTINGS.refresh_wait_seconds:
            self._fail("Instances that are protected from scale in or in Standby were not released in time.")

    def _leave(self, old: Any) -> None:
        """Terminate an instance before its successor serves; it is shown until the next step, or until its hook has ended."""
        if lifecycle.hook_of(self.group, lifecycle.TERMINATING):
            lifecycle.terminate(old)
        else:
            lifecycle.remove(old)
            old.lifecycle_state = "Terminating"
            self.group.instance_states.append(old)

    def _until_checkpoint(self) -> int:
        """How many more instances may be replaced before the next checkpoint."""
        if not self.checkpoints or self.rollback is not None:
            return self.remaining
        return math.ceil(self.total * self.checkpoints[0] / 100) - (self.total - self.remaining)

    def _rests(self) -> bool:
        """Whether the refresh waits, at a checkpoint or because it bakes."""
        if self.checkpoints and self.rollback is None and self._until_checkpoint() <= 0:
            self.checkpoints.pop(0)
            if self.remaining and not self.checkpoints:
                # The last checkpoint is not 100: the rest is not replaced.
                self.total -= len(self.waiting)
                self.waiting = []
            elif self.remaining:
                self.resting_until = time.monotonic() + self.preferences.get("CheckpointDelay", 3600)
        if not self.remaining and self.status == "InProgress" and (bake := self.preferences.get("BakeTime")):
            self.status, self.resting_until = "Baking", time.monotonic() + bake
        return time.monotonic() < self.resting_until

    def _may_replace(self, state: Any) -> bool:
        if state not in self.group.instance_states:
            return True
        if state.protected_from_scale_in and self.preferences.get("ScaleInProtectedInstances") != "Refresh":
            return False
        return state.lifecycle_state != "Standby" or self.preferences.get("StandbyInstances") == "Terminate"

    def _launch(self) -> Any:
        settings, source = self.before if self.rollback is not None else self.after
        (new,) = group_launching.launch_from(self.group, settings, source, 1, self.group.get_propagated_tags())
        if not lifecycle.is_moving(new):
            new.lifecycle_state = "Pending"
        return new

    def _terminate(self, state: Any) -> None:
        if state in self.group.instance_states:
            lifecycle.terminate(state)

    def _forget_terminating(self) -> None:
        states = self.group.instance_states
        self.group.instance_states = [state for state in states if state.lifecycle_state != "Terminating"]

    def _succeed(self) -> None:
        if self.rollback is not None:
            self._end("RollbackSuccessful", "")
            return
        desired = self.desired or {}
        if policy := desired.get("MixedInstancesPolicy"):
            self.group.mixed_instances_policy = {**(self.group.mixed_instances_policy or {}), **policy}
            self.group._set_launch_configuration(None, None, policy)
        elif desired.get("LaunchTemplate"):
            self.group._set_launch_configuration(None, dict(desired["LaunchTemplate"]), None)
        self._end("Successful", "")

    def _fail(self, why: str) -> None:
        for _old, new in self.moving:
            self._terminate(new)
        kept = [old for old, _new in self.moving if old is not None]
        self.moving = []
        self._forget_terminating()
        if self.rollback is not None:
            self._end("RollbackFailed", why)
        elif self.preferences.get("AutoRollback"):
            self.waiting += kept
            self.roll_back(f"Automatic rollback: {why}")
        else:
            self._end("Failed", why)

    def roll_back(self, reason: str) -> None:
        """Replace what was replaced by what was there before."""
        for old, new in self.moving:
            self._terminate(new)
            if old is not None:
                self.waiting.append(old)
        self.moving = []
        self._forget_terminating()
        done = len(self.launched)
        self.status, self.reason = "RollbackInProgress", reason
        self.rollback = {"reason": reason, "started": utcnow(), "done": done}
        self.waiting = [state for state in self.launched if state in self.group.instance_states]
        self.holes = max(0, (self.group.desired_capacity or 0) - len(self.group.instance_states))

    def _end(self, status: str, reason: str) -> None:
        self.status, self.reason, self.ended = status, reason, utcnow()


# The refreshes that are not over, of all Regions.
ACTIVE: list[Refresh] = []


def advance() -> None:
    """Bring every active refresh to where it is now."""
    for refresh in list(ACTIVE):
        group = refresh.group
        while refresh.is_active and time.monotonic() >= refresh.next_step:
            refresh.next_step += SETTINGS.refresh_step_seconds
            if group.autoscaling_backend.autoscaling_groups.get(group.name) is not group:
                refresh.status = "Cancelled"
                break
            refresh.step()
        if not refresh.is_active:
            ACTIVE.remove(refresh)


def refreshes_of(group: Any) -> list[Refresh]:
    """All refreshes of a group, newest first."""
    return group.__dict__.setdefault("embedded_aws_refreshes", [])


def active_refresh(group: Any) -> Refresh | None:
    return next((refresh for refresh in refreshes_of(group) if refresh.is_active), None)


def reset() -> None:
    ACTIVE.clear()
