# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The limit: one fleet, written for by hand with boto3 and the fewest calls. `by_hand.py FLEET.json`.

It has no options, no check mode, no diff, waits for nothing, and ends at the first error. Reads: all roles with their policies
and instance profiles in pages of 1000, all launch configurations and, if the fleet has them, all groups in pages of 100, all at
once. Writes: 8 at a time.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

AT_A_TIME = 8
FINGERPRINTED = re.compile(r"(.+)-[0-9a-f]{16}")


def settings_of(fleet: dict[str, Any], application: dict[str, str]) -> dict[str, Any]:
    """The launch configuration of an application, without its name."""
    return {
        "ImageId": application["image_id"],
        "InstanceType": fleet["instance_type"],
        "IamInstanceProfile": application["name"],
        "InstanceMonitoring": {"Enabled": False},
        "AssociatePublicIpAddress": False,
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled"},
    }


def read_roles(iam: Any) -> dict[str, dict[str, Any]]:
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["Role"], MaxItems=1000)
    return {role["RoleName"]: role for page in pages for role in page["RoleDetailList"]}


def read_launch_configurations(autoscaling: Any) -> dict[str, set[str]]:
    """The names of the launch configurations, by the name of their application."""
    found: dict[str, set[str]] = {}
    pages = autoscaling.get_paginator("describe_launch_configurations").paginate(PaginationConfig={"PageSize": 100})
    for page in pages:
        for configuration in page["LaunchConfigurations"]:
            match = FINGERPRINTED.fullmatch(configuration["LaunchConfigurationName"])
            if match:
                found.setdefault(match[1], set()).add(match[0])
    return found


def read_groups(autoscaling: Any) -> dict[str, dict[str, Any]]:
    pages = autoscaling.get_paginator("describe_auto_scaling_groups").paginate(PaginationConfig={"PageSize": 100})
    return {group["AutoScalingGroupName"]: group for page in pages for group in page["AutoScalingGroups"]}


class Fleet:
    def __init__(self, fleet: dict[str, Any]) -> None:
        self.fleet, self.group = fleet, fleet["group"]
        config = Config(max_pool_connections=AT_A_TIME, retries={"mode": "adaptive", "total_max_attempts": 10})
        session = boto3.Session()
        self.iam, self.autoscaling = (session.client(name, config=config) for name in ("iam", "autoscaling"))

    def apply(self) -> int:
        """Apply the fleet; returns how many applications changed."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            roles = pool.submit(read_roles, self.iam)
            configurations = pool.submit(read_launch_configurations, self.autoscaling)
            groups = pool.submit(read_groups, self.autoscaling) if self.group else None
            self.roles, self.configurations = roles.result(), configurations.result()
            self.groups = groups.result() if groups else {}
            apply = self.remove_application if self.fleet["absent"] else self.apply_application
            return sum(pool.map(apply, self.fleet["applications"]))

    def apply_application(self, application: dict[str, str]) -> bool:
        name = application["name"]
        changed = self.apply_role(name)
        settings = settings_of(self.fleet, application)
        fingerprint = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        configuration, current = f"{name}-{fingerprint}", self.configurations.get(name, set())
        if configuration not in current:
            self.autoscaling.create_launch_configuration(LaunchConfigurationName=configuration, **settings)
        if self.group:
            changed = self.apply_group(name, configuration) or changed
        for former in current - {configuration}:
            # AWS refuses this while a group uses it.
            self.autoscaling.delete_launch_configuration(LaunchConfigurationName=former)
        return changed or current != {configuration}

    def apply_role(self, name: str) -> bool:
        """Role, policies and instance profile."""
        role, changed = self.roles.get(name), False
        trust, wanted = self.fleet["trust_policy"], set(self.fleet["managed_policies"])
        if role is None:
            self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
            changed = True
        elif role["AssumeRolePolicyDocument"] != trust:
            self.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
            changed = True
        attached = {policy["PolicyArn"] for policy in role["AttachedManagedPolicies"]} if role else set()
        for policy in wanted - attached:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=policy)
            changed = True
        for policy in attached - wanted:
            self.iam.detach_role_policy(RoleName=name, PolicyArn=policy)
            changed = True
        profiles = role["InstanceProfileList"] if role else []
        if name not in (profile["InstanceProfileName"] for profile in profiles):
            self.iam.create_instance_profile(InstanceProfileName=name)
            self.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
            changed = True
        return changed

    def apply_group(self, name: str, configuration: str) -> bool:
        wanted = {
            "LaunchConfigurationName": configuration,
            "MinSize": self.group["instances"],
            "MaxSize": self.group["max_size"],
            "VPCZoneIdentifier": self.group["subnet"],
        }
        current = self.groups.get(name)
        if current is None:
            self.autoscaling.create_auto_scaling_group(AutoScalingGroupName=name, **wanted)
            return True
        changes = {key: value for key, value in wanted.items() if current.get(key) != value}
        if changes:
            self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, **changes)
        return bool(changes)

    def remove_application(self, application: dict[str, str]) -> bool:
        """Group, launch configurations, instance profile and role."""
        name = application["name"]
        role, group = self.roles.get(name), self.groups.get(name)
        configurations = self.configurations.get(name, set())
        if group:
            self.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
        for configuration in configurations:
            self.autoscaling.delete_launch_configuration(LaunchConfigurationName=configuration)
        if role:
            for profile in role["InstanceProfileList"]:
                names = {"InstanceProfileName": profile["InstanceProfileName"]}
                self.iam.remove_role_from_instance_profile(RoleName=name, **names)
                self.iam.delete_instance_profile(**names)
            for policy in role["AttachedManagedPolicies"]:
                self.iam.detach_role_policy(RoleName=name, PolicyArn=policy["PolicyArn"])
            self.iam.delete_role(RoleName=name)
        return bool(role or group or configurations)


def main() -> int:
    fleet = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(f"changed={Fleet(fleet).apply()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
