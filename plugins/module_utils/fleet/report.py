# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules ``fleet`` and ``fleet_info`` return. Pure.
Private to the collection: names and shapes can change in any release."""

from ..application import plan_text
from ..core.plan_text import by_cause


def plan_result(planned, details, is_pruning=False):
    """Return the result that shows plans.

    :param planned: a :class:`~module.FleetPlan`.
    :param details: whether the lines show long values in full.
    :param is_pruning: whether orphans that an application created are among the plans.
    """
    plans, orphans = planned.plans, [each for each in planned.orphans if not (is_pruning and each["owner"])]
    return dict(
        account=planned.observation.account,
        applications=[plan_text.describe(plan) for plan in plans],
        orphans=list(planned.orphans),
        totals=plan_text.totals(plans, orphans),
        plan=plan_text.lines(plans, orphans, single=len(plans) == 1 and not orphans, details=details),
    )


def applied_result(result, fleet):
    """Return the result of plans that were carried out.

    :param result: see :func:`plan_result`.
    :param fleet: the :class:`~apply.Fleet` that carried them out.
    """
    rows = [_applied(row, fleet) for row in result["applications"]]
    return dict(result, applications=rows, changed=any(row["changed"] for row in rows))


def _applied(row, fleet):
    name = row["name"]
    error = fleet.errors.get(name)
    calls = fleet.calls.get(name) or []
    # A call without an answer is not among the calls, and may have taken effect.
    changed = bool(calls) or (error is not None and error.details.get("changed", False))
    done = dict(row, changed=changed, failed=error is not None)
    more = dict(
        calls=calls,
        rolled_back=error and error.details.get("rolled_back"),
        error=error and error.message,
        not_begun=fleet.not_begun.get(name),
    )
    return {**done, **{key: value for key, value in more.items() if value}}


def failed_result(result):
    """Return the result of a task that fails, which Ansible prints as a whole: what it has to show, and no plan a second time."""
    kept = ("name", "state", "changed", "failed", "calls", "rolled_back", "error", "blockers", "not_begun")
    rows = [row for row in result["applications"] if not row["unchanged"] or row.get("failed")]
    rows = [{key: row[key] for key in kept if key in row} for row in rows]
    return {**{key: value for key, value in result.items() if key not in ("plan", "orphans")}, "applications": rows}


def failure(errors, applied, total):
    """Return the message for applications that failed, grouped by cause.

    :param errors: name of an application -> message.
    :param applied: how many others were changed or unchanged.
    :param total: how many applications there are.
    """
    if total == 1:
        return next(iter(errors.values()))
    return by_cause(f"{len(errors)} of {total} applications failed; {applied} were applied.", errors)
