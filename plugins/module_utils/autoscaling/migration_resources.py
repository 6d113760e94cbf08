# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What ``converge()`` changes in a migration. States are read in bulk, see ``migrate``. Pure.
Private to the collection: names and shapes can change in any release."""

from ..core.errors import MissingReference, SourceChanged
from ..core.plan import Call, Plan
from . import group_plan, template_copy
from .group import is_same_source, source_changed, source_of, subject


class TemplateCopyResource:
    """The copy of a launch configuration. Its state is a :class:`~template_copy.State`."""

    # EC2 is eventually consistent: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
    consecutive_reads = 2

    def __init__(self, copy):
        self.copy = copy
        self.name = copy.name

    def plan(self, state):
        """See :func:`template_copy.plan`."""
        return template_copy.plan(self.copy, state)

    def predict(self, state, dummy_planned):
        """Return the state unchanged: only EC2 knows what it creates."""
        return state


class GroupSourceResource:
    """What a group launches from. Its state is the group as the API returns it, None for no group.

    :param expected: what the plan saw, as ``group.source_of()`` returns it.
    :param target: what it is set to, in the same form.
    """

    consecutive_reads = 1

    def __init__(self, name, expected, target):
        self.name = name
        self._expected = expected
        self._target = target

    def plan(self, group):
        """Return the call that updates the group.

        :raises MissingReference: another run deleted the group.
        :raises SourceChanged: another run set it to something else.
        """
        if group is None:
            raise MissingReference(f"{subject(self.name)} does not exist any more.")
        source = source_of(group)
        if is_same_source(source, self._target):
            return Plan()
        if not is_same_source(source, self._expected):
            raise SourceChanged(source_changed(self.name, self._expected, source))
        return Plan((group_plan.set_source(self.name, self._target),))

    def predict(self, group, dummy_planned):
        """Return the state unchanged: the next read shows the change."""
        return group


class LaunchConfigurationDeletion:
    """A launch configuration that nothing uses. Its state is whether it exists."""

    consecutive_reads = 1

    def __init__(self, name):
        self.name = name

    def plan(self, exists):
        """Return the call that deletes it."""
        arguments = {"LaunchConfigurationName": self.name}
        subject_ = f"launch configuration '{self.name}'"
        return Plan((Call("autoscaling", "delete_launch_configuration", subject_, arguments),) if exists else ())

    def predict(self, dummy_exists, dummy_planned):
        """Return that it does not exist."""
        return False
