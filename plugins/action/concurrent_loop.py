# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs one module for many items, several at a time.

Ansible's code is not made for threads: since ansible-core 2.19 even copies of the context variables share a stack of template
contexts, which two threads that template at the same time bring out of order. So the threads take turns in it, and only the
commands in which the modules run go on at the same time: all but some hundredths of a second of a run. What a run leaves in the
action, its connection, the shell and the become plugin (such as the name of the temporary folder) is in copies of its own.
"""

from __future__ import annotations

import contextvars
import copy
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.launchkit.aws.plugins.module_utils import concurrent_loop
from ansible_collections.launchkit.aws.plugins.module_utils.waiting import pauses
from ansible_collections.launchkit.aws.plugins.plugin_utils.connection_options import (
    CONNECTION_NAMES,
    connection_options,
    with_connection,
)
from ansible_collections.launchkit.aws.plugins.plugin_utils.progress import host_prefix

COLORS = {
    "failed": constants.COLOR_ERROR,
    "skipped": constants.COLOR_SKIP,
    "changed": constants.COLOR_CHANGED,
    "ok": constants.COLOR_OK,
}

display = Display()


class ActionModule(ActionBase):
    """Runs the module for all items, and says at the end which of them failed."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        options = self._options()
        self._check_module(options["module"])
        connection = connection_options(self._task.args)
        runs = [with_connection(item, connection) for item in options["items"]]
        results = self._run_all(options, runs, task_vars)
        return concurrent_loop.combine(options["module"], results, hidden=self._task.no_log)

    def _options(self):
        """Return the task's options with defaults and types, or raise what is wrong with them."""
        specification = {name: dict(type="raw") for name in CONNECTION_NAMES}
        dummy, options = self.validate_argument_spec({**specification, **concurrent_loop.ARGUMENT_SPEC})
        mistakes = concurrent_loop.mistakes(options)
        if mistakes:
            raise AnsibleActionFail(" ".join(mistakes))
        return options

    def _check_module(self, name):
        """Raise unless it is a module that can be run by itself."""
        collections = self._task.collections
        module = self._shared_loader_obj.module_loader.find_plugin_with_context(name, collection_list=collections)
        if not module.resolved:
            raise AnsibleActionFail(
                f"module: there is no module '{name}'. Give its full name, such as amazon.aws.iam_role."
            )
        has_action = self._shared_loader_obj.action_loader.has_plugin(name, collection_list=collections)
        if module.action_plugin or has_action:
            raise AnsibleActionFail(
                f"module: '{name}' is an action, part of which runs on the controller. Use loop for it."
            )

    def _run_all(self, options, runs, task_vars):
        """Run the module with each of the options, show how each ended, and return the results in their order."""
        concurrency = options["concurrency"] if self._is_local() else 1
        labels = [item[options["label"]] for item in options["items"]]
        prefix = host_prefix(task_vars)
        results: list[dict] = [{}] * len(runs)
        self._turn, self._stopped = threading.Lock(), threading.Event()
        with ThreadPoolExecutor(min(concurrency, len(runs)) or 1) as executor:
            futures = {
                executor.submit(contextvars.copy_context().run, self._run_one, options, arguments, task_vars): index
                for index, arguments in enumerate(runs)
            }
            try:
                for count, future in enumerate(as_completed(futures), start=1):
                    index = futures[future]
                    results[index] = dict(future.result(), item=labels[index])
                    self._show(f"{prefix}{options['module']} {count}/{len(runs)}", results[index])
            except BaseException:
                # The task's timeout, or someone who stops the playbook: what hasn't begun doesn't begin, nor begin again.
                self._stopped.set()
                executor.shutdown(wait=False, cancel_futures=True)
                raise
        return results

    def _run_one(self, options, arguments, task_vars):
        """Run the module until it succeeds, fails for good or has no time left, and return its last result."""
        attempts, result = 0, {}
        for dummy in pauses(options["retry_timeout"]):
            attempts += 1
            with self._turn:
                result = self._execute(options["module"], dict(arguments), task_vars)
            if self._stopped.is_set() or not concurrent_loop.passes_by_itself(result, options["retry_on"]):
                break
        if attempts == 1:
            return result
        if concurrent_loop.state_of(result) == "ok" and not self._task.check_mode:
            result = dict(result, changed=True)  # what failed may have made something before it did
        return dict(result, attempts=attempts)

    def _execute(self, module, arguments, task_vars):
        """Run the module once with these options, and return its result. What Ansible raises is a failed result too."""
        own = self._copy() if self._is_local() else self
        try:
            result = own._execute_module(module_name=module, module_args=arguments, task_vars=task_vars)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on, and what they did is told
            result = dict(failed=True, msg=str(error))
        finally:
            own.cleanup()
        return concurrent_loop.with_message(result)

    def _is_local(self):
        """Tell whether the connection bears several commands at a time: others keep their state while they are connected."""
        return self._connection.transport == "local"

    def _copy(self):
        """Return a copy of this action with a connection of its own, which lets others have their turn while a command runs."""
        own = copy.copy(self)
        own._connection = connection = copy.copy(self._connection)
        connection._shell = copy.copy(connection._shell)
        connection.become = copy.copy(connection.become)
        execute_command = connection.exec_command

        def take_no_turn(*arguments, **named):
            self._turn.release()
            try:
                return execute_command(*arguments, **named)
            finally:
                self._turn.acquire()

        connection.exec_command = take_no_turn
        return own

    def _show(self, words, result):
        state = concurrent_loop.state_of(result)
        label = "(hidden by no_log)" if self._task.no_log else result["item"]
        display.display(f"{words} {label}: {state}", color=COLORS[state])
