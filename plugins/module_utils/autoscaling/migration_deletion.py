# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which launch configurations a migration deletes, and why it keeps the others. Pure.
Private to the collection: names and shapes can change in any release."""

from datetime import timedelta
from typing import Mapping, NamedTuple, Tuple

from ..core.plan_text import some
from . import migration_model, template_copy
from .owners import owning_stack

_SHOWN = 3


class Deletion(NamedTuple):
    """The launch configurations that selected groups have left.

    :param deleted: sorted names.
    :param kept: name -> why it stays.
    """

    deleted: Tuple[str, ...] = ()
    kept: Mapping[str, str] = {}


def judge(plans, observation, groups, options, is_foreseen=False):
    """Return the :class:`Deletion` of what the groups of plans have left.

    :param plans: see :class:`~migration_model.GroupPlan`.
    :param groups: all groups of the Region, as the API returns them now.
    :param is_foreseen: whether the plans have yet to be carried out: groups count as having left, and instances as replaced.
    """
    leaving: set = set()
    replaced: set = set()
    if is_foreseen:
        leaving = {plan.name for plan in plans if plan.state == migration_model.MIGRATE}
        is_refreshed = options.refresh is not None
        replaced = {plan.name for plan in plans if plan.is_going and is_refreshed}
    users: dict = {}
    launched: dict = {}
    for group in groups:
        name = group["AutoScalingGroupName"]
        if name not in leaving:
            users.setdefault(group.get("LaunchConfigurationName"), []).append(name)
        for instance in group.get("Instances") or ():
            if name not in replaced:
                launched.setdefault(instance.get("LaunchConfigurationName"), []).append(instance["InstanceId"])
    deleted, kept = [], {}
    for name in sorted({plan.configuration for plan in plans if plan.template} & set(observation.configurations)):
        leavers = [plan for plan in plans if plan.configuration == name]
        reason = (
            _use(users.get(name), launched.get(name))
            or next((plan.owners[0] for plan in leavers if plan.owners), None)
            or owning_stack(name, groups)
            or _age(leavers, observation, options)
        )
        if reason:
            kept[name] = reason
        else:
            deleted.append(name)
    return Deletion(tuple(deleted), kept)


def _use(groups, instances):
    if groups:
        return f"group {some(groups, _SHOWN)} names it"
    if instances:
        return f"instance {some(instances, _SHOWN)} was launched from it"
    return None


def _age(plans, observation, options):
    """Return that a group left the launch configuration too short a time ago, or None."""
    moments = [observation.now for plan in plans if plan.action == migration_model.MIGRATE]
    for plan in plans:
        template = observation.templates.get(plan.template) or {}
        versions = observation.versions.get(template.get("LaunchTemplateId"), {})
        moved = template_copy.moved_at(template)
        moments += [moved] if moved is not None else [each.created for each in versions.values()]
    latest = max((moment for moment in moments if moment is not None), default=observation.now)
    if observation.now - latest < timedelta(seconds=options.delete_min_age):
        seconds = int((observation.now - latest).total_seconds())
        return f"a group left it {seconds} seconds ago, and delete_min_age is {options.delete_min_age}"
    return None
