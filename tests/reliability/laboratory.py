# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs of modules in this process, in which waiting takes a thousandth of its time."""

from __future__ import annotations

import base64
import contextlib
import functools
import io
import json
import threading
import time

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import clients
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.tests.reliability.wire import READING, Wire
from ansible_collections.launchkit.aws.tests.unit.module_arguments import patch_module_args

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY

# One attempt more, as at AWS; botocore's own pauses are not what is tested.
CONFIG = {"retries": {"mode": "standard", "total_max_attempts": 2}}
SHORTER = 1000
# Seconds after which everyone sees a role.
OLD = 3600
USER_DATA = "correct-horse-battery"
# In no result may user data appear, nor as AWS returns it.
SECRETS = (USER_DATA, base64.b64encode(USER_DATA.encode()).decode())


class ShortTime:
    """Stands in for the module ``time``: each thread sleeps briefly and finds that all of it has passed.

    :ivar passed: takes the seconds of each sleep; None for nobody.
    """

    def __init__(self):
        self._skipped = threading.local()
        self.passed = None

    def sleep(self, seconds):
        """Sleep for a thousandth."""
        if self.passed:
            self.passed(seconds)
        self._skipped.seconds = getattr(self._skipped, "seconds", 0.0) + seconds
        time.sleep(seconds / SHORTER)

    def monotonic(self):
        """Return the time that this thread has seen pass."""
        return time.monotonic() + getattr(self._skipped, "seconds", 0.0)

    time = staticmethod(time.time)


class SharedSession:
    """A session that several threads make clients from, which boto3's own is not for."""

    def __init__(self, session):
        self._session, self._lock = session, threading.Lock()

    def client(self, *arguments, **options):
        """Return a client."""
        with self._lock:
            return self._session.client(*arguments, **options)


@functools.cache
def wired_session():
    """Return the session of all runs, since reading service models is most of what a run does, and its wire."""
    wire, session = Wire(), new_session(None)
    session.events.register("before-send", wire.before_send)
    return SharedSession(session), wire


new_session = clients._new_session


class Laboratory:
    """An account, and runs of modules on it.

    :param aws: the embedded AWS.
    :param short: the :class:`ShortTime` of the code under test.
    :ivar endpoint: what the modules call; the embedded AWS, unless something stands before it.
    """

    def __init__(self, aws, short):
        self.aws = aws
        self.endpoint = aws.url
        self.time = short
        self.wire = wired_session()[1]

    def arguments(self, parameters):
        """Return the options of a module with those of the connection."""
        connection = {
            "endpoint_url": self.endpoint,
            "region": REGION,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
        }
        return {"aws_config": CONFIG, **connection, **parameters}

    def run(self, module, check_mode=False, **parameters):
        """Run a module's ``main()`` as Ansible does, and return its result."""
        given = {"_ansible_check_mode": check_mode, **self.arguments(parameters)}
        output = io.StringIO()
        with patch_module_args(given), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
            module.main()
        assert not any(secret in output.getvalue() for secret in SECRETS), f"shows user data: {output.getvalue()}"
        return json.loads(output.getvalue())

    def prepared(self, module, **parameters):
        """Return a function that runs a module, and returns its result or the error that ended it; for threads."""
        caught = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(entry, "run", lambda module, function: caught.append((module, function)))
            with patch_module_args(self.arguments(parameters)):
                module.main()
        ((prepared, function),) = caught

        def run():
            try:
                return function(prepared)
            except LaunchkitError as error:
                return error

        return run

    def without_faults(self):
        """End all faults."""
        self.wire.strike = self.time.passed = None
        self.aws.control("DELETE", "faults")
        self.aws.control("DELETE", "settings")

    def let_iam_be_late(self, seconds, share):
        """Show a role or profile only some seconds after its creation. Seconds pass as the code sleeps.

        :param share: of the reads before that miss it.
        """
        self.aws.set(iam_delay=seconds, iam_list_delay=seconds, iam_miss_rate=share, profile_delay=seconds)
        self.time.passed = self.pass_time

    def pass_time(self, seconds):
        """Let the account's roles and profiles be older."""
        self.aws.action("pass_time", seconds=seconds)

    def writes(self):
        """Return the calls since the log was emptied that changed something."""
        return [
            call
            for call in self.aws.calls()
            if not call["operation"].startswith(READING) and call["outcome"].startswith("ok")
        ]
