# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Calls that only read, tried again while AWS throttles or has trouble."""

from __future__ import annotations

try:
    from botocore.exceptions import BotoCoreError, ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core import error_codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import retry_on
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed

# For how many seconds a read is tried again.
READ_SECONDS = 60


def read(client, operation, subject, **arguments):
    """Make one call that only reads.

    :raises ClientError: whatever AWS answers; the caller knows which answers mean "nothing there".
    :raises CallFailed: AWS was not reached.
    """
    try:
        return retry_on(lambda error: error_codes.is_retryable(operation, error), READ_SECONDS)(
            getattr(client, operation)
        )(**arguments)
    except BotoCoreError as error:
        raise failed(CallFailed, subject, operation, error) from error


def read_pages(client, operation, key, subject, **arguments):
    """Return the items of all pages of a call that only reads.

    :param key: the member of the answers that holds the items.
    :raises CallFailed: AWS refused the call or was not reached.
    """

    def items():
        return client.get_paginator(operation).paginate(**arguments).build_full_result()[key]

    try:
        return retry_on(lambda error: error_codes.is_retryable(operation, error), READ_SECONDS)(items)()
    except (BotoCoreError, ClientError) as error:
        raise failed(CallFailed, subject, operation, error) from error
