# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Laws of an application's plan, over random applications that change at random."""

from __future__ import annotations

import base64
import copy
import json

from ansible_collections.launchkit.aws.plugins.module_utils.application import plan_text
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.application.removal import Removal
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module_options import module_options
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    INLINE,
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
    "inline_policies": st.sampled_from([{}, {"one": INLINE}]),
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
    "launch_template_version": st.sampled_from(["$Latest", "$Default"]),
    "metadata_options": st.sampled_from([None, {"http_tokens": ""}, {"http_tokens": "optional"}]),
    "instance_monitoring": st.sampled_from([None, True]),
    "kernel_id": st.sampled_from(["", "aki-1"]),
    "key_name": st.sampled_from(["one", "two"]),
    "security_groups": st.lists(st.sampled_from(["sg-1", "sg-2"]), max_size=2),
    "user_data": st.sampled_from(["", SECRET, f"#!/bin/sh\n{SECRET}"]),
    "volumes": st.sampled_from([[], [{"device_name": "/dev/sdf", "volume_size": 8}]]),
}
GROUP = {
    "group_name": st.just("web"),
    "group_min_size": st.integers(0, 1),
    "group_max_size": st.integers(1, 2),
    "group_tags": st.sampled_from([{}, {"Owner": "you"}]),
    "refresh": st.booleans(),
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


def planned(wanted, account):
    """The plan, with everything that is shown of it searched for user data."""
    index = account.index()
    plan = (Planner if wanted.present else Removal)(wanted, index).plan()
    shown = repr([wanted, plan]) + "\n".join(plan_text.lines([plan])) + json.dumps(plan_text.describe(plan))
    if not plan.blockers:
        shown += json.dumps(module_options(wanted, index), default=str)
    assert SECRET not in shown
    assert ENCODED not in shown
    return plan


@given(applications(), applications())
def test_plan_after_its_own_calls_is_empty(first, second):
    account = Account()
    for wanted in (first, second):
        plan = planned(wanted, account)
        if plan.blockers:
            event("drift that stops it")
            # A group that the second description leaves out can still use it.
            causes = ("on_drift", "cannot be replaced while Auto Scaling groups name them")
            assert all("fixed" in blocker and any(map(blocker.__contains__, causes)) for blocker in plan.blockers)
            return
        calls = account.converge(wanted)
        assert SECRET not in repr(calls)
        assert bool(plan.changes) >= bool(calls)
        event("changed" if calls else "unchanged")
        plan = planned(wanted, account)
        assert (plan.changes, plan.blockers) == ((), ())
        assert module_options(wanted, account.index())["steps"] == []
        # The second time nothing is called.
        before = copy.deepcopy(vars(account))
        assert account.converge(wanted) == []
        assert vars(account) == before


@given(applications())
def test_plan_leaves_its_input_unchanged(wanted):
    account = Account()
    account.converge(wanted)
    index = account.index()
    before = copy.deepcopy(vars(index.observation))
    options = copy.deepcopy(wanted.options)
    Planner(wanted, index).plan()
    module_options(wanted, index)
    assert (vars(index.observation), wanted.options) == (before, options)


@given(applications())
def test_removal_after_its_own_calls_leaves_nothing(wanted):
    account = Account()
    account.converge(wanted)
    absent = application(state="absent", group_name=wanted.group_name, **_names(wanted))
    plan = planned(absent, account)
    assert plan.blockers == ()
    account.converge(absent)
    assert planned(absent, account).changes == ()
    assert not any((account.roles, account.profiles, account.launch_configurations, account.groups, account.template))


def _names(wanted):
    name = wanted.options.get("launch_configuration_name")
    return {"launch_configuration_name": name} if name and not wanted.launches_from_template else {}
