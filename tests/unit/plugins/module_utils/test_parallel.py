# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import threading
from functools import partial

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.parallel import concurrently


@pytest.mark.parametrize("concurrency", [0, 1, 2, 100])
@pytest.mark.parametrize("number", [0, 1, 2, 5])
def test_concurrently_returns_results_in_order(concurrency, number):
    functions = (partial(str, index) for index in range(number))
    assert concurrently(concurrency, functions) == [str(index) for index in range(number)]


def test_concurrently_calls_functions_at_the_same_time():
    meeting = threading.Barrier(3, timeout=10)
    assert sorted(concurrently(3, [meeting.wait] * 3)) == [0, 1, 2]


def test_concurrently_raises_the_first_error_at_the_end():
    ended = []

    def end(number):
        ended.append(number)
        if number:
            raise ValueError(number)

    with pytest.raises(ValueError, match="1"):
        concurrently(2, [partial(end, number) for number in (0, 1, 2)])
    assert sorted(ended) == [0, 1, 2]
