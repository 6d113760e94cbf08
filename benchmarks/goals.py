# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which goals are reached. Pure.

Each is a ratio of times within one run of the benchmark, or a number of calls: the speed of the machine cancels out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.results import Place, Results, quotient, times

LATENCY = 0.08
HUNDRED, THOUSAND = Place("fleet", 100, LATENCY), Place("fleet", 1000, LATENCY)
REMOVAL, GROUPS = Place("removal", 100, LATENCY), Place("groups", 100, LATENCY)
OURS, PEER, BY_HAND = "launchkit", "peer", "by_hand"

# At 100 applications, how many times faster than the existing modules.
FASTER = {"unchanged": 50, "new_image": 20, "bootstrap": 30}
# One application with a group, beside the time of the existing modules.
ONE_APPLICATION = {"unchanged": 0.55, "bootstrap": 1.2}
BOOTSTRAP_CALLS = 1.2
UNCHANGED_BEHIND, BOOTSTRAP_BEHIND, REMOVAL_BEHIND = 2, 1.6, 3
ONE_CHANGED_CALLS = 15
REPORT_CALLS = 12
GROWTH, MEMORY = 100, 400
MIGRATION_CALLS = 5
# Single modules beside the time of the existing ones, without Ansible's controller. No module gets slower: the limits by latency
# are 1.05 times the ratios of commit fb5436e, and 0.9 at most.
SINGLE_RATIO = 0.9
SINGLE_RATIOS = {
    "launchkit.aws.iam_instance_profile": {0: 0.84, LATENCY: 0.9},
    "launchkit.aws.autoscaling_launch_configuration": {0: 0.64, LATENCY: 0.6},
    "launchkit.aws.ec2_launch_template": {0: 0.72, LATENCY: 0.6},
}


@dataclass(frozen=True)
class Goal:
    """``reached`` is None if what it needs was not measured."""

    text: str
    measured: str
    reached: bool | None

    def __str__(self) -> str:
        words = {None: "not measured", True: "reached", False: "NOT REACHED"}
        return f"- {words[self.reached]}: {self.text}" + ("" if self.reached is None else f" ({self.measured})")


def _at_most(text: str, value: float | None, limit: float, measured: str) -> Goal:
    return Goal(text, measured, None if value is None else value <= limit)


def _of_application(results: Results) -> Iterator[Goal]:
    places = [place for place in results.places() if place.part == "application"]
    for place in places or [Place("application", 1, LATENCY)]:
        title = f"one application with a group at {place.latency * 1000:.0f} ms"
        for what, limit in ONE_APPLICATION.items():
            ratio = results.ratio(place, what, OURS, PEER)
            yield _at_most(
                f"{title}: {what} at most {limit}x of the existing modules' time", ratio, limit, times(ratio)
            )
        ours, theirs = (results.calls(place, "unchanged", who) for who in (OURS, PEER))
        reached = None if ours is None or theirs is None else ours < theirs
        yield Goal(f"{title}: unchanged with fewer API calls", f"{ours} and {theirs}", reached)


def _of_hundred(results: Results) -> Iterator[Goal]:
    place = HUNDRED
    for what, factor in FASTER.items():
        ratio = results.ratio(place, what, PEER, OURS)
        text = f"{what.replace('_', ' ')} of 100 at least {factor}x faster than the existing modules"
        yield Goal(text, times(ratio), None if ratio is None else ratio >= factor)

    ours, by_hand = (results.calls(place, "bootstrap", who) for who in (OURS, BY_HAND))
    text = f"bootstrap of 100 with at most {BOOTSTRAP_CALLS}x the script's API calls"
    yield _at_most(text, quotient(ours, by_hand), BOOTSTRAP_CALLS, f"{ours} and {by_hand}")

    limit = place.applications // 20 + 10
    calls = results.calls(place, "unchanged", OURS)
    yield _at_most(f"unchanged 100 with at most {limit} API calls", calls, limit, str(calls))

    text = f"unchanged 100, less ansible-playbook's start-up, at most {UNCHANGED_BEHIND}x of the script's time"
    wall, start_up = (results.wall(place, what, OURS) for what in ("unchanged", "start_up"))
    script = results.wall(place, "unchanged", BY_HAND)
    if wall is None or start_up is None or script is None:
        yield Goal(text, "-", None)
    else:
        behind = (wall - start_up) / script
        measured = f"({wall:.2f} s - {start_up:.2f} s) / {script:.2f} s = {times(behind)}"
        yield _at_most(text, behind, UNCHANGED_BEHIND, measured)


