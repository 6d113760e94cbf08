# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What people read of plans and results: lines, totals and dictionaries."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application import plan_text
from ansible_collections.launchkit.aws.plugins.module_utils.application.plan import ApplicationPlan, Change, Step
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Difference
from hypothesis import given
from hypothesis import strategies as st

ACTIONS = ("create", "update", "replace", "delete", "refresh")
IMAGE = Difference("image_id", "ami-2", "ami-1")
ORPHAN = {"name": "old", "summary": "old: ORPHAN: IAM role old"}
BLOCKER = "application_image_id: image 'ami-9' does not exist. Correct the id."
DOCUMENT = '{"Statement": [{"Action": "sts:AssumeRole", "Resource": ["%s"]}]%s}'


def plan(name, *changes, state="present", warnings=(), blockers=(), notes=()):
    return ApplicationPlan(name, state, (Step("iam_role", changes, (), warnings, blockers),), notes)


def change(action="create", resource="iam_role", name="web", differences=(), **attributes):
    return Change(resource, name, action, tuple(differences), attributes)


SHOP = plan(
    "shop",
    change(name="shop", path="/web/", policies="AmazonS3ReadOnlyAccess"),
    change(
        "update", "auto_scaling_group", "shop", [Difference("max_size", "4", "2"), Difference("tags[a]", "b", "none")]
    ),
    change("replace", "launch_configuration", "web", [IMAGE]),
    change("refresh", "instances", "shop", instances="3"),
    change("delete", "launch_configuration", "shop-3b1f"),
    warnings=["path: it is kept."],
    notes=["2 instances keep image ami-1 until a refresh"],
)
UNCHANGED = plan("search")
BLOCKED = plan("broken", change("update", differences=[IMAGE]), blockers=[BLOCKER])
NOTED = plan("kept", warnings=["path: it is kept."])
ABSENT = plan("gone", state="absent")


def test_lines_of_a_fleet():
    assert plan_text.lines([SHOP, UNCHANGED, BLOCKED, ABSENT], [ORPHAN]) == [
        "broken: blocked",
        f"  ! {BLOCKER}",
        "  planned once this is resolved:",
        "    ~ IAM role web",
        "        image_id: ami-1 -> ami-2",
        "shop",
        "  + IAM role shop",
        "      path: /web/",
        "      policies: AmazonS3ReadOnlyAccess",
        "  ~ Auto Scaling group shop",
        "      max_size: 2 -> 4",
        "      tags[a]: none -> b",
        "  -/+ launch configuration web",
        "      image_id: ami-1 -> ami-2",
        "  ~ instances of Auto Scaling group shop: replace 3",
        "  - launch configuration shop-3b1f",
        "  warning: path: it is kept.",
        "  note: 2 instances keep image ami-1 until a refresh",
        "search: unchanged",
        "gone: nothing exists",
        "old: ORPHAN: IAM role old",
        "Plan: 1 to create, 1 to update, 1 to replace, 1 to delete, 1 to refresh; "
        "2 applications unchanged, 1 blocked, 1 orphan.",
    ]


SINGLE = [
    pytest.param(UNCHANGED, ["search: unchanged"], id="unchanged"),
    pytest.param(ABSENT, ["gone: nothing exists"], id="nothing exists"),
    pytest.param(
        plan("web", change("delete"), state="absent"), ["web", "  - IAM role web", "Plan: 1 to delete."], id="deleted"
    ),
    pytest.param(plan("web", blockers=[BLOCKER]), ["web: blocked", f"  ! {BLOCKER}"], id="blocked"),
    pytest.param(NOTED, ["kept: unchanged", "  warning: path: it is kept."], id="warning"),
    pytest.param(
        plan("web", change("create", "launch_configuration", "web-1", [IMAGE], image_id="ami-2")),
        ["web", "  + launch configuration web-1", "      image_id: ami-1 -> ami-2", "Plan: 1 to create."],
        id="created beside an older one",
    ),
    pytest.param(
        plan("web", change("refresh", "instances")),
        ["web", "  ~ instances of Auto Scaling group web: replace outdated ones", "Plan: 1 to refresh."],
        id="number of instances unknown",
    ),
    pytest.param(
        plan("web", change(description="a\nb\x1b[31m\u202e\t")),
        ["web", "  + IAM role web", r"      description: a\nb\x1b[31m\u202e\t", "Plan: 1 to create."],
        id="control characters",
    ),
    pytest.param(
        plan("web", blockers=["word " * 30 + "end."]),
        ["web: blocked", "  ! " + ("word " * 23).strip(), "    " + "word " * 7 + "end."],
        id="long sentence",
    ),
]


@pytest.mark.parametrize(("single", "expected"), SINGLE)
def test_lines_of_a_single_application(single, expected):
    assert plan_text.lines([single], single=True) == expected


