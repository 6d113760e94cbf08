# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application refers to, and why AWS would refuse it: a run that has begun would stop half-way. Pure.
Private to the collection: names and shapes can change in any release.
References are kind -> names, ids or ARNs, and what AWS knows of them is kind -> name -> resource, see ``find/references.py``.
"""

import difflib

from ..launch.options import named_security_groups
from .options import PREFIX

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


def of_launch_settings(settings, former=()):
    """Return what launch settings refer to. Security groups given by name are not among it: their ids are found elsewhere.

    :param former: launch configurations as the API gives them. The instance type of one exists, so its image is looked up instead: the
        type also runs a new image of that architecture.
    """
    uses, images = list(_launch_uses(settings, {})), _images_of_type(settings, former)
    if images:
        uses = [use for use in uses if use[0] != "instance_types"] + [("images", images[0])]
    return _references(uses)


def undecided_types(settings, former, found):
    """Return the instance type if it has to be looked up after all: the former image is gone, or of another architecture."""
    images = [*_images_of_type(settings, former)[:1], _image_id(settings, found)]
    architectures = {_resource("images", image, found).get("Architecture") for image in images}
    return [settings.instance_type] if len(images) == 2 and (None in architectures or len(architectures) > 1) else []


def of_group(options, settings):
    """Return what an Auto Scaling group refers to, and with subnets the security groups, which have to be in the same VPC.

    :param options: the role's variables without :data:`PREFIX`; those that the group does not change can be left out.
    :param settings: the launch settings of the group's instances.
    """
    uses = list(_group_uses(options))
    if options.get("group_subnets"):
        uses += [("security_groups", group) for group in _security_group_ids(settings)]
    return _references(uses)


def of_policies(policies):
    """Return the managed policies to look up.

    :param policies: as they were written. A name has become an ARN by a lookup already.
    """
    arns = [each for each in policies if each.startswith("arn:") and _SERVICE_LINKED not in each]
    return _references(("policies", arn) for arn in arns)


def merge(references):
    """Return all references of a list as one."""
    return _references((kind, name) for each in references for kind, names in each.items() for name in names)


def launch_settings_blockers(settings, found):
    """Return why instances cannot be launched with the settings: a sentence or two for each mistake. What is unknown is no mistake.

    :param found: kind -> name -> resource, None for one that does not exist.
    """
    checks = (_image, _architecture, _security_groups, _volume_sizes)
    texts = [text for check in checks for text in check(settings, found)]
    return tuple(f"{PREFIX}{text}" for text in (*_unusable(_launch_uses(settings, found), found), *texts))


def group_blockers(options, settings, found):
    """Return why an Auto Scaling group cannot be created or updated, like :func:`launch_settings_blockers`.

    :param options: the role's variables without :data:`PREFIX`.
    """
    texts = (*_subnets(options, settings, found), *_load_balancing(options, found))
    return tuple(f"{PREFIX}{text}" for text in (*_unusable(_group_uses(options), found), *texts))


def policy_blockers(options, policy_arns, found):
    """Return why managed policies cannot be attached to the role, like :func:`launch_settings_blockers`.

    :param policy_arns: for each policy that is written by name, its ARN.
    """
    return tuple(f"{PREFIX}{text}" for text in _policies(options, policy_arns, found))


def _launch_uses(settings, found):
    """Yield what launch settings use, each with its kind, its name or None, and how a sentence about it begins."""
    parameter, image_id = _ssm_parameter(settings), _image_id(settings, found)
    yield "ssm_parameters", parameter, f"image_id: SSM parameter '{parameter}'"
    yield "images", image_id, f"image_id: {_image_text(settings, image_id)}"
    yield "instance_types", settings.instance_type, f"instance_type: '{settings.instance_type}'"
    yield "key_pairs", settings.key_name, f"key_name: key pair '{settings.key_name}'"
    for group in _security_group_ids(settings):
        yield "security_groups", group, f"security_groups: security group '{group}'"
    for volume in settings.volumes or ():
        yield "snapshots", volume.snapshot, f"volumes ({volume.device_name}): snapshot '{volume.snapshot}'"


def _group_uses(options):
    """Yield what an Auto Scaling group uses, like :func:`_launch_uses`."""
    for subnet in options.get("group_subnets") or ():
        yield "subnets", subnet, f"group_subnets: subnet '{subnet}'"
    for arn in options.get("group_target_group_arns") or ():
        yield "target_groups", arn, f"group_target_group_arns: target group '{arn}'"
    for name in options.get("group_load_balancers") or ():
        yield "load_balancers", name, f"group_load_balancers: Classic Load Balancer '{name}'"


def _image(settings, found):
    parameter, image_id = _ssm_parameter(settings), _image_id(settings, found)
    if parameter and image_id and not image_id.startswith("ami-"):
        # The value is not shown: the wrong parameter can hold a secret.
        yield f"image_id: SSM parameter '{parameter}' does not hold the id of an image (ami-...). Use another parameter."


def _architecture(settings, found):
    image_id, kind = _image_id(settings, found), _resource("instance_types", settings.instance_type, found)
    architecture = _resource("images", image_id, found).get("Architecture")
    supported = kind.get("ProcessorInfo", {}).get("SupportedArchitectures")
    if architecture and supported and architecture not in supported:
        yield (
            f"instance_type: '{settings.instance_type}' runs {' and '.join(supported)}, and "
            f"{_image_text(settings, image_id)} is for {architecture}. Use an instance type and an image of one architecture."
        )


def _security_groups(settings, found):
    vpcs = _vpcs("security_groups", _security_group_ids(settings), found)
    if len(vpcs) > 1:
        yield f"security_groups: the groups are in the VPCs {_quoted(vpcs)}. Use security groups of one VPC."


def _volume_sizes(settings, found):
    image_id = _image_id(settings, found)
    devices = _resource("images", image_id, found).get("BlockDeviceMappings", ())
    in_image = {device["DeviceName"]: device.get("Ebs", {}) for device in devices}
    for volume in settings.volumes or ():
        source, device = f"the volume in {_image_text(settings, image_id)}", in_image.get(volume.device_name, {})
        size = device.get("VolumeSize") if device.get("SnapshotId") else None
        if volume.snapshot:
            source = f"snapshot '{volume.snapshot}'"
            size = _resource("snapshots", volume.snapshot, found).get("VolumeSize")
        if volume.volume_size and size and volume.volume_size < size:
            yield (
                f"volumes ({volume.device_name}): volume_size is {volume.volume_size} GiB, and {source} has {size} GiB. "
                f"Set {size} or more."
            )


def _subnets(options, settings, found):
    vpcs = _vpcs("security_groups", _security_group_ids(settings), found)
    if options.get("vpc_id") and named_security_groups(settings.security_groups):
        vpcs.add(options["vpc_id"])
    others = _vpcs("subnets", options.get("group_subnets") or (), found) - vpcs
    if len(vpcs) == 1 and others:
        yield (
            f"group_subnets: subnets are in VPC {_quoted(others)}, and the security groups are in VPC {_quoted(vpcs)}. "
            f"Use subnets and {PREFIX}security_groups of one VPC."
        )


def _load_balancing(options, found):
    vpcs = _vpcs("subnets", options.get("group_subnets") or (), found)
    for kind, name, where in _group_uses(options):
        resource = _resource(kind, name, found)
        vpc = resource.get("VpcId") or resource.get("VPCId")
        if resource.get("TargetType", "instance") != "instance":
            # https://docs.aws.amazon.com/autoscaling/ec2/userguide/getting-started-elastic-load-balancing.html
            yield f"{where} has the target type '{resource['TargetType']}'. Use one of the target type 'instance'."
        elif vpcs and vpc and vpc not in vpcs:
            yield f"{where} is in VPC '{vpc}', and {PREFIX}group_subnets are in VPC {_quoted(vpcs)}. Use one VPC."


def _policies(options, policy_arns, found):
    boundary = options.get("permissions_boundary")
    written = [("managed_policies", each) for each in options.get("managed_policies") or ()]
    for variable, policy in [*written, *([("permissions_boundary", boundary)] if boundary else [])]:
        where, arn = f"{variable}: managed policy '{policy}'", policy_arns.get(policy) or policy
        if _SERVICE_LINKED in arn:
            yield f"{where} is for service-linked roles only. Use another policy."
        yield from _unusable([("policies", arn, where)], found)


def _images_of_type(settings, configurations):
    return [each["ImageId"] for each in configurations if each["InstanceType"] == settings.instance_type]


def _unusable(uses, found):
    """Yield a sentence for each resource that does not exist, or is not in the state in which it can be used."""
    for kind, name, where in uses:
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
    return sorted(set(settings.security_groups or ()) - set(named_security_groups(settings.security_groups)))


def _references(uses):
    found: dict = {}
    for kind, name, *dummy in uses:
        if name:
            found.setdefault(kind, set()).add(name)
    return found


def _resource(kind, name, found):
    return found.get(kind, {}).get(name) or {}


def _vpcs(kind, names, found):
    return {_resource(kind, name, found).get("VpcId") for name in names} - {None}


def _quoted(names):
    return ", ".join(f"'{name}'" for name in sorted(names))