def _of_thousand(results: Results) -> Iterator[Goal]:
    behind = results.ratio(THOUSAND, "bootstrap", OURS, BY_HAND)
    text = f"bootstrap of 1000 at most {BOOTSTRAP_BEHIND}x of the script's time"
    yield _at_most(text, behind, BOOTSTRAP_BEHIND, times(behind))

    calls = results.calls(THOUSAND, "one_changed", OURS)
    text = f"one change among 1000 with at most {ONE_CHANGED_CALLS} API calls"
    yield _at_most(text, calls, ONE_CHANGED_CALLS, str(calls))

    small, large = (results.wall(Place("fleet", number, LATENCY), "unchanged", OURS) for number in (10, 1000))
    growth = quotient(large, small)
    yield _at_most(f"unchanged at 1000 at most {GROWTH} times as long as at 10", growth, GROWTH, times(growth))

    runs = [run for run in results.runs if (run.part, run.applications, run.who) == ("fleet", 1000, OURS)]
    memory = max((run.used.memory for run in runs), default=None)
    measured = "-" if memory is None else f"{memory:.0f} MB"
    yield _at_most(f"at 1000 applications at most {MEMORY} MB", memory, MEMORY, measured)


def _of_removal(results: Results) -> Iterator[Goal]:
    behind = results.ratio(REMOVAL, "removal", OURS, BY_HAND)
    text = f"removal of 100 with groups at most {REMOVAL_BEHIND}x of the script's time"
    yield _at_most(text, behind, REMOVAL_BEHIND, times(behind))


def _of_report(results: Results) -> Iterator[Goal]:
    calls = results.calls(GROUPS, "report", OURS)
    text = f"report of 100 applications with groups with at most {REPORT_CALLS} API calls"
    yield _at_most(text, calls, REPORT_CALLS, str(calls))


def _of_modules(results: Results) -> Iterator[Goal]:
    runs = [run for run in results.runs if run.part == "modules" and run.who != run.what]
    for latency, module, other in sorted({(run.latency, run.what, run.who) for run in runs}):
        place = Place("modules", 0, latency)
        ours, theirs = (results.calls(place, module, who) for who in (module, other))
        ratio = results.ratio(place, module, module, other)
        if ours is None or theirs is None or ratio is None:
            continue
        title = f"{module} at {latency * 1000:.0f} ms"
        yield _at_most(f"{title}: no more API calls than {other}", ours, theirs, f"{ours} and {theirs}")
        limit = SINGLE_RATIOS.get(module, {}).get(latency, SINGLE_RATIO)
        yield _at_most(f"{title}: at most {limit}x of its time", ratio, limit, times(ratio))


def _of_migration(results: Results) -> Iterator[Goal]:
    for place in (place for place in results.places() if place.part == "migration"):
        limit = MIGRATION_CALLS * place.applications
        calls = results.calls(place, "migration", OURS)
        text = f"migration of {place.applications} groups with at most {MIGRATION_CALLS} API calls for each"
        yield _at_most(text, calls, limit, str(calls))


def goals(results: Results) -> list[Goal]:
    return [
        *_of_application(results),
        *_of_hundred(results),
        *_of_thousand(results),
        *_of_removal(results),
        *_of_report(results),
        *_of_modules(results),
        *_of_migration(results),
    ]
