# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the scenarios that move living groups share: playbooks that run, and someone who watches that instances go on serving.

Used in the environment that names the embedded AWS.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3

READING = ("Describe", "Get", "List")


def control(method: str, page: str, content: Any = None) -> Any:
    """One request to the control API, see docs/embedded-aws.md."""
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/embedded-aws/{page}",
        data=None if content is None else json.dumps(content).encode(),
        method=method,
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
        return json.load(answer)


@dataclass
class Run:
    """What a run of a playbook did."""

    status: int
    output: str
    recap: dict[str, int]
    writes: list[str]  # the calls that change something, in their order


def play(playbook: str, *options: str, **variables: Any) -> Run:
    """Run one of the collection's playbooks with these variables."""
    control("DELETE", "calls")
    command = [str(Path(sys.executable).parent / "ansible-playbook"), f"launchkit.aws.{playbook}", *options]
    done = subprocess.run(
        [*command, "-e", json.dumps(variables)],
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    recap = next(line for line in reversed(done.stdout.splitlines()) if line.startswith("localhost "))
    writes = [call["operation"] for call in control("GET", "calls") if not call["operation"].startswith(READING)]
    return Run(
        done.returncode,
        done.stdout + done.stderr,
        {word: int(count) for word, count in re.findall(r"(\w+)=(\d+)", recap)},
        writes,
    )


def group(name: str) -> dict[str, Any]:
    (found,) = boto3.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])[
        "AutoScalingGroups"
    ]
    return found


def sources(name: str) -> list[str]:
    """What the group's instances were launched from: a launch configuration, or a launch template and its version."""
    instances = group(name)["Instances"]
    return sorted(
        each.get("LaunchConfigurationName")
        or f"{each['LaunchTemplate']['LaunchTemplateName']}:{each['LaunchTemplate']['Version']}"
        for each in instances
    )


@dataclass
class Watch:
    """Counts, several times a second, the instances of a group that serve: in service, healthy, running, and with their profile."""

    name: str
    profile: str
    counts: list[int] = field(default_factory=list)
    capacities: set[tuple[int, int, int]] = field(default_factory=set)
    without_profile: set[str] = field(default_factory=set)

    def __enter__(self) -> Watch:
        # A session of its own: boto3's default one is not for two threads.
        session = boto3.session.Session()
        self._autoscaling, self._ec2 = session.client("autoscaling"), session.client("ec2")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on)
        self._thread.start()
        return self

    def __exit__(self, *dummy: Any) -> None:
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        while not self._over.is_set():
            self._look()
            time.sleep(0.05)

    def _look(self) -> None:
        in_service = self._in_service()
        reservations = self._ec2.describe_instances(
            Filters=[
                {"Name": "tag:aws:autoscaling:groupName", "Values": [self.name]},
                {"Name": "instance-state-name", "Values": ["running"]},
            ]
        )["Reservations"]
        running = [instance for reservation in reservations for instance in reservation["Instances"]]
        self.without_profile |= {
            each["InstanceId"]
            for each in running
            if not each.get("IamInstanceProfile", {}).get("Arn", "").endswith(f"/{self.profile}")
        }
        # What changed between the two reads is no moment that ever was.
        if self._in_service() == in_service:
            self.counts.append(len(in_service & {each["InstanceId"] for each in running}))

    def _in_service(self) -> set[str]:
        answer = self._autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        (found,) = answer["AutoScalingGroups"]
        self.capacities.add((found["MinSize"], found["DesiredCapacity"], found["MaxSize"]))
        return {
            each["InstanceId"]
            for each in found["Instances"]
            if (each["LifecycleState"], each["HealthStatus"]) == ("InService", "Healthy")
        }

    def saw_it_serve(self, capacity: int) -> None:
        """All the while, so many instances served; there were enough looks to tell, and nobody touched the capacity."""
        # The quickest run, which replaces no instance, leaves time for some twenty.
        assert len(self.counts) >= 10
        assert min(self.counts) >= capacity
        assert len(self.capacities) == 1
        assert self.without_profile == set()
