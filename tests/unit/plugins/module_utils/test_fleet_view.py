# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What people and playbooks are told of a fleet: rows, lines, totals and orphans."""

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import orphans as fleet_orphans
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report as fleet_view
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.orphans import Territory
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plan import Planned
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    POLICY,
    Account,
    application,
)

IMAGE = {"image_id": "ami-1", "instance_type": "t3.small"}
OTHER = {"image_id": "ami-2", "instance_type": "t3.small"}
TEMPLATE = {"launch_with": "launch_template"}
FIXED = {"launch_configuration_name": "fixed"}
GROUP = {"group_name": "web", "group_min_size": 0, "group_max_size": 1}


def after(*steps):
    """An account in which the application was this, one after the other; None is one in which nothing was."""
    account = Account()
    for variables in steps:
        account.converge(application(**variables))
    return account


def names(account, count=1):
    """The names of launch configurations."""
    assert len(account.launch_configurations) == count
    return sorted(account.launch_configurations)


def summary(wanted, account):
    return fleet_view.row(application(**wanted), account.index())[0]["summary"]


SUMMARIES = [
    pytest.param([], {}, "web: create role web; create instance profile web", id="nothing there"),
    pytest.param([{}], {}, "web: unchanged", id="nothing to do"),
    pytest.param(
        [{}],
        {"inline_policies": {"one": {"Statement": []}}},
        "web: change inline policies web (inline_policies[one])",
        id="inline",
    ),
    pytest.param([{}], {"role_description": "New"}, "web: change role web (description)", id="description"),
    pytest.param(
        [{}],
        {"tags": {"Owner": "me"}, "managed_policies": [POLICY]},
        "web: change role web (managed_policies[ReadOnlyAccess], tags[Owner]); change instance profile web (tags)",
        id="tags",
    ),
    pytest.param([{}], {**IMAGE, **FIXED}, "web: create launch configuration fixed", id="fixed name"),
    pytest.param(
        [{**IMAGE, **FIXED}],
        {**OTHER, **FIXED, "launch_configuration_on_drift": "replace"},
        "web: replace launch configuration fixed (image_id)",
        id="replaced",
    ),
    pytest.param(
        [{**IMAGE, **FIXED}],
        {**OTHER, **FIXED, "launch_configuration_on_drift": "keep"},
        "web: unchanged",
        id="kept",
    ),
    pytest.param([{}], {**IMAGE, **TEMPLATE}, "web: create launch template web", id="template"),
    pytest.param(
        [{**IMAGE, **TEMPLATE}],
        {**OTHER, **TEMPLATE, "tags": {"Owner": "me"}},
        "web: change role web (tags[Owner]); change instance profile web (tags); change launch template web (image_id, tags)",
        id="template that changes",
    ),
    pytest.param(
        [{**IMAGE, **TEMPLATE}],
        {**IMAGE, **TEMPLATE, **GROUP},
        "web: create Auto Scaling group web",
        id="group",
    ),
    pytest.param(
        [{**IMAGE, **TEMPLATE, **GROUP}],
        {**IMAGE, **TEMPLATE, **GROUP, "group_max_size": 3},
        "web: change Auto Scaling group web (max_size)",
        id="group that changes",
    ),
    pytest.param(
        [{**IMAGE, **FIXED, **GROUP}],
        {**IMAGE, **FIXED, **GROUP, **TEMPLATE},
        "web: create launch template web; change Auto Scaling group web (launch_template); remove launch configuration fixed",
        id="switched to a template",
    ),
]


@pytest.mark.parametrize(("steps", "wanted", "expected"), SUMMARIES)
def test_the_line_of_an_application(steps, wanted, expected):
    account = after(*steps)
    before = copy.deepcopy(vars(account))
    assert summary(wanted, account) == expected
    assert vars(account) == before


def test_a_new_launch_configuration_and_what_it_takes_the_place_of():
    account = after({**IMAGE, **GROUP})
    (former,) = names(account)
    row, tasks = fleet_view.row(application(**OTHER, **GROUP), account.index())
    new = row["changes"][0]["name"]
    assert row["summary"] == (
        f"web: create launch configuration {new}; change Auto Scaling group web (launch_config_name); remove launch configuration {former}"
    )
    assert row["changes"][0]["differences"] == [{"field": "image_id", "wanted": "ami-2", "actual": "ami-1"}]
    assert (row["changed"], row["error"], row["warnings"], tasks) == (True, None, [], {})
    account.converge(application(**OTHER, **GROUP))
    assert names(account) == [new]


