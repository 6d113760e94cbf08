# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof of the migration: whatever a launch configuration launches, its launch template launches the same.

Random launch configurations are given to a group, the group is migrated by the module's own code, and an instance from before is
compared with one from after: everything that EC2 shows of them, their volumes and their user data.
"""

from __future__ import annotations

import functools
import json
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migrate import Migration
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migration import Options, Selection
from ansible_collections.launchkit.aws.plugins.module_utils.core.clients import Clients
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import strategies
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ROOT = "/dev/sda1"
# What is an instance's own.
OWN = {
    "instance": {
        *(
            "InstanceId",
            "AmiLaunchIndex",
            "ClientToken",
            "LaunchTime",
            "PrivateDnsName",
            "PrivateIpAddress",
            "PublicDnsName",
        ),
        *(
            "PublicIpAddress",
            "ReservationId",
            "UsageOperationUpdateTime",
            "NetworkInterfaces",
            "BlockDeviceMappings",
            "Tags",
        ),
    },
    "volume": {"VolumeId", "CreateTime", "Attachments"},
}


@pytest.fixture
def account(aws):
    """An empty account each time, with what launch configurations refer to; returns the names to use."""

    def make():
        aws.reset()
        iam, ec2 = aws.client("iam"), aws.client("ec2")
        iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
        profile = iam.create_instance_profile(InstanceProfileName="web", Path="/ops/")["InstanceProfile"]
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
        ec2.create_key_pair(KeyName="operations")
        (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
        groups = [
            ec2.create_security_group(GroupName=name, Description="For tests", VpcId=vpc["VpcId"])["GroupId"]
            for name in ("one", "two", "three")
        ]
        volume = ec2.create_volume(AvailabilityZone=f"{REGION}a", Size=100)["VolumeId"]
        return {
            "profile": profile["Arn"],
            "sg": dict(zip(("sg-1", "sg-2", "sg-3"), groups)),
            "snapshot": ec2.create_snapshot(VolumeId=volume)["SnapshotId"],
            "subnet": ec2.describe_subnets()["Subnets"][0]["SubnetId"],
        }

    return make


def in_account(wanted, names):
    """The settings with references to what the account has."""
    # An instance of an image that is on EBS has a root volume.
    devices = [each for each in wanted.volumes or () if each.device_name != ROOT or each.volume_size is not None]
    volumes = tuple(replace(device, snapshot=device.snapshot and names["snapshot"]) for device in devices)
    profile = {None: None, "": None, "web": "web", "api": "web"}.get(wanted.instance_profile_name, names["profile"])
    return replace(
        wanted,
        image_id="ami-baba68d3",
        instance_profile_name=profile,
        security_groups=wanted.security_groups and tuple(names["sg"][name] for name in wanted.security_groups),
        volumes=None if wanted.volumes is None else volumes,
    )


def launched(aws, group):
    """The group's instances, oldest first, each with all that EC2 shows of it."""
    ec2 = aws.client("ec2")
    (found,) = aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[group])[
        "AutoScalingGroups"
    ]
    return [shown(ec2, each["InstanceId"]) for each in found["Instances"]]


def shown(ec2, instance_id):
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    (instance,) = reservation["Instances"]
    interfaces = [
        {"groups": sorted(group["GroupId"] for group in each["Groups"]), "public": "Association" in each}
        for each in instance["NetworkInterfaces"]
    ]
    volumes = {}
    for mapping in instance["BlockDeviceMappings"]:
        (volume,) = ec2.describe_volumes(VolumeIds=[mapping["Ebs"]["VolumeId"]])["Volumes"]
        kept = {key: value for key, value in volume.items() if key not in OWN["volume"]}
        volumes[mapping["DeviceName"]] = {**kept, "DeleteOnTermination": mapping["Ebs"]["DeleteOnTermination"]}
    attributes = {
        name: ec2.describe_instance_attribute(InstanceId=instance_id, Attribute=name)[key]
        for name, key in (
            ("userData", "UserData"),
            ("instanceInitiatedShutdownBehavior", "InstanceInitiatedShutdownBehavior"),
        )
    }
    return {
        **{key: value for key, value in instance.items() if key not in OWN["instance"]},
        **attributes,
        "SecurityGroups": sorted(group["GroupId"] for group in instance["SecurityGroups"]),
        "public": bool(instance.get("PublicIpAddress")),
        "interfaces": interfaces,
        "volumes": volumes,
    }


@functools.lru_cache
def clients(url):
    """Clients of the server, for all examples: reading service models takes longer than a migration."""
    return Clients((REGION, url, {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}))


