# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Laws that hold for every launch template and state of EC2."""

from __future__ import annotations

import copy
import json
from dataclasses import replace

from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import Outcome
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    InvalidOption,
    MissingReference,
    StillInUse,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan as launch_template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import to_launch_template_data
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import template_strategies
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.template_answers import (
    Stored,
    call_ec2,
    state_of,
)
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.test_user_data_secrecy import (
    SECRETS,
    assert_hidden,
    texts_of,
)
from hypothesis import assume, given
from hypothesis import strategies as st

READ_ONLY = ("launch_template_id", "create_time", "created_by")


def planned(target, state):
    """Plan, or leave the example out where planning refuses."""
    try:
        return launch_template_plan.plan(target, state)
    except (InvalidOption, MissingReference, StillInUse):
        assume(False)


def observed(target, stored, groups):
    return state_of(stored, groups, look_at_versions=target.needs_versions)


def shown(target, state):
    result = launch_template.result(Outcome(True, observed(target, None, {}), state, ()))
    if "template" in result:
        result["template"] = {key: value for key, value in result["template"].items() if key not in READ_ONLY}
        del result["launch_template_id"]
    result["diff"]["after"] = {key: value for key, value in result["diff"]["after"].items() if key not in READ_ONLY}
    return result


@given(template_strategies.template_situations())
def test_what_a_plan_leads_to_leaves_nothing_to_plan(situation):
    target, stored, groups = situation
    state = observed(target, stored, groups)
    plan = planned(target, state)
    assert launch_template_plan.plan(target, launch_template_plan.predict(target, state, plan)).calls == ()


@given(template_strategies.template_situations())
def test_check_mode_shows_what_a_run_makes(situation):
    target, stored, groups = situation
    state = observed(target, stored, groups)
    plan = planned(target, state)
    real = observed(target, call_ec2(plan.calls, stored), groups)
    assert shown(target, launch_template_plan.predict(target, state, plan)) == shown(target, real)
    assert launch_template_plan.plan(target, real).calls == ()


@given(template_strategies.template_situations())
def test_a_new_version_keeps_what_nobody_asked_to_change(situation):
    target, stored, groups = situation
    assume(stored is not None)
    assume(target.present)
    after = call_ec2(planned(target, observed(target, stored, groups)).calls, stored)
    before, now = stored.versions[max(stored.versions)], after.versions[max(after.versions)]
    assert {
        key: now.get(key) for key in ("HibernationOptions", "InstanceInitiatedShutdownBehavior") if key in before
    } == {key: before[key] for key in ("HibernationOptions", "InstanceInitiatedShutdownBehavior") if key in before}
    if target.settings.key_name is None:
        assert now.get("KeyName") == before.get("KeyName")
    if target.settings.security_groups is None and target.settings.assign_public_ip is None:
        assert now.get("NetworkInterfaces") == before.get("NetworkInterfaces")


@given(template_strategies.template_situations())
def test_pruning_spares_what_is_named_and_the_newest_of_the_rest(situation):
    target, stored, groups = situation
    assume(stored is not None)
    assume(target.present)
    plan = planned(target, observed(target, stored, groups))
    after = call_ec2([call for call in plan.calls if call.operation != "delete_launch_template_versions"], stored)
    gone = set(after.versions) - set(call_ec2(plan.calls, stored).versions)
    named = {max(after.versions), after.default}
    named |= {int(version) for versions in groups.values() for version in versions if version.isdigit()}
    assert not gone & named
    unnamed = sorted(set(after.versions) - named)
    assert sorted(gone) == ([] if target.keep is None else unnamed[: max(0, len(unnamed) - target.keep)])


@given(template_strategies.template_settings(), st.randoms())
def test_asking_for_what_is_there_plans_nothing_whatever_the_order(settings, random):
    data = to_launch_template_data(settings)
    for name in ("BlockDeviceMappings", "SecurityGroupIds", "TagSpecifications"):
        random.shuffle(data.get(name, []))
    for each in data.get("NetworkInterfaces", []):
        random.shuffle(each.get("Groups", []))
    for each in data.get("TagSpecifications", []):
        random.shuffle(each["Tags"])
    target = launch_template.Target("web", settings)
    assert launch_template_plan.plan(target, state_of(Stored("web", {1: data}))).calls == ()


@given(template_strategies.template_situations())
def test_arguments_stay_as_they_are(situation):
    before = copy.deepcopy(situation)
    target, stored, groups = situation
    state = observed(target, stored, groups)
    plan = planned(target, state)
    copies = copy.deepcopy((state, plan))
    json.dumps(shown(target, launch_template_plan.predict(target, state, plan)))
    assert situation == before
    assert (state, plan) == copies


@given(SECRETS, template_strategies.template_situations())
def test_user_data_shows_nowhere(secret, situation):
    """The same secret in what is asked for and in what is there, with one byte of difference."""
    target, stored, groups = situation
    target = replace(target, settings=replace(target.settings, user_data=secret))
    if stored is not None:
        there = replace(secret, content=secret.content + b"!").encoded
        stored = replace(
            stored, versions={number: {**data, "UserData": there} for number, data in stored.versions.items()}
        )
    state = observed(target, stored, groups)
    assert_hidden(secret, *texts_of(target), *texts_of(state))
    try:
        plan = launch_template_plan.plan(target, state)
    except (InvalidOption, MissingReference, StillInUse) as error:
        assert_hidden(secret, *texts_of(error), error.message, json.dumps(error.details))
        return
    for call in plan.calls:
        assert_hidden(secret, *texts_of(call), *texts_of(call.undo), *texts_of(call.needs))
    outcome = Outcome(bool(plan.calls), state, launch_template_plan.predict(target, state, plan), plan.warnings)
    assert_hidden(
        secret, *texts_of(plan), *texts_of(outcome), *plan.warnings, json.dumps(launch_template.result(outcome))
    )
