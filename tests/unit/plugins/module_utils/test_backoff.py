# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import backoff_until, retry_on
from botocore.exceptions import ClientError, EndpointConnectionError


def error(code="Throttling", message="Rate exceeded"):
    return ClientError({"Error": {"Code": code, "Message": message}}, "GetRole")


class Failing:
    """Fails so many times, then returns its arguments."""

    def __init__(self, times, raised=None):
        self.called = 0
        self._times, self._raised = times, raised or error()

    def __call__(self, *arguments, **named):
        self.called += 1
        if self.called <= self._times:
            raise self._raised
        return arguments, named


def test_backoff_without_time_is_one_look(clock):
    assert len(list(backoff_until(0))) == 1
    assert clock.slept == 0


def test_backoff_first_look_is_at_once(clock):
    next(iter(backoff_until(60)))
    assert clock.slept == 0


def test_backoff_pauses_grow_to_five_seconds(clock):
    looks = len(list(backoff_until(60)))
    assert looks == len(clock.pauses) + 1
    assert clock.pauses[0] == pytest.approx(0.1)
    assert clock.pauses[:-1] == sorted(clock.pauses[:-1])
    assert max(clock.pauses) == 5
    assert clock.slept == pytest.approx(60)


def test_backoff_counts_time_that_looks_take(clock):
    looks = 0
    for dummy in backoff_until(10):
        looks += 1
        clock.now += 4
    assert looks == 3
    assert clock.slept < 2


def test_retry_passes_arguments_and_result(clock):
    function = Failing(3)
    assert retry_on(lambda error: True, 60)(function)("a", name="web") == (("a",), {"name": "web"})
    assert function.called == 4


def test_retry_ends_with_the_time(clock):
    function = Failing(10**6)
    with pytest.raises(ClientError):
        retry_on(lambda error: True, 30)(function)()
    assert 30 <= clock.slept <= 35


def test_retry_without_time_is_one_call(clock):
    function = Failing(1)
    with pytest.raises(ClientError):
        retry_on(lambda error: True, 0)(function)()
    assert (function.called, clock.slept) == (1, 0)


def test_retry_of_other_code_is_one_call(clock):
    function = Failing(1, error("AccessDenied"))
    with pytest.raises(ClientError, match="AccessDenied"):
        retry_on(lambda error: error.response["Error"]["Code"] == "Throttling", 60)(function)()
    assert function.called == 1


def test_retry_of_other_exception_is_one_call(clock):
    function = Failing(1, EndpointConnectionError(endpoint_url="http://127.0.0.1"))
    with pytest.raises(EndpointConnectionError):
        retry_on(lambda error: True, 60)(function)()
    assert function.called == 1
