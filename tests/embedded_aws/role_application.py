# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the role application in the process of the tests: its own task files and variables, templated by Ansible.

What a playbook needs seconds for takes a tenth of one, so that properties can be tested. Retries and loop labels are left out.
"""

from __future__ import annotations

import contextlib
import time
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import module_arguments
from ansible_collections.launchkit.aws.tests.embedded_aws.peer import call

ROLE = Path(__file__).resolve().parents[2] / "roles" / "application"
LOADER = DataLoader()
OMITTED = "__omitted__"
MODULES = {
    f"{collection}.{name}": import_module(f"ansible_collections.{collection}.plugins.modules.{name}")
    for collection, names in {
        "amazon.aws": ("autoscaling_group", "iam_policy", "iam_role"),
        "launchkit.aws": (
            "autoscaling_instance_refresh",
            "autoscaling_launch_configuration",
            "ec2_launch_template",
            "fleet_info",
            "iam_instance_profile",
        ),
    }.items()
    for name in names
}


# It needs the templating of 2.19 and up. Playbooks test the role on 2.18.
HAS_TEMPLATING = hasattr(Templar, "evaluate_conditional")


def _load(name):
    return LOADER.load_from_file(str(ROLE / name), trusted_as_template=True) if HAS_TEMPLATING else {}


TASKS = {path.name: _load(f"tasks/{path.name}") for path in (ROLE / "tasks").iterdir()}
DEFAULTS = _load("defaults/main.yml")
VARIABLES = {name: value for path in (ROLE / "vars" / "main").iterdir() for name, value in _load(path).items()}


class RoleFailed(Exception):
    """A task of the role failed; its message is the task's."""


class _EndOfRole(Exception):
    """``meta: end_role``."""


class Run:
    """One run of the role.

    :ivar results: the results of the modules after the plan, each with the name of its module.
    :ivar facts: what was registered and set.
    """

    def __init__(self, aws, variables, check_mode):
        self.results = []
        self.facts = {}
        self._aws = aws
        self._check_mode = check_mode
        self._variables = {"omit": OMITTED, "ansible_check_mode": check_mode, **DEFAULTS, **variables, **VARIABLES}

    def start(self):
        with contextlib.suppress(_EndOfRole):
            self._run_all(TASKS["main.yml"], {})
        return self

    @property
    def changed(self):
        """Whether a module changed something, or the plan does in check mode."""
        if self._check_mode:
            return self.facts["application__planned"]["applications"][0]["changed"]
        return any(result["changed"] for dummy, result in self.results)

    def _run_all(self, tasks, variables):
        for task in tasks:
            self._run(task, {**variables, **task.get("vars", {})})

    def _run(self, task, variables):
        if not self._applies(task.get("when", []), variables):
            return
        if "block" in task:
            try:
                self._run_all(task["block"], variables)
            except RoleFailed:
                self._run_all(task["rescue"], variables)
            return
        if "loop" not in task:
            self._act(task, variables)
            return
        for item in self._templar(variables).template(task["loop"]):
            self._act(task, {**variables, "item": item})

    def _act(self, task, variables):
        (action,) = [key for key in task if "." in key]
        templar = self._templar(variables)
        if action == "ansible.builtin.meta":
            raise _EndOfRole
        if action in ("ansible.builtin.import_tasks", "ansible.builtin.include_tasks"):
            file = task[action] if isinstance(task[action], str) else task[action]["file"]
            self._run_all(TASKS[templar.template(file)], variables)
            return
        if action in ("ansible.builtin.debug", "launchkit.aws.role_variables"):
            return
        options = {key: value for key, value in templar.template(task[action]).items() if value != OMITTED}
        if action == "ansible.builtin.set_fact":
            self.facts.update(options)
            return
        if action == "ansible.builtin.fail":
            raise RoleFailed(options["msg"])
        result = self._call(action, options)
        if "register" in task:
            self.facts[task["register"]] = result
        if (result.get("failed") and not task.get("ignore_errors")) or result.get("applications", [{}])[0].get(
            "blockers"
        ):
            raise RoleFailed(result.get("msg") or " ".join(result["applications"][0]["blockers"]))

    def _call(self, action, options):
        module = MODULES[action]
        if action == "launchkit.aws.fleet_info":
            return call(self._aws, module, self._check_mode, module_arguments({**options, "claims": {}}, {}))
        result = call(self._aws, module, self._check_mode, options)
        self.results.append((action, result))
        return result

    def _applies(self, conditions, variables):
        templar = self._templar(variables)
        listed = conditions if isinstance(conditions, list) else [conditions]
        return all(templar.evaluate_conditional(condition) for condition in listed)

    def _templar(self, variables):
        return Templar(loader=LOADER, variables={**self._variables, **self.facts, **variables})


@pytest.fixture
def role(aws, fleets, run, monkeypatch):
    """Run the role for an application, and return its :class:`Run`."""
    if not HAS_TEMPLATING:
        pytest.skip("the role in this process needs the templating of ansible-core 2.19; playbooks test it on 2.18")
    # That module looks every ten seconds.
    monkeypatch.setattr(
        MODULES["amazon.aws.autoscaling_group"], "time", SimpleNamespace(time=time.time, sleep=lambda dummy: None)
    )
    return lambda variables, check_mode=False: Run(aws, variables, check_mode).start()
