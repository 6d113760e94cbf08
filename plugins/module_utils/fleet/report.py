# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How results and plans show what differs in the applications of a fleet. All of it pure; user data is shown by digest and size."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.application import model as application_model
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plan import Planned
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam import role as application_role
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan as launch_template_plan

WORDS = {
    "role": "role",
    "inline_policies": "inline policies",
    "instance_profile": "instance profile",
    "launch_configuration": "launch configuration",
    "launch_template": "launch template",
    "auto_scaling_group": "Auto Scaling group",
    "instances": "instances",
}


def row(application, index):
    """Return what would change for an application: a dictionary for results.

    :returns: the row, and the options with which amazon.aws's modules make the role: ``iam_role`` and a list ``iam_policies``.
    """
    shown = dict(
        name=application.name, state=application.options["state"], changed=False, changes=[], error=None, warnings=[]
    )
    if not application.present:
        return _summed(dict(shown, changes=existing(application, index))), {}
    planned = Planned(application, index)
    changes: list = []
    tasks: dict = {}
    error = None
    try:
        _role(planned, changes, tasks)
        _profile(planned, changes)
        _launch(planned, changes)
        _group(planned, changes)
        _clean_up(planned, changes)
    except LaunchkitError as failure:
        error = failure.message
    # What cannot be brought to its end is not begun.
    warnings = [] if error else planned.warnings()
    return _summed(dict(shown, changes=changes, error=error, warnings=warnings)), ({} if error else tasks)


def without_empty(row):
    """Return a row without members that hold nothing: of an unchanged fleet of hundreds, Ansible takes longer over these than AWS does."""
    return {name: value for name, value in row.items() if value is not None and value != []}


def is_beyond_role(row):
    """Tell whether more than the role and its policies would, and can, change for an application that is to be there."""
    resources = {change["resource"] for change in row["changes"]}
    return row["state"] == "present" and row["error"] is None and bool(resources - {"role", "inline_policies"})


def existing(application, index):
    """Return what there is of an application that is not to be there."""
    observation, options = index.observation, application.options
    fixed = options.get("launch_configuration_name")
    names = [fixed] if fixed else sorted(index.siblings(options["launch_configuration_name_prefix"]))
    profile = observation.profile(application.profile.name)
    found = [
        ("auto_scaling_group", application.group_name if application.group_name in observation.groups else None),
        *(("launch_configuration", name) for name in names if name in observation.launch_configurations),
        ("launch_template", _own_template(application, observation)),
        ("instance_profile", profile and profile["InstanceProfileName"]),
        ("role", options["role_name"] if options["role_name"] in observation.roles else None),
    ]
    return [_change(resource, name, "remove") for resource, name in found if name]


def lines(rows, orphans=()):
    """Return a plan for people: a line for each application, details under those that change, totals at the end.

    :param rows: see :func:`row`.
    :param orphans: see ``fleet_orphans.py``.
    """
    text = []
    for each in rows:
        text.append(each["summary"])
        for change in each["changes"]:
            for difference in change["differences"]:
                # Inline policies say it in their field already.
                field = f"{change['resource']}.{difference['field']}".replace("inline_policies.inline", "inline")
                text.append(f"    {field}: {difference['actual']} -> {difference['wanted']}")
    text += [orphan["summary"] for orphan in orphans]
    return [*text, totals_line(totals(rows, orphans))]


def totals(rows, orphans=()):
    """Return how many applications are what, as a dictionary."""
    wrong = sum(1 for each in rows if each["error"])
    changed = sum(1 for each in rows if each["changed"] and not each["error"])
    return dict(
        applications=len(rows),
        changed=changed,
        failed=wrong,
        unchanged=len(rows) - changed - wrong,
        orphans=len(orphans),
    )


def totals_line(counts):
    """Return the totals as a sentence."""
    return (
        f"{_count(counts['applications'], 'application')}: {counts['changed']} to change, {counts['unchanged']} unchanged, "
        f"{counts['failed']} that cannot be changed; {_count(counts['orphans'], 'orphan')}."
    )


def _count(number, noun):
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _summed(shown):
    shown["changed"] = bool(shown["changes"])
    shown["unchanged"] = not shown["changes"] and shown["error"] is None
    parts = [_words(change) for change in shown["changes"]]
    if shown["error"]:
        parts.append(f"CANNOT BE CHANGED: {shown['error']}")
    return dict(shown, summary=f"{shown['name']}: {'; '.join(parts) or 'unchanged'}")


def _words(change):
    fields = ", ".join(dict.fromkeys(difference["field"] for difference in change["differences"]))
    detail = f" ({fields})" if fields and change["action"] not in ("create", "remove") else ""
    return f"{change['action']} {WORDS[change['resource']]} {change['name']}{detail}"


def _change(resource, name, action, differences=()):
    return dict(resource=resource, name=name, action=action, differences=[_difference(each) for each in differences])


def _difference(each):
    if isinstance(each, dict):
        return dict(field=each["field"], wanted=_text(each["wanted"]), actual=_text(each["actual"]))
    return dict(each._asdict())