TRANSITIONS = [
    pytest.param("2", "4", "2 -> 4", id="short"),
    pytest.param("none", "b" * 200, f"none -> {'b' * 94}...", id="long new value"),
    pytest.param("a" * 200, "none", f"{'a' * 94}... -> none", id="long old value"),
    pytest.param("a" * 200, "b" * 200, f"{'a' * 47}... -> {'b' * 48}...", id="both long"),
    pytest.param("a" * 200, "a" * 200 + "b", f"...{'a' * 12} -> ...{'a' * 12}b", id="longer by a letter"),
    pytest.param(
        DOCUMENT % ("a" * 100, ""),
        DOCUMENT % ("a" * 100, ', "Version": "2012-10-17"'),
        '...aaaaaaaa"]}]} -> ...aaaaaaaa"]}], "Version": "2012-10-17"}',
        id="policy document",
    ),
]


@pytest.mark.parametrize(("actual", "wanted", "expected"), TRANSITIONS)
def test_transition_shows_what_differs(actual, wanted, expected):
    changed = change("update", differences=[Difference("field", wanted, actual)])
    line = plan_text.lines([plan("web", changed)])[2]
    assert line == f"      field: {expected}"
    assert len(line) <= plan_text.WIDTH


OLD, NEW = ({"Version": "2012-10-17", "Statement": [{"Action": each} for each in actions]} for actions in ("a", "b"))
DETAILS = [
    pytest.param("small", "large", ["field: small -> large"], id="short"),
    pytest.param(
        json.dumps(OLD),
        json.dumps(NEW),
        [
            "field:",
            *("   {", '     "Version": "2012-10-17",', '     "Statement": ['),
            *("       {", '  -      "Action": "a"', '  +      "Action": "b"', "       }", "     ]", "   }"),
        ],
        id="policy",
    ),
    pytest.param("a" * 100, "a" * 99 + "\n", ["field:", "  -" + "a" * 100, "  +" + "a" * 99 + "\\n"], id="no JSON"),
]


@pytest.mark.parametrize(("actual", "wanted", "expected"), DETAILS)
def test_details_show_a_long_value_in_full(actual, wanted, expected):
    changed = change("update", differences=[Difference("field", wanted, actual)])
    text = plan_text.lines([plan("web", changed)], single=True, details=True)[2:-1]
    assert [line[6:] for line in text] == expected


@pytest.mark.parametrize("value", ["x" * 2000, "x, " * 700], ids=["one word", "a list"])
def test_long_attribute_is_cut(value):
    whole = plan_text.lines([plan("web", change(policies=value))], single=True, details=True)[2:-1]
    assert "".join(whole).replace(" ", "") == f"policies:{value}".replace(" ", "")
    text = plan_text.lines([plan("web", change(policies=value))], single=True)[2:-1]
    assert len(text) == plan_text.VALUE_LINES
    assert max(map(len, text)) <= plan_text.WIDTH
    assert text[-1].endswith("...")


def counts(**given):
    names = (*ACTIONS, "changed", "unchanged", "blocked", "orphans")
    return {**dict.fromkeys(names, 0), **given}


TOTALS = [
    (counts(), "No changes."),
    (counts(unchanged=1), "No changes. 1 application is unchanged."),
    (counts(unchanged=3), "No changes. 3 applications are unchanged."),
    (counts(blocked=1), "No changes. 1 application is blocked."),
    (counts(unchanged=1, blocked=2), "No changes. 1 application is unchanged, 2 are blocked."),
    (counts(unchanged=2, blocked=1), "No changes. 2 applications are unchanged, 1 is blocked."),
    (counts(orphans=1), "No changes. 1 orphan exists."),
    (counts(unchanged=2, orphans=2), "No changes. 2 applications are unchanged. 2 orphans exist."),
    (counts(create=4, changed=1), "Plan: 4 to create."),
    (counts(create=4, update=1, delete=1, changed=1), "Plan: 4 to create, 1 to update, 1 to delete."),
    (
        counts(replace=1, refresh=2, changed=1, unchanged=1),
        "Plan: 1 to replace, 2 to refresh; 1 application unchanged.",
    ),
    (counts(create=1, changed=1, blocked=2, orphans=2), "Plan: 1 to create; 2 applications blocked, 2 orphans."),
    (counts(create=1, changed=1, unchanged=3, blocked=1), "Plan: 1 to create; 3 applications unchanged, 1 blocked."),
]


@pytest.mark.parametrize(("given", "expected"), TOTALS, ids=[expected for dummy, expected in TOTALS])
def test_totals_line_agrees_in_number(given, expected):
    assert plan_text.totals_line(given) == expected


def test_describe_unchanged_is_small():
    expected = dict(name="search", state="present", changed=False, unchanged=True, summary="search: unchanged")
    assert plan_text.describe(UNCHANGED) == expected


