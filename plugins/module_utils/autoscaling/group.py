# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An Auto Scaling group as an application describes it, compared with one of DescribeAutoScalingGroups. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple

from ..core import ownership
from ..core.plan import Difference

# Field of GroupTarget -> member of the API's requests and answers.
MEMBERS = {
    "min_size": "MinSize",
    "max_size": "MaxSize",
    "desired_capacity": "DesiredCapacity",
    "subnets": "VPCZoneIdentifier",
    "availability_zones": "AvailabilityZones",
    "load_balancers": "LoadBalancerNames",
    "target_group_arns": "TargetGroupARNs",
    "health_check_type": "HealthCheckType",
    "health_check_period": "HealthCheckGracePeriod",
    "default_cooldown": "DefaultCooldown",
    "termination_policies": "TerminationPolicies",
    "max_instance_lifetime": "MaxInstanceLifetime",
}
UNORDERED = ("subnets", "availability_zones", "load_balancers", "target_group_arns")
# Never removed: AWS refuses to change the former, and the latter say which application the group belongs to.
PROTECTED_TAGS = ("aws:", ownership.PREFIX)
NONE = "none"


@dataclass(frozen=True)
class GroupTarget:
    """What an application asks of its Auto Scaling group. ``None`` leaves a setting as it is, empty makes it empty.

    Empty subnets and zones count as ``None``: no group is without both. Empty termination policies are ``Default``.

    :param source: ``{"LaunchConfigurationName": name}``, or ``{"LaunchTemplate": {...}}`` with ``LaunchTemplateId`` and
        ``Version``. A ``LaunchTemplateName`` beside the id is for people. A name without an id is a template that
        doesn't exist yet: it always differs.
    :param min_size: required for a new group, and so is ``max_size``.
    :param desired_capacity: ``None`` leaves it to scaling, see :func:`capacity`.
    :param max_instance_lifetime: seconds; 0 for no limit.
    :param ownership_tags: tags that the collection sets itself. They aren't propagated to instances.
    """

    name: str
    source: Mapping[str, Any]
    min_size: Optional[int] = None
    max_size: Optional[int] = None
    desired_capacity: Optional[int] = None
    subnets: Optional[Tuple[str, ...]] = None
    availability_zones: Optional[Tuple[str, ...]] = None
    load_balancers: Optional[Tuple[str, ...]] = None
    target_group_arns: Optional[Tuple[str, ...]] = None
    health_check_type: Optional[str] = None
    health_check_period: Optional[int] = None
    default_cooldown: Optional[int] = None
    termination_policies: Optional[Tuple[str, ...]] = None
    max_instance_lifetime: Optional[int] = None
    tags: Optional[Mapping[str, str]] = None
    propagate_tags: bool = True
    purge_tags: bool = True
    ownership_tags: Mapping[str, str] = field(default_factory=dict)


def subject(name):
    """Return the group in words, for messages."""
    return f"Auto Scaling group '{name}'"


def is_protected(instance):
    """Return whether an instance of a group is protected from scale-in."""
    return bool(instance.get("ProtectedFromScaleIn"))


def is_standby(instance):
    """Return whether an instance of a group is in standby, or about to be."""
    return instance.get("LifecycleState") in ("EnteringStandby", "Standby")


def capacity(target, group):
    """Return the capacity to ask for: the target's, or the group's, which scaling may have changed, within the sizes.

    Auto Scaling refuses sizes that don't include the capacity; it doesn't adjust it.

    :param group: ``None`` for a new group, which gets its minimum.
    """
    if target.desired_capacity is not None:
        return target.desired_capacity
    group = group or {}
    smallest = group.get("MinSize", 0) if target.min_size is None else target.min_size
    largest = group.get("MaxSize", smallest) if target.max_size is None else target.max_size
    return min(max(group.get("DesiredCapacity", 0), smallest), largest)


def settings(target, group):
    """Return field -> value of all that the target sets, with the capacity; without source and tags.

    :param group: ``None`` for a new group.
    """
    values = {name: getattr(target, name) for name in MEMBERS}
    values["desired_capacity"] = capacity(target, group)
    defaults = {"subnets": None, "availability_zones": None, "termination_policies": ("Default",)}
    for name, value in values.items():
        if isinstance(value, (list, tuple)):
            values[name] = tuple(dict.fromkeys(value)) or defaults.get(name, ())
    return {name: value for name, value in values.items() if value is not None}


def current(group, name):
    """Return what a group has in a field."""
    value = group.get(MEMBERS[name])
    if name == "subnets":
        return tuple(value.replace(" ", "").split(",")) if value else ()
    if name == "max_instance_lifetime":
        return value or 0
    return tuple(value or ()) if name in UNORDERED or name == "termination_policies" else value


def changes(target, group):
    """Return field -> (value after the plan, value now) of what differs, without source and tags."""
    pairs = {name: (value, current(group, name)) for name, value in settings(target, group).items()}
    return {name: pair for name, pair in pairs.items() if len({_comparable(name, value) for value in pair}) > 1}


def source_of(group):
    """Return what a group launches from, as :class:`GroupTarget` has it; empty for a mixed instances policy."""
    members = ("LaunchConfigurationName", "LaunchTemplate")
    return {member: group[member] for member in members if group.get(member)}


def is_same_source(one, other):
    """Return whether two sources, as :func:`source_of` returns them, launch the same: templates by id and version."""
    first, second = (
        (source.get("LaunchConfigurationName") or "", (template.get("LaunchTemplateId"), template.get("Version")))
        for source, template in ((each, each.get("LaunchTemplate") or {}) for each in (one, other))
    )
    return first == second


