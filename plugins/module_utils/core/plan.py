# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans are data: the calls that a resource needs, what they require, and the differences that they remove. Pure.
Private to the collection: names and shapes can change in any release."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, NamedTuple, Optional, Tuple

NONE = "none"


@dataclass(frozen=True)
class Precondition:
    """What a call requires and AWS would refuse too late or too vaguely.

    :param kind: ``role`` (it exists) or ``instance_profile`` (it exists and holds a role).
    :param name: the name in IAM.
    :param option: the module option that named it, for the message.
    :param satisfied: whether the observation has seen it, so that it needs no second look; None when nobody looked.
    """

    kind: str
    name: str
    option: str
    satisfied: Optional[bool] = None


@dataclass(frozen=True)
class Call:
    """One call of a plan.

    :param service: boto3's name of it, e.g. ``iam``.
    :param operation: boto3's name of the method, e.g. ``create_instance_profile``.
    :param subject: the resource in words, for messages, e.g. ``instance profile 'web'``.
    :param arguments: never shown, since they can hold user data.
    :param undo: the call that rolls this one back if a later call of the plan fails.
    :param expects_conflict: a conflict is the expected answer: it shows that the caller may make the call. Success
        means that another run emptied the resource meanwhile: observe again.
    :param follows: the arguments follow from what an earlier call creates, such as a version number. If it creates
        something else, the call is planned and made again.
    """

    service: str
    operation: str
    subject: str
    arguments: Mapping[str, Any] = field(repr=False)
    needs: Tuple[Precondition, ...] = ()
    undo: Optional[Call] = field(default=None, repr=False)
    expects_conflict: bool = False
    follows: bool = False

    def __str__(self):
        return f"{self.operation} {self.subject}"


@dataclass(frozen=True)
class Plan:
    """The calls from the observed state to the target; empty when they agree.

    :param waiting: what AWS has yet to do before the resource is settled or further calls are possible, in words.
    """

    calls: Tuple[Call, ...] = ()
    warnings: Tuple[str, ...] = ()
    waiting: str = ""


class Difference(NamedTuple):
    """One field in which a resource differs, with both values as text that holds no secret.

    :param wanted: the value after the plan.
    :param actual: the value now.
    """

    field: str
    wanted: str
    actual: str


def in_words(value):
    """Return a value as a :class:`Difference` shows it. An empty text is not the same as none."""
    if value is None:
        return NONE
    if value == "":
        return "''"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (Mapping, list)) else str(value)
