# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The action plugin that waits for an instance refresh: module runs are scripted, and time passes by sleeping only."""

from __future__ import annotations

import pytest
from ansible.playbook.task import Task
from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
from ansible_collections.launchkit.aws.plugins.action import autoscaling_instance_refresh as action

CONNECTION = {
    "region": "us-east-1",
    "endpoint_url": "http://127.0.0.1:1",
    "aws_access_key": "fake-access-key",
    "secret_key": "not-a-secret",
}


def refresh(status, **more):
    return {"instance_refresh_id": "r-1", "status": status, **more}


def looked(*found):
    return {"instance_refreshes": list(found)}


def started(found, **more):
    return {"changed": True, "instance_refresh": found, "outdated_instances": ["i-1"], **more}


class Run:
    """A run of the plugin on scripted results of modules."""

    def __init__(self, monkeypatch, arguments, results):
        self.called, self.shown = [], []
        self._results = list(results)
        monkeypatch.setattr(action.display, "display", self.shown.append)
        task = Task()
        task.args = arguments
        self._plugin = action.ActionModule(task, None, None, None, None, None)
        monkeypatch.setattr(self._plugin, "_execute_module", self._execute)
        monkeypatch.setattr(action.ActionBase, "run", lambda *dummy: {})

    def _execute(self, module_name, module_args, task_vars):
        self.called.append((module_name, module_args))
        return self._results.pop(0)

    def __call__(self):
        result = self._plugin.run(task_vars={})
        assert self._results == []
        return result


@pytest.fixture
def run(monkeypatch, clock):
    return lambda arguments, *results: Run(monkeypatch, arguments, results)


def test_refresh_progress_is_shown_until_its_end(run, clock):
    running = run(
        {"group": "web", **CONNECTION, "min_healthy_percentage": 100},
        started(refresh("Pending")),
        looked(refresh("InProgress", percentage_complete=0, instances_to_update=2)),
        looked(refresh("InProgress", percentage_complete=0, instances_to_update=2)),
        looked(
            refresh(
                "InProgress", percentage_complete=50, instances_to_update=1, status_reason="Waiting for an instance."
            )
        ),
        looked(refresh("Successful", percentage_complete=100)),
    )
    result = running()
    assert (result["changed"], result.get("failed"), result["outdated_instances"]) == (True, None, [])
    assert result["instance_refresh"]["status"] == "Successful"
    assert running.shown == [
        "web: instance refresh r-1 continues if this task is interrupted. Run the task again to wait for it, or cancel it "
        "with amazon.aws.autoscaling_instance_refresh and state=cancelled.",
        "web: instance refresh Pending",
        "web: instance refresh InProgress, 0 %, 2 instances left",
        "web: instance refresh InProgress, 50 %, 1 instances left, Waiting for an instance.",
        "web: instance refresh Successful, 100 %",
    ]
    assert clock.pauses == [15] * 4
    (first, *looks) = running.called
    assert first == (action.MODULE, {"group": "web", **CONNECTION, "min_healthy_percentage": 100})
    assert set(map(repr, looks)) == {
        repr(
            (
                action.INFO,
                {**CONNECTION, "name": "web", "ids": ["r-1"]},
            )
        )
    }


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        pytest.param({}, {"changed": False, "instance_refresh": {}}, id="nothing to do, or check mode"),
        pytest.param({}, {"failed": True, "msg": "no such group"}, id="the module failed"),
        pytest.param({"wait": False}, started(refresh("Pending")), id="no wait"),
        pytest.param({"wait": "no"}, started(refresh("Pending")), id="no wait in a text"),
    ],
)
def test_refresh_without_wait_returns_module_result(run, clock, arguments, result):
    running = run({"name": "web", **arguments}, dict(result))
    assert running() == result
    assert (len(running.called), clock.slept, running.shown) == (1, 0, [])


@pytest.mark.parametrize(
    ("last", "message"),
    [
        pytest.param(
            refresh("RollbackSuccessful", rollback_details={"rollback_reason": "Instances did not become healthy."}),
            "Instance refresh r-1 of group 'web' failed and was rolled back; the group launches what it did before. "
            "Instances did not become healthy.",
            id="rolled back",
        ),
        pytest.param(
            refresh("Failed", status_reason="No capacity."),
            "Instance refresh r-1 of group 'web' ended as Failed; some instances were replaced and others were not. No capacity.",
            id="failed",
        ),
        pytest.param(
            refresh("Cancelled"),
            "Instance refresh r-1 of group 'web' ended as Cancelled; some instances were replaced and others were not. "
            "AWS gives no reason; see the group's scaling activities.",
            id="cancelled",
        ),
    ],
)
def test_refresh_failure_names_its_reason(run, last, message):
    result = run({"group_name": "web"}, started(refresh("InProgress")), looked(last))()
    assert (result["failed"], result["msg"], result["changed"]) == (True, message, True)
    assert result["instance_refresh"] == last


def test_refresh_timeout_names_the_option(run, clock):
    looks = [looked(refresh("InProgress"))] * 3
    result = run({"group": "web", "wait_timeout": "25", "poll_interval": "10"}, started(refresh("Pending")), *looks)()
    assert result["failed"]
    assert (
        "did not end within wait_timeout (application_refresh_timeout in roles) and continues. Run the task again to wait for it."
        in result["msg"]
    )
    assert clock.pauses == [10, 10, 5]


@pytest.mark.parametrize(
    "look",
    [pytest.param({"failed": True, "msg": "Rate exceeded"}, id="failed"), pytest.param(looked(), id="found nothing")],
)
def test_refresh_failed_look_is_retried(run, look):
    running = run({"group": "web"}, started(refresh("InProgress")), look, looked(refresh("Successful")))
    assert not running().get("failed")


def test_refresh_that_failed_at_once_fails(run, clock):
    result = run({"group": "web"}, started(refresh("Failed", status_reason="Not launched.")))()
    assert (result["failed"], clock.slept) == (True, 0)


def test_refresh_timeout_names_blocking_instances(run, clock):
    blocking = {"scale_in_protected_instances": ["i-1", "i-2"], "standby_instances": []}
    first = started(refresh("Pending"), blocking_instances=blocking)
    result = run({"group": "web", "wait_timeout": 5}, first, looked(refresh("InProgress")))()
    assert result["failed"]
    assert (
        "A refresh waits for instances that are protected from scale-in or in standby: i-1, i-2 (see "
        "scale_in_protected_instances). Set the option to refresh or ignore,"
    ) in result["msg"]


@pytest.mark.parametrize(("percentages", "outdated"), [([20, 100], []), ([20], ["i-1"])])
def test_refresh_last_checkpoint_leaves_instances(run, clock, percentages, outdated):
    last = refresh("Successful", preferences={"checkpoint_percentages": percentages})
    assert run({"group": "web"}, started(refresh("Pending")), looked(last))()["outdated_instances"] == outdated


def test_connection_options_are_those_of_amazon_aws():
    specification = {name: set(option.get("aliases", ())) for name, option in aws_argument_spec().items()}
    assert {name: set(aliases) for name, aliases in action.CONNECTION_OPTIONS.items()} == specification
