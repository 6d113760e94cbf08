# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an Auto Scaling group launches from, and how its instances show it."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, InstanceState

from . import lifecycle
from .launching import find_template, launch


class LaunchedState(InstanceState):
    """A group's instance, which shows what it was launched with even after the group moved on to something else."""

    def __init__(self, instance: Any, group: Any, source: dict[str, Any]):
        super().__init__(
            instance, protected_from_scale_in=group.new_instances_protected_from_scale_in, autoscaling_group=group
        )
        self.source = source

    @property
    def launch_configuration_name(self) -> str | None:
        return self.source.get("LaunchConfigurationName")

    @property
    def launch_template(self) -> dict[str, Any] | None:
        return self.source.get("LaunchTemplate")


def settings_of_launch_configuration(configuration: Any) -> dict[str, Any]:
    """A launch configuration in the shape of LaunchTemplateData, with Auto Scaling's own defaults filled in."""
    # Moto makes one without a request when a group is created from an instance.
    asked = getattr(configuration, "requested", None) or {
        "ImageId": configuration.image_id, "InstanceType": configuration.instance_type, "KeyName": configuration.key_name,
        "SecurityGroups": configuration.security_groups, "UserData": str(configuration.user_data or ""),
    }  # fmt: skip
    settings = {
        name: asked[name]
        for name in (
            "ImageId",
            "InstanceType",
            "KeyName",
            "UserData",
            "EbsOptimized",
            "MetadataOptions",
            "KernelId",
            "RamdiskId",
        )
        if asked.get(name) not in (None, "")
    }
    profile = asked.get("IamInstanceProfile")
    if profile:
        settings["IamInstanceProfile"] = {"Arn" if profile.startswith("arn:") else "Name": profile}
    settings["Monitoring"] = {"Enabled": (asked.get("InstanceMonitoring") or {}).get("Enabled", True)}
    settings["SecurityGroupIds"] = list(asked.get("SecurityGroups") or [])
    if asked.get("PlacementTenancy"):
        settings["Placement"] = {"Tenancy": asked["PlacementTenancy"]}
    if asked.get("AssociatePublicIpAddress") is not None:
        settings["NetworkInterfaces"] = [
            {"DeviceIndex": 0, "AssociatePublicIpAddress": asked["AssociatePublicIpAddress"]}
        ]
    if asked.get("SpotPrice"):
        settings["InstanceMarketOptions"] = {"MarketType": "spot", "SpotOptions": {"MaxPrice": asked["SpotPrice"]}}
    settings["BlockDeviceMappings"] = [
        {**mapping, "Ebs": {"DeleteOnTermination": True, **mapping["Ebs"]}} if mapping.get("Ebs") else dict(mapping)
        for mapping in asked.get("BlockDeviceMappings") or []
    ]
    return settings


def source_of_group(group: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a group launches next: the settings, and what its instances will show as their source."""
    template = group.ec2_launch_template
    if template is None:
        configuration = group.launch_config
        return settings_of_launch_configuration(configuration), {"LaunchConfigurationName": configuration.name}
    specification = {"LaunchTemplateId": template.id, "Version": group.launch_template_version}
    return source_of(group.ec2_backend, specification, group.mixed_instances_policy)


def source_of(
    backend: Any, specification: dict[str, Any], policy: dict[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The settings and the source of a launch template's version, or of the first override of a mixed instances policy."""
    # As the strategy "prioritized" has it: the first override, while it has capacity. Here it always has.
    overrides = policy["LaunchTemplate"].get("Overrides") if policy else None
    override: dict[str, Any] = next(iter(overrides or []), {})
    named = override.get("LaunchTemplateSpecification") or specification
    template = find_template(backend, named.get("LaunchTemplateId"), named.get("LaunchTemplateName"))
    version = template.get_version(named.get("Version") or "$Default")
    settings = dict(version.data)
    if override.get("InstanceType"):
        settings["InstanceType"] = override["InstanceType"]
    shown = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "Version": str(version.number)}
    return settings, {"LaunchTemplate": shown}


def launch_for_group(group: Any, count: int, propagated_tags: dict[str, str]) -> list[LaunchedState]:
    """Launch ``count`` instances into a group, spread over its subnets or zones."""
    settings, source = source_of_group(group)
    return launch_from(group, settings, source, count, propagated_tags)


def launch_from(
    group: Any, settings: dict[str, Any], source: dict[str, Any], count: int, propagated_tags: dict[str, str]
) -> list[LaunchedState]:
    """Launch into a group from given settings, which are not always the group's current ones (a rollback)."""
    states = []
    tags = {**propagated_tags, ASG_NAME_TAG: group.name}
    if template := source.get("LaunchTemplate"):
        tags["aws:ec2launchtemplate:id"] = template["LaunchTemplateId"]
        tags["aws:ec2launchtemplate:version"] = template["Version"]
    for _number in range(count):
        zone, subnet = _emptiest_place(group)
        reservation = launch(group.ec2_backend, settings, 1, subnet_id=subnet, zone=zone, tags=tags)
        state = LaunchedState(_owned(reservation.instances[0], group), group, source)
        group.instance_states.append(state)
        lifecycle.begin(state)
        states.append(state)
    return states


def _owned(instance: Any, group: Any) -> Any:
    instance.autoscaling_group = group
    return instance


def _emptiest_place(group: Any) -> tuple[str | None, str | None]:
    """The zone and subnet with the fewest of the group's instances; the first of equals."""
    used = [state.instance for state in group.instance_states if not lifecycle.is_leaving(state)]
    if group.vpc_zone_identifier:
        subnets = [subnet.strip() for subnet in group.vpc_zone_identifier.split(",")]
        chosen = min(subnets, key=lambda subnet: sum(instance.subnet_id == subnet for instance in used))
        return None, chosen
    zones = group.availability_zones
    return min(zones, key=lambda zone: sum(instance.placement.zone == zone for instance in used)), None
