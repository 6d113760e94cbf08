# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Choosing, sorting and cutting the lists that ``_info`` modules return. All of it pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Optional

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption

LISTING_ARGUMENTS = dict(
    name_regex=dict(), sort_order=dict(choices=["ascending", "descending"], default="ascending"), limit=dict(type="int")
)


@dataclass(frozen=True)
class Listing:
    """How to choose, sort and cut a list.

    :param pattern: the compiled regular expression that names have to match at their beginning, or None.
    :param sort: the key to sort by, or None to keep the order of the API.
    :param start: index of the first item to keep after sorting, as in a Python slice, or None.
    :param end: index after the last item to keep, or None.
    :param limit: the most items to keep, or None.
    """

    pattern: Any = None
    sort: Optional[str] = None
    descending: bool = False
    start: Optional[int] = None
    end: Optional[int] = None
    limit: Optional[int] = None

    @classmethod
    def from_params(cls, params):
        """Return the listing that a module's parameters ask for.

        :raises InvalidOption: the expression is not one, or the limit is negative.
        """
        pattern = None
        if params["name_regex"] is not None:
            try:
                pattern = re.compile(params["name_regex"])
            except re.error as error:
                raise InvalidOption(
                    f"name_regex: '{params['name_regex']}' is not a regular expression: {error}."
                ) from error
        if params["limit"] is not None and params["limit"] < 0:
            raise InvalidOption(f"limit: {params['limit']} is negative. Give 0 or more, or leave it out for all.")
        return cls(
            pattern=pattern,
            sort=params["sort"],
            descending=params["sort_order"] == "descending",
            start=params.get("sort_start"),
            end=params.get("sort_end"),
            limit=params["limit"],
        )

    def choose(self, items, name_key):
        """Return the chosen items in order, as a new list.

        :param items: mappings.
        :param name_key: the key that holds an item's name; it also decides between items that sort alike.
        """
        chosen = [item for item in items if self.pattern is None or self.pattern.match(item[name_key])]
        if self.sort is not None:
            chosen.sort(key=lambda item: (str(item[self.sort] or ""), item[name_key]), reverse=self.descending)
        return chosen[self.start : self.end][: self.limit]
