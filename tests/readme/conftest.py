# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs playbooks against an empty account."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from embedded_aws.fixtures import aws, embedded_aws_server

# What pytest finds here by its name.
__all__ = ["aws", "embedded_aws_server"]

ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
RECAP = re.compile(r"ok=(\d+)\s+changed=(\d+)\s+unreachable=0\s+failed=0")


@pytest.fixture
def playbook(aws, tmp_path):
    """Run ansible-playbook in an empty folder against the embedded AWS; return how many tasks changed something.

    Further variables of the environment are added, and with None left out. ``playbook.output`` is what the last run displayed.
    """

    def run(*arguments, **further):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
        environment = {**kept, **aws.environment(), **further}
        done = subprocess.run(
            [ANSIBLE_PLAYBOOK, *arguments],
            cwd=tmp_path,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            check=False,
        )
        run.output = done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
        return sum(int(changed) for dummy_ok, changed in RECAP.findall(done.stdout))

    return run