def test_describe_change_leaves_out_empty_members():
    described = plan_text.describe(
        plan("web", change(path="/"), change("update", differences=[IMAGE]), warnings=["w"], notes=["n"])
    )
    assert described == dict(
        name="web",
        state="present",
        changed=True,
        unchanged=False,
        summary="web: create IAM role web; update IAM role web (image_id)",
        changes=[
            dict(resource="iam_role", name="web", action="create", attributes={"path": "/"}),
            dict(resource="iam_role", name="web", action="update", differences=[IMAGE._asdict()]),
        ],
        warnings=["w"],
        notes=["n"],
    )


def test_describe_summary_names_each_field_once():
    differences = [Difference(f"managed_policies[{arn}]", "attached", "detached") for arn in "ab"]
    differences += [Difference("tags[Owner]", "me", "you"), Difference("metadata_options.http_tokens", "a", "b")]
    described = plan_text.describe(plan("web", change("update", differences=differences)))
    assert described["summary"] == "web: update IAM role web (managed_policies, tags, metadata_options)"


def test_describe_blocked_is_neither_changed_nor_unchanged():
    described = plan_text.describe(BLOCKED)
    assert (described["changed"], described["unchanged"], described["blockers"]) == (False, False, [BLOCKER])
    assert described["summary"] == f"broken: blocked: {BLOCKER}"
    assert described["changes"]


RESULTS = [
    pytest.param({"name": "web", "role_arn": None}, [], id="nothing"),
    pytest.param(
        {
            "name": "web",
            "role_arn": "arn:aws:iam::123456789012:role/web",
            "instance_profile_name": "web",
            "instance_profile_arn": "arn:aws:iam::123456789012:instance-profile/web",
            "launch_configuration_name": "",
            "launch_template_name": "web",
            "launch_template_version": 3,
            "auto_scaling_group_name": "web",
        },
        [
            "  IAM role: arn:aws:iam::123456789012:role/web",
            "  instance profile: arn:aws:iam::123456789012:instance-profile/web",
            "  launch template: web, version 3",
            "  Auto Scaling group: web",
        ],
        id="launch template",
    ),
    pytest.param(
        {"name": "web", "instance_profile_name": "web", "launch_configuration_name": "web-1"},
        ["  instance profile: web", "  launch configuration: web-1"],
        id="names where ARNs are not known",
    ),
]


@pytest.mark.parametrize(("result", "expected"), RESULTS)
def test_result_lines_name_what_exists(result, expected):
    assert plan_text.result_lines(result) == expected


TEXT = st.text(max_size=300)
WORDS = st.text(min_size=1, max_size=20).map(lambda text: f"x{text}")
DIFFERENCES = st.lists(st.builds(Difference, WORDS, TEXT, TEXT), max_size=3).map(tuple)
CHANGES = st.builds(
    Change,
    st.sampled_from(sorted(plan_text.RESOURCES)),
    WORDS,
    st.sampled_from(ACTIONS),
    DIFFERENCES,
    st.dictionaries(WORDS, TEXT, max_size=3),
)
SENTENCES = st.lists(TEXT.map(lambda text: f"x{text}"), max_size=2).map(tuple)
STEPS = st.builds(
    Step, st.just("iam_role"), st.lists(CHANGES, max_size=3).map(tuple), st.just(()), SENTENCES, SENTENCES
)
PLANS = st.lists(
    st.builds(
        ApplicationPlan,
        WORDS,
        st.sampled_from(["present", "absent"]),
        st.lists(STEPS, max_size=2).map(tuple),
        SENTENCES,
    ),
    max_size=4,
)


@given(PLANS, st.booleans())
def test_lines_are_printable_and_a_function_of_the_plans(plans, single):
    before = repr(plans)
    text = plan_text.lines(plans, [ORPHAN], single=single)
    assert all(line.isprintable() and line.strip() for line in text)
    assert text == plan_text.lines(plans, [ORPHAN], single=single)
    assert repr(plans) == before


@given(PLANS)
def test_totals_agree_with_changes_and_lines(plans):
    totals = plan_text.totals(plans)
    described = [plan_text.describe(each) for each in plans]
    assert totals["applications"] == totals["changed"] + totals["unchanged"] + totals["blocked"] == len(plans)
    assert totals["changed"] == sum(each["changed"] for each in described)
    assert totals["unchanged"] == sum(each["unchanged"] for each in described)
    actions = [one["action"] for each in described if each["changed"] for one in each["changes"]]
    assert {action: totals[action] for action in ACTIONS} == {action: actions.count(action) for action in ACTIONS}
    starts = tuple(f"  {sign} " for sign in ("+", "~", "-", "-/+"))
    assert sum(line.startswith(starts) for line in plan_text.lines(plans)) == len(actions)
    assert all(each["summary"].isprintable() for each in described)
    json.dumps(described)
