# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What concurrent_loop takes, and how the results of its runs come to one result. module_runs runs them."""

from __future__ import annotations

import re

ARGUMENT_SPEC = dict(
    module=dict(required=True),
    items=dict(type="list", elements="dict", required=True),
    concurrency=dict(type="int", default=8),
    serial_by=dict(),
    label=dict(default="name"),
    retry_on=dict(type="list", elements="str", default=[]),
    retry_timeout=dict(type="int", default=60),
)


def mistakes(options):
    """Return what is wrong with options that have the right types, as sentences."""
    found = []
    if options["concurrency"] < 1:
        found.append(f"concurrency: {options['concurrency']} is less than 1.")
    if options["retry_timeout"] < 0:
        found.append(f"retry_timeout: {options['retry_timeout']} is less than 0.")
    for pattern in options["retry_on"]:
        try:
            re.compile(pattern)
        except re.error as error:
            found.append(f"retry_on: '{pattern}' is not a regular expression: {error}.")
    label = options["label"]
    unnamed = [str(number) for number, item in enumerate(options["items"]) if item.get(label) in (None, "")]
    if unnamed:
        found.append(
            f"items: without the option '{label}', by which messages name them: {', '.join(unnamed)} (the first is 0)."
            " Name another option with label."
        )
    return found


def with_message(result):
    """Return the result of a run as JSON holds it, with the message of a crash as ``msg`` if it has none.

    ansible-core 2.19 and later give what a module raised as a summary of its own type, with the causes chained to it.
    """
    if not result.get("failed") or result.get("msg"):
        return result
    messages = []
    exception = result.get("exception")
    event = exception.get("event") if isinstance(exception, dict) else None
    while event:
        messages.append(event["msg"])
        event = (event.get("chain") or {}).get("event")
    return dict(result, msg=" ".join(messages) or "The module failed and gave no reason.")


def passes_by_itself(result, patterns):
    """Tell whether a run failed in a way that one of the regular expressions finds in its message.

    Where a module leaves no JSON, such as up to ansible-core 2.18 when it crashes, its last words are in ``module_stderr``.
    """
    if not result.get("failed"):
        return False
    text = "\n".join(str(result[key]) for key in ("msg", "module_stderr") if result.get(key))
    return any(re.search(pattern, text) for pattern in patterns)


def as_changed(result):
    """Return the result of a run outside check mode, which counts as a change if it succeeded after it had failed.

    What failed may have made something before it did.
    """
    return dict(result, changed=True) if "attempts" in result and state_of(result) == "ok" else result


def state_of(result):
    """Return the word for how a run ended: failed, skipped, changed or ok."""
    return next((state for state in ("failed", "skipped", "changed") if result.get(state)), "ok")


def combine(module, results, hidden=False):
    """Return the result of the task.

    :param module: the name of the module that ran.
    :param results: the result of each run with its label as ``item``, in the order of the items.
    :param hidden: whether no_log keeps labels and messages from being shown. Ansible hides results, but no message of a failure.
    """
    failed = [result for result in results if result.get("failed")]
    changed = [result for result in results if result.get("changed")]
    message = f"{len(changed)} of {len(results)} runs of {module} changed something."
    if failed:
        message = f"{len(failed)} of {len(results)} runs of {module} failed."
        if not hidden:
            message = "\n".join([message, *(f"{result['item']}: {result['msg']}" for result in failed)])
    combined = dict(
        results=[_without_said_once(result, hidden) for result in results],
        changed=bool(changed),
        failed=bool(failed),
        msg=message,
    )
    for key in _SAID_ONCE:
        said = _without_duplicates(result.get(key) for result in results)
        if said:
            combined[key] = said
    differences = [difference for result in changed for difference in _differences(result)]
    if differences:
        combined["diff"] = differences
    facts = {name: value for result in results for name, value in (result.get("ansible_facts") or {}).items()}
    if facts:
        combined["ansible_facts"] = facts
    return combined


# What each run says alike. Ansible shows it for the whole task, so it is said once rather than once an item.
_SAID_ONCE = ("warnings", "deprecations")


def _without_said_once(result, hidden):
    rest = {key: value for key, value in result.items() if key not in _SAID_ONCE}
    # As Ansible marks the results of a loop: it hides what they hold by this only.
    return dict(rest, _ansible_no_log=True) if hidden else rest


def _without_duplicates(lists):
    """Return the members of the lists, each once. They may be dictionaries, so they are compared rather than hashed."""
    found = []
    for member in (member for each in lists for member in each or ()):
        if member not in found:
            found.append(member)
    return found


def _differences(result):
    """Return the differences of one run, each headed by its label where the module gave it no heading."""
    shown = result.get("diff") or []
    headings = dict(before_header=str(result["item"]), after_header=str(result["item"]))
    return [{**headings, **difference} for difference in (shown if isinstance(shown, list) else [shown])]
