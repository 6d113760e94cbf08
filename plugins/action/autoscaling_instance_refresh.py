# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Waits for the end of an instance refresh, and shows on the controller how far it is.

A module can show nothing before its end, so the module of the same name starts the refresh, and each look at it is a run of
amazon.aws's ``_info`` module.
"""

from __future__ import annotations

import time

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.launchkit.aws.plugins.plugin_utils.connection_options import connection_options

ACTIVE = ("Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking")
MODULE = "launchkit.aws.autoscaling_instance_refresh"
INFO = "amazon.aws.autoscaling_instance_refresh_info"

display = Display()


class ActionModule(ActionBase):
    """Runs the module, and then looks at the refresh until it ends."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        result = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        refresh = result.get("instance_refresh") or {}
        if result.get("failed") or not refresh or not boolean(arguments.get("wait", True)):
            return result
        group = next(arguments[name] for name in ("group", "name", "group_name") if name in arguments)
        refresh = self._wait(group, refresh, arguments, task_vars)
        result["instance_refresh"] = refresh
        failure = _failure(group, refresh)
        if failure:
            return dict(result, failed=True, msg=failure + _blocking(result.get("blocking_instances") or {}))
        # A last checkpoint below 100 % ends the refresh before all instances are replaced.
        checkpoints = (refresh.get("preferences") or {}).get("checkpoint_percentages") or [100]
        return dict(result, outdated_instances=[]) if checkpoints[-1] == 100 else result

    def _wait(self, group, refresh, arguments, task_vars):
        """Look at the refresh until it ends or time runs out; return it as last seen."""
        connection = connection_options(arguments)
        deadline = time.monotonic() + int(arguments.get("wait_timeout", 3600))
        shown = None
        while True:
            line = _progress(group, refresh)
            if line != shown:
                display.display(line)
                shown = line
            if refresh["status"] not in ACTIVE or time.monotonic() >= deadline:
                return refresh
            time.sleep(max(0, min(int(arguments.get("poll_interval", 15)), deadline - time.monotonic())))
            look = dict(connection, name=group, ids=[refresh["instance_refresh_id"]])
            answer = self._execute_module(module_name=INFO, module_args=look, task_vars=task_vars)
            found = answer.get("instance_refreshes") or []
            # A look that fails says nothing about the refresh; the next one may tell.
            refresh = found[0] if found else refresh


def _progress(group, refresh):
    parts = [f"{group}: instance refresh {refresh['status']}"]
    if refresh.get("percentage_complete") is not None:
        parts.append(f"{refresh['percentage_complete']} %")
    if refresh.get("instances_to_update"):
        parts.append(f"{refresh['instances_to_update']} instances left")
    if refresh.get("status_reason"):
        parts.append(refresh["status_reason"])
    return ", ".join(parts)


def _failure(group, refresh):
    """Return what to say of a refresh that did not end well, or None."""
    if refresh["status"] == "Successful":
        return None
    reason = refresh.get("status_reason") or "AWS gives no reason; see the group's scaling activities"
    back = (refresh.get("rollback_details") or {}).get("rollback_reason")
    reason = back or reason
    identity = refresh["instance_refresh_id"]
    if refresh["status"] in ACTIVE:
        return f"group: the instance refresh {identity} of '{group}' was not at its end within wait_timeout; it goes on. Run the task again to wait on."
    if refresh["status"] == "RollbackSuccessful":
        return f"group: the instance refresh {identity} of '{group}' failed and was rolled back; the group launches what it did before. {reason}"
    return f"group: the instance refresh {identity} of '{group}' ended as {refresh['status']}, with some instances replaced and others not. {reason}"


def _blocking(instances):
    """Return a sentence about the instances that the refresh waited for, or an empty text."""
    named = [f"{', '.join(ids)} (see {option})" for option, ids in sorted(instances.items()) if ids]
    if not named:
        return ""
    return (
        f" A refresh waits for instances that are protected from scale-in or in standby: {'; '.join(named)}. "
        "Set the option to refresh or ignore, remove the protection, or return the instances to service."
    )
