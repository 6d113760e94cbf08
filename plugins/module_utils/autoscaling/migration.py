# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The migration of Auto Scaling groups from launch configurations to launch templates: selection and steps. Pure.

AWS copies a launch configuration to a launch template in its console only:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html

Private to the collection: names and shapes can change in any release.
"""

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

# The launch configuration that a template was created from.
SOURCE_TAG = "launchkit:launch-configuration"
NAME_LENGTH = 128
COLUMNS = ("group", "launch_configuration", "launch_template", "version", "outdated_instances", "action", "reason")
_REFUSED_IN_NAMES = re.compile(r"[^a-zA-Z0-9().\-/_]")
# Tag of a group -> the note about its owner, with the tag's value.
_OWNERS = {
    "aws:cloudformation:stack-name": "CloudFormation stack {} owns the group: "
    "change its template too, or its next update undoes this",
    "elasticbeanstalk:environment-name": "Elastic Beanstalk environment {} owns the group: "
    "let it move to launch templates itself",
}


@dataclass(frozen=True)
class Step:
    """The migration of one group.

    :param group: as the API returns it.
    :param target: the launch template to create; ``None`` if the group can't or need not be migrated.
    :param obstacles: sentences about what can't be converted.
    :param notes: sentences about tools that own the group.
    """

    group: Mapping[str, Any]
    target: Optional[Target] = None
    obstacles: Tuple[str, ...] = ()
    notes: Tuple[str, ...] = ()

    @property
    def name(self):
        """Return the group's name."""
        return self.group["AutoScalingGroupName"]

    @property
    def configuration(self):
        """Return the name of the group's launch configuration; empty if it uses a launch template already."""
        return self.group.get("LaunchConfigurationName") or ""


def compiled(group_regex):
    """Return the compiled regular expression, or None.

    :raises InvalidOption: it is not a regular expression.
    """
    try:
        return None if group_regex is None else re.compile(group_regex)
    except re.error as error:
        raise InvalidOption(
            f"group_regex: '{group_regex}' is not a regular expression: {error}. Correct the expression."
        ) from error


def chosen_groups(groups, names=None, pattern=None, tags=None):
    """Return the groups that match all that is set, as the API returns them, by name.

    :param pattern: a compiled regular expression that matches the beginning of the name.
    :param tags: ``None`` matches any value.
    :raises MissingReference: a group of ``names`` does not exist.
    """
    by_name = {group["AutoScalingGroupName"]: group for group in groups}
    missing = set(names or ()) - set(by_name)
    if missing:
        raise MissingReference(
            f"groups: Auto Scaling group {', '.join(sorted(missing))} does not exist in this Region. "
            "Correct the name. No changes were made."
        )
    return [
        group
        for name, group in sorted(by_name.items())
        if (names is None or name in names)
        and (pattern is None or pattern.match(name))
        and _has_tags(group, tags or {})
    ]


def steps(groups, configurations, template_names, sources):
    """Return the step for each group.

    :param configurations: name -> launch configuration as the API returns it.
    :param template_names: launch configuration's name -> the name for its template, see :func:`template_name`.
    :param sources: see :func:`sources_of`. A template's name can't belong to another template.
    """
    planned = [_step(group, configurations, template_names) for group in groups]
    takers = {name: {source} for name, source in sources.items()}
    for step in planned:
        if step.target is not None:
            takers.setdefault(step.target.name, set()).add(step.configuration)
    return tuple(
        step if step.target is None or takers[step.target.name] == {step.configuration} else _name_taken(step)
        for step in planned
    )


def template_name(configuration):
    """Return a launch configuration's name as the name of its template, with the characters that EC2 refuses replaced.

    Names that change end in digits of the whole name's hash, so that no two become the same.
    """
    name = _REFUSED_IN_NAMES.sub("-", configuration)
    if name == configuration and 3 <= len(name) <= NAME_LENGTH:
        return name
    digits = hashlib.sha256(configuration.encode()).hexdigest()[:8]
    return f"{name[: NAME_LENGTH - len(digits) - 1]}-{digits}"


def obstacles(configuration):
    """Return sentences about what of a launch configuration, as the API returns it, no launch template can hold."""
    sentences = []
    if configuration.get("ClassicLinkVPCId") or configuration.get("ClassicLinkVPCSecurityGroups"):
        sentences.append(
            "it links to EC2-Classic, which AWS retired; create a launch configuration without ClassicLink first"
        )
    names = [group for group in configuration.get("SecurityGroups") or () if not group.startswith("sg-")]
    if names:
        sentences.append(f"it names security groups of EC2-Classic ({', '.join(names)}); create one with ids first")
    return tuple(sentences)


