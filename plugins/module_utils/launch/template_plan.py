# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that bring a launch template to what a task asks for. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list, compare_aws_tags
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    InvalidOption,
    MissingReference,
    StillInUse,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan, Precondition
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import LaunchTemplate
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import to_launch_template_data

# DeleteLaunchTemplateVersions takes at most this many versions a call.
VERSIONS_A_CALL = 200


def plan(target, state):
    """Return the calls that bring EC2 to the target.

    :raises StillInUse: the template has to go, and a group names it.
    :raises MissingReference: the default version of the target does not exist.
    :raises InvalidOption: the new version would be empty, or one of its volumes incomplete.
    """
    template = state.template
    if not target.present:
        return Plan(_delete(template, state.groups))
    if template is None:
        _default_version(target, LaunchTemplate(target.name), (1,))
        return Plan((_create(target),))
    calls: tuple[Call, ...] = ()
    after = template
    if launch_differences.differences(target.settings, template.settings, launch_differences.LAUNCH_TEMPLATE_DEFAULTS):
        after = replace(template, latest_version=template.latest_version + 1)
        calls += (_create_version(target, template),)
    default = _default_version(target, after, state.versions)
    if default != template.default_version:
        after = replace(after, default_version=default)
        calls += (_set_default(template, default),)
    return Plan(calls + _change_tags(target, template) + _prune(target, state, after))


def prunable(target, state, after):
    """Return the numbers of the versions that ``keep`` lets go, oldest first.

    The newest and the default version stay, and every version that a group names.

    :param after: the template as it will be when the calls before the pruning are made.
    """
    if target.keep is None:
        return ()
    named = {after.latest_version, after.default_version}
    named |= {int(version) for versions in (state.groups or {}).values() for version in versions if version.isdigit()}
    unused = sorted((number for number in state.versions if number not in named), reverse=True)
    return tuple(sorted(unused[target.keep :]))


def predict(target, state, planned):
    """Return the state that a plan leads to, less the members that only EC2 can know."""
    operations = {call.operation for call in planned.calls}
    if not target.present:
        return replace(state, template=None, versions=()) if planned.calls else state
    template = state.template
    if template is None:
        data = to_launch_template_data(target.settings)
        template = LaunchTemplate(
            target.name, tags=target.tags or {}, data=data, description=target.version_description or ""
        )
        return replace(state, template=template, versions=(1,) if target.needs_versions else ())
    versions = state.versions
    if "create_launch_template_version" in operations:
        template = replace(
            template,
            latest_version=template.latest_version + 1,
            data=to_launch_template_data(target.settings, template.data),
            description=target.version_description or "",
        )
        versions = (*versions, template.latest_version) if versions else versions
    template = replace(template, default_version=_default_version(target, template, versions))
    if target.tags is not None:
        added, removed = compare_aws_tags(template.tags, target.tags, target.purge_tags)
        kept = {key: value for key, value in template.tags.items() if key not in removed}
        template = replace(template, tags={**kept, **added})
    pruned = prunable(target, state, template)
    return replace(state, template=template, versions=tuple(number for number in versions if number not in pruned))


def _subject(name):
    return f"launch template '{name}'"


def _reference(template):
    return {"LaunchTemplateId": template.identity["LaunchTemplateId"]}


def _needs(settings):
    if not settings.instance_profile_name:
        return ()
    profile = iam_names.instance_profile_name("instance_profile_name", settings.instance_profile_name)
    return (Precondition("instance_profile", profile, "instance_profile_name"),)


def _data(target, base=None):
    """Return the LaunchTemplateData of a new version.

    :raises InvalidOption: EC2 refuses it.
    """
    data = to_launch_template_data(target.settings, base)
    if not data:
        raise InvalidOption(
            f"image_id: required. {_subject(target.name)} would be empty, which EC2 refuses (MissingParameter). "
            "Set image_id or another setting. No changes were made."
        )
    if target.settings.volumes is not None:
        block_devices.check(
            block_devices.from_api(data.get("BlockDeviceMappings") or ()), block_devices.LAUNCH_TEMPLATE
        )
    return data


def _create(target):
    arguments = {"LaunchTemplateName": target.name, "LaunchTemplateData": _data(target)}
    if target.version_description:
        arguments["VersionDescription"] = target.version_description
    if target.tags:
        arguments["TagSpecifications"] = [
            {"ResourceType": "launch-template", "Tags": ansible_dict_to_boto3_tag_list(target.tags)}
        ]
    return Call("ec2", "create_launch_template", _subject(target.name), arguments, needs=_needs(target.settings))


def _create_version(target, template):
    data = _data(target, template.data)
    content = json.dumps(
        [template.identity["LaunchTemplateId"], template.latest_version, data], sort_keys=True, default=str
    )
    arguments = {
        **_reference(template),
        "LaunchTemplateData": data,
        # Two runs at once that make the same version of the same template get one version between them, as does a call
        # that is repeated because its answer was lost.
        "ClientToken": hashlib.sha256(content.encode()).hexdigest(),
    }
    if target.version_description:
        arguments["VersionDescription"] = target.version_description
    return Call(
        "ec2", "create_launch_template_version", _subject(template.name), arguments, needs=_needs(target.settings)
    )


def _default_version(target, template, versions):
    """Return the number of the version that is to be the default one."""
    if target.default_version == "keep":
        return template.default_version
    if target.default_version == "latest":
        return template.latest_version
    if target.default_version not in (*versions, template.latest_version):
        raise MissingReference(
            f"default_version: {_subject(template.name)} has no version {target.default_version}. "
            "Give the number of a version that exists, or latest. No changes were made."
        )
    return target.default_version


def _set_default(template, number):
    undo = Call(
        "ec2",
        "modify_launch_template",
        _subject(template.name),
        {**_reference(template), "DefaultVersion": str(template.default_version)},
    )
    return replace(undo, arguments={**_reference(template), "DefaultVersion": str(number)}, undo=undo, follows=True)


def _change_tags(target, template):
    if target.tags is None:
        return ()
    added, removed = compare_aws_tags(template.tags, target.tags, target.purge_tags)
    resource = {"Resources": list(_reference(template).values())} if added or removed else {}
    calls: tuple[Call, ...] = ()
    if removed:
        arguments = {**resource, "Tags": [{"Key": key} for key in removed]}
        put_back = ansible_dict_to_boto3_tag_list({key: template.tags[key] for key in removed})
        undo = Call("ec2", "create_tags", _subject(template.name), {**resource, "Tags": put_back})
        calls += (Call("ec2", "delete_tags", _subject(template.name), arguments, undo=undo),)
    if added:
        calls += (
            Call(
                "ec2",
                "create_tags",
                _subject(template.name),
                {**resource, "Tags": ansible_dict_to_boto3_tag_list(added)},
            ),
        )
    return calls


def _prune(target, state, after):
    numbers = [str(number) for number in prunable(target, state, after)]
    batches = (numbers[start : start + VERSIONS_A_CALL] for start in range(0, len(numbers), VERSIONS_A_CALL))
    return tuple(
        Call("ec2", "delete_launch_template_versions", _subject(after.name), {**_reference(after), "Versions": batch})
        for batch in batches
    )


def _delete(template, groups):
    if template is None:
        return ()
    if groups:
        raise StillInUse(
            f"{_subject(template.name)} cannot be removed while Auto Scaling groups name it: {', '.join(sorted(groups))}. "
            "Point the groups to another launch template first, or delete them. No changes were made.",
            auto_scaling_groups=sorted(groups),
        )
    return (Call("ec2", "delete_launch_template", _subject(template.name), _reference(template)),)
