# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What one application needs, as data: computed once, shown by ``plan_text``, carried out by the roles. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass, field
from typing import Mapping, Tuple

from ..core.plan import Call, Difference

# Steps in the order in which they are carried out: what comes later needs what comes earlier.
PRESENT_STEPS = (
    "iam_role",
    "inline_policies",
    "instance_profile",
    "launch_settings",
    "auto_scaling_group",
    "instance_refresh",
    "superseded",
)
# Resource of a change -> its name for people.
RESOURCES = {
    "iam_role": "IAM role",
    "inline_policy": "inline policy",
    "instance_profile": "instance profile",
    "launch_configuration": "launch configuration",
    "launch_template": "launch template",
    "auto_scaling_group": "Auto Scaling group",
    "instances": "instances of Auto Scaling group",
}
# An application that is absent is removed in reverse.
ABSENT_STEPS = ("auto_scaling_group", "launch_settings", "instance_profile", "iam_role")

CREATE, UPDATE, REPLACE, DELETE, REFRESH = "create", "update", "replace", "delete", "refresh"
# Action -> what a change begins with where plans are shown.
SIGNS = {CREATE: "+", UPDATE: "~", REPLACE: "-/+", DELETE: "-", REFRESH: "~"}


@dataclass(frozen=True)
class Change:
    """What a step does to one resource.

    :param resource: ``iam_role``, ``inline_policy``, ``instance_profile``, ``launch_configuration``, ``launch_template``,
        ``auto_scaling_group`` or ``instances`` (of the Auto Scaling group of that name).
    :param action: ``create``, ``update``, ``replace``, ``delete`` or ``refresh``.
    :param differences: for ``update`` and ``replace``; for a launch configuration that is created beside an older one, from that one.
    :param attributes: attribute -> value as text, of what is created, in the order in which they are shown. User data by digest and size.
    """

    resource: str
    name: str
    action: str
    differences: Tuple[Difference, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One step of an application's plan.

    :param name: one of :data:`PRESENT_STEPS` or :data:`ABSENT_STEPS`.
    :param changes: what people see; empty when there is nothing to do.
    :param calls: what the module ``fleet`` calls. A resource that an earlier step creates has no id in them yet.
    :param warnings: sentences about what differs and is kept.
    :param blockers: sentences that say why this step can't be carried out, with the role's variable and what to do.
    :param not_owned: resources that exist as described and do not belong to the application, such as ``IAM role web``.
    """

    name: str
    changes: Tuple[Change, ...] = ()
    calls: Tuple[Call, ...] = ()
    warnings: Tuple[str, ...] = ()
    blockers: Tuple[str, ...] = ()
    not_owned: Tuple[str, ...] = ()


@dataclass(frozen=True)
class ApplicationPlan:
    """What one application needs.

    :param state: ``present`` or ``absent``.
    :param steps: all steps of the state in order, also those without changes.
    :param notes: sentences about what doesn't happen by itself, such as instances that keep their image until a refresh.
    """

    name: str
    state: str
    steps: Tuple[Step, ...] = ()
    notes: Tuple[str, ...] = ()

    @property
    def changes(self):
        """All changes, in the order of the steps."""
        return tuple(change for step in self.steps for change in step.changes)

    @property
    def warnings(self):
        """All warnings, each once."""
        return tuple(dict.fromkeys(warning for step in self.steps for warning in step.warnings))

    @property
    def blockers(self):
        """All blockers, each once. An application with a blocker isn't begun."""
        return tuple(dict.fromkeys(blocker for step in self.steps for blocker in step.blockers))

    @property
    def not_owned(self):
        """What exists as described and does not belong to the application, each once; nothing for one with a blocker."""
        return () if self.blockers else tuple(dict.fromkeys(each for step in self.steps for each in step.not_owned))

    def step(self, name):
        """Return the step of that name; an empty one where the state has none."""
        return next((step for step in self.steps if step.name == name), Step(name))
