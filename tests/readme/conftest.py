# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs playbooks against an empty account, with a key that may do everything or with one of a given policy."""

from __future__ import annotations

import json
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


@pytest.fixture
def operator(aws):
    """Return a function that gives the credentials of a user who has just the given policy."""

    def credentials(policy):
        iam = aws.client("iam")
        iam.create_user(UserName="operator")
        iam.put_user_policy(UserName="operator", PolicyName="README", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        aws.set(authorization=True)
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    return credentials
