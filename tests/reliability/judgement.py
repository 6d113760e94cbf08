# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whether a run under a fault ended as it should: at its target, or in words and in a known state."""

from __future__ import annotations

import re

from ansible_collections.launchkit.aws.tests.reliability.account import differing, snapshot

NEXT_STEP = re.compile(
    r"\b(Allow|Check|Choose|Correct|Create|Delete|Point|Raise|Remove|Renew|Resolve|Run|Set|Use|Wait)\b[^.]* \w+"
)


def judge(laboratory, scenario, before, reference, result, *, operation, is_temporary):
    """Return what is wrong with a run, and with the run after it without faults.

    :param before: snapshot of the account before the run.
    :param reference: snapshot after a run without faults.
    :param result: the module's result.
    :param operation: AWS's name of the operation that failed.
    :param is_temporary: whether the run has to reach its target.
    """
    laboratory.without_faults()
    after = snapshot(laboratory.aws)
    if result.get("failed"):
        problems = _failure(laboratory, before, after, result, operation)
        if is_temporary:
            problems.append(f"failed although the fault was temporary: {result['msg']}")
    else:
        problems = [f"is not at its target: {differing(reference, after)}"] if after != reference else []
        if result["changed"] != (after != before):
            problems.append(f"says changed: {result['changed']}")
    again = scenario.run(laboratory)
    if again.get("failed"):
        problems.append(f"the next run failed: {again['msg']}")
    elif (last := snapshot(laboratory.aws)) != reference:
        problems.append(f"the next run did not converge: {differing(reference, last)}")
    elif not result.get("failed") and again["changed"]:
        problems.append("the next run changed something again")
    return problems


def _failure(laboratory, before, after, result, operation):
    """Return what is wrong with a failure."""
    message, problems = result["msg"], []
    rows = result.get("applications") or []
    errors = [row["error"] for row in rows if row.get("error")] or [message]
    if "Unexpected" in message:
        problems.append(f"is no failure in words: {message}")
    if _in_words(operation) not in message.replace("_", " ").casefold() and "'web" not in message:
        problems.append(f"names neither operation nor resource: {message}")
    for text in errors:
        if not NEXT_STEP.search(text):
            problems.append(f"names no next step: {text}")
    # A Counter of calls would be wrong: botocore repeats a call whose answer was lost.
    calls = [*result.get("calls", []), *(call for row in rows for call in row.get("calls", []))]
    changed = differing(before, after)
    if changed and not result.get("changed"):
        problems.append(f"says changed: false, and {changed} differ: {message}")
    undone = [*result.get("rolled_back", []), *(call for row in rows for call in row.get("rolled_back", []))]
    told = message + " ".join([*calls, *undone, *errors])
    problems += [
        f"does not tell of {kind} {name}: {message} {calls}" for kind, name in changed if f"'{name}'" not in told
    ]
    words = told.replace("_", " ")
    problems += [
        f"does not tell of {call['operation']}: {told}"
        for call in laboratory.writes()
        if _in_words(call["operation"]) not in words
    ]
    if result.get("changed") and not laboratory.writes() and "may have taken effect" not in message:
        problems.append(f"says changed: true, and no call took effect: {message} {calls}")
    for kind, name in changed:
        if kind == "profile" and before.get((kind, name), {}).get("Roles"):
            left = after.get((kind, name))
            if left is not None and not left["Roles"] and "intermediate state" not in message:
                problems.append(f"left profile {name} without its role unsaid: {message}")
    return problems


def _in_words(operation):
    """Return AWS's name of an operation in words, which are also those of botocore's name."""
    return re.sub(r"(?<!^)([A-Z])", r" \1", operation).casefold()
