# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The instance profile modules from parameters to result, on scripted answers: which calls, which clients, which result."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.modules import iam_instance_profile, iam_instance_profile_info
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

ROLE = {"Role": aws_answers.over_the_wire(aws_answers.role())}
NO_PROFILE = ("NoSuchEntity", "Instance Profile web cannot be found.")
NONE_LISTED = {"InstanceProfiles": [], "IsTruncated": False}


def profile(*roles, **named):
    answer = aws_answers.instance_profile(roles=[aws_answers.role_in_profile(*role) for role in roles], **named)
    return {"InstanceProfile": aws_answers.over_the_wire(answer)}


def nothing_there(script):
    script.refuse("iam", "get_instance_profile", *NO_PROFILE)
    script.answer("iam", "list_instance_profiles", NONE_LISTED)


def test_creation(run_module, script, sessions):
    nothing_there(script)
    script.answer("iam", "get_role", ROLE)
    tags = [{"Key": "A", "Value": "1"}]
    script.answer("iam", "create_instance_profile", profile(), InstanceProfileName="web", Path="/ops/", Tags=tags)
    script.answer("iam", "add_role_to_instance_profile", {}, InstanceProfileName="web", RoleName="web")
    # The profile holds the role that GetRole has given, so it is not read again.
    for dummy in range(3):
        script.answer("iam", "get_instance_profile", profile(("web",), path="/ops/", tags={"A": "1"}))
    result = run_module(iam_instance_profile, name="web", path="/ops/", role="web", tags={"A": 1})
    assert result["changed"]
    found = result["iam_instance_profile"]
    assert (found["path"], found["tags"], [role["role_name"] for role in found["roles"]]) == (
        "/ops/",
        {"A": "1"},
        ["web"],
    )
    assert result["diff"] == {"before": {}, "after": found}
    assert (sessions.made, sessions.clients) == (1, ["iam"])


@pytest.mark.parametrize(
    ("parameters", "operations"),
    [
        ({}, ["get_instance_profile"]),
        ({"role": "web"}, ["get_instance_profile", "get_role"]),
        ({"role": "arn:aws:iam::123456789012:role/web", "path": "/", "tags": {}}, ["get_instance_profile", "get_role"]),
    ],
    ids=["name", "role", "everything"],
)
def test_unchanged(run_module, script, sessions, clock, parameters, operations):
    script.answer("iam", "get_instance_profile", profile(("web",)))
    if "role" in parameters:
        script.answer("iam", "get_role", ROLE)
    result = run_module(iam_instance_profile, name="web", **parameters)
    assert not result["changed"]
    assert result["diff"]["before"] == result["diff"]["after"] == result["iam_instance_profile"]
    assert (script.operations, sessions.made, sessions.clients, clock.slept) == (operations, 1, ["iam"], 0)


def test_check_mode_calls_nothing_and_shows_the_same_as_a_run(run_module, script, clock):
    nothing_there(script)
    script.answer("iam", "get_role", ROLE)
    result = run_module(iam_instance_profile, check_mode=True, name="web", role="web", tags={"A": "1"})
    assert result["changed"]
    assert result["iam_instance_profile"] == {
        "instance_profile_name": "web",
        "path": "/",
        "tags": {"A": "1"},
        "roles": [
            {
                "arn": "arn:aws:iam::123456789012:role/web",
                "assume_role_policy_document": aws_answers.TRUST,
                "create_date": "2026-11-23T15:20:47+00:00",
                "path": "/",
                "role_id": aws_answers.role()["RoleId"],
                "role_name": "web",
                "tags": {},
            }
        ],
    }
    assert clock.slept == 0


def test_check_mode_with_a_role_that_is_yet_to_be_made(run_module, script):
    nothing_there(script)
    script.refuse("iam", "get_role", "NoSuchEntity", "The role with name web cannot be found.")
    result = run_module(iam_instance_profile, check_mode=True, name="web", role="web")
    assert result["iam_instance_profile"]["roles"] == [{"role_name": "web", "tags": {}}]
    assert result["warnings"] == [
        "role: role 'web' does not exist now; the run without check mode fails if it is still missing then."
    ]


def test_lost_answer_of_creation_is_success(run_module, script):
    """The SDK repeated a create that had worked: https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html"""
    nothing_there(script)
    script.refuse("iam", "create_instance_profile", "EntityAlreadyExists", "Instance Profile web already exists.")
    for dummy in range(3):
        script.answer("iam", "get_instance_profile", profile())
    result = run_module(iam_instance_profile, name="web")
    assert result["changed"]
    assert result["iam_instance_profile"]["arn"] == "arn:aws:iam::123456789012:instance-profile/web"


