# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""IAM's eventual consistency: for a while after something was created, not everyone sees it."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from .settings import SETTINGS

_skipped = 0.0


def pass_time(seconds: float) -> None:
    """Let roles and profiles that exist be older by so many seconds, so that nobody has to wait for them."""
    global _skipped
    _skipped += seconds


def _now() -> float:
    return time.monotonic() + _skipped


def stamp(entity: Any) -> None:
    """Note that a role or profile was created now."""
    entity.embedded_aws_created = _now()
    entity.embedded_aws_reads = entity.embedded_aws_lists = 0


def _age(entity: Any) -> float:
    return _now() - getattr(entity, "embedded_aws_created", float("-inf"))


def is_missed(entity: Any) -> bool:
    """Whether this read of a new role or profile finds nothing yet. Which reads do is decided by the seed alone."""
    if not SETTINGS.iam_delay or _age(entity) >= SETTINGS.iam_delay:
        return False
    entity.embedded_aws_reads += 1
    return _is_drawn(f"{entity.name}/{entity.embedded_aws_reads}")


def is_unlisted(entity: Any) -> bool:
    """Whether this list leaves out a new role or profile; lists can lag longer than reads by name do."""
    delay = max(SETTINGS.iam_delay, SETTINGS.iam_list_delay)
    if not delay or _age(entity) >= delay:
        return False
    entity.embedded_aws_lists += 1
    return _is_drawn(f"{entity.name}/list/{entity.embedded_aws_lists}")


def listed(entities: list[Any]) -> list[Any]:
    """What a page shows of these. Pages are cut before, so that what is left out moves nothing to another page."""
    return [entity for entity in entities if not is_unlisted(entity)]


def _is_drawn(read: str) -> bool:
    ticket = f"{SETTINGS.seed}/{read}".encode()
    share = int.from_bytes(hashlib.sha256(ticket).digest()[:4], "big") / 2**32
    return share < SETTINGS.iam_miss_rate


def is_invisible(profile: Any) -> bool:
    """Whether Auto Scaling and EC2 don't know an instance profile yet."""
    return bool(SETTINGS.profile_delay) and _age(profile) < SETTINGS.profile_delay
