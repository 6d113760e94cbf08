# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs at the same time: equal ones, ones that want different things, and a removal beside a creation."""

from __future__ import annotations

import threading

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_launch_configuration,
    ec2_launch_template,
    fleet,
    iam_instance_profile,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import OTHER_IMAGE
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.account import differing, snapshot
from ansible_collections.launchkit.aws.tests.reliability.scenarios import (
    SCENARIOS,
    TYPE,
    WEB,
    WEB_ABSENT,
    after_runs,
    fleet_of,
    with_roles,
)
from ansible_collections.launchkit.aws.tests.reliability.wire import SideBySide

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}
# Seconds, waiting included: less than wait_timeout, and more than a run takes on a busy machine.
AT_ONCE = 30


def side_by_side(laboratory, runs, changes=1):
    """Return the results of runs whose first changes come at once and the seconds that they took, in order."""
    results = [None] * len(runs)
    laboratory.wire.strike = SideBySide(len(runs), changes)

    def perform(number):
        began = laboratory.time.monotonic()
        results[number] = runs[number](), laboratory.time.monotonic() - began

    threads = [threading.Thread(target=perform, args=(number,)) for number in range(len(runs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    laboratory.wire.strike = None
    return results


EQUAL = [
    (name, number)
    for name in (
        "fleet: create",
        "fleet: new image",
        "profile: create",
        "launch template: create",
        "launch configuration: create, prune",
    )
    for number in (2, 8)
]


@pytest.mark.parametrize(("name", "number"), table.sample("equal runs", EQUAL))
def test_equal_runs_agree(laboratory, name, number):
    scenario = BY_NAME[name]
    scenario.begin(laboratory)
    scenario.run(laboratory)
    reference = snapshot(laboratory.aws)
    scenario.begin(laboratory)
    runs = [laboratory.prepared(scenario.module, **scenario.parameters) for dummy in range(number)]
    results = side_by_side(laboratory, runs)
    problems = [f"failed: {each.message}" for each, dummy in results if isinstance(each, LaunchkitError)]
    if (after := snapshot(laboratory.aws)) != reference:
        problems.append(f"did not converge: {differing(reference, after)}")
    if scenario.run(laboratory)["changed"]:
        problems.append("the next run changed something again")
    table.count("races", name, f"{number} equal runs", problems)
    assert not problems, "\n".join(problems)


NEW, OLD = {"name": "new", **TYPE}, {"name": "old", **TYPE}
REPLACED = {**OLD, "on_drift": "replace"}
DIFFERENT = (
    ("profile: role", iam_instance_profile, [{"name": "new", "role": role} for role in ("one", "two")]),
    ("profile: swap role", iam_instance_profile, [{"name": "web", "role": role} for role in ("one", "two")]),
    ("profile: tags", iam_instance_profile, [{"name": "new", "tags": {"team": team}} for team in ("a", "b")]),
    ("launch configuration", autoscaling_launch_configuration, [NEW, {**NEW, "image_id": OTHER_IMAGE}]),
    (
        "launch configuration: replace",
        autoscaling_launch_configuration,
        [{**REPLACED, "image_id": OTHER_IMAGE}, {**REPLACED, "instance_type": "t3.small"}],
    ),
    ("launch template", ec2_launch_template, [NEW, {**NEW, "image_id": OTHER_IMAGE}]),
    ("launch template: tags", ec2_launch_template, [{**NEW, "tags": {"team": team}} for team in ("a", "b")]),
    (
        "launch template: version",
        ec2_launch_template,
        [{"name": "old", "instance_type": "t3.large"}, {"name": "old", "instance_type": "t3.small"}],
    ),
)


@pytest.mark.parametrize(("name", "module", "wishes"), DIFFERENT, ids=[each[0] for each in DIFFERENT])
def test_loser_of_two_wishes_fails_at_once(laboratory, name, module, wishes):
    with_roles("one", "two")(laboratory)
    after_runs((ec2_launch_template, OLD), (autoscaling_launch_configuration, OLD))(laboratory)
    # A deletion that comes after the other run's creation is a run after that one.
    changes = 2 if "on_drift" in wishes[0] else 1
    results = side_by_side(laboratory, [laboratory.prepared(module, **wish) for wish in wishes], changes)
    lost = [result for result in results if isinstance(result[0], LaunchkitError)]
    problems = [] if len(lost) == 1 else [f"{len(lost)} failed: {[error.message for error, dummy in lost]}"]
    for error, seconds in lost:
        if "another run" not in error.message and "its settings differ" not in error.message:
            problems.append(f"does not tell what the other run did: {error.message}")
        if seconds > AT_ONCE:
            problems.append(f"failed after {seconds:.0f} s")
    if not problems:
        kept = [wish for wish, result in zip(wishes, results) if result not in lost]
        again = [laboratory.run(module, check_mode=True, **wish) for wish in kept]
        if sum(not result.get("failed") and not result["changed"] for result in again) != 1:
            problems.append(f"what one of those that succeeded set is not what stays: {again}")
    table.count("races", "different wishes", name, problems)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("kind", "existing"), table.sample("removal", [("nothing exists", []), ("all exists", WEB)]))
def test_removal_beside_creation_is_repairable(laboratory, kind, existing):
    created, removed, problems = BY_NAME["fleet: create"], BY_NAME["fleet: delete"], []
    references = []
    removed.begin(laboratory)
    for scenario in (removed, created):
        assert not scenario.run(laboratory).get("failed")
        references.append((scenario, snapshot(laboratory.aws)))
    for first in (0, 1):
        laboratory.aws.reset()
        after_runs(*[(fleet, fleet_of(existing))][: len(existing)])(laboratory)
        wishes = [WEB_ABSENT, [{**each, "application_image_id": OTHER_IMAGE} for each in WEB]]
        results = side_by_side(laboratory, [laboratory.prepared(fleet, **fleet_of(wish)) for wish in wishes])
        # Each ends, and one that fails says why.
        problems += [f"fails without words: {each}" for each, dummy in results if not getattr(each, "message", "words")]
        for scenario, reference in (references, references[::-1])[first]:
            again = scenario.run(laboratory)
            after = snapshot(laboratory.aws)
            if again.get("failed"):
                problems.append(f"the next run failed: {again['msg']}")
            elif after != reference:
                problems.append(f"did not converge: {differing(reference, after)}")
    table.count("races", "removal beside creation", kind, problems)
    assert not problems, "\n".join(problems)
