# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Observing and calling again under a named timeout. The pauses are amazon.aws's back-off.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

import time

from ansible_collections.amazon.aws.plugins.module_utils.cloud import BackoffIterator
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 5.0
GROWTH = 1.6


def backoff_until(timeout):
    """Yield at once, and then again after ever longer pauses until ``timeout`` seconds have passed.

    :param timeout: seconds; with 0 it yields once.
    """
    deadline = time.monotonic() + timeout
    yield
    for pause in BackoffIterator(FIRST_PAUSE, GROWTH, LONGEST_PAUSE):
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return
        time.sleep(min(pause, remaining))
        yield


def every(interval, timeout):
    """Yield at once, and then again after each interval until ``timeout`` seconds have passed, and once more then.

    :param interval: seconds.
    """
    deadline = time.monotonic() + timeout
    yield
    while (remaining := deadline - time.monotonic()) > 0:
        time.sleep(min(interval, remaining))
        yield


def retry_on(is_retryable, timeout):
    """Decorate a function to be called again on the botocore client errors that pass by themselves.

    :param is_retryable: takes the ``ClientError``, tells whether the same call may succeed later.
    :param timeout: seconds after which the error is raised after all.
    :returns: a decorator.
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
