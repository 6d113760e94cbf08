# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One application as the variables of the role ``application`` describe it, and what they ask of each of its resources. All of it pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Union

from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group_options as auto_scaling_group
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile, managed_policy
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.iam.names import RoleReference
from ansible_collections.launchkit.aws.plugins.module_utils.iam.role import RoleTarget
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices, security_groups
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_settings_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template

# Versions that the role makes have it too: a template of which all versions have it was made for an application, and goes with it.
VERSION_DESCRIPTION = "Made by launchkit.aws.application"

LaunchTarget = Union[launch_configuration.Target, launch_template.Target]


@dataclass(frozen=True)
class Application:
    """An application that is to be there, or not to be there.

    :param options: the role's variables without what they all begin with, validated and with their defaults. They hold user data.
    :param profile: what is asked of its instance profile.
    :param launch: what is asked of its launch configuration or launch template, with security groups as they were given; None for
        an application that is role and profile only, or that is to go.
    """

    name: str
    options: Mapping[str, Any] = field(repr=False)
    profile: instance_profile.Target
    launch: Optional[LaunchTarget] = None

    @property
    def present(self):
        """Whether it is to be there."""
        return self.options["state"] == "present"

    @property
    def launches_from_template(self):
        """Whether its instances launch from a template."""
        return isinstance(self.launch, launch_template.Target)

    @property
    def group_name(self):
        """The name of its Auto Scaling group, empty for none."""
        return self.options.get("group_name") or ""

    @property
    def policies(self):
        """The managed policies as they were written: those to attach, and the permissions boundary."""
        return [
            *(self.options.get("managed_policies") or ()),
            *filter(None, [self.options.get("permissions_boundary")]),
        ]


def from_options(options):
    """Return the application that the options ask for.

    :param options: the role's variables without what they all begin with, validated, with defaults, see ``application_options.py``.
    :raises InvalidOption: a value or a combination that the role or AWS refuses; one at a time.
    """
    tags = options.get("tags")
    if tags is not None:
        tags = iam_names.check_tags(f"{PREFIX}tags", tags)
    options = {**options, "tags": tags}
    _check_role(options)
    path = options.get("instance_profile_path") or options.get("role_path")
    profile = instance_profile.Target(
        name=_iam_name(options, "instance_profile_name", iam_names.PROFILE_NAME_LENGTH),
        path=None if path is None else iam_names.check_path(f"{PREFIX}instance_profile_path", path),
        role=RoleReference(_iam_name(options, "role_name", iam_names.ROLE_NAME_LENGTH)),
        tags=tags,
        purge_tags=options["purge_tags"],
        on_drift=options["instance_profile_on_drift"],
    )
    return Application(options["name"], options, profile, _launch_target(options))


def role_target(application, policy_arns, partition):
    """Return what the application asks of its IAM role.

    :param policy_arns: for each managed policy as it was written, its ARN.
    :param partition: e.g. ``aws`` or ``aws-cn``: AWS names its services differently in China.
    """
    options = application.options
    boundary = options.get("permissions_boundary")
    policies = options.get("managed_policies")
    return RoleTarget(
        name=options["role_name"],
        trust_policy=_trust_policy(options, partition),
        path=options.get("role_path"),
        description=options.get("role_description"),
        max_session_duration=options.get("role_max_session_duration"),
        managed_policies=None if policies is None else tuple(policy_arns[policy] for policy in policies),
        purge_managed_policies=options["purge_managed_policies"],
        permissions_boundary=policy_arns[boundary] if boundary else boundary,
        tags=options["tags"],
        purge_tags=options["purge_tags"],
        inline_policies=options.get("inline_policies"),
        purge_inline_policies=options["purge_inline_policies"],
    )


def group_options(application, source, group):
    """Return the options for amazon.aws.autoscaling_group that say what the group shall be; None leaves a thing as it is.

    :param source: ``launch_config_name`` or ``launch_template``, for what it shall launch from.
    :param group: the group with the keys of ``auto_scaling_group.py``; empty for one that is yet to be made.
    """
    options = application.options
    return {
        "launch_config_name": None,
        "launch_template": None,
        **source,
        "min_size": options["group_min_size"],
        "max_size": options["group_max_size"],
        "desired_capacity": auto_scaling_group.capacity(
            options.get("group_desired_capacity"), options["group_min_size"], options["group_max_size"], group
        ),
        "vpc_zone_identifier": options.get("group_subnets"),
        **{
            name: options.get(f"group_{name}")
            for name in (
                "availability_zones",
                "load_balancers",
                "target_group_arns",
                "health_check_type",
                "health_check_period",
                "default_cooldown",
                "termination_policies",
                "max_instance_lifetime",
            )
        },
    }


