# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of the module ``report_info``, and the report that they describe.
Private to the collection: names and shapes can change in any release."""

import difflib

from ..application import plan_text
from ..core import module as entry
from ..core.errors import InvalidOption
from ..fleet.module import (
    FLEET_ARGUMENTS,
    LARGEST_CONCURRENCY,
    plan_fleet,
)
from . import policy_lint
from .build import build
from .catalogue import CATALOGUE
from .read import AccountReader

THRESHOLDS = dict(
    max_image_age_days=dict(type="int", default=180),
    max_hop_limit=dict(type="int", default=2),
    max_unused_days=dict(type="int", default=90),
    min_zones=dict(type="int", default=2),
    require_permissions_boundary=dict(type="bool", default=False),
)
REPORT_ARGUMENTS = dict(
    {**FLEET_ARGUMENTS, "applications": dict(type="raw", no_log=True)},
    **THRESHOLDS,
    known_accounts=dict(type="list", elements="str", default=[]),
    owner_tags=dict(type="list", elements="str", default=["Owner", "Team"]),
    actions=dict(
        type="list",
        elements="dict",
        default=[],
        options=dict(
            actions=dict(type="list", elements="str", required=True),
            resources=dict(type="list", elements="str", default=["*"]),
            expected=dict(choices=["allowed", "denied"]),
        ),
    ),
    accepted_findings=dict(
        type="list",
        elements="dict",
        default=[],
        options=dict(finding=dict(required=True), application=dict(default="*"), reason=dict(required=True)),
    ),
)


def report_of(module):
    """Return the report that a module's parameters describe.

    :raises InvalidOption: a mistake in the parameters.
    """
    params = module.params
    _check(params)
    plans, orphans = [], []
    if params["applications"] is not None:
        planned = plan_fleet(module)
        clients, orphans = planned.clients, planned.orphans
        plans = [
            dict(plan_text.describe(plan), group=each.group_name, role=each.options["role_name"])
            for each, plan in zip(planned.applications, planned.plans)
        ]
    else:
        clients = entry.clients_for(module)
    account = AccountReader(clients, params["concurrency"], params["actions"]).read()
    if params["account"] not in (None, account.observation.account):
        raise InvalidOption(
            f"account: the credentials belong to account {account.observation.account}, not {params['account']}."
        )
    options = dict(params, thresholds={name: params[name] for name in THRESHOLDS})
    return build(account, options, plans, orphans, policy_lint.linter())


def _check(params):
    if not 1 <= params["concurrency"] <= LARGEST_CONCURRENCY:
        raise InvalidOption(f"concurrency: {params['concurrency']} is out of range. Set 1 to {LARGEST_CONCURRENCY}.")
    for name, argument in THRESHOLDS.items():
        if argument["type"] == "int" and params[name] < 0:
            raise InvalidOption(f"{name}: {params[name]} is negative. Set 0 or more.")
    for each in params["accepted_findings"]:
        if each["finding"] not in CATALOGUE:
            nearest = difflib.get_close_matches(each["finding"], CATALOGUE, n=1)
            hint = f" Did you mean {nearest[0]}?" if nearest else f" Set one of {', '.join(CATALOGUE)}."
            raise InvalidOption(f"accepted_findings: no finding has the name '{each['finding']}'.{hint}")
        if not each["reason"].strip():
            raise InvalidOption(f"accepted_findings: the reason for '{each['finding']}' is empty. Set one.")
    for each in params["actions"]:
        wrong = [action for action in each["actions"] if ":" not in action or "*" in action]
        if wrong:
            raise InvalidOption(
                f"actions: '{wrong[0]}' is not an action. Set one such as s3:GetObject, without wildcards."
            )