def owners(group):
    """Return notes about tools that own the group, by its tags: they undo what changes without them."""
    tags = _tags_of(group)
    notes = [note.format(tags[key]) for key, note in _OWNERS.items() if tags.get(key)]
    if "terraform" in " ".join(f"{key} {value}" for key, value in tags.items()).casefold():
        notes.append("its tags name Terraform: change its configuration too, or its next run undoes this")
    return tuple(notes)


def unused(configurations, groups, migrated):
    """Return the sorted names of the launch configurations that no group names after the migration.

    :param configurations: names.
    :param groups: all groups of the Region, as the API returns them.
    :param migrated: the names of the migrated groups.
    """
    used = {group.get("LaunchConfigurationName") for group in groups if group["AutoScalingGroupName"] not in migrated}
    return sorted(set(configurations) - used)


def check_template_names(names):
    """Return the names that the caller sets for templates, by launch configuration.

    :raises InvalidOption: EC2 refuses one, or two are the same.
    """
    for name in names.values():
        if not isinstance(name, str):
            raise InvalidOption(f"template_names: {name!r} is not text. Put quotes around it.")
        check_name("template_names", name)
    if len(set(names.values())) < len(names):
        raise InvalidOption("template_names: two launch configurations have the same name. Set different names.")
    return names


def sources_of(templates):
    """Return launch template's name -> the launch configuration that its tag names as its source, or None.

    :param templates: as DescribeLaunchTemplates returns them.
    """
    return {each["LaunchTemplateName"]: _tags_of(each).get(SOURCE_TAG) for each in templates}


def specification_of(template):
    """Return id and newest version of a :class:`~template.LaunchTemplate`, with the API's keys."""
    identity = template.identity.get("LaunchTemplateId", "")
    return {"LaunchTemplateId": identity, "Version": str(template.latest_version)}


def row(step, sources, template=None, action="migrated"):
    """Return the row of the result for a step.

    :param sources: see :func:`sources_of`.
    :param template: the :class:`~template.LaunchTemplate` of the migrated group; ``None`` if it was not migrated.
    :param action: what was done with the template.
    """
    source, specification = "", None
    if template is not None:
        name, source, specification = template.name, step.configuration, specification_of(template)
    elif step.target is not None:
        name, action = step.target.name, "waiting"
    else:
        action = "blocked" if step.configuration else "already"
        name = next((each.get("LaunchTemplateName", "") for each in launch_templates_of(step.group)), "")
        source = sources.get(name) or ""
    shown = specification or instance_refresh.launch_template_of(step.group)
    return dict(
        group=step.name,
        launch_configuration=step.configuration,
        launch_template=name,
        launch_template_id=shown["LaunchTemplateId"] or "",
        version=shown["Version"] or "",
        action=action,
        reason="; ".join(step.obstacles + step.notes),
        owners=list(step.notes),
        migrated_from=source,
        outdated_instances=len(instance_refresh.outdated(step.group, specification)),
    )


def table(rows):
    """Return rows, with the keys of :data:`COLUMNS`, as lines of a table with a heading."""
    cells = [COLUMNS] + [
        tuple("-" if row[column] in (None, "") else str(row[column]) for column in COLUMNS) for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip() for row in cells]


def _tags_of(resource):
    return boto3_tag_list_to_ansible_dict(resource.get("Tags") or [])


def _has_tags(group, tags):
    actual = _tags_of(group)
    return all(key in actual and value in (None, actual[key]) for key, value in tags.items())


def _name_taken(step):
    name = step.target.name
    obstacle = f"a launch template named '{name}' exists or is planned with another source; set template_names"
    return replace(step, target=None, obstacles=(obstacle,))


def _step(group, configurations, template_names):
    source = group.get("LaunchConfigurationName")
    if not source:
        return Step(group)
    configuration = configurations.get(source)
    if configuration is None:
        return Step(group, obstacles=("the launch configuration does not exist any more; set another one first",))
    in_the_way = obstacles(configuration)
    target = Target(
        name=template_names.get(source) or template_name(source),
        settings=as_launched(launch_settings.from_launch_configuration(configuration)),
        version_description=f"Made from launch configuration {source}"[:255],
        tags={SOURCE_TAG: source[:256]},
        purge_tags=False,
        default_version="keep",
    )
    return Step(group, None if in_the_way else target, in_the_way, owners(group))
