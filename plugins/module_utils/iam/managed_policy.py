# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Managed policies of IAM, and the ways to write one: ARN, name, or name with its path. Pure.
Private to the collection: names and shapes can change in any release.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html"""

import re
from dataclasses import dataclass
from typing import Optional

from ..core.errors import InvalidOption, MissingReference
from . import names as iam_names

NAME_LENGTH = 128
# The quota of a role, and what AWS raises it to on request:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ATTACHED = 10
MAX_ATTACHED = 25
# Where AWS keeps the policies of service-linked roles.
SERVICE_ROLE_PATH = "/aws-service-role/"
# What stands in place of the account in the ARNs of AWS's own policies.
AWS_OWNED = "aws"
# Where AWS keeps policies of its own that can be attached to a role.
AWS_PATHS = ("/", "/service-role/", "/job-function/")
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}|aws):policy(?P<path>/|/[!-~]+/)(?P<name>[\w+=,.@-]+)",
    re.ASCII,
)


@dataclass(frozen=True)
class PolicyReference:
    """A managed policy as a user wrote it; what was not written is None."""

    name: str
    path: Optional[str] = None
    arn: Optional[str] = None


def parse(option, text):
    """Return the :class:`PolicyReference` of a name, a name with its path (``service-role/AWSConfigRole``), or an ARN.

    :raises InvalidOption: it is none of these.
    """
    if text.startswith("arn:"):
        match = _ARN.fullmatch(text)
        if match is None:
            raise InvalidOption(
                f"{option}: '{text}' is not the ARN of a managed policy. "
                "Write one such as 'arn:aws:iam::aws:policy/ReadOnlyAccess'."
            )
        return PolicyReference(match["name"], match["path"], text)
    path, slash, name = text.rpartition("/")
    iam_names.check_name(option, name, NAME_LENGTH)
    if not slash:
        return PolicyReference(name)
    return PolicyReference(name, iam_names.check_path(option, f"/{path.strip('/')}/" if path.strip("/") else "/"))


def check_attachable(option, policies):
    """Check the policies that one role is to have.

    :param policies: each an ARN, a name, or a name with its path.
    :raises InvalidOption: one is not written in any of these ways or can't be attached, or there are too many.
    """
    for policy in policies:
        if (parse(option, policy).path or "").startswith(SERVICE_ROLE_PATH):
            raise InvalidOption(f"{option}: '{policy}' is for service-linked roles only. Remove it.")
    count = len(set(policies))
    if count > MAX_ATTACHED:
        raise InvalidOption(f"{option}: {count} policies are given; a role takes at most {MAX_ATTACHED}. Remove some.")


def candidates(reference, partition, account):
    """Return the ARNs that a policy without one can have, the likeliest first.

    A name alone is tried where AWS keeps its own, then at the root of the account's own. A policy of the account under
    another path is found by listing only.
    """
    places = [(AWS_OWNED, path) for path in ((reference.path,) if reference.path else AWS_PATHS)]
    places.append((account, reference.path or "/"))
    return tuple(f"arn:{partition}:iam::{owner}:policy{path}{reference.name}" for owner, path in places)


def choose(option, reference, listed):
    """Return the ARN of the policy of that name among all policies that the account can use; None when there is none.

    :param listed: policies as ListPolicies gives them.
    :raises InvalidOption: several policies have the name.
    """
    arns = sorted(policy["Arn"] for policy in listed if policy["PolicyName"] == reference.name)
    if len(arns) > 1:
        raise InvalidOption(
            f"{option}: '{reference.name}' is the name of {len(arns)} policies: {', '.join(arns)}. Give the ARN of one."
        )
    return arns[0] if arns else None


def missing(option, names):
    """Return the error for names that no policy has."""
    quoted = ", ".join(f"'{name}'" for name in names)
    return MissingReference(
        f"{option}: neither AWS nor this account has a managed policy named {quoted}. "
        "Correct the name (letter case counts), write it with its path as in service-role/NAME, or give the ARN."
    )


def render(arn):
    """Return the policy with this ARN as results show it."""
    match = _ARN.fullmatch(arn)
    if match is None:
        raise ValueError(f"not the ARN of a managed policy: {arn}")
    return {
        "arn": arn,
        "policy_name": match["name"],
        "path": match["path"],
        "partition": match["partition"],
        "is_aws_managed": match["account"] == AWS_OWNED,
    }
