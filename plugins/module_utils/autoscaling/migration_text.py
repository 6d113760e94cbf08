# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan and the result of a migration as lines for people, as a Markdown table and as rows for results. Pure.
Private to the collection: names and shapes can change in any release."""

from ..core.plan import Difference
from ..core.plan_text import WIDTH, count, cut, escaped, grouped, some, transition, wrapped
from ..launch import render as launch_render
from ..launch import settings as launch_settings
from ..launch.template_data import from_launch_template_data
from .group import source_in_words
from .migration_model import BLOCKED, MIGRATE, NOTHING, REFRESH, REVERT, SKIPPED

GOING = (MIGRATE, REFRESH, REVERT)
# What a group's action is called in results once it is done.
DONE = {MIGRATE: "migrated", REFRESH: "refreshed", REVERT: "reverted", NOTHING: "already"}
FAILED, NOT_BEGUN = "failed", "not begun"
COLUMNS = ("group", "action", "launch_configuration", "launch_template", "version", "outdated_instances", "reason")


def lines(plans, deletion, configurations, *, is_check, with_refresh=False, with_details=False):
    """Return the plans as lines: blocked groups first, one line for each other group, totals at the end.

    :param deletion: the :class:`~migration_deletion.Deletion` that is foreseen; None for none.
    :param configurations: name -> launch configuration as the API returns it.
    :param with_refresh: whether outdated instances are replaced.
    :param with_details: whether to show each launch configuration beside the data of its template.
    """
    text: list = []
    for plan in (plan for plan in plans if plan.state == BLOCKED):
        text += [line for blocker in plan.blockers for line in wrapped("  ! ", f"{plan.name}: {blocker}")]
    detailed: set = set()
    for plan in (plan for plan in plans if plan.is_going):
        verb = f"would {plan.action}" if is_check else plan.action
        text.append(_one_line(f"  ~ {verb} {plan.name}: {_change(plan, with_refresh)}"))
        if with_details and plan.copy is not None and plan.configuration not in detailed:
            detailed.add(plan.configuration)
            text += _details(configurations[plan.configuration], plan.copy)
    text += [_one_line(f"  skipped {plan.name}: {plan.skipped}.") for plan in plans if plan.state == SKIPPED]
    already = [plan.name for plan in plans if plan.state == NOTHING]
    if already:
        text += wrapped("  ", f"nothing to do for {count(len(already), 'group')}: {some(already)}")
    if deletion is not None:
        verb = "would delete" if is_check else "delete"
        text += [_one_line(f"  - {verb} launch configuration {name}") for name in deletion.deleted]
        text += [_one_line(f"  keeps launch configuration {name}: {why}") for name, why in deletion.kept.items()]
    for names, warning in grouped(
        {plan.name: " ".join(plan.warnings) for plan in plans if plan.is_going and plan.warnings}
    ):
        text += wrapped("  warning: ", f"{some(names)}: {warning}")
    return [*text, totals_line(totals(plans, deletion))]


def totals(plans, deletion):
    """Return the number of groups in each state, and of launch configurations to delete."""
    states = [plan.state for plan in plans]
    names = {BLOCKED: "blocked", SKIPPED: "skipped", NOTHING: "already"}
    counts = {names.get(state, state): states.count(state) for state in (*GOING, BLOCKED, SKIPPED, NOTHING)}
    return dict(counts, groups=len(plans), delete=len(deletion.deleted) if deletion else 0)


def totals_line(counts):
    """Return totals as one line."""
    changes = [f"{count(counts[action], 'group')} to {action}" for action in GOING if counts[action]]
    if counts["delete"]:
        changes.append(f"{count(counts['delete'], 'launch configuration')} to delete")
    states = [f"{counts[state]} {state}" for state in ("blocked", "skipped", "already") if counts[state]]
    begin = f"Plan: {', '.join(changes)}" if changes else f"No changes to {count(counts['groups'], 'group')}"
    return "; ".join(filter(None, [begin, ", ".join(states)])) + "."


def row(plan, *, action=None, reason="", specification=None, refresh=None):
    """Return the row of the result for a plan.

    :param action: what became of the group; None for what is planned.
    :param reason: why, if that is not the plan's.
    :param specification: id and version of the template that the run created.
    """
    planned = f"would {plan.action}" if plan.is_going else plan.state
    used = specification or plan.specification or {}
    return dict(
        group=plan.name,
        action=action or ("already" if planned == NOTHING else planned),
        launch_configuration=plan.source.get("LaunchConfigurationName", ""),
        launch_template=plan.template,
        launch_template_id=used.get("LaunchTemplateId") or "",
        version=used.get("Version") or "",
        migrated_from=plan.configuration if not plan.source.get("LaunchConfigurationName") else "",
        outdated_instances=len(plan.outdated),
        reason=reason or plan.skipped or " ".join(plan.blockers),
        warnings=list(plan.warnings),
        owners=list(plan.owners),
        instance_refresh=refresh or {},
    )


def markdown(rows):
    """Return rows as the lines of a Markdown table."""
    cells = [[_cell(row[column]) for column in COLUMNS] for row in rows]
    heading = [column.replace("_", " ") for column in COLUMNS]
    return [f"| {' | '.join(each)} |" for each in (heading, ["---"] * len(COLUMNS), *cells)]


def sources(plans):
    """Return what groups that the run changes launch from, before and after, as texts for ``--diff``."""
    going = [plan for plan in plans if plan.is_going]
    before = [f"{plan.name}: {source_in_words(plan.source)}\n" for plan in going]
    return {"before": "".join(before), "after": "".join(f"{plan.name}: {_after(plan)}\n" for plan in going)}


def _change(plan, with_refresh):
    instances = count(len(plan.outdated), "instance")
    if plan.action == REFRESH:
        return f"replace {instances} that launched from {_before(plan)}"
    rest = f", replace {instances}" if with_refresh else f"; {instances} of before"
    return f"{source_in_words(plan.source)} -> {_after(plan)}{rest if plan.outdated else ''}"


def _before(plan):
    if "LaunchConfigurationName" in plan.source:
        return "a launch template"
    return f"launch configuration '{plan.configuration}'"


def _after(plan):
    if plan.action == REFRESH:
        return source_in_words(plan.source)
    if plan.action == REVERT:
        return f"launch configuration '{plan.configuration}'"
    version = (plan.specification or {}).get("Version")
    return (
        f"version {version} of launch template '{plan.template}'"
        if version
        else f"new launch template '{plan.template}'"
    )


def _details(configuration, copy):
    """Return a launch configuration beside the data of its template, with user data by digest and size."""
    before = launch_render.attributes(launch_settings.from_launch_configuration(configuration))
    after = launch_render.attributes(from_launch_template_data(copy.data))
    text = []
    for name in {**before, **after}:
        field = f"      {escaped(name)}: "
        old, new = before.get(name, "none"), after.get(name, "none")
        same = f"{escaped(old)} (both)"
        shown = same if old == new else transition(Difference(name, str(new), str(old)), WIDTH - 2 - len(field))
        text.append(_one_line(field + shown))
    return text


def _one_line(text):
    return cut(escaped(text), WIDTH - 2)


def _cell(value):
    return escaped("" if value is None else value).replace("|", "\\|")