def test_somebody_else_made_it_under_another_path(run_module, script):
    nothing_there(script)
    script.refuse("iam", "create_instance_profile", "EntityAlreadyExists", "Instance Profile web already exists.")
    script.answer("iam", "get_instance_profile", profile(path="/other/"))
    result = run_module(iam_instance_profile, name="web", path="/ops/")
    assert result["failed"]
    assert result["msg"].startswith("path: instance profile 'web' has the path '/other/', not '/ops/'")
    assert result["differences"] == [{"field": "path", "wanted": "/ops/", "actual": "/other/"}]


def test_role_recreated_under_its_name_is_attached_again(run_module, script):
    script.answer("iam", "get_instance_profile", profile(("web", "AROAOLDAAAAAAAAAAAAAA")))
    script.answer("iam", "get_role", ROLE)
    quota = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"
    script.refuse("iam", "add_role_to_instance_profile", "LimitExceeded", quota)
    script.answer("iam", "remove_role_from_instance_profile", {}, InstanceProfileName="web", RoleName="web")
    script.answer("iam", "add_role_to_instance_profile", {}, InstanceProfileName="web", RoleName="web")
    # One read comes from a replica that lags behind, so the count starts anew.
    for role_id in ("WEB", "OLD", "WEB", "WEB", "WEB"):
        script.answer("iam", "get_instance_profile", profile(("web", f"AROA{role_id}AAAAAAAAAAAAAA")))
        if role_id == "OLD":
            script.answer("iam", "get_role", ROLE)
    assert run_module(iam_instance_profile, name="web", role="web")["changed"]


def test_removal(run_module, script):
    script.answer("iam", "get_instance_profile", profile(("web",)))
    script.answer("iam", "remove_role_from_instance_profile", {}, InstanceProfileName="web", RoleName="web")
    script.answer("iam", "delete_instance_profile", {}, InstanceProfileName="web")
    # The name is known by now, so that no list is read to look for another spelling.
    script.refuse("iam", "get_instance_profile", *NO_PROFILE, times=3)
    result = run_module(iam_instance_profile, name="web", state="absent")
    assert (result["changed"], result["iam_instance_profile"], result["diff"]["after"]) == (True, None, {})


def test_without_wait_the_change_is_read_once(run_module, script, clock):
    nothing_there(script)
    script.answer("iam", "create_instance_profile", profile())
    nothing_there(script)
    result = run_module(iam_instance_profile, name="web", wait=False)
    assert (result["changed"], result["iam_instance_profile"]["instance_profile_name"], clock.slept) == (True, "web", 0)


def test_failure_says_what_aws_said(run_module, script):
    script.refuse(
        "iam", "get_instance_profile", "AccessDenied", "User is not authorized to perform: iam:GetInstanceProfile"
    )
    result = run_module(iam_instance_profile, name="web")
    assert result["failed"]
    assert result["msg"].startswith("Failed to get instance profile 'web': An error occurred (AccessDenied)")
    assert result["error"]["code"] == "AccessDenied"


def test_drift_that_is_kept_is_a_warning(run_module, script):
    script.answer("iam", "get_instance_profile", profile())
    result = run_module(iam_instance_profile, name="web", path="/ops/", on_drift="keep")
    assert (result["changed"], len(result["warnings"])) == (False, 1)
    assert "it is kept because of on_drift=keep" in result["warnings"][0]


def test_info_by_name_is_one_call(run_module, script):
    script.answer("iam", "get_instance_profile", profile(tags={"A": "1"}))
    result = run_module(iam_instance_profile_info, name="web")
    assert [each["tags"] for each in result["iam_instance_profiles"]] == [{"A": "1"}]
    assert not result["changed"]


def test_info_of_nothing(run_module, script):
    nothing_there(script)
    assert run_module(iam_instance_profile_info, name="web")["iam_instance_profiles"] == []


def listed(*names):
    found = [aws_answers.instance_profile(name) for name in names]
    return {
        "InstanceProfiles": [{key: value for key, value in each.items() if key != "Tags"} for each in found],
        "IsTruncated": False,
    }


def test_info_reads_tags_of_those_that_are_chosen_only(run_module, script):
    script.answer("iam", "list_instance_profiles", listed("b", "web", "a"), MaxItems=1000, PathPrefix="/")
    script.answer("iam", "get_instance_profile", profile(name="a", tags={"A": "1"}), InstanceProfileName="a")
    # Removed since the list was made.
    script.refuse("iam", "get_instance_profile", *NO_PROFILE)
    result = run_module(iam_instance_profile_info, path_prefix="/", name_regex="[ab]")
    assert [(each["instance_profile_name"], each["tags"]) for each in result["iam_instance_profiles"]] == [
        ("a", {"A": "1"})
    ]


def test_info_without_tags_is_one_call(run_module, script):
    script.answer("iam", "list_instance_profiles_for_role", listed("b", "a"), RoleName="r")
    result = run_module(iam_instance_profile_info, role="/ops/r", include_tags=False, sort_order="descending", limit=1)
    assert [each["instance_profile_name"] for each in result["iam_instance_profiles"]] == ["b"]
