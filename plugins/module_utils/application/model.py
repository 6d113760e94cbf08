# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One application as the variables of the role ``application`` describe it, and what they ask of each of its resources. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Mapping, Optional, Union

from ..autoscaling.group import GroupTarget, source_of
from ..core.errors import InvalidOption
from ..iam import instance_profile, managed_policy, policy_document
from ..iam import names as iam_names
from ..iam.names import RoleReference
from ..iam.role import RoleTarget
from ..launch import block_devices
from ..launch import configuration as launch_configuration
from ..launch import options as launch_options
from ..launch import template as launch_template
from ..launch.settings import cleared
from .options import (
    APPLICATION_ARGUMENTS,
    NULL_IS_A_VALUE,
    PREFIX,
    rule_mistakes,
)

VERSION_DESCRIPTION = "Made by launchkit.aws.application"
SESSION_SECONDS = (3600, 43200)
# Option of a single resource -> the role's variable, for messages.
PROFILE_OPTIONS = {
    "name": f"{PREFIX}instance_profile_name",
    "path": f"{PREFIX}instance_profile_path",
    "role": f"{PREFIX}role_name",
    "on_drift": f"{PREFIX}instance_profile_on_drift",
}
LAUNCH_OPTIONS = {
    "name": f"{PREFIX}launch_configuration_name",
    "name_prefix": f"{PREFIX}launch_configuration_name_prefix",
    "on_drift": f"{PREFIX}launch_configuration_on_drift",
    "instance_profile_name": f"{PREFIX}instance_profile_name",
}
LaunchTarget = Union[launch_configuration.Target, launch_template.Target]


@dataclass(frozen=True)
class Application:
    """An application that is present or absent.

    :param options: the role's variables without :data:`PREFIX`, validated and with their defaults. They hold user data.
    :param profile: what is asked of its instance profile.
    :param launch: what is asked of its launch configuration or launch template, with security groups as they were given; None for
        an application that is role and profile only, or that is absent.
    :param owner: the application that the tags of its resources name.
    """

    name: str
    options: Mapping[str, Any] = field(repr=False)
    profile: instance_profile.Target
    launch: Optional[LaunchTarget] = None
    owner: str = ""

    @property
    def adopts(self):
        """Whether it takes over what exists and does not belong to it."""
        return self.options["adopt"]

    @property
    def present(self):
        """Whether it is present."""
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
        boundary = self.options.get("permissions_boundary")
        return [*(self.options.get("managed_policies") or ()), *([boundary] if boundary else [])]


def from_options(options):
    """Return the application that the options ask for.

    :param options: the role's variables without :data:`PREFIX`, validated, with defaults, see ``options.py``.
    :raises InvalidOption: values or combinations that the role or AWS refuses; ``mistakes`` in its details lists them all.
    """
    mistakes = list(rule_mistakes(options))

    def checked(function, *arguments):
        try:
            return function(*arguments)
        except InvalidOption as mistake:
            mistakes.extend({mistake.message} - set(mistakes))
            return None

    tags = options.get("tags")
    options = {**options, "tags": None if tags is None else checked(iam_names.check_tags, f"{PREFIX}tags", tags)}
    for name, origin, longest in _NAMES:
        if options[name] != options[origin]:
            checked(iam_names.check_name, f"{PREFIX}{name}", options[name], longest)
    for name, check in _CHECKS.items():
        if options.get(name) not in (None, ""):
            checked(check, f"{PREFIX}{name}", options[name])
    launch = None if mistakes else checked(_launch_target, options)
    if mistakes:
        raise InvalidOption(" ".join(mistakes), mistakes=mistakes)
    return Application(options["name"], options, _profile_target(options), launch, options["name"])


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
        trust_policy=trust_policy(options, partition),
        path=options.get("role_path") or None,
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


def group_target(application, source):
    """Return what the application asks of its Auto Scaling group.

    :param source: what it launches from, see :class:`~group.GroupTarget`.
    """
    options = application.options
    settings: dict[str, Any] = {
        each.name: options.get(f"group_{each.name}")
        for each in fields(GroupTarget)
        if f"{PREFIX}group_{each.name}" in APPLICATION_ARGUMENTS
    }
    settings = {name: tuple(value) if isinstance(value, list) else value for name, value in settings.items()}
    if settings["tags"] is None:
        settings["tags"] = options["tags"]
    return GroupTarget(**settings, source=source, purge_tags=options["purge_tags"])


def prune_of(options):
    """Return which superseded launch configurations stay. What the options do not set is as the defaults have it."""
    members = options.get("launch_configuration_prune") or {}
    members = {key: value for key, value in members.items() if value is not None}
    return launch_configuration.Prune(**{**NULL_IS_A_VALUE[f"{PREFIX}launch_configuration_prune"], **members})


