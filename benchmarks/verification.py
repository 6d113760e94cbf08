# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether the account holds exactly the fleet that a contender was given: only then its time counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.parts import POLICIES, TRUST, Fleet
from embedded_aws.client import EmbeddedAWS


@dataclass(frozen=True)
class Account:
    """By name; launch configurations by the name of their instance profile."""

    roles: dict[str, dict[str, Any]]
    profiles: dict[str, list[str]]
    configurations: dict[str, dict[str, str]]
    groups: dict[str, dict[str, Any]]


def read_account(server: EmbeddedAWS) -> Account:
    iam, autoscaling = (server.client(name) for name in ("iam", "autoscaling"))

    def pages(client: Any, operation: str, key: str) -> Iterator[dict[str, Any]]:
        for page in client.get_paginator(operation).paginate():
            yield from page[key]

    configurations: dict[str, dict[str, str]] = {}
    for item in pages(autoscaling, "describe_launch_configurations", "LaunchConfigurations"):
        images = configurations.setdefault(item["IamInstanceProfile"], {})
        images[item["LaunchConfigurationName"]] = item["ImageId"]
    return Account(
        {role["RoleName"]: role for role in pages(iam, "get_account_authorization_details", "RoleDetailList")},
        {
            profile["InstanceProfileName"]: [role["RoleName"] for role in profile["Roles"]]
            for profile in pages(iam, "list_instance_profiles", "InstanceProfiles")
        },
        configurations,
        {
            group["AutoScalingGroupName"]: group
            for group in pages(autoscaling, "describe_auto_scaling_groups", "AutoScalingGroups")
        },
    )


def _application_differences(account: Account, fleet: Fleet, name: str, prunes: bool) -> Iterator[str]:
    role, image = account.roles.get(name), fleet.images[name]
    if role is None or role["AssumeRolePolicyDocument"] != TRUST:
        yield f"{name}: the role is missing or has another trust policy"
    elif [policy["PolicyArn"] for policy in role["AttachedManagedPolicies"]] != POLICIES:
        yield f"{name}: the role has other managed policies"
    if account.profiles.get(name) != [name]:
        yield f"{name}: the instance profile holds {account.profiles.get(name)}"
    images = account.configurations.get(name, {})
    if image not in images.values() or (prunes and fleet.group and len(images) > 1):
        yield f"{name}: the images of its launch configurations are {list(images.values())}, not {image}"
    if fleet.group is None:
        return
    group = account.groups.get(name)
    if group is None:
        yield f"{name}: the group is missing"
        return
    if images.get(group.get("LaunchConfigurationName", "")) != image:
        yield f"{name}: the group launches with {group.get('LaunchConfigurationName')}, not with image {image}"
    desired = (fleet.group.subnet, fleet.group.instances, fleet.group.max_size, fleet.group.instances)
    actual = (group["VPCZoneIdentifier"], group["MinSize"], group["MaxSize"], len(group["Instances"]))
    if actual != desired:
        yield f"{name}: subnet, sizes and instances of the group are {actual}, not {desired}"


def differences(account: Account, fleet: Fleet, prunes: bool) -> list[str]:
    """What is not as the fleet wants it. ``prunes``: the launch configurations that groups have left must be gone.

    Without a group, one has to be an hour old to go.
    """
    expected = {} if fleet.absent else fleet.images
    differing = [line for name in expected for line in _application_differences(account, fleet, name, prunes)]
    # IAM has roles of its own, for services.
    roles = set(account.roles) & set(fleet.images)
    others = {*account.profiles, *account.configurations, *account.groups, *roles} - set(expected)
    return [*differing, *(f"{name}: not of this fleet" for name in sorted(others))]
