# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from STS: whose credentials are in use."""

from __future__ import annotations

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed
from ansible_collections.launchkit.aws.plugins.module_utils.find.paginate import read


def find_account(clients):
    """Return the partition and the 12 digits of the account that the credentials belong to.

    Needs no permission: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
    """
    subject = "identity of the credentials in use"
    try:
        arn = read(clients("sts"), "get_caller_identity", "Arn", subject)
    except ClientError as error:
        raise failed(CallFailed, subject, "get_caller_identity", error) from error
    dummy, partition, dummy, dummy, account, dummy = arn.split(":", 5)
    return partition, account
