# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Calls that only read, retried while AWS throttles or has trouble.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

try:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core import error_codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import retry_on
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed

# For how many seconds a read is retried.
READ_SECONDS = 60


def read(client, operation, key, subject, **arguments):
    """Return one member of the answer of a call that only reads.

    :param key: the member; None for the whole answer.
    :raises ClientError: AWS's answer; the caller knows which answers mean that nothing exists.
    :raises CallFailed: AWS was not reached, or the answer is not in its format.
    """

    def answer():
        response = getattr(client, operation)(**arguments)
        return response if key is None else response[key]

    return _read(answer, operation, subject)


def read_pages(client, operation, key, subject, **arguments):
    """Return the items of all pages of a call that only reads.

    :param key: the member of the answers that holds the items.
    :raises CallFailed: AWS refused the call, was not reached, or the answer is not in its format.
    """
    try:
        return _read(
            lambda: client.get_paginator(operation).paginate(**arguments).build_full_result()[key], operation, subject
        )
    except ClientError as error:
        raise failed(CallFailed, subject, operation, error) from error


def _read(function, operation, subject):
    try:
        return retry_on(lambda error: error_codes.is_retryable(operation, error), READ_SECONDS)(function)()
    except (BotoCoreError, ResponseParserError) as error:
        raise failed(CallFailed, subject, operation, error) from None
    except KeyError as error:
        # Such as the page of a proxy, which botocore reads as an answer without members.
        answer = ValueError(f"the answer lacks {error}, so it is not AWS's")
        raise failed(CallFailed, subject, operation, answer) from error
