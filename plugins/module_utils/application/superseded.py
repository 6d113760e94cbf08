# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application deletes once its group has left it: launch configurations, a launch template, and versions of one. Pure.
Private to the collection: names and shapes can change in any release.
Only what belongs to the application is deleted, and only what no other group names.
"""

from dataclasses import replace

from ..core.plan import Difference
from ..launch import configuration as launch_configuration
from ..launch import template_plan
from .model import prune_of
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
    found = configurations(planner)
    changes = [
        Change("launch_configuration", each.name, DELETE)
        for each in found
        if not set(used.get(each.name, ())) - leaving
    ]
    state = planner.template_state
    template = state.template
    is_left = leaves_template(planner)
    if is_left and not set(state.groups) - leaving:
        changes.append(Change("launch_template", template.name, DELETE))
    calls = planner.deletions(found, state if is_left else replace(state, template=None))
    # One that is not the application's is not changed, and a new version is refused before.
    is_own = planner.may_change("launch_template")
    if by_template and template is not None and (is_own or not planner.launch_plan.calls):
        latest = template_plan.predict(planner.launch_target, state, planner.launch_plan).template.latest_version
        prune = planner.application.options.get("launch_template_prune")
        if prune is not None and template.default_version != latest:
            difference = Difference("default_version", str(latest), str(template.default_version))
            changes.append(Change("launch_template", template.name, UPDATE, (difference,)))
        # While the new version does not exist, or the group names an older one, nothing can be deleted.
        if prune is not None and latest == template.latest_version and is_own:
            target = replace(planner.launch_target, default_version="latest", keep=prune.get("keep"))
            calls += template_plan.plan(target, state).calls
    return Step("superseded", tuple(changes), () if leaving else calls)


def configurations(planner):
    """Return the launch configurations that are superseded and not kept, used ones included.

    What the group has just left goes at once. Others have to be old enough: another run may be about to use a new one.
    """
    options, target = planner.application.options, planner.launch_target
    names = planner.index.siblings(options["launch_configuration_name_prefix"])
    former = (planner.former or {}).get("LaunchConfigurationName")
    if planner.application.launches_from_template:
        fixed = options.get("launch_configuration_name")
        names = [*names, *([former] if former and former == fixed else [])]
        prune = replace(prune_of(options), keep=0)
        target = launch_configuration.Target(None, settings=target.settings, prune=prune)
    elif target.prune is None:
        return ()
    known = {each.name: each for each in planner.owned_configurations(names)} if names else {}
    state = launch_configuration.State(known, now=planner.observation.now)
    return launch_configuration.prunable(target, state, former)


def leaves_template(planner):
    """Return whether a launch template of the application exists that it does not launch from."""
    template = planner.template_state.template
    is_left = template is not None and not planner.application.launches_from_template
    return is_left and planner.may_change("launch_template") and planner.owns(template.settings)
