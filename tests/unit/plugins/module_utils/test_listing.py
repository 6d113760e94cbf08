# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.core.listing import Listing

ITEMS = [
    {"name": "web-2", "path": "/b/", "key": None},
    {"name": "api-1", "path": "/b/", "key": "k"},
    {"name": "web-1", "path": "/a/", "key": ""},
    {"name": "Web-1", "path": "/c/", "key": "k"},
]
PARAMS = {"name_regex": None, "sort": None, "sort_order": "ascending", "limit": None}


def chosen(**params):
    return [item["name"] for item in Listing({**PARAMS, **params}).choose(ITEMS, "name")]


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["web-2", "api-1", "web-1", "Web-1"]),
        ({"name_regex": "web"}, ["web-2", "web-1"]),
        ({"name_regex": "eb"}, []),
        ({"name_regex": ".*1$"}, ["api-1", "web-1", "Web-1"]),
        ({"sort": "name"}, ["Web-1", "api-1", "web-1", "web-2"]),
        ({"sort": "name", "sort_order": "descending"}, ["web-2", "web-1", "api-1", "Web-1"]),
        ({"sort": "path"}, ["web-1", "api-1", "web-2", "Web-1"]),
        ({"sort": "key"}, ["web-1", "web-2", "Web-1", "api-1"]),
        ({"limit": 2}, ["web-2", "api-1"]),
        ({"limit": 0}, []),
        ({"limit": 9}, ["web-2", "api-1", "web-1", "Web-1"]),
        ({"sort_start": 1}, ["api-1", "web-1", "Web-1"]),
        ({"sort_end": 1}, ["web-2"]),
        ({"sort_start": -2, "sort_end": -1}, ["web-1"]),
        ({"sort_start": 1, "limit": 1}, ["api-1"]),
        ({"name_regex": "web", "sort": "name", "limit": 1}, ["web-1"]),
    ],
    ids=str,
)
def test_choose(params, names):
    assert chosen(**params) == names


def test_items_stay_as_they_are():
    before = copy.deepcopy(ITEMS)
    chosen(sort="name", sort_order="descending")
    assert before == ITEMS


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name_regex": "web("}, "name_regex: 'web(' is not a regular expression: missing ), unterminated subpattern"),
        ({"limit": -1}, "limit: -1 is negative. Give 0 or more, or leave it out for all."),
    ],
)
def test_refused(params, message):
    with pytest.raises(InvalidOption) as raised:
        Listing({**PARAMS, **params})
    assert raised.value.message.startswith(message)
