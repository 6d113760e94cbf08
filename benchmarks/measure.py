# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run commands on the embedded AWS and measure them: wall time, CPU, peak memory, API calls."""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks"
# As tooling's own scripts import each other.
sys.path.insert(0, str(ROOT / "tooling"))

import embedded  # noqa: E402
from project import BUILD, PYTHON, VENV, private_environment, site_packages  # noqa: E402

from benchmarks.results import Used  # noqa: E402
from embedded_aws.client import EmbeddedAWS  # noqa: E402

FOLDER = BUILD / "benchmark"
ANSIBLE_PLAYBOOK = VENV / "bin" / "ansible-playbook"
# The tests' fleets are larger than the quotas of a new account.
QUOTAS = {"launch_configuration_quota": 100_000, "instance_profile_quota": 100_000}
NOT_SHOWN = ("ANSIBLE_DEPRECATION_WARNINGS", "ANSIBLE_INVENTORY_UNPARSED_WARNING", "ANSIBLE_LOCALHOST_WARNING")
LOG_LINES = 60


def about() -> dict[str, Any]:
    """What was measured on."""
    collections = site_packages() / "ansible_collections"
    versions = {name: importlib.metadata.version(name) for name in ("ansible-core", "boto3", "moto")}
    for name in ("amazon.aws", "community.aws"):
        manifest = json.loads((collections / name.replace(".", "/") / "MANIFEST.json").read_text(encoding="utf-8"))
        versions[name] = manifest["collection_info"]["version"]
    return {
        "python": platform.python_version(),
        "versions": versions,
        "cores": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 1),
    }


class Failed(Exception):
    """A step of the benchmark failed, or did not do what it was measured for; the text says what."""


class Bench:
    """One embedded AWS, and commands that are measured on it."""

    def __init__(self, url: str) -> None:
        self.server = EmbeddedAWS(url)
        self.environment = {
            **private_environment(),
            **embedded.environment(url),
            **dict.fromkeys(NOT_SHOWN, "false"),
            "ANSIBLE_NOCOLOR": "1",
        }
        self.log = FOLDER / "log.txt"

    def empty(self) -> None:
        """An empty account with room for a large fleet, answering at once."""
        self.server.reset()
        self.server.set(**QUOTAS)

    def run(
        self, command: Sequence[str | Path], latency: float, environment: Mapping[str, str] | None = None
    ) -> tuple[Used, str]:
        """Run a command while every call takes ``latency`` seconds longer. Returns what it used and what it wrote.

        Raises Failed, with the end of its log, when its status isn't 0.
        """
        words = [str(word) for word in command]
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"\n$ {shlex.join(words)}\n")
        began = self.log.stat().st_size
        report = FOLDER / "report.json"
        self.server.set(latency=latency)
        self.server.reset_calls()
        subprocess.run(
            [str(PYTHON), "-I", "-S", str(HERE / "metered.py"), str(report), str(self.log), *words],
            cwd=FOLDER,
            env={**self.environment, **(environment or {})},
            check=True,
        )
        counts = self.server.counts()
        self.server.set(latency=0)
        used = json.loads(report.read_text(encoding="utf-8"))
        with self.log.open("rb") as log:
            log.seek(began)
            output = log.read().decode(errors="replace")
        if used.pop("status"):
            end = "\n".join(output.splitlines()[-LOG_LINES:])
            raise Failed(f"{shlex.join(words)}\nfailed; the log is {self.log.relative_to(ROOT)} and ends so:\n{end}")
        return Used(calls=counts["total"], operations=counts["operations"], **used), output


@contextlib.contextmanager
def bench(name: str) -> Iterator[Bench]:
    """An embedded AWS with files of its own, for the time of a `with`."""
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    with embedded.serve(folder) as url:
        yield Bench(url)


def changes(output: str) -> int:
    """How many tasks or applications a command says that it changed. Raises Failed when it doesn't say so."""
    found = re.findall(r"\bchanged=(\d+)", output)
    if not found:
        raise Failed(f"nothing says how much was changed:\n{output}")
    return sum(map(int, found))
