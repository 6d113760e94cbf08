# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What happens between botocore and the server: calls that time out, and a process that ends."""

from __future__ import annotations

import contextlib
import os
import signal
import threading

from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

READING = ("Describe", "Get", "List")


class Wire:
    """Strikes requests as botocore is about to send them.

    :ivar strike: takes an operation and a function that sends the request, and returns None or raises; None for no strike.
    """

    def __init__(self):
        self.strike = None

    def before_send(self, request, event_name, **dummy):
        """Handle botocore's event ``before-send``."""
        if self.strike is None:
            return None
        return self.strike(event_name.rpartition(".")[2], lambda: URLLib3Session().send(request))


class Timeouts:
    """Calls of an operation that get no answer, before or after they took effect.

    :param times: how many; 0 for all.
    """

    def __init__(self, operation, *, after, times):
        self._operation, self._after, self._times = operation, after, times
        self.struck = 0

    def __call__(self, operation, send):
        if operation != self._operation or 0 < self._times <= self.struck:
            return
        self.struck += 1
        if self._after:
            send()
        raise ReadTimeoutError(endpoint_url="the embedded AWS")


class Crash:
    """The end of the process, or of its connection, before or after its n-th call that changes something.

    :param number: counted from 0.
    :param end: ends the process, or raises what this call and all after it raise.
    """

    def __init__(self, number, *, after, end):
        self._number, self._after, self._end = number, after, end
        self._lock = threading.Lock()
        self._count = 0
        self.has_ended = False

    def __call__(self, operation, send):
        with self._lock:
            if self.has_ended:
                self._end()
            if operation.startswith(READING):
                return
            self._count += 1
            if self._count <= self._number:
                return
            self.has_ended = True
            if self._after:
                send()
            self._end()


def kill():
    """End this process as a machine does that is switched off."""
    os.kill(os.getpid(), signal.SIGKILL)


def lose_connection():
    """Raise what botocore raises once nothing is reached any more."""
    raise EndpointConnectionError(endpoint_url="the embedded AWS")


class SideBySide:
    """Runs in threads whose first changes wait for those of the others: each has looked before any changes something.

    :param number: of runs.
    :param changes: how many changes of each run wait.
    """

    def __init__(self, number, changes=1):
        self._barrier = threading.Barrier(number)
        self._changes = changes
        self._seen = threading.local()

    def __call__(self, operation, send):
        count = getattr(self._seen, "count", 0)
        if operation.startswith(READING) or count == self._changes:
            return
        self._seen.count = count + 1
        # A run that has nothing to change keeps nobody waiting.
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait(2)
