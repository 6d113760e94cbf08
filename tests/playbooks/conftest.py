# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs playbooks of the collection against an empty account, as an operator does."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from embedded_aws.fixtures import aws, embedded_aws_server

# What pytest finds here by its name.
__all__ = ["aws", "embedded_aws_server"]

ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
CHANGED = re.compile(r"ok=\d+\s+changed=(\d+)\s+unreachable=0\s+failed=\d+")
READS = re.compile("Get|List|Describe")


# A secret, which no run may print, and what stands for it in base64, as AWS gives it.
CANARY = "canary-7c1e5d0b9a"
USER_DATA = f"#!/bin/sh\necho {CANARY}\n"
ENCODED = base64.b64encode(USER_DATA.encode()).decode()[:40]


class Run(NamedTuple):
    """What a run of ansible-playbook printed, how many of its tasks changed something, and whether it succeeded."""

    output: str
    changed: int
    succeeded: bool


@pytest.fixture
def launch():
    """Return variables of an application that say what its instances are launched with, a secret included."""
    return {
        "application_image_id": "ami-baba68d3",
        "application_instance_type": "t3.small",
        "application_user_data": USER_DATA,
    }


@pytest.fixture
def attempt(aws, tmp_path):
    """Run a playbook in an empty folder against the embedded AWS, and check that it prints no user data."""

    def run(playbook, *arguments, variables=None):
        """Return the :class:`Run`.

        :param playbook: the name of one of the collection's, or a path in the folder.
        :param variables: extra variables with the types of YAML; ``-e name=value`` in arguments gives text.
        """
        file = tmp_path / "variables.yml"
        file.write_text(yaml.safe_dump(variables or {}), encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        name = playbook if playbook.endswith(".yml") else f"launchkit.aws.{playbook}"
        done = subprocess.run(
            [ANSIBLE_PLAYBOOK, name, "-e", f"@{file}", *arguments],
            cwd=tmp_path,
            env={**kept, **aws.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        output = done.stdout + done.stderr
        assert CANARY not in output
        assert ENCODED not in output
        return Run(output, sum(map(int, CHANGED.findall(output))), done.returncode == 0)

    return run


@pytest.fixture
def succeed(attempt):
    """Run a playbook that has to succeed."""

    def run(*arguments, **options):
        result = attempt(*arguments, **options)
        assert result.succeeded, result.output
        return result

    return run


@pytest.fixture
def refuse(attempt, aws):
    """Run a playbook that has to fail without a change; return what it printed."""

    def run(*arguments, **options):
        aws.reset_calls()
        result = attempt(*arguments, **options)
        assert not result.succeeded, result.output
        assert [call["operation"] for call in aws.calls() if not READS.match(call["operation"])] == []
        return result.output

    return run


@pytest.fixture
def regions(tmp_path):
    """Write an inventory of two Regions of one account; return the arguments that choose it."""

    def write(**variables_by_host):
        """:param variables_by_host: for ``us`` and ``eu``, their variables."""
        hosts = {
            name: {"aws_region": region, "ansible_connection": "local", **variables_by_host.get(name, {})}
            for name, region in (("us", "us-east-1"), ("eu", "eu-west-1"))
        }
        inventory = tmp_path / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
        return ("-i", str(inventory), "-e", "launchkit_hosts=all")

    return write
