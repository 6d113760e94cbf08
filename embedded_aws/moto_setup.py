# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Prepares moto before its first request: what it loads, what it knows, and where it is needlessly slow."""

from __future__ import annotations

import copy
import functools
import json
import os
from typing import Any

ACCOUNT = "123456789012"
# The image of AWS's walk-through for launch configurations with an instance profile, which runs on m1.small.
WALK_THROUGH_AMI = {
    "ami_id": "ami-baba68d3",
    "name": "ubuntu/images/ebs/ubuntu-lucid-10.04-amd64-server",
    "description": "The image of AWS's walk-through for Auto Scaling with an IAM role",
    "owner_id": "099720109477",
    "public": True,
    "virtualization_type": "paravirtual",
    "architecture": "x86_64",
    "state": "available",
    "image_type": "machine",
    "image_location": "ubuntu/images/ebs/ubuntu-lucid-10.04-amd64-server",
    "hypervisor": "xen",
    "root_device_type": "ebs",
    "root_device_name": "/dev/sda1",
    "sriov": "simple",
    "creation_date": "2012-04-24T00:00:00.000Z",
}


def load() -> None:
    """Import every part of moto that the chain needs, with AWS's managed policies and the walk-through's image."""
    # There is one account. Not told so, moto looks a key up in the IAM of every partition at every call.
    os.environ["MOTO_ACCOUNT_ID"] = ACCOUNT
    from moto.core.config import default_user_config

    default_user_config["iam"]["load_aws_managed_policies"] = True

    import moto.autoscaling.responses
    import moto.ec2.responses
    import moto.iam.responses
    import moto.sts.responses  # noqa: F401
    from moto.ec2.models import amis

    if all(ami["ami_id"] != WALK_THROUGH_AMI["ami_id"] for ami in amis.AMIS):
        amis.AMIS.append(dict(WALK_THROUGH_AMI))
    _remember_managed_policies()
    _remember_method_names()
    _discard_at_reset()
    _draw_ids_at_once()


def _remember_managed_policies() -> None:
    """Moto parses five megabytes of JSON for each new backend; here it is parsed once, and the policies are copied."""
    from moto.iam import models

    @functools.cache
    def originals(account_id: str, region_name: str) -> list[Any]:
        data: dict[str, Any] = json.loads(models.aws_managed_policies_data)
        return [models.AWSManagedPolicy.from_data(name, account_id, region_name, data[name]) for name in data]

    def _init_aws_policies(self: Any) -> list[Any]:
        copies = [copy.copy(policy) for policy in originals(self.account_id, self.region_name)]
        for policy in copies:
            policy.versions, policy.tags = list(policy.versions), {}
        return copies

    models.IAMBackend._init_aws_policies = _init_aws_policies  # type: ignore[method-assign]


def _remember_method_names() -> None:
    """Moto walks all attributes of the response class at every call, which for EC2 is most of a call's time."""
    from moto.core import responses

    responses.method_names_from_class = functools.lru_cache(maxsize=None)(responses.method_names_from_class)


def _discard_at_reset() -> None:
    """Moto fills every backend anew at a reset and then throws it away; throwing it away is enough.

    Two caches would keep it all the same: one of Regions holds 128 accounts, one of addresses every subnet there was.
    """
    from moto.core.base_backend import AccountSpecificBackend
    from moto.ec2.models.subnets import Subnet

    def reset(self: Any) -> None:
        self.clear()
        Subnet._base_avail_ip_iterator.cache_clear()

    AccountSpecificBackend.reset = reset  # type: ignore[method-assign]


def _draw_ids_at_once() -> None:
    """Moto draws ids of EC2 digit by digit, which is half of the time that a Region's thousand images take."""
    from moto.ec2 import utils
    from moto.moto_api._internal import mock_random

    def random_resource_id(size: int = 8) -> str:
        return f"{mock_random.getrandbits(4 * size):0{size}x}"

    utils.random_resource_id = random_resource_id
