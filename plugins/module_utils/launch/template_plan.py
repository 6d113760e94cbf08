# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that bring a launch template to what a task asks for. Pure.
Private to the collection: names and shapes can change in any release."""

import hashlib
import json
from dataclasses import replace

from ansible_collections.amazon.aws.plugins.module_utils.tagging import ansible_dict_to_boto3_tag_list, compare_aws_tags

from ..core.errors import InvalidOption, MissingReference, StillInUse
from ..core.plan import Call, Plan
from . import api_members, block_devices
from . import differences as launch_differences
from . import options as launch_options
from .template import LaunchTemplate
from .template_data import to_launch_template_data

# DeleteLaunchTemplateVersions takes at most this many versions a call.
VERSIONS_A_CALL = 200


def plan(target, state):
    """Return the calls that bring EC2 to the target.

    :raises StillInUse: a group names the template, which has to be deleted.
    :raises MissingReference: the default version of the target does not exist.
    :raises InvalidOption: the new version would be empty, or one of its volumes incomplete.
    """
    return Plan(_calls_and_state(target, state)[0])


def predict(target, state, planned):
    """Return the state that a plan leads to, less the members that only EC2 can know."""
    return _calls_and_state(target, state)[1]


def _calls_and_state(target, state):
    template, versions = state.template, state.versions
    if not target.present and target.versions_to_delete:
        return _delete_versions(target, state)
    if not target.present:
        return _delete(template, state.groups), replace(state, template=None, versions=())
    description = target.version_description or ""
    if template is None:
        _default_version(target, LaunchTemplate(target.name), (1,))
        call = _create(target)
        data = call.arguments["LaunchTemplateData"]
        template = LaunchTemplate(target.name, tags=target.tags or {}, data=data, description=description)
        return (call,), replace(state, template=template, versions=(1,) if target.needs_versions else ())
    calls: tuple[Call, ...] = ()
    after = template
    defaults = launch_differences.LAUNCH_TEMPLATE_DEFAULTS
    has_members = api_members.overlay(template.data, target.members) == template.data
    if not has_members or launch_differences.differences(target.settings, template.settings, defaults):
        calls += (_create_version(target, template),)
        data, number = calls[0].arguments["LaunchTemplateData"], template.latest_version + 1
        after = replace(template, latest_version=number, data=data, description=description)
        versions = (*versions, number) if versions else versions
    default = _default_version(target, after, versions)
    if default != template.default_version:
        after = replace(after, default_version=default)
        undo = _call(template, "modify_launch_template", DefaultVersion=str(template.default_version))
        call = _call(template, "modify_launch_template", undo, DefaultVersion=str(default))
        calls += (replace(call, follows=True),)
    if target.tags is not None:
        added, removed = compare_aws_tags(template.tags, target.tags, target.purge_tags)
        kept = {key: value for key, value in template.tags.items() if key not in removed}
        after = replace(after, tags={**kept, **added})
        calls += _change_tags(template, added, removed)
    pruned = _prunable(target, state, after)
    versions = tuple(number for number in versions if number not in pruned)
    return calls + _prune(after, pruned), replace(state, template=after, versions=versions)


def _prunable(target, state, after):
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
    data = api_members.overlay(to_launch_template_data(target.settings, base), target.members)
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


def _change_tags(template, added, removed):
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


def _delete_versions(target, state):
    """Return the calls that delete versions, and the state after them.

    :raises StillInUse: one is the default version, or a group names it.
    """
    template = state.template
    numbers = [number for number in target.versions_to_delete if template and number in state.versions]
    if not numbers:
        return (), state
    left = tuple(number for number in state.versions if number not in numbers)
    newest = {"$Default": template.default_version, "$Latest": template.latest_version}
    used = {template.default_version: ["the default version"]}
    for group, versions in sorted((state.groups or {}).items()):
        for version in versions:
            used.setdefault(int(newest.get(version, version)), []).append(f"the version of Auto Scaling group {group}")
    for number in numbers:
        if number in used:
            raise StillInUse(
                f"versions_to_delete: version {number} of {_subject(template.name)} is {' and '.join(used[number])}. "
                "Change that first. No changes were made."
            )
    after = replace(template, latest_version=max(left))
    return _prune(template, numbers), replace(state, template=after, versions=left)


def _prune(template, versions):
    numbers = [str(number) for number in versions]
    return tuple(
        _call(template, "delete_launch_template_versions", Versions=numbers[start : start + VERSIONS_A_CALL])
        for start in range(0, len(numbers), VERSIONS_A_CALL)
    )


def _delete(template, groups):
    if template is None:
        return ()
    if groups:
        raise StillInUse(
            f"{_subject(template.name)} cannot be removed while Auto Scaling groups name it: "
            f"{', '.join(sorted(groups))}. Point them to another launch template first. No changes were made.",
            auto_scaling_groups=sorted(groups),
        )
    return (_call(template, "delete_launch_template"),)
