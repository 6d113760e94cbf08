# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The action plugin that has a module run for many items; the module that runs it is a function of the test's.

That Ansible's own code bears it is for the integration target.
"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail
from ansible.playbook.task import Task
from ansible_collections.launchkit.aws.plugins.action import concurrent_loop as action

MODULE = "amazon.aws.iam_role"
CONNECTION = {"region": "us-east-1", "endpoint_url": "http://127.0.0.1:1", "aws_access_key": "fake", "secret_key": "no"}
PROGRAM = b"_ANSIBALLZ_WRAPPER = True"


class Loop:
    """A task that runs the plugin, with a script of results: name of an item -> result of its run."""

    def __init__(self, monkeypatch, arguments, script, has_action=False, known=True, built=None, result=None, **task):
        self.called, self.wrapped, self.shown = [], [], []
        self._script, self._result = script, result
        # As ansible-core 2.19 and later give it.
        self._built = built or (SimpleNamespace(b_module_data=PROGRAM), "/path")
        monkeypatch.setattr(action.display, "display", lambda line, color: self.shown.append(line))
        monkeypatch.setattr(action.ActionBase, "run", lambda *dummy: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", self._execute_module, raising=False)
        monkeypatch.setattr(action.ActionModule, "_configure_module", self._configure_module, raising=False)
        monkeypatch.setattr(action.ActionModule, "_update_module_args", self._update_module_args, raising=False)
        found = SimpleNamespace(resolved=known, action_plugin=None)
        self._task = Task()
        self._task.args = {"module": MODULE, **arguments}
        for name, value in task.items():
            setattr(self._task, name, value)
        templar = SimpleNamespace(copy_with_new_env=lambda: templar)
        connection, play_context = SimpleNamespace(transport="local"), SimpleNamespace(become=False)
        self.plugin = action.ActionModule(self._task, connection, play_context, None, templar, None)
        self.plugin._shared_loader_obj = SimpleNamespace(
            module_loader=SimpleNamespace(find_plugin_with_context=lambda name, **dummy: found),
            action_loader=SimpleNamespace(has_plugin=lambda name, **dummy: has_action),
        )

    def _update_module_args(self, module_name, module_args, task_vars):
        module_args["_ansible_module_name"] = module_name

    def _configure_module(self, module_name, module_args, task_vars):
        self.wrapped.append((module_name, module_args))
        return self._built

    def _execute_module(self, module_name, module_args, task_vars):
        self.called.append((module_name, module_args))
        if self._result:
            return self._result
        runs = [self._script.get(item["name"], {"changed": True}) for item in self.wrapped[0][1]["items"]]
        with Path(module_args["progress_path"]).open("a", encoding="utf-8") as lines:
            for index, run in enumerate(runs):
                lines.write(f"{index} {action.concurrent_loop.state_of(run)}\n")
        return {
            "changed": False,
            "runs": runs,
            "invocation": {},
            "ansible_facts": {"discovered_interpreter": "/python"},
        }

    def __call__(self):
        return self.plugin.run(task_vars={})


@pytest.fixture
def loop(monkeypatch):
    return lambda arguments, script=(), **more: Loop(monkeypatch, arguments, dict(script), **more)


def named(*names, **options):
    return [{"name": name, **options} for name in names]


def test_results_are_in_the_order_of_the_items(loop):
    running = loop(
        {"items": named("web", "db", "batch", "idle"), "concurrency": 1},
        {
            "db": {"changed": False},
            "batch": {"failed": True, "msg": "Access denied"},
            "idle": {"skipped": True, "changed": False},
        },
    )
    result = running()
    assert [(each["item"], each.get("changed"), each.get("failed")) for each in result["results"]] == [
        ("web", True, None),
        ("db", False, None),
        ("batch", None, True),
        ("idle", False, None),
    ]
    assert (result["changed"], result["failed"]) == (True, True)
    assert result["msg"] == f"1 of 4 runs of {MODULE} failed.\nbatch: Access denied"
    assert running.shown == [
        f"{MODULE} {line}" for line in ("1/4 web: changed", "2/4 db: ok", "3/4 batch: failed", "4/4 idle: skipped")
    ]


def test_no_items(loop):
    result = loop({"items": []})()
    assert (result["results"], result["changed"], result["failed"]) == ([], False, False)


def test_the_module_is_wrapped_once_and_gets_no_items(loop):
    running = loop({"items": named("a", "b"), "concurrency": "3", "retry_on": ["x"], **CONNECTION})
    running()
    ((name, arguments),) = running.called
    assert name == "launchkit.aws.concurrent_loop"
    assert not Path(arguments.pop("progress_path")).exists()
    # What is in the items may be secret, and this module can't know what of it is.
    assert arguments == {
        "module": MODULE,
        "payload": PROGRAM.decode(),
        "items": [{}, {}],
        "concurrency": 3,
        "serial_by": None,
        "label": "name",
        "retry_on": ["x"],
        "retry_timeout": 60,
    }
    assert running.wrapped == [
        (MODULE, {"items": named("a", "b", **CONNECTION), "_ansible_module_name": MODULE}),
    ]


def test_the_program_of_earlier_releases_of_ansible_core(loop):
    running = loop({"items": named("a")}, built=("new", "#!/python", PROGRAM, "/path"))
    running()
    assert running.called[0][1]["payload"] == PROGRAM.decode()


def test_a_failure_of_the_whole_is_the_task_s(loop):
    failure = {"failed": True, "msg": "no interpreter"}
    assert loop({"items": named("a")}, result=failure)() is failure


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param({}, CONNECTION, id="the task's"),
        pytest.param({"region": "eu-west-1"}, {**CONNECTION, "region": "eu-west-1"}, id="the item's own"),
        pytest.param(
            {"aws_region": "eu-west-1"},
            {**{k: v for k, v in CONNECTION.items() if k != "region"}, "aws_region": "eu-west-1"},
            id="the item's own, by an alias",
        ),
        pytest.param(
            {"profile": "other"},
            {"region": "us-east-1", "endpoint_url": "http://127.0.0.1:1", "profile": "other"},
            id="a profile in place of keys",
        ),
    ],
)
def test_connection_options(loop, item, expected):
    running = loop({"items": named("web", **item), **CONNECTION})
    running()
    assert running.wrapped[0][1]["items"] == [{"name": "web", **expected}]


