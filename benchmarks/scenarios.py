# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The fleets, who makes them, in which situations, and whether they were really made."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import ANSIBLE_PLAYBOOK, FOLDER, HERE, PYTHON, Bench, Failed, Used, changes

# In this order on one account: each needs what the ones before it made.
SCENARIOS = ("bootstrap", "unchanged", "new_image", "one_changed")
# Those that take seconds: what else a machine does in that time would show in a single run.
REPEATED = ("unchanged", "one_changed")
# Images that the embedded AWS has.
IMAGES = ("ami-785db401", "ami-baba68d3", "ami-12c6146b")
INSTANCE_TYPE = "t3.micro"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICIES = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
# The images of a fleet by the names of its applications.
Fleet = dict[str, str]


def new_fleet(number: int) -> Fleet:
    return {f"application-{index:04}": IMAGES[0] for index in range(number)}


def _next(image: str) -> str:
    return IMAGES[(IMAGES.index(image) + 1) % len(IMAGES)]


def changed_fleet(fleet: Fleet, scenario: str) -> Fleet:
    """What the fleet shall be in a scenario that finds it like this."""
    if scenario == "new_image":
        return {name: _next(image) for name, image in fleet.items()}
    if scenario == "one_changed":
        one = sorted(fleet)[len(fleet) // 2]
        return {**fleet, one: _next(fleet[one])}
    return fleet


def _for_launchkit(fleet: Fleet) -> dict[str, Any]:
    return {
        "fleet_defaults": {"application_managed_policies": POLICIES, "application_instance_type": INSTANCE_TYPE},
        "fleet_applications": [
            {"application_name": name, "application_image_id": image} for name, image in fleet.items()
        ],
    }


def _for_others(fleet: Fleet) -> dict[str, Any]:
    return {
        "trust_policy": TRUST,
        "managed_policies": POLICIES,
        "instance_type": INSTANCE_TYPE,
        "applications": [{"name": name, "image_id": image} for name, image in fleet.items()],
    }


@dataclass(frozen=True)
class Contender:
    title: str
    command: tuple[str | Path, ...]
    content: Callable[[Fleet], dict[str, Any]]
    file: str
    # Whether it removes the launch configuration of the image before.
    prunes: bool
    # What is worth repeating; what takes many minutes is not.
    repeated: bool
    most_applications: int = 10**6

    def command_for(self, fleet: Fleet) -> list[str | Path]:
        path = FOLDER / self.file
        content = self.content(fleet)
        # YAML as its users write it.
        text = json.dumps(content) if path.suffix == ".json" else yaml.safe_dump(content, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return [str(word).format(file=path) for word in self.command]


CONTENDERS = {
    "launchkit": Contender(
        "launchkit.aws.fleet",
        (ANSIBLE_PLAYBOOK, "launchkit.aws.fleet", "-e", "@{file}"),
        _for_launchkit,
        "fleet.yml",
        prunes=True,
        repeated=True,
    ),
    "by_hand": Contender(
        "script by hand",
        (PYTHON, HERE / "by_hand.py", "{file}"),
        _for_others,
        "by_hand.json",
        prunes=True,
        repeated=True,
    ),
    "peer": Contender(
        "loops over existing modules",
        (ANSIBLE_PLAYBOOK, HERE / "peer.yml", "-e", "@{file}"),
        _for_others,
        "peer.yml",
        prunes=False,
        repeated=False,
        most_applications=100,
    ),
}


def verify(bench: Bench, fleet: Fleet, contender: Contender) -> None:
    """Raise Failed unless the account holds exactly this fleet."""
    iam, autoscaling = (bench.server.client(name) for name in ("iam", "autoscaling"))

    def pages(client: Any, operation: str, key: str) -> Iterator[dict[str, Any]]:
        for page in client.get_paginator(operation).paginate():
            yield from page[key]

    roles = {role["RoleName"]: role for role in pages(iam, "get_account_authorization_details", "RoleDetailList")}
    profiles = {
        profile["InstanceProfileName"]: [role["RoleName"] for role in profile["Roles"]]
        for profile in pages(iam, "list_instance_profiles", "InstanceProfiles")
    }
    images: dict[str, list[str]] = {}
    for found in pages(autoscaling, "describe_launch_configurations", "LaunchConfigurations"):
        images.setdefault(found["IamInstanceProfile"], []).append(found["ImageId"])
    wrong = []
    for name, image in fleet.items():
        role = roles.get(name)
        if role is None or role["AssumeRolePolicyDocument"] != TRUST:
            wrong.append(f"{name}: the role is missing or has another trust policy")
        elif [policy["PolicyArn"] for policy in role["AttachedManagedPolicies"]] != POLICIES:
            wrong.append(f"{name}: the role has other managed policies")
        if profiles.get(name) != [name]:
            wrong.append(f"{name}: the instance profile holds {profiles.get(name)}")
        if image not in images.get(name, []) or (contender.prunes and len(images[name]) > 1):
            wrong.append(f"{name}: the images of its launch configurations are {images.get(name)}, not {image}")
    wrong += [f"{name}: not of this fleet" for name in sorted({*profiles, *images} - set(fleet))]
    if wrong:
        raise Failed(f"{contender.title} left {len(wrong)} things wrong:\n" + "\n".join(wrong[:10]))


class Trial:
    """One contender and the account that it works on, empty at first."""

    def __init__(self, bench: Bench, contender: Contender, number: int) -> None:
        self.bench, self.contender = bench, contender
        self.fleet = new_fleet(number)
        bench.empty()

    def run(self, scenario: str, latency: float) -> Used:
        """Measure a scenario. Raises Failed unless the account is as it shall be afterwards."""
        self.fleet = changed_fleet(self.fleet, scenario)
        used, output = self.bench.run(self.contender.command_for(self.fleet), latency)
        if (changes(output) == 0) != (scenario == "unchanged"):
            raise Failed(f"{self.contender.title}, {scenario}: {changes(output)} changes\n{output}")
        verify(self.bench, self.fleet, self.contender)
        return used


def measure(
    benches: dict[str, Bench], number: int, latency: float, chosen: list[str], repeats: int
) -> Iterator[tuple[str, str, Used]]:
    """Measure contenders, each on its own embedded AWS. Yields scenario, contender and what it used.

    They take turns, so that all meet the same machine; "start_up" comes before each unchanged run of this collection. What
    the chosen scenarios need is made first, at no latency.
    """
    trials = {name: Trial(bench, CONTENDERS[name], number) for name, bench in benches.items()}
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
                used = trial.run(scenario, latency if is_chosen else 0)
                if is_chosen:
                    yield scenario, name, used
