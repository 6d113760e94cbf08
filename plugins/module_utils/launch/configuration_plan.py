# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The calls that bring launch configurations to what a task asks for. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift, StillInUse
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Call, Plan, Precondition
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.launch import block_devices
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import LaunchConfiguration


def plan(target, state):
    """Return the calls that bring Auto Scaling to the target.

    :raises Drift: settings differ and ``on_drift`` is ``fail``.
    :raises StillInUse: something has to go that a group names.
    :raises InvalidOption: a volume of a new launch configuration is incomplete.
    """
    if not target.present:
        gone = [state.configurations[name] for name in sorted(state.configurations)]
        _refuse_used(gone, state.groups, "removed")
        return Plan(tuple(_delete(configuration) for configuration in gone))
    existing = state.configurations.get(target.name)
    warnings: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    if existing is None:
        calls = (_create(target, target.name, target.settings),)
    else:
        differences = launch_differences.differences(target.settings, existing.settings)
        if differences and target.on_drift == "replace":
            _refuse_used([existing], state.groups, "replaced")
            calls = _replace(target, existing, launch_settings.overlay(existing.settings, target.settings))
        elif differences:
            warnings = (_drift(target, existing, differences),)
    return Plan(calls + tuple(_delete(configuration) for configuration in prunable(target, state)), warnings)


def delete(configurations):
    """Return the calls that delete launch configurations."""
    return tuple(_delete(configuration) for configuration in configurations)


def prunable(target, state):
    """Return the older siblings that ``prune`` lets go: unused, old enough, and not among the newest that it keeps."""
    if target.prune is None:
        return ()
    unused = sorted(
        (
            configuration
            for name, configuration in state.configurations.items()
            if name != target.name and not state.groups.get(name)
        ),
        key=lambda configuration: (configuration.identity["CreatedTime"], configuration.name),
        reverse=True,
    )
    youngest = state.now - timedelta(seconds=target.prune.min_age)
    return tuple(
        configuration
        for configuration in unused[target.prune.keep :]
        if configuration.identity["CreatedTime"] <= youngest
    )


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


def _subject(name):
    return f"launch configuration '{name}'"


def _bare_create(name, settings):
    arguments = {"LaunchConfigurationName": name, **launch_settings.to_launch_configuration(settings)}
    return Call("autoscaling", "create_launch_configuration", _subject(name), arguments)


def _create(target, name, settings):
    block_devices.check(settings.volumes or (), block_devices.LAUNCH_CONFIGURATION)
    call = _bare_create(name, settings)
    if not settings.instance_profile_name:
        return call
    profile = iam_names.instance_profile_name("instance_profile_name", settings.instance_profile_name)
    return replace(call, needs=(Precondition("instance_profile", profile, target.option("instance_profile_name")),))


def _replace(target, existing, settings):
    return (
        replace(_delete(existing), undo=_bare_create(existing.name, existing.settings)),
        _create(target, existing.name, settings),
    )


def _delete(configuration):
    arguments = {"LaunchConfigurationName": configuration.name}
    return Call("autoscaling", "delete_launch_configuration", _subject(configuration.name), arguments)


def _refuse_used(configurations, groups, verb):
    used = {
        configuration.name: groups[configuration.name]
        for configuration in configurations
        if groups and groups.get(configuration.name)
    }
    if used:
        named = "; ".join(f"'{name}' by {', '.join(users)}" for name, users in sorted(used.items()))
        raise StillInUse(
            f"Launch configurations cannot be {verb} while Auto Scaling groups name them: {named}. "
            "Point the groups to another launch configuration or template first, or delete them. No changes were made.",
            auto_scaling_groups={name: list(users) for name, users in used.items()},
        )


def _drift(target, existing, differences):
    """Return the warning for ``keep``; raise for ``fail``."""
    drift = target.option("on_drift")
    listed = "; ".join(f"{each.field} is {each.actual}, not {each.wanted}" for each in differences)
    sentence = (
        f"{_subject(existing.name)} exists with other settings, and launch configurations cannot be changed: {listed}"
    )
    if target.on_drift == "fail":
        raise Drift(
            f"{sentence}. Set {target.option('name_prefix')} instead of {target.option('name')} to create a new one beside it, "
            f"{drift}=keep to leave it, or {drift}=replace to delete and create it again while no Auto Scaling group names it.",
            differences=[each._asdict() for each in differences],
        )
    return f"{sentence}. It is kept because of {drift}=keep."
