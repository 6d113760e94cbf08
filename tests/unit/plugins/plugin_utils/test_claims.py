# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What other hosts of the inventory claim, so that a removal keeps it: roles and instance profiles are the account's."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from ansible.errors import AnsibleActionFail, AnsibleUndefinedVariable
from ansible_collections.launchkit.aws.plugins.plugin_utils.claims import (
    absent_by_play,
    claims_of,
    entries_of_others,
)
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import module_arguments


def claims_of_others(task_vars, is_absent):
    return claims_of(entries_of_others(task_vars, is_absent))


WEB = {"application_name": "web"}
OWN = {"aws_region": "eu-west-1"}
US = {"aws_region": "us-east-1"}


def variables(other, *, in_play=True, listed=True, own=None, **more):
    """The variables of a task on the host ``own``, beside one other host."""
    own = {**OWN, **(own or {})}
    return {
        **own,
        "inventory_hostname": "own",
        "hostvars": {"own": own, "other": other},
        "ansible_play_hosts_all": ["own", "other"] if in_play else ["own"],
        "groups": {"all": ["own", "other"] if listed else []},
        **more,
    }


CLAIMED = {
    "fleet": ({"fleet_applications": [WEB]}, {"web"}),
    "single": (WEB, {"web"}),
    "role": ({"fleet_applications": [{**WEB, "application_role_name": "r"}]}, {"r"}),
    "role and profile": (
        {"fleet_applications": [{**WEB, "application_role_name": "r", "application_instance_profile_name": "p"}]},
        {"r", "p"},
    ),
    "defaults": ({"fleet_defaults": {"application_role_name": "r"}, "fleet_applications": [WEB]}, {"r"}),
    "number as name": ({"fleet_applications": [{"application_name": 4711}]}, {"4711"}),
    "absent entry": ({"fleet_applications": [{**WEB, "application_state": "absent"}]}, set()),
    "absent by default": ({"fleet_defaults": {"application_state": "absent"}, "fleet_applications": [WEB]}, set()),
    "absent fleet": ({"fleet_state": "absent", "fleet_applications": [WEB]}, set()),
    "nothing": ({}, set()),
    "no list": ({"fleet_applications": None}, set()),
    "the role's own variables": ({"application__plan": {}}, set()),
}


@pytest.mark.parametrize(("other", "names"), CLAIMED.values(), ids=CLAIMED)
def test_claims_name_roles_and_profiles_of_hosts(other, names):
    assert claims_of_others(variables({**US, **other}), False) == dict.fromkeys(names, "other")


ACCOUNTS = {
    "same": ("111111111111", "111111111111", True),
    "number and text": (111111111111, "111111111111", True),
    "different": ("111111111111", "222222222222", False),
    "unknown": (None, None, True),
}


@pytest.mark.parametrize(("ours", "theirs", "is_claimed"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_claims_of_another_account_do_not_count(ours, theirs, is_claimed):
    other = {**US, **WEB, "fleet_account": theirs}
    assert bool(claims_of_others(variables(other, own={"fleet_account": ours}), False)) is is_claimed


# What counts: the other host is in the play; it is in the inventory; the play makes all absent; its Region is another.
HOSTS = {
    "in play": (True, True, False, US, True),
    "left out by --limit": (False, True, False, US, True),
    "in play of a teardown": (True, True, True, US, False),
    "left out of a teardown": (False, True, True, US, True),
    "left out, of the same Region": (False, True, False, OWN, False),
    "in play, of the same Region": (True, True, False, OWN, True),
    "play of localhost, which is in no inventory": (False, False, False, US, False),
}


@pytest.mark.parametrize(("in_play", "listed", "is_absent", "region", "is_claimed"), HOSTS.values(), ids=HOSTS)
def test_claims_count_hosts_that_keep_running(in_play, listed, is_absent, region, is_claimed):
    found = claims_of_others(variables({**region, **WEB}, in_play=in_play, listed=listed), is_absent)
    assert bool(found) is is_claimed


def test_claims_ignore_fleet_state_of_hosts_left_out():
    """It can be an extra variable, which --limit keeps from being carried out there."""
    other = {**US, "fleet_state": "absent", "fleet_applications": [WEB]}
    assert claims_of_others(variables(other, in_play=False), False) == {"web": "other"}


class Unreadable(Mapping):
    """Variables of a host of which one has an undefined variable in it."""

    def __getitem__(self, name):
        if name == "fleet_applications":
            raise AnsibleUndefinedVariable("'nowhere' is undefined")
        return US[name]

    def __iter__(self):
        return iter(US)

    def __len__(self):
        return len(US)

    def get(self, key, default=None):
        return self[key] if key in (*US, "fleet_applications") else default


@pytest.mark.parametrize(
    "other", [Unreadable(), {**US, "fleet_applications": 5}, {**US, "fleet_defaults": ["x"], **WEB}]
)
def test_claims_that_cannot_be_read_fail(other):
    with pytest.raises(AnsibleActionFail) as raised:
        claims_of_others(variables(other), False)
    assert "the applications of host 'other' can't be read" in str(raised.value)


@pytest.mark.parametrize(
    ("own", "value", "by_play"),
    [
        ({}, "absent", True),
        ({"fleet_state": "absent"}, "absent", False),
        ({"fleet_state": "present"}, "absent", True),
        ({}, "present", False),
        ({}, None, False),
    ],
)
def test_absent_by_play_is_not_of_the_host_itself(own, value, by_play):
    assert absent_by_play({"inventory_hostname": "own", "hostvars": {"own": own}}, "fleet_state", value) is by_play


ARGUMENTS = {
    "present": ({"applications": [WEB]}, None),
    "absent entry": ({"applications": [{**WEB, "application_state": "absent"}]}, {"web": "other"}),
    "absent defaults": ({"applications": [WEB], "defaults": {"application_state": "absent"}}, {"web": "other"}),
    "prune": ({"applications": [], "prune_orphans": True}, {"web": "other"}),
    # K1: a text is what it says.
    "prune false as text": ({"applications": [], "prune_orphans": "false"}, None),
    "prune no as text": ({"applications": [], "prune_orphans": "no"}, None),
    "absent by the play": ({"applications": [WEB], "state": "absent"}, {}),
    "own claims": ({"applications": [], "prune_orphans": True, "claims": {"a": "b"}}, {"a": "b"}),
}


@pytest.mark.parametrize(("arguments", "claims"), ARGUMENTS.values(), ids=ARGUMENTS)
def test_module_arguments_claims_only_where_something_is_deleted(arguments, claims):
    given = module_arguments(arguments, variables({**US, **WEB}))
    assert given.get("claims") == claims
    assert json.loads(given["applications"]) == arguments["applications"]
