# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What people see of a new or changed launch configuration or launch template of an application. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.application.plan import CREATE, REPLACE, UPDATE, Change
from ansible_collections.launchkit.aws.plugins.module_utils.iam import tags as iam_tags
from ansible_collections.launchkit.aws.plugins.module_utils.launch import render, template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch.differences import (
    LAUNCH_TEMPLATE_DEFAULTS,
    differences,
)


def of_template(planner):
    """Return the change of the launch template."""
    target, before = planner.launch_target, planner.template_state.template
    after = template_plan.predict(target, planner.template_state, planner.launch_plan).template
    if before is None:
        return Change("launch_template", target.name, CREATE, attributes=render.attributes(after.settings))
    found = differences(target.settings, before.settings, LAUNCH_TEMPLATE_DEFAULTS)
    return Change("launch_template", target.name, UPDATE, found + iam_tags.differences(before.tags, after.tags))


def of_configuration(planner):
    """Return the change of the launch configuration: a new one is compared with the one that it supersedes."""
    target, known = planner.launch_target, planner.configuration_state.configurations
    if target.name in known:
        return Change(
            "launch_configuration", target.name, REPLACE, differences(target.settings, known[target.name].settings)
        )
    named = (planner.group or {}).get("LaunchConfigurationName")
    newest = max(known.values(), key=lambda each: each.identity["CreatedTime"], default=None)
    former = known.get(named, newest)
    found = differences(target.settings, former.settings) if former else ()
    return Change("launch_configuration", target.name, CREATE, found, render.attributes(target.settings))
