# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Faults by operation: what can go wrong between a client and AWS, on demand and repeatable."""

from __future__ import annotations

import random
import threading
from dataclasses import asdict, dataclass
from typing import Any

from .exchange import Exchange
from .moto_setup import ACCOUNT
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
# A session that has ended. Source: the common-error pages of each service's API reference; EC2's page of error codes.
EXPIRED = {
    "ec2": ("RequestExpired", 400, "Request has expired."),
    "ssm": ("ExpiredTokenException", 400, "The security token included in the request is expired"),
}
DEFAULT_EXPIRED = ("ExpiredToken", 403, "The security token included in the request is expired")
DENIED = {"ec2": "UnauthorizedOperation", "ssm": "AccessDeniedException"}
ERRORS = ("throttle", "error", "access_denied", "expired_token")
CONNECTION = ("reset_before", "reset_after", "timeout_before", "timeout_after")
BODIES = ("truncated", "empty", "html", "not_xml")
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
KINDS = (*ERRORS, *CONNECTION, *BODIES, "latency")


@dataclass
class Fault:
    """One fault. ``operation`` and ``service`` ``*`` mean any.

    ``times`` is how often it strikes (0: without end) after ``skip`` matching calls went by untouched, each time with
    ``probability`` (seeded by the setting ``seed``). ``error`` takes ``code``, ``message`` and ``status``, without them
    it is the service's own 500. ``latency`` takes ``seconds``. The kinds of ``BODIES`` replace the body of the answer;
    with ``effect`` false nothing was done, and ``status`` replaces the status, as of a proxy.
    """

    kind: str
    operation: str = "*"
    service: str = "*"
    times: int = 1
    skip: int = 0
    probability: float = 1.0
    code: str = ""
    message: str = ""
    status: int = 0
    effect: bool = True
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
    if fault.kind in CONNECTION:
        what, _separator, when = fault.kind.partition("_")
        setattr(exchange, when, what)
    elif fault.kind in BODIES:
        exchange.body = fault
    else:
        code, status, message = _error(fault.kind, exchange)
        exchange.error = Refusal(fault.code or code, fault.message or message, fault.status or status)


def _error(kind: str, exchange: Exchange) -> tuple[str, int, str]:
    """Code, status and text of an error in the service's own words."""
    service = exchange.service
    if kind == "throttle":
        return THROTTLING.get(service, DEFAULT_THROTTLING)
    if kind == "expired_token":
        return EXPIRED.get(service, DEFAULT_EXPIRED)
    if kind == "access_denied":
        action = f"{service}:{exchange.operation}"
        text = f"User: {ROOT} is not authorized to perform: {action} because no identity-based policy allows the {action} action"
        start = "You are not authorized to perform this operation. " if service == "ec2" else ""
        return DENIED.get(service, "AccessDenied"), 400 if service == "ssm" else 403, start + text
    code, message = INTERNAL.get(service, DEFAULT_INTERNAL)
    return code, 500, message


FAULTS = Faults()
