# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options with which the role ``application`` runs the modules of its steps: every one spelled out, with its type. Pure.

They hold no user data: the role hands its own variables to the modules.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.application.refresh_options import (
    module_options as refresh_options,
)
from ansible_collections.launchkit.aws.plugins.module_utils.application.removal import Removal
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group as auto_scaling_group
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group_plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import role
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import to_params


def module_options(application, index):
    """Return step or resource -> options of its module.

    :param index: the :class:`~observation.Index` that the plan was made from.
    """
    return _present(Planner(application, index)) if application.present else _absent(Removal(application, index))


def _present(planner):
    application, options = planner.application, planner.application.options
    attached, detached = role.managed_policy_changes(planner.role_target, planner.role)
    found = dict(
        iam_role=role.options(planner.role_target, is_new=planner.role is None),
        # amazon.aws.iam_role detaches before it attaches, and a refusal would leave the role without either.
        iam_role_attaches_first=bool(attached and detached),
        inline_policies=role.inline_options(planner.role_target, planner.role),
        instance_profile=_profile(application.profile),
    )
    if planner.launch_target is None:
        return found
    found["launch"] = _launch(planner)
    found["superseded"] = _superseded(planner)
    if application.group_name:
        target = planner.group_step_target
        waits = dict(wait_for_instances=options["group_wait_for_instances"], wait_timeout=options["group_wait_timeout"])
        found["auto_scaling_group"] = {**group_plan.module_options(target, planner.group), **waits}
        former = planner.former and auto_scaling_group.source_of(planner.former)
        found["former_source"] = group_plan.source_options(former) if former else {}
        found["instance_refresh"] = refresh_options(planner)
    return found


def _profile(target):
    given = dict(name=target.name, path=target.path, role=target.role.name, tags=target.tags)
    given = {name: value for name, value in given.items() if value is not None}
    return dict(given, purge_tags=target.purge_tags, on_drift=target.on_drift)


def _launch(planner):
    target, options = planner.launch_target, to_params(planner.launch_target.settings)
    if planner.application.launches_from_template:
        tags = {} if target.tags is None else dict(tags=dict(target.tags))
        cleared = {"user_data": ""} if not target.settings.user_data.size else {}
        return dict(
            name=target.name,
            purge_tags=target.purge_tags,
            version_description=target.version_description,
            **tags,
            **cleared,
            **options,
        )
    return dict(name=target.name, on_drift=target.on_drift, **options)


def _superseded(planner):
    changes = planner.step("superseded").changes
    names = [each.name for each in changes if each.resource == "launch_configuration"]
    templates = [each.name for each in changes if each.resource == "launch_template" and each.action == "delete"]
    prune = planner.application.options.get("launch_template_prune")
    by_template = planner.application.launches_from_template
    versions = dict(name=planner.launch_target.name, prune=prune) if by_template else {}
    return dict(launch_configurations=names, launch_templates=templates, versions=versions)


def _absent(removal):
    names: dict = {}
    for change in removal.plan().changes:
        names.setdefault(change.resource, []).append(change.name)
    return names
