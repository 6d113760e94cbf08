# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Finding the ARNs of managed policies that are written by name. Nothing here changes anything."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.find import iam as find_iam
from ansible_collections.launchkit.aws.plugins.module_utils.find import sts as find_sts
from ansible_collections.launchkit.aws.plugins.module_utils.iam import managed_policy


def find_arns(clients, option, references):
    """Return the ARN of each policy, or None for one that neither AWS nor the account has. ARNs cost no call.

    A name costs a call or a few; all policies, over a thousand, are listed only when one is not where policies mostly are.

    :param option: the option that names them, for messages.
    :param references: each a :class:`~managed_policy.PolicyReference`.
    :returns: reference -> ARN.
    :raises InvalidOption: several policies have the name.
    """
    known = {reference: reference.arn for reference in references}
    sought = [reference for reference, arn in known.items() if arn is None]
    if sought:
        partition, account = find_sts.find_account(clients)
    for reference in sought:
        arns = managed_policy.candidates(reference, partition, account)
        known[reference] = next((arn for arn in arns if find_iam.find_managed_policy(clients, arn) is not None), None)
    # With its path, a policy has been looked for everywhere it can be.
    sought = [reference for reference in sought if known[reference] is None and reference.path is None]
    listed = find_iam.list_managed_policies(clients) if sought else []
    known.update({reference: managed_policy.choose(option, reference, listed) for reference in sought})
    return known
