# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The migration of Auto Scaling groups from launch configurations to launch templates: selection, names, options. Pure.

AWS copies a launch configuration to a launch template in its console only:
https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html
Private to the collection: names and shapes can change in any release."""

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Sequence

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ..core.errors import InvalidOption, MissingReference
from ..iam import names as iam_names
from ..launch.template import check_name
from . import instance_refresh_options, refresh_order

NAME_LENGTH = 128
LARGEST_CONCURRENCY = 64
_REFUSED_IN_NAMES = re.compile(r"[^a-zA-Z0-9().\-/_]")
# Options of an instance refresh that the migration passes on as they are.
REFRESH_OPTIONS = (
    "min_healthy_percentage",
    "max_healthy_percentage",
    "instance_warmup",
    "auto_rollback",
    "scale_in_protected_instances",
    "standby_instances",
    "skip_matching",
    "bake_time",
    "checkpoint_percentages",
    "checkpoint_delay",
    "alarms",
)


@dataclass(frozen=True)
class Selection:
    """The groups of a run. All that is set must match.

    :param names: names; None for any.
    :param pattern: a compiled regular expression that matches the beginning of the name; None for any.
    :param tags: tag -> value; None matches any value.
    """

    names: Optional[Sequence[str]] = None
    pattern: Optional[re.Pattern] = None
    tags: Mapping[str, Optional[str]] = field(default_factory=dict)

    def choose(self, groups):
        """Return the groups that match, as the API returns them, by name.

        :raises MissingReference: a group of ``names`` does not exist.
        """
        by_name = {group["AutoScalingGroupName"]: group for group in groups}
        missing = set(self.names or ()) - set(by_name)
        if missing:
            raise MissingReference(
                f"groups: Auto Scaling group {', '.join(sorted(missing))} does not exist in this Region. "
                "Correct the name. No changes were made."
            )
        return [
            group
            for name, group in sorted(by_name.items())
            if (self.names is None or name in self.names)
            and (self.pattern is None or self.pattern.match(name))
            and _has_tags(group, self.tags)
        ]


@dataclass(frozen=True)
class Options:
    """What a run does with the groups.

    :param is_reverted: whether groups return to their launch configurations.
    :param template_names: launch configuration -> name for its template.
    :param tags: for templates and for what they launch.
    :param on_owner: ``skip``, ``fail`` or ``migrate``: what is done with groups that another tool owns.
    :param refresh: the options of the instance refreshes by the names of :data:`REFRESH_OPTIONS`; None for no refresh.
    :param delete: whether to delete launch configurations.
    :param delete_min_age: seconds since the last group left a launch configuration.
    """

    is_reverted: bool = False
    template_names: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    on_owner: str = "skip"
    refresh: Optional[Mapping[str, Any]] = None
    delete: bool = False
    delete_min_age: int = 0

    @property
    def preferences(self):
        """The preferences of a refresh, with the API's keys."""
        return instance_refresh_options.from_params({"group": "", **(self.refresh or {})}).preferences


def selection_from_params(params):
    """Return the selection that a module's parameters ask for.

    :raises InvalidOption: nothing is chosen, or ``group_regex`` is not a regular expression.
    """
    regex, tags = params["group_regex"] or None, params["group_tags"] or {}
    # A template that returns nothing is an empty text.
    names = None if params["groups"] in (None, [""]) else params["groups"]
    if names is None and regex is None and not tags and not params["all"]:
        raise InvalidOption(
            "groups: no Auto Scaling group is chosen. Set groups, group_regex or group_tags, or set all=true for all groups "
            "of the Region (in the role, launch_template_migration_groups and so on). No changes were made."
        )
    try:
        pattern = None if regex is None else re.compile(regex)
    except re.error as error:
        raise InvalidOption(
            f"group_regex: '{regex}' is not a regular expression: {error}. Correct the expression."
        ) from error
    return Selection(names, pattern, tags)


def options_from_params(params):
    """Return the options that a module's parameters ask for.

    :raises InvalidOption: AWS refuses a value.
    """
    refresh = {name: params[f"refresh_{name}"] for name in REFRESH_OPTIONS} if params["refresh"] else None
    for option, lowest, highest in (
        ("concurrency", 1, LARGEST_CONCURRENCY),
        ("refresh_concurrency", 1, LARGEST_CONCURRENCY),
        ("delete_min_age", 0, None),
        ("refresh_timeout", 0, None),
        ("refresh_poll_interval", 0, None),
    ):
        if params[option] < lowest or (highest is not None and params[option] > highest):
            end = f" to {highest}" if highest else " or more"
            raise InvalidOption(f"{option}: {params[option]} is out of range. Set {lowest}{end}.")
    refresh_order.check_failures("refresh_max_failures", params["refresh_max_failures"])
    if refresh is not None:
        instance_refresh_options.from_params({"group": "", **refresh})
    return Options(
        is_reverted=params["state"] == "reverted",
        template_names=check_template_names(params["template_names"] or {}),
        tags=iam_names.check_tags("tags", params["tags"] or {}, for_ec2=True),
        on_owner=params["on_owner"],
        refresh=refresh,
        delete=params["delete_launch_configurations"],
        delete_min_age=params["delete_min_age"],
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


def _has_tags(group, tags):
    actual = boto3_tag_list_to_ansible_dict(group.get("Tags") or [])
    return all(key in actual and value in (None, actual[key]) for key, value in tags.items())
