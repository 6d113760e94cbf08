# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Modules within this process, on the embedded AWS: what would take a second each as a task of a playbook."""

from __future__ import annotations

import functools
import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import clients
from ansible_collections.launchkit.aws.tests.modules.migrations import Fleet
from ansible_collections.launchkit.aws.tests.unit.main_of import call_main

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY
from embedded_aws.fixtures import aws, embedded_aws_server

# What pytest finds here by its name.
__all__ = ["aws", "embedded_aws_server"]

TRUST_EC2 = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READING = ("Describe", "Get", "List")
# One session for all runs: reading service models is most of what a run does.
one_session = functools.lru_cache(clients._new_session)


@pytest.fixture
def run(aws, monkeypatch, capsys):
    """Run a module as Ansible does, on an account that is empty at first, and return its result."""
    monkeypatch.setattr(clients, "_new_session", one_session)
    connection = {"endpoint_url": aws.url, "region": REGION, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}

    def run(module, **parameters):
        return call_main(module, monkeypatch, capsys, **{**connection, **parameters})

    return run


@pytest.fixture
def writes(aws):
    """Return a function that tells the operations that changed something, or tried to, since it was last called."""

    def operations():
        made = [call["operation"] for call in aws.calls()]
        aws.reset_calls()
        return [operation for operation in made if not operation.startswith(READING)]

    return operations


@pytest.fixture
def outcomes(aws):
    """Return a function that tells how the calls of an operation ended."""
    return lambda operation: [call["outcome"] for call in aws.calls(operation=operation)]


@pytest.fixture
def role(aws):
    """Return a function that makes a role and returns it as IAM shows it."""

    def make(name, path="/"):
        return aws.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST_EC2))[
            "Role"
        ]

    return make


@pytest.fixture
def profile(aws, role):
    """Return a function that makes an instance profile, with a role of its own name unless it shall be empty, and returns its ARN."""

    def make(name, empty=False):
        iam = aws.client("iam")
        made = iam.create_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Arn"]
        if not empty:
            role(name)
            iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
        return made

    return make


@pytest.fixture
def group(aws):
    """Return a function that makes an Auto Scaling group in one subnet."""
    zone = [{"Name": "availability-zone", "Values": [f"{REGION}a"]}]
    (subnet,) = aws.client("ec2").describe_subnets(Filters=zone)["Subnets"]

    def make(name, size=0, **source):
        aws.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=size, MaxSize=size + 1, VPCZoneIdentifier=subnet["SubnetId"], **source
        )

    return make


@pytest.fixture
def scenery(aws):
    """What launch settings refer to in EC2: two security groups, a key pair and a snapshot."""
    ec2 = aws.client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    ids = [
        ec2.create_security_group(GroupName=name, Description="For tests", VpcId=vpc["VpcId"])["GroupId"]
        for name in ("one", "two")
    ]
    ec2.create_key_pair(KeyName="operations")
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")
    snapshot = ec2.create_snapshot(VolumeId=volume["VolumeId"])
    return {"vpc_id": vpc["VpcId"], "ids": ids, "snapshot": snapshot["SnapshotId"]}


@pytest.fixture
def fleet(aws, group):
    """An account for groups that launch from launch configurations."""
    aws.set(refresh_step_seconds=0.02)
    return Fleet(aws, group)
