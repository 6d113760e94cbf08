# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The errors of this collection.
Private to the collection: names and shapes can change in any release.
They become ``fail_json`` in a module's ``main()`` only. Each message names the resource or option, and what to do next.
"""

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError

from .error_codes import hint


class LaunchkitError(AnsibleAWSError):
    """Base of all errors of this collection.

    :param exception: the botocore exception behind it, if any; its code, text and request ID are added to the result.
    :param details: keys added to the failed task's result.
    """

    def __init__(self, message, exception=None, **details):
        super().__init__(message, exception)
        self.details = details


class InvalidOption(LaunchkitError):
    """An option's value is wrong in any state of the account. Raised before the first call."""


class Drift(LaunchkitError):
    """The resource exists and differs in something that cannot be changed in place."""


class StillInUse(LaunchkitError):
    """The resource cannot be removed or replaced while something uses it."""


class MissingReference(LaunchkitError):
    """The resource that an option names does not exist, or is not what the option needs."""


class SourceChanged(LaunchkitError):
    """An Auto Scaling group no longer launches from what the plan saw: another run changed it, which stays."""


class CallFailed(LaunchkitError):
    """AWS refused a call."""

    # The Call, where one changes something.
    call = None


class OutcomeUnknown(CallFailed):
    """AWS did not answer a call, or not in its own format: whether it took effect has to be observed."""


class Conflict(CallFailed):
    """AWS says that what a call creates exists already: another run created it, or an answer was lost."""


class NotReady(LaunchkitError):
    """The wait ended before AWS showed the resource as it was changed."""


def failed(kind, subject, operation, error):
    """Return the error for a call that AWS refused or did not answer.

    :param kind: the class: :class:`CallFailed`, :class:`OutcomeUnknown` or :class:`Conflict`.
    :param subject: the resource in words, e.g. ``instance profile 'web'``.
    """
    words = operation.replace("_", " ")
    noun = subject.partition(" '")[0]
    # "create launch configuration" and "launch configuration 'web'" share their noun.
    is_object = words.casefold().endswith(noun.casefold())
    what = f"{words[: len(words) - len(noun)]}{subject}" if is_object else f"{words} for {subject}"
    # botocore quotes an answer that it cannot read, which can hold user data: nothing may show that exception.
    text, quoted, dummy = str(error).partition("\nb'")
    text = text.strip().rstrip(".:") or type(error).__name__
    return kind(f"Failed to {what}: {text}. {hint(error)}".rstrip(), None if quoted else error)
