# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules ``fleet`` and ``fleet_info`` have in common: options, and the plan that both begin with.
Private to the collection: names and shapes can change in any release."""

import json
from dataclasses import replace
from typing import NamedTuple

from ..application.observation import Index, Observation
from ..application.options import PREFIX
from ..autoscaling.refresh_order import check_canary, check_failures
from ..core import module as entry
from ..core.clients import Clients
from ..core.errors import InvalidOption
from . import orphans as fleet_orphans
from . import parse
from .plans import plans_of
from .read import FleetReader

# The values of the first two hold user data. Each comes as JSON from the action plugin, so that what is hidden everywhere is the text as a
# whole.
FLEET_ARGUMENTS = dict(
    applications=dict(type="raw", required=True, no_log=True),
    defaults=dict(type="raw", no_log=True),
    state=dict(choices=["present", "absent"]),
    adopt=dict(type="bool", default=False),
    concurrency=dict(type="int", default=8),
    orphan_path=dict(),
    orphan_tags=dict(type="dict"),
    account=dict(),
    include_details=dict(type="bool", default=False),
    claims=dict(type="dict", default={}),
)
LARGEST_CONCURRENCY = 64


class FleetPlan(NamedTuple):
    """What a module's parameters describe, planned.

    :param applications: those of the list, and with pruning the orphans, which are absent.
    :param orphans: those that are reported.
    """

    applications: tuple
    observation: Observation
    plans: list
    orphans: list
    clients: Clients
    reader: FleetReader


def plan_fleet(module, prune_orphans=False):
    """Return the plan of what a module's parameters describe.

    :param prune_orphans: whether orphans are applications to delete.
    :raises InvalidOption: with all mistakes in the parameters.
    """
    params = module.params
    for option in ("concurrency", "refresh_concurrency"):
        if not 1 <= params.get(option, 1) <= LARGEST_CONCURRENCY:
            raise InvalidOption(f"{option}: {params[option]} is out of range. Set 1 to {LARGEST_CONCURRENCY}.")
    check_failures("refresh_max_failures", params.get("refresh_max_failures", 1))
    scope = fleet_orphans.scope_from_params(params)
    if prune_orphans and not scope:
        raise InvalidOption("prune_orphans: set orphan_path or orphan_tags as well, by which orphans are known.")
    entries, defaults = _value(params, "applications", list), _value(params, "defaults", dict)
    applications = parse.parse(entries, defaults, params["state"], params["adopt"])
    check_canary("refresh_canary", params.get("refresh_canary"), {each.name for each in applications})
    clients = clients_of(module)
    claims = {name.casefold(): host for name, host in params["claims"].items()}
    reader = FleetReader(clients, applications, params["concurrency"], whole=bool(scope), claims=claims)
    observation = reader.read_all()
    if params["account"] not in (None, observation.account):
        raise InvalidOption(
            f"account: the credentials belong to account {observation.account}, not {params['account']}. No changes were made."
        )
    planned = plans_of(applications, observation)
    looked_up = reader.read_references(observation, planned)
    if looked_up is not observation:
        observation, planned = looked_up, plans_of(applications, looked_up)
    orphans = fleet_orphans.find(scope, applications, Index(observation))
    owned = [each for each in orphans if each["owner"]]
    if prune_orphans and owned:
        regions = {name: value for name, value in defaults.items() if name == f"{PREFIX}used_in_regions"}
        pruned = parse.parse([each["variables"] for each in owned], regions, "absent")
        pruned = tuple(replace(each, owner=orphan["owner"]) for each, orphan in zip(pruned, owned))
        observation = reader.add_absent(observation, pruned)
        applications, planned = (*applications, *pruned), [*planned, *plans_of(pruned, observation)]
    return FleetPlan(applications, observation, planned, orphans, clients, reader)


def clients_of(module):
    # botocore's own way to slow down while AWS throttles, for all threads of a client together:
    # https://docs.aws.amazon.com/boto3/latest/guide/retries.html#adaptive-retry-mode
    config = dict(
        retries={"mode": "adaptive", "max_attempts": 10}, max_pool_connections=max(10, module.params["concurrency"])
    )
    return entry.clients_for(module, **config)


def _value(params, option, kind):
    words = {list: "a list of dictionaries", dict: "a dictionary"}[kind]
    value = params[option]
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise InvalidOption(f"{option}: has to be {words}.") from None
    if value is None and option == "defaults":
        return {}
    if not isinstance(value, kind):
        raise InvalidOption(f"{option}: has to be {words}.")
    return value
