# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Applications with this collection, with a playbook of existing modules, and with a script written by hand.

Run from the repository root: ``make benchmark``, or ``make benchmark ARGUMENTS="--applications 10 --latency 0"``. Each
runs on an embedded AWS, which counts the calls and adds the latency. Prints one table and the goals; ends with 1 if a measured
goal is not reached. The results are in .build/benchmark afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import migration, scenarios, single
from benchmarks.goals import goals
from benchmarks.measure import FOLDER, ROOT, Bench, Failed, about, bench
from benchmarks.parts import CONTENDERS, PARTS, SCENARIOS, Part
from benchmarks.report import table
from benchmarks.results import Results, Run

# Rough seconds on two cores, for the expected time: of start and end, and of one application in four scenarios without a group,
# and the calls of one application that wait for each other there.
SECONDS = {"launchkit": (25, 0.2, 3), "by_hand": (12, 0.06, 1), "peer": (4, 9.5, 42)}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)

    def choice(name: str, choices: tuple[str, ...], what: str) -> None:
        parser.add_argument(
            name, nargs="+", default=list(choices), choices=choices, metavar=name.strip("-").upper(), help=what
        )

    parts = "; ".join(
        [
            *(f"{name}: {part.text}" for name, part in PARTS.items()),
            "modules: single modules, unchanged",
            "migration: groups to launch templates",
        ]
    )
    choice("--only", (*PARTS, "modules", "migration"), f"the parts to measure (default: all). {parts}")
    parser.add_argument(
        "--applications", nargs="+", type=int, metavar="NUMBER",
        help="how many applications (default: 10, 100 and 1000, with groups 100; existing modules: at most 100)",
    )  # fmt: skip
    parser.add_argument(
        "--latency", nargs="+", type=int, default=[0, 80], help="milliseconds added to each call (default: 0 80)"
    )
    choice("--scenarios", SCENARIOS, f"of {', '.join(SCENARIOS)} (default: all that a part has)")
    choice("--contenders", CONTENDERS, f"of {', '.join(CONTENDERS)} (default: all)")
    parser.add_argument(
        "--without-peers", action="store_true", help="leave out the existing modules, which take most of the time"
    )
    parser.add_argument("--instances", type=int, default=0, help="instances of each group (default: %(default)s)")
    parser.add_argument(
        "--repeats", type=int, default=5,
        help="runs of unchanged and one_changed, and of all scenarios of one application; the existing modules have one run "
        "with many applications (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--turns", type=int, default=15, help="runs of each single module (default: %(default)s)")
    options = parser.parse_args()
    if options.without_peers:
        options.contenders = [name for name in options.contenders if name != "peer"]
    if not options.contenders:
        parser.error("--contenders: the only one is left out by --without-peers. Choose another one.")
    return options


@dataclass(frozen=True)
class Cell:
    """What is measured together. ``latency`` is in seconds."""

    name: str
    part: Part
    number: int
    latency: float
    contenders: list[str]
    scenarios: list[str]


def cells(options: argparse.Namespace) -> Iterator[Cell]:
    for name, part in PARTS.items():
        chosen = [scenario for scenario in part.scenarios if scenario in options.scenarios]
        if name not in options.only or not chosen:
            continue
        numbers = part.numbers if part.fixed_numbers or not options.applications else options.applications
        for number in sorted(numbers):
            contenders = [
                contender
                for contender in options.contenders
                if contender in part.contenders and number <= part.contenders[contender].most_applications
            ]
            for latency in sorted(options.latency) if contenders else ():
                yield Cell(name, part, number, latency / 1000, contenders, chosen)


def expected_minutes(options: argparse.Namespace) -> float:
    seconds = len(options.latency) * options.turns * 6 if "modules" in options.only else 0.0
    for cell in cells(options):
        share = len(cell.scenarios) / 4 * (options.repeats if cell.part.rounds else 1)
        for fixed, each, calls in (SECONDS[name] for name in cell.contenders):
            seconds += (fixed + cell.number * (each + calls * cell.latency)) * share
    return seconds / 60


def measure(options: argparse.Namespace, benches: dict[str, Bench]) -> Iterator[Run]:
    """Yields each run when it has ended, and prints a line for it."""

    def show(run: Run) -> Run:
        what = f"{run.part}, {run.applications}, {run.what}, {run.who}" if run.applications else run.who
        place, used = f"{what} at {run.latency * 1000:.0f} ms", run.used
        print(f"{place}: {used.wall:.2f} s, CPU {used.cpu:.2f} s, {used.memory:.0f} MB, {used.calls} calls", flush=True)
        return run

    if "modules" in options.only:
        for latency in sorted(options.latency):
            for pair, module, used in single.measure(next(iter(benches.values())), latency / 1000, options.turns):
                yield show(Run("modules", 0, latency / 1000, pair, module, used))
    for number in sorted(options.applications or [300]) if "migration" in options.only else ():
        for latency in sorted(options.latency):
            first = next(iter(benches.values()))
            for what, used in migration.measure(first, number, latency / 1000):
                yield show(Run("migration", number, latency / 1000, what, "launchkit", used))
    for cell in cells(options):
        chosen = {name: benches[name] for name in cell.contenders}
        runs = scenarios.measure(
            cell.part, chosen, cell.number, cell.latency, cell.scenarios,
            repeats=options.repeats, instances=options.instances,
        )  # fmt: skip
        for what, who, used in runs:
            yield show(Run(cell.name, cell.number, cell.latency, what, who, used))


def save(path: Path, facts: dict[str, Any], runs: list[Run]) -> None:
    path.write_text(
        json.dumps({**facts, "runs": [dataclasses.asdict(run) for run in runs]}, indent=1), encoding="utf-8"
    )


def main() -> int:
    options = parse()
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "log.txt").unlink(missing_ok=True)
    facts = about()
    print(f"{json.dumps(facts)}\nThis takes about {expected_minutes(options):.0f} minutes.", flush=True)
    began = time.monotonic()
    runs: list[Run] = []
    try:
        with contextlib.ExitStack() as servers:
            # One for each contender: it keeps its account while they take turns. An idle one costs nothing.
            benches = {name: servers.enter_context(bench(name)) for name in options.contenders}
            for run in measure(options, benches):
                runs.append(run)
                save(FOLDER / "results.json", facts, runs)
    except Failed as failure:
        print(f"benchmark: {failure}", file=sys.stderr)
        return 1
    results = Results(runs)
    judged = goals(results)
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    machine = f"Python {facts['python']}, {versions}; {facts['cores']} cores, load {facts['load_before']} before"
    head = f"{machine}. Each cell: wall time / CPU / peak memory / API calls."
    text = "\n".join([f"{head}\n", f"{table(results)}\n", *map(str, judged)])
    (FOLDER / "table.md").write_text(f"{text}\n", encoding="utf-8")
    print(
        f"\n{text}\n\n{(time.monotonic() - began) / 60:.1f} minutes; {FOLDER.relative_to(ROOT)} has the results, the table and the log."
    )
    return 1 if any(goal.reached is False for goal in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
