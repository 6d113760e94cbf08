# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2 launch templates: what a task asks for, what EC2 has, and how results show it. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-launch-templates.html"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Tuple

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ..core.errors import InvalidOption
from ..iam import names as iam_names
from . import api_members, block_devices
from . import options as launch_options
from . import render as launch_render
from .settings import LaunchSettings
from .template_data import from_launch_template_data

NAME = re.compile(r"[a-zA-Z0-9().\-/_]{3,128}")


@dataclass(frozen=True)
class LaunchTemplate:
    """A launch template that EC2 has, or will have.

    :param identity: the read-only members ``LaunchTemplateId``, ``CreateTime`` and ``CreatedBy``; empty for a new one.
    :param data: the LaunchTemplateData of the newest version. It is never shown: it holds the user data.
    :param description: the description of the newest version.
    """

    name: str
    identity: Mapping[str, Any] = field(default_factory=dict)
    default_version: int = 1
    latest_version: int = 1
    tags: Mapping[str, str] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)
    description: str = ""

    @property
    def settings(self):
        """The settings of the newest version."""
        return from_launch_template_data(self.data)


@dataclass(frozen=True)
class Target:
    """What a task asks for. None leaves a thing as it is.

    :param default_version: ``latest``, ``keep``, or the number of a version.
    :param members: further members of LaunchTemplateData, see :func:`api_members.overlay`.
    :param keep: how many of the older versions to keep that nothing names; None to prune none.
    :param versions_to_delete: the numbers of versions to delete instead of the template.
    """

    name: str
    settings: LaunchSettings = field(default_factory=LaunchSettings)
    present: bool = True
    default_version: str | int = "latest"
    version_description: Optional[str] = None
    tags: Optional[Mapping[str, str]] = None
    purge_tags: bool = True
    keep: Optional[int] = None
    members: Mapping[str, Any] = field(default_factory=dict)
    versions_to_delete: Tuple[int, ...] = ()

    @property
    def needs_versions(self):
        """Whether the numbers of all versions matter: some may have been deleted."""
        is_numbered = self.keep is not None or isinstance(self.default_version, int)
        return is_numbered if self.present else bool(self.versions_to_delete)


@dataclass(frozen=True)
class State:
    """What was read from AWS.

    :param versions: the numbers of all versions; empty where nobody looked.
    :param groups: Auto Scaling group that uses the template -> versions that it names (numbers as text, ``$Latest`` or
        ``$Default``); None where nobody looked.
    """

    template: Optional[LaunchTemplate]
    versions: Tuple[int, ...] = ()
    groups: Optional[Mapping[str, Tuple[str, ...]]] = None


def check_name(option, name):
    """Return the name of a launch template.

    :raises InvalidOption: its length or its characters are not what EC2 takes.
    """
    if not NAME.fullmatch(name):
        raise InvalidOption(
            f"{option}: '{name}' is not possible; EC2 takes 3 to 128 letters, digits and any of ().-/_."
        )
    return name


def from_api(template, version):
    """Return the launch template in the answers of DescribeLaunchTemplates and DescribeLaunchTemplateVersions."""
    return LaunchTemplate(
        name=template["LaunchTemplateName"],
        identity={key: template[key] for key in ("LaunchTemplateId", "CreateTime", "CreatedBy") if key in template},
        default_version=template["DefaultVersionNumber"],
        latest_version=template["LatestVersionNumber"],
        tags=boto3_tag_list_to_ansible_dict(template.get("Tags") or []),
        data=version["LaunchTemplateData"],
        description=version.get("VersionDescription") or "",
    )


def from_params(params):
    """Return the target that a module's parameters ask for, with security groups as they were given, and no name for an id.

    :raises InvalidOption: a value or a combination that EC2 refuses.
    """
    if params["name"] is not None:
        check_name("name", params["name"])
    if params.get("source_version", "latest") != "latest":
        raise InvalidOption(
            "source_version: a new version is based on the newest one. Set the settings that differ, and leave this out."
        )
    params, members = api_members.from_params(params)
    present, prune, description = params["state"] == "present", params["prune"], params["version_description"]
    if params["instance_id"]:
        raise InvalidOption("instance_id: a launch template takes no settings from an instance. Set them themselves.")
    if prune is not None:
        launch_options.check_prune(prune)
    if description is not None and len(description) > 255:
        raise InvalidOption(f"version_description: {len(description)} characters are given; EC2 takes at most 255.")
    return Target(
        name=params["name"] or "",
        settings=launch_options.from_params(params, block_devices.LAUNCH_TEMPLATE, complete=False)
        if present
        else LaunchSettings(),
        present=present,
        default_version=_default_version(params["default_version"]),
        version_description=description,
        tags=None if params["tags"] is None else iam_names.check_tags("tags", params["tags"], for_ec2=True),
        purge_tags=params["purge_tags"],
        keep=None if prune is None else prune["keep"],
        members=members,
        versions_to_delete=() if present else tuple(sorted(set(params.get("versions_to_delete") or ()))),
    )


def _default_version(text):
    if text in ("latest", "keep"):
        return text
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise InvalidOption(f"default_version: '{text}' is not possible; give latest, keep, or a version number.")
    return int(text)


def result(outcome):
    """Return a module's result for the outcome of converging a target."""
    after = outcome.after.template
    shown = dict(changed=outcome.changed, diff=dict(before=_diffable(outcome.before), after=_diffable(outcome.after)))
    if after is None:
        return shown
    return dict(
        shown,
        template=_render(after),
        launch_template_id=after.identity.get("LaunchTemplateId"),
        latest_version=after.latest_version,
        default_version=after.default_version,
        version=render_version(after),
        pruned=sorted(set(outcome.before.versions) - set(outcome.after.versions)),
    )


def render_version(template):
    """Return the newest version of the template as results show it, with user data by digest and size."""
    return {
        "version_number": template.latest_version,
        "version_description": template.description,
        **launch_render.render_template_settings(template.settings),
    }


def _render(template):
    """Return the launch template as results show it, with the keys of the API in snake case."""
    shown = {
        "launch_template_name": template.name,
        "default_version_number": template.default_version,
        "latest_version_number": template.latest_version,
        "tags": dict(template.tags),
    }
    if template.identity:
        shown["launch_template_id"] = template.identity["LaunchTemplateId"]
        shown["create_time"] = template.identity["CreateTime"].isoformat()
        shown["created_by"] = template.identity.get("CreatedBy")
    return shown


def _diffable(state):
    if state.template is None:
        return {}
    versions = {"versions": list(state.versions)} if state.versions else {}
    return {**_render(state.template), "latest_version": render_version(state.template), **versions}
