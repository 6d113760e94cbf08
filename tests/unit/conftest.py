# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the unit tests share: Hypothesis' settings, a clock that nobody waits for, and a script of AWS's answers."""

from __future__ import annotations

import copy
import random
import time

import boto3
import pytest
from ansible_collections.launchkit.aws.tests.unit.main_of import call_main
from botocore import xform_name
from botocore.stub import Stubber
from hypothesis import settings

# The same examples on every run, so that what passes here passes in CI. `pytest --hypothesis-profile=explore` looks further.
settings.register_profile("repeatable", max_examples=30, deadline=None, derandomize=True, database=None)
settings.register_profile("quick", max_examples=3, deadline=None, derandomize=True, database=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile("repeatable")

CONNECTION = {
    "region_name": "us-east-1",
    "aws_access_key_id": "fake-access-key",
    "aws_secret_access_key": "not-a-secret",
}


class Clock:
    """Time that passes by sleeping only, and at once."""

    def __init__(self):
        self.now = 1000.0
        self.pauses = []

    @property
    def slept(self):
        """All seconds slept so far."""
        return sum(self.pauses)

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds
        assert self.slept < 3600, "something waits for ever"


@pytest.fixture
def clock(monkeypatch):
    """A clock in place of the machine's; random pauses are as long as they can be."""
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    return clock


@pytest.fixture(scope="session")
def real_clients():
    """service -> botocore's own client, which a Stubber keeps from the network."""
    session = boto3.session.Session()
    return {service: session.client(service, **CONNECTION) for service in ("iam", "autoscaling", "ec2", "sts")}


class Script:
    """AWS's answers in the order in which they are expected, and what was sent for them. Stands in for ``Clients``."""

    def __init__(self, clients):
        self._clients = clients
        self._stubbers = {}
        self._endless = set()
        self.sent = []  # (operation, parameters as they go over the wire)

    def __call__(self, service):
        self._stubber(service)
        return self._clients[service]

    @property
    def services(self):
        """The services that were used."""
        return sorted(self._stubbers)

    @property
    def operations(self):
        """The operations that were called, in boto3's words."""
        return [operation for operation, dummy in self.sent]

    def answer(self, service, operation, response=None, **parameters):
        """Expect a call, with these parameters if any are given, and answer it."""
        # A copy, since botocore reads the policies in it in place.
        self._stubber(service).add_response(operation, copy.deepcopy(response or {}), parameters or None)

    def refuse(self, service, operation, code, message="", times=1, **parameters):
        """Expect a call, as often as said, and answer it with an error."""
        for dummy in range(times):
            self._stubber(service).add_client_error(operation, code, message, expected_params=parameters or None)

    def refuse_for_ever(self, service, operation, code, message=""):
        """Answer this and all further calls with an error."""
        self._endless.add(service)
        self.refuse(service, operation, code, message, times=400)

    def answer_for_ever(self, service, operation, response):
        """Answer this and all further calls alike."""
        self._endless.add(service)
        for dummy in range(400):
            self.answer(service, operation, response)

    def close(self):
        for service, stubber in self._stubbers.items():
            stubber.deactivate()
            self._clients[service].meta.events.unregister("before-call.*.*", self._record)
            if service not in self._endless:
                stubber.assert_no_pending_responses()

    def _stubber(self, service):
        if service not in self._stubbers:
            self._stubbers[service] = Stubber(self._clients[service])
            self._stubbers[service].activate()
            # After activate(), so that it comes before the answer.
            self._clients[service].meta.events.register_first("before-call.*.*", self._record)
        return self._stubbers[service]

    def _record(self, model, params, **dummy):
        self.sent.append((xform_name(model.name), dict(params["body"])))


@pytest.fixture
def script(real_clients):
    """An empty script; what it holds has to be used up by the end of the test."""
    script = Script(real_clients)
    yield script
    script.close()


class Sessions:
    """Counts the sessions and clients that are made, and hands out scripted clients."""

    def __init__(self, script):
        self._script = script
        self.made = 0
        self.clients = []

    def __call__(self, *dummy, **dummy_arguments):
        self.made += 1
        return self

    def client(self, service, *dummy, **dummy_arguments):
        self.clients.append(service)
        return self._script(service)


@pytest.fixture
def sessions(monkeypatch, script):
    """Stands in for boto3's sessions."""
    sessions = Sessions(script)
    monkeypatch.setattr(boto3.session, "Session", sessions)
    return sessions


@pytest.fixture
def run_module(monkeypatch, capsys, sessions, clock):
    """Run a module as Ansible does, within this process and on the scripted answers, and return its result."""
    for name in ("AWS_PROFILE", "AWS_URL", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(module, **parameters):
        credentials = {
            "region": CONNECTION["region_name"],
            "access_key": CONNECTION["aws_access_key_id"],
            "secret_key": CONNECTION["aws_secret_access_key"],
        }
        return call_main(module, monkeypatch, capsys, **{**credentials, **parameters})

    return run