def test_the_options_for_the_modules_that_make_the_role():
    wanted = application(role_path="/web/", inline_policies={"one": {"Statement": []}}, managed_policies=[POLICY])
    dummy, tasks = fleet_view.row(wanted, Account().index())
    role = tasks["iam_role"]
    assert (role["name"], role["path"], role["managed_policies"]) == ("web", "/web/", [POLICY])
    assert role["assume_role_policy_document"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert tasks["iam_policies"] == [
        {"iam_type": "role", "iam_name": "web", "policy_name": "one", "policy_json": {"Statement": []}}
    ]


def test_what_cannot_be_brought_to_its_end_is_not_begun():
    wanted = application(managed_policies=["none-of-this-name"], **IMAGE)
    row, tasks = fleet_view.row(wanted, Account().index())
    assert tasks == {}
    assert "none-of-this-name" in row["error"]
    assert row["summary"] == f"web: CANNOT BE CHANGED: {row['error']}"
    assert not fleet_view.is_beyond_role(row)


def test_user_data_is_shown_by_digest_and_size():
    account = after({**IMAGE, **GROUP, "user_data": "hunter2"})
    row, dummy = fleet_view.row(application(**IMAGE, **GROUP, user_data="hunter3"), account.index())
    (difference,) = row["changes"][0]["differences"]
    assert difference["field"] == "user_data"
    assert "sha256" in str(difference["wanted"])
    assert "hunter" not in str([row, fleet_view.lines([row])])


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([], []),
        ([{}], [("instance_profile", "web"), ("role", "web")]),
        (
            [{**IMAGE, **FIXED, **GROUP}],
            [
                ("auto_scaling_group", "web"),
                ("launch_configuration", "fixed"),
                ("instance_profile", "web"),
                ("role", "web"),
            ],
        ),
        (
            [{**IMAGE, **TEMPLATE}],
            [("launch_template", "web"), ("instance_profile", "web"), ("role", "web")],
        ),
    ],
)
def test_what_there_is_of_an_application_that_shall_not_be_there(steps, expected):
    wanted = application(state="absent", group_name="web", **FIXED)
    row, tasks = fleet_view.row(wanted, after(*steps).index())
    assert [(each["resource"], each["name"], each["action"]) for each in row["changes"]] == [
        (resource, name, "remove") for resource, name in expected
    ]
    assert (row["state"], row["changed"], tasks, fleet_view.is_beyond_role(row)) == (
        "absent",
        bool(expected),
        {},
        False,
    )


def test_a_template_of_the_name_that_hands_out_something_else_is_somebody_elses():
    account = after({**IMAGE, **TEMPLATE})
    account.template.versions[1]["IamInstanceProfile"] = {"Name": "foreign"}
    row, dummy = fleet_view.row(application(state="absent"), account.index())
    assert [each["resource"] for each in row["changes"]] == ["instance_profile", "role"]


def row(name, changes=(), error=None):
    """A row as ``row()`` returns it."""
    return {
        "name": name,
        "summary": f"{name}: in a line",
        "changes": list(changes),
        "changed": bool(changes),
        "unchanged": not changes and error is None,
        "error": error,
    }


CHANGE = {
    "resource": "role",
    "name": "web",
    "action": "change",
    "differences": [{"field": "tags[Owner]", "wanted": "you", "actual": "me"}],
}
ROWS = [row("same"), row("web", [CHANGE]), row("broken", error="Why not."), row("half", [CHANGE], "Why not.")]


def test_a_plan_for_people():
    assert fleet_view.lines(ROWS, [{"summary": "former: ORPHAN: role former"}]) == [
        "same: in a line",
        "web: in a line",
        "    role.tags[Owner]: me -> you",
        "broken: in a line",
        "half: in a line",
        "    role.tags[Owner]: me -> you",
        "former: ORPHAN: role former",
        "4 applications: 1 to change, 1 unchanged, 2 that cannot be changed; 1 orphan.",
    ]


def test_totals_add_up():
    assert fleet_view.totals([]) == {"applications": 0, "changed": 0, "failed": 0, "unchanged": 0, "orphans": 0}
    counts = fleet_view.totals(ROWS, [{}, {}])
    assert counts == {"applications": 4, "changed": 1, "failed": 2, "unchanged": 1, "orphans": 2}
    assert counts["changed"] + counts["failed"] + counts["unchanged"] == counts["applications"]


def found(territory, account, *claimed):
    return fleet_orphans.find(territory, [application(**each) for each in claimed], account.index())


ORPHANED = {"role_path": "/web/", "tags": {"Fleet": "one"}}


