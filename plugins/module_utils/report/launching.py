# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Findings about what an application launches: settings, images, volumes, instances, group. Pure.
Private to the collection: names and shapes can change in any release."""

import json
import shlex
from datetime import datetime, timezone

from ..autoscaling import instance_refresh
from ..launch import block_devices
from .account import CONFIGURATION, resolved_image
from .catalogue import Finding

_SHOWN = 5


def findings(row, account, thresholds, numbers):
    """Yield the findings about launch settings, instances and group of an application.

    :param thresholds: name -> value of the options in ``module.py``.
    :param numbers: see :func:`~instance_refresh.version_numbers`.
    """
    for launch in row.launches:
        # What no group names launches nothing.
        if launch.settings is not None and not row.is_unused(launch):
            yield from _settings(launch, account, thresholds)
            yield from _image(launch, account, thresholds)
    yield from _instances(row, account, thresholds)
    if row.group is not None:
        yield from _group(row, thresholds, numbers)
    for name in row.unused:
        command = f"aws autoscaling delete-launch-configuration --launch-configuration-name {shlex.quote(name)}"
        yield Finding("launch_configuration_unused", f"No group names launch configuration {name}.", command)


def listed(names):
    """Return names as text, the first of many."""
    names = list(names)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def outdated(row, numbers):
    """Return the IDs of the outdated instances of an application's group."""
    return () if row.group is None else instance_refresh.outdated(row.group, numbers=numbers)


def image_of(launch, account):
    """Return the image that launch settings name as EC2 gives it, or None."""
    identifier = launch.settings and resolved_image(account, launch.settings)
    return (account.images or {}).get(identifier) if identifier else None


def is_image_broken(launch, account):
    """Return whether it is known that the image of launch settings cannot be launched."""
    if launch.settings is None or account.images is None:
        return False
    identifier, settings = resolved_image(account, launch.settings), launch.settings
    if identifier is None:
        return settings.image_id[len("resolve:ssm:") :] in account.parameters
    image = account.images.get(identifier, {})
    return image is None or image.get("State", "available") != "available"


def _settings(launch, account, thresholds):
    settings, options = launch.settings, launch.settings.metadata_options
    image = image_of(launch, account) or {}
    tokens = options and options.http_tokens
    endpoint = options and options.http_endpoint
    if endpoint != "disabled" and tokens != "required" and not (tokens is None and image.get("ImdsSupport") == "v2.0"):
        value = f"http_tokens is {tokens}" if tokens else "http_tokens has no value"
        yield Finding("imdsv1", f"In {launch.title}, {value}.", "application_metadata_options: {http_tokens: required}")
    limit = options and options.http_put_response_hop_limit
    if (limit or 0) > thresholds["max_hop_limit"]:
        fix = f"application_metadata_options: {{http_put_response_hop_limit: {thresholds['max_hop_limit']}}}"
        yield Finding("hop_limit", f"In {launch.title}, http_put_response_hop_limit is {limit}.", fix)
    if settings.assign_public_ip:
        yield Finding(
            "public_address", f"{launch.title} assigns public IP addresses.", "application_assign_public_ip: false"
        )
    devices = _unencrypted_devices(settings, image, account.encrypts_by_default)
    if devices:
        entries = ", ".join(f"{{device_name: {name}, encrypted: true}}" for name in devices[:_SHOWN])
        fix = f"application_volumes: [{entries}]"
        yield Finding("unencrypted_volumes", f"In {launch.title}, {listed(devices)}.", fix)


def _unencrypted_devices(settings, image, encrypts_by_default):
    """Return the names of the EBS devices of new instances that are known to be unencrypted."""
    if encrypts_by_default or encrypts_by_default is None:
        return []
    known = block_devices.from_api(image.get("BlockDeviceMappings") or ())
    names = {device.device_name for device in settings.volumes or ()}
    devices = [
        *block_devices.merge(known, settings.volumes or ()),
        *(each for each in known if each.device_name not in names),
    ]
    # The snapshot of a volume can be encrypted.
    return sorted(
        each.device_name
        for each in devices
        if each.kind == "ebs" and not each.encrypted and (each.encrypted is False or not each.snapshot)
    )


