# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Applications that exist and that no entry of the fleet claims: known by the path or tags of their role. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass
from typing import Mapping, Optional

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ..core import ownership
from ..core.errors import InvalidOption
from ..iam import names as iam_names
from ..launch import configuration as launch_configuration
from ..launch import template as launch_template
from ..launch.settings import FINGERPRINT_LENGTH


@dataclass(frozen=True)
class OrphanScope:
    """Where what is not claimed is an orphan.

    :param path: what the paths of roles and instance profiles begin with, or None.
    :param tags: tags that roles have, all of them, or None.
    """

    path: Optional[str] = None
    tags: Optional[Mapping[str, str]] = None

    def __bool__(self):
        return self.path is not None or bool(self.tags)

    def contains(self, path, tags):
        """Return whether a role or profile of this path and these tags belongs to the fleet."""
        return (self.path is None or path.startswith(self.path)) and (
            not self.tags or all(tags.get(key) == value for key, value in self.tags.items())
        )


def scope_from_params(params):
    """Return the scope that a module's parameters name.

    :raises InvalidOption: a path or tags that IAM would refuse, or a path that is the whole account's.
    """
    path, tags = params["orphan_path"], params["orphan_tags"]
    if path is not None:
        iam_names.check_path("orphan_path", path)
        if path == "/" and not tags:
            raise InvalidOption(
                "orphan_path: '/' is where every role of the account is. Give the path that the applications of the fleet have, or orphan_tags."
            )
    return OrphanScope(path, None if tags is None else iam_names.check_tags("orphan_tags", tags))


def find(scope, applications, index):
    """Return the orphans, by name: each with its resources and the role's variables that remove it.

    What another host claims is an orphan as far as it has resources in this Region that no application of this host claims.
    One that no application created, or that a present application uses still, has no ``owner``, and is not for pruning.

    :param applications: those of the fleet, present or absent.
    :param index: of an observation of the whole account.
    """
    if not scope:
        return []
    roles = {each.options["role_name"].casefold() for each in applications}
    profiles = {each.profile.name.casefold() for each in applications}
    observation = index.observation
    found: dict = {}
    for role in observation.roles.values():
        name = role["RoleName"]
        tags = boto3_tag_list_to_ansible_dict(role.get("Tags") or [])
        if name.casefold() not in roles and scope.contains(role["Path"], tags):
            found[name] = [
                profile["InstanceProfileName"]
                for key, profile in observation.profiles.items()
                if key not in profiles and any(held["RoleName"] == name for held in profile["Roles"])
            ]
    held = {name.casefold() for names in found.values() for name in names}
    for key, profile in observation.profiles.items():
        alone = key not in profiles and key not in held and not profile["Roles"]
        # A profile that lost its role; lists show no tags of profiles, so only the path tells whose it is.
        if alone and scope.path is not None and not scope.tags and profile["Path"].startswith(scope.path):
            found.setdefault(profile["InstanceProfileName"], []).append(profile["InstanceProfileName"])
    # An application whose role or profile gets another name keeps its group and template, which name the former profile until then.
    present = [each.options for each in applications if each.present]
    claimed = {options[option] for options in present for option in ("group_name", "launch_template_name")} - {None}
    orphans = [_orphan(name, names, index, claimed) for name, names in sorted(found.items())]
    regional = ("launch_configurations", "launch_templates", "auto_scaling_groups")
    return [
        each
        for each in orphans
        if each["name"].casefold() not in observation.claims or any(each[kind] for kind in regional)
    ]


def _orphan(name, profile_names, index, claimed):
    observation = index.observation
    configurations = sorted(
        each["LaunchConfigurationName"]
        for each in observation.launch_configurations.values()
        if (each.get("IamInstanceProfile") or "").rpartition("/")[2] in profile_names
    )
    templates = sorted(
        template
        for template, found in observation.templates.items()
        if launch_template.from_api(*found).settings.profile_name in profile_names
    )
    groups = {group for each in configurations for group in index.groups_by_launch_configuration.get(each, ())}
    groups |= {group for each in templates for group in index.groups_by_template(observation.templates[each][0])}
    used = sorted({*templates, *groups} & claimed)
    templates, groups = [each for each in templates if each not in claimed], groups - claimed
    parts = [
        ("IAM role", [name] if observation.role(name) else []),
        ("instance profile", profile_names),
        ("launch configuration", configurations),
        ("launch template", templates),
        ("Auto Scaling group", sorted(groups)),
    ]
    listed = "; ".join(f"{word} {', '.join(names)}" for word, names in parts if names)
    # The role says whose it is, or the profile that lost its role.
    tagged = observation.role(name) or observation.profile(name) or {}
    owner = None if used else boto3_tag_list_to_ansible_dict(tagged.get("Tags") or []).get(ownership.TAG)
    reason = f", used by {', '.join(used)} until this run has changed it" if used else "" if owner else ", not owned"
    return dict(
        name=name,
        owner=owner,
        instance_profiles=profile_names,
        launch_configurations=configurations,
        launch_templates=templates,
        auto_scaling_groups=sorted(groups),
        variables=_variables(name, profile_names, configurations, templates, sorted(groups)),
        summary=f"{name}: ORPHAN{reason}: {listed}",
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
