# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS would refuse in a migration, or what a refresh would wait for, in sentences. Pure.
Private to the collection: names and shapes can change in any release."""

from ..launch import settings as launch_settings
from . import instance_refresh

# What a refresh needs: https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
_PROCESSES = ("Launch", "Terminate")
_SHOWN = 5
_NOUNS = {
    "images": "image",
    "security_groups": "security group",
    "key_pairs": "key pair",
    "snapshots": "snapshot",
}


def references_of(configuration):
    """Return kind -> names of what a launch configuration, as the API returns it, refers to in EC2."""
    settings = launch_settings.from_launch_configuration(configuration)
    return {
        "images": {settings.image_id} - {None, ""},
        "security_groups": {each for each in settings.security_groups or () if each.startswith("sg-")},
        "key_pairs": {settings.key_name} - {None, ""},
        "snapshots": {volume.snapshot for volume in settings.volumes or () if volume.snapshot},
    }


def of_configuration(configuration, profiles, references):
    """Yield why no launch template can take the place of a launch configuration, as the API returns it.

    :param profiles: see :class:`~migration_model.Observation`.
    :param references: see :func:`references.find`.
    """
    yield from of_classic(configuration)
    where = f"launch configuration '{configuration['LaunchConfigurationName']}'"
    profile = launch_settings.from_launch_configuration(configuration).profile_name
    if profile and profiles is not None:
        has_role = profiles.get(profile.casefold())
        if has_role is None:
            yield f"{where} names instance profile '{profile}', which does not exist. Create it."
        elif not has_role:
            yield f"{where} names instance profile '{profile}', which has no role. Add its role."
    for kind, names in references_of(configuration).items():
        for each in sorted(names):
            found = references.get(kind, {})
            if each in found and found[each] is None:
                yield f"{where} names {_NOUNS[kind]} '{each}', which does not exist any more. Set another launch configuration."
            elif kind == "images" and (found.get(each) or {}).get("State", "available") != "available":
                yield f"{where} names image '{each}', which is in the state '{found[each]['State']}'. Use another image."


def of_classic(configuration):
    """Yield what of a launch configuration, as the API returns it, no launch template can hold."""
    where = f"launch configuration '{configuration['LaunchConfigurationName']}'"
    if configuration.get("ClassicLinkVPCId") or configuration.get("ClassicLinkVPCSecurityGroups"):
        yield f"{where} links to EC2-Classic, which AWS retired. Create a launch configuration without ClassicLink first."
    classic = [group for group in configuration.get("SecurityGroups") or () if not group.startswith("sg-")]
    if classic:
        yield f"{where} names security groups of EC2-Classic ({', '.join(classic)}). Create one with ids first."


def of_refresh_in_progress(newest, specification):
    """Yield why an instance refresh that is in progress stands in the way.

    :param newest: the newest refresh as the API returns it, or None.
    :param specification: id and version of the launch template of a refresh that the run would wait for; None for none.
    """
    if not instance_refresh.is_active(newest):
        return
    desired = instance_refresh.launch_template_of(newest.get("DesiredConfiguration") or {})
    if specification is None or desired != specification:
        yield (
            f"instance refresh {newest['InstanceRefreshId']} is in progress. Wait for its end, or cancel it with "
            "amazon.aws.autoscaling_instance_refresh and state=cancelled."
        )


def of_refresh(group, outdated, preferences, hooks):
    """Return sentences about what a refresh fails for, and about what it waits for.

    :param outdated: the ids of the instances that it replaces.
    :param hooks: the group's lifecycle hooks, as the API returns them.
    """
    suspended = {each["ProcessName"] for each in group.get("SuspendedProcesses") or ()}
    blockers = [
        f"refresh: the process {name} of the group is suspended, and a refresh would wait for it. Resume it."
        for name in _PROCESSES
        if name in suspended
    ]
    for option, ids in instance_refresh.blocking(group, outdated, preferences).items():
        if ids:
            more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
            kind = "protected from scale-in" if option.startswith("scale") else "in standby"
            blockers.append(
                f"refresh_{option}: a refresh would wait for an hour and fail, since instances are {kind}: "
                f"{', '.join(ids[:_SHOWN])}{more}. Set it to refresh or ignore."
            )
    warnings = [
        f"the refresh waits for lifecycle hook '{hook['LifecycleHookName']}' at each instance, up to "
        f"{hook.get('GlobalTimeout') or hook.get('HeartbeatTimeout')} seconds."
        for hook in hooks
    ]
    if group.get("WarmPoolConfiguration"):
        warnings.append("the refresh replaces the instances of the warm pool as well, which takes longer.")
    return blockers, warnings
