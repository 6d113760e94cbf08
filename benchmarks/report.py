# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of what was measured, and which goals are reached."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.measure import Used
from benchmarks.scenarios import CONTENDERS, SCENARIOS
from benchmarks.single import PAIRS

GOAL_APPLICATIONS, GOAL_LATENCY = 100, 0.08
FASTER = {"unchanged": 50, "new_image": 20, "bootstrap": 5}
BEHIND_BY_HAND, MEMORY, SINGLE_RATIO = 3, 400, 0.9
NOTHING = "-"


@dataclass(frozen=True)
class Run:
    """One measured run. ``who`` is a contender or a module, ``what`` a scenario, "start_up" or the pair of modules."""

    applications: int
    latency: float
    what: str
    who: str
    used: Used


class Results:
    def __init__(self, runs: Iterable[Run]) -> None:
        self.runs = list(runs)

    def of(self, what: str, who: str, applications: int | None = None, latency: float | None = None) -> list[Used]:
        return [
            run.used
            for run in self.runs
            if (run.what, run.who) == (what, who)
            and applications in (None, run.applications)
            and latency in (None, run.latency)
        ]

    def wall(self, what: str, who: str, applications: int, latency: float) -> float | None:
        """Seconds, the median of the runs; None if it wasn't measured."""
        found = self.of(what, who, applications, latency)
        return statistics.median(used.wall for used in found) if found else None

    def calls(self, what: str, who: str, applications: int, latency: float) -> int | None:
        """The most API calls of a run."""
        return max((used.calls for used in self.of(what, who, applications, latency)), default=None)

    def ratio(self, what: str, who: str, other: str, applications: int, latency: float) -> float | None:
        """How many times longer ``who`` takes than ``other``."""
        mine, others = (self.wall(what, name, applications, latency) for name in (who, other))
        return mine / others if mine and others else None


def _cell(found: list[Used]) -> str:
    if not found:
        return NOTHING
    wall, cpu = (statistics.median(getattr(used, name) for used in found) for name in ("wall", "cpu"))
    memory, calls = (max(getattr(used, name) for used in found) for name in ("memory", "calls"))
    return f"{wall:.2f} s / {cpu:.2f} s / {memory:.0f} MB / {calls}"


def _times(ratio: float | None) -> str:
    return NOTHING if ratio is None else f"{ratio:.1f}x"


def table(results: Results) -> str:
    """Markdown. Medians of times, maxima of memory and calls."""
    ours, peer, by_hand = "launchkit", "peer", "by_hand"
    head = ["Applications", "Latency", "Scenario", *(CONTENDERS[name].title for name in (ours, peer, by_hand))]
    rows = [[*head, "faster than the existing modules", "of the time by hand"]]
    places = sorted({(run.applications, run.latency) for run in results.runs})
    for number, latency in places:
        for what in SCENARIOS if number else ():
            cells = [_cell(results.of(what, who, number, latency)) for who in (ours, peer, by_hand)]
            if set(cells) == {NOTHING}:
                continue
            faster = _times(results.ratio(what, peer, ours, number, latency))
            behind = _times(results.ratio(what, ours, by_hand, number, latency))
            rows.append([str(number), f"{latency * 1000:.0f} ms", what.replace("_", " "), *cells, faster, behind])
    for latency in sorted({latency for _number, latency in places}):
        for pair in PAIRS:
            module, other = pair[0][0], pair[1][0]
            cells = [_cell(results.of(module, who, 0, latency)) for who in (module, other)]
            if set(cells) != {NOTHING}:
                faster = _times(results.ratio(module, other, module, 0, latency))
                title = f"{module} beside {other}, unchanged"
                rows.append(["one item", f"{latency * 1000:.0f} ms", title, *cells, NOTHING, faster, NOTHING])
    start_up = results.of("start_up", ours)
    if start_up:
        rows.append(
            [NOTHING, NOTHING, "ansible-playbook with one task that does nothing", _cell(start_up), *[NOTHING] * 4]
        )
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _goals_of_fleet(results: Results) -> Iterable[tuple[str, str, bool | None]]:
    number, latency = GOAL_APPLICATIONS, GOAL_LATENCY
    for what, wanted in FASTER.items():
        ratio = results.ratio(what, "peer", "launchkit", number, latency)
        goal = f"{what.replace('_', ' ')} at least {wanted}x faster than the existing modules"
        yield goal, _times(ratio), None if ratio is None else ratio >= wanted

    most = number // 20 + 10
    calls = results.calls("unchanged", "launchkit", number, latency)
    yield f"unchanged with at most {most} API calls", str(calls), None if calls is None else calls <= most

    goal = f"unchanged, less ansible-playbook's start-up, within {BEHIND_BY_HAND}x of the script's time"
    wall, start_up = (results.wall(what, "launchkit", number, latency) for what in ("unchanged", "start_up"))
    by_hand = results.wall("unchanged", "by_hand", number, latency)
    if wall is None or start_up is None or by_hand is None:
        yield goal, NOTHING, None
    else:
        behind = (wall - start_up) / by_hand
        yield goal, f"({wall:.2f} s - {start_up:.2f} s) / {by_hand:.2f} s = {_times(behind)}", behind <= BEHIND_BY_HAND

    goal = "unchanged at 1000 less than 100 times as long as at 10"
    small, large = (results.wall("unchanged", "launchkit", size, latency) for size in (10, 1000))
    growth = large / small if small and large else None
    yield goal, _times(growth), None if growth is None else growth < 100

    memory = [used.memory for what in SCENARIOS for used in results.of(what, "launchkit", 1000)]
    found = f"{max(memory):.0f} MB" if memory else NOTHING
    yield f"at 1000 applications less than {MEMORY} MB", found, max(memory) < MEMORY if memory else None


def _goals_of_modules(results: Results) -> Iterable[tuple[str, str, bool | None]]:
    for latency in sorted({run.latency for run in results.runs if not run.applications}):
        for pair in PAIRS:
            module, other = pair[0][0], pair[1][0]
            ours, theirs = (results.calls(module, who, 0, latency) for who in (module, other))
            ratio = results.ratio(module, module, other, 0, latency)
            if ours is None or theirs is None or ratio is None:
                continue
            place = f"{module} at {latency * 1000:.0f} ms"
            yield f"{place}: no more API calls than {other}", f"{ours} and {theirs}", ours <= theirs
            yield f"{place}: at most {SINGLE_RATIO} of its time", f"{ratio:.2f}", ratio <= SINGLE_RATIO


def goals(results: Results) -> tuple[list[str], bool]:
    """A line for each goal, and whether all that could be judged are reached."""
    words = {None: "not measured", True: "reached", False: "NOT REACHED"}
    judged = [*_goals_of_fleet(results), *_goals_of_modules(results)]
    lines = [
        f"- {words[reached]}: {goal}" + ("" if reached is None else f" ({found})") for goal, found, reached in judged
    ]
    return lines, all(reached is not False for _goal, _found, reached in judged)
