# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Choosing, sorting and cutting the lists that ``_info`` modules return. Pure.
Private to the collection: names and shapes can change in any release."""

import re

from .errors import InvalidOption

LISTING_ARGUMENTS = dict(
    name_regex=dict(), sort_order=dict(choices=["ascending", "descending"], default="ascending"), limit=dict(type="int")
)


class Listing:
    """How the parameters of a module choose, sort and cut a list.

    :raises InvalidOption: the expression is not one, or the limit is negative.
    """

    def __init__(self, params):
        self._params = params
        try:
            self._pattern = re.compile(params["name_regex"] or "")
        except re.error as error:
            raise InvalidOption(
                f"name_regex: '{params['name_regex']}' is not a regular expression: {error}. Correct it."
            ) from error
        if params["limit"] is not None and params["limit"] < 0:
            raise InvalidOption(f"limit: {params['limit']} is negative. Give 0 or more, or leave it out for all.")

    def choose(self, items, name_key):
        """Return the chosen items, which are dictionaries, in order.

        :param name_key: the key of an item's name, which also decides between items that sort alike.
        """
        params = self._params
        chosen = [item for item in items if self._pattern.match(item[name_key])]
        if params["sort"] is not None:
            is_descending = params["sort_order"] == "descending"
            chosen.sort(key=lambda item: (str(item[params["sort"]] or ""), item[name_key]), reverse=is_descending)
        return chosen[params.get("sort_start") : params.get("sort_end")][: params["limit"]]
