# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application deletes once its group has left it: launch configurations, a launch template, and versions of one. Pure.
Private to the collection: names and shapes can change in any release.
Only what names the application's instance profile is deleted, and only what no other group names.
"""

from dataclasses import replace

from ..autoscaling.group import source_of
from ..core.plan import Difference
from ..launch import configuration as launch_configuration
from ..launch import template_plan
from .model import VERSION_DESCRIPTION
from .plan import DELETE, UPDATE, Change, Step


def step(planner):
    """Return the step that deletes what is superseded.

    Its changes foresee that the group leaves what it launches from now; its calls are those that are possible as things are.
    """
    if not planner.observation.has_all_groups:
        return Step("superseded")
    by_template = planner.application.launches_from_template
    leaving = {planner.application.group_name} if planner.moves else set()
    used = planner.index.groups_by_launch_configuration
    configurations = _left_configurations(planner) if by_template else _pruned_configurations(planner)
    changes = [
        Change("launch_configuration", each.name, DELETE)
        for each in configurations
        if not set(used.get(each.name, ())) - leaving
    ]
    state = planner.template_state
    template = state.template
    is_left = not by_template and template is not None and _was_owned(planner, template)
    if is_left and not set(state.groups) - leaving:
        changes.append(Change("launch_template", template.name, DELETE))
    calls = planner.deletions(configurations, state if is_left else replace(state, template=None))
    if by_template and template is not None:
        latest = template_plan.predict(planner.launch_target, state, planner.launch_plan).template.latest_version
        if template.default_version != latest:
            difference = Difference("default_version", str(latest), str(template.default_version))
            changes.append(Change("launch_template", template.name, UPDATE, (difference,)))
        # While the new version does not exist, or the group names an older one, nothing can be deleted.
        if latest == template.latest_version:
            keep = (planner.application.options.get("launch_template_prune") or {}).get("keep")
            target = replace(planner.launch_target, default_version="latest", keep=keep)
            calls += template_plan.plan(target, state).calls
    return Step("superseded", tuple(changes), () if leaving else calls)


def _left_configurations(planner):
    """Return the launch configurations of an application that launches from a template."""
    options = planner.application.options
    names = list(planner.index.siblings(options["launch_configuration_name_prefix"]))
    former = (planner.former or {}).get("LaunchConfigurationName")
    if former and former == options.get("launch_configuration_name"):
        names.append(former)
    return planner.owned_configurations(names)


def _pruned_configurations(planner):
    """Return the siblings that ``application_launch_configuration_prune`` does not keep, used ones included."""
    target, state = planner.launch_target, planner.configuration_state
    if target.prune is None:
        return []
    owned = planner.owned_configurations([name for name in state.configurations if name != target.name])
    owned = {each.name: each for each in owned}
    return list(launch_configuration.prunable(target, replace(state, configurations=owned, groups={})))


def _was_owned(planner, template):
    """Return whether the application's group launched from a template, or a role of this collection created its newest version."""
    former = source_of(planner.former or {}).get("LaunchTemplate") or {}
    left = former.get("LaunchTemplateId") == template.identity["LaunchTemplateId"]
    return (left or template.description == VERSION_DESCRIPTION) and planner.owns(template.settings)
