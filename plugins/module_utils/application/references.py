# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application refers to, and why AWS would refuse it: a run that has begun would stop half-way. Pure.

References are kind -> names, ids or ARNs, and what AWS knows of them is kind -> name -> resource, see ``find/references.py``.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

import difflib

from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX
from ansible_collections.launchkit.aws.plugins.module_utils.launch.security_groups import names_in

_SSM = "resolve:ssm:"
# IAM attaches what is under this path to service-linked roles only.
_SERVICE_LINKED = ":policy/aws-service-role/"
# How much a name has to be like another to be suggested, from 0 to 1.
_ALIKE = 0.75
# Kind -> how the sentence about one that does not exist ends.
_MISSING = {
    "images": " in this Region, or this account may not use it. Correct the id, or share the image with this account.",
    "ssm_parameters": " in this Region. Correct its name, version or label.",
    "instance_types": " in this Region.{suggestion} Use an instance type that this Region offers.",
    "key_pairs": " in this Region.{suggestion} Correct the name, or create the key pair first.",
    "security_groups": " in this Region. Correct the id.",
    "snapshots": " in this Region, or this account may not use it. "
    "Correct the id, or share the snapshot with this account.",
    "subnets": " in this Region. Correct the id.",
    "target_groups": " in this Region. Correct the ARN.",
    "load_balancers": " in this Region.{suggestion} Correct the name; for other load balancers, set "
    f"{PREFIX}group_target_group_arns.",
    "policies": ". Correct the ARN; letter case counts.",
}
# Kind -> its noun, and the state in which it can be used.
_READY = {"images": ("image", "available"), "snapshots": ("snapshot", "completed")}


def of_launch_settings(settings):
    """Return what launch settings refer to. Security groups given by name are not among it: their ids are found elsewhere."""
    image = settings.image_id or ""
    return _references(
        images=[] if image.startswith("resolve:") else [image],
        ssm_parameters=[_ssm_parameter(settings)],
        instance_types=[settings.instance_type],
        key_pairs=[settings.key_name],
        security_groups=_security_group_ids(settings),
        snapshots=[volume.snapshot for volume in settings.volumes or ()],
    )


def of_group(options, settings):
    """Return what an Auto Scaling group refers to, and with subnets the security groups, which have to be in the same VPC.

    :param options: the role's variables without :data:`PREFIX`; those that the group does not change can be left out.
    :param settings: the launch settings of the group's instances.
    """
    subnets = options.get("group_subnets")
    return _references(
        subnets=subnets,
        security_groups=_security_group_ids(settings) if subnets else (),
        target_groups=options.get("group_target_group_arns"),
        load_balancers=options.get("group_load_balancers"),
    )


def of_policies(policies):
    """Return the managed policies to look up.

    :param policies: as they were written. A name has become an ARN by a lookup already.
    """
    return _references(policies=[each for each in policies if each.startswith("arn:") and _SERVICE_LINKED not in each])


def merge(references):
    """Return all references of a list as one."""
    kinds = {kind for each in references for kind in each}
    return {kind: frozenset().union(*(each.get(kind, ()) for each in references)) for kind in kinds}


def launch_settings_blockers(settings, found):
    """Return why instances cannot be launched with the settings: a sentence or two for each mistake. What is unknown is no mistake.

    :param found: kind -> name -> resource, None for one that does not exist.
    """
    checks = (_image, _instance_type, _key_pair, _security_groups, _volumes)
    return tuple(f"{PREFIX}{text}" for check in checks for text in check(settings, found))


def group_blockers(options, settings, found):
    """Return why an Auto Scaling group cannot be created or updated, like :func:`launch_settings_blockers`.

    :param options: the role's variables without :data:`PREFIX`.
    """
    texts = (*_subnets(options, settings, found), *_load_balancing(options, found))
    return tuple(f"{PREFIX}{text}" for text in texts)


def policy_blockers(options, policy_arns, found):
    """Return why managed policies cannot be attached to the role, like :func:`launch_settings_blockers`.

    :param policy_arns: for each policy that is written by name, its ARN.
    """
    return tuple(f"{PREFIX}{text}" for text in _policies(options, policy_arns, found))


def _image(settings, found):
    parameter, image_id = _ssm_parameter(settings), _image_id(settings, found)
    yield from _unusable(f"image_id: SSM parameter '{parameter}'", "ssm_parameters", parameter, found)
    if parameter and image_id and not image_id.startswith("ami-"):
        # The value is not shown: the wrong parameter can hold a secret.
        yield f"image_id: SSM parameter '{parameter}' does not hold the id of an image (ami-...). Use another parameter."
    yield from _unusable(f"image_id: {_image_text(settings, image_id)}", "images", image_id, found)


def _instance_type(settings, found):
    name, image_id = settings.instance_type, _image_id(settings, found)
    yield from _unusable(f"instance_type: '{name}'", "instance_types", name, found)
    architecture = _resource("images", image_id, found).get("Architecture")
    supported = _resource("instance_types", name, found).get("ProcessorInfo", {}).get("SupportedArchitectures")
    if architecture and supported and architecture not in supported:
        yield (
            f"instance_type: '{name}' runs {' and '.join(supported)}, and {_image_text(settings, image_id)} is for "
            f"{architecture}. Use an instance type and an image of one architecture."
        )


def _key_pair(settings, found):
    return _unusable(f"key_name: key pair '{settings.key_name}'", "key_pairs", settings.key_name, found)


