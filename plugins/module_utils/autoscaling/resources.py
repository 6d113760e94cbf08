# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What ``converge()`` changes of an Auto Scaling group: pure plans joined with the reads that they need.
Private to the collection: names and shapes can change in any release."""

from ..core.errors import MissingReference
from ..core.plan import Plan
from ..find import autoscaling as find_autoscaling
from ..find import ec2 as find_ec2
from . import group_plan, instance_refresh
from .group import subject


class GroupLaunchTemplateResource:
    """The launch template of an existing Auto Scaling group. Nothing else of the group changes, nor its capacity.

    :param specification: id and version of the template, with the API's keys.
    """

    consecutive_reads = 1

    def __init__(self, clients, group, specification):
        self._clients = clients
        self._group = group
        self._specification = specification

    def observe(self):
        """Return id and version of the launch template that the group names.

        :raises MissingReference: another run deleted the group.
        """
        groups = find_autoscaling.list_groups(self._clients, [self._group])
        if not groups:
            raise MissingReference(f"{subject(self._group)} does not exist any more.")
        return instance_refresh.launch_template_of(groups[0])

    def plan(self, state):
        """Return the call that updates the group, if it names another template or version."""
        if state == self._specification:
            return Plan()
        return Plan((group_plan.set_source(self._group, {"LaunchTemplate": self._specification}),))

    def predict(self, dummy_state, dummy_planned):
        """Return what the group names after the plan."""
        return self._specification


class InstanceRefreshResource:
    """The instances of an existing Auto Scaling group, of which an instance refresh replaces outdated ones."""

    consecutive_reads = 1

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        # The id of the newest refresh at the first read, in a list of one.
        self._first = []

    def observe(self):
        """Return the group, its newest instance refresh, and the numbers of versions that it names without one."""
        group = next(iter(find_autoscaling.list_groups(self._clients, [self._target.group])), None)
        newest = find_autoscaling.find_newest_instance_refresh(self._clients, self._target.group) if group else None
        identity = (newest or {}).get("InstanceRefreshId")
        self._first = self._first or [identity]
        names = instance_refresh.unnumbered(group) if group else ()
        templates = find_ec2.list_launch_templates(self._clients, names) if names else ()
        numbers = instance_refresh.version_numbers(templates)
        return instance_refresh.State(group, newest, started=identity != self._first[0], numbers=numbers)

    def plan(self, state):
        """See :func:`instance_refresh.plan`."""
        return instance_refresh.plan(self._target, state)

    def predict(self, state, dummy_planned):
        """Return the state unchanged: later reads show what a refresh changes."""
        return state
