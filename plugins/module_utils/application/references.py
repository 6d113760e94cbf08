# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application refers to, and why AWS would refuse it: a run that has begun would stop half-way. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

import difflib

from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX
from ansible_collections.launchkit.aws.plugins.module_utils.find.reference_kinds import References, is_image_id
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import named_security_groups

_SSM = "resolve:ssm:"
# IAM attaches what is under this path to service-linked roles only.
_SERVICE_LINKED = ":policy/aws-service-role/"
# How much a name has to be like another to be suggested, from 0 to 1.
_ALIKE = 0.75


def of_launch_settings(settings):
    """Return what launch settings refer to. Security groups given by name are not among it: their ids are found elsewhere."""
    image = settings.image_id or ""
    return References(
        images=_set([] if image.startswith("resolve:") else [image]),
        ssm_parameters=_set([_ssm_parameter(settings)]),
        instance_types=_set([settings.instance_type]),
        key_pairs=_set([settings.key_name]),
        security_groups=_security_group_ids(settings),
        snapshots=_set(volume.snapshot for volume in settings.volumes or ()),
    )


def of_group(options, settings):
    """Return what an Auto Scaling group refers to, and with subnets the security groups, which have to be in the same VPC.

    :param options: the role's variables without :data:`PREFIX`; those that the group does not change can be left out.
    :param settings: the launch settings of the group's instances.
    """
    subnets = _set(options.get("group_subnets") or ())
    return References(
        subnets=subnets,
        security_groups=_security_group_ids(settings) if subnets else _set(()),
        target_groups=_set(options.get("group_target_group_arns") or ()),
        load_balancers=_set(options.get("group_load_balancers") or ()),
    )


def of_policies(policies):
    """Return the managed policies to look up.

    :param policies: as they were written. A name has become an ARN by a lookup already.
    """
    return References(policies=_set(each for each in policies if each.startswith("arn:") and not _is_reserved(each)))


def launch_settings_blockers(settings, found):
    """Return why instances cannot be launched with the settings: a sentence or two for each mistake. What is unknown is no mistake.

    :param found: :class:`~reference_kinds.Found`.
    """
    checks = (_image, _instance_type, _architecture, _key_pair, _security_groups, _snapshots, _image_volumes)
    return tuple(f"{PREFIX}{text}" for check in checks for text in check(settings, found))


def group_blockers(options, settings, found):
    """Return why an Auto Scaling group cannot be created or updated, like :func:`launch_settings_blockers`.

    :param options: the role's variables without :data:`PREFIX`.
    """
    checks = (_subnets, _target_groups, _load_balancers)
    return tuple(f"{PREFIX}{text}" for check in checks for text in check(options, settings, found))


def policy_blockers(options, policy_arns, found):
    """Return why managed policies cannot be attached to the role, like :func:`launch_settings_blockers`.

    :param policy_arns: for each policy that is written by name, its ARN.
    """
    written = [("managed_policies", each) for each in options.get("managed_policies") or ()]
    written += [("permissions_boundary", each) for each in [options.get("permissions_boundary")] if each]
    return tuple(
        f"{PREFIX}{variable}: managed policy '{policy}' {problem}"
        for variable, policy in written
        for problem in _policy_problem(policy_arns.get(policy) or policy, found)
    )


def _policy_problem(arn, found):
    if _is_reserved(arn):
        yield "is for service-linked roles only. Use another policy."
    elif _is_missing(found.policies, arn):
        yield "does not exist. Correct the ARN; letter case counts."


def _image(settings, found):
    parameter, image_id = _ssm_parameter(settings), _image_id(settings, found)
    if _is_missing(found.ssm_parameters, parameter):
        yield f"image_id: SSM parameter '{parameter}' does not exist in this Region. Correct its name, version or label."
    elif image_id and parameter and not is_image_id(image_id):
        # The value is not shown: the wrong parameter can hold a secret.
        yield f"image_id: SSM parameter '{parameter}' does not hold the id of an image (ami-...). Use another parameter."
    elif _is_missing(found.images, image_id):
        yield (
            f"image_id: {_image_text(settings, image_id)} does not exist in this Region, or this account may not use it. "
            "Correct the id, or share the image with this account."
        )
    elif found.images.get(image_id, {}).get("State", "available") != "available":
        state = found.images[image_id]["State"]
        wait = "Wait until it is available, or use" if state == "pending" else "Use"
        yield f"image_id: {_image_text(settings, image_id)} is in the state '{state}'. {wait} another image."


