# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules fleet and fleet_info have in common: their options, and the observation that both begin with."""

from __future__ import annotations

import json

from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.launchkit.aws.plugins.module_utils.core.clients import Clients
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse as fleet_file
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.read import Reading

# Their values hold user data. Each comes as JSON from the action plugin, so that what is hidden everywhere is the text as a whole.
FLEET_ARGUMENTS = dict(
    applications=dict(type="raw", required=True, no_log=True),
    defaults=dict(type="raw", no_log=True),
    state=dict(choices=["present", "absent"]),
    concurrency=dict(type="int", default=8),
)
LARGEST_CONCURRENCY = 64


def applications_of(module):
    """Return the applications that a module's parameters describe.

    :raises InvalidOption: with all mistakes in them.
    """
    concurrency = module.params["concurrency"]
    if not 1 <= concurrency <= LARGEST_CONCURRENCY:
        raise InvalidOption(f"concurrency: {concurrency} is out of range; 1 to {LARGEST_CONCURRENCY} are possible.")
    entries = _value(module, "applications", list, "a list of dictionaries")
    defaults = _value(module, "defaults", dict, "a dictionary")
    return fleet_file.parse(entries, defaults, module.params["state"])


def reading_for(module, applications, territory=None):
    """Return the clients, and the reading of what the applications have."""
    concurrency = module.params["concurrency"]
    # botocore's own way to slow down while AWS throttles, for all threads of a client together:
    # https://docs.aws.amazon.com/boto3/latest/guide/retries.html#adaptive-retry-mode
    config = dict(retries={"mode": "adaptive", "max_attempts": 10}, max_pool_connections=max(10, concurrency))
    clients = Clients(get_aws_connection_info(module), **config)
    return clients, Reading(clients, applications, concurrency, all_roles=bool(territory))


def _value(module, option, kind, words):
    value = module.params[option]
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
