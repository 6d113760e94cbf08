# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options with which the role runs the modules of its steps, and those of an instance refresh."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module_options import module_options
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import (
    FIXED,
    GROUP,
    IMAGE,
    INLINE,
    OTHER,
    POLICY,
    TEMPLATE,
    Account,
    after,
    application,
)

EVERYTHING = {**IMAGE, **GROUP}


def options_of(account, **variables):
    found = module_options(application(**variables), account.index())
    # They are a module's result.
    assert json.loads(json.dumps(found)) == found
    return found


STEPS = {
    "nothing exists": ([], {}, ["iam_role", "instance_profile"]),
    "unchanged": ([EVERYTHING], EVERYTHING, []),
    "description": ([{}], {"role_description": "New"}, ["iam_role"]),
    "inline policy": ([{}], {"inline_policies": {"one": INLINE}}, ["inline_policies"]),
    "image": ([EVERYTHING], {**OTHER, **GROUP}, ["launch_settings", "auto_scaling_group", "superseded"]),
    "size": ([EVERYTHING], {**EVERYTHING, "group_max_size": 2}, ["auto_scaling_group"]),
    "absent": (
        [{**EVERYTHING, **FIXED}],
        {"state": "absent", "group_name": "web", **FIXED},
        ["auto_scaling_group", "launch_settings", "instance_profile", "iam_role"],
    ),
    "absent already": ([], {"state": "absent"}, []),
}


@pytest.mark.parametrize(("former", "wanted", "steps"), STEPS.values(), ids=STEPS)
def test_module_options_steps_are_those_that_change(former, wanted, steps):
    found = options_of(after(*former), **wanted)
    assert found["steps"] == steps
    assert set(steps) <= set(found["all_steps"])


@pytest.mark.parametrize(
    ("wanted", "steps"),
    [
        ({}, ["iam_role", "inline_policies", "instance_profile"]),
        (IMAGE, ["iam_role", "inline_policies", "instance_profile", "launch_settings", "superseded"]),
        (
            EVERYTHING,
            [
                *("iam_role", "inline_policies", "instance_profile"),
                *("launch_settings", "auto_scaling_group", "superseded"),
            ],
        ),
        ({"state": "absent"}, ["auto_scaling_group", "launch_settings", "instance_profile", "iam_role"]),
    ],
)
def test_module_options_all_steps_follow_the_application(wanted, steps):
    assert options_of(after({}), **wanted)["all_steps"] == steps


def test_module_options_of_the_role():
    found = options_of(Account(), role_path="/web/", inline_policies={"one": INLINE}, managed_policies=[POLICY])
    role = found["iam_role"]
    assert (role["name"], role["path"], role["managed_policies"]) == ("web", "/web/", [POLICY])
    assert role["assume_role_policy_document"]["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com"}
    assert found["inline_policies"] == [
        {"iam_type": "role", "iam_name": "web", "policy_name": "one", "policy_json": INLINE}
    ]
    assert found["instance_profile"] == {
        "name": "web",
        "path": "/web/",
        "role": "web",
        "tags": {"launchkit:application": "web"},
        "purge_tags": False,
        "on_drift": "fail",
    }


@pytest.mark.parametrize(
    ("former", "wanted", "is_first"), [([], [POLICY], False), (["b"], [POLICY], True), ([POLICY], [], False)]
)
def test_module_options_replaced_policy_is_attached_first(former, wanted, is_first):
    """amazon.aws.iam_role detaches first: a refusal to attach would leave the role with neither (K2)."""
    account = after({})
    account.roles["web"]["AttachedManagedPolicies"] = [{"PolicyArn": arn, "PolicyName": arn} for arn in former]
    assert options_of(account, managed_policies=wanted)["iam_role_attaches_first"] is is_first


@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["launch configuration", "launch template"])
def test_module_options_hold_no_user_data(kind):
    found = options_of(after({}), **IMAGE, **kind, user_data="hunter2")
    assert "hunter2" not in json.dumps(found)
    assert "user_data" not in found["launch"]


def test_module_options_of_a_template_clear_user_data():
    account = after({**IMAGE, **TEMPLATE, "user_data": "hunter2"})
    launch = options_of(account, **IMAGE, **TEMPLATE)["launch"]
    assert (launch["name"], launch["user_data"], launch["spot_price"]) == ("web", "", "")


