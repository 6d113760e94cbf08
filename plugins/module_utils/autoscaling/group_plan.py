# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that create, update or delete an Auto Scaling group, or the options of amazon.aws.autoscaling_group. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict

from ..core.plan import Call, Plan
from . import group as auto_scaling_group

# Load balancers or target groups in a call:
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html
ATTACHMENTS_A_CALL = 10
ATTACHMENTS = {"load_balancers": "load_balancers", "target_group_arns": "load_balancer_target_groups"}
# The defaults of amazon.aws.autoscaling_group for a new group. The API's own grace period is 0.
NEW_GROUP = {
    "health_check_type": "EC2",
    "health_check_period": 300,
    "default_cooldown": 300,
    "termination_policies": ("Default",),
}
OPTIONAL = ("load_balancers", "target_group_arns", "max_instance_lifetime")
# Where amazon.aws.autoscaling_group has another name for a field.
MODULE_OPTIONS = {"subnets": "vpc_zone_identifier"}
NO_INSTANCES = {"MinSize": 0, "MaxSize": 0, "DesiredCapacity": 0}
INSTANCES_SHOWN = 10


def plan(target, group, zones=()):
    """Return the calls from the group to the target; none for a group with blockers.

    What is added comes before what is removed, and tags before the update, which can launch instances.

    :param group: as DescribeAutoScalingGroups returns it; ``None`` for a new group.
    :param zones: the zones of the Region, for a new group that has neither subnets nor zones.
    """
    if group is None:
        return Plan((_create(target, zones),))
    if auto_scaling_group.blockers(target, group):
        return Plan()
    changes = auto_scaling_group.changes(target, group)
    attach, detach = _attachments(target.name, changes)
    added, removed = _tag_calls(target, group)
    return Plan((*added, *attach, *_update(target, group, changes), *detach, *removed))


def plan_removal(group, force):
    """Return the next call that deletes a group; none while instances terminate or AWS deletes the group.

    Observe and plan again until the group is ``None``.

    :param group: see :func:`plan`; ``None`` if it does not exist.
    :param force: whether to delete the group with its instances at once. Otherwise it scales in first.
    """
    # Auto Scaling shows a status only while it deletes the group.
    if group is None or group.get("Status"):
        return Plan()
    name = group["AutoScalingGroupName"]
    if force:
        return Plan((_call("delete_auto_scaling_group", name, {"ForceDelete": True}),))
    if any(group[member] for member in NO_INSTANCES):
        return Plan((_call("update_auto_scaling_group", name, NO_INSTANCES),))
    return Plan() if group.get("Instances") else Plan((_call("delete_auto_scaling_group", name, {}),))


def removal_blockers(group, force):
    """Return sentences that say why the group can't scale in to be deleted, with the role's variable."""
    if group is None or force:
        return ()
    name, instances = auto_scaling_group.subject(group["AutoScalingGroupName"]), group.get("Instances") or ()
    suspended = [process["ProcessName"] for process in group.get("SuspendedProcesses") or ()]
    causes = []
    for is_kept, state, remedy in (
        (auto_scaling_group.is_protected, "with scale-in protection", "remove the protection"),
        (auto_scaling_group.is_standby, "on standby", "return them to service"),
    ):
        ids = [instance["InstanceId"] for instance in instances if is_kept(instance)]
        more = f" and {len(ids) - INSTANCES_SHOWN} more" if len(ids) > INSTANCES_SHOWN else ""
        if ids:
            causes.append((f"has instances {state}: {', '.join(ids[:INSTANCES_SHOWN])}{more}", remedy))
    if instances and "Terminate" in suspended:
        causes.append(("can't scale in while its process Terminate is suspended", "resume the process"))
    return tuple(
        f"application_group_force_delete: {name} {cause}. "
        f"Set application_group_force_delete to true to terminate all its instances, or {remedy}."
        for cause, remedy in causes
    )


def set_source(name, source):
    """Return the call that sets what a group launches from, and nothing else of it."""
    return _call("update_auto_scaling_group", name, _source_arguments(source))


def waiting(group):
    """Return what a group waits for, such as ``2 of 4 instances in service``; empty if all of its instances are."""
    in_service = sum(
        instance["LifecycleState"] == "InService" and instance["HealthStatus"] == "Healthy"
        for instance in group.get("Instances") or ()
    )
    wanted = group["DesiredCapacity"]
    return "" if in_service >= wanted else f"{in_service} of {wanted} instances in service"