def _text(value):
    if value in (None, "", [], {}):
        return "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(item)}" for key, item in sorted(value.items()))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _role(planned, changes, tasks):
    target, detail = planned.role_target(), planned.role()
    plain, inline = planned.role_differences()
    if plain:
        changes.append(_change("role", target.name, "change" if detail else "create", plain if detail else ()))
        tasks["iam_role"] = application_role.options(target, is_new=detail is None)
    if inline:
        changes.append(_change("inline_policies", target.name, "change", inline))
        tasks["iam_policies"] = application_role.inline_options(target, detail)


def _profile(planned, changes):
    state = planned.profile_state()
    plan = planned.plan("instance_profile")
    if not plan.calls:
        return
    after = instance_profile.predict(planned.application.profile, state, plan).profile
    differences = [] if state.profile is None else _profile_differences(state.profile, after)
    changes.append(_change("instance_profile", after.name, "change" if state.profile else "create", differences))


def _profile_differences(before, after):
    pairs = [("role", (before.role or {}).get("RoleName"), (after.role or {}).get("RoleName"))]
    pairs.append(("tags", dict(before.tags), dict(after.tags)))
    return [dict(field=field, wanted=wanted, actual=actual) for field, actual, wanted in pairs if wanted != actual] or [
        dict(field="role", wanted="the role of this name that exists now", actual="one that was deleted")
    ]


def _launch(planned, changes):
    target = planned.launch_target()
    if target is None:
        return
    state, plan = planned.launch_state(), planned.plan("launch_settings")
    if planned.application.launches_from_template:
        if plan.calls:
            before = state.template
            after = launch_template_plan.predict(target, state, plan).template
            differences = (
                ()
                if before is None
                else launch_differences.differences(
                    target.settings, before.settings, launch_differences.LAUNCH_TEMPLATE_DEFAULTS
                )
            )
            if before is not None and before.tags != after.tags:
                tags = dict(field="tags", wanted=dict(after.tags), actual=dict(before.tags))
                differences = (*differences, tags)
            changes.append(_change("launch_template", target.name, "change" if before else "create", differences))
        return
    if any(call.operation == "create_launch_configuration" for call in plan.calls):
        replaced = target.name in state.configurations
        former = _former_settings(planned, state)
        differences = launch_differences.differences(target.settings, former) if former else ()
        changes.append(_change("launch_configuration", target.name, "replace" if replaced else "create", differences))


def _former_settings(planned, state):
    """Return the settings that a new launch configuration takes the place of, or None."""
    named = planned.group().get("launch_configuration_name")
    known = state.configurations
    if named in known:
        return known[named].settings
    newest = max(known.values(), key=lambda each: each.identity["CreatedTime"], default=None)
    return newest and newest.settings


def _group(planned, changes):
    application = planned.application
    if not application.group_name:
        return
    differences = planned.group_differences()
    group = planned.group()
    if differences:
        changes.append(
            _change(
                "auto_scaling_group",
                application.group_name,
                "change" if group else "create",
                differences if group else (),
            )
        )
    if planned.needs_refresh():
        changes.append(_change("instances", f"of {application.group_name}", "refresh"))


def group_task(planned):
    """Return the options for amazon.aws.autoscaling_group, if more differs than what an existing group launches from; else None."""
    beyond = [
        each for each in planned.group_differences() if each["field"] not in ("launch_config_name", "launch_template")
    ]
    if planned.group() and not beyond:
        return None
    return application_model.group_module_options(planned.application, planned.source(), planned.group())


def _clean_up(planned, changes):
    """Add what goes already now, and what the group is about to leave."""
    target = planned.launch_target()
    if target is None:
        return
    calls = [*planned.plan("launch_settings").calls, *planned.plan("clean_up").calls]
    gone = [
        call.arguments["LaunchConfigurationName"] for call in calls if call.operation == "delete_launch_configuration"
    ]
    configuration, template = planned.leaves()
    for name in dict.fromkeys([*gone, *filter(None, [configuration])]):
        # One that is replaced is made anew under its name.
        if name != target.name or planned.application.launches_from_template:
            changes.append(_change("launch_configuration", name, "remove"))
    operations = {call.operation for call in planned.plan("clean_up").calls}
    if "modify_launch_template" in operations:
        latest = planned.launch_state().template
        difference = dict(field="default_version", wanted=latest.latest_version, actual=latest.default_version)
        changes.append(_change("launch_template", target.name, "change", [difference]))
    if template or "delete_launch_template" in operations:
        changes.append(_change("launch_template", planned.application.options["launch_template_name"], "remove"))


def _own_template(application, observation):
    """Return the name of the application's launch template if it is there and hands out its profile: else it is somebody else's."""
    found = observation.templates.get(application.options["launch_template_name"])
    if found is None:
        return None
    profile = (found[1]["LaunchTemplateData"].get("IamInstanceProfile") or {}).get("Name")
    return found[0]["LaunchTemplateName"] if profile == application.profile.name else None
