# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The actions that hand a fleet to its modules, and show how far it is. That Ansible bears them is for the Molecule scenario."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.launchkit.aws.plugins.action import fleet, fleet_info
from ansible_collections.launchkit.aws.plugins.plugin_utils import progress

ENTRIES = [{"application_name": "web", "application_tags": {"Owner": "größe"}, "application_group_min_size": 1}]


class Task:
    """A task that runs an action; the module is a function of the test's."""

    def __init__(self, monkeypatch, action, module=lambda arguments: None, transport="local", become=False):
        self.called, self.shown = [], []
        self._module = module
        self._action, self._transport, self._become = action, transport, become
        monkeypatch.setattr(progress, "INTERVAL", 0.01)
        monkeypatch.setattr(fleet.display, "display", self.shown.append)
        monkeypatch.setattr(action.ActionBase, "run", lambda *dummy: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", self._execute, raising=False)

    def _execute(self, module_name, module_args, task_vars):
        self.called.append((module_name, module_args, task_vars))
        self._module(module_args)
        return {"changed": False}

    def run(self, **arguments):
        plugin = self._action.ActionModule.__new__(self._action.ActionModule)
        plugin._task = SimpleNamespace(args=arguments)
        plugin._connection = SimpleNamespace(transport=self._transport)
        plugin._play_context = SimpleNamespace(become=self._become)
        assert plugin.run(task_vars={"a": 1}) == {"changed": False}
        ((name, given, variables),) = self.called
        assert variables == {"a": 1}
        return name, given


@pytest.mark.parametrize(("action", "name"), [(fleet, "launchkit.aws.fleet"), (fleet_info, "launchkit.aws.fleet_info")])
def test_what_holds_user_data_is_handed_on_as_text(monkeypatch, action, name):
    defaults = {"application_user_data": "hunter2"}
    arguments = {"applications": ENTRIES, "defaults": defaults, "concurrency": 4}
    module, given = Task(monkeypatch, action).run(**arguments)
    assert module == name
    assert (json.loads(given["applications"]), json.loads(given["defaults"])) == (ENTRIES, defaults)
    assert given["concurrency"] == 4
    # What the task says stays what it is.
    assert arguments["applications"] is ENTRIES


@pytest.mark.parametrize("action", [fleet, fleet_info])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"applications": "web"}, "applications: has to be a list of dictionaries."),
        ({"applications": {"application_name": "web"}}, "applications: has to be a list of dictionaries."),
        ({"applications": [], "defaults": []}, "defaults: has to be a dictionary."),
        ({"applications": [], "defaults": "a"}, "defaults: has to be a dictionary."),
    ],
)
def test_wrong_kinds_are_refused_without_a_module(monkeypatch, action, arguments, message):
    task = Task(monkeypatch, action)
    with pytest.raises(AnsibleActionFail) as refused:
        task.run(**arguments)
    assert str(refused.value) == message
    assert task.called == []


@pytest.mark.parametrize("arguments", [{}, {"applications": None, "defaults": None}])
def test_what_is_missing_is_for_the_module_to_tell(monkeypatch, arguments):
    dummy, given = Task(monkeypatch, fleet_info).run(**arguments)
    assert given == arguments


def test_lines_are_shown_while_the_module_works(monkeypatch):
    seen = threading.Event()

    def work(arguments):
        with Path(arguments["progress_path"]).open("a", encoding="utf-8") as lines:
            lines.write("web: größe 1/2\n")
            lines.flush()
            assert seen.wait(10), "nothing was shown meanwhile"
            lines.write("api: 2/2\n")

    task = Task(monkeypatch, fleet, work)
    monkeypatch.setattr(fleet.display, "display", lambda line: (task.shown.append(line), seen.set()))
    dummy, given = task.run(applications=ENTRIES)
    assert task.shown == ["web: größe 1/2", "api: 2/2"]
    assert not Path(given["progress_path"]).exists()


def test_the_file_is_gone_when_the_module_fails(monkeypatch):
    paths = []

    def work(arguments):
        paths.append(Path(arguments["progress_path"]))
        raise AnsibleActionFail("Why.")

    task = Task(monkeypatch, fleet, work)
    with pytest.raises(AnsibleActionFail):
        task.run(applications=ENTRIES)
    assert not paths[0].exists()


@pytest.mark.parametrize(
    ("situation", "arguments"),
    [({"transport": "ssh"}, {}), ({"become": True}, {}), ({}, {"progress_path": "/tmp/own"})],
    ids=["another host", "another user", "a file of one's own"],
)
def test_what_cannot_be_read_here_is_not_shown(monkeypatch, situation, arguments):
    dummy, given = Task(monkeypatch, fleet, **situation).run(applications=ENTRIES, **arguments)
    assert given.get("progress_path") == arguments.get("progress_path")
