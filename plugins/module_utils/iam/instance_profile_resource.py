# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The instance profile of a target for ``converge()``: pure plans joined with the reads that they need.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.find import iam as find_iam
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile


class InstanceProfileResource:
    """The instance profile of a target. Two calls observe it; one where the target leaves the role alone."""

    # IAM is eventually consistent, so one read that shows a change proves little:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    consecutive_reads = 3

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        # The name as IAM writes it, once it is known. From then on a read that finds nothing counts as such: a search in
        # the list of all profiles for another letter case would hide that IAM's answers do not agree yet.
        self._name = None

    def observe(self):
        """Read the profile, and the role that the target names."""
        if self._name is None:
            profile = find_iam.find_instance_profile_ignoring_case(self._clients, self._target.name)
        else:
            profile = find_iam.find_instance_profile(self._clients, self._name)
        if profile is not None:
            self._name = profile["InstanceProfileName"]
        wants_role = self._target.present and self._target.role not in (None, instance_profile.NO_ROLE)
        role = find_iam.find_role(self._clients, self._target.role.name) if wants_role else None
        return instance_profile.State(instance_profile.from_api(profile), role)

    def plan(self, state):
        """See :func:`instance_profile.plan`."""
        return instance_profile.plan(self._target, state)

    def predict(self, state, planned):
        """See :func:`instance_profile.predict`."""
        return instance_profile.predict(self._target, state, planned)
