# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""User data holds secrets. Whatever the code makes of it for a person to see holds none of it, in no form."""

from __future__ import annotations

import base64
import json
import traceback
from datetime import timedelta

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import Outcome
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift, InvalidOption, StillInUse
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch import user_data
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import State
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, strategies
from hypothesis import given
from hypothesis import strategies as st

# What the content begins with occurs nowhere else in any form, so that a part of it is noticed as well.
MARK = b"S3cr3t"
SECRETS = st.builds(lambda content: UserData(MARK + content), st.binary(min_size=6, max_size=40))
NOW = aws_answers.CREATED + timedelta(minutes=1)


def forms(content):
    """The ways in which content can show in a text."""
    encoded = base64.b64encode(content).decode("ascii").rstrip("=")
    found = [
        content.hex(),
        encoded,
        encoded[:-2],
        repr(content)[2:-1],
        content.decode("latin-1"),
        content.decode("utf-8", "replace"),
    ]
    return found + [json.dumps(each)[1:-1] for each in found]


def assert_hidden(secret, *texts):
    shown = forms(MARK) + forms(secret.content)
    for text in texts:
        assert not [form for form in shown if form in text]


def texts_of(value):
    return repr(value), str(value)


@given(SECRETS)
def test_the_forms_would_be_noticed(secret):
    """The test of the test: content in each of its forms is found."""
    for form in (
        secret.encoded,
        secret.content.hex(),
        str(secret.content),
        json.dumps(secret.content.decode("latin-1")),
    ):
        with pytest.raises(AssertionError):
            assert_hidden(secret, f"before {form} after")


@given(SECRETS, strategies.launch_settings())
def test_settings(secret, settings):
    settings = launch_settings.LaunchSettings(**{**settings.__dict__, "user_data": secret})
    assert_hidden(secret, *texts_of(secret), *texts_of(settings), launch_differences.fingerprint(settings))
    found = launch_settings.from_launch_configuration({"UserData": secret.encoded})
    assert_hidden(secret, *texts_of(found))
    for wanted, actual in (
        (settings, launch_settings.from_launch_configuration({})),
        (launch_settings.LaunchSettings(user_data=UserData(b"")), found),
    ):
        assert_hidden(secret, *texts_of(launch_differences.differences(wanted, actual)))


@given(SECRETS, strategies.launch_configuration_situations())
def test_plans_errors_and_results(secret, situation):
    """The same secret in what is asked for and in everything that is there, with one byte of difference."""
    target, answers, groups = situation
    settings = launch_settings.LaunchSettings(**{**target.settings.__dict__, "user_data": secret})
    target = launch_configuration.Target(**{**target.__dict__, "settings": settings})
    there = UserData(secret.content + b"!").encoded
    found = (launch_configuration.from_api({**answer, "UserData": there}) for answer in answers.values())
    state = State({each.name: each for each in found}, groups, NOW)
    assert_hidden(secret, *texts_of(target), *texts_of(state))
    try:
        plan = launch_configuration.plan(target, state)
    except (Drift, StillInUse) as error:
        assert_hidden(
            secret,
            *texts_of(error),
            error.message,
            json.dumps(error.details),
            "".join(traceback.format_exception(error)),
        )
        return
    for call in plan.calls:
        assert_hidden(secret, *texts_of(call), *texts_of(call.undo), *texts_of(call.needs))
    after = launch_configuration.predict(target, state, plan)
    outcome = Outcome(bool(plan.calls), state, after, plan.warnings)
    result = json.dumps(launch_configuration.result(target, outcome))
    assert_hidden(secret, *texts_of(plan), *texts_of(outcome), *plan.warnings, result)


@given(SECRETS)
def test_refusals(secret):
    """Too much of it, or what is not base64 but was meant to be."""
    text = secret.content.decode("latin-1")
    for params in (
        {"user_data": text * 16384},
        {"user_data_base64": f"{secret.encoded}%"},
        {"user_data_base64": f"{text}%"},
    ):
        with pytest.raises(InvalidOption) as raised:
            user_data.from_params(params, 16383)
        # Not the chain, but what it says: the lines of code in a traceback of the tests hold the mark.
        chain = (raised.value, raised.value.__cause__, raised.value.__context__)
        assert_hidden(secret, raised.value.message, *(str(each) for each in chain))


@given(SECRETS)
def test_what_aws_has_and_is_not_base64(secret):
    with pytest.raises(ValueError, match=r"^not base64$") as raised:
        user_data.from_base64(f"{secret.encoded}%")
    assert_hidden(secret, *texts_of(raised.value))
