# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The actions that run the modules fleet and fleet_info, and show plan and progress."""

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

VARIABLES = {"inventory_hostname": "one", "hostvars": {"one": {}}, "ansible_play_hosts": ["one"]}
RESULT = {"changed": False, "plan": ["web", "  + IAM role web"]}


class Task:
    """A task that runs an action; the module is a function of the test's."""

    def __init__(self, monkeypatch, action, module=lambda arguments: None, transport="local", become=False, diff=False):
        self.called, self.shown = [], []
        self._module = module
        self._action, self._transport, self._become, self._diff = action, transport, become, diff
        monkeypatch.setattr(progress, "INTERVAL", 0.01)
        monkeypatch.setattr(action.display, "display", lambda line, color=None: self.shown.append(line))
        monkeypatch.setattr(action.ActionBase, "run", lambda *dummy: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", self._execute, raising=False)

    def _execute(self, module_name, module_args, task_vars):
        self.called.append((module_name, module_args, task_vars))
        self._module(module_args)
        return dict(RESULT)

    def run(self, **arguments):
        plugin = self._action.ActionModule.__new__(self._action.ActionModule)
        plugin._task = SimpleNamespace(args=arguments, diff=self._diff)
        plugin._connection = SimpleNamespace(transport=self._transport)
        plugin._play_context = SimpleNamespace(become=self._become)
        assert plugin.run(task_vars=dict(VARIABLES)) == RESULT
        ((name, given, variables),) = self.called
        assert variables == VARIABLES
        return name, given


@pytest.mark.parametrize(("action", "name"), [(fleet, "launchkit.aws.fleet"), (fleet_info, "launchkit.aws.fleet_info")])
def test_fleet_applications_are_passed_as_json(monkeypatch, action, name):
    defaults = {"application_user_data": "hunter2"}
    arguments = {"applications": ENTRIES, "defaults": defaults, "concurrency": 4}
    module, given = Task(monkeypatch, action).run(**arguments)
    assert module == name
    assert (json.loads(given["applications"]), json.loads(given["defaults"])) == (ENTRIES, defaults)
    assert given["concurrency"] == 4
    # What the task says stays what it is.
    assert arguments["applications"] is ENTRIES


@pytest.mark.parametrize("action", [fleet, fleet_info])
def test_fleet_details_are_shown_with_diff(monkeypatch, action):
    dummy, given = Task(monkeypatch, action, diff=True).run(applications=[])
    assert given["include_details"] is True
    dummy, given = Task(monkeypatch, action, diff=True).run(applications=[], include_details=False)
    assert given["include_details"] is False


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
def test_fleet_arguments_of_wrong_type_are_refused(monkeypatch, action, arguments, message):
    task = Task(monkeypatch, action)
    with pytest.raises(AnsibleActionFail) as refused:
        task.run(**arguments)
    assert str(refused.value) == message
    assert task.called == []


@pytest.mark.parametrize("arguments", [{}, {"applications": None, "defaults": None}])
def test_fleet_missing_arguments_stay_missing(monkeypatch, arguments):
    dummy, given = Task(monkeypatch, fleet_info).run(**arguments)
    assert given == arguments


def test_fleet_lines_are_shown_while_the_module_runs(monkeypatch):
    seen = threading.Event()

    def work(arguments):
        with Path(arguments["progress_path"]).open("a", encoding="utf-8") as lines:
            lines.write("web: größe 1/2\n")
            lines.flush()
            assert seen.wait(10), "nothing was shown meanwhile"
            lines.write("api: 2/2\n")

    task = Task(monkeypatch, fleet, work)
    monkeypatch.setattr(fleet.display, "display", lambda line, color=None: (task.shown.append(line), seen.set()))
    dummy, given = task.run(applications=ENTRIES)
    assert task.shown == ["web: größe 1/2", "api: 2/2"]
    assert not Path(given["progress_path"]).exists()


def test_fleet_progress_file_is_removed_on_failure(monkeypatch):
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
def test_fleet_progress_that_cannot_be_read_is_not_asked_for(monkeypatch, situation, arguments):
    dummy, given = Task(monkeypatch, fleet, **situation).run(applications=ENTRIES, **arguments)
    assert given.get("progress_path") == arguments.get("progress_path")


@pytest.mark.parametrize(
    ("options", "lines"), [({}, []), ({"display_plan": "no"}, []), ({"display_plan": True}, RESULT["plan"])]
)
def test_fleet_info_display_plan_shows_the_plan(monkeypatch, options, lines):
    task = Task(monkeypatch, fleet_info)
    task.run(applications=ENTRIES, **options)
    assert task.shown == lines


def test_fleet_without_progress_shows_the_plan(monkeypatch):
    task = Task(monkeypatch, fleet, transport="ssh")
    task.run(applications=ENTRIES)
    assert task.shown == RESULT["plan"]


def test_fleet_of_several_hosts_begins_lines_with_the_host(monkeypatch):
    monkeypatch.setitem(VARIABLES, "ansible_play_hosts", ["one", "two"])
    task = Task(monkeypatch, fleet_info)
    task.run(applications=ENTRIES, display_plan=True)
    assert task.shown == [f"[one] {line}" for line in RESULT["plan"]]


def test_fleet_unset_variables_are_left_out(monkeypatch):
    entry = {**ENTRIES[0], "application_role_path": "launchkit-unset", "application_assign_public_ip": None}
    dummy, given = Task(monkeypatch, fleet_info).run(applications=[entry])
    assert json.loads(given["applications"]) == [{**ENTRIES[0], "application_assign_public_ip": None}]