def group_module_options(application, source, group):
    """Return all options for a run of amazon.aws.autoscaling_group: what it is not given, it sets to defaults of its own.

    :param source: see :func:`group_options`.
    :param group: see :func:`group_options`.
    """
    options, tags = application.options, group_tags(application)
    wanted = group_options(application, source, group)
    kept = {
        "health_check_type": group.get("health_check_type") or "EC2",
        "health_check_period": group.get("health_check_grace_period"),
        "default_cooldown": group.get("default_cooldown"),
        "termination_policies": group.get("termination_policies"),
    }
    metrics = [each["metric"] for each in group.get("enabled_metrics") or ()]
    given = {
        "name": application.group_name,
        **{name: kept.get(name) if value is None else value for name, value in wanted.items()},
        "suspend_processes": [each["process_name"] for each in group.get("suspended_processes") or ()],
        "metrics_collection": bool(metrics),
        "metrics_list": metrics or None,
        "tags": [{**tags, "propagate_at_launch": options["group_propagate_tags"]}] if tags else [],
        # Without tags, it would take all of them away.
        "purge_tags": options["purge_tags"] and tags is not None,
        "wait_for_instances": options["group_wait_for_instances"],
        "wait_timeout": options["group_wait_timeout"],
    }
    return {name: value for name, value in given.items() if value is not None}


def group_tags(application):
    """Return the tags that the application's group shall have; None leaves them as they are."""
    tags = application.options.get("group_tags")
    return application.options["tags"] if tags is None else tags


def _iam_name(options, name, longest):
    return iam_names.check_name(PREFIX + name, options[name], longest)


def _document(option, value):
    """Return a policy document that is given as a dictionary or as JSON."""
    try:
        document = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise InvalidOption(f"{option}: the text is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise InvalidOption(f"{option}: a policy document is a dictionary, or JSON that holds one.")
    return document


def _trust_policy(options, partition):
    if options.get("trust_policy"):
        return _document(f"{PREFIX}trust_policy", options["trust_policy"])
    principal = options.get("trust_principal") or (
        "ec2.amazonaws.com.cn" if partition == "aws-cn" else "ec2.amazonaws.com"
    )
    statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _check_role(options):
    if options.get("role_path") is not None:
        iam_names.check_path(f"{PREFIX}role_path", options["role_path"])
    duration = options.get("role_max_session_duration")
    if duration is not None and not 3600 <= duration <= 43200:
        raise InvalidOption(
            f"{PREFIX}role_max_session_duration: {duration} is out of range; IAM takes 3600 to 43200 seconds."
        )
    if options.get("trust_policy"):
        _document(f"{PREFIX}trust_policy", options["trust_policy"])
    for policy in options.get("managed_policies") or ():
        managed_policy.parse(f"{PREFIX}managed_policies", policy)
    if options.get("permissions_boundary"):
        managed_policy.parse(f"{PREFIX}permissions_boundary", options["permissions_boundary"])
    for name, document in (options.get("inline_policies") or {}).items():
        iam_names.check_name(f"{PREFIX}inline_policies", name, managed_policy.NAME_LENGTH)
        _document(f"{PREFIX}inline_policies['{name}']", document)


def _launch_target(options):
    # One that is to go is known by its names; what it was launched with, such as a file of user data, may be gone.
    if not options.get("image_id") or options["state"] == "absent":
        return None
    from_template = options["launch_with"] == "launch_template"
    limits = block_devices.LAUNCH_TEMPLATE if from_template else block_devices.LAUNCH_CONFIGURATION
    try:
        settings = launch_settings_options.from_params(options, limits)
        security_groups.check(settings.security_groups, options.get("vpc_id"))
    except InvalidOption as mistake:
        raise InvalidOption(PREFIX + mistake.message) from mistake
    if from_template:
        return launch_template.Target(
            name=launch_template.check_name(f"{PREFIX}launch_template_name", options["launch_template_name"]),
            settings=settings,
            tags=options["tags"],
            purge_tags=options["purge_tags"],
            default_version="keep",
            version_description=VERSION_DESCRIPTION,
        )
    prune = options.get("launch_configuration_prune")
    for key, value in (prune or {}).items():
        if value < 0:
            raise InvalidOption(f"{PREFIX}launch_configuration_prune.{key}: {value} is negative. Give 0 or more.")
    name = options.get("launch_configuration_name") or None
    prefix = None if name else options["launch_configuration_name_prefix"]
    if name:
        launch_configuration.check_name(f"{PREFIX}launch_configuration_name", name)
    else:
        launch_configuration.check_name(
            f"{PREFIX}launch_configuration_name_prefix", prefix, launch_configuration.PREFIX_LENGTH
        )
    return launch_configuration.Target(
        name=name,
        settings=settings,
        prefix=prefix,
        on_drift=options["launch_configuration_on_drift"],
        prune=None if name or prune is None else launch_configuration.Prune(**prune),
    )
