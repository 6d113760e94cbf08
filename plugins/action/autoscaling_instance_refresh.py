# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Waits for the end of an instance refresh, and shows its progress on the controller.

A module can show nothing before its end, so the module of the same name starts the refresh, and amazon.aws's ``_info``
module reads it.
"""

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.autoscaling.refresh_outcome import continues, failure, follow
from ..module_utils.core.backoff import backoff_until

MODULE = "launchkit.aws.autoscaling_instance_refresh"
INFO = "amazon.aws.autoscaling_instance_refresh_info"
# Connection option -> its aliases, as amazon.aws has them. It needs botocore for them, and the controller may lack it.
CONNECTION_OPTIONS = {
    "access_key": ("aws_access_key_id", "aws_access_key"),
    "aws_ca_bundle": (),
    "aws_config": (),
    "debug_botocore_endpoint_logs": (),
    "endpoint_url": ("aws_endpoint_url",),
    "profile": ("aws_profile",),
    "region": ("aws_region",),
    "secret_key": ("aws_secret_access_key", "aws_secret_key"),
    "session_token": ("aws_session_token",),
    "validate_certs": (),
}
_CONNECTION_NAMES = {name for option, aliases in CONNECTION_OPTIONS.items() for name in (option, *aliases)}

display = Display()


class ActionModule(ActionBase):
    """Runs the module, and then reads the refresh until it ends."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        result = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        refresh = result.get("instance_refresh") or {}
        if result.get("failed") or not refresh or not boolean(arguments.get("wait", True)):
            return result
        group = next(arguments[name] for name in ("group", "name", "group_name") if name in arguments)
        display.display(continues(group, refresh["instance_refresh_id"]))
        refresh = follow(group, self._reads(group, refresh, arguments, task_vars), display.display)
        result["instance_refresh"] = refresh
        message = failure(group, refresh, result.get("blocking_instances") or {})
        if message:
            return dict(result, failed=True, msg=message)
        # A last checkpoint below 100 % ends the refresh before all instances are replaced.
        checkpoints = (refresh.get("preferences") or {}).get("checkpoint_percentages") or [100]
        return dict(result, outdated_instances=[]) if checkpoints[-1] == 100 else result

    def _reads(self, group, refresh, arguments, task_vars):
        """Yield the refresh that the module returned, and then reads of it until ``wait_timeout``."""
        options = {name: value for name, value in arguments.items() if name in _CONNECTION_NAMES}
        options.update(name=group, ids=[refresh["instance_refresh_id"]])
        interval, timeout = int(arguments.get("poll_interval", 15)), int(arguments.get("wait_timeout", 3600))
        for number, dummy in enumerate(backoff_until(timeout, max(0, interval))):
            if number:
                result = self._execute_module(module_name=INFO, module_args=dict(options), task_vars=task_vars)
                # A failed read says nothing about the refresh. The next one can succeed.
                refresh = (result.get("instance_refreshes") or [refresh])[0]
            yield refresh
