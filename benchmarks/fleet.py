# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A fleet of applications with this collection, with a playbook of existing modules, and with a script written by hand.

Run from the repository root: ``make benchmark``, or ``make benchmark ARGUMENTS="--applications 10 --latency 0"``. Each
runs on an embedded AWS, which counts the calls and answers each as late as it is told. Prints one table and the goals; ends
with 1 if a measured goal isn't reached. What was measured is in .build/benchmark afterwards.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import scenarios, single
from benchmarks.measure import FOLDER, ROOT, Bench, Failed, about, bench
from benchmarks.report import Results, Run, goals, table

# Rough seconds on two cores, for saying how long it will take: of start and end, and of one application in the four scenarios
# together, and the calls of one application that wait for each other there.
SECONDS = {"launchkit": (25, 0.2, 3), "by_hand": (12, 0.06, 1), "peer": (4, 9.5, 42)}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)

    def choice(name: str, choices: tuple[Any, ...], kind: Any, what: str) -> None:
        parser.add_argument(
            name, nargs="+", type=kind, default=list(choices), metavar=name.strip("-").upper(), help=what,
            choices=choices if kind is str else None,
        )  # fmt: skip

    choice(
        "--applications", (10, 100, 1000), int, "how many applications (default: 10 100 1000; existing modules: to 100)"
    )
    choice("--latency", (0, 80), int, "milliseconds added to each call (default: 0 80)")
    choice("--scenarios", scenarios.SCENARIOS, str, f"of {', '.join(scenarios.SCENARIOS)} (default: all)")
    choice("--contenders", tuple(scenarios.CONTENDERS), str, f"of {', '.join(scenarios.CONTENDERS)} (default: all)")
    parser.add_argument(
        "--repeats", type=int, default=5,
        help="runs of unchanged and one_changed; the existing modules have one (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--turns", type=int, default=15, help="runs of each single module, 0 for none (default: %(default)s)"
    )
    return parser.parse_args()


def cells(options: argparse.Namespace) -> Iterator[tuple[int, float, list[str]]]:
    """Applications, seconds of latency and contenders, of all that shall be measured."""
    for number in sorted(options.applications):
        names = [name for name in options.contenders if number <= scenarios.CONTENDERS[name].most_applications]
        for latency in sorted(options.latency):
            yield number, latency / 1000, names


def expected_minutes(options: argparse.Namespace) -> float:
    seconds = 0.0
    for number, latency, names in cells(options):
        for fixed, each, calls in (SECONDS[name] for name in names):
            seconds += (fixed + number * (each + calls * latency)) * len(options.scenarios) / len(scenarios.SCENARIOS)
    return (seconds + len(options.latency) * options.turns * 6) / 60


def measure(options: argparse.Namespace, benches: dict[str, Bench]) -> Iterator[Run]:
    """All runs, and a line for each that ends."""

    def tell(run: Run) -> Run:
        what = f"{run.applications} applications, {run.what}, {run.who}" if run.applications else run.who
        place, used = f"{what} at {run.latency * 1000:.0f} ms", run.used
        print(f"{place}: {used.wall:.2f} s, CPU {used.cpu:.2f} s, {used.memory:.0f} MB, {used.calls} calls", flush=True)
        return run

    if options.turns:
        for latency in sorted(options.latency):
            for pair, module, used in single.measure(next(iter(benches.values())), latency / 1000, options.turns):
                yield tell(Run(0, latency / 1000, pair, module, used))
    for number, latency, names in cells(options):
        chosen = {name: benches[name] for name in names}
        for what, who, used in scenarios.measure(chosen, number, latency, options.scenarios, options.repeats):
            yield tell(Run(number, latency, what, who, used))


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
            # One for each contender, which keep their accounts while they take turns. Who does nothing costs nothing.
            benches = {name: servers.enter_context(bench(name)) for name in options.contenders}
            for run in measure(options, benches):
                runs.append(run)
                save(FOLDER / "results.json", facts, runs)
    except Failed as failure:
        print(f"benchmark: {failure}", file=sys.stderr)
        return 1
    results = Results(runs)
    lines, reached = goals(results)
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    machine = f"Python {facts['python']}, {versions}; {facts['cores']} cores, load {facts['load_before']} before"
    head = f"{machine}. Each cell: wall time / CPU / peak memory / API calls."
    text = "\n".join([f"{head}\n", f"{table(results)}\n", *lines])
    (FOLDER / "table.md").write_text(f"{text}\n", encoding="utf-8")
    print(
        f"\n{text}\n\n{(time.monotonic() - began) / 60:.1f} minutes; {FOLDER.relative_to(ROOT)} has the results, the table and the log."
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
