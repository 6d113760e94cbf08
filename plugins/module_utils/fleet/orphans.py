# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Applications that are there and that no entry of the fleet claims any more: known by their role's path or tags. All of it pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Optional

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import FINGERPRINT_LENGTH


@dataclass(frozen=True)
class Territory:
    """Where whatever is not claimed is an orphan.

    :param path: what the paths of roles and instance profiles begin with, or None.
    :param tags: tags that roles have, all of them, or None.
    """

    path: Optional[str] = None
    tags: Optional[Mapping[str, str]] = None

    def __bool__(self):
        return self.path is not None or bool(self.tags)

    def holds(self, path, tags):
        """Tell whether a role or profile of this path and these tags belongs to the fleet."""
        return (self.path is None or path.startswith(self.path)) and (
            not self.tags or all(tags.get(key) == value for key, value in self.tags.items())
        )


def from_params(params):
    """Return the territory that a module's parameters name.

    :raises InvalidOption: a path or tags that IAM would refuse, or a path that is the whole account's.
    """
    path, tags = params["orphan_path"], params["orphan_tags"]
    if path is not None:
        iam_names.check_path("orphan_path", path)
        if path == "/" and not tags:
            raise InvalidOption(
                "orphan_path: '/' is where every role of the account is. Give the path that the applications of the fleet have, or orphan_tags."
            )
    return Territory(path, None if tags is None else iam_names.check_tags("orphan_tags", tags))


def find(territory, applications, index):
    """Return the orphans, by name: each with what there is of it and the role's variables that remove it.

    :param applications: those that the fleet claims, be they to be there or not.
    :param index: of an observation of the whole account.
    """
    if not territory:
        return []
    roles = {each.options["role_name"].casefold() for each in applications}
    profiles = {each.profile.name.casefold() for each in applications}
    observation = index.observation
    found: dict = {}
    for name, role in observation.roles.items():
        tags = boto3_tag_list_to_ansible_dict(role.get("Tags") or [])
        if name.casefold() not in roles and territory.holds(role["Path"], tags):
            found[name] = [
                profile["InstanceProfileName"]
                for key, profile in observation.profiles.items()
                if key not in profiles and any(held["RoleName"] == name for held in profile["Roles"])
            ]
    held = {name.casefold() for names in found.values() for name in names}
    for key, profile in observation.profiles.items():
        alone = key not in profiles and key not in held and not profile["Roles"]
        # A profile that lost its role; lists show no tags of profiles, so only the path tells whose it is.
        if alone and territory.path is not None and not territory.tags and profile["Path"].startswith(territory.path):
            found.setdefault(profile["InstanceProfileName"], []).append(profile["InstanceProfileName"])
    return [_orphan(name, names, index) for name, names in sorted(found.items())]


def _orphan(name, profile_names, index):
    observation = index.observation
    configurations = sorted(
        each["LaunchConfigurationName"]
        for each in observation.launch_configurations.values()
        if (each.get("IamInstanceProfile") or "").rpartition("/")[2] in profile_names
    )
    templates = sorted(
        template
        for template, found in observation.templates.items()
        if launch_template.from_api(*found).settings.instance_profile_name.rpartition("/")[2] in profile_names
    )
    groups = {group for each in configurations for group in index.groups_by_launch_configuration.get(each, ())}
    groups |= {group for each in templates for group in index.groups_by_template(observation.templates[each][0])}
    parts = [
        ("role", [name] if name in observation.roles else []),
        ("instance profile", profile_names),
        ("launch configuration", configurations),
        ("launch template", templates),
        ("Auto Scaling group", sorted(groups)),
    ]
    listed = "; ".join(f"{word} {', '.join(names)}" for word, names in parts if names)
    return dict(
        name=name,
        instance_profiles=profile_names,
        launch_configurations=configurations,
        launch_templates=templates,
        auto_scaling_groups=sorted(groups),
        variables=_variables(name, profile_names, configurations, templates, sorted(groups)),
        summary=f"{name}: ORPHAN: {listed}",
    )


def _variables(name, profile_names, configurations, templates, groups):
    """Return the variables by which the role removes it; what it cannot remove by them it refuses to, and says why."""
    variables = dict(application_name=name, application_role_name=name)
    if profile_names:
        variables["application_instance_profile_name"] = profile_names[0]
    prefixes = {
        each[:-FINGERPRINT_LENGTH]
        for each in configurations
        if launch_configuration.is_sibling(each[:-FINGERPRINT_LENGTH], each)
    }
    if len(prefixes) == 1:
        variables["application_launch_configuration_name_prefix"] = prefixes.pop()
    elif configurations:
        variables["application_launch_configuration_name"] = configurations[0]
    if templates:
        variables["application_launch_template_name"] = templates[0]
    if groups:
        variables["application_group_name"] = groups[0]
    return variables
