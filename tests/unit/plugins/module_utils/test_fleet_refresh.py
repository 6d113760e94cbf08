# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instance refreshes of a fleet: which groups need one, and what follows a failure. AWS's part is scripted."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.refreshes import Refreshes
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.refresh import needed_refreshes
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    IMAGE,
    OTHER,
    TEMPLATE,
    Account,
)


def applications(names, **variables):
    sizes = {"group_min_size": 1, "group_max_size": 1, "launch_configuration_prune": None, "refresh": True}
    return parse.parse(
        [
            {
                f"application_{key}": value
                for key, value in {**sizes, **variables, "name": name, "group_name": name}.items()
            }
            for name in names
        ]
    )


class Executor:
    """Records the calls."""

    def __init__(self):
        self.calls = []

    def run(self, calls, done):
        self.calls += calls
        done += calls


class Scripted(Refreshes):
    """Refreshes that end as a script says: None for success, or why they failed."""

    def __init__(self, *outcomes, **options):
        self.lines, self.executor, self.started, self._outcomes = [], Executor(), [], list(outcomes)
        super().__init__(None, self.executor, concurrency=1, report=self.lines.append, **options)

    def _follow(self, refresh, target, outcome):
        self.started.append(refresh.name)
        return self._outcomes.pop(0) if self._outcomes else None


def moved(names, former, wanted):
    """Applications, the observation after their groups have moved, and their groups as they were before."""
    account = Account()
    for each in applications(names, **former):
        account.converge(each)
        account.add_instance(each.group_name)
    groups = copy.deepcopy(account.groups)
    now = applications(names, **wanted)
    for each in now:
        for step in ("launch_settings", "auto_scaling_group"):
            account.make(Planner(each, account.index(), groups[each.group_name]).step(step).calls)
    return now, account.index().observation, groups


def run(refreshes, names, former=None, wanted=None):
    needed, sizes = needed_refreshes(*moved(names, former or IMAGE, wanted or OTHER))
    outcomes = zip(needed, refreshes.run(needed, sizes))
    return {refresh.name: outcome.error and outcome.error.message for refresh, outcome in outcomes}


def test_refreshes_run_where_instances_are_outdated():
    refreshes = Scripted()
    assert run(refreshes, ["one", "two"]) == {"one": None, "two": None}
    assert refreshes.started == ["one", "two"]
    refreshes = Scripted()
    assert run(refreshes, ["one"], OTHER, OTHER) == {}
    assert refreshes.started == []


def test_refreshes_after_a_failure_start_no_more():
    refreshes = Scripted(None, "It failed.", "It failed again.")
    errors = run(refreshes, ["one", "two", "three"])
    assert errors["one"] is None
    assert errors["two"].startswith("It failed.")
    assert errors["three"] == "The instance refresh was not begun, because another one failed."
    assert "three" not in refreshes.started
    assert [
        line for line in refreshes.lines if line.startswith("Instance refresh 2 of 3, ") and ": two: failed: " in line
    ]


@pytest.mark.parametrize(
    ("canary", "failures", "outcomes", "started"),
    [
        (["three"], 1, [], ["three", "one", "two"]),
        (["three"], 3, ["It failed."], ["three"]),
        (["smallest"], 1, [], ["one", "two", "three"]),
        (None, 2, ["It failed."], ["one", "two", "three"]),
        (None, 2, ["It failed.", None, "It failed."], ["one", "two"]),
    ],
)
def test_refreshes_begin_with_the_canary(canary, failures, outcomes, started):
    refreshes = Scripted(*outcomes, canary=canary, max_failures=failures)
    run(refreshes, ["one", "two", "three"])
    # After a failure, a second refresh leads back.
    assert list(dict.fromkeys(refreshes.started)) == started


@pytest.mark.parametrize(
    ("again", "text"),
    [
        (None, "It failed. The group launches what it did before, and so do all of its instances."),
        (
            "So did this.",
            "It failed. The group launches what it did before, but not all of its instances do: So did this.",
        ),
    ],
)
def test_refreshes_failure_returns_to_the_launch_configuration(again, text):
    refreshes = Scripted("It failed.", again)
    assert run(refreshes, ["one"]) == {"one": text}
    (call,) = refreshes.executor.calls
    assert call.operation == "update_auto_scaling_group"
    assert call.arguments["LaunchConfigurationName"].startswith("one-")
    assert refreshes.started == ["one", "one"]


def test_refreshes_of_a_template_roll_back_themselves():
    refreshes = Scripted("It failed and was rolled back.")
    errors = run(refreshes, ["one"], {**IMAGE, **TEMPLATE}, {**OTHER, **TEMPLATE})
    assert errors == {"one": "It failed and was rolled back."}
    assert refreshes.executor.calls == []


def test_refreshes_from_a_template_return_to_it():
    refreshes = Scripted("It failed.")
    run(refreshes, ["one"], {**IMAGE, **TEMPLATE}, OTHER)
    (call,) = refreshes.executor.calls
    # The API takes the id or the name of a template, not both.
    assert call.arguments["LaunchTemplate"] == {"LaunchTemplateId": "lt-1", "Version": "1"}
