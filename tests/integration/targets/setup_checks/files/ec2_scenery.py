# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make or remove, with plain boto3, what launch configurations refer to in EC2: two security groups, a key pair and a
snapshot.

Usage: ec2_scenery.py make|remove PREFIX; the endpoint and credentials are in the environment. Prints JSON.
"""

from __future__ import annotations

import json
import sys

import boto3

verb, prefix = sys.argv[1:]
ec2 = boto3.client("ec2")
names = [f"{prefix}-one", f"{prefix}-two"]
(vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
if verb == "make":
    ec2.create_key_pair(KeyName=prefix)
    ids = [
        ec2.create_security_group(GroupName=name, Description="For tests", VpcId=vpc["VpcId"])["GroupId"]
        for name in names
    ]
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{ec2.meta.region_name}a")
    snapshot = ec2.create_snapshot(VolumeId=volume["VolumeId"], Description=prefix)
    ec2.delete_volume(VolumeId=volume["VolumeId"])
    made = {
        "vpc_id": vpc["VpcId"],
        "names": names,
        "ids": ids,
        "key_name": prefix,
        "snapshot_id": snapshot["SnapshotId"],
    }
    print(json.dumps(made))
else:
    ec2.delete_key_pair(KeyName=prefix)
    found = ec2.describe_security_groups(Filters=[{"Name": "group-name", "Values": names}])["SecurityGroups"]
    for group in found:
        ec2.delete_security_group(GroupId=group["GroupId"])
    for snapshot in ec2.describe_snapshots(Filters=[{"Name": "description", "Values": [prefix]}])["Snapshots"]:
        ec2.delete_snapshot(SnapshotId=snapshot["SnapshotId"])
