# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options, resources

ONE, TWO = "sg-0123456789abcdef0", "sg-0123456789abcdef1"


@pytest.mark.parametrize(
    ("given", "vpc"),
    [(None, None), ((), None), ((ONE,), None), (("web", ONE), "vpc-1")],
    ids=["not set", "none", "ids", "names with VPC"],
)
def test_taken(given, vpc):
    settings = options.from_params({"security_groups": given, "vpc_id": vpc})
    assert settings.security_groups == (given if given is None else tuple(sorted(given)))


@pytest.mark.parametrize(
    ("given", "vpc", "message"),
    [
        (
            ("web",),
            None,
            "security_groups: 'web' is a name, which is unique within a VPC only. "
            "Set vpc_id as well, or give the group's id (sg-...).",
        ),
        ((ONE, "web"), "", "security_groups: 'web' is a name, which is unique within a VPC only."),
        (("",), "vpc-1", "security_groups: one of the values is empty. Remove it."),
    ],
    ids=["name without VPC", "one name without VPC", "empty"],
)
def test_refused(given, vpc, message):
    with pytest.raises(InvalidOption) as raised:
        options.from_params({"security_groups": given, "vpc_id": vpc})
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize("given", [None, (), (ONE, TWO)])
def test_ids_cost_no_call_and_no_client(script, given):
    assert resources.find_security_groups(script, given, "vpc-1") == given
    assert script.services == []


def answer(script, given, *groups):
    script.answer(
        "ec2",
        "describe_security_groups",
        {"SecurityGroups": [{"GroupName": name, "GroupId": group_id} for name, group_id in groups]},
        Filters=[{"Name": "vpc-id", "Values": ["vpc-1"]}, {"Name": "group-name", "Values": given}],
    )


def test_names_become_ids_once_each(script):
    answer(script, ["api", "web"], ("web", ONE), ("api", TWO))
    assert resources.find_security_groups(script, ("api", ONE, "web"), "vpc-1") == (ONE, TWO)


def test_missing_names_are_all_named(script):
    answer(script, ["api", "db", "web"], ("web", ONE))
    with pytest.raises(MissingReference) as raised:
        resources.find_security_groups(script, ("api", "db", "web"), "vpc-1")
    assert (
        raised.value.message == "security_groups: VPC 'vpc-1' has no security group 'api', 'db'. No changes were made."
    )
