# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Orphans: what belongs to a fleet and no application claims."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import orphans, parse
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.orphans import OrphanScope
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    FIXED,
    GROUP,
    IMAGE,
    TEMPLATE,
    after,
    application,
)


def found(scope, account, *claimed, **members):
    return orphans.find(scope, [application(**each) for each in claimed], account.index(**members))


ORPHANED = {"role_path": "/web/", "tags": {"Fleet": "one"}}


@pytest.mark.parametrize(
    ("scope", "is_orphan"),
    [
        (OrphanScope("/web/"), True),
        (OrphanScope("/"), True),
        (OrphanScope("/ops/"), False),
        (OrphanScope(tags={"Fleet": "one"}), True),
        (OrphanScope(tags={"Fleet": "two"}), False),
        (OrphanScope(tags={"Fleet": "one", "Owner": "me"}), False),
        (OrphanScope("/web/", {"Fleet": "one"}), True),
        (OrphanScope("/ops/", {"Fleet": "one"}), False),
        (OrphanScope("/web/", {"Fleet": "two"}), False),
        (OrphanScope(), False),
    ],
)
def test_orphan_is_what_the_scope_contains(scope, is_orphan):
    names = [each["name"] for each in found(scope, after(ORPHANED))]
    assert names == (["web"] if is_orphan else [])
    # Claimed by an application that is present or absent, in any letter case, it is none.
    for claim in ({}, {"state": "absent"}, {"role_name": "WEB"}):
        assert found(scope, after(ORPHANED), claim) == []


def test_orphan_lists_resources_and_variables():
    account = after({**ORPHANED, **IMAGE, **GROUP})
    (name,) = list(account.launch_configurations)
    (orphan,) = found(OrphanScope("/web/"), account)
    assert orphan == {
        "name": "web",
        "owner": "web",
        "instance_profiles": ["web"],
        "launch_configurations": [name],
        "launch_templates": [],
        "auto_scaling_groups": ["web"],
        "variables": {
            "application_name": "web",
            "application_role_name": "web",
            "application_instance_profile_name": "web",
            "application_launch_configuration_name_prefix": "web-",
            "application_group_name": "web",
        },
        "summary": f"web: ORPHAN: IAM role web; instance profile web; launch configuration {name}; Auto Scaling group web",
    }


@pytest.mark.parametrize(
    ("launched", "variables"),
    [
        ({**IMAGE, **FIXED}, {"application_launch_configuration_name": "fixed"}),
        ({**IMAGE, **TEMPLATE, "launch_template_name": "own"}, {"application_launch_template_name": "own"}),
    ],
)
def test_orphan_variables_name_launch_settings(launched, variables):
    (orphan,) = found(OrphanScope("/web/"), after({**ORPHANED, **launched}))
    assert {key: value for key, value in orphan["variables"].items() if key in variables} == variables


def test_orphan_profile_without_role_is_known_by_path():
    account = after(ORPHANED)
    del account.roles["web"]
    account.profiles["web"] = aws_answers.instance_profile("web", "/web/")
    (orphan,) = found(OrphanScope("/web/"), account)
    assert (orphan["name"], orphan["summary"]) == ("web", "web: ORPHAN, not owned: instance profile web")
    assert found(OrphanScope(tags={"Fleet": "one"}), account) == []
    assert found(OrphanScope("/web/"), account, {}) == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"orphan_path": "web", "orphan_tags": None}, "orphan_path"),
        ({"orphan_path": "/", "orphan_tags": None}, "orphan_path: '/' is where every role of the account is."),
        ({"orphan_path": None, "orphan_tags": {"": "a"}}, "orphan_tags"),
    ],
)
def test_scope_of_wrong_form_is_refused(params, message):
    with pytest.raises(InvalidOption) as refused:
        orphans.scope_from_params(params)
    assert message in refused.value.message


CLAIMED = {"claims": {"web": "eu-host"}}


def test_orphan_that_another_host_claims_is_none():
    assert found(OrphanScope("/web/"), after(ORPHANED), **CLAIMED) == []


def test_orphan_with_regional_parts_is_one_despite_claims():
    """K12: an application taken out of one Region's list leaves its group and launch settings there."""
    account = after({**ORPHANED, **IMAGE, **GROUP})
    (orphan,) = found(OrphanScope("/web/"), account, **CLAIMED)
    assert orphan["auto_scaling_groups"] == ["web"]


@pytest.mark.parametrize("launched", [{}, {**IMAGE, **GROUP}, {**IMAGE, **FIXED}, {**IMAGE, **TEMPLATE, **GROUP}])
def test_orphan_variables_remove_all_of_it(launched):
    account = after({**ORPHANED, **launched})
    (orphan,) = found(OrphanScope("/web/"), account)
    (absent,) = parse.parse([orphan["variables"]], state="absent")
    account.converge(absent)
    assert not any((account.roles, account.profiles, account.launch_configurations, account.groups, account.template))
