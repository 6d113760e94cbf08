# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The way of Auto Scaling groups from launch configurations to launch templates: who goes, what with, and what stands in the way. Pure.

AWS copies a launch configuration to a launch template in its console only:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from typing import Any, Mapping, Optional, Tuple

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import instance_refresh
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.find.launch_template_specifications import (
    launch_templates_of,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import Target, check_name
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import as_launched

# The tag by which a template is known to come from a launch configuration, and from which.
SOURCE_TAG = "launchkit:launch-configuration"
NAME_LENGTH = 128
_REFUSED_IN_NAMES = re.compile(r"[^a-zA-Z0-9().\-/_]")


@dataclass(frozen=True)
class Selection:
    """Which groups to migrate; all that use a launch configuration where nothing is given.

    :param names: their names, or None.
    :param pattern: a compiled regular expression that their names match at the beginning, or None.
    :param tags: tags that they all have; a value of None stands for any.
    """

    names: Optional[Tuple[str, ...]] = None
    pattern: Any = None
    tags: Optional[Mapping[str, Optional[str]]] = None

    def chooses(self, group):
        """Tell whether a group, as the API gives it, is among them."""
        tags = boto3_tag_list_to_ansible_dict(group.get("Tags") or [])
        return (
            (self.names is None or group["AutoScalingGroupName"] in self.names)
            and (self.pattern is None or self.pattern.match(group["AutoScalingGroupName"]) is not None)
            and all(key in tags and value in (None, tags[key]) for key, value in (self.tags or {}).items())
        )


@dataclass(frozen=True)
class Step:
    """The migration of one group.

    :param group: the group's name.
    :param configuration: the name of the launch configuration that it uses; None when it uses a launch template already.
    :param target: the launch template to make, or None when it cannot or need not be migrated.
    :param obstacles: sentences that say what cannot be carried over and why.
    :param notes: sentences about who else owns the group.
    """

    group: str
    configuration: Optional[str]
    target: Optional[Target]
    obstacles: Tuple[str, ...] = ()
    notes: Tuple[str, ...] = ()


def selection_from_params(params):
    """Return the selection that a module's parameters ask for.

    :raises InvalidOption: the regular expression is not one.
    """
    pattern = None
    if params["group_regex"] is not None:
        try:
            pattern = re.compile(params["group_regex"])
        except re.error as error:
            raise InvalidOption(
                f"group_regex: '{params['group_regex']}' is not a regular expression: {error}."
            ) from error
    names = None if params["groups"] is None else tuple(params["groups"])
    return Selection(names, pattern, params["group_tags"] or {})


def chosen_groups(selection, groups):
    """Return the chosen groups, as the API gives them, by name.

    :raises MissingReference: a group that is chosen by name does not exist.
    """
    missing = set(selection.names or ()) - {group["AutoScalingGroupName"] for group in groups}
    if missing:
        raise MissingReference(
            f"groups: there is no Auto Scaling group named {', '.join(sorted(missing))} in this Region. Nothing was changed."
        )
    return sorted(filter(selection.chooses, groups), key=lambda group: group["AutoScalingGroupName"])


def steps(groups, configurations, template_names):
    """Return the step for each group.

    :param groups: the chosen groups, as the API gives them.
    :param configurations: name -> launch configuration as the API gives it.
    :param template_names: launch configuration's name -> the name that its template shall have, where that is not its own.
    """
    return tuple(_step(group, configurations, template_names) for group in groups)


def template_name(configuration):
    """Return the name for the template of a launch configuration: its own, with what templates' names cannot have replaced.

    Names that change on the way end in digits that follow from the whole name, so that no two become the same.
    """
    name = _REFUSED_IN_NAMES.sub("-", configuration)
    if name == configuration and 3 <= len(name) <= NAME_LENGTH:
        return name
    digits = hashlib.sha256(configuration.encode()).hexdigest()[:8]
    return f"{name[: NAME_LENGTH - len(digits) - 1]}-{digits}"


def obstacles(configuration):
    """Return what of a launch configuration no launch template can hold, in sentences.

    :param configuration: the launch configuration as the API gives it.
    """
    found = []
    if configuration.get("ClassicLinkVPCId") or configuration.get("ClassicLinkVPCSecurityGroups"):
        found.append(
            "it links to EC2-Classic, which AWS retired; make a launch configuration without ClassicLink first"
        )
    names = [group for group in configuration.get("SecurityGroups") or () if not group.startswith("sg-")]
    if names:
        found.append(f"it names security groups of EC2-Classic ({', '.join(names)}); make one with ids first")
    return tuple(found)


def owners(group):
    """Return notes about tools that own the group, by its tags: they put back what changes behind their back."""
    tags = boto3_tag_list_to_ansible_dict(group.get("Tags") or [])
    found = []
    stack = tags.get("aws:cloudformation:stack-name")
    if stack:
        found.append(
            f"CloudFormation stack {stack} owns the group: change its template too, or its next update undoes this"
        )
    environment = tags.get("elasticbeanstalk:environment-name")
    if environment:
        found.append(
            f"Elastic Beanstalk environment {environment} owns the group: let it move to launch templates itself"
        )
    if "terraform" in " ".join(f"{key} {value}" for key, value in tags.items()).casefold():
        found.append("its tags name Terraform: change its configuration too, or its next run undoes this")
    return tuple(found)


def unused(configurations, groups, migrated):
    """Return the names of those launch configurations that no group names once some groups are migrated.

    :param configurations: names.
    :param groups: all groups of the Region, as the API gives them.
    :param migrated: the names of the groups that are migrated.
    """
    named = {group.get("LaunchConfigurationName") for group in groups if group["AutoScalingGroupName"] not in migrated}
    return sorted(set(configurations) - named)


def check_template_names(names):
    """Check the names that the user gives templates, by launch configuration.

    :raises InvalidOption: EC2 would refuse one, or two are the same.
    """
    for name in names.values():
        check_name("template_names", name)
    if len(set(names.values())) < len(names):
        raise InvalidOption(
            "template_names: two launch configurations are given templates of the same name. Give each its own."
        )
    return names


def sources_of(templates):
    """Return launch template's name -> the launch configuration that it was made from by its tag, or None.

    :param templates: as DescribeLaunchTemplates gives them.
    """
    tags = {each["LaunchTemplateName"]: boto3_tag_list_to_ansible_dict(each.get("Tags") or []) for each in templates}
    return {name: values.get(SOURCE_TAG) for name, values in tags.items()}


def with_name_clashes(planned, taken):
    """Return the steps with an obstacle for each whose template's name is taken by another template.

    :param taken: name of a launch template that exists -> the launch configuration that it was made from, or None.
    """
    takers = {name: {source} for name, source in taken.items()}
    for step in planned:
        if step.target is not None:
            takers.setdefault(step.target.name, set()).add(step.configuration)
    return tuple(
        step if step.target is None or takers[step.target.name] == {step.configuration} else _name_taken(step)
        for step in planned
    )


def row(step, group, sources, template=None):
    """Return the row that shows a step.

    :param group: the group as the API gives it.
    :param sources: see :func:`sources_of`.
    :param template: the :class:`~launch_template.LaunchTemplate` that the group launches from after its migration.
    """
    if template is not None:
        name, migrated_from = template.name, step.configuration
        specification = {
            "LaunchTemplateId": template.identity.get("LaunchTemplateId", ""),
            "Version": str(template.latest_version),
        }
    elif step.target is not None:
        # It could be migrated, and was not.
        name, migrated_from, specification = step.target.name, "", instance_refresh.launch_template_of({})
    else:
        name = next((each.get("LaunchTemplateName", "") for each in launch_templates_of(group)), "")
        migrated_from = sources.get(name) or ""
        specification = instance_refresh.launch_template_of(group)
    if step.configuration is None:
        action = "already"
    elif step.target is None:
        action = "blocked"
    else:
        action = "waiting" if template is None else "migrated"
    return dict(
        group=step.group,
        launch_configuration=step.configuration or "",
        launch_template=name,
        launch_template_id=specification["LaunchTemplateId"] or "",
        version=specification["Version"] or "",
        action=action,
        reason="; ".join(step.obstacles + step.notes),
        owners=list(step.notes),
        migrated_from=migrated_from,
        outdated_instances=len(instance_refresh.outdated(group, specification if template is not None else None)),
    )


def table(rows):
    """Return lines of text that show the rows as a table with a heading.

    :param rows: mappings with the keys of :data:`COLUMNS`.
    """
    cells = [COLUMNS] + [
        tuple("-" if row[column] in (None, "") else str(row[column]) for column in COLUMNS) for row in rows
    ]
    widths = [max(len(row[index]) for row in cells) for index in range(len(COLUMNS))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in cells]


COLUMNS = ("group", "launch_configuration", "launch_template", "version", "outdated_instances", "action", "reason")


def _name_taken(step):
    reason = f"a launch template named '{step.target.name}' exists or is planned that is not made from it; give another name in template_names"
    return replace(step, target=None, obstacles=(*step.obstacles, reason))


def _step(group, configurations, template_names):
    name = group["AutoScalingGroupName"]
    source = group.get("LaunchConfigurationName")
    if not source:
        return Step(name, None, None)
    configuration = configurations.get(source)
    if configuration is None:
        return Step(
            name, source, None, ("the launch configuration does not exist any more; give the group another one first",)
        )
    in_the_way = obstacles(configuration)
    target = Target(
        name=template_names.get(source) or template_name(source),
        settings=as_launched(launch_settings.from_launch_configuration(configuration)),
        version_description=f"Made from launch configuration {source}"[:255],
        tags={SOURCE_TAG: source[:256]},
        purge_tags=False,
        default_version="keep",
    )
    return Step(name, source, None if in_the_way else target, in_the_way, owners(group))
