# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Observing and calling again under a named timeout. The pauses are amazon.aws's back-off.
Private to the collection: names and shapes can change in any release."""

import time
from itertools import repeat

from ansible_collections.amazon.aws.plugins.module_utils.cloud import BackoffIterator
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
GROWTH = 1.6


def backoff_until(timeout, interval=None):
    """Yield at once, and then again after each pause until ``timeout`` seconds have passed; once for 0.

    :param interval: the seconds of each pause; None for ever longer pauses.
    """
    deadline = time.monotonic() + timeout
    yield
    for pause in BackoffIterator(FIRST_PAUSE, GROWTH, LONGEST_PAUSE) if interval is None else repeat(interval):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return
        time.sleep(min(pause, remaining))
        yield


def retry_on(is_retryable, timeout):
    """Return a decorator that calls a function again until ``timeout`` seconds have passed.

    :param is_retryable: takes a ``ClientError`` and returns whether the same call may succeed later.
    """
    deadline = time.monotonic() + timeout

    def found(error, dummy_extra_codes):
        return time.monotonic() < deadline and is_retryable(error)

    return AWSRetry.base_decorator(
        retries=-1,  # the deadline ends it, not a count
        found=found,
        status_code_from_exception=lambda error: error,
        catch_extra_error_codes=None,
        sleep_time_generator=BackoffIterator(FIRST_PAUSE, GROWTH, LONGEST_PAUSE, jitter=True),
    )
