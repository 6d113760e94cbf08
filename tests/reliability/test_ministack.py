# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A second cloud, written by others: ministack. Where it differs from AWS is said in README.md beside this file.

It has no launch configurations.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest
from ansible_collections.launchkit.aws.plugins.modules import (
    ec2_launch_template,
    iam_instance_profile,
    iam_instance_profile_info,
    iam_managed_policy_info,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import IMAGE, TRUST
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.scenarios import POLICY

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY

MINISTACK = Path(sys.executable).parent / "ministack"
pytestmark = pytest.mark.skipif(table.SAMPLE > 1, reason="make test-reliability runs it")


@pytest.fixture(scope="module")
def ministack(tmp_path_factory):
    """The URL of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "SFTP_ENABLED": "0", "IOT_MTLS_ENABLED": "0"}
    folder = tmp_path_factory.mktemp("ministack")
    with (
        (folder / "log.txt").open("wb") as log,
        subprocess.Popen([MINISTACK], cwd=folder, env={**os.environ, **settings}, stdout=log, stderr=log) as process,
    ):
        try:
            for _attempt in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


@pytest.fixture
def client(ministack):
    """Return a function that makes clients."""
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
    return lambda service: boto3.client(service, region_name=REGION, endpoint_url=ministack, **keys)


@pytest.fixture
def steps(laboratory, ministack):
    """Run a module in check mode, for real, and twice again; return the result, or what is wrong with it."""

    def run(module, **parameters):
        laboratory.endpoint = ministack
        foreseen, result, *again = (
            laboratory.run(module, check_mode=check_mode, **parameters) for check_mode in (True, False, True, False)
        )
        problems = [each["msg"] for each in (foreseen, result, *again) if each.get("failed")]
        if not problems and (foreseen["changed"], result["changed"]) != (True, True):
            problems.append("did not change what it should")
        if not problems and any(each["changed"] for each in again):
            problems.append("changed something again")
        name = module.__name__.rpartition(".")[2]
        table.count("ministack", name, parameters.get("state", "present"), problems)
        assert not problems, problems
        return result

    return run


def test_instance_profile_from_creation_to_deletion(client, steps, laboratory):
    iam = client("iam")
    for name in ("one", "two"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    steps(iam_instance_profile, name="web", role="one", path="/ops/", tags={"team": "a"})
    steps(iam_instance_profile, name="web", role="two", path="/ops/", tags={"team": "b"})
    found = laboratory.run(iam_instance_profile_info, name="web")["iam_instance_profiles"]
    assert [(each["roles"][0]["role_name"], each["tags"]) for each in found] == [("two", {"team": "b"})]
    assert laboratory.run(iam_instance_profile_info, role="two")["iam_instance_profiles"]
    steps(iam_instance_profile, name="web", state="absent")
    assert laboratory.run(iam_instance_profile_info, name="web")["iam_instance_profiles"] == []


def test_managed_policy_is_found_by_name(client, laboratory, ministack):
    arn = client("iam").create_policy(PolicyName="own", Path="/ops/", PolicyDocument=json.dumps(POLICY))["Policy"][
        "Arn"
    ]
    laboratory.endpoint = ministack
    result = laboratory.run(iam_managed_policy_info, names_or_arns=["own", "AmazonS3ReadOnlyAccess"])
    problems = [] if result.get("arns") == [arn, "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"] else [str(result)]
    table.count("ministack", "iam_managed_policy_info", "by name", problems)
    assert not problems


def test_launch_template_from_creation_to_deletion(client, steps):
    steps(ec2_launch_template, name="web-template", image_id=IMAGE, instance_type="t3.micro", tags={"team": "a"})
    steps(ec2_launch_template, name="web-template", instance_type="t3.small", user_data="echo", tags={"team": "b"})
    (version,) = client("ec2").describe_launch_template_versions(
        LaunchTemplateName="web-template", Versions=["$Default"]
    )["LaunchTemplateVersions"]
    assert version["LaunchTemplateData"]["ImageId"] == IMAGE
    assert version["LaunchTemplateData"]["InstanceType"] == "t3.small"
    steps(ec2_launch_template, name="web-template", state="absent")
