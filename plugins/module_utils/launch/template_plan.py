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
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import LaunchTemplate
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import to_launch_template_data

# DeleteLaunchTemplateVersions takes at most this many versions a call.
VERSIONS_A_CALL = 200


def plan(target, state):
    """Return the calls that bring EC2 to the target.

    :raises StillInUse: a group names the template, which has to be deleted.
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
        undo = _call(template, "modify_launch_template", DefaultVersion=str(template.default_version))
        calls += (_call(template, "modify_launch_template", undo, DefaultVersion=str(default)),)
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
    if not target.present:
        return replace(state, template=None, versions=()) if planned.calls else state
    template = state.template
    description = target.version_description or ""
    if template is None:
        data = to_launch_template_data(target.settings)
        template = LaunchTemplate(target.name, tags=target.tags or {}, data=data, description=description)
        return replace(state, template=template, versions=(1,) if target.needs_versions else ())
    versions = state.versions
    if any(call.operation == "create_launch_template_version" for call in planned.calls):
        data, number = to_launch_template_data(target.settings, template.data), template.latest_version + 1
        template = replace(template, latest_version=number, data=data, description=description)
        versions = (*versions, number) if versions else versions
    template = replace(template, default_version=_default_version(target, template, versions))
    if target.tags is not None:
        added, removed = compare_aws_tags(template.tags, target.tags, target.purge_tags)
        kept = {key: value for key, value in template.tags.items() if key not in removed}
        template = replace(template, tags={**kept, **added})
    pruned = prunable(target, state, template)
    return replace(state, template=template, versions=tuple(number for number in versions if number not in pruned))


def _subject(name):
    return f"launch template '{name}'"


def _call(template, operation, undo=None, needs=(), **arguments):
    arguments = {"LaunchTemplateId": template.identity["LaunchTemplateId"], **arguments}
    return Call("ec2", operation, _subject(template.name), arguments, needs, undo)


def _new_version(target, base=None):
    """Return the arguments that describe a new version.

    :param base: the LaunchTemplateData that it is based on.
    :raises InvalidOption: EC2 refuses it.
    """
    data = to_launch_template_data(target.settings, base)
    if not data:
        raise InvalidOption(
            f"image_id: required. {_subject(target.name)} would be empty, which EC2 refuses (MissingParameter). "
            "Set image_id or another setting. No changes were made."
        )
    if target.settings.volumes is not None:
        devices = block_devices.from_api(data.get("BlockDeviceMappings") or ())
        block_devices.check(devices, block_devices.LAUNCH_TEMPLATE)
    description = {"VersionDescription": target.version_description} if target.version_description else {}
    return {"LaunchTemplateData": data, **description}


def _create(target):
    arguments = {"LaunchTemplateName": target.name, **_new_version(target)}
    if target.tags:
        tags = ansible_dict_to_boto3_tag_list(target.tags)
        arguments["TagSpecifications"] = [{"ResourceType": "launch-template", "Tags": tags}]
    needs = launch_options.preconditions(target.settings)
    return Call("ec2", "create_launch_template", _subject(target.name), arguments, needs)


def _create_version(target, template):
    arguments = _new_version(target, template.data)
    identity = [template.identity["LaunchTemplateId"], template.latest_version, arguments["LaunchTemplateData"]]
    # Two runs at once that create the same version of the same template get one version between them, as does a call
    # that is repeated because its answer was lost.
    token = hashlib.sha256(json.dumps(identity, sort_keys=True, default=str).encode()).hexdigest()
    needs = launch_options.preconditions(target.settings)
    return _call(template, "create_launch_template_version", needs=needs, ClientToken=token, **arguments)


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


def _change_tags(target, template):
    if target.tags is None:
        return ()
    added, removed = compare_aws_tags(template.tags, target.tags, target.purge_tags)

    def call(operation, tags, undo=None):
        arguments = {"Resources": [template.identity["LaunchTemplateId"]], "Tags": tags}
        return Call("ec2", operation, _subject(template.name), arguments, undo=undo)

    calls: tuple[Call, ...] = ()
    if removed:
        undo = call("create_tags", ansible_dict_to_boto3_tag_list({key: template.tags[key] for key in removed}))
        calls += (call("delete_tags", [{"Key": key} for key in removed], undo),)
    if added:
        calls += (call("create_tags", ansible_dict_to_boto3_tag_list(added)),)
    return calls


def _prune(target, state, after):
    numbers = [str(number) for number in prunable(target, state, after)]
    return tuple(
        _call(after, "delete_launch_template_versions", Versions=numbers[start : start + VERSIONS_A_CALL])
        for start in range(0, len(numbers), VERSIONS_A_CALL)
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
    return (_call(template, "delete_launch_template"),)
