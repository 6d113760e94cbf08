# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The action plugin that runs a module for many items: module runs are scripted, and time passes by sleeping only.

That Ansible's own code bears it is for the integration target.
"""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.playbook.task import Task
from ansible_collections.launchkit.aws.plugins.action import concurrent_loop as action

MODULE = "amazon.aws.iam_role"
CONNECTION = {"region": "us-east-1", "endpoint_url": "http://127.0.0.1:1", "aws_access_key": "fake", "secret_key": "no"}


class Connection:
    """Knows which commands run at the same time; a run of a module here is one command."""

    def __init__(self, transport):
        self.transport = transport
        self.become = None
        self._shell = SimpleNamespace(tmpdir=None)
        self.commands = SimpleNamespace(running=0, most=0, meet=None)

    def exec_command(self, command):
        with LOCK:
            self.commands.running += 1
            self.commands.most = max(self.commands.most, self.commands.running)
        if self.commands.meet:
            self.commands.meet.wait(timeout=30)
        with LOCK:
            self.commands.running -= 1
        return command()


LOCK = threading.Lock()


class Loop:
    """A task that runs the plugin, with a script of results: name of an item -> results of its runs, in order."""

    def __init__(self, monkeypatch, arguments, script, transport="local", has_action=False, known=True, **task):
        self.called, self.shown, self.tmpdirs, self.connections = [], [], [], []
        self._script = {name: list(results) for name, results in script.items()}
        monkeypatch.setattr(action.display, "display", lambda line, color: self.shown.append(line))
        monkeypatch.setattr(action.ActionBase, "run", lambda *dummy: {})
        monkeypatch.setattr(action.ActionModule, "_execute_module", self._execute_module(), raising=False)
        found = SimpleNamespace(resolved=known, action_plugin=None)
        self.connection = Connection(transport)
        self._task = Task()
        self._task.args = {"module": MODULE, **arguments}
        for name, value in task.items():
            setattr(self._task, name, value)
        templar = SimpleNamespace(copy_with_new_env=lambda: templar)
        self.plugin = action.ActionModule(self._task, self.connection, None, None, templar, None)
        self.plugin._shared_loader_obj = SimpleNamespace(
            module_loader=SimpleNamespace(find_plugin_with_context=lambda name, **dummy: found),
            action_loader=SimpleNamespace(has_plugin=lambda name, **dummy: has_action),
        )

    def _execute_module(self):
        loop = self

        def execute(self, module_name, module_args, task_vars):
            loop.called.append((module_name, module_args))
            loop.connections.append(self._connection)
            # As Ansible does: the name of the folder is the shell's until the run has ended.
            assert self._connection._shell.tmpdir is None
            self._connection._shell.tmpdir = module_args["name"]
            results = loop._script.get(module_args["name"], [{"changed": True}])
            result = self._connection.exec_command(lambda: results.pop(0) if len(results) > 1 else results[0])
            assert self._connection._shell.tmpdir == module_args["name"]
            self._connection._shell.tmpdir = None
            if isinstance(result, Exception):
                raise result
            return dict(result)

        return execute

    def __call__(self):
        return self.plugin.run(task_vars={})


@pytest.fixture
def loop(monkeypatch, clock):
    return lambda arguments, script=(), **more: Loop(monkeypatch, arguments, dict(script), **more)


def named(*names, **options):
    return [{"name": name, **options} for name in names]


def test_results_are_in_the_order_of_the_items(loop):
    running = loop(
        {"items": named("web", "db", "batch", "idle"), "concurrency": 1},
        {
            "db": [{"changed": False}],
            "batch": [{"failed": True, "msg": "Access denied"}],
            "idle": [{"skipped": True, "changed": False}],
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


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        pytest.param({}, (True, False, f"2 of 2 runs of {MODULE} changed something."), id="all changed"),
        pytest.param(
            {"a": [{"changed": False}], "b": [{"changed": False}]},
            (False, False, f"0 of 2 runs of {MODULE} changed something."),
            id="none changed",
        ),
        pytest.param(
            {"a": [AnsibleError("no interpreter")], "b": [OSError("no process left")]},
            (False, True, f"2 of 2 runs of {MODULE} failed.\na: no interpreter\nb: no process left"),
            id="what Ansible and the system raise",
        ),
        pytest.param(
            {"a": [{"failed": True}]},
            (True, True, f"1 of 2 runs of {MODULE} failed.\na: The module failed and gave no reason."),
            id="no reason",
        ),
    ],
)
def test_summary(loop, script, expected):
    result = loop({"items": named("a", "b")}, script)()
    assert (result["changed"], result["failed"], result["msg"]) == expected


def test_no_items(loop):
    result = loop({"items": []})()
    assert (result["results"], result["changed"], result["failed"]) == ([], False, False)


@pytest.mark.parametrize(
    ("transport", "concurrency", "most"),
    [
        pytest.param("local", "3", 3, id="local"),
        pytest.param("local", 1, 1, id="one at a time"),
        pytest.param("ssh", 3, 1, id="not local"),
    ],
)
def test_concurrency(loop, transport, concurrency, most):
    running = loop({"items": named(*"abcdef"), "concurrency": concurrency}, transport=transport)
    # With the barrier, commands end only once so many of them run.
    running.connection.commands.meet = threading.Barrier(most)
    assert len(running()["results"]) == 6
    assert running.connection.commands.most == most
    own = {id(connection) for connection in running.connections} - {id(running.connection)}
    assert bool(own) == (transport == "local")


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
    running = loop({"items": named("web", **item), "concurrency": 2, **CONNECTION})
    running()
    assert running.called == [(MODULE, {"name": "web", **expected})]


THROTTLED = {"failed": True, "msg": "An error occurred (Throttling): Rate exceeded"}
CRASHED = {"failed": True, "msg": "MODULE FAILURE", "module_stderr": "ConnectionResetError"}
RAISED = {
    "failed": True,
    "exception": SimpleNamespace(
        event=SimpleNamespace(
            msg="Could not connect.",
            chain=SimpleNamespace(event=SimpleNamespace(msg="ConnectionResetError", chain=None)),
        )
    ),
}


@pytest.mark.parametrize(
    ("runs", "task", "expected", "pauses"),
    [
        pytest.param([THROTTLED, {"changed": False}], {}, ("changed", 2), [0.2], id="unchanged in the end"),
        pytest.param([THROTTLED, {"changed": False}], {"check_mode": True}, ("ok", 2), [0.2], id="check mode"),
        pytest.param([THROTTLED, THROTTLED, {"changed": True}], {}, ("changed", 3), [0.2, 0.32], id="changed"),
        pytest.param([CRASHED, {"changed": True}], {}, ("changed", 2), [0.2], id="last words"),
        pytest.param([RAISED, {"changed": True}], {}, ("changed", 2), [0.2], id="the cause of an exception"),
        pytest.param([{"failed": True, "msg": "Access denied"}], {}, ("failed", None), [], id="for good"),
        pytest.param([THROTTLED, {"failed": True, "msg": "Denied"}], {}, ("failed", 2), [0.2], id="for good, later"),
        pytest.param([{"changed": False, "msg": "Throttling"}], {}, ("ok", None), [], id="not a failure"),
        pytest.param([THROTTLED], {}, ("failed", 4), [0.2, 0.32, 0.48], id="no time left"),
    ],
)
def test_retries(loop, clock, runs, task, expected, pauses):
    arguments = {"items": named("web"), "retry_on": ["Throttl(ing|ed)", "ConnectionReset"], "retry_timeout": 1}
    (result,) = loop(arguments, {"web": runs}, **task)()["results"]
    assert (action.concurrent_loop.state_of(result), result.get("attempts")) == expected
    assert clock.pauses == pytest.approx(pauses)


def test_what_all_say_is_said_once(loop):
    deprecation = {"msg": "old", "version": "9.0.0"}
    script = {
        "a": [{"changed": True, "warnings": ["one", "two"], "deprecations": [deprecation]}],
        "b": [{"changed": True, "warnings": ["two"], "deprecations": [dict(deprecation)]}],
    }
    result = loop({"items": named("a", "b", "c")}, script)()
    assert (result["warnings"], result["deprecations"]) == (["one", "two"], [deprecation])
    assert all("warnings" not in each and "deprecations" not in each for each in result["results"])


def test_differences_and_facts(loop):
    script = {
        "a": [{"changed": True, "diff": {"before": "1", "after": "2"}, "ansible_facts": {"x": 1}}],
        "b": [{"changed": False, "diff": {"before": "1", "after": "1"}}],
        "c": [{"changed": True, "diff": [{"prepared": "+1", "after_header": "its own"}]}],
    }
    result = loop({"items": named("a", "b", "c")}, script)()
    assert result["diff"] == [
        {"before": "1", "after": "2", "before_header": "a", "after_header": "a"},
        {"prepared": "+1", "before_header": "c", "after_header": "its own"},
    ]
    assert result["ansible_facts"] == {"x": 1}


def test_no_log_hides_labels_and_messages(loop):
    running = loop({"items": named("secret")}, {"secret": [{"failed": True, "msg": "secret"}]}, no_log=True)
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
    ],
)
def test_bad_options_are_refused_before_anything_runs(loop, arguments, more, message):
    running = loop(arguments, **more)
    with pytest.raises(AnsibleActionFail) as raised:
        running()
    assert message in str(raised.value)
    assert running.called == []


def test_what_has_not_begun_does_not_begin_when_the_task_is_stopped(loop, monkeypatch):
    script = {"b": [THROTTLED]}  # which would be tried again
    running = loop({"items": named(*"abcdefgh"), "concurrency": 1, "retry_on": ["Throttling"]}, script)
    shut_down, cancelled = action.ThreadPoolExecutor.shutdown, threading.Event()

    def shutdown(*arguments, **named):
        shut_down(*arguments, **named)
        cancelled.set()

    def stop(line, color):
        raise KeyboardInterrupt

    class AllButTheFirst:
        """Commands end when the executor was shut down; the first ends at once."""

        def wait(self, timeout):
            assert len(running.called) == 1 or cancelled.wait(timeout)

    monkeypatch.setattr(action.ThreadPoolExecutor, "shutdown", shutdown)
    monkeypatch.setattr(action.display, "display", stop)
    running.connection.commands.meet = AllButTheFirst()
    with pytest.raises(KeyboardInterrupt):
        running()
    assert len(running.called) <= 2
