# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shows on the controller how far the module is, which writes that to a file: a module itself can show nothing before its end."""

from __future__ import annotations

import tempfile
import threading

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import as_text
from ansible_collections.launchkit.aws.plugins.plugin_utils.progress import host_prefix

# Seconds between two looks at the file.
INTERVAL = 0.5

display = Display()


class ActionModule(ActionBase):
    """Runs the module, and shows the lines that it writes meanwhile where they can be read: when it runs on the controller."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = as_text(dict(self._task.args))
        if self._connection.transport != "local" or self._play_context.become or arguments.get("progress_path"):
            return self._run_module(arguments, task_vars)
        with (
            tempfile.NamedTemporaryFile(mode="r", encoding="utf-8", prefix="launchkit-") as progress,
            Shown(progress, host_prefix(task_vars)),
        ):
            return self._run_module(dict(arguments, progress_path=progress.name), task_vars)

    def _run_module(self, arguments, task_vars):
        return self._execute_module(module_name="launchkit.aws.fleet", module_args=arguments, task_vars=task_vars)


class Shown:
    """Shows the lines that come into a file, until the block is left."""

    def __init__(self, lines, prefix):
        self._lines = lines
        self._prefix = prefix
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._show, daemon=True)

    def __enter__(self):
        self._thread.start()

    def __exit__(self, *dummy):
        self._ended.set()
        self._thread.join()

    def _show(self):
        ended = False
        while not ended:
            # One look after the end, for what came last.
            ended = self._ended.wait(INTERVAL)
            for line in self._lines:
                display.display(self._prefix + line.rstrip("\n"))
