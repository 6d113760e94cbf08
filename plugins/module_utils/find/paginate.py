# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Calls that only read, retried while AWS throttles or has trouble.
Private to the collection: names and shapes can change in any release."""

try:
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ..core import error_codes
from ..core.backoff import retry_on
from ..core.errors import CallFailed, failed

# For how many seconds a read is retried.
READ_SECONDS = 60


def read(client, operation, key, subject, *, absent=(), **arguments):
    """Return one member of the answer of a call, or None if AWS answers that nothing exists.

    :param key: the member; None for the whole answer.
    :param absent: the error codes that mean that nothing exists.
    :raises CallFailed: AWS refused the call, was not reached, or the answer is not in its format.
    """

    def answer():
        response = getattr(client, operation)(**arguments)
        return response if key is None else response[key]

    return _read(answer, operation, subject, absent)


def read_pages(client, operation, key, subject, *, absent=(), **arguments):
    """Return the items of all pages of a call; none if AWS answers that nothing exists. See :func:`read`."""

    def items():
        result = client.get_paginator(operation).paginate(**arguments).build_full_result()
        return result if key is None else result[key]

    return _read(items, operation, subject, absent) or []


def in_batches(size, items):
    """Return the items in lists of at most ``size``."""
    return [items[start : start + size] for start in range(0, len(items), size)]


def _read(function, operation, subject, absent):
    try:
        return retry_on(lambda error: error_codes.is_retryable(operation, error), READ_SECONDS)(function)()
    except ClientError as error:
        if error_codes.is_any(absent, error):
            return None
        raise failed(CallFailed, subject, operation, error) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise failed(CallFailed, subject, operation, error) from None
    except KeyError as error:
        # Such as the page of a proxy, which botocore reads as an answer without members.
        answer = ValueError(f"the answer lacks {error}, so it is not AWS's")
        raise failed(CallFailed, subject, operation, answer) from error