def module_options(target, group):
    """Return the options with which amazon.aws.autoscaling_group does what :func:`plan` does, less ``wait_*``.

    The module resets what it isn't given to its own defaults, so it is given what the group has. It can't keep health
    check types other than ``EC2`` and ``ELB``: it fails on them.

    :param group: see :func:`plan`.
    """
    values = {**NEW_GROUP, **auto_scaling_group.settings(target, group)}
    kept = {
        name: auto_scaling_group.current(group, name) for name in NEW_GROUP if group and getattr(target, name) is None
    }
    group = group or {}
    metrics = [metric["Metric"] for metric in group.get("EnabledMetrics") or ()]
    surplus = auto_scaling_group.surplus_tags(target, group)
    # The module compares all tags, also where it removes none.
    tags = {
        key: tag
        for key, tag in auto_scaling_group.tags_of(group).items()
        if key not in surplus and not key.startswith("aws:")
    }
    tags.update(auto_scaling_group.target_tags(target))
    options = {
        "name": target.name,
        **source_options(target.source),
        **{MODULE_OPTIONS.get(name, name): value for name, value in {**values, **kept}.items()},
        "suspend_processes": [process["ProcessName"] for process in group.get("SuspendedProcesses") or ()],
        "metrics_collection": bool(metrics),
        **({"metrics_list": metrics} if metrics else {}),
        "tags": [{key: value, "propagate_at_launch": propagated} for key, (value, propagated) in tags.items()],
        "purge_tags": bool(surplus),
    }
    return {name: list(value) if isinstance(value, tuple) else value for name, value in options.items()}


def source_options(source):
    """Return what a group launches from as options of amazon.aws.autoscaling_group."""
    if "LaunchTemplate" not in source:
        return {"launch_config_name": source["LaunchConfigurationName"]}
    options = camel_dict_to_snake_dict(_source_arguments(source)["LaunchTemplate"])
    return {"launch_template": {"version": "$Default", **options}}


def _source_arguments(source):
    """Return the source as the API takes it: a template's id or its name, never both."""
    specification = source.get("LaunchTemplate")
    if not specification:
        return dict(source)
    without = "LaunchTemplateName" if "LaunchTemplateId" in specification else ""
    return {"LaunchTemplate": {key: str(value) for key, value in specification.items() if key != without}}


def _arguments(values):
    """Return field -> value as members of a request."""
    values = {
        auto_scaling_group.MEMBERS[name]: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
    }
    if "VPCZoneIdentifier" in values:
        values["VPCZoneIdentifier"] = ",".join(values["VPCZoneIdentifier"])
    return values


def _call(operation, name, arguments, undo=None):
    arguments = {"AutoScalingGroupName": name, **arguments}
    return Call("autoscaling", operation, auto_scaling_group.subject(name), arguments, undo=undo)


def _create(target, zones):
    values = {**NEW_GROUP, **auto_scaling_group.settings(target, None)}
    if "subnets" not in values and "availability_zones" not in values:
        values["availability_zones"] = tuple(zones)
    # No limit to the lifetime is what a new group has; the API doesn't take 0 or empty lists then.
    values = {name: value for name, value in values.items() if name not in OPTIONAL or value}
    tags = _tags(target.name, auto_scaling_group.target_tags(target))
    arguments = {**_source_arguments(target.source), **_arguments(values), "Tags": tags}
    return _call("create_auto_scaling_group", target.name, arguments)


def _update(target, group, changes):
    changes = {name: pair for name, pair in changes.items() if name not in ATTACHMENTS}
    wanted = _arguments({name: value for name, (value, dummy) in changes.items()})
    former = _arguments({name: value for name, (dummy, value) in changes.items()})
    if auto_scaling_group.moves(target, group):
        wanted.update(_source_arguments(target.source))
        former.update(_source_arguments(auto_scaling_group.source_of(group)))
    if not wanted:
        return ()
    # Auto Scaling can't take subnets away from a group again, and its zones are those of the subnets.
    if former.get("VPCZoneIdentifier") == "":
        former = {key: value for key, value in former.items() if key not in ("VPCZoneIdentifier", "AvailabilityZones")}
    undo = _call("update_auto_scaling_group", target.name, former) if former else None
    return (_call("update_auto_scaling_group", target.name, wanted, undo),)


def _attachments(name, changes):
    """Return the calls that attach, and those that detach, load balancers and target groups."""
    attach: list[Call] = []
    detach: list[Call] = []
    for field, operation in ATTACHMENTS.items():
        wanted, actual = map(set, changes.get(field, ((), ())))
        for calls, verbs, items in (
            (attach, ("attach", "detach"), sorted(wanted - actual)),
            (detach, ("detach", "attach"), sorted(actual - wanted)),
        ):
            for start in range(0, len(items), ATTACHMENTS_A_CALL):
                arguments = {auto_scaling_group.MEMBERS[field]: items[start : start + ATTACHMENTS_A_CALL]}
                call, undo = (_call(f"{verb}_{operation}", name, arguments) for verb in verbs)
                calls.append(replace(call, undo=undo))
    return attach, detach


def _tag_calls(target, group):
    """Return the calls that add or change tags, and those that remove some."""
    actual = auto_scaling_group.tags_of(group)
    added = {key: tag for key, tag in auto_scaling_group.target_tags(target).items() if tag != actual.get(key)}
    removed = {key: actual[key] for key in auto_scaling_group.surplus_tags(target, group)}
    put, delete, undo = (
        Call("autoscaling", operation, auto_scaling_group.subject(target.name), {"Tags": _tags(target.name, tags)})
        for operation, tags in (
            ("create_or_update_tags", added),
            ("delete_tags", removed),
            ("create_or_update_tags", removed),
        )
    )
    return (put,) if added else (), (replace(delete, undo=undo),) if removed else ()


def _tags(name, tags):
    return [
        {
            "ResourceId": name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": propagated,
        }
        for key, (value, propagated) in tags.items()
    ]
