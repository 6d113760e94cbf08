# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads what an account and Region have, to describe it. Nothing here changes anything.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace
from functools import partial

from ..core.parallel import concurrently
from ..find import iam as find_iam
from ..fleet.read import FleetReader
from ..iam import role
from .variables import free_tags


def read_account(clients, concurrency):
    """Return the observation of the whole account and Region.

    The calls are those of the lists, and one for each instance profile whose role has tags: lists leave out its own.
    """
    reader = FleetReader(clients, (), concurrency, whole=True)
    observation, listed = concurrently(concurrency, [reader.read_all, partial(find_iam.list_roles, clients)])
    more = {
        each["RoleName"].casefold(): {key: each[key] for key in ("Description", "MaxSessionDuration") if key in each}
        for each in listed
    }
    roles = {key: {**detail, **more.get(key, {})} for key, detail in observation.roles.items()}
    tagged = {detail["RoleName"] for detail in roles.values() if free_tags(role.tags(detail))}
    names = [
        profile["InstanceProfileName"]
        for profile in observation.profiles.values()
        if any(held["RoleName"] in tagged for held in profile["Roles"])
    ]
    found = concurrently(concurrency, [partial(find_iam.find_instance_profile, clients, name) for name in names])
    profiles = {each["InstanceProfileName"].casefold(): each for each in found if each}
    return replace(observation, roles=roles, profiles={**observation.profiles, **profiles})