@pytest.mark.parametrize(
    ("run", "task", "expected"),
    [
        pytest.param(
            {"changed": False, "attempts": 2}, {}, "changed", id="what failed first may have changed something"
        ),
        pytest.param({"changed": False, "attempts": 2}, {"check_mode": True}, "ok", id="check mode"),
        pytest.param({"changed": False}, {}, "ok", id="once"),
        pytest.param({"failed": True, "msg": "x", "attempts": 2}, {}, "failed", id="failed"),
    ],
)
def test_retries(loop, run, task, expected):
    (result,) = loop({"items": named("web")}, {"web": run}, **task)()["results"]
    assert action.concurrent_loop.state_of(result) == expected


def test_facts(loop):
    script = {"a": {"changed": True, "ansible_facts": {"x": 1}}}
    assert loop({"items": named("a", "b")}, script)()["ansible_facts"] == {"discovered_interpreter": "/python", "x": 1}


def test_no_log_hides_labels_and_messages(loop):
    running = loop({"items": named("secret")}, {"secret": {"failed": True, "msg": "secret"}}, no_log=True)
    result = running()
    assert "secret" not in repr(running.shown) + result["msg"]
    assert [each["_ansible_no_log"] for each in result["results"]] == [True]


@pytest.mark.parametrize(
    ("arguments", "more", "message"),
    [
        pytest.param({"items": named("a"), "itmes": []}, {}, "itmes", id="unknown option"),
        pytest.param({}, {}, "missing required arguments: items", id="no items"),
        pytest.param({"items": ["a"]}, {}, "'items' is of type", id="an item that is no dictionary"),
        pytest.param(
            {"items": named("a"), "concurrency": 0}, {}, "concurrency: 0 is less than 1.", id="none at a time"
        ),
        pytest.param({"items": named("a"), "concurrency": "x"}, {}, "'concurrency' is of type", id="not a number"),
        pytest.param({"items": named("a"), "retry_timeout": -1}, {}, "retry_timeout: -1 is less", id="negative time"),
        pytest.param(
            {"items": named("a"), "retry_on": ["("]},
            {},
            "retry_on: '(' is not a regular expression: missing )",
            id="regex",
        ),
        pytest.param(
            {"items": [{"name": "a"}, {"nmae": "b"}, {"name": ""}]},
            {},
            "items: without the option 'name', by which messages name them: 1, 2 (the first is 0).",
            id="items without label",
        ),
        pytest.param({"items": named("a")}, {"has_action": True}, f"module: '{MODULE}' is an action", id="an action"),
        pytest.param({"items": named("a")}, {"known": False}, f"module: there is no module '{MODULE}'", id="no module"),
        pytest.param(
            {"items": named("a")},
            {"built": ("old", "#!/bin/sh", b"echo", "/path")},
            "is not written in Python",
            id="a script",
        ),
    ],
)
def test_bad_options_are_refused_before_anything_runs(loop, arguments, more, message):
    running = loop(arguments, **more)
    with pytest.raises(AnsibleActionFail) as raised:
        running()
    assert message in str(raised.value)
    assert running.called == []
