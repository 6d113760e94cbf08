# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The applications that an account and Region have, each described by variables of the role ``application``. Pure.
Private to the collection: names and shapes can change in any release.
A description is right if the plan for it is empty, so each is planned before it is believed."""

import re
from dataclasses import dataclass, replace
from typing import Any, Mapping, Optional

from ..application import plan_text
from ..application.options import PREFIX
from ..autoscaling import group as auto_scaling_group
from ..core import ownership
from ..core.errors import InvalidOption
from ..fleet import parse
from ..fleet.plans import plans_of
from ..iam import instance_profile
from ..launch import configuration as launch_configuration
from ..launch.settings import FINGERPRINT_LENGTH
from ..launch.user_data import UserData
from . import owners, variables
from .found import (
    found_in,
    profiles_of,
    tags_of_group,
    tags_of_role,
)

_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")


@dataclass(frozen=True)
class Description:
    """An application.

    :param variables: of the role ``application``, with prefix, without user data.
    :param notes: sentences for people.
    :param decision: why it is not as described and a decision is needed, or empty.
    """

    name: str
    subject: str
    variables: Mapping[str, Any]
    notes: tuple = ()
    decision: str = ""
    user_data: Optional[UserData] = None

    @property
    def provable(self):
        """The variables with the user data, which the plan compares. Never shown."""
        if self.user_data is None:
            return self.variables
        return {**self.variables, f"{PREFIX}user_data_base64": self.user_data.encoded}


def describe(index, scope, with_user_data):
    """Return the descriptions of all applications in the scope, in the order of their names.

    :param index: of an observation of the whole account, with the tags of the profiles.
    :param with_user_data: whether the user data is described, or left as it is.
    """
    described = []
    names: set = set()
    for each in found_in(index, scope):
        name = _name(each, names)
        names.add(name.casefold())
        described.append(_describe(each, name, index, with_user_data))
    return sorted(proven(described, index.observation), key=lambda each: each.name.casefold())


def proven(described, observation):
    """Return the descriptions, with a decision for each whose plan isn't empty."""
    arns = {arn: arn for each in described for arn in _policies(each.variables)}
    observation = replace(observation, policy_arns=arns)
    going = [each for each in described if not each.decision]
    decisions: dict = {}
    while True:
        try:
            applications = parse.parse([each.provable for each in going])
            break
        except InvalidOption as refused:
            mistakes: dict = {}
            for mistake in refused.details["mistakes"]:
                mistakes.setdefault(mistake["application"], []).append(mistake["message"])
            decisions.update({name: " ".join(messages) for name, messages in mistakes.items()})
            going = [each for each in going if each.name not in mistakes]
    for plan in plans_of(applications, observation):
        if plan.changes or plan.blockers:
            summary = plan_text.describe(plan)["summary"].partition(": ")[2]
            decisions[plan.name] = f"A run with these variables would change it: {summary.rstrip('.')}."
    return [replace(each, decision=decisions.get(each.name, each.decision)) for each in described]


def _name(found, taken):
    """Return a name for an application that no other has: the one that leaves the fewest names to be written."""
    group_name = found.group["AutoScalingGroupName"] if found.group else ""
    role_name = found.role["RoleName"] if found.role else found.profile_name
    owner = tags_of_role(found).get(ownership.TAG, "").replace("/", ",")
    template = found.source.name if found.from_template else ""
    candidates = [
        each for each in (owner, group_name, role_name, template, found.profile_name) if _NAME.fullmatch(each)
    ]
    candidates.sort(key=lambda name: name != owner and (name != role_name) + bool(template and name != template))
    free = [each for each in candidates if each.casefold() not in taken]
    number = 2
    while not free:
        numbered = f"{role_name[:60]}-{number}"
        free, number = [numbered] if numbered.casefold() not in taken else [], number + 1
    return free[0]


def _describe(found, name, index, with_user_data):
    if found.role is None or found.problem:
        return Description(name, found.subject, {f"{PREFIX}name": name}, _notes(found), found.problem)
    role_name, profile_name = found.role["RoleName"], found.profile["InstanceProfileName"]
    described: dict = {"name": name}
    described.update({} if role_name == name else {"role_name": role_name})
    described.update(variables.of_role(found.role, index.observation.partition))
    described.update({} if profile_name == role_name else {"instance_profile_name": profile_name})
    described.update(variables.of_profile(found.profile, found.role["Path"]))
    tags, notes = _tags(found)
    described.update(tags)
    user_data = None
    if found.source is not None:
        described.update(_of_source(found, name, index))
        described.update(variables.of_settings(found.settings))
        if found.settings.user_data.size:
            user_data = found.settings.user_data if with_user_data else None
            described.update({} if with_user_data else {"keep_user_data": True})
    if found.group is not None:
        described["group_name"] = found.group["AutoScalingGroupName"]
        described.update(variables.of_group(found.group))
    description = Description(name, found.subject, _prefixed(described), (*_notes(found), *notes), "", user_data)
    return description if found.source is None else _by_prefix(description, found, index)


