# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations: their targets, states, plans and results. Pure.
Private to the collection: names and shapes can change in any release.
A launch configuration cannot be changed. One with a fixed name is kept, refused or replaced if settings differ. If the
name carries the settings' fingerprint, other settings create another launch configuration beside it."""

import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Mapping, Optional, Tuple

from ..core.errors import Drift, InvalidOption, StillInUse
from ..core.plan import Call, Plan
from ..iam import names as iam_names
from . import block_devices
from . import differences as launch_differences
from . import options as launch_options
from . import render as launch_render
from . import settings as launch_settings
from .settings import FINGERPRINT_LENGTH, LaunchSettings

NAME_LENGTH = 255
PREFIX_LENGTH = NAME_LENGTH - FINGERPRINT_LENGTH
# A time stamp, as other tools append one, is no fingerprint: 2024010112304500.
_FINGERPRINT = re.compile(f"(?!20[0-9]{{{FINGERPRINT_LENGTH - 2}}})[0-9a-f]{{{FINGERPRINT_LENGTH}}}")
# The characters that the API's pattern leaves out of names.
_CONTROL = re.compile(r"[^\t\r\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class LaunchConfiguration:
    """A launch configuration that Auto Scaling has, or will have.

    :param identity: the read-only members ``LaunchConfigurationARN`` and ``CreatedTime``; empty for a new one.
    """

    name: str
    settings: LaunchSettings
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prune:
    """Which older siblings to keep: the newest unused ones, and those that are younger than ``min_age`` seconds."""

    keep: int = 0
    min_age: int = 0


@dataclass(frozen=True)
class Target:
    """What a task asks for.

    :param name: the name; with ``prefix``, the one with the fingerprint, or None if all siblings are to be absent.
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
    """Return the name of a launch configuration.

    :raises InvalidOption: empty, too long, or with characters that Auto Scaling refuses.
    """
    if not 1 <= len(name) <= longest:
        raise InvalidOption(f"{option}: '{name}' has {len(name)} characters; 1 to {longest} are possible here.")
    if _CONTROL.search(name):
        raise InvalidOption(f"{option}: the name holds control characters, which Auto Scaling refuses.")
    if name.endswith(("\n", "\r")):
        # Auto Scaling takes it, and no other task finds the launch configuration by its name then.
        raise InvalidOption(f"{option}: the name ends with a line feed. Remove it, with '|-' instead of '|' in YAML.")
    return name


def is_sibling(prefix, name):
    """Return whether a name is the prefix and a fingerprint: ``web-api-...`` is no sibling of ``web-``."""
    return name.startswith(prefix) and _FINGERPRINT.fullmatch(name[len(prefix) :]) is not None


def from_api(answer):
    """Return the launch configuration in an answer of DescribeLaunchConfigurations."""
    return LaunchConfiguration(
        name=answer["LaunchConfigurationName"],
        settings=launch_settings.from_launch_configuration(answer),
        identity={key: answer[key] for key in ("LaunchConfigurationARN", "CreatedTime") if key in answer},
    )


def render(configuration):
    """Return the launch configuration as results show it: the API's keys in snake case, ``name`` and ``arn``."""
    shown = {
        "name": configuration.name,
        "launch_configuration_name": configuration.name,
        **launch_render.render(configuration.settings),
        "classic_link_vpc_security_groups": [],
    }
    if configuration.identity:
        shown["arn"] = shown["launch_configuration_arn"] = configuration.identity["LaunchConfigurationARN"]
        shown["created_time"] = configuration.identity["CreatedTime"].isoformat()
    return shown


def from_params(params):
    """Return the target that a module's parameters ask for, with security groups as they were given.

    The name of a ``name_prefix`` is None still: see :func:`with_security_groups`.

    :raises InvalidOption: a value or a combination that AWS refuses.
    """
    for name in ("classic_link_vpc_id", "classic_link_vpc_security_groups"):
        if params[name]:
            raise InvalidOption(f"{name}: AWS retired EC2-Classic and ClassicLink in August 2022. Remove the option.")
    prefix, prune = params["name_prefix"], params["prune"]
    if prefix is not None:
        check_name("name_prefix", prefix, PREFIX_LENGTH)
    else:
        check_name("name", params["name"])
    if prune is not None:
        if prefix is None:
            raise InvalidOption("prune: a launch configuration with a fixed name has no siblings. Use name_prefix.")
        launch_options.check_prune(prune)
    present = params["state"] == "present"
    if present and not params["instance_id"] and not (params["image_id"] and params["instance_type"]):
        missing = " and ".join(name for name in ("image_id", "instance_type") if not params[name])
        raise InvalidOption(f"{missing}: required, unless instance_id names an instance to take the settings from.")
    return Target(
        name=params["name"],
        # What on_drift=replace replaces supplies what is not set.
        settings=launch_options.from_params(params, complete=params["on_drift"] != "replace")
        if present
        else LaunchSettings(),
        present=present,
        prefix=prefix,
        on_drift=params["on_drift"],
        prune=prune and Prune(**prune),
    )


def with_security_groups(target, ids):
    """Return the target with its security groups as ids, and with its name where that carries their fingerprint."""
    settings = replace(target.settings, security_groups=ids)
    named = not target.present or target.prefix is None
    name = target.name if named else target.prefix + launch_differences.fingerprint(settings)
    return replace(target, settings=settings, name=name)


def plan(target, state):
    """Return the calls that bring Auto Scaling to the target.

    :raises Drift: settings differ and ``on_drift`` is ``fail``.
    :raises StillInUse: a group names a launch configuration that has to be deleted.
    :raises InvalidOption: a volume of a new launch configuration is incomplete.
    """
    if not target.present:
        gone = [state.configurations[name] for name in sorted(state.configurations)]
        _refuse_used(gone, state.groups, "removed")
        return Plan(delete(gone))
    existing = state.configurations.get(target.name)
    warnings: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    if existing is None:
        calls = (_create(target, target.settings),)
    else:
        differences = launch_differences.differences(target.settings, existing.settings)
        if differences and target.on_drift == "replace":
            _refuse_used([existing], state.groups, "replaced")
            (deletion,) = delete([existing])
            undo = _call("create", existing.name, launch_settings.to_launch_configuration(existing.settings))
            settings = launch_settings.overlay(existing.settings, target.settings)
            calls = (replace(deletion, undo=undo), _create(target, settings))
        elif differences:
            warnings = (_drift(target, differences),)
    return Plan(calls + delete(prunable(target, state)), warnings)


def delete(configurations):
    """Return the calls that delete launch configurations."""
    return tuple(_call("delete", configuration.name) for configuration in configurations)


def prunable(target, state, left=None):
    """Return the older siblings that ``prune`` lets go: of the profile, unused, old enough, and not the newest that it keeps.

    :param left: the name of one that its group has just left: its age does not count.
    """
    if target.prune is None:
        return ()
    used, profile = {target.name, *(state.groups or {})}, target.settings.profile_name
    unused = [each for each in state.configurations.values() if each.name not in used]
    unused = [each for each in unused if iam_names.same_name(each.settings.profile_name, profile)]
    unused.sort(key=lambda each: (each.identity["CreatedTime"], each.name), reverse=True)
    youngest = state.now - timedelta(seconds=target.prune.min_age)
    gone = unused[target.prune.keep :]
    return tuple(each for each in gone if each.name == left or each.identity["CreatedTime"] <= youngest)


def predict(target, state, planned):
    """Return the state that a plan leads to, less the members that only AWS can know."""
    configurations = dict(state.configurations)
    for call in planned.calls:
        name = call.arguments["LaunchConfigurationName"]
        if call.operation == "delete_launch_configuration":
            del configurations[name]
        else:
            existing = state.configurations.get(name)
            settings = launch_settings.overlay(existing.settings, target.settings) if existing else target.settings
            configurations[name] = LaunchConfiguration(name, launch_settings.filled_by_aws(settings))
    return replace(state, configurations=configurations)


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
    """Return the launch configuration itself, and the names of its siblings where they were looked at."""
    siblings = sorted(name for name in state.configurations if name != target.name)
    own = render(state.configurations[target.name]) if target.name in state.configurations else {}
    return {**own, "siblings": siblings} if target.name is None or target.prune is not None else own


def _call(verb, name, arguments=None, needs=()):
    arguments = {"LaunchConfigurationName": name, **(arguments or {})}
    return Call("autoscaling", f"{verb}_launch_configuration", f"launch configuration '{name}'", arguments, needs)


def _create(target, settings):
    block_devices.check(settings.volumes or (), block_devices.LAUNCH_CONFIGURATION)
    needs = launch_options.preconditions(settings, target.option("instance_profile_name"))
    return _call("create", target.name, launch_settings.to_launch_configuration(settings), needs)


def _refuse_used(configurations, groups, verb):
    used = {each.name: groups[each.name] for each in configurations if groups and groups.get(each.name)}
    if used:
        named = "; ".join(f"'{name}' by {', '.join(users)}" for name, users in sorted(used.items()))
        raise StillInUse(
            f"Launch configurations cannot be {verb} while Auto Scaling groups name them: {named}. "
            "Point the groups to another launch configuration or template first, or delete them. No changes were made.",
            auto_scaling_groups={name: list(users) for name, users in used.items()},
        )


def _drift(target, differences):
    """Return the warning for ``keep``; raise for ``fail``."""
    drift = target.option("on_drift")
    listed = "; ".join(f"{each.field} is {each.actual}, not {each.wanted}" for each in differences)
    sentence = f"launch configuration '{target.name}' exists and cannot be changed, and its settings differ: {listed}"
    if target.on_drift == "fail":
        raise Drift(
            f"{sentence}. Set {target.option('name_prefix')} instead of {target.option('name')} to create another one, "
            f"{drift}=keep to keep it, or {drift}=replace to delete and create it again if no Auto Scaling group names it.",
            differences=[each._asdict() for each in differences],
        )
    return f"{sentence}. It is kept because of {drift}=keep."
