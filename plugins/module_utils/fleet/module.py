# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules ``fleet`` and ``fleet_info`` have in common: options, and the plan that both begin with.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

import json

from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index
from ansible_collections.launchkit.aws.plugins.module_utils.core.clients import Clients
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import orphans as fleet_orphans
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse, report
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.apply import Fleet
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.read import FleetReader
from ansible_collections.launchkit.aws.plugins.module_utils.iam.reads import PRECONDITIONS

# The values of the first two hold user data. Each comes as JSON from the action plugin, so that what is hidden everywhere is the text as a
# whole.
FLEET_ARGUMENTS = dict(
    applications=dict(type="raw", required=True, no_log=True),
    defaults=dict(type="raw", no_log=True),
    state=dict(choices=["present", "absent"]),
    concurrency=dict(type="int", default=8),
    orphan_path=dict(),
    orphan_tags=dict(type="dict"),
    account=dict(),
    claims=dict(type="dict", default={}),
)
LARGEST_CONCURRENCY = 64


class FleetRun:
    """One run of a module: the plan of what its parameters describe.

    :param module: an ``AnsibleAWSModule``.
    :param report_line: is called with a line about progress.
    :param prune_orphans: whether orphans are applications to remove.
    :raises InvalidOption: with all mistakes in the parameters.
    """

    def __init__(self, module, report_line, prune_orphans=False):
        params = module.params
        _check_range("concurrency", params["concurrency"])
        _check_range("refresh_concurrency", params.get("refresh_concurrency", 1))
        self.scope = fleet_orphans.scope_from_params(params)
        if prune_orphans and not self.scope:
            raise InvalidOption("prune_orphans: set orphan_path or orphan_tags as well, by which orphans are known.")
        entries = _value(params, "applications", list, "a list of dictionaries")
        self.applications = parse.parse(entries, _value(params, "defaults", dict, "a dictionary"), params["state"])
        self._prune_orphans = prune_orphans
        self._clients = _clients(module)
        claims = {name.casefold(): host for name, host in params["claims"].items()}
        self._reader = FleetReader(
            self._clients, self.applications, params["concurrency"], whole=bool(self.scope), claims=claims
        )
        timeout = params.get("wait_timeout")
        if timeout is None:
            timeout = max((each.options["wait_timeout"] for each in self.applications), default=0)
        self.fleet = Fleet(
            self._reader,
            Executor(self._clients, PRECONDITIONS, timeout=timeout),
            clients=self._clients,
            concurrency=params["concurrency"],
            refresh_concurrency=params.get("refresh_concurrency", 1),
            wait_timeout=timeout,
            report=report_line,
        )
        self.observation, self.plans = self.fleet.plan(self.applications)
        if params["account"] not in (None, self.observation.account):
            raise InvalidOption(
                f"account: the credentials belong to account {self.observation.account}, not {params['account']}. Nothing was changed."
            )
        self.orphans = fleet_orphans.find(self.scope, self.applications, Index(self.observation))
        if prune_orphans and self.orphans:
            self._add_orphans(params["defaults"])

    def result(self):
        """Return the result that shows the plan."""
        orphans = [] if self._prune_orphans else self.orphans
        return dict(report.plan_result(self.plans, orphans, self.observation.account), orphans=self.orphans)

    def _add_orphans(self, defaults):
        regions = (_value(dict(defaults=defaults), "defaults", dict, "a dictionary")).get("application_used_in_regions")
        shared = {} if regions is None else dict(application_used_in_regions=regions)
        orphans = parse.parse([each["variables"] for each in self.orphans], shared, "absent")
        self.applications = (*self.applications, *orphans)
        self.observation = self._reader.add_absent(self.observation, orphans)
        self.plans = [*self.plans, *self.fleet.plans(orphans, self.observation)]


def _clients(module):
    # botocore's own way to slow down while AWS throttles, for all threads of a client together:
    # https://docs.aws.amazon.com/boto3/latest/guide/retries.html#adaptive-retry-mode
    config = dict(
        retries={"mode": "adaptive", "max_attempts": 10}, max_pool_connections=max(10, module.params["concurrency"])
    )
    return Clients(get_aws_connection_info(module), **config)


def _check_range(option, value):
    if not 1 <= value <= LARGEST_CONCURRENCY:
        raise InvalidOption(f"{option}: {value} is out of range; 1 to {LARGEST_CONCURRENCY} are possible.")


def _value(params, option, kind, words):
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
