# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rows of a report, the chain that each draws, and reports of several accounts and Regions as one."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.report.account import needed_versions
from ansible_collections.launchkit.aws.plugins.module_utils.report.build import build
from ansible_collections.launchkit.aws.plugins.module_utils.report.catalogue import SEVERITIES
from ansible_collections.launchkit.aws.plugins.module_utils.report.merge import merge
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.report_account import (
    ADMINISTRATOR,
    OPTIONS,
    Builder,
    healthy,
    page_of,
    various,
)
from hypothesis import given, settings
from hypothesis import strategies as st


def rows_of(builder, **options):
    return build(builder.account(), {**OPTIONS, **options})["applications"]


def pattern(row):
    """Return the states of the links and of what joins them, as people see them."""
    signs = {"good": "o", "bad": "!", "missing": "?", "absent": "."}
    joints = {"good": "-", "broken": "x", "absent": " "}
    return "".join(joints.get(link.get("edge"), "") + signs[link["state"]] for link in row["chain"])


# Links: group, launch settings, instance profile, role, policies. o exists, ! is wrong, ? is named and missing, . is not there.
# Between them: - joined, x broken, a blank where nothing is to be joined.
CHAINS = {
    "whole": ("o-o-o-o-o", lambda b: healthy(b, "web")),
    "no permissions": ("o-o-o-o .", lambda b: healthy(b, "web").role("web", ())),
    "administrator": ("o-o-o-o-!", lambda b: healthy(b, "web").role("web", [ADMINISTRATOR])),
    "template gone": ("ox?x. . .", lambda b: b.group("web", template="gone")),
    "image gone": ("ox!-o-o-o", lambda b: healthy(b, "web").template("web", "web", "ami-gone")),
    "profile gone": ("o-ox?x. .", lambda b: b.template("web", "web").group("web", template="web")),
    "profile empty": ("o-o-ox?x.", lambda b: b.profile("web").template("web", "web").group("web", template="web")),
    "former role": ("o-o-!xo-o", lambda b: healthy(b, "web").profile("web", "web", role_id="AROAFORMER")),
    "no profile": ("o-o . . .", lambda b: b.template("web").group("web", template="web")),
    "role alone": (". .x?xo-o", lambda b: b.role("web")),
    "configuration alone": (".x! . . .", lambda b: b.configuration("web")),
    "no group": (". . o-o-o", lambda b: b.role("web").profile("web", "web")),
}


@pytest.mark.parametrize("case", CHAINS)
def test_chain(case):
    expected, change = CHAINS[case]
    builder = Builder()
    change(builder)
    (row,) = rows_of(builder)
    assert pattern(row) == expected
    assert row["is_broken"] is ("x" in expected and case != "configuration alone")


def test_everything_is_in_one_row():
    builder = various(60)
    builder.configuration("alone").profile("empty").role("free")
    rows = rows_of(builder)
    assert len({row["name"] for row in rows}) == len(rows) == 63
    assert {row["group"]["name"] for row in rows if row["group"]} == set(builder.groups)
    profiles = [name for row in rows for name in row["profiles"]]
    assert sorted(profiles) == sorted(each["InstanceProfileName"] for each in builder.profiles.values())


def test_profile_of_two_groups_shows_unused_configurations_once():
    builder = healthy(Builder(), "web").group("web-2", template="web").configuration("web-1", "web")
    found = [
        row["name"]
        for row in rows_of(builder)
        for each in row["findings"]
        if each["name"] == "launch_configuration_unused"
    ]
    assert found == ["web"]


def test_instances_are_counted_by_what_launched_them():
    builder = healthy(Builder(), "web", instances=3)
    builder.groups["web"]["Instances"][0] = {"InstanceId": "i-00000000", "LifecycleState": "InService"}
    (row,) = rows_of(builder)
    assert row["instances"] == {
        "total": 3,
        "outdated": 1,
        "sources": [
            {"source": "launch settings that were deleted", "count": 1, "outdated": True},
            {"source": "launch template web version 1", "count": 2, "outdated": False},
        ],
    }


@pytest.mark.parametrize(
    ("tags", "manager"),
    [
        ({"launchkit:application": "web"}, "launchkit.aws"),
        ({"aws:cloudformation:stack-name": "stack"}, "CloudFormation stack stack"),
        ({"elasticbeanstalk:environment-name": "env"}, "Elastic Beanstalk environment env"),
        ({"ManagedBy": "Terraform"}, "Terraform"),
        ({"Owner": "web"}, ""),
    ],
)
def test_manager_is_known_by_tags(tags, manager):
    (row,) = rows_of(healthy(Builder(), "web", tags=tags))
    assert row["managed_by"] == manager


def test_needed_versions_leaves_out_the_newest():
    builder = Builder().template("web", number=3, default=2)
    for number, version in enumerate(("$Latest", "3", "$Default", "1", "$Default")):
        builder.group(f"web-{number}", template="web", version=version)
    builder.group("gone", template="gone")
    assert needed_versions(builder.account().observation) == [("lt-gone", "1"), ("lt-web", "1"), ("lt-web", "2")]


def test_merge_lists_what_is_in_no_region_once():
    us, eu = Builder("us-east-1"), Builder("eu-west-1")
    for builder in (us, eu):
        builder.role("web").profile("web", "web").role("free").profile("spare", "free")
    healthy(eu, "web")
    page = page_of(us.account(), eu.account())
    assert [(row["name"], row["region"]) for row in page["applications"]] == [
        ("spare", "us-east-1"),
        ("web", "eu-west-1"),
    ]
    assert page["places"] == [{"account": "123456789012", "region": region} for region in ("us-east-1", "eu-west-1")]


def test_merge_of_nothing_is_a_page():
    assert merge([])["totals"]["applications"] == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 40), st.sampled_from(["*", "shop*", "none"]))
def test_totals_agree_with_rows(number, application):
    accepted = [{"finding": "image_missing", "application": application, "reason": "x"}]
    page = page_of(various(number).account(), accepted_findings=accepted)
    rows, totals = page["applications"], page["totals"]
    assert (
        totals["applications"]
        == len(rows)
        == totals["clean"] + sum(each["applications"] for each in page["severities"])
    )
    open_findings = [each for row in rows for each in row["findings"] if "accepted" not in each]
    assert sum(each["findings"] for each in page["severities"]) == len(open_findings)
    assert sum(len(row["findings"]) for row in rows) == len(open_findings) + totals["accepted"]
    assert [SEVERITIES.index(each["severity"]) for each in page["findings"]] == sorted(
        SEVERITIES.index(each["severity"]) for each in page["findings"]
    )
    # It is what the task returns.
    assert json.loads(json.dumps(page)) == page
