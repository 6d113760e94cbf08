# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs one module for many items, several at a time.

Hands the module, as Ansible wraps it for its host, to the module of the same name, which runs it there for all items. So Ansible wraps
it once, and connection, become, environment and interpreter are the task's, as for any module.
"""

from __future__ import annotations

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.launchkit.aws.plugins.module_utils import concurrent_loop
from ansible_collections.launchkit.aws.plugins.plugin_utils.connection_options import (
    CONNECTION_NAMES,
    connection_options,
    with_connection,
)
from ansible_collections.launchkit.aws.plugins.plugin_utils.progress import host_prefix, shown

COLORS = {
    "failed": constants.COLOR_ERROR,
    "skipped": constants.COLOR_SKIP,
    "changed": constants.COLOR_CHANGED,
    "ok": constants.COLOR_OK,
}
# By this Ansible's own test-module.py knows a program that Ansible made of a module written in Python.
WRAPPED = b"_ANSIBALLZ_WRAPPER"

display = Display()


class ActionModule(ActionBase):
    """Runs the module for all items, and says at the end which of them failed."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        options = self._options()
        self._check_module(options["module"])
        connection = connection_options(self._task.args)
        items = [with_connection(item, connection) for item in options["items"]]
        labels = [item[options["label"]] for item in options["items"]]
        result = self._run_all(options, items, labels, task_vars) if items else dict(runs=[])
        if "runs" not in result:
            return result
        runs = [dict(run, item=label) for run, label in zip(result["runs"], labels)]
        if not self._task.check_mode:
            runs = [concurrent_loop.as_changed(run) for run in runs]
        combined = concurrent_loop.combine(options["module"], runs, hidden=self._task.no_log)
        # Such as the interpreter that Ansible discovered: the next task need not look for it.
        facts = {**result.get("ansible_facts", {}), **combined.get("ansible_facts", {})}
        return dict(combined, ansible_facts=facts) if facts else combined

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

    def _run_all(self, options, items, labels, task_vars):
        """Run the module with each of the options, show how each ended, and return the result of that."""
        arguments = {name: options[name] for name in concurrent_loop.ARGUMENT_SPEC}
        arguments.update(payload=self._wrapped(options["module"], items, task_vars), items=[{}] * len(items))
        words = f"{host_prefix(task_vars)}{options['module']}"
        ended = 0

        def show(line):
            nonlocal ended
            ended += 1
            index, state = line.split()
            label = "(hidden by no_log)" if self._task.no_log else labels[int(index)]
            display.display(f"{words} {ended}/{len(labels)} {label}: {state}", color=COLORS[state])

        with shown(self, show) as path:
            arguments["progress_path"] = path
            return self._execute_module(
                module_name="launchkit.aws.concurrent_loop", module_args=arguments, task_vars=task_vars
            )

    def _wrapped(self, name, items, task_vars):
        """Return the program that Ansible makes of the module, with the options of all runs as its argument ``items``."""
        arguments = dict(items=items)
        self._update_module_args(name, arguments, task_vars)
        built = self._configure_module(name, arguments, task_vars)
        # Up to ansible-core 2.18 the program is the third of four values, later it is within the first of two.
        program = built[2] if isinstance(built[0], str) else built[0].b_module_data
        if WRAPPED not in program:
            raise AnsibleActionFail(f"module: '{name}' is not written in Python as Ansible's are. Use loop for it.")
        return program.decode()
