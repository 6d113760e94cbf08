# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans applications, present and absent alike. Pure.
Private to the collection: names and shapes can change in any release."""

from ..application.observation import Index
from ..application.planner import Planner
from ..application.removal import Removal


def planner_of(application, index, former=None):
    """Return what plans an application.

    :param former: see :class:`~planner.Planner`.
    """
    return Planner(application, index, former) if application.present else Removal(application, index)


def plans_of(applications, observation):
    """Return the plans of applications from one observation."""
    index = Index(observation)
    return [planner_of(each, index).plan() for each in applications]
