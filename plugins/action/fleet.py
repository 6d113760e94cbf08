# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shows on the controller how far the module is."""

from __future__ import annotations

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import as_text
from ansible_collections.launchkit.aws.plugins.plugin_utils.progress import host_prefix, shown

display = Display()


class ActionModule(ActionBase):
    """Runs the module, and shows the lines that it writes meanwhile where they can be read: when it runs on the controller."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = as_text(dict(self._task.args))
        if arguments.get("progress_path"):
            return self._run_module(arguments, task_vars)
        prefix = host_prefix(task_vars)
        with shown(self, lambda line: display.display(prefix + line)) as path:
            return self._run_module(dict(arguments, progress_path=path), task_vars)

    def _run_module(self, arguments, task_vars):
        return self._execute_module(module_name="launchkit.aws.fleet", module_args=arguments, task_vars=task_vars)
