# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Laws that hold for every target and every state of an instance profile."""

from __future__ import annotations

import copy
import json

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam.instance_profile import State, Target
from ansible_collections.launchkit.aws.plugins.module_utils.iam.names import RoleReference
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, strategies
from hypothesis import assume, given

READ_ONLY = ("arn", "create_date", "instance_profile_id")


def planned(target, state):
    """Plan, or leave the example out where planning refuses."""
    try:
        return instance_profile.plan(target, state)
    except (Drift, MissingReference):
        assume(False)


def state_of(profile, role):
    return State(instance_profile.from_api(profile), role)


@given(strategies.profile_situations())
def test_what_a_plan_leads_to_leaves_nothing_to_plan(situation):
    target, profile, role = situation
    state = state_of(profile, role)
    plan = planned(target, state)
    # A plan whose role is missing is refused by the executor, so it leads nowhere.
    assume(all(need.satisfied for call in plan.calls for need in call.needs))
    assert instance_profile.plan(target, instance_profile.predict(target, state, plan)).calls == ()


@given(strategies.profile_situations())
def test_check_mode_shows_what_a_run_makes(situation):
    target, profile, role = situation
    state = state_of(profile, role)
    plan = planned(target, state)
    assume(all(need.satisfied for call in plan.calls for need in call.needs))
    made = profile
    for call in plan.calls:
        made = aws_answers.call_iam(call, made, {} if role is None else {role["RoleName"]: role})
    shown = instance_profile.render(instance_profile.predict(target, state, plan).profile)
    expected = instance_profile.render(instance_profile.from_api(made))
    if profile is None and expected is not None:
        expected = {key: value for key, value in expected.items() if key not in READ_ONLY}
    assert shown == expected


@given(strategies.observed_profiles())
def test_asking_for_what_is_there_plans_nothing(profile):
    role = next(iter(profile["Roles"]), None)
    target = Target(
        name=profile["InstanceProfileName"],
        path=profile["Path"],
        role=RoleReference(role["RoleName"], role["Path"]) if role else instance_profile.NO_ROLE,
        tags={tag["Key"]: tag["Value"] for tag in profile["Tags"]},
    )
    assert instance_profile.plan(target, state_of(profile, role)) == instance_profile.Plan()


@given(strategies.profile_situations())
def test_undoing_all_calls_restores_the_profile(situation):
    target, profile, role = situation
    plan = planned(target, state_of(profile, role))
    assume(all(need.satisfied for call in plan.calls for need in call.needs))
    # The last call of a plan is the one that can fail, and deleting is last.
    done = plan.calls[:-1]
    held = profile["Roles"][0] if profile and profile["Roles"] else None
    roles = {each["RoleName"]: each for each in (held, role) if each}
    made = profile
    for call in done:
        made = aws_answers.call_iam(call, made, roles)
    if held:
        roles[held["RoleName"]] = held
    for call in reversed(done):
        if call.undo:
            made = aws_answers.call_iam(call.undo, made, roles)
    assert instance_profile.from_api(made) == instance_profile.from_api(profile)


@given(strategies.profile_situations())
def test_arguments_stay_as_they_are(situation):
    target, profile, role = situation
    before = copy.deepcopy((target, profile, role))
    state = state_of(profile, role)
    plan = planned(target, state)
    copies = copy.deepcopy((state, plan))
    instance_profile.predict(target, state, plan)
    instance_profile.render(state.profile)
    assert (target, profile, role) == before
    assert (state, plan) == copies


@given(strategies.profile_situations())
def test_results_are_json(situation):
    target, profile, role = situation
    state = state_of(profile, role)
    for each in (state, instance_profile.predict(target, state, planned(target, state))):
        json.dumps(instance_profile.render(each.profile))