def _instance_type(settings, found):
    name = settings.instance_type
    if _is_missing(found.instance_types, name):
        yield (
            f"instance_type: '{name}' does not exist in this Region.{_suggestion(name, found.instance_types)} "
            "Use an instance type that this Region offers."
        )
    kind = found.instance_types.get(name) or {}
    if settings.spot_price and "spot" not in kind.get("SupportedUsageClasses", ["spot"]):
        yield f"spot_price: instance type '{name}' has no Spot Instances. Remove the price, or use another instance type."
    if settings.cpu_credits == "unlimited" and not kind.get("BurstablePerformanceSupported", True):
        yield (
            f"credit_specification: instance type '{name}' is not burstable and has no CPU credits. "
            "Remove the variable, or use a burstable instance type."
        )
    if settings.ebs_optimized and kind.get("EbsInfo", {}).get("EbsOptimizedSupport") == "unsupported":
        yield (
            f"ebs_optimized: instance type '{name}' does not support EBS optimization. "
            "Remove the variable, or use another instance type."
        )


def _architecture(settings, found):
    image_id = _image_id(settings, found)
    architecture = (found.images.get(image_id) or {}).get("Architecture")
    kind = found.instance_types.get(settings.instance_type) or {}
    supported = kind.get("ProcessorInfo", {}).get("SupportedArchitectures")
    if architecture and supported and architecture not in supported:
        yield (
            f"instance_type: '{settings.instance_type}' runs {' and '.join(supported)}, and "
            f"{_image_text(settings, image_id)} is for {architecture}. Use an instance type and an image of one architecture."
        )


def _key_pair(settings, found):
    name = settings.key_name
    if _is_missing(found.key_pairs, name):
        yield (
            f"key_name: key pair '{name}' does not exist in this Region.{_suggestion(name, found.key_pairs)} "
            "Correct the name, or create the key pair first."
        )


def _security_groups(settings, found):
    for group in sorted(_security_group_ids(settings)):
        if _is_missing(found.security_groups, group):
            yield f"security_groups: security group '{group}' does not exist in this Region. Correct the id."
    vpcs = _vpcs(found.security_groups, _security_group_ids(settings))
    if len(vpcs) > 1:
        yield f"security_groups: the groups are in the VPCs {_quoted(vpcs)}. Use security groups of one VPC."


def _snapshots(settings, found):
    for volume in settings.volumes or ():
        snapshot = found.snapshots.get(volume.snapshot) or {}
        where = f"volumes ({volume.device_name}): snapshot '{volume.snapshot}'"
        if _is_missing(found.snapshots, volume.snapshot):
            yield (
                f"{where} does not exist in this Region, or this account may not use it. "
                "Correct the id, or share the snapshot with this account."
            )
        elif snapshot.get("State", "completed") != "completed":
            wait = "Wait until it is completed, or use" if snapshot["State"] == "pending" else "Use"
            yield f"{where} is in the state '{snapshot['State']}'. {wait} another snapshot."
        yield from _too_small(volume, snapshot.get("VolumeSize"), f"snapshot '{volume.snapshot}'")


def _image_volumes(settings, found):
    image_id = _image_id(settings, found)
    devices = (found.images.get(image_id) or {}).get("BlockDeviceMappings", ())
    sizes = {
        device["DeviceName"]: device["Ebs"].get("VolumeSize")
        for device in devices
        if device.get("Ebs", {}).get("SnapshotId")
    }
    for volume in settings.volumes or ():
        if not volume.snapshot:
            size = sizes.get(volume.device_name)
            yield from _too_small(volume, size, f"the volume in {_image_text(settings, image_id)}")