def _security_groups(settings, found):
    groups = sorted(_security_group_ids(settings))
    for group in groups:
        yield from _unusable(f"security_groups: security group '{group}'", "security_groups", group, found)
    vpcs = _vpcs("security_groups", groups, found)
    if len(vpcs) > 1:
        yield f"security_groups: the groups are in the VPCs {_quoted(vpcs)}. Use security groups of one VPC."


def _volumes(settings, found):
    image_id = _image_id(settings, found)
    devices = _resource("images", image_id, found).get("BlockDeviceMappings", ())
    in_image = {device["DeviceName"]: device.get("Ebs", {}) for device in devices}
    for volume in settings.volumes or ():
        where = f"volumes ({volume.device_name})"
        if volume.snapshot:
            source, snapshot = f"snapshot '{volume.snapshot}'", _resource("snapshots", volume.snapshot, found)
            size = snapshot.get("VolumeSize")
            yield from _unusable(f"{where}: {source}", "snapshots", volume.snapshot, found)
        else:
            source, device = f"the volume in {_image_text(settings, image_id)}", in_image.get(volume.device_name, {})
            size = device.get("VolumeSize") if device.get("SnapshotId") else None
        if volume.volume_size and size and volume.volume_size < size:
            yield f"{where}: volume_size is {volume.volume_size} GiB, and {source} has {size} GiB. Set {size} or more."


def _subnets(options, settings, found):
    subnets = options.get("group_subnets") or ()
    for subnet in subnets:
        yield from _unusable(f"group_subnets: subnet '{subnet}'", "subnets", subnet, found)
    vpcs = _vpcs("security_groups", _security_group_ids(settings), found)
    if options.get("vpc_id") and names_in(settings.security_groups):
        vpcs.add(options["vpc_id"])
    others = _vpcs("subnets", subnets, found) - vpcs
    if len(vpcs) == 1 and others:
        yield (
            f"group_subnets: subnets are in VPC {_quoted(others)}, and the security groups are in VPC {_quoted(vpcs)}. "
            f"Use subnets and {PREFIX}security_groups of one VPC."
        )


def _load_balancing(options, found):
    vpcs = _vpcs("subnets", options.get("group_subnets") or (), found)
    for kind, variable, noun, vpc_key in (
        ("target_groups", "group_target_group_arns", "target group", "VpcId"),
        ("load_balancers", "group_load_balancers", "Classic Load Balancer", "VPCId"),
    ):
        for name in options.get(variable) or ():
            where, resource = f"{variable}: {noun} '{name}'", _resource(kind, name, found)
            yield from _unusable(where, kind, name, found)
            if resource.get("TargetType", "instance") != "instance":
                # https://docs.aws.amazon.com/autoscaling/ec2/userguide/getting-started-elastic-load-balancing.html
                yield f"{where} has the target type '{resource['TargetType']}'. Use one of the target type 'instance'."
            elif vpcs and resource.get(vpc_key) and resource[vpc_key] not in vpcs:
                yield (
                    f"{where} is in VPC '{resource[vpc_key]}', and {PREFIX}group_subnets are in VPC {_quoted(vpcs)}. "
                    "Use one VPC."
                )


def _policies(options, policy_arns, found):
    boundary = options.get("permissions_boundary")
    written = [("managed_policies", each) for each in options.get("managed_policies") or ()]
    for variable, policy in [*written, *([("permissions_boundary", boundary)] if boundary else [])]:
        where, arn = f"{variable}: managed policy '{policy}'", policy_arns.get(policy) or policy
        if _SERVICE_LINKED in arn:
            yield f"{where} is for service-linked roles only. Use another policy."
        yield from _unusable(where, "policies", arn, found)


def _unusable(where, kind, name, found):
    """Yield a sentence if a resource does not exist or is not in the state in which it can be used.

    :param where: the variable and the resource, with which the sentence begins.
    """
    answers, state = found.get(kind, {}), _resource(kind, name, found).get("State")
    if name in answers and answers[name] is None:
        close = difflib.get_close_matches(name, [other for other, answer in answers.items() if answer], 1, _ALIKE)
        suggestion = f" Did you mean '{close[0]}'?" if close else ""
        yield f"{where} does not exist{_MISSING[kind].format(suggestion=suggestion)}"
    elif state and kind in _READY and state != _READY[kind][1]:
        noun, ready = _READY[kind]
        wait = f"Wait until it is {ready}, or use" if state == "pending" else "Use"
        yield f"{where} is in the state '{state}'. {wait} another {noun}."


def _ssm_parameter(settings):
    """Return the name of the SSM parameter that holds the image's id, with version or label, or None."""
    image = settings.image_id or ""
    return image[len(_SSM) :] if image.startswith(_SSM) else None


def _image_id(settings, found):
    """Return the id of the image; for an SSM parameter its value, or None if that is unknown."""
    parameter = _ssm_parameter(settings)
    return _resource("ssm_parameters", parameter, found).get("Value") if parameter else settings.image_id


def _image_text(settings, image_id):
    parameter = _ssm_parameter(settings)
    return f"image '{image_id}'" + (f" of SSM parameter '{parameter}'" if parameter else "")


def _security_group_ids(settings):
    return set(settings.security_groups or ()) - set(names_in(settings.security_groups))


def _references(**kinds):
    names = {kind: frozenset(filter(None, names or ())) for kind, names in kinds.items()}
    return {kind: each for kind, each in names.items() if each}


def _resource(kind, name, found):
    return found.get(kind, {}).get(name) or {}


def _vpcs(kind, names, found):
    return {_resource(kind, name, found).get("VpcId") for name in names} - {None}


def _quoted(names):
    return ", ".join(f"'{name}'" for name in sorted(names))