def test_module_options_of_the_group_keep_what_it_has():
    account = after(EVERYTHING)
    account.groups["web"].update(HealthCheckType="ELB", DefaultCooldown=10)
    found = options_of(account, **{**EVERYTHING, "group_wait_timeout": 60})["auto_scaling_group"]
    assert (found["health_check_type"], found["default_cooldown"]) == ("ELB", 10)
    assert (found["wait_for_instances"], found["wait_timeout"]) == (True, 60)


def test_module_options_superseded_names_what_is_deleted():
    account = after(EVERYTHING)
    (former,) = list(account.launch_configurations)
    found = options_of(account, **OTHER, **GROUP)
    assert found["superseded"] == {"launch_configurations": [former], "launch_templates": [], "versions": {}}
    assert found["former_source"] == {"launch_config_name": former}
    found = options_of(after({**EVERYTHING, **TEMPLATE}), **EVERYTHING)
    assert found["superseded"]["launch_templates"] == ["web"]
    found = options_of(after({**EVERYTHING, **TEMPLATE}), **OTHER, **GROUP, **TEMPLATE)
    assert found["superseded"]["versions"] == {"name": "web", "prune": {"keep": 0}}


def test_module_options_result_foresees_names_and_arns():
    found = options_of(Account(), **EVERYTHING, role_path="/web/")["result"]
    assert found["role_arn"] == "arn:aws:iam::123456789012:role/web/web"
    assert found["instance_profile_arn"] == "arn:aws:iam::123456789012:instance-profile/web/web"
    assert found["launch_configuration_name"].startswith("web-")
    # Only AWS knows the ARN of a new launch configuration.
    assert (found["launch_configuration_arn"], found["auto_scaling_group_name"]) == (None, "web")


def test_module_options_result_of_an_existing_application():
    found = options_of(after({**IMAGE, **TEMPLATE}), **IMAGE, **TEMPLATE)["result"]
    assert (found["launch_template_id"], found["launch_template_version"]) == ("lt-1", 1)
    assert found["role_arn"] == "arn:aws:iam::123456789012:role/web"


def test_module_options_result_of_an_absent_application():
    found = options_of(after({}), state="absent")["result"]
    assert {key for key, value in found.items() if value} == {"name", "state"}


def refresh(account, **variables):
    return Planner(application(**{**GROUP, "refresh": True, **variables}), account.index()).refresh_options


DEFAULTS = {
    "group": "web",
    "min_healthy_percentage": 100,
    "max_healthy_percentage": 110,
    "wait_timeout": 3600,
    "poll_interval": 15,
}


def test_refresh_options_of_a_launch_configuration():
    assert refresh(after(EVERYTHING), **OTHER) == DEFAULTS


def test_refresh_options_are_the_variables():
    given = {
        "refresh_instance_warmup": 0,
        "refresh_scale_in_protected_instances": "ignore",
        "refresh_standby_instances": "wait",
        "refresh_timeout": 60,
    }
    found = refresh(after(EVERYTHING), **OTHER, **given)
    expected = {name.removeprefix("refresh_"): value for name, value in given.items() if name != "refresh_timeout"}
    assert found == {**DEFAULTS, **expected, "wait_timeout": 60}


ROLLBACK = {
    "numbered version": (IMAGE, "1", True),
    "newest version": (IMAGE, "$Latest", False),
    "image of an SSM parameter": ({**IMAGE, "image_id": "resolve:ssm:/golden"}, "1", False),
}


@pytest.mark.parametrize(("wanted", "former", "rolls_back"), ROLLBACK.values(), ids=ROLLBACK)
def test_refresh_options_roll_back_where_aws_can(wanted, former, rolls_back):
    account = after({**OTHER, **TEMPLATE, **GROUP})
    account.groups["web"]["LaunchTemplate"]["Version"] = former
    found = refresh(account, **wanted, **TEMPLATE)
    template = {"launch_template_id": "lt-1", "launch_template_version": "2", "auto_rollback": rolls_back}
    # What another run sets meanwhile stays.
    seen = {"expected_launch_template_id": "lt-1", "expected_launch_template_version": former}
    assert found == {**DEFAULTS, **template, **seen}
