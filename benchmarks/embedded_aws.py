# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the embedded AWS costs beside plain moto: start-up, requests per second, memory after 10,000 calls.

Run from the repository root: ``.venv/bin/python benchmarks/embedded_aws.py``. The servers take turns in short rounds,
because a machine's speed changes from minute to minute; the ratios are medians over the rounds.
"""

from __future__ import annotations

import argparse
import contextlib
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from embedded_aws.client import EmbeddedAWS  # noqa: E402

TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
GOAL_RATIO, GOAL_START = 1.5, 3.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def embedded() -> Iterator[tuple[EmbeddedAWS, int, float]]:
    """The embedded AWS: its client, process id, and seconds until it was ready."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "embedded_aws"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().removeprefix("ready ").strip()
            yield EmbeddedAWS(url), process.pid, time.perf_counter() - began
        finally:
            process.terminate()


@contextlib.contextmanager
def plain_moto() -> Iterator[tuple[EmbeddedAWS, int, float]]:
    """moto's own server; ready is when it has answered the first call of each service, as it loads them then."""
    port = _free_port()
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            server = EmbeddedAWS(f"http://127.0.0.1:{port}")
            while True:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{server.url}/moto-api/data.json", timeout=5).close()
                    break
                time.sleep(0.02)
            for service, call in (("iam", "list_roles"), ("autoscaling", "describe_tags"), ("ec2", "describe_vpcs")):
                getattr(server.client(service), call)()
            yield server, process.pid, time.perf_counter() - began
        finally:
            process.terminate()


def memory(process_id: int) -> float:
    """Resident memory of a process, in MB."""
    for line in Path(f"/proc/{process_id}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def workloads(server: EmbeddedAWS) -> dict[str, Callable[[int], Any]]:
    """Calls of the chain, each of which leaves the account as large as it was."""
    iam, autoscaling, ec2 = (server.client(name) for name in ("iam", "autoscaling", "ec2"))
    with contextlib.suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
        iam.create_instance_profile(InstanceProfileName="app")
        iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
        autoscaling.create_launch_configuration(
            LaunchConfigurationName="lc", ImageId="ami-785db401", InstanceType="m1.small", IamInstanceProfile="app"
        )

    def configurations(number: int) -> None:
        autoscaling.create_launch_configuration(
            LaunchConfigurationName=f"lc-{number}", ImageId="ami-785db401", InstanceType="m1.small", IamInstanceProfile="app",
            UserData="#!/bin/sh", MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"},
        )  # fmt: skip
        autoscaling.delete_launch_configuration(LaunchConfigurationName=f"lc-{number}")

    def profiles(number: int) -> None:
        iam.create_instance_profile(InstanceProfileName=f"app-{number}", Tags=[{"Key": "k", "Value": "v"}])
        iam.delete_instance_profile(InstanceProfileName=f"app-{number}")

    return {
        "GetInstanceProfile": lambda _: iam.get_instance_profile(InstanceProfileName="app"),
        "Create+DeleteInstanceProfile": profiles,
        "DescribeLaunchConfigurations": lambda _: autoscaling.describe_launch_configurations(),
        "Create+DeleteLaunchConfiguration": configurations,
        "DescribeSecurityGroups": lambda _: ec2.describe_security_groups(),
    }


def seconds(work: Callable[[int], Any], times: int, offset: int) -> float:
    began = time.perf_counter()
    for number in range(times):
        work(offset + number)
    return (time.perf_counter() - began) / times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=7, help="rounds that the servers take turns in (default: %(default)s)"
    )
    parser.add_argument("--calls", type=int, default=40, help="calls of each kind in a round (default: %(default)s)")
    parser.add_argument(
        "--memory-calls", type=int, default=10_000, help="calls before memory is read (default: %(default)s)"
    )
    options = parser.parse_args()

    starts = []
    for _number in range(3):
        with embedded() as (_client, _process_id, took):
            starts.append(took)
    print(f"start-up until ready, median of 3: {statistics.median(starts):.2f} s (goal: under {GOAL_START:.0f} s)")

    with embedded() as (strict, process_id, _took), plain_moto() as (moto, moto_id, moto_start):
        print(f"moto's own server until it has answered each service once: {moto_start:.2f} s\n")
        works = {"embedded": workloads(strict), "moto": workloads(moto)}
        ratios: dict[str, list[float]] = {name: [] for name in works["moto"]}
        times: dict[str, dict[str, list[float]]] = {server: {name: [] for name in ratios} for server in works}
        for turn in range(options.rounds):
            for name in ratios:
                for server in sorted(works, reverse=turn % 2 == 1):
                    times[server][name].append(seconds(works[server][name], options.calls, turn * options.calls))
                ratios[name].append(times["embedded"][name][-1] / times["moto"][name][-1])
        print(f"{'one client, medians':34} {'moto/s':>8} {'embedded/s':>11} {'cost':>6}")
        for name in ratios:
            rates = [1 / statistics.median(times[server][name]) for server in ("moto", "embedded")]
            print(f"{name:34} {rates[0]:8.0f} {rates[1]:11.0f} {statistics.median(ratios[name]):5.2f}x")
        overall = statistics.median(ratio for found in ratios.values() for ratio in found)
        print(f"{'all':34} {'':8} {'':11} {overall:5.2f}x (goal: at most {GOAL_RATIO}x)\n")

        before = memory(process_id), memory(moto_id)
        done = {"embedded": 0, "moto": 0}
        for server, work in works.items():
            number = 10**6
            while done[server] < options.memory_calls:
                for name, act in work.items():
                    act(number)
                    done[server] += 2 if "+" in name else 1
                number += 1
        print(f"memory before and after {options.memory_calls} calls more:")
        print(
            f"  embedded {before[0]:.0f} -> {memory(process_id):.0f} MB; moto {before[1]:.0f} -> {memory(moto_id):.0f} MB"
        )
    return 0 if overall <= GOAL_RATIO and statistics.median(starts) < GOAL_START else 1


if __name__ == "__main__":
    sys.exit(main())
