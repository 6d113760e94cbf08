# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The reads that the pure files of this room need: profiles and their users, ARNs of policies.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace
from functools import partial

from ..core.errors import CallFailed, LaunchkitError
from ..core.parallel import concurrently
from ..find import autoscaling as find_autoscaling
from ..find import ec2 as find_ec2
from ..find import iam as find_iam
from . import instance_profile, managed_policy
from . import instance_profile_usage as usage

# Ids of instances in a warning.
INSTANCES_SHOWN = 10


class InstanceProfileResource:
    """The instance profile of a target, for ``converge()``. Two calls observe it; one if the target has no role."""

    # IAM is eventually consistent, so one read that shows a change proves little:
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
    consecutive_reads = 3

    def __init__(self, clients, target):
        self._clients = clients
        self._target = target
        self.plan = partial(instance_profile.plan, target)
        self.predict = partial(instance_profile.predict, target)
        # The name as IAM writes it, once it is known. From then on a read that finds nothing counts as such: a search
        # in the list of all profiles for another letter case would hide that IAM's answers do not agree yet.
        self._name = None
        # The role as GetRole gave it. It is read again unless the profile holds just this one.
        self._role = None

    def observe(self):
        """Return the :class:`~instance_profile.State`: the profile, and the role that the target names."""
        if self._name is None:
            profile = find_iam.find_instance_profile_ignoring_case(self._clients, self._target.name)
        else:
            profile = find_iam.find_instance_profile(self._clients, self._name)
        if profile is not None:
            self._name = profile["InstanceProfileName"]
        wants_role = self._target.present and self._target.role not in (None, instance_profile.NO_ROLE)
        held = [role["RoleId"] for role in (profile or {}).get("Roles", ())]
        if wants_role and (self._role is None or self._role["RoleId"] not in held):
            self._role = find_iam.find_role(self._clients, self._target.role.name)
        state = instance_profile.State(instance_profile.from_api(profile), self._role)
        try:
            loses_role = instance_profile.loses_role(self.plan(state))
        except LaunchkitError:
            return state
        return replace(state, users=find_carriers(self._clients, [profile])[_key(profile)]) if loses_role else state


def find_carriers(clients, profiles):
    """Return profile's name without regard to case -> the instances of the Region that carry it, in words; empty for none.

    What the caller may not read is no failure: it is only for a warning.
    """
    try:
        found = find_ec2.list_instances_with_profiles(clients, [profile["Arn"] for profile in profiles])
    except CallFailed as failure:
        return dict.fromkeys(
            map(_key, profiles), f"the instances that use it could not be read. {failure.message}".rstrip(".")
        )
    carriers = {}
    for profile in profiles:
        ids = sorted(each["InstanceId"] for each in found if each["IamInstanceProfile"]["Arn"] == profile["Arn"])
        more = f" and {len(ids) - INSTANCES_SHOWN} more" if len(ids) > INSTANCES_SHOWN else ""
        text = f"instances in {clients.region} use it, which are {', '.join(ids[:INSTANCES_SHOWN])}{more}"
        carriers[_key(profile)] = text if ids else ""
    return carriers


def _key(profile):
    return profile["InstanceProfileName"].casefold()


def find_policy_arns(clients, option, references):
    """Return :class:`~managed_policy.PolicyReference` -> ARN, or None for one that neither AWS nor the account has.

    ARNs cost no call, a name one or a few. All policies, over a thousand, are listed only if a name is nowhere else.

    :param option: the option that names them, for messages.
    :raises InvalidOption: several policies have the name.
    """
    arns = {reference: reference.arn for reference in references}
    sought = [reference for reference, arn in arns.items() if arn is None]
    if sought:
        account = find_iam.find_account(clients)
    for reference in sought:
        candidates = managed_policy.candidates(reference, *account)
        arns[reference] = next((arn for arn in candidates if find_iam.find_managed_policy(clients, arn)), None)
    # With its path, a policy has been looked for everywhere it can be.
    sought = [reference for reference in sought if arns[reference] is None and reference.path is None]
    listed = find_iam.list_managed_policies(clients) if sought else []
    return {**arns, **{reference: managed_policy.choose(option, reference, listed) for reference in sought}}


def find_users(clients, region, profiles, concurrency=1):
    """Return the users of instance profiles in the Region of the clients.

    :param profiles: as GetInstanceProfile gives them.
    :returns: name of a profile without regard to case -> see :func:`~instance_profile_usage.users`.
    """
    instances, configurations, groups = concurrently(
        concurrency,
        [
            partial(find_ec2.list_instances_with_profiles, clients, [profile["Arn"] for profile in profiles]),
            partial(find_autoscaling.find_launch_configurations, clients),
            partial(find_autoscaling.list_groups, clients),
        ],
    )
    versions = concurrently(
        concurrency,
        [
            partial(find_ec2.find_launch_template_version, clients, template_id, version)
            for template_id, version in usage.template_versions(groups)
        ],
    )
    return {
        profile["InstanceProfileName"].casefold(): usage.users(
            profile, region, instances, configurations, groups, versions
        )
        for profile in profiles
    }
