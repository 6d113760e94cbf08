# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations: what a task asks for, what Auto Scaling has, and how results show it. Pure.

A launch configuration cannot be changed. A fixed name is therefore kept, refused or replaced when settings differ; a name that
carries the settings' fingerprint never needs to be: other settings make another launch configuration beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Optional, Tuple

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_settings_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch import render as launch_settings_view
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import FINGERPRINT_LENGTH, LaunchSettings

NAME_LENGTH = 255
PREFIX_LENGTH = NAME_LENGTH - FINGERPRINT_LENGTH
_FINGERPRINT = re.compile(f"[0-9a-f]{{{FINGERPRINT_LENGTH}}}")
# The characters that the API's pattern leaves out of names.
_CONTROL = re.compile(r"[^\t\r\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class LaunchConfiguration:
    """A launch configuration that Auto Scaling has, or will have.

    :param identity: the read-only members ``LaunchConfigurationARN`` and ``CreatedTime``; empty for one that is yet to be made.
    """

    name: str
    settings: LaunchSettings
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prune:
    """Which older siblings to remove.

    :param keep: how many of the newest unused ones stay.
    :param min_age: seconds since their creation for which they stay.
    """

    keep: int = 0
    min_age: int = 0


@dataclass(frozen=True)
class Target:
    """What a task asks for.

    :param name: the name; with ``prefix``, the one that carries the fingerprint, or None when all siblings shall be absent.
    :param prefix: what the names of this launch configuration and its siblings begin with, or None.
    :param on_drift: ``fail``, ``keep`` or ``replace``.
    :param option_names: option -> its name for the operator, where the task has variables of a role instead.
    """

    name: Optional[str]
    settings: LaunchSettings = field(default_factory=LaunchSettings)
    present: bool = True
    prefix: Optional[str] = None
    on_drift: str = "fail"
    prune: Optional[Prune] = None
    option_names: Mapping[str, str] = field(default_factory=dict)

    def option(self, name):
        """Return an option's name for messages."""
        return self.option_names.get(name, name)


@dataclass(frozen=True)
class State:
    """What was read from Auto Scaling.

    :param configurations: name -> launch configuration: the target's own, and its siblings where they were looked at.
    :param groups: launch configuration's name -> names of the groups that use it; None where nobody looked.
    :param now: when it was read, a ``datetime`` with time zone.
    """

    configurations: Mapping[str, LaunchConfiguration]
    groups: Optional[Mapping[str, Tuple[str, ...]]] = None
    now: Any = None


def check_name(option, name, longest=NAME_LENGTH):
    """Check the name of a launch configuration.

    :raises InvalidOption: empty, too long, or with characters that Auto Scaling refuses.
    """
    if not 1 <= len(name) <= longest:
        raise InvalidOption(f"{option}: '{name}' has {len(name)} characters; 1 to {longest} are possible here.")
    if _CONTROL.search(name):
        raise InvalidOption(f"{option}: the name holds control characters, which Auto Scaling refuses.")
    if name.endswith(("\n", "\r")):
        # Auto Scaling takes it, and no other task finds the launch configuration by its name then.
        raise InvalidOption(
            f"{option}: the name ends with a line feed. Remove it, for example with '|-' instead of '|' in YAML."
        )
    return name


def name_with_fingerprint(prefix, settings):
    """Return the name for these settings: the same for the same settings, everywhere."""
    return prefix + launch_differences.fingerprint(settings)


def is_sibling(prefix, name):
    """Tell whether a name is the prefix and a fingerprint, and nothing else: ``web-`` has no part in ``web-api-...``."""
    return name.startswith(prefix) and _FINGERPRINT.fullmatch(name[len(prefix) :]) is not None


def profile_name(settings):
    """Return the name of the instance profile that launch settings name, by name or by ARN; an empty text for none."""
    return (settings.instance_profile_name or "").rpartition("/")[2]


def from_api(answer):
    """Return the launch configuration in an answer of DescribeLaunchConfigurations."""
    return LaunchConfiguration(
        name=answer["LaunchConfigurationName"],
        settings=launch_settings.from_launch_configuration(answer),
        identity={key: answer[key] for key in ("LaunchConfigurationARN", "CreatedTime") if key in answer},
    )


def render(configuration):
    """Return the launch configuration as results and diffs show it; None for None.

    The keys are the API's in snake case, with ``name`` and ``arn`` besides. User data is shown as digest and size.
    """
    if configuration is None:
        return None
    shown = {
        "name": configuration.name,
        "launch_configuration_name": configuration.name,
        **launch_settings_view.render(configuration.settings),
        "classic_link_vpc_security_groups": [],
    }
    if configuration.identity:
        arn = configuration.identity["LaunchConfigurationARN"]
        shown.update(
            arn=arn, launch_configuration_arn=arn, created_time=configuration.identity["CreatedTime"].isoformat()
        )
    return shown


def from_params(params):
    """Return the target that a module's parameters ask for, with security groups as they were given.

    The name of a ``name_prefix`` is None still: the fingerprint is taken of resolved security groups, see
    :func:`with_security_groups`.

    :raises InvalidOption: a value or a combination that AWS refuses.
    """
    for name in ("classic_link_vpc_id", "classic_link_vpc_security_groups"):
        if params[name]:
            raise InvalidOption(
                f"{name}: AWS retired EC2-Classic and ClassicLink in August 2022, so nothing can be linked any more. Remove the option."
            )
    prefix = params["name_prefix"]
    if prefix is not None:
        check_name("name_prefix", prefix, PREFIX_LENGTH)
    else:
        check_name("name", params["name"])
    prune = params["prune"]
    if prune is not None:
        if prefix is None:
            raise InvalidOption(
                "prune: older siblings are known by name_prefix; a launch configuration with a fixed name has none. Use name_prefix."
            )
        for key in ("keep", "min_age"):
            if prune[key] < 0:
                raise InvalidOption(f"prune.{key}: {prune[key]} is negative. Give 0 or more.")
    present = params["state"] == "present"
    if present and not params["instance_id"] and not (params["image_id"] and params["instance_type"]):
        missing = " and ".join(name for name in ("image_id", "instance_type") if not params[name])
        raise InvalidOption(f"{missing}: required, unless instance_id names an instance to take the settings from.")
    return Target(
        name=params["name"],
        # What on_drift=replace replaces supplies what is not set.
        settings=launch_settings_options.from_params(params, complete=params["on_drift"] != "replace")
        if present
        else LaunchSettings(),
        present=present,
        prefix=prefix,
        on_drift=params["on_drift"],
        prune=prune and Prune(keep=prune["keep"], min_age=prune["min_age"]),
    )


def with_security_groups(target, ids):
    """Return the target with its security groups as ids, and with its name where that carries the fingerprint."""
    settings = replace(target.settings, security_groups=ids)
    name = target.name
    if target.present and target.prefix is not None:
        name = name_with_fingerprint(target.prefix, settings)
    return replace(target, settings=settings, name=name)


def result(target, outcome):
    """Return a module's result for the outcome of converging a target."""
    removed = sorted(set(outcome.before.configurations) - set(outcome.after.configurations))
    values = dict(
        changed=outcome.changed,
        diff=dict(before=_diffable(target, outcome.before), after=_diffable(target, outcome.after)),
    )
    if not target.present:
        return dict(values, deleted=removed, **({} if target.name is None else {"name": target.name}))
    shown = render(outcome.after.configurations[target.name])
    top = ("name", "arn", "created_time", "image_id", "instance_type", "security_groups")
    return dict(values, result=shown, pruned=removed, **{key: shown[key] for key in top if key in shown})


def _diffable(target, state):
    """Return what a difference shows: the launch configuration itself, and the names of its siblings where they were looked at."""
    siblings = sorted(name for name in state.configurations if name != target.name)
    own = render(state.configurations.get(target.name)) or {}
    return {**own, "siblings": siblings} if target.name is None or target.prune is not None else own
