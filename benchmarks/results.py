# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the runs used, and the figures that the table and the goals need. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Used:
    """What one command used. ``memory`` is that of its largest process."""

    wall: float = field(metadata={"unit": "s"})
    cpu: float = field(metadata={"unit": "s"})
    memory: float = field(metadata={"unit": "MB"})
    calls: int
    operations: dict[str, int]


@dataclass(frozen=True)
class Run:
    """One measured run.

    ``part`` is a part of the benchmark; ``what`` is a scenario, "start_up", "report" or, in the part "modules", our module of the pair;
    ``who`` is a contender or, in the part "modules", the module that ran.
    """

    part: str
    applications: int
    latency: float
    what: str
    who: str
    used: Used


@dataclass(frozen=True)
class Place:
    """Where runs are comparable: same part, number of applications and seconds of latency."""

    part: str
    applications: int
    latency: float


class Results:
    def __init__(self, runs: Iterable[Run]) -> None:
        self.runs = list(runs)

    def places(self) -> list[Place]:
        """All places that were measured, in the order of the first run in each."""
        return list(dict.fromkeys(Place(run.part, run.applications, run.latency) for run in self.runs))

    def of(self, place: Place, what: str, who: str) -> list[Used]:
        return [
            run.used
            for run in self.runs
            if (run.what, run.who) == (what, who) and Place(run.part, run.applications, run.latency) == place
        ]

    def wall(self, place: Place, what: str, who: str) -> float | None:
        """Seconds, the median of the runs; None if it was not measured."""
        runs = self.of(place, what, who)
        return statistics.median(used.wall for used in runs) if runs else None

    def calls(self, place: Place, what: str, who: str) -> int | None:
        """The most API calls of a run; None if it was not measured."""
        return max((used.calls for used in self.of(place, what, who)), default=None)

    def ratio(self, place: Place, what: str, who: str, other: str) -> float | None:
        """How many times longer ``who`` takes than ``other``."""
        return quotient(self.wall(place, what, who), self.wall(place, what, other))


def quotient(value: float | None, divisor: float | None) -> float | None:
    """None if one of them was not measured."""
    return value / divisor if value is not None and divisor else None


def times(ratio: float | None) -> str:
    return "-" if ratio is None else f"{ratio:.2f}x" if ratio < 10 else f"{ratio:.0f}x"
