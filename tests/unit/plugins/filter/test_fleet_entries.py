# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter that fills in the entries of a fleet, for the role that is run for single applications of it."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.filter.fleet_entries import FilterModule, fleet_entries
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import DEFAULTS
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse as fleet_file

WEB = {"application_name": "web", "application_tags": {"Owner": "me"}}
API = {"application_name": "api", "application_role_name": "backend", "application_role_path": None}


def test_the_name_of_the_filter():
    assert FilterModule().filters() == {"fleet_entries": fleet_entries}


def test_everything_that_has_a_value_and_nothing_else():
    (found,) = fleet_entries([WEB])
    assert found == {
        **DEFAULTS,
        **WEB,
        "application_role_name": "web",
        "application_instance_profile_name": "web",
        "application_launch_configuration_name_prefix": "web-",
        "application_launch_template_name": "web",
    }
    (found,) = fleet_entries([API])
    assert "application_role_path" not in found
    assert found["application_instance_profile_name"] == "backend"


def test_an_entry_has_precedence_over_defaults_and_these_over_the_roles():
    defaults = {"application_tags": {}, "application_role_path": "/web/", "application_purge_tags": False}
    web, api = fleet_entries([WEB, API], defaults=defaults)
    assert (web["application_tags"], web["application_role_path"]) == ({"Owner": "me"}, "/web/")
    assert (api["application_tags"], api["application_role_path"]) == ({}, "/web/")
    assert web["application_purge_tags"] is api["application_purge_tags"] is False


def test_null_where_it_is_a_value():
    (found,) = fleet_entries([{**WEB, "application_launch_configuration_prune": None}])
    assert found["application_launch_configuration_prune"] is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [(None, ["web", "api", 5]), ([], []), (["api"], ["api"]), (["5", "web"], ["web", 5]), (["other"], [])],
)
def test_those_of_the_given_names(names, expected):
    found = fleet_entries([WEB, API, {"application_name": 5}], names=names)
    assert [each["application_name"] for each in found] == expected


@pytest.mark.parametrize(("state", "expected"), [(None, "present"), ("absent", "absent")])
def test_a_state_for_all(state, expected):
    assert [each["application_state"] for each in fleet_entries([WEB, API], state=state)] == [expected] * 2


def test_the_input_stays_and_what_comes_out_means_the_same():
    defaults = {"application_image_id": "ami-1", "application_instance_type": "t3.small"}
    entries = [WEB, API]
    before = copy.deepcopy((entries, defaults))
    filled = fleet_entries(entries, defaults=defaults)
    assert (entries, defaults) == before
    assert [each.launch for each in fleet_file.parse(filled)] == [
        each.launch for each in fleet_file.parse(entries, defaults)
    ]
    assert [each.profile for each in fleet_file.parse(filled)] == [
        each.profile for each in fleet_file.parse(entries, defaults)
    ]