@pytest.mark.parametrize(
    ("territory", "is_orphan"),
    [
        (Territory("/web/"), True),
        (Territory("/"), True),
        (Territory("/ops/"), False),
        (Territory(tags={"Fleet": "one"}), True),
        (Territory(tags={"Fleet": "two"}), False),
        (Territory(tags={"Fleet": "one", "Owner": "me"}), False),
        (Territory("/web/", {"Fleet": "one"}), True),
        (Territory("/ops/", {"Fleet": "one"}), False),
        (Territory("/web/", {"Fleet": "two"}), False),
        (Territory(), False),
    ],
)
def test_where_orphans_are(territory, is_orphan):
    orphans = found(territory, after(ORPHANED))
    assert [each["name"] for each in orphans] == (["web"] if is_orphan else [])
    # Claimed, it is none, be it to be there or not, and whatever the case of its letters.
    for claim in ({}, {"state": "absent"}, {"role_name": "WEB"}):
        assert found(territory, after(ORPHANED), claim) == []


def test_an_orphan_of_everything_and_the_variables_that_remove_it():
    account = after({**ORPHANED, **IMAGE, **GROUP})
    (name,) = names(account)
    (orphan,) = found(Territory("/web/"), account)
    assert orphan == {
        "name": "web",
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
        "summary": f"web: ORPHAN: role web; instance profile web; launch configuration {name}; Auto Scaling group web",
    }


@pytest.mark.parametrize(
    ("launched", "variables"),
    [
        ({**IMAGE, **FIXED}, {"application_launch_configuration_name": "fixed"}),
        ({**IMAGE, **TEMPLATE, "launch_template_name": "own"}, {"application_launch_template_name": "own"}),
    ],
)
def test_the_variables_name_what_it_launched_with(launched, variables):
    (orphan,) = found(Territory("/web/"), after({**ORPHANED, **launched}))
    assert {key: value for key, value in orphan["variables"].items() if key in variables} == variables


def test_a_profile_that_lost_its_role_is_an_orphan_by_its_path():
    account = after(ORPHANED)
    del account.roles["web"]
    account.profiles["web"] = aws_answers.instance_profile("web", "/web/")
    (orphan,) = found(Territory("/web/"), account)
    assert (orphan["name"], orphan["summary"]) == ("web", "web: ORPHAN: instance profile web")
    assert found(Territory(tags={"Fleet": "one"}), account) == []
    assert found(Territory("/web/"), account, {}) == []


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"orphan_path": "web", "orphan_tags": None}, "orphan_path"),
        ({"orphan_path": "/", "orphan_tags": None}, "orphan_path: '/' is where every role of the account is."),
        ({"orphan_path": None, "orphan_tags": {"": "a"}}, "orphan_tags"),
    ],
)
def test_a_territory_that_cannot_be(params, message):
    with pytest.raises(InvalidOption) as refused:
        fleet_orphans.from_params(params)
    assert message in refused.value.message


def test_the_stages_are_planned_each_by_itself():
    account = after({})
    planned = Planned(application(**IMAGE, **GROUP), account.index())
    assert planned.plan("instance_profile").calls == ()
    (call,) = planned.plan("launch_settings").calls
    assert call.operation == "create_launch_configuration"
    # The profile was seen, so nobody has to look again.
    assert [need.satisfied for need in call.needs] == [True]
    # There is no group yet, which could have to move.
    assert planned.plan("auto_scaling_group").calls == ()


def test_a_group_is_repointed_and_nothing_else_of_it_changed():
    account = after({**IMAGE, **GROUP}, {})
    former = account.groups["web"]
    account.make(Planned(application(**OTHER, **GROUP), account.index()).plan("launch_settings").calls)
    wanted = application(**OTHER, **{**GROUP, "group_max_size": 2})
    (call,) = Planned(wanted, account.index(), former).plan("auto_scaling_group").calls
    assert sorted(call.arguments) == ["AutoScalingGroupName", "LaunchConfigurationName"]
    # Before it has moved, what it leaves stays.
    assert Planned(wanted, account.index(), former).plan("clean_up").calls == ()


def test_where_instances_are_to_be_replaced_the_role_moves_the_group():
    account = after({**IMAGE, **GROUP})
    wanted = application(**OTHER, **GROUP, refresh=True)
    planned = Planned(wanted, account.index())
    assert planned.needs_refresh()
    assert planned.plan("auto_scaling_group").calls == planned.plan("clean_up").calls == ()
    assert "; refresh instances of web; remove launch configuration" in summary(
        {**OTHER, **GROUP, "refresh": True}, account
    )
    assert not Planned(application(**IMAGE, **GROUP, refresh=True), account.index()).needs_refresh()
