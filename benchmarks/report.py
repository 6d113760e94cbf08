# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The table of what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks import migration
from benchmarks.parts import CONTENDERS, PARTS, SCENARIOS
from benchmarks.results import Place, Results, Used, times

NOTHING = "-"
HEAD = (
    *("Applications", "Latency", "Scenario", "this collection", "script by hand", "existing modules"),
    *("faster than the existing modules", "of the time by hand"),
)


def _cell(runs: list[Used]) -> str:
    if not runs:
        return NOTHING
    wall, cpu = (statistics.median(getattr(used, name) for used in runs) for name in ("wall", "cpu"))
    memory, calls = (max(getattr(used, name) for used in runs) for name in ("memory", "calls"))
    return f"{wall:.2f} s / {cpu:.2f} s / {memory:.0f} MB / {calls}"


def _rows(results: Results, place: Place) -> Iterator[list[str]]:
    latency = f"{place.latency * 1000:.0f} ms"
    if place.part == "modules":
        pairs = dict.fromkeys(
            (run.what, run.who) for run in results.runs if run.part == "modules" and run.who != run.what
        )
        for module, other in pairs:
            ours, theirs = (_cell(results.of(place, module, who)) for who in (module, other))
            faster = times(results.ratio(place, module, other, module))
            yield ["one item", latency, f"{module} beside {other}, unchanged", ours, NOTHING, theirs, faster, NOTHING]
        return
    if place.part == "migration":
        for what, *dummy in migration.SCENARIOS:
            cell = _cell(results.of(place, what, "launchkit"))
            yield [f"{place.applications} groups", latency, what.replace("_", " "), cell, *[NOTHING] * 4]
        return
    groups = "" if not PARTS[place.part].has_groups else " with a group" if place.applications == 1 else " with groups"
    for what in (*SCENARIOS, "report"):
        cells = [_cell(results.of(place, what, who)) for who in CONTENDERS]
        if set(cells) == {NOTHING}:
            continue
        faster = times(results.ratio(place, what, "peer", "launchkit"))
        behind = times(results.ratio(place, what, "launchkit", "by_hand"))
        yield [f"{place.applications}{groups}", latency, what.replace("_", " "), *cells, faster, behind]


def table(results: Results) -> str:
    """Markdown. Medians of times, maxima of memory and calls."""
    rows = [list(HEAD), ["---"] * len(HEAD)]
    for place in results.places():
        rows += _rows(results, place)
    start_up = [run.used for run in results.runs if run.what == "start_up"]
    if start_up:
        title = "ansible-playbook with one task that does nothing"
        rows.append([NOTHING, NOTHING, title, _cell(start_up), *[NOTHING] * 4])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