def migrate(aws, *names):
    rollout = dict(concurrency=1, max_failures=1, canary=None)
    run = Migration(
        clients(aws.url),
        Options(),
        rollout=rollout,
        times=dict(timeout=20, poll_interval=0),
        concurrency=1,
        check_mode=False,
        wait_timeout=20,
        report=lambda line: None,
    )
    return run.run(Selection(names or None), skip_obstacles=False)


# What people do to a template once it exists.
CHANGES = {
    "nothing": lambda ec2, name: None,
    "version on version 1": lambda ec2, name: ec2.create_launch_template_version(
        LaunchTemplateName=name, SourceVersion="1", LaunchTemplateData={"ImageId": "ami-785db401", "RamDiskId": "ari-1"}
    ),
    "other version": lambda ec2, name: ec2.create_launch_template_version(
        LaunchTemplateName=name, LaunchTemplateData={"ImageId": "ami-785db401", "EbsOptimized": False}
    ),
    "no version 1": lambda ec2, name: (
        ec2.create_launch_template_version(
            LaunchTemplateName=name, SourceVersion="1", LaunchTemplateData={"DisableApiTermination": True}
        ),
        ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion="2"),
        ec2.delete_launch_template_versions(LaunchTemplateName=name, Versions=["1"]),
    ),
}


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    strategies.launch_settings(derived=False),
    st.sampled_from([b"", b"#!/bin/sh\necho one\n", bytes(range(256))]),
    st.sampled_from(sorted(CHANGES)),
)
def test_the_template_launches_what_the_launch_configuration_launched(aws, account, wanted, user_data, change):
    names = account()
    wanted = replace(in_account(wanted, names), user_data=UserData(user_data))
    autoscaling = aws.client("autoscaling")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="any", **launch_settings.to_launch_configuration(wanted)
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchConfigurationName="any",
        MinSize=1,
        MaxSize=2,
        VPCZoneIdentifier=names["subnet"],
    )
    # Another group shares the launch configuration and moved earlier; since then, somebody has changed the template.
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="earlier",
        LaunchConfigurationName="any",
        MinSize=0,
        MaxSize=1,
        VPCZoneIdentifier=names["subnet"],
    )
    (row,) = migrate(aws, "earlier")["migrations"]
    if change == "no version 1":
        autoscaling.delete_auto_scaling_group(AutoScalingGroupName="earlier")
    CHANGES[change](aws.client("ec2"), row["launch_template"])
    event(change)
    (row,) = migrate(aws, "web")["migrations"]
    assert (row["action"], row["outdated_instances"]) == ("migrated", 1)
    version = "3" if change == "no version 1" else "1"
    autoscaling.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)

    (group,) = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
    sources = [each.get("LaunchConfigurationName") or each["LaunchTemplate"]["Version"] for each in group["Instances"]]
    assert sources == ["any", version]
    before, after = launched(aws, "web")
    assert before == after
    # That both were launched with what was asked for, and not with the same defaults.
    assert (before["ImageId"], before["InstanceType"]) == (wanted.image_id, wanted.instance_type)
    assert before.get("IamInstanceProfile", {}).get("Arn") == (
        names["profile"] if wanted.instance_profile_name else None
    )
    assert before.get("KeyName") == (wanted.key_name or None)
    assert before["Monitoring"]["State"] == ("disabled" if wanted.instance_monitoring is False else "enabled")
    assert before["Placement"]["Tenancy"] == (wanted.placement_tenancy or "default")
    assert before["EbsOptimized"] == bool(wanted.ebs_optimized)
    if wanted.security_groups:
        assert before["SecurityGroups"] == sorted(wanted.security_groups)
    if wanted.assign_public_ip is not None:
        assert before["public"] == wanted.assign_public_ip
    if wanted.metadata_options and wanted.metadata_options.http_tokens:
        event("metadata options")
        # A member that is not set is AWS's own default in both.
        assert before["MetadataOptions"]["HttpTokens"] == (wanted.metadata_options.http_tokens or "optional")
    assert before["userData"].get("Value", "") == wanted.user_data.encoded
    for device in wanted.volumes or ():
        volume = before["volumes"].get(device.device_name)
        assert (volume is None) == bool(device.no_device or device.ephemeral)
        if volume is not None:
            event("a volume")
            assert volume["Size"] == device.volume_size
            assert volume["Encrypted"] == bool(device.encrypted)
            assert volume["DeleteOnTermination"] == (device.delete_on_termination is not False)
