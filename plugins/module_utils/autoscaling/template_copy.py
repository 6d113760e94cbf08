# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The launch template version that is a copy of a launch configuration, and the calls that create it. Pure.
Private to the collection: names and shapes can change in any release."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Mapping, Optional

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ..core.errors import MissingReference
from ..core.plan import Call, Plan
from ..launch import settings as launch_settings
from ..launch.template_data import as_launched, to_launch_template_data

# The launch configuration that a template is a copy of, and when a group last left that for the template.
SOURCE_TAG = "launchkit:launch-configuration"
MOVED_TAG = "launchkit:migrated-at"
# A tag that is younger than this says the same.
MOVED_PRECISION = timedelta(minutes=1)
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# What the tags of a template's copy are for, beside the group's own tags that Auto Scaling propagates.
TAGGED = ("instance", "volume")


@dataclass(frozen=True)
class Copy:
    """The launch template that a launch configuration asks for.

    :param name: of the template.
    :param configuration: the name of the launch configuration.
    :param data: the LaunchTemplateData. It is never shown: it holds the user data.
    :param tags: the operator's, for the template.
    :param moved_at: when the run began.
    """

    name: str
    configuration: str
    data: Mapping[str, Any] = field(repr=False)
    tags: Mapping[str, str]
    moved_at: datetime


@dataclass(frozen=True)
class Version:
    """A version of a launch template.

    :param data: its LaunchTemplateData. It is never shown: it holds the user data.
    """

    data: Mapping[str, Any] = field(repr=False)
    created: Optional[datetime] = None


@dataclass(frozen=True)
class State:
    """What EC2 has.

    :param template: as DescribeLaunchTemplates returns it; None for no template.
    :param versions: number -> :class:`Version`.
    """

    template: Optional[Mapping[str, Any]] = None
    versions: Mapping[int, Version] = field(default_factory=dict)


def data_of(configuration, tags=None):
    """Return the LaunchTemplateData that launches what a launch configuration, as the API returns it, launches.

    :param tags: for what is launched.
    """
    settings = as_launched(launch_settings.from_launch_configuration(configuration))
    if tags:
        settings = replace(settings, tag_specifications={kind: dict(tags) for kind in TAGGED})
    return to_launch_template_data(settings)


def is_same(data, other, but=()):
    """Return whether two LaunchTemplateData are the same as a whole, in any order that EC2 returns their lists.

    :param but: members that can differ.
    """
    return _canonical(data, but) == _canonical(other, but)


def is_copy(version, configuration):
    """Return whether a version launches what a launch configuration launches, apart from tags.

    :param configuration: as the API returns it.
    """
    return is_same(version.data, data_of(configuration), but=("TagSpecifications",))


def number_of(copy, state):
    """Return the number of the newest version whose data are those of the copy, or None."""
    return max((number for number, each in state.versions.items() if is_same(each.data, copy.data)), default=None)


def source_of(template):
    """Return the launch configuration that a template's tag names, or None."""
    return boto3_tag_list_to_ansible_dict(template.get("Tags") or []).get(SOURCE_TAG)


def moved_at(template):
    """Return when a group last left the launch configuration for the template; None if no tag says it."""
    text = boto3_tag_list_to_ansible_dict(template.get("Tags") or []).get(MOVED_TAG, "")
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=timezone.utc)
    except ValueError:
        return None


def name_taken(copy, template):
    """Return a sentence if the template of the copy's name is not one of the launch configuration, or None."""
    if template is None or source_of(template) == copy.configuration[:256]:
        return None
    return f"a launch template named '{copy.name}' exists with another source. Set template_names to use another name."


def plan(copy, state):
    """Return the calls that create the template or its version, and its tags.

    :raises MissingReference: another template has the name.
    """
    subject, template = f"launch template '{copy.name}'", state.template
    tags = {**copy.tags, SOURCE_TAG: copy.configuration[:256], MOVED_TAG: copy.moved_at.strftime(TIME_FORMAT)}
    described = {
        "LaunchTemplateData": copy.data,
        "VersionDescription": f"Made from launch configuration {copy.configuration}"[:255],
    }
    if template is None:
        specification = {"ResourceType": "launch-template", "Tags": ansible_dict_to_boto3_tag_list(tags)}
        arguments = {"LaunchTemplateName": copy.name, "TagSpecifications": [specification], **described}
        return Plan((Call("ec2", "create_launch_template", subject, arguments),))
    taken = name_taken(copy, template)
    if taken:
        raise MissingReference(f"template_names: {taken} No changes were made.")
    if not state.versions:
        return Plan(waiting="EC2 does not show its versions yet")
    identity = template["LaunchTemplateId"]
    calls: tuple[Call, ...] = ()
    if number_of(copy, state) is None:
        # Two runs at once, or a call that is repeated because its answer was lost, create one version.
        seed = json.dumps([identity, max(state.versions), _canonical(copy.data)])
        arguments = {
            "LaunchTemplateId": identity,
            "ClientToken": hashlib.sha256(seed.encode()).hexdigest(),
            **described,
        }
        calls += (Call("ec2", "create_launch_template_version", subject, arguments),)
    actual, moved = boto3_tag_list_to_ansible_dict(template.get("Tags") or []), moved_at(template)
    if moved is not None and moved >= copy.moved_at - MOVED_PRECISION:
        tags.pop(MOVED_TAG)
    added = {key: value for key, value in tags.items() if actual.get(key) != value}
    if added:
        arguments = {"Resources": [identity], "Tags": ansible_dict_to_boto3_tag_list(added)}
        calls += (Call("ec2", "create_tags", subject, arguments),)
    return Plan(calls)


def _canonical(data, but=()):
    kept = {name: value for name, value in data.items() if name not in but}
    metadata = kept.get("MetadataOptions")
    if metadata:
        # EC2 adds a state to what it was given.
        kept["MetadataOptions"] = {name: value for name, value in metadata.items() if name != "State"}
    return json.dumps(_ordered(kept), sort_keys=True, default=str)


def _ordered(value):
    if isinstance(value, Mapping):
        return {name: _ordered(member) for name, member in value.items()}
    if isinstance(value, (list, tuple)):
        return sorted(
            (_ordered(each) for each in value), key=lambda each: json.dumps(each, sort_keys=True, default=str)
        )
    return value