def _image(launch, account, thresholds):
    fix = "application_image_id: the ID of a current image"
    identifier, image = resolved_image(account, launch.settings), image_of(launch, account)
    if is_image_broken(launch, account):
        state = f"is {image['State']}" if image else "does not exist"
        yield Finding(
            "image_missing", f"{launch.title} names image {identifier or launch.settings.image_id}, which {state}.", fix
        )
    elif image:
        deprecated, created = _time(image.get("DeprecationTime")), _time(image.get("CreationDate"))
        now = account.observation.now
        if deprecated and deprecated <= now:
            yield Finding("image_deprecated", f"Image {identifier} is deprecated since {deprecated:%Y-%m-%d}.", fix)
        age = (now - created).days if created else 0
        if age > thresholds["max_image_age_days"]:
            yield Finding("image_old", f"Image {identifier} is {age} days old, created on {created:%Y-%m-%d}.", fix)


def _time(text):
    """Return the time that an API gave as text, or None."""
    try:
        return datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    except (TypeError, ValueError):
        return None


def _instances(row, account, thresholds):
    options = {each["InstanceId"]: each.get("MetadataOptions") or {} for each in row.instances}
    refresh = "application_refresh: true" if row.group is not None else "Replace the instances."
    weak = [
        key
        for key, each in options.items()
        if each.get("HttpTokens") == "optional" and each.get("HttpEndpoint") != "disabled"
    ]
    if weak:
        command = f"aws ec2 modify-instance-metadata-options --http-tokens required --instance-id {weak[0]}"
        yield Finding("imdsv1", f"IMDSv1 is permitted on {_count(weak, 'instance')}: {listed(weak)}.", command)
    far = [key for key, each in options.items() if each.get("HttpPutResponseHopLimit", 0) > thresholds["max_hop_limit"]]
    if far:
        command = (
            "aws ec2 modify-instance-metadata-options --http-endpoint enabled "
            f"--http-put-response-hop-limit {thresholds['max_hop_limit']} --instance-id {far[0]}"
        )
        yield Finding("hop_limit", f"A higher hop limit on {_count(far, 'instance')}: {listed(far)}.", command)
    public = [each["InstanceId"] for each in row.instances if each.get("PublicIpAddress")]
    if public:
        fix = "application_assign_public_ip: false, or application_group_subnets: private subnets"
        yield Finding("public_address", f"A public IP address on {_count(public, 'instance')}: {listed(public)}.", fix)
    volumes = [
        volume["Ebs"]["VolumeId"]
        for each in row.instances
        for volume in each.get("BlockDeviceMappings") or ()
        if (volume.get("Ebs") or {}).get("VolumeId") in (account.unencrypted or ())
    ]
    if volumes:
        detail = f"{_count(volumes, 'volume')} of living instances: {listed(volumes)}."
        yield Finding("unencrypted_volumes", detail, f"aws ec2 enable-ebs-encryption-by-default, then {refresh}")


def _group(row, thresholds, numbers):
    group = row.group
    ids = outdated(row, numbers)
    if ids:
        detail = f"{len(ids)} of {_count(group.get('Instances') or (), 'instance')}: {listed(ids)}."
        yield Finding("outdated_instances", detail, "application_refresh: true")
    balanced = group.get("TargetGroupARNs") or group.get("LoadBalancerNames") or group.get("TrafficSources")
    checks = {part.strip() for part in (group.get("HealthCheckType") or "EC2").split(",")}
    if balanced and checks <= {"EC2", "EBS"}:
        detail = f"The group has {_count(balanced, 'load balancer or target group')}, and its health check type is {', '.join(sorted(checks))}."
        yield Finding("health_check", detail, "application_group_health_check_type: ELB")
    zones = group.get("AvailabilityZones") or ()
    if len(zones) < thresholds["min_zones"]:
        detail = f"The group is in {listed(sorted(zones)) or 'no zone'}."
        yield Finding("few_zones", detail, "application_group_subnets: subnets in several zones")
    old = [launch.name for launch in row.launches if launch.kind == CONFIGURATION]
    if old:
        variables = json.dumps({"launch_template_migration_groups": [group["AutoScalingGroupName"]]})
        command = f"ansible-playbook launchkit.aws.migrate -e {shlex.quote(variables)}"
        yield Finding("launch_configuration", f"The group launches from launch configuration {listed(old)}.", command)


def _count(items, noun):
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
