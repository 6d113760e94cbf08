# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the calls of a plan: checks what they need, tries again what passes by itself, and puts back what a failure half-made."""

from __future__ import annotations

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core import error_codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import backoff_until, retry_on
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    CallFailed,
    Conflict,
    MissingReference,
    failed,
)
from ansible_collections.launchkit.aws.plugins.module_utils.find.iam import find_instance_profile, find_role

# For how many seconds something that IAM does not show may be something made a moment ago. IAM shows new roles to GetRole within a
# few seconds; waiting for wait_timeout would make every misspelt name cost two minutes. A profile has been waited for by
# whoever made it, so all that is left for it is a read that went to a replica behind the others.
NEW_ENTITY_SECONDS = {"role": 10, "instance_profile": 2}


class Executor:
    """Runs the calls of a plan.

    :param clients: see :class:`~clients.Clients`.
    :param timeout: seconds for which a call is tried again while AWS's answer is one that passes by itself.
    :param wait: whether to wait for what a call needs; without, it has to be there at once.
    """

    def __init__(self, clients, *, timeout=120, wait=True):
        self._clients = clients
        self._timeout = timeout
        self._wait = wait

    def run(self, calls, made=None):
        """Make the calls in order.

        All needs that the plan has not seen met are checked before the first call. When a call fails, what the earlier ones took away or half-made is put back
        in reverse order, and the error says so, or says what is left.

        :param made: a list to which each call is added as soon as it was made, for whoever wants to know after a failure.
        :raises MissingReference: something that a call needs is missing; nothing was called.
        :raises Conflict: AWS says that something is there already; nothing is undone, look again.
        :raises CallFailed: a call failed for good.
        """
        for call in calls:
            for need in call.needs:
                if need.satisfied is not True:
                    self._await_need(call, need)
        made = [] if made is None else made
        for call in calls:
            try:
                self._make(call)
            except Conflict:
                raise
            except CallFailed as failure:
                raise CallFailed(failure.message + self._undo(made), failure.exception) from failure
            made.append(call)

    def _make(self, call):
        """Make one call, trying again while that can help."""
        method = getattr(self._clients(call.service), call.operation)
        retry = retry_on(
            lambda error: error_codes.is_retryable(call.operation, error),
            error_codes.RETRY_SECONDS.get(call.operation, self._timeout),
        )
        try:
            refused = error_codes.refused_in_part(retry(method)(**call.arguments))
        except ClientError as error:
            if error_codes.is_ignorable(call.operation, error):
                return
            kind = Conflict if error_codes.is_conflict(call.operation, error) else CallFailed
            raise failed(kind, call.subject, call.operation, error) from error
        except BotoCoreError as error:
            raise failed(CallFailed, call.subject, call.operation, error) from error
        if refused:
            raise CallFailed(f"{call.subject}: AWS did not {call.operation.replace('_', ' ')}: {refused}.")

    def _undo(self, made):
        """Put back, newest first, what the calls took away; return sentences that say what came of it."""
        sentences = []
        for call in reversed(made):
            if call.undo is None:
                continue
            try:
                self._make(call.undo)
                sentences.append(f" It was put back as before ({call.undo.operation}).")
            except CallFailed as failure:
                sentences.append(f" It could not be put back as before and is left half-made: {failure.message}")
        return "".join(sentences)

    def _await_need(self, call, need):
        """Wait for what a call needs, as long as it can be something that was made a moment ago."""
        missing = None
        for dummy in backoff_until(min(self._timeout, NEW_ENTITY_SECONDS[need.kind]) if self._wait else 0):
            missing = _MISSING[need.kind](self._clients, need)
            if missing is None:
                return
        raise MissingReference(f"{call.subject}: {missing} Nothing was changed.")


def _missing_role(clients, need):
    if find_role(clients, need.name) is None:
        return f"{need.option}: the role '{need.name}' does not exist in this account. Create it first, for example with amazon.aws.iam_role."
    return None


def _missing_instance_profile(clients, need):
    profile = find_instance_profile(clients, need.name)
    if profile is None:
        return (
            f"{need.option}: the instance profile '{need.name}' does not exist in this account. "
            "Create it first, for example with launchkit.aws.iam_instance_profile."
        )
    if not profile["Roles"]:
        return (
            f"{need.option}: the instance profile '{need.name}' holds no role, so instances would get no credentials. "
            "Give it one with the role option of launchkit.aws.iam_instance_profile."
        )
    return None


_MISSING = {"role": _missing_role, "instance_profile": _missing_instance_profile}
