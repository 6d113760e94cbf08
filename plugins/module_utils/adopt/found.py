# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What of an account and Region belongs together: role, instance profile, launch settings and Auto Scaling group. Pure.
Private to the collection: names and shapes can change in any release."""

import re
from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Optional

from ..autoscaling import group as auto_scaling_group
from ..find.launch_template_specifications import (
    launch_templates_of,
)
from ..iam import policy_document, role
from ..launch import template as launch_template
from ..launch.settings import LaunchSettings


@dataclass(frozen=True)
class Scope:
    """What is described: all that is not None has to match.

    :param path: what the path of the role begins with.
    :param tags: tags that the role or the group has, all of them.
    :param group_regex: matches a part of the name of the group. Roles without a group are left out.
    """

    path: Optional[str] = None
    tags: Optional[Mapping[str, str]] = None
    group_regex: Optional[re.Pattern] = None


@dataclass(frozen=True)
class Found:
    """What belongs together: a role and a profile, and a group with what it launches from.

    :param source: the launch configuration or launch template of the group.
    :param problem: why it can't be described, or empty.
    """

    profile_name: str
    profile: Optional[Mapping] = None
    role: Optional[Mapping] = None
    group: Optional[Mapping] = None
    source: Any = field(default=None, repr=False)
    problem: str = ""

    @property
    def subject(self):
        """What it is, in words."""
        if self.group is not None:
            return f"Auto Scaling group {self.group['AutoScalingGroupName']}"
        return f"IAM role {(self.role or {})['RoleName']}"

    @property
    def from_template(self):
        """Whether the group launches from a template."""
        return isinstance(self.source, launch_template.LaunchTemplate)

    @property
    def settings(self):
        """What its instances are launched with."""
        return self.source.settings if self.source is not None else LaunchSettings()


def found_in(index, scope):
    """Return what belongs together in the scope: groups in the order of their names, then roles without a group."""
    observation = index.observation
    held: dict = {}
    found = [_of_group(group, index) for dummy, group in sorted(observation.groups.items())]
    # A better match of names comes first where several groups share a role or profile.
    found = sorted(filter(None, found), key=lambda each: each.profile_name != each.group["AutoScalingGroupName"])
    for number, each in enumerate(found):
        if each.problem or each.role is None:
            continue
        other = held.setdefault(each.role["RoleName"], each)
        if other is not each:
            text = f"It shares IAM role {each.role['RoleName']} with {other.subject}, and an application has its own."
            found[number] = replace(each, problem=f"{text} Give the group a role and an instance profile of its own.")
    named = {each.profile_name.casefold() for each in found}
    for dummy, detail in sorted(observation.roles.items()):
        profiles = profiles_of(detail)
        trusted = policy_document.lets_ec2_assume(detail["AssumeRolePolicyDocument"])
        if profiles and trusted and not named.intersection(map(str.casefold, profiles)):
            name = detail["RoleName"] if detail["RoleName"] in profiles else profiles[0]
            found.append(Found(name, observation.profile(name), detail))
    return [each for each in found if _is_in(scope, each)]


def _of_group(group, index):
    """Return what belongs to a group, or None if its launch settings name no instance profile."""
    observation = index.observation
    (specification, *others) = launch_templates_of(group) or [None]
    source = index.source({**group, "LaunchTemplate": specification})
    profile_name = source.settings.profile_name if source is not None else ""
    if not profile_name:
        return None
    profile, problem = observation.profile(profile_name), ""
    held = profile and next(iter(profile["Roles"]), None)
    detail = held and observation.role(held["RoleName"])
    if profile is None:
        problem = f"Its launch settings name instance profile {profile_name}, which does not exist."
    elif group.get("MixedInstancesPolicy") or others:
        problem = "It has a mixed instances policy, for which the role application has no variable."
    elif detail is None:
        problem = f"Instance profile {profile_name} has no role. Attach one."
    else:
        problem = _older_version(specification, source)
    return Found(profile_name, profile, detail, group, source, problem)


def _older_version(specification, source):
    """Return in words that a group does not launch the newest version of its launch template, or an empty text."""
    if specification is None:
        return ""
    version = specification.get("Version", "$Default")
    number = {"$Latest": source.latest_version, "$Default": source.default_version}.get(version, version)
    if str(number) == str(source.latest_version):
        return ""
    advice = "Make that the default" if version == "$Default" else "Set the group to that, or to $Latest"
    return (
        f"It launches version {number} of launch template {source.name}, whose newest version is {source.latest_version}. "
        f"{advice}, and adopt again."
    )


def _is_in(scope, found):
    group_name = found.group["AutoScalingGroupName"] if found.group else ""
    if scope.group_regex is not None and not (found.group and scope.group_regex.search(group_name)):
        return False
    if scope.path is not None and not (found.role and found.role["Path"].startswith(scope.path)):
        return False
    tags = [tags_of_role(found), tags_of_group(found)]
    return not scope.tags or any(scope.tags.items() <= each.items() for each in tags)


def profiles_of(detail):
    """Return the names of the instance profiles that hold a role."""
    return sorted(each["InstanceProfileName"] for each in detail.get("InstanceProfileList") or ())


def tags_of_role(found):
    """Return the tags of the role, key -> value."""
    return role.tags(found.role) if found.role else {}


def tags_of_group(found):
    """Return the tags of the group, key -> value."""
    return {key: tag[0] for key, tag in auto_scaling_group.tags_of(found.group).items()} if found.group else {}
