# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The parts of the benchmark: which applications, in which scenarios, and who creates them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.measure import ANSIBLE_PLAYBOOK, FOLDER, HERE, PYTHON

# In this order on one account: each needs the result of the ones before it.
SCENARIOS = ("bootstrap", "unchanged", "new_image", "one_changed", "removal")
# Those that take seconds: a single run would show what else the machine does in that time.
REPEATED = ("unchanged", "one_changed")
# Images that the embedded AWS has.
IMAGES = ("ami-785db401", "ami-baba68d3", "ami-12c6146b")
INSTANCE_TYPE = "t3.micro"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICIES = ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]


@dataclass(frozen=True)
class Group:
    """The Auto Scaling group of each application: one subnet, and as many instances at least."""

    subnet: str
    instances: int

    @property
    def max_size(self) -> int:
        return max(1, self.instances)


@dataclass(frozen=True)
class Fleet:
    """``images``: by the names of the applications."""

    images: dict[str, str]
    group: Group | None
    absent: bool = False


def new_fleet(number: int, group: Group | None) -> Fleet:
    return Fleet({f"application-{index:04}": IMAGES[0] for index in range(number)}, group)


def _next(image: str) -> str:
    return IMAGES[(IMAGES.index(image) + 1) % len(IMAGES)]


def changed_fleet(fleet: Fleet, scenario: str) -> Fleet:
    """The desired fleet of a scenario that starts with this one."""
    images = fleet.images
    if scenario == "new_image":
        return dataclasses.replace(fleet, images={name: _next(image) for name, image in images.items()})
    if scenario == "one_changed":
        one = sorted(images)[len(images) // 2]
        return dataclasses.replace(fleet, images={**images, one: _next(images[one])})
    return dataclasses.replace(fleet, absent=True) if scenario == "removal" else fleet


def _variables(fleet: Fleet) -> dict[str, Any]:
    """What the applications have in common, as variables of the role application."""
    variables: dict[str, Any] = {"application_managed_policies": POLICIES, "application_instance_type": INSTANCE_TYPE}
    if fleet.group:
        variables["application_group_subnets"] = [fleet.group.subnet]
        variables["application_group_min_size"] = fleet.group.instances
        variables["application_group_max_size"] = fleet.group.max_size
        variables["application_group_force_delete"] = True
    return variables


def _applications(fleet: Fleet) -> list[dict[str, Any]]:
    return [
        {
            "application_name": name,
            "application_image_id": image,
            **({"application_group_name": name} if fleet.group else {}),
        }
        for name, image in fleet.images.items()
    ]


def _for_fleet(fleet: Fleet) -> dict[str, Any]:
    state = {"fleet_state": "absent"} if fleet.absent else {}
    return {"fleet_defaults": _variables(fleet), "fleet_applications": _applications(fleet), **state}


def _for_bootstrap(fleet: Fleet) -> dict[str, Any]:
    (application,) = _applications(fleet)
    return {**_variables(fleet), **application}


def _for_others(fleet: Fleet) -> dict[str, Any]:
    return {
        "absent": fleet.absent,
        "trust_policy": TRUST,
        "managed_policies": POLICIES,
        "instance_type": INSTANCE_TYPE,
        "group": {**dataclasses.asdict(fleet.group), "max_size": fleet.group.max_size} if fleet.group else None,
        "applications": [{"name": name, "image_id": image} for name, image in fleet.images.items()],
    }


@dataclass(frozen=True)
class Contender:
    title: str
    command: tuple[str | Path, ...]
    content: Callable[[Fleet], dict[str, Any]]
    file: str
    # Whether it deletes the launch configuration of the former image.
    prunes: bool = True
    # Whether to repeat its runs; what takes many minutes is not repeated.
    repeated: bool = True
    most_applications: int = 10**6

    def command_for(self, fleet: Fleet) -> list[str | Path]:
        path = FOLDER / self.file
        content = self.content(fleet)
        # YAML as its users write it.
        text = json.dumps(content) if path.suffix == ".json" else yaml.safe_dump(content, sort_keys=False)
        path.write_text(text, encoding="utf-8")
        return [str(word).format(file=path) for word in self.command]


FLEET = Contender(
    "launchkit.aws.fleet", (ANSIBLE_PLAYBOOK, "launchkit.aws.fleet", "-e", "@{file}"), _for_fleet, "fleet.yml"
)
BOOTSTRAP = Contender(
    "launchkit.aws.bootstrap",
    (ANSIBLE_PLAYBOOK, "launchkit.aws.bootstrap", "-e", "@{file}"),
    _for_bootstrap,
    "application.yml",
)
BY_HAND = Contender("script by hand", (PYTHON, HERE / "by_hand.py", "{file}"), _for_others, "by_hand.json")
PEER = Contender(
    "existing modules",
    (ANSIBLE_PLAYBOOK, HERE / "peer.yml", "-e", "@{file}"),
    _for_others,
    "peer.yml",
    prunes=False,
    repeated=False,
    most_applications=100,
)


@dataclass(frozen=True)
class Part:
    """``numbers``: of applications, unless the command line has others. ``rounds``: whether all scenarios are repeated, each
    time on an empty account.
    """

    text: str
    contenders: dict[str, Contender]
    scenarios: tuple[str, ...]
    numbers: tuple[int, ...]
    has_groups: bool = True
    fixed_numbers: bool = False
    rounds: bool = False


CONTENDERS = ("launchkit", "by_hand", "peer")
_ALL = {"launchkit": FLEET, "by_hand": BY_HAND, "peer": PEER}
PARTS = {
    "application": Part(
        "one application with a group, by the role application",
        {"launchkit": BOOTSTRAP, "peer": PEER},
        ("bootstrap", "unchanged", "new_image"),
        (1,),
        fixed_numbers=True,
        rounds=True,
    ),
    "fleet": Part("applications without groups", _ALL, SCENARIOS[:-1], (10, 100, 1000), has_groups=False),
    "groups": Part("applications with groups", _ALL, ("bootstrap", "unchanged", "new_image"), (100,)),
    "removal": Part(
        "removal of applications with groups", {"launchkit": FLEET, "by_hand": BY_HAND}, ("removal",), (100,)
    ),
}
