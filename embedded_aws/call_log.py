# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The log of every request that the embedded AWS answered."""

from __future__ import annotations

import collections
import threading
import time
from typing import Any, NamedTuple

from .exchange import Exchange

KEEP = 100_000


class Entry(NamedTuple):
    """``time`` is Unix time in seconds, ``duration`` seconds, ``outcome`` ok, an error code, or what a fault did.

    ``demanded`` are the actions that an identity policy has to allow for the call, while authorization is on.
    """

    time: float
    duration: float
    service: str
    operation: str
    region: str
    principal: str
    access_key: str
    main_argument: str
    outcome: str
    demanded: list[str]


class CallLog:
    """The latest ``KEEP`` entries, and exact counts of all calls since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        with self._lock:
            self._entries: collections.deque[Entry] = collections.deque(maxlen=KEEP)
            self._counts: collections.Counter[str] = collections.Counter()

    def add(self, exchange: Exchange) -> None:
        entry = Entry(
            exchange.started, time.time() - exchange.started, exchange.service, exchange.operation, exchange.region,
            exchange.principal, exchange.access_key, exchange.main_argument, exchange.outcome, exchange.demanded,
        )  # fmt: skip
        with self._lock:
            self._entries.append(entry)
            self._counts[f"{entry.service}:{entry.operation}"] += 1

    def read(self, service: str = "", operation: str = "", outcome: str = "") -> list[dict[str, Any]]:
        with self._lock:
            entries = list(self._entries)
        return [
            entry._asdict()
            for entry in entries
            if service in ("", entry.service) and operation in ("", entry.operation) and outcome in ("", entry.outcome)
        ]

    def counts(self) -> dict[str, Any]:
        with self._lock:
            return {"total": sum(self._counts.values()), "operations": dict(sorted(self._counts.items()))}


CALL_LOG = CallLog()
