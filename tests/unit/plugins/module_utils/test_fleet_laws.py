# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Laws of a fleet's plans, over random applications that change at random."""

from __future__ import annotations

import base64
import copy
import json

from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report as fleet_view
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plan import Planned
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    POLICY,
    Account,
    application,
)
from hypothesis import event, given
from hypothesis import strategies as st

SECRET = "hunter2-the-secret"
ENCODED = base64.b64encode(SECRET.encode()).decode()
ROLE = {
    "managed_policies": st.sampled_from([[], [POLICY]]),
    "inline_policies": st.sampled_from([{}, {"one": {"Version": "2012-10-17", "Statement": []}}]),
    "role_description": st.sampled_from(["One", "Two"]),
    "tags": st.sampled_from([{}, {"Owner": "me"}, {"Stage": "b"}]),
    "purge_tags": st.booleans(),
    "instance_profile_on_drift": st.just("keep"),
}
LAUNCH = {
    "launch_with": st.sampled_from(["launch_configuration", "launch_template"]),
    "launch_configuration_on_drift": st.sampled_from(["replace", "replace", "keep", "fail"]),
    "launch_configuration_prune": st.sampled_from([None, {"keep": 0}, {"keep": 1}, {"min_age": 60}]),
    "launch_template_prune": st.sampled_from([None, {"keep": 0}, {"keep": 1}]),
    "key_name": st.sampled_from(["one", "two"]),
    "security_groups": st.lists(st.sampled_from(["sg-1", "sg-2"]), max_size=2),
    "user_data": st.sampled_from(["", SECRET, f"#!/bin/sh\n{SECRET}"]),
    "assign_public_ip": st.sampled_from([None, True, False]),
    "volumes": st.sampled_from([[], [{"device_name": "/dev/sdf", "volume_size": 8}]]),
}
GROUP = {
    "group_name": st.just("web"),
    "group_min_size": st.integers(0, 1),
    "group_max_size": st.integers(1, 2),
    "group_tags": st.sampled_from([{}, {"Owner": "you"}]),
}


@st.composite
def applications(draw):
    """An application of any kind, or one that launches nothing."""
    variables = draw(st.fixed_dictionaries({}, optional=ROLE))
    if draw(st.integers(0, 4)):
        variables.update(draw(st.fixed_dictionaries({}, optional=LAUNCH)))
        variables["launch_configuration_name"] = draw(st.sampled_from(["", "fixed"]))
        variables.update(image_id=draw(st.sampled_from(["ami-1", "ami-2"])), instance_type="t3.small")
        if draw(st.booleans()):
            variables.update(draw(st.fixed_dictionaries(GROUP)))
    return application(**variables)


def looked_at(wanted, account):
    """The row, with whatever else is shown of it."""
    index = account.index()
    row, tasks = fleet_view.row(wanted, index)
    shown = json.dumps([row, fleet_view.lines([row])]) + repr([wanted, tasks, Planned(wanted, index)])
    assert SECRET not in shown
    assert ENCODED not in shown
    return row, tasks


@given(applications(), applications())
def test_what_was_made_of_an_application_is_what_it_shall_be(first, second):
    account = Account()
    for wanted in (first, second):
        row, dummy = looked_at(wanted, account)
        if row["error"]:
            event("drift that stops it")
            assert "fixed" in row["error"]
            assert "on_drift" in row["error"] or "while Auto Scaling groups name them" in row["error"]
            return
        calls = account.converge(wanted)
        assert SECRET not in repr(calls)
        if calls:
            assert row["changed"]
            event("changed")
        row, tasks = looked_at(wanted, account)
        assert (row["changes"], row["error"], row["summary"], tasks) == ([], None, "web: unchanged", {})
        # And a second walk leaves it all alone.
        there = copy.deepcopy(vars(account))
        assert account.converge(wanted) == []
        assert vars(account) == there


@given(applications())
def test_looking_changes_nothing(wanted):
    account = Account()
    account.converge(wanted)
    index = account.index()
    before = copy.deepcopy(vars(index.observation))
    options = copy.deepcopy(wanted.options)
    fleet_view.row(wanted, index)
    assert (vars(index.observation), wanted.options) == (before, options)
