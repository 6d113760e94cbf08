# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an application's resources refer to outside the application, by kind, and what AWS knows of it. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, FrozenSet, Mapping, Optional

_NONE: FrozenSet[str] = frozenset()


@dataclass(frozen=True)
class References:
    """Names and ids by kind.

    :param ssm_parameters: with version or label where one is given, as in ``resolve:ssm:NAME:LABEL``.
    :param target_groups: ARNs.
    :param load_balancers: names of Classic Load Balancers.
    :param policies: ARNs.
    """

    images: FrozenSet[str] = _NONE
    ssm_parameters: FrozenSet[str] = _NONE
    instance_types: FrozenSet[str] = _NONE
    key_pairs: FrozenSet[str] = _NONE
    security_groups: FrozenSet[str] = _NONE
    subnets: FrozenSet[str] = _NONE
    snapshots: FrozenSet[str] = _NONE
    target_groups: FrozenSet[str] = _NONE
    load_balancers: FrozenSet[str] = _NONE
    policies: FrozenSet[str] = _NONE


# What AWS answered for the names and ids of a kind: the resource as the API gives it, None for one that does not exist.
# A name that is left out is unknown: it was not looked up, or the caller may not read it.
Answers = Mapping[str, Optional[Mapping[str, Any]]]


@dataclass(frozen=True)
class Found:
    """What AWS answered, by kind. There can be more in it than was asked for."""

    images: Answers = field(default_factory=dict)
    ssm_parameters: Answers = field(default_factory=dict)
    instance_types: Answers = field(default_factory=dict)
    key_pairs: Answers = field(default_factory=dict)
    security_groups: Answers = field(default_factory=dict)
    subnets: Answers = field(default_factory=dict)
    snapshots: Answers = field(default_factory=dict)
    target_groups: Answers = field(default_factory=dict)
    load_balancers: Answers = field(default_factory=dict)
    policies: Answers = field(default_factory=dict)


KINDS = tuple(each.name for each in fields(References))


def merge(references):
    """Return all references of a list of :class:`References`, each once."""
    references = list(references)
    return References(**{kind: _NONE.union(*(getattr(each, kind) for each in references)) for kind in KINDS})


def is_image_id(text):
    """Whether the text looks like the id of an image."""
    return text.startswith("ami-")
