# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application deletes once its group has left it: launch configurations, a launch template, and versions of one. Pure.

Only what names the application's instance profile is deleted, and only what no other group names.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.launchkit.aws.plugins.module_utils.application.model import VERSION_DESCRIPTION
from ansible_collections.launchkit.aws.plugins.module_utils.application.plan import DELETE, UPDATE, Change, Step
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group as auto_scaling_group
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Difference
from ansible_collections.launchkit.aws.plugins.module_utils.iam import names as iam_names
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import Target as TemplateTarget


def step(planner):
    """Return the step that deletes what is superseded.

    Its changes foresee that the group leaves what it launches from now; its calls are those that are possible as things are.
    """
    if not planner.observation.has_all_groups:
        return Step("superseded")
    by_template = planner.application.launches_from_template
    leaving = planner.application.group_name if planner.moves else None
    configurations = _left_configurations(planner) if by_template else _pruned_configurations(planner)
    changes = [
        Change("launch_configuration", each.name, DELETE)
        for each in configurations
        if not _users(planner.index.groups_by_launch_configuration.get(each.name), leaving)
    ]
    unused = [each for each in configurations if not planner.index.groups_by_launch_configuration.get(each.name)]
    calls = launch_configuration.delete(unused)
    state = planner.template_state
    template = state.template
    if by_template and template is not None:
        latest = template_plan.predict(planner.launch_target, state, planner.launch_plan).template.latest_version
        if template.default_version != latest:
            difference = Difference("default_version", str(latest), str(template.default_version))
            changes.append(Change("launch_template", template.name, UPDATE, (difference,)))
        # While the new version does not exist, or the group names an older one, nothing can be deleted.
        calls += _default_version_plan(planner, state).calls if latest == template.latest_version else ()
    elif not by_template and template is not None and _was_ours(planner, template):
        if not _users(state.groups, leaving):
            changes.append(Change("launch_template", template.name, DELETE))
        if not state.groups:
            calls += template_plan.plan(TemplateTarget(template.name, present=False), state).calls
    return Step("superseded", tuple(changes), () if leaving else calls)


def _default_version_plan(planner, state):
    keep = (planner.application.options.get("launch_template_prune") or {}).get("keep")
    target = replace(planner.launch_target, default_version="latest", keep=keep)
    return template_plan.plan(target, state)


def _left_configurations(planner):
    """Return the launch configurations of an application that launches from a template."""
    options = planner.application.options
    names = list(planner.index.siblings(options["launch_configuration_name_prefix"]))
    former = (planner.former or {}).get("LaunchConfigurationName")
    if former and former == options.get("launch_configuration_name"):
        names.append(former)
    return _ours(planner, names)


def _pruned_configurations(planner):
    """Return the siblings that ``application_launch_configuration_prune`` does not keep, used ones included."""
    target, state = planner.launch_target, planner.configuration_state
    if target.prune is None:
        return []
    ours = {each.name: each for each in _ours(planner, [name for name in state.configurations if name != target.name])}
    return list(launch_configuration.prunable(target, replace(state, configurations=ours, groups={})))


def _ours(planner, names):
    known = planner.index.configuration_state(names).configurations
    return [each for each in known.values() if _is_ours(planner, each.settings)]


def _is_ours(planner, settings):
    """Return whether launch settings name the application's instance profile: others of such a name aren't the application's."""
    return iam_names.same_name(settings.profile_name, planner.application.profile.name)


def _was_ours(planner, template):
    """Return whether the application's group launched from a template, or a role of this collection created its newest version."""
    former = auto_scaling_group.source_of(planner.former or {}).get("LaunchTemplate") or {}
    left = former.get("LaunchTemplateId") == template.identity["LaunchTemplateId"]
    return (left or template.description == VERSION_DESCRIPTION) and _is_ours(planner, template.settings)


def _users(groups, leaving):
    return [name for name in groups or () if name != leaving]