def _prefixed(described):
    return {f"{PREFIX}{key}": value for key, value in described.items()}


def _of_source(found, name, index):
    """Return the variables that name what a group launches from."""
    if found.from_template:
        named = {} if found.source.name == name else {"launch_template_name": found.source.name}
        # Versions that people or tools keep are theirs to delete.
        prune = {"launch_template_prune": None} if found.source.latest_version > 1 else {}
        version = auto_scaling_group.source_of(found.group)["LaunchTemplate"].get("Version", "$Default")
        version = {} if version.isdigit() else {"launch_template_version": version}
        return {"launch_with": "launch_template", **named, **version, **prune}
    return {"launch_configuration_name": found.source.name}


def _by_prefix(description, found, index):
    """Return the description with the prefix of a launch configuration's name, if the rest of it is the fingerprint."""
    prefix, fixed = found.source.name[:-FINGERPRINT_LENGTH], f"{PREFIX}launch_configuration_name"
    if found.from_template or not launch_configuration.is_sibling(prefix, found.source.name):
        return description
    named = {} if prefix == f"{description.name}-" else {"launch_configuration_name_prefix": prefix}
    named.update({"launch_configuration_prune": None} if len(index.siblings(prefix)) > 1 else {})
    kept = {key: value for key, value in description.variables.items() if key != fixed}
    prefixed = replace(description, variables={**kept, **_prefixed(named)})
    try:
        (application,) = parse.parse([prefixed.provable])
    except InvalidOption:
        return description
    target = launch_configuration.with_security_groups(application.launch, application.launch.settings.security_groups)
    return prefixed if target.name == found.source.name else description


def _tags(found):
    """Return the variables of the tags, and what can't be said of them."""
    has = [tags_of_role(found), instance_profile.from_api(found.profile).tags]
    has += [found.source.tags] if found.from_template else []
    has = [variables.free_tags(each) for each in has]
    described, notes = {}, []
    if all(each == has[0] for each in has):
        described.update({"tags": has[0]} if has[0] else {})
    else:
        notes.append(
            "The tags of its resources differ, so they stay as they are: application_tags sets the same for all."
        )
    if found.group is None:
        return described, notes
    tags = auto_scaling_group.tags_of(found.group)
    tags = {key: tag for key, tag in tags.items() if not key.startswith(variables.RESERVED_TAGS)}
    propagated = {is_propagated for dummy, is_propagated in tags.values()}
    values = {key: value for key, (value, dummy) in tags.items()}
    if len(propagated) > 1:
        described.pop("tags", None)
        notes.append("Its group propagates only some of its tags to instances, so all tags stay as they are.")
    elif values != described.get("tags", {}):
        described["group_tags"] = values
    if propagated == {False}:
        described["group_propagate_tags"] = False
    return described, notes


def _notes(found):
    """Return sentences about who else manages it, and what of it no variable describes."""
    tags = [tags_of_role(found), tags_of_group(found)]
    tags += [found.source.tags] if found.from_template else []
    managers = dict.fromkeys(owner for each in tags for owner in owners.owners(each))
    notes = [f"Its tags say that it is managed by: {', '.join(managers)}."] if managers else []
    if found.role is not None:
        others = [each for each in profiles_of(found.role) if each.casefold() != found.profile_name.casefold()]
        if others:
            notes.append(
                f"Its role is also held by: {', '.join(others)}. No application manages these instance profiles."
            )
    kept = variables.kept_of_template(found.source.data) if found.from_template else []
    if kept:
        notes.append(f"These settings of its launch template stay as they are: {', '.join(kept)}.")
    kept = variables.kept_of_group(found.group) if found.group else []
    if kept:
        notes.append(f"These settings of its group stay as they are: {', '.join(kept)}.")
    return tuple(notes)


def _policies(described):
    boundary = described.get(f"{PREFIX}permissions_boundary")
    return [*described.get(f"{PREFIX}managed_policies", ()), *([boundary] if boundary else [])]
