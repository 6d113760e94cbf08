# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Laws that hold for every launch setting, launch configuration and state of Auto Scaling."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from datetime import timedelta

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift, StillInUse
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_settings_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch import user_data
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import State
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, strategies
from hypothesis import assume, given
from hypothesis import strategies as st

NOW = aws_answers.CREATED + timedelta(minutes=1)
READ_ONLY = ("arn", "launch_configuration_arn", "created_time")


def state_of(answers, groups):
    return State({name: launch_configuration.from_api(answer) for name, answer in answers.items()}, groups, NOW)


def planned(target, state):
    """Plan, or leave the example out where planning refuses."""
    try:
        return launch_configuration.plan(target, state)
    except (Drift, StillInUse):
        assume(False)


def rendered(configurations, *left_out):
    shown = {name: launch_configuration.render(each) for name, each in configurations.items()}
    return {name: {key: value for key, value in each.items() if key not in left_out} for name, each in shown.items()}


def called(calls, answers):
    """Return what Auto Scaling has after a plan's calls. Its refusals are assertions."""
    answers = dict(answers)
    for call in calls:
        name = call.arguments["LaunchConfigurationName"]
        if call.operation == "delete_launch_configuration":
            del answers[name]
        else:
            assert call.operation == "create_launch_configuration"
            assert name not in answers
            answers[name] = aws_answers.created_launch_configuration(call.arguments)
    return answers


@given(strategies.launch_configuration_situations())
def test_what_a_plan_leads_to_leaves_nothing_to_plan(situation):
    target, answers, groups = situation
    state = state_of(answers, groups)
    plan = planned(target, state)
    assert launch_configuration.plan(target, launch_configuration.predict(target, state, plan)).calls == ()


@given(strategies.launch_configuration_situations(derived=False))
def test_check_mode_shows_what_a_run_makes(situation):
    target, answers, groups = situation
    state = state_of(answers, groups)
    plan = planned(target, state)
    after = launch_configuration.predict(target, state, plan)
    real = state_of(called(plan.calls, answers), groups)
    assert rendered(after.configurations, *READ_ONLY) == rendered(real.configurations, *READ_ONLY)
    assert launch_configuration.plan(target, real).calls == ()


@given(strategies.launch_configuration_situations())
def test_nothing_that_a_group_names_is_removed(situation):
    target, answers, groups = situation
    plan = planned(target, state_of(answers, groups))
    assert not set(groups) & {
        call.arguments["LaunchConfigurationName"] for call in plan.calls if call.operation.startswith("delete")
    }


@given(strategies.launch_configuration_situations(derived=False))
def test_undoing_a_replacement_restores_the_settings(situation):
    target, answers, groups = situation
    plan = planned(replace(target, on_drift="replace"), state_of(answers, {}))
    for call in plan.calls:
        if call.undo:
            restored = state_of(called([call, call.undo], answers), groups)
            assert rendered(restored.configurations, "created_time") == rendered(
                state_of(answers, groups).configurations, "created_time"
            )


@given(strategies.launch_settings(derived=False))
def test_asking_for_what_is_there_plans_nothing(settings):
    arguments = launch_settings.to_launch_configuration(settings)
    answer = aws_answers.created_launch_configuration({"LaunchConfigurationName": "web", **arguments})
    observed = launch_configuration.from_api(answer)
    target = launch_configuration.Target("web", observed.settings)
    assert launch_configuration.plan(target, State({"web": observed})) == launch_configuration.Plan()


@given(strategies.launch_settings())
def test_everything_that_is_given_comes_back(settings):
    arguments = launch_settings.to_launch_configuration(settings)
    answer = aws_answers.created_launch_configuration({"LaunchConfigurationName": "web", **arguments})
    found = launch_settings.from_launch_configuration(answer)
    for name in launch_settings.FIELDS:
        given_value = getattr(settings, name)
        if given_value is not None and name not in ("instance_id", "metadata_options"):
            assert getattr(found, name) == given_value, name
    assert launch_differences.differences(settings, found) == ()


