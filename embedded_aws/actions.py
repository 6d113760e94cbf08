# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Things that can happen to an account behind the collection's back, on demand."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from . import consistency
from .moto_setup import ACCOUNT


def recreate_role(RoleName: str) -> dict[str, Any]:  # noqa: N803 - AWS's own spelling
    """The role was deleted and made again under the same name, and an instance profile still holds the old RoleId.

    IAM refuses to delete a role that is in a profile, but it is eventually consistent, and the state is seen in the
    field. AWS names principals by id for this reason: "IAM identifiers" in the IAM user guide.
    """
    from moto.iam.models import iam_backends
    from moto.iam.utils import random_role_id

    backend = iam_backends[ACCOUNT]["aws"]
    old = backend.get_role(RoleName)
    new = copy.copy(old)
    new.id = random_role_id(ACCOUNT)
    del backend.roles[old.id]
    backend.roles[new.id] = new
    return {"RoleName": RoleName, "OldRoleId": old.id, "RoleId": new.id}


def pass_time(seconds: float) -> dict[str, Any]:
    """Roles and profiles are older by so many seconds: what ``iam_delay`` and ``profile_delay`` delay is seen earlier."""
    consistency.pass_time(seconds)
    return {"seconds": seconds}


_ACTIONS: dict[str, Callable[..., dict[str, Any]]] = {"pass_time": pass_time, "recreate_role": recreate_role}


def perform(action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Do one action. Raises ValueError when there is none of that name or an argument is wrong."""
    if action not in _ACTIONS:
        raise ValueError(f"no action is called {action!r}; there are: {', '.join(_ACTIONS)}")
    try:
        return _ACTIONS[action](**arguments)
    except Exception as error:
        raise ValueError(f"{action}: {error}") from error
