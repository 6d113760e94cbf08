# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How instances come into being: from settings in the shape of LaunchTemplateData, all in one place.

Moto launches with part of what the launch settings say; what is said here is what the instance gets.
"""

from __future__ import annotations

from typing import Any

from moto.ec2.utils import parse_user_data

from .registry import Refusal


def find_template(backend: Any, template_id: str | None, name: str | None) -> Any:
    """The template, by id or name; raises EC2's error for one that does not exist."""
    if template_id:
        if template_id not in backend.launch_templates:
            raise Refusal(
                "InvalidLaunchTemplateId.NotFound",
                f"The specified launch template, with template ID {template_id}, does not exist.",
            )
        return backend.launch_templates[template_id]
    if name not in backend.launch_template_name_to_ids:
        raise Refusal(
            "InvalidLaunchTemplateName.NotFoundException",
            f"The specified launch template, with template name {name}, does not exist.",
        )
    return backend.launch_templates[backend.launch_template_name_to_ids[name]]


def launch(
    backend: Any, settings: dict[str, Any], count: int, *, subnet_id: str | None = None, zone: str | None = None,
    tags: dict[str, str] | None = None,
) -> Any:  # fmt: skip
    """Run instances from settings in the shape of LaunchTemplateData; returns moto's reservation."""
    interface = _primary_interface(settings)
    placement = settings.get("Placement") or {}
    subnet = _subnet(backend, subnet_id or interface.get("SubnetId"), zone or placement.get("AvailabilityZone"))
    profile = _profile(backend, settings.get("IamInstanceProfile"))
    instance_tags, volume_tags = _specified_tags(settings)
    reservation = backend.run_instances(
        _image(backend, settings.get("ImageId")),
        count,
        parse_user_data(str(settings["UserData"])) if settings.get("UserData") else None,
        [],
        instance_type=settings.get("InstanceType") or "m1.small",
        is_instance_type_default=False,
        region_name=backend.region_name,
        placement=subnet.availability_zone,
        subnet_id=subnet.id,
        key_name=settings.get("KeyName"),
        security_group_ids=_security_groups(backend, settings, subnet),
        associate_public_ip=interface.get("AssociatePublicIpAddress"),
        ebs_optimized=bool(settings.get("EbsOptimized")),
        monitoring_state="enabled" if (settings.get("Monitoring") or {}).get("Enabled") else "disabled",
        metadata_options=settings.get("MetadataOptions") or {},
        disable_api_stop=bool(settings.get("DisableApiStop")),
        disable_api_termination=bool(settings.get("DisableApiTermination")),
        instance_initiated_shutdown_behavior=settings.get("InstanceInitiatedShutdownBehavior"),
        instance_market_options=(settings.get("InstanceMarketOptions") or {}).get("MarketType"),
        tags={"instance": {**instance_tags, **(tags or {})}},
        block_device_mappings=[],
    )
    for instance in reservation.instances:
        instance.placement.tenancy = placement.get("Tenancy") or "default"
        instance.credit_specification = (settings.get("CreditSpecification") or {}).get("CpuCredits")
        if settings.get("KernelId"):
            instance.kernel = instance.kernel_id = settings["KernelId"]
        if settings.get("RamdiskId"):
            instance.ramdisk = settings["RamdiskId"]
        if profile is not None:
            backend.associate_iam_instance_profile(instance.id, iam_instance_profile_name=profile.name)
            instance.iam_instance_profile = {"Arn": profile.arn, "Id": profile.id}
        _attach_volumes(backend, instance, settings.get("BlockDeviceMappings") or [], volume_tags)
    return reservation


def _profile(backend: Any, given: dict[str, str] | None) -> Any:
    if not given or not any(given.values()):
        return None
    from moto.iam.models import iam_backends

    from .consistency import is_invisible
    from .rules.instance_profiles import find_profile

    iam = iam_backends[backend.account_id][backend.partition]
    name = given.get("Arn") or given.get("Name") or ""
    found = find_profile(iam, name)
    if found is None or is_invisible(found):
        field = "arn" if given.get("Arn") else "name"
        what = "ARN" if given.get("Arn") else "name"
        raise Refusal(
            "InvalidParameterValue",
            f"Value ({name}) for parameter iamInstanceProfile.{field} is invalid. Invalid IAM Instance Profile {what}",
        )
    return found