def refresh_options(application, source, former):
    """Return the options for launchkit.aws.autoscaling_instance_refresh that replace the instances of an application.

    :param source: what the group launches from after the refresh, see :class:`~group.GroupTarget`.
    :param former: the group as it was before, or None.
    """
    prefix, template = "refresh_", source.get("LaunchTemplate")
    options = {name[len(prefix) :]: value for name, value in application.options.items() if name.startswith(prefix)}
    options["wait_timeout"] = options.pop("timeout")
    if template:
        seen = source_of(former or {})
        used = seen.get("LaunchTemplate") or {}
        version = used.get("Version", "1")
        options.update(
            # The group that the plan saw: what another run sets meanwhile stays.
            expected_launch_configuration=seen.get("LaunchConfigurationName"),
            expected_launch_template_id=used.get("LaunchTemplateId"),
            expected_launch_template_version=used.get("Version"),
            launch_template_id=template.get("LaunchTemplateId"),
            launch_template_version=template["Version"],
            # Auto Scaling rolls back to numbered versions, and not where the image is an SSM parameter:
            # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
            auto_rollback=(version + template["Version"]).isdigit()
            and not application.options["image_id"].startswith("resolve:"),
        )
    given = {name: value for name, value in options.items() if value is not None}
    return dict(given, group=application.group_name)


def _check_session(option, seconds):
    if not SESSION_SECONDS[0] <= seconds <= SESSION_SECONDS[1]:
        raise InvalidOption(
            f"{option}: {seconds} is out of range; IAM takes {SESSION_SECONDS[0]} to {SESSION_SECONDS[1]} seconds."
        )


# Variable -> what checks its value as IAM and EC2 would. A name that another variable gives is checked as such.
_CHECKS = {
    "role_path": iam_names.check_path,
    "role_description": iam_names.check_description,
    "role_max_session_duration": _check_session,
    "trust_policy": policy_document.check_trust_policy,
    "managed_policies": managed_policy.check_attachable,
    "permissions_boundary": managed_policy.parse,
    "inline_policies": policy_document.check_inline_policies,
    "instance_profile_path": iam_names.check_path,
    "group_tags": partial(iam_names.check_tags, for_ec2=True),
}
_NAMES = (
    ("role_name", "name", iam_names.ROLE_NAME_LENGTH),
    ("instance_profile_name", "role_name", iam_names.PROFILE_NAME_LENGTH),
)


def trust_policy(options, partition):
    """Return the trust policy that the options ask for, see :func:`role_target`."""
    if options.get("trust_policy"):
        return policy_document.parse(f"{PREFIX}trust_policy", options["trust_policy"])
    principal = options.get("trust_principal") or (
        "ec2.amazonaws.com.cn" if partition == "aws-cn" else "ec2.amazonaws.com"
    )
    statement = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _profile_target(options):
    return instance_profile.Target(
        name=options["instance_profile_name"],
        # Unset and empty alike mean the path of the role.
        path=options.get("instance_profile_path") or options.get("role_path") or None,
        role=RoleReference(options["role_name"]),
        tags=options["tags"],
        purge_tags=options["purge_tags"],
        on_drift=options["instance_profile_on_drift"],
        option_names=PROFILE_OPTIONS,
    )


def _launch_target(options):
    # One that is absent is known by its names; what it was launched with, such as a file of user data, may not exist any more.
    if not options.get("image_id") or options["state"] == "absent":
        return None
    from_template = options["launch_with"] == "launch_template"
    limits = block_devices.LAUNCH_TEMPLATE if from_template else block_devices.LAUNCH_CONFIGURATION
    if options.get("group_name") and not options.get("group_subnets"):
        # Only a group with subnets takes it, even if it is False:
        # https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html
        options = {**options, "assign_public_ip": None}
    try:
        settings = launch_options.from_params(options, limits)
    except InvalidOption as mistake:
        raise InvalidOption(PREFIX + mistake.message) from mistake
    return _template_target(options, settings) if from_template else _configuration_target(options, settings)


def _template_target(options, settings):
    # One description has one result: what is not set is cleared, as a new launch configuration would not have it either.
    settings = cleared(settings)
    return launch_template.Target(
        name=launch_template.check_name(f"{PREFIX}launch_template_name", options["launch_template_name"]),
        settings=replace(settings, user_data=None) if options["keep_user_data"] else settings,
        tags=options["tags"],
        purge_tags=options["purge_tags"],
        # A group that names the default version has to follow to the newest.
        default_version="latest" if options.get("launch_template_version") == "$Default" else "keep",
        version_description=VERSION_DESCRIPTION,
    )


def _configuration_target(options, settings):
    name = options.get("launch_configuration_name") or None
    prefix = None if name else options["launch_configuration_name_prefix"]
    if name:
        launch_configuration.check_name(LAUNCH_OPTIONS["name"], name)
    else:
        launch_configuration.check_name(LAUNCH_OPTIONS["name_prefix"], prefix, launch_configuration.PREFIX_LENGTH)
    prune = options.get("launch_configuration_prune")
    return launch_configuration.Target(
        name=name,
        settings=settings,
        prefix=prefix,
        on_drift=options["launch_configuration_on_drift"],
        prune=None if name or prune is None else prune_of(options),
        option_names=LAUNCH_OPTIONS,
    )
