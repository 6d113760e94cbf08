# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The limit: one fleet, written for by hand with boto3 and the fewest calls. `by_hand.py FLEET.json`.

It has no options, no check mode, no diff, waits for nothing, and ends at the first error. Reads: all roles with their policies
and instance profiles in pages of 1000, all launch configurations in pages of 100, both at once. Writes: 8 at a time.
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


class Fleet:
    def __init__(self, fleet: dict[str, Any]) -> None:
        self.fleet = fleet
        config = Config(max_pool_connections=AT_A_TIME, retries={"mode": "adaptive", "total_max_attempts": 10})
        session = boto3.Session()
        self.iam, self.autoscaling = (session.client(name, config=config) for name in ("iam", "autoscaling"))

    def apply(self) -> int:
        """Make the fleet so; returns how many applications changed."""
        with ThreadPoolExecutor(AT_A_TIME) as pool:
            roles, configurations = (
                pool.submit(read_roles, self.iam),
                pool.submit(read_launch_configurations, self.autoscaling),
            )
            self.roles, self.configurations = roles.result(), configurations.result()
            return sum(pool.map(self.apply_application, self.fleet["applications"]))

    def apply_application(self, application: dict[str, str]) -> bool:
        changed = self.apply_role(application["name"])
        return self.apply_launch_configuration(application) or changed

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

    def apply_launch_configuration(self, application: dict[str, str]) -> bool:
        settings = settings_of(self.fleet, application)
        fingerprint = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()[:16]
        name = f"{application['name']}-{fingerprint}"
        found = self.configurations.get(application["name"], set())
        if name not in found:
            self.autoscaling.create_launch_configuration(LaunchConfigurationName=name, **settings)
        for former in found - {name}:
            # AWS refuses this while a group uses it.
            self.autoscaling.delete_launch_configuration(LaunchConfigurationName=former)
        return found != {name}


def main() -> int:
    fleet = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    print(f"changed={Fleet(fleet).apply()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