def _image(backend: Any, image: str | None) -> str:
    """The image id; ``resolve:ssm:NAME`` stands for the value of a parameter."""
    if image and image.startswith("resolve:ssm:"):
        from moto.ssm.models import ssm_backends

        name = image.removeprefix("resolve:ssm:")
        parameter = ssm_backends[backend.account_id][backend.region_name].get_parameters([name]).get(name)
        if parameter is None:
            raise Refusal(
                "InvalidParameterValue", f"Invalid value '{image}' for ImageId. The parameter does not exist."
            )
        return str(parameter.value)
    return image or ""


def _subnet(backend: Any, subnet_id: str | None, zone: str | None) -> Any:
    if subnet_id:
        return backend.get_subnet(subnet_id)
    defaults = backend.get_default_subnets()
    if not defaults:
        raise Refusal("VPCIdNotSpecified", "No default VPC for this user")
    return defaults[zone] if zone in defaults else next(iter(defaults.values()))


def named_security_groups(settings: dict[str, Any]) -> list[str]:
    """Security groups (ids or names) that settings name, at the top and in the primary network interface."""
    interface = _primary_interface(settings)
    return [
        *(interface.get("Groups") or []), *(settings.get("SecurityGroupIds") or []), *(settings.get("SecurityGroups") or [])
    ]  # fmt: skip


def _primary_interface(settings: dict[str, Any]) -> dict[str, Any]:
    return next((nic for nic in settings.get("NetworkInterfaces") or [] if nic.get("DeviceIndex", 0) == 0), {})


def _security_groups(backend: Any, settings: dict[str, Any], subnet: Any) -> list[Any]:
    named = named_security_groups(settings)
    if not named:
        default = backend.get_default_security_group(subnet.vpc_id)
        return [default] if default else []
    groups = []
    for name in named:
        group = backend.get_security_group_by_name_or_id(name, subnet.vpc_id)
        if group is None:
            raise Refusal("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
        groups.append(group)
    return groups


def _specified_tags(settings: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    tags: dict[str, dict[str, str]] = {"instance": {}, "volume": {}}
    for specification in settings.get("TagSpecifications") or []:
        pairs = {tag["Key"]: tag.get("Value", "") for tag in specification.get("Tags") or []}
        tags.setdefault(specification.get("ResourceType", ""), {}).update(pairs)
    return tags["instance"], tags["volume"]


def _attach_volumes(backend: Any, instance: Any, mappings: list[dict[str, Any]], tags: dict[str, str]) -> None:
    """The image's root volume, changed and added to by the mappings; NoDevice takes a device away."""
    root = instance.root_device_name or "/dev/sda1"
    devices: dict[str, dict[str, Any]] = {root: {"VolumeSize": 8, "DeleteOnTermination": True}}
    for mapping in mappings:
        name = mapping.get("DeviceName") or root
        if mapping.get("NoDevice") not in (None, False):
            devices.pop(name, None)
        elif mapping.get("Ebs"):
            devices[name] = {**devices.get(name, {}), **mapping["Ebs"]}
    for name, ebs in devices.items():
        size = ebs.get("VolumeSize")
        volume = backend.create_volume(
            size=None if size is None else int(size),
            zone_name=instance.placement.zone,
            snapshot_id=ebs.get("SnapshotId"),
            encrypted=bool(ebs.get("Encrypted")),
            kms_key_id=ebs.get("KmsKeyId") if ebs.get("Encrypted") else None,
            volume_type=ebs.get("VolumeType"),
            iops=ebs.get("Iops"),
            throughput=ebs.get("Throughput"),
        )
        volume.add_tags(tags)
        backend.attach_volume(volume.id, instance.id, name, bool(ebs.get("DeleteOnTermination", False)))
