# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The errors that the collection raises on its own account.

They are raised where the problem is seen and become ``fail_json`` in a module's ``main()`` only. Each message names the
resource, the option, and what to do next; ``details`` are further result keys for whoever reads the failure by program.
"""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.launchkit.aws.plugins.module_utils.core.error_codes import hint


class LaunchkitError(AnsibleAWSError):
    """Base of all errors of this collection.

    :param message: one sentence or two for the person who reads the failed task.
    :param exception: the botocore exception behind it, if any; its code, text and request id are added to the result.
    :param details: JSON-serialisable keys added to the failed task's result.
    """

    def __init__(self, message, exception=None, **details):
        super().__init__(message, exception)
        self.details = details


class InvalidOption(LaunchkitError):
    """An option's value cannot work, whatever the state of the account. Raised before the first call."""


class Drift(LaunchkitError):
    """The resource exists and differs in something that cannot be changed in place."""


class StillInUse(LaunchkitError):
    """The resource cannot be removed or replaced while something names it."""


class MissingReference(LaunchkitError):
    """The resource that an option names does not exist, or is not what the option needs."""


class CallFailed(LaunchkitError):
    """AWS refused a call, or could not be reached."""


class Conflict(CallFailed):
    """AWS says that what a call creates is there already: somebody else made it, or an answer was lost on the way."""


class NotReady(LaunchkitError):
    """The wait ended before AWS showed the resource as it was made."""


def failed(kind, subject, operation, error):
    """Return the error for a call that AWS refused, or that did not get through.

    :param kind: the class to make: :class:`CallFailed` or :class:`Conflict`.
    :param subject: the resource in words, e.g. ``instance profile 'web'``.
    :param operation: boto3's name of the method.
    :param error: the ``ClientError`` or ``BotoCoreError``.
    """
    sentences = f"{subject}: AWS did not {operation.replace('_', ' ')}: {str(error).rstrip('.')}."
    return kind(" ".join(filter(None, (sentences, hint(error)))), error)