@given(strategies.launch_settings(), st.data())
def test_a_changed_field_is_a_difference(settings, data):
    """Every setting that is given is compared, and shows under its own name."""
    found = launch_settings.from_launch_configuration(
        aws_answers.created_launch_configuration(
            {"LaunchConfigurationName": "web", **launch_settings.to_launch_configuration(settings)}
        )
    )
    other = data.draw(strategies.launch_settings())
    for name in set(launch_settings.FIELDS) - {"instance_id", "volumes", "metadata_options"}:
        changed = getattr(other, name)
        one = replace(launch_settings.LaunchSettings(), **{name: changed})
        fields = [each.field for each in launch_differences.differences(one, found)]
        same = launch_differences.fingerprint(one) == launch_differences.fingerprint(
            replace(launch_settings.LaunchSettings(), **{name: getattr(found, name)})
        )
        assert fields == ([] if changed is None or same else [name])


@given(strategies.launch_settings(), strategies.launch_settings())
def test_fingerprints_are_equal_for_equal_settings_only(one, other):
    def plain(settings):
        profile = settings.instance_profile_name
        options = settings.metadata_options
        options = options and launch_settings.MetadataOptions(**options.completed())
        return replace(settings, instance_profile_name=profile and profile.rpartition("/")[2], metadata_options=options)

    equal = launch_differences.fingerprint(one) == launch_differences.fingerprint(other)
    assert equal == (plain(one) == plain(other))


@given(strategies.launch_settings(), st.data())
def test_fingerprint_changes_with_each_field(settings, data):
    other = data.draw(strategies.launch_settings())
    for name in set(launch_settings.FIELDS) - {"instance_profile_name", "metadata_options"}:
        changed = replace(settings, **{name: getattr(other, name)})
        same = getattr(changed, name) == getattr(settings, name)
        assert (launch_differences.fingerprint(changed) == launch_differences.fingerprint(settings)) == same, name


@given(
    strategies.volumes(),
    st.sets(st.sampled_from(["sg-1", "sg-2", "sg-3"])),
    st.text("aé\n", min_size=1, max_size=9),
    st.randoms(),
)
def test_fingerprint_does_not_depend_on_how_things_are_written(volumes, groups, text, random):
    listed, ids = [device.specified() for device in volumes], list(groups)
    one = {"volumes": listed, "security_groups": ids, "user_data": text, "instance_profile_name": "web"}
    shuffled, other_ids = random.sample(listed, len(listed)), random.sample(ids, len(ids))
    other = {
        "volumes": shuffled,
        "security_groups": other_ids + other_ids,
        "user_data_base64": user_data.UserData(text.encode()).encoded,
        "instance_profile_name": "arn:aws:iam::123456789012:instance-profile/ops/web",
    }
    prints = {launch_differences.fingerprint(launch_settings_options.from_params(each)) for each in (one, other)}
    assert len(prints) == 1


@given(strategies.launch_configuration_situations())
def test_arguments_stay_as_they_are(situation):
    before = copy.deepcopy(situation)
    target, answers, groups = situation
    state = state_of(answers, groups)
    plan = planned(target, state)
    copies = copy.deepcopy((state, plan))
    launch_configuration.predict(target, state, plan)
    rendered(state.configurations)
    launch_differences.fingerprint(target.settings)
    for each in state.configurations.values():
        launch_differences.differences(target.settings, each.settings)
        launch_settings.overlay(each.settings, target.settings)
    assert situation == before
    assert (state, plan) == copies


@given(strategies.launch_configuration_situations())
def test_results_are_json(situation):
    target, answers, groups = situation
    state = state_of(answers, groups)
    json.dumps(rendered(launch_configuration.predict(target, state, planned(target, state)).configurations))
