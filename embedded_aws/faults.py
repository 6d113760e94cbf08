# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Faults by operation: what can go wrong between a client and AWS, on demand and repeatable."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass
from typing import Any

from .exchange import Exchange
from .registry import Refusal
from .settings import SETTINGS

# Throttling is spelled differently by service: IAM and Auto Scaling say Throttling, EC2 says RequestLimitExceeded.
# Source: the common-error pages of each service's API reference, and botocore's retry table (_retry.json).
THROTTLING = {
    "ec2": ("RequestLimitExceeded", 503, "Request limit exceeded."),
    "ssm": ("ThrottlingException", 400, "Rate exceeded"),
}
DEFAULT_THROTTLING = ("Throttling", 400, "Rate exceeded")
INTERNAL = {
    "iam": ("ServiceFailure", "The request processing has failed because of an unknown error, exception or failure."),
    "autoscaling": (
        "InternalFailure",
        "The request processing has failed because of an unknown error, exception or failure.",
    ),
    "ec2": ("InternalError", "An internal error has occurred"),
}
DEFAULT_INTERNAL = ("InternalFailure", "The request processing has failed because of an unknown error.")
KINDS = ("throttle", "error", "reset_before", "reset_after", "latency")


@dataclass
class Fault:
    """One fault. ``operation`` and ``service`` ``*`` mean any.

    ``times`` is how often it strikes (0: without end) after ``skip`` matching calls went by untouched, each time with
    ``probability`` (seeded by the setting ``seed``). ``error`` takes ``code``, ``message`` and ``status``, without them
    it is the service's own 500. ``latency`` takes ``seconds``.
    """

    kind: str
    operation: str = "*"
    service: str = "*"
    times: int = 1
    skip: int = 0
    probability: float = 1.0
    code: str = ""
    message: str = ""
    status: int = 500
    seconds: float = 0.0
    struck: int = 0

    def matches(self, exchange: Exchange) -> bool:
        if self.times and self.struck >= self.times:
            return False
        return self.operation in ("*", exchange.operation) and self.service in ("*", exchange.service)


class Faults:
    """The faults that are set, in order; of several that match, the first strikes (latency besides)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._faults: list[Fault] = []
            self._random = random.Random(SETTINGS.seed)

    def add(self, description: dict[str, Any]) -> None:
        """Set one fault. Raises ValueError when the description is wrong."""
        try:
            fault = Fault(**description)
        except TypeError as error:
            raise ValueError(f"not a fault: {error}") from None
        if fault.kind not in KINDS:
            raise ValueError(f"no fault is called {fault.kind!r}; there are: {', '.join(KINDS)}")
        with self._lock:
            self._faults.append(fault)

    def as_list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def strike(self, exchange: Exchange) -> float:
        """Note on the exchange what goes wrong with it; returns the latency to add, in seconds."""
        delay = SETTINGS.latency
        if not self._faults:
            return delay
        with self._lock:
            done = False
            for fault in self._faults:
                if (done and fault.kind != "latency") or not fault.matches(exchange):
                    continue
                if fault.skip > 0:
                    fault.skip -= 1
                    continue
                if fault.probability < 1 and self._random.random() >= fault.probability:
                    continue
                fault.struck += 1
                if fault.kind == "latency":
                    delay += fault.seconds
                else:
                    done = True
                    _apply(fault, exchange)
        return delay


def _apply(fault: Fault, exchange: Exchange) -> None:
    if fault.kind == "reset_before":
        exchange.reset_before = True
    elif fault.kind == "reset_after":
        exchange.reset_after = True
    elif fault.kind == "throttle":
        code, status, message = THROTTLING.get(exchange.service, DEFAULT_THROTTLING)
        exchange.error = Refusal(fault.code or code, fault.message or message, status)
    else:
        code, message = INTERNAL.get(exchange.service, DEFAULT_INTERNAL)
        exchange.error = Refusal(fault.code or code, fault.message or message, fault.status)


FAULTS = Faults()