def _too_small(volume, size, what):
    if volume.volume_size and size and volume.volume_size < size:
        yield (
            f"volumes ({volume.device_name}): volume_size is {volume.volume_size} GiB, and {what} has {size} GiB. "
            f"Set {size} or more."
        )


def _subnets(options, settings, found):
    subnets = options.get("group_subnets") or ()
    for subnet in subnets:
        if _is_missing(found.subnets, subnet):
            yield f"group_subnets: subnet '{subnet}' does not exist in this Region. Correct the id."
    vpcs = _vpcs(found.security_groups, _security_group_ids(settings))
    if options.get("vpc_id") and named_security_groups(settings.security_groups):
        vpcs |= {options["vpc_id"]}
    others = _vpcs(found.subnets, subnets) - vpcs
    if len(vpcs) == 1 and others:
        yield (
            f"group_subnets: subnets are in VPC {_quoted(others)}, and the security groups are in VPC {_quoted(vpcs)}. "
            f"Use subnets and {PREFIX}security_groups of one VPC."
        )


def _target_groups(options, dummy_settings, found):
    for arn in options.get("group_target_group_arns") or ():
        group = found.target_groups.get(arn) or {}
        where = f"group_target_group_arns: target group '{arn}'"
        if _is_missing(found.target_groups, arn):
            yield f"{where} does not exist in this Region. Correct the ARN."
        elif group.get("TargetType", "instance") != "instance":
            # https://docs.aws.amazon.com/autoscaling/ec2/userguide/getting-started-elastic-load-balancing.html
            yield f"{where} has the target type '{group['TargetType']}'. Use one of the target type 'instance'."
        else:
            yield from _elsewhere(where, group.get("VpcId"), options, found)


def _load_balancers(options, dummy_settings, found):
    for name in options.get("group_load_balancers") or ():
        where = f"group_load_balancers: Classic Load Balancer '{name}'"
        if _is_missing(found.load_balancers, name):
            yield (
                f"{where} does not exist in this Region.{_suggestion(name, found.load_balancers)} "
                f"Correct the name; for other load balancers, set {PREFIX}group_target_group_arns."
            )
        else:
            yield from _elsewhere(where, (found.load_balancers.get(name) or {}).get("VPCId"), options, found)


def _elsewhere(where, vpc, options, found):
    vpcs = _vpcs(found.subnets, options.get("group_subnets") or ())
    if vpc and vpcs and vpc not in vpcs:
        yield f"{where} is in VPC '{vpc}', and {PREFIX}group_subnets are in VPC {_quoted(vpcs)}. Use one VPC."


def _ssm_parameter(settings):
    """Return the name of the SSM parameter that holds the image's id, with version or label, or None."""
    image = settings.image_id or ""
    return image[len(_SSM) :] if image.startswith(_SSM) else None


def _image_id(settings, found):
    """Return the id of the image; for an SSM parameter its value, or None if that is unknown."""
    parameter = _ssm_parameter(settings)
    return (found.ssm_parameters.get(parameter) or {}).get("Value") if parameter else settings.image_id


def _image_text(settings, image_id):
    parameter = _ssm_parameter(settings)
    return f"image '{image_id}'" + (f" of SSM parameter '{parameter}'" if parameter else "")


def _is_missing(answers, name):
    return name in answers and answers[name] is None


def _is_reserved(arn):
    return _SERVICE_LINKED in arn


def _security_group_ids(settings):
    return _set(settings.security_groups or ()) - _set(named_security_groups(settings.security_groups))


def _vpcs(answers, names):
    return _set((answers.get(name) or {}).get("VpcId") for name in names)


def _suggestion(name, answers):
    close = difflib.get_close_matches(name, [other for other, answer in answers.items() if answer], 1, _ALIKE)
    return f" Did you mean '{close[0]}'?" if close else ""


def _set(names):
    return frozenset(filter(None, names))


def _quoted(names):
    return ", ".join(f"'{name}'" for name in sorted(names))
