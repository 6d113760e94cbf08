# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Each playbook succeeds with its policy of docs/policies, and fails without any action of it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import Fleets
from ansible_collections.launchkit.aws.tests.reliability import permissions, table
from ansible_collections.launchkit.aws.tests.reliability.permissions import POLICIES, RUNS, read_policy

PLAYBOOKS = tuple(name for name in POLICIES if name != "reader")
LEFT_OUT = [(name, action) for name in PLAYBOOKS for action in permissions.actions_of(read_policy(name))]
# What each run needed: only that one can fail without an action.
NEEDED: dict = {}


# In a sample, these; the step `lowest` runs the playbook bootstrap, and a test below has the calls of fleets.
SAMPLED = ("migrate: groups", "reader: bootstrap: check")


@pytest.mark.parametrize(
    "run",
    [run for run in RUNS if table.SAMPLE == 1 or f"{run.policy}: {run.name}" in SAMPLED],
    ids=lambda run: f"{run.policy}: {run.name}",
)
def test_playbook_succeeds_with_its_policy(aws, run):
    policy = read_policy(run.policy)
    permissions.prepare(aws, run)
    played = permissions.play(aws, run, policy)
    NEEDED[run.policy, run.name] = permissions.demanded(played.calls)
    optional = permissions.optional_for(run.policy)
    problems = [] if played.succeeded and permissions.denied(played.calls) <= optional else [played.output]
    table.count("permissions", run.policy, "with its policy", problems)
    assert not problems, played.output


@pytest.mark.skipif(table.SAMPLE != 1, reason="needs all runs")
@pytest.mark.parametrize("name", POLICIES)
def test_policy_has_what_its_runs_need(name):
    needed = set().union(*(actions for (policy, dummy), actions in NEEDED.items() if policy == name))
    assert sorted(needed - permissions.optional_for(name)) == permissions.actions_of(read_policy(name)), (
        "run make policies"
    )


def test_policy_of_fleets_is_not_stale(aws):
    """The same runs in this process, without the playbook, take a hundredth of the time."""
    needed = set()
    for run in (run for run in RUNS if run.policy == "fleet"):
        permissions.prepare(aws, run)
        key, secret = permissions.operator(aws, read_policy("fleet"))
        variables = dict(run.variables)
        options = {name.removeprefix("fleet_"): value for name, value in variables.items()}
        Fleets(aws).apply(options.pop("applications"), access_key=key, secret_key=secret, **options)
        needed |= permissions.demanded(aws.calls())
    assert sorted(needed - permissions.optional_for("fleet")) == permissions.actions_of(read_policy("fleet")), (
        "run make policies"
    )


@pytest.mark.parametrize("name", POLICIES)
def test_policy_is_written_as_the_generator_writes_it(name):
    policy = read_policy(name)
    assert policy == permissions.policy_of(set(permissions.actions_of(policy)))
    assert permissions.path_of(name).read_text(encoding="utf-8") == permissions.text_of(policy)


def test_page_lists_the_optional_actions():
    page = (permissions.FOLDER / "README.md").read_text(encoding="utf-8")
    listed = page[page.index("## Optional permissions") : page.index("## Permissions of further options")]
    assert set(re.findall(r"`(\w+:\w+)`", listed)) == permissions.OPTIONAL.union(*permissions.OPTIONAL_FOR.values())


def test_reader_changes_nothing():
    assert all(permissions.READING.match(action) for action in permissions.actions_of(read_policy("reader")))


def test_role_is_passed_to_ec2_only_and_under_a_path():
    for name in PLAYBOOKS:
        for statement in read_policy(name)["Statement"]:
            if "iam:PassRole" in statement["Action"]:
                assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
                assert statement["Resource"] == f"arn:aws:iam::*:role{permissions.PATH}*"


def chosen(cases):
    """Return the cases that a run tries, of which one is about iam:PassRole."""
    return [case for case in cases if case == ("fleet", "iam:PassRole") or table.is_chosen("permissions", *case)]


@pytest.mark.parametrize(("name", "action"), chosen(LEFT_OUT))
def test_playbook_fails_without_an_action(aws, name, action):
    policy = permissions.without(read_policy(name), action)
    problems = [f"no run of {name} failed without {action}"]
    for run in RUNS:
        if run.policy == name and action in NEEDED.get((run.policy, run.name), {action}):
            permissions.prepare(aws, run)
            played = permissions.play(aws, run, policy)
            if not played.succeeded:
                problems = [] if action in permissions.denied(played.calls) else [played.output]
                break
    table.count("permissions", name, "without an action", problems)
    assert not problems, "\n".join(problems)
