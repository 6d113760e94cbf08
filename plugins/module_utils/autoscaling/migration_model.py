# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was read for a migration, and the plan of one group. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Mapping, Optional, Tuple

from . import template_copy
from .template_copy import Copy

# What a group needs. NOTHING: it launches from what it should.
MIGRATE, REFRESH, REVERT, NOTHING = "migrate", "refresh", "revert", "nothing"
BLOCKED, SKIPPED = "blocked", "skipped"


@dataclass(frozen=True)
class Observation:
    """What was read from AWS.

    :param groups: all groups of the Region, as the API returns them.
    :param chosen: the selected ones.
    :param configurations: name -> launch configuration as the API returns it.
    :param templates: name -> launch template as DescribeLaunchTemplates returns it, of the Region.
    :param versions: id of a template -> number -> :class:`~template_copy.Version`, of those that matter.
    :param refreshes: group -> its newest instance refresh, or None; of those that matter.
    :param hooks: group -> its lifecycle hooks; of those that are refreshed.
    :param profiles: name in lower case -> whether the instance profile has a role; None if unknown.
    :param references: see :func:`references.find`.
    :param now: when it was read.
    """

    now: datetime
    groups: Tuple[Mapping[str, Any], ...] = ()
    chosen: Tuple[Mapping[str, Any], ...] = ()
    configurations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    templates: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    versions: Mapping[str, Mapping[int, template_copy.Version]] = field(default_factory=dict)
    refreshes: Mapping[str, Optional[Mapping[str, Any]]] = field(default_factory=dict)
    hooks: Mapping[str, Tuple[Mapping[str, Any], ...]] = field(default_factory=dict)
    profiles: Optional[Mapping[str, bool]] = None
    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class GroupPlan:
    """What one group needs.

    :param action: :data:`MIGRATE`, :data:`REFRESH`, :data:`REVERT` or :data:`NOTHING`.
    :param source: what it launches from, as ``group.source_of()`` returns it. What carries out the plan expects it.
    :param configuration: the launch configuration that it leaves, or that its template is a copy of; empty for none.
    :param template: the name of the launch template; empty for none.
    :param specification: id and version of the template, with the API's keys; None if that doesn't exist yet.
    :param copy: the template that has to exist first.
    :param outdated: the ids of the instances that a refresh replaces.
    :param size: the number of its instances.
    :param back_to: see :class:`~instance_refresh.Target`.
    :param skipped: why the group is left out.
    """

    name: str
    action: str = NOTHING
    source: Mapping[str, Any] = field(default_factory=dict)
    configuration: str = ""
    template: str = ""
    specification: Optional[Mapping[str, str]] = None
    copy: Optional[Copy] = None
    outdated: Tuple[str, ...] = ()
    size: int = 0
    back_to: Optional[str] = None
    owners: Tuple[str, ...] = ()
    blockers: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()
    skipped: str = ""

    @property
    def state(self):
        """The action, or :data:`BLOCKED` or :data:`SKIPPED`."""
        return SKIPPED if self.skipped else BLOCKED if self.blockers else self.action

    @property
    def is_going(self):
        """Whether the run changes the group."""
        return self.state in (MIGRATE, REFRESH, REVERT)
