# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans and results as lines for people and as dictionaries for results; the same for one application and for many. Pure.
Private to the collection: names and shapes can change in any release."""

import difflib
import json
import re

from ..core.plan_text import WIDTH, count, cut, escaped, transition, wrapped
from .plan import REFRESH, RESOURCES, SIGNS

# The most lines that one attribute can have.
VALUE_LINES = 4
# The most characters of a value in a result.
VALUE_LENGTH = 200


def lines(plans, orphans=(), *, single=False, details=False):
    """Return the plans as lines, blocked applications first, totals at the end.

    :param orphans: dictionaries with a ``summary``.
    :param details: whether to show long values in full, policies line by line.
    :param single: whether this is the plan of one application, whose state needs no totals.
    """
    text = []
    for plan in sorted(plans, key=lambda plan: not plan.blockers):
        text += _application_lines(plan, details)
    for orphan in orphans:
        text += wrapped("", orphan["summary"])
    counts = totals(plans, orphans)
    if not single:
        text.append(totals_line(counts))
    elif counts["changed"]:
        text.append(f"Plan: {_changes_line(counts)}.")
    return text


def totals(plans, orphans=()):
    """Return the number of changes of each action, without those of blocked applications, and of applications in each state."""
    begun = [plan for plan in plans if not plan.blockers]
    actions = [change.action for plan in begun for change in plan.changes]
    changed = sum(1 for plan in begun if plan.changes)
    return dict(
        **{action: actions.count(action) for action in SIGNS},
        applications=len(plans),
        changed=changed,
        unchanged=len(begun) - changed,
        blocked=len(plans) - len(begun),
        orphans=len(orphans),
    )


def totals_line(counts):
    """Return totals as one line."""
    orphans = count(counts["orphans"], "orphan")
    states: list = []
    for state in ("unchanged", "blocked"):
        if counts[state]:
            # Only the first names the noun.
            subject = counts[state] if states else count(counts[state], "application")
            verb = "" if counts["changed"] else "is " if counts[state] == 1 else "are "
            states.append(f"{subject} {verb}{state}")
    if counts["changed"]:
        rest = ", ".join([*states, *([orphans] if counts["orphans"] else [])])
        return f"Plan: {'; '.join(filter(None, [_changes_line(counts), rest]))}."
    exist = f"{orphans} exist{'s' if counts['orphans'] == 1 else ''}" if counts["orphans"] else ""
    return ". ".join(filter(None, ["No changes", ", ".join(states), exist])) + "."


def describe(plan):
    """Return a plan as a dictionary for results. Empty members are left out: a fleet has hundreds of unchanged applications."""
    changes = [
        _without_empty(
            resource=change.resource,
            name=change.name,
            action=change.action,
            differences=[_shortened(difference)._asdict() for difference in change.differences],
            attributes=dict(change.attributes),
        )
        for change in plan.changes
    ]
    listed = dict(changes=changes, blockers=plan.blockers, warnings=plan.warnings, notes=plan.notes)
    listed["not_owned"] = plan.not_owned
    return dict(
        name=plan.name,
        state=plan.state,
        changed=bool(changes) and not plan.blockers,
        unchanged=not changes and not plan.blockers,
        summary=escaped(f"{plan.name}: {_summary(plan)}"),
        **_without_empty(**{name: list(values) for name, values in listed.items()}),
    )


def result_lines(result):
    """Return lines with the names and ARNs of the role's ``application_result``."""
    version = result.get("launch_template_version")
    template = result.get("launch_template_name")
    values = {
        "IAM role": result.get("role_arn"),
        "instance profile": result.get("instance_profile_arn") or result.get("instance_profile_name"),
        "launch configuration": result.get("launch_configuration_arn") or result.get("launch_configuration_name"),
        "launch template": f"{template}, version {version}" if template and version else template,
        "Auto Scaling group": result.get("auto_scaling_group_name"),
    }
    return [f"  {resource}: {escaped(value)}" for resource, value in values.items() if value]


def _shortened(difference):
    return type(difference)(difference.field, *(cut(value, VALUE_LENGTH) for value in difference[1:]))


def _application_lines(plan, details):
    changes = [line for change in plan.changes for line in _change_lines(change, details)]
    text = [escaped(plan.name if changes and not plan.blockers else f"{plan.name}: {_state(plan)}")]
    for blocker in plan.blockers:
        text += wrapped("  ! ", blocker)
    if plan.blockers and changes:
        # Deeper than other changes, so that nobody takes them for what happens.
        text += ["  planned once this is resolved:", *(f"  {line}" for line in changes)]
    else:
        text += changes
    if plan.not_owned:
        text += wrapped("  not owned: ", ", ".join(plan.not_owned))
    for word, remarks in (("warning", plan.warnings), ("note", plan.notes)):
        for remark in remarks:
            text += wrapped(f"  {word}: ", remark)
    return text


def _change_lines(change, details):
    attributes = dict(change.attributes)
    head = f"{RESOURCES[change.resource]} {change.name}"
    if change.action == REFRESH:
        head += f": replace {attributes.pop('instances', 'outdated ones')}"
    text = wrapped(f"  {SIGNS[change.action]} ", head)
    for difference in change.differences:
        field = f"      {escaped(difference.field)}: "
        width = WIDTH - 2 - len(field)
        if details and len(difference.actual) + len(difference.wanted) > width - len(" -> "):
            text += [field.rstrip(), *_detail_lines(difference)]
        else:
            text.append(field + transition(difference, width))
    limit = None if details else VALUE_LINES
    if not change.differences:
        for name, value in attributes.items():
            text += wrapped("      ", f"{name}: {value}", max_lines=limit, placeholder="...")
    return text


def _detail_lines(difference):
    """Return old and new value line by line: without a sign what both have, with - the old and with + the new."""
    old, new = (_value_lines(value) for value in (difference.actual, difference.wanted))
    # Without the two lines of file names and the line numbers.
    compared = list(difflib.unified_diff(old, new, n=len(old), lineterm=""))[3:]
    return [f"        {escaped(line)}" for line in compared]


def _value_lines(value):
    try:
        return json.dumps(json.loads(value), ensure_ascii=False, indent=2).splitlines()
    except ValueError:
        return [value]


def _state(plan):
    if plan.blockers:
        return "blocked"
    return "nothing exists" if plan.state == "absent" else "unchanged"


def _summary(plan):
    if plan.blockers:
        return f"blocked: {' '.join(plan.blockers)}"
    words = (f"{change.action} {RESOURCES[change.resource]} {change.name}{_fields(change)}" for change in plan.changes)
    return "; ".join(words) or _state(plan)


def _fields(change):
    """Return the names of the fields that differ, such as ``tags`` for ``tags[Owner]``."""
    names = dict.fromkeys(re.split(r"[.\[]", difference.field)[0] for difference in change.differences)
    return f" ({', '.join(names)})" if names else ""


def _changes_line(counts):
    return ", ".join(f"{counts[action]} to {action}" for action in SIGNS if counts[action])


def _without_empty(**members):
    return {name: value for name, value in members.items() if value}
