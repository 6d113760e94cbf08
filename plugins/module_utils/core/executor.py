# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Makes the calls of a plan: awaits what they require, retries what passes by itself, and rolls back what failed.
Private to the collection: names and shapes can change in any release."""

try:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from . import error_codes
from .backoff import backoff_until, retry_on
from .errors import CallFailed, Conflict, MissingReference, OutcomeUnknown, failed

# For how many seconds a resource that IAM does not show can be new. GetRole shows new roles within a few seconds;
# waiting for the whole wait timeout would make every misspelt name cost two minutes. A profile has been waited for by
# the task that created it, so what remains is a read that went to a replica behind the others.
NEW_ENTITY_SECONDS = {"role": 10, "instance_profile": 2}


class Executor:
    """Makes the calls of a plan.

    :param preconditions: kind of :class:`~plan.Precondition` -> function of clients and precondition that returns a
        sentence about what is missing, or None.
    :param timeout: seconds for which a call is retried while AWS's answer is one that passes by itself.
    :param wait: whether to wait for what a call requires.
    """

    def __init__(self, clients, preconditions=None, *, timeout=120, wait=True):
        self._clients = clients
        self._preconditions = preconditions or {}
        self._timeout = timeout
        self._wait = wait

    def await_preconditions(self, calls):
        """Wait for what the calls require and the plan has not seen.

        :returns: whether this disproves the observation that the plan was made from: observe and plan again then.
        :raises MissingReference: something is missing; no call was made.
        """
        disproved = False
        for call in calls:
            for precondition in call.needs:
                if precondition.satisfied is not True:
                    waited = self._await(call, precondition)
                    disproved |= waited or precondition.satisfied is False
        return disproved

    def run(self, calls, done):
        """Make the calls in order. Nothing is rolled back, see :meth:`roll_back`.

        :param done: a list to which each call is added as soon as it was made.
        :raises Conflict: AWS says that something exists already: observe again.
        :raises OutcomeUnknown: AWS did not answer; the call may have taken effect.
        :raises CallFailed: AWS refused a call.
        """
        for call in calls:
            try:
                if not self._make(call):
                    continue
            except (OutcomeUnknown, Conflict) as failure:
                failure.call = call
                raise
            done.append(call)
            if call.expects_conflict:
                raise Conflict(f"{call.subject}: another run changed it meanwhile. Run the task again.")

    def roll_back(self, done, unknown=None):
        """Undo calls, newest first.

        :param done: the calls that were made.
        :param unknown: the one after them whose outcome is unknown, if any.
        :returns: sentences about the outcome, and the calls that were made for it.
        """
        sentences, undone = [], []
        for call in reversed([*done, *([unknown] if unknown else [])]):
            if call.undo is None:
                continue
            try:
                # What is found undone was never done.
                if self._make(call.undo):
                    undone.append(call.undo)
            except CallFailed as failure:
                if call is unknown and isinstance(failure, Conflict):
                    continue  # What it would delete still exists.
                sentences.append(f" Rollback failed; {call.subject} is in an intermediate state. {failure.message}")
        if undone and not sentences:
            subjects = ", ".join(dict.fromkeys(call.subject for call in undone))
            sentences.append(f" Rolled back {subjects} ({', '.join(call.operation for call in undone)}).")
        return "".join(sentences), undone

    def _make(self, call):
        """Make one call, with retries; return whether it was made, rather than found done or refused as expected."""
        method = getattr(self._clients(call.service), call.operation)
        retry = retry_on(
            lambda error: error_codes.is_retryable(call.operation, error),
            error_codes.RETRY_SECONDS.get(call.operation, self._timeout),
        )
        try:
            refused = error_codes.refused_in_part(retry(method)(**call.arguments))
        except ClientError as error:
            if error_codes.is_ignorable(call.operation, error):
                return False
            if error_codes.is_conflict(call.operation, error):
                if call.expects_conflict:
                    return False
                raise failed(Conflict, call.subject, call.operation, error) from error
            kind = CallFailed if error_codes.has_known_outcome(error) else OutcomeUnknown
            raise failed(kind, call.subject, call.operation, error) from error
        except (BotoCoreError, ResponseParserError) as error:
            raise failed(OutcomeUnknown, call.subject, call.operation, error) from None
        if refused:
            raise CallFailed(f"Failed to {call.operation.replace('_', ' ')} for {call.subject}: {refused}.")
        return True

    def _await(self, call, precondition):
        """Wait for what a call requires, while it can be new; return whether a wait was needed."""
        missing = None
        seconds = min(self._timeout, NEW_ENTITY_SECONDS[precondition.kind]) if self._wait else 0
        for looks, dummy in enumerate(backoff_until(seconds)):
            missing = self._preconditions[precondition.kind](self._clients, precondition)
            if missing is None:
                return looks > 0
        raise MissingReference(f"{call.subject}: {missing} No changes were made.")
