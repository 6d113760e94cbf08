# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run the scenarios of a part, contender by contender."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from benchmarks.measure import ANSIBLE_PLAYBOOK, FOLDER, HERE, Bench, Failed, changes
from benchmarks.parts import REPEATED, SCENARIOS, Contender, Group, Part, changed_fleet, new_fleet
from benchmarks.results import Used
from benchmarks.verification import differences, read_account

# It reads only, so that it leaves the account as it is.
REPORT = [ANSIBLE_PLAYBOOK, "launchkit.aws.report", "-e", f"report_path={FOLDER / 'report.html'}"]


class Trial:
    """One contender and the account that it works on, empty at first. ``instances``: of each group, None for no groups."""

    def __init__(self, bench: Bench, contender: Contender, number: int, instances: int | None) -> None:
        self.bench, self.contender = bench, contender
        bench.empty()
        group = None
        if instances is not None:
            # It is another one in each account.
            subnets = bench.server.client("ec2").describe_subnets()["Subnets"]
            group = Group(min(subnet["SubnetId"] for subnet in subnets), instances)
        self.fleet = new_fleet(number, group)

    def run(self, scenario: str, latency: float) -> Used:
        """Measure a scenario. Raises Failed unless the account holds the desired fleet afterwards."""
        self.fleet = changed_fleet(self.fleet, scenario)
        used, output = self.bench.run(self.contender.command_for(self.fleet), latency)
        title = f"{self.contender.title}, {scenario}"
        if (changes(output) == 0) != (scenario == "unchanged"):
            raise Failed(f"{title}: {changes(output)} changes\n{output}")
        differing = differences(read_account(self.bench.server), self.fleet, self.contender.prunes)
        if differing:
            raise Failed(f"{title}: {len(differing)} differences afterwards:\n" + "\n".join(differing[:10]))
        return used


def _round(
    trials: dict[str, Trial], chosen: Collection[str], latency: float, repeats: int
) -> Iterator[tuple[str, str, Used]]:
    for scenario in SCENARIOS:
        is_chosen = scenario in chosen
        if not is_chosen and scenario != "bootstrap":
            continue
        for turn in range(repeats if is_chosen and scenario in REPEATED else 1):
            for name, trial in trials.items():
                if turn and not trial.contender.repeated:
                    continue
                if name == "launchkit" and scenario == "unchanged":
                    used, _output = trial.bench.run([ANSIBLE_PLAYBOOK, HERE / "start_up.yml"], latency)
                    yield "start_up", name, used
                    if trial.fleet.group and turn == 0:
                        used, _output = trial.bench.run(REPORT, latency)
                        yield "report", name, used
                used = trial.run(scenario, latency if is_chosen else 0)
                if is_chosen:
                    yield scenario, name, used


def measure(
    part: Part,
    benches: dict[str, Bench],
    number: int,
    latency: float,
    chosen: Collection[str],
    *,
    repeats: int,
    instances: int,
) -> Iterator[tuple[str, str, Used]]:
    """Measure contenders, each on its own embedded AWS. Yields scenario, contender and what it used.

    They take turns, so that all meet the same machine; "start_up" comes before each unchanged run of this
    collection, and with groups "report" before the first. What
    the chosen scenarios need is created first, without latency.
    """
    for _round_number in range(repeats if part.rounds else 1):
        trials = {
            name: Trial(bench, part.contenders[name], number, instances if part.has_groups else None)
            for name, bench in benches.items()
        }
        yield from _round(trials, chosen, latency, 1 if part.rounds else repeats)
