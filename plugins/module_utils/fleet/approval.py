# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A plan as a file: what was approved, and what a later run has to find again before it changes anything. Pure.
Private to the collection: names and shapes can change in any release."""

import hashlib
import json

from ..application import plan_text
from ..core.errors import InvalidOption, LaunchkitError

# Differences that a message names.
NAMED = 10


def document(plans, observation):
    """Return a plan as JSON can hold it: the applications that it changes, each with a digest of its calls.

    :param observation: has ``account`` and ``region``.
    """
    return dict(
        account=observation.account,
        region=observation.region,
        applications=[
            {**plan_text.describe(plan), "digest": _digest(plan)} for plan in plans if plan.changes or plan.blockers
        ],
    )


def check(approved, plan, path):
    """Check that a plan is still the one in a file.

    :param approved: the text of the file.
    :param plan: see :func:`document`.
    :raises InvalidOption: the file has no plan.
    :raises LaunchkitError: it has another one.
    """
    try:
        before = json.loads(approved)
        known = {each["name"]: (each["digest"], each["summary"]) for each in before["applications"]}
        where = before["account"], before["region"]
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidOption(f"plan_file: '{path}' has no plan. Write it with --check. No changes were made.") from error
    if where != (plan["account"], plan["region"]):
        raise LaunchkitError(
            f"plan_file: the plan in '{path}' is for account {where[0]} in {where[1]}, and the credentials and the Region "
            f"are of {plan['account']} in {plan['region']}. No changes were made."
        )
    now = {each["name"]: (each["digest"], each["summary"]) for each in plan["applications"]}
    found = []
    for name in [*known, *(each for each in now if each not in known)]:
        (old, approved_text), (new, text) = (each.get(name, ("", f"{name}: unchanged")) for each in (known, now))
        if old != new:
            found.append(f"[approved] {approved_text} [now] {text}")
    if found:
        more = f" And {len(found) - NAMED} more." if len(found) > NAMED else ""
        raise LaunchkitError(
            f"plan_file: the plan is not the one in '{path}' any more. {' '.join(found[:NAMED])}{more} "
            "Write the file again with --check, and have it approved. No changes were made.",
            differences=found,
        )


def markdown(lines, observation):
    """Return a plan for a merge request.

    :param lines: of the plan.
    """
    ticks = "`" * max([3, *(1 + _longest_run(line) for line in lines)])
    return "\n".join(
        [f"### Plan for account {observation.account} in {observation.region}", "", f"{ticks}text", *lines, ticks, ""]
    )


def _digest(plan):
    """Return a digest of all that a plan calls, which holds user data and so is not shown itself."""
    calls = [(call.service, call.operation, call.arguments) for step in plan.steps for call in step.calls]
    changes = [(change.resource, change.name, change.action, change.differences) for change in plan.changes]
    text = json.dumps([plan.state, changes, plan.blockers, calls], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _longest_run(line):
    """Return the length of the longest run of backticks, which would end a block of as many."""
    return max(map(len, "".join(each if each == "`" else " " for each in line).split()), default=0)
