# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A part of the fault matrix with faults that others wrote: microburst, a proxy, stands before the embedded AWS."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.judgement import judge
from ansible_collections.launchkit.aws.tests.reliability.scenarios import SCENARIOS
from ansible_collections.launchkit.aws.tests.reliability.test_fault_matrix import record

pytestmark = pytest.mark.skipif(table.SAMPLE > 1, reason="make test-reliability runs it")
MICROBURST = Path(sys.executable).parent / "microburst"
EC2 = "ec2"
NAMES = ("profile: create", "profile: swap role", "launch template: new version, prune", "migration", "fleet: create")
PART = [scenario for scenario in SCENARIOS if scenario.name in NAMES]


class Rule(NamedTuple):
    """A rule of microburst.

    :param action: what it does, by service where services differ.
    :param times: how often; 0 for ever.
    """

    name: str
    action: dict
    times: int
    is_temporary: bool


THROTTLED = {EC2: {"code": "RequestLimitExceeded", "status": 503}, "*": {"code": "Throttling", "status": 400}}
RULES = (
    Rule("throttled once", THROTTLED, 1, True),
    Rule("throttled 5 times", THROTTLED, 5, True),
    Rule("throttled for ever", THROTTLED, 0, False),
    Rule("error 500, once", {"*": {"code": "InternalFailure", "status": 500}}, 1, True),
    Rule("error 500, for ever", {"*": {"code": "InternalFailure", "status": 500}}, 0, False),
    Rule(
        "access denied",
        {EC2: {"code": "UnauthorizedOperation", "status": 403}, "*": {"code": "AccessDenied"}},
        0,
        False,
    ),
    Rule("reset, once", {"reset": True}, 1, True),
    Rule("reset, for ever", {"reset": True}, 0, False),
    Rule("gateway timeout, once", {"timeout_ms": 1}, 1, True),
    Rule("truncated, once", {"response": {"truncate_frac": 0.5}}, 1, False),
    Rule("connection ends in the answer, once", {"response": {"abort_frac": 0.3}}, 1, False),
    Rule("corrupt answer, once", {"response": {"corrupt_bytes": 16}}, 1, False),
)


class Microburst:
    """A running proxy before an endpoint."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"

    def request(self, method, page, content=None):
        """Return the answer of its control API."""
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(
            f"{self.url}/_microburst/{page}", data=body, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def set(self, rule, operation):
        """Let an operation fail."""
        common = {"operation": operation, **({"times": rule.times} if rule.times else {})}
        if "*" in rule.action:
            rules = [{"service": service, "error": error, **common} for service, error in rule.action.items()]
        else:
            rules = [{"service": "*", **rule.action, **common}]
        self.request("POST", "rules", rules)
        self.request("DELETE", "fired")


@pytest.fixture(scope="module")
def microburst(embedded_aws_server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    proxy = Microburst(port)
    command = [MICROBURST, "--upstream", embedded_aws_server.url, "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _attempt in range(300):
                try:
                    proxy.request("GET", "health")
                    break
                except OSError:
                    time.sleep(0.1)
            yield proxy
        finally:
            process.terminate()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("scenario", PART, ids=lambda scenario: scenario.name)
def test_fault_of_microburst(laboratory, request, scenario, rule):
    before, reference, operations = record(laboratory, scenario)
    chosen = [each for each in operations if table.is_chosen("microburst", scenario.name, rule.name, each)]
    wrong = []
    for operation in chosen:
        proxy = request.getfixturevalue("microburst")
        scenario.begin(laboratory)
        proxy.set(rule, operation)
        laboratory.endpoint = proxy.url
        result = scenario.run(laboratory)
        problems = [] if proxy.request("GET", "fired") else ["microburst did nothing"]
        proxy.request("POST", "rules", [])
        laboratory.endpoint = laboratory.aws.url
        judged = {"operation": operation, "is_temporary": rule.is_temporary}
        problems += judge(laboratory, scenario, before, reference, result, **judged)
        table.count("microburst", scenario.name, rule.name, [f"{operation}: {each}" for each in problems])
        wrong += [f"{operation}: {each}" for each in problems]
    assert not wrong, "\n".join(wrong)