def source_in_words(source):
    """Return a source, as :func:`source_of` returns it, in words."""
    if source.get("LaunchConfigurationName"):
        return f"launch configuration '{source['LaunchConfigurationName']}'"
    template = source.get("LaunchTemplate")
    if not template:
        return "a mixed instances policy"
    name = template.get("LaunchTemplateName") or template.get("LaunchTemplateId")
    return f"version {template.get('Version') or '$Default'} of launch template '{name}'"


def source_changed(name, expected, source):
    """Return the sentence about a group that another run has set to another source since it was read."""
    return (
        f"{subject(name)} launches from {source_in_words(source)} now, and from {source_in_words(expected)} when the run "
        "began: another run changed it. It was left as it is. Run the task again to plan it anew."
    )


def moves(target, group):
    """Return whether the target changes what an existing group launches from."""
    actual, specification = source_of(group), target.source.get("LaunchTemplate")
    if not specification:
        return target.source["LaunchConfigurationName"] != actual.get("LaunchConfigurationName")
    used = actual.get("LaunchTemplate") or {}
    return "LaunchTemplateId" not in specification or any(
        str(specification.get(key, default)) != str(used.get(key, default))
        for key, default in (("LaunchTemplateId", ""), ("Version", "$Default"))
    )


def tags_of(group):
    """Return key -> (value, whether it is propagated to instances) of a group's tags."""
    return {tag["Key"]: (tag["Value"], tag["PropagateAtLaunch"]) for tag in group.get("Tags") or ()}


def target_tags(target):
    """Return key -> (value, whether it is propagated to instances) of the tags that the target sets."""
    return {
        **{key: (value, target.propagate_tags) for key, value in (target.tags or {}).items()},
        **{key: (value, False) for key, value in target.ownership_tags.items()},
    }


def surplus_tags(target, group):
    """Return the sorted keys of the tags that the target removes."""
    if target.tags is None or not target.purge_tags:
        return []
    kept = target_tags(target)
    return sorted(key for key in tags_of(group) if key not in kept and not key.startswith(PROTECTED_TAGS))


def differences(target, group):
    """Return what differs, for people. Fields are the role's variables without ``application_group_``.

    A field that begins with ``launch_`` is what the group launches from.
    """
    result = []
    if moves(target, group):
        (kind, wanted), (actual_kind, actual) = _source_text(target.source), _source_text(source_of(group))
        result.append(Difference(kind, wanted, actual if actual_kind in (kind, "") else f"{actual_kind} {actual}"))
    result += [Difference(name, *map(_text, pair)) for name, pair in changes(target, group).items()]
    wanted, actual = target_tags(target), tags_of(group)
    differing = {key for key, value in wanted.items() if value != actual.get(key)}
    for key in sorted({*differing, *surplus_tags(target, group)}):
        pair = wanted.get(key), actual.get(key)
        # Propagation is shown only where nothing else differs.
        is_same = len({value and value[0] for value in pair}) == 1
        result.append(Difference(f"tags[{key}]", *(_tag_text(value, with_propagation=is_same) for value in pair)))
    return tuple(result)


def attributes(target):
    """Return attribute -> value as text, of a new group, in the order in which people read them."""
    kind, source = _source_text(target.source)
    values = {kind: source, **{name: _text(value) for name, value in settings(target, None).items()}}
    return {**values, **{f"tags[{key}]": value for key, (value, dummy) in sorted(target_tags(target).items())}}


def blockers(target, group):
    """Return sentences that say why the group can't be changed, with the variable of the role ``application``.

    :param group: ``None`` for a new group.
    """
    group = group or {}
    if group.get("MixedInstancesPolicy"):
        return (
            f"application_group_name: {subject(target.name)} has a mixed instances policy, which would be lost. "
            "Leave application_group_name out to manage the role, the instance profile and the launch template only, "
            "and set the policy to that template.",
        )
    if group.get("Status"):
        return (
            f"application_group_name: AWS is deleting {subject(target.name)} (status '{group['Status']}'). "
            "Run again when it is deleted.",
        )
    zones = changes(target, group).get("availability_zones")
    if zones and not target.subnets and group.get("VPCZoneIdentifier"):
        return (
            f"application_group_availability_zones: {subject(target.name)} has subnets in {', '.join(zones[1])}. "
            "Set application_group_subnets to subnets in the zones.",
        )
    return ()


def _comparable(name, value):
    if name == "health_check_type":
        # Auto Scaling always checks EC2's own status. A group can have several types: "EC2,ELB".
        return frozenset((value or "").replace(" ", "").split(",")) - {"EC2", ""}
    return frozenset(value) if name in UNORDERED else value


def _source_text(source):
    specification = source.get("LaunchTemplate")
    if not specification:
        name = source.get("LaunchConfigurationName")
        return ("launch_configuration", name) if name else ("", "mixed instances policy")
    names = [specification.get("LaunchTemplateName"), specification.get("LaunchTemplateId")]
    return "launch_template", f"{' '.join(filter(None, names))} version {specification.get('Version', '$Default')}"


def _tag_text(tag, with_propagation):
    if tag is None:
        return NONE
    value, propagated = tag
    if with_propagation:
        return f"{value} ({'propagated' if propagated else 'not propagated'} to instances)"
    return value or "''"


def _text(value):
    if isinstance(value, tuple):
        return ", ".join(value) or NONE
    return NONE if value is None else str(value)
