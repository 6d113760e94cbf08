# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM and Auto Scaling as the tests of pure functions need them: what AWS answers, and what becomes of it after a call."""

from __future__ import annotations

import base64
import copy
import json
from datetime import datetime, timezone

CREATED = datetime(2026, 11, 23, 15, 20, 47, tzinfo=timezone.utc)
TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}]}


def role(name="web", role_id="AROAWEBAAAAAAAAAAAAAA", path="/"):
    """A role as GetRole gives it."""
    return {
        "Path": path,
        "RoleName": name,
        "RoleId": role_id,
        "Arn": f"arn:aws:iam::123456789012:role{path}{name}",
        "CreateDate": CREATED,
        "AssumeRolePolicyDocument": TRUST,
        "Description": "left out by GetInstanceProfile",
        "MaxSessionDuration": 3600,
        "RoleLastUsed": {},
    }


def role_in_profile(name="web", role_id="AROAWEBAAAAAAAAAAAAAA", path="/"):
    """A role as GetInstanceProfile gives it."""
    found = role(name, role_id, path)
    for key in ("Description", "MaxSessionDuration", "RoleLastUsed"):
        del found[key]
    return found


def over_the_wire(answer):
    """An answer before botocore has read the policies in it, and without the empty texts that a Stubber takes for a mistake."""
    if isinstance(answer, list):
        return [over_the_wire(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        key: json.dumps(value) if key == "AssumeRolePolicyDocument" else over_the_wire(value)
        for key, value in answer.items()
        if value != "" or key == "Value"
    }


def instance_profile(name="web", path="/", roles=(), tags=None):
    """An instance profile as GetInstanceProfile gives it."""
    return {
        "Path": path,
        "InstanceProfileName": name,
        "InstanceProfileId": "AIPAWEBAAAAAAAAAAAAAA",
        "Arn": f"arn:aws:iam::123456789012:instance-profile{path}{name}",
        "CreateDate": CREATED,
        "Roles": list(roles),
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
    }


def launch_configuration(name="web", created=CREATED, **members):
    """A launch configuration as DescribeLaunchConfigurations gives it."""
    return {
        "LaunchConfigurationName": name,
        "LaunchConfigurationARN": f"arn:aws:autoscaling:us-east-1:123456789012:launchConfiguration:1:launchConfigurationName/{name}",
        "ImageId": "ami-baba68d3",
        "InstanceType": "t3.small",
        "KeyName": "",
        "SecurityGroups": [],
        "ClassicLinkVPCSecurityGroups": [],
        "UserData": "",
        "KernelId": "",
        "RamdiskId": "",
        "BlockDeviceMappings": [],
        "InstanceMonitoring": {"Enabled": True},
        "CreatedTime": created,
        "EbsOptimized": False,
        **members,
    }


def created_launch_configuration(arguments):
    """What DescribeLaunchConfigurations gives after CreateLaunchConfiguration with these arguments of boto3's."""
    members = {
        key: copy.deepcopy(value)
        for key, value in arguments.items()
        if key not in ("LaunchConfigurationName", "InstanceId")
    }
    if "UserData" in members:
        members["UserData"] = base64.b64encode(members["UserData"]).decode("ascii")
    return launch_configuration(arguments["LaunchConfigurationName"], **members)


def call_iam(call, profile, roles):
    """Return the instance profile, as GetInstanceProfile gives it, after a planned call. AWS's refusals are assertions.

    :param roles: name -> role, as GetRole gives it.
    """
    arguments = call.arguments
    assert call.service == "iam"
    if call.operation == "create_instance_profile":
        assert profile is None
        tags = {tag["Key"]: tag["Value"] for tag in arguments.get("Tags", ())}
        return instance_profile(arguments["InstanceProfileName"], arguments["Path"], tags=tags)
    assert profile is not None
    assert arguments["InstanceProfileName"] == profile["InstanceProfileName"]
    if call.operation == "delete_instance_profile":
        assert not profile["Roles"]
        return None
    if call.expects_conflict:
        assert call.operation == "add_role_to_instance_profile"
        assert profile["Roles"]
        return profile
    if call.operation == "add_role_to_instance_profile":
        assert not profile["Roles"]
        found = roles[arguments["RoleName"]]
        added = role_in_profile(found["RoleName"], found["RoleId"], found["Path"])
        return {**profile, "Roles": [added]}
    if call.operation == "remove_role_from_instance_profile":
        assert [each["RoleName"] for each in profile["Roles"]] == [arguments["RoleName"]]
        return {**profile, "Roles": []}
    # On instance profiles, unlike roles, letter case matters: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
    named = arguments.get("TagKeys") or [tag["Key"] for tag in arguments["Tags"]]
    kept = [tag for tag in profile["Tags"] if tag["Key"] not in named]
    if call.operation == "untag_instance_profile":
        return {**profile, "Tags": kept}
    assert call.operation == "tag_instance_profile"
    return {**profile, "Tags": kept + list(arguments["Tags"])}
