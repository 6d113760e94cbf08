# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What happens to an instance profile besides creation, change and deletion."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.modules import iam_instance_profile as module
from ansible_collections.launchkit.aws.plugins.modules import iam_instance_profile_info

DENIED = {"code": "AccessDenied", "status": 403, "message": "User is not authorized to perform: iam:PassRole"}


def roles(result):
    return [role["role_name"] for role in result["iam_instance_profile"]["roles"]]


@pytest.fixture
def ops(role):
    """A role with a path."""
    return role("ops", path="/team/")


@pytest.fixture
def made(run, ops, writes):
    """The result of making a profile that holds that role."""
    made = run(module, name="web", role="ops")
    writes()
    return made


def test_the_same_role_is_unchanged_whichever_way_it_is_written(run, ops, made, writes):
    assert made["changed"]
    assert made["iam_instance_profile"]["roles"][0]["role_id"] == ops["RoleId"]
    for written in ({"role": "/team/ops"}, {"role": ops["Arn"]}, {}):
        same = run(module, name="web", **written)
        assert (same["changed"], same["iam_instance_profile"]) == (False, made["iam_instance_profile"])
    assert writes() == []


def test_a_wrong_role_leaves_the_old_one(run, ops, made, writes):
    is_elsewhere = f"role: the role 'ops' has the path '/team/' ({ops['Arn']}), not '/elsewhere/'. Correct the path"
    is_anothers = f"role: the role 'ops' has the account '123456789012' ({ops['Arn']}), not '000000000000'."
    for role, message in (
        ("gone", "role: the role 'gone' does not exist in this account. Create it first, for example with amazon.aws"),
        ("/elsewhere/ops", is_elsewhere),
        ("arn:aws:iam::000000000000:role/team/ops", is_anothers),
    ):
        wrong = run(module, name="web", role=role, wait_timeout=1)
        assert wrong["failed"]
        assert message in wrong["msg"]
        assert "No changes were made" in wrong["msg"]
    assert writes() == []


def test_a_check_shows_a_role_that_does_not_exist_yet(run, made, writes):
    check = run(module, check_mode=True, name="web", role="gone")
    assert check["changed"]
    assert roles(check) == ["gone"]
    (warning,) = check["warnings"]
    assert "'gone' does not exist now" in warning
    assert writes() == []


def test_a_denied_swap_leaves_the_old_role_in_the_profile(run, aws, role, made, writes, outcomes):
    role("web")
    writes()
    aws.fault("error", "AddRoleToInstanceProfile", **DENIED, times=0)
    denied = run(module, name="web", role="web")
    assert denied["error"]["code"] == "AccessDenied"
    assert "Allow iam:PassRole on the role for the credentials in use" in denied["msg"]
    assert outcomes("AddRoleToInstanceProfile") == ["AccessDenied"]
    assert "RemoveRoleFromInstanceProfile" not in writes()
    found = run(iam_instance_profile_info, name="web")
    assert found["iam_instance_profiles"] == [made["iam_instance_profile"]]


@pytest.mark.parametrize("denied", ["web", "*"])
def test_a_swap_without_iam_passrole_touches_nothing(run, aws, role, made, writes, denied):
    """With permission for all but passing the new role, or any role: the old one could not be put back."""
    iam = aws.client("iam")
    deny = {"Effect": "Deny", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::123456789012:role/{denied}"}
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:*", "Resource": "*"}, deny]}
    iam.create_user(UserName="operator")
    iam.put_user_policy(UserName="operator", PolicyName="all-but-one", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    role("web")
    aws.set(authorization=True)
    keys = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
    result = run(module, name="web", role="web", **keys)
    aws.set(authorization=False)
    assert "not authorized to perform: iam:PassRole" in result["msg"]
    assert "changed" not in result
    assert "RemoveRoleFromInstanceProfile" not in writes()
    assert run(iam_instance_profile_info, name="web")["iam_instance_profiles"] == [made["iam_instance_profile"]]


def test_a_swap_that_fails_is_rolled_back(run, aws, role, made, outcomes):
    role("web")
    aws.fault("error", "AddRoleToInstanceProfile", **DENIED, skip=1)
    denied = run(module, name="web", role="web")
    assert denied["error"]["code"] == "AccessDenied"
    assert "Rolled back instance profile 'web' (add_role_to_instance_profile)." in denied["msg"]
    assert denied["rolled_back"] == ["add_role_to_instance_profile instance profile 'web'"]
    assert outcomes("AddRoleToInstanceProfile")[-3:] == ["LimitExceeded", "AccessDenied", "ok"]
    found = run(iam_instance_profile_info, name="web")
    assert found["iam_instance_profiles"] == [made["iam_instance_profile"]]


def test_the_next_run_repairs_a_failed_rollback(run, aws, role, made):
    web = role("web")
    aws.fault("error", "AddRoleToInstanceProfile", **{**DENIED, "message": "denied"}, skip=1, times=2)
    denied = run(module, name="web", role="web")
    assert denied["failed"]
    assert "Rollback failed; instance profile 'web' is in an intermediate state." in denied["msg"]
    replaced = run(module, name="web", role="web")
    assert replaced["changed"]
    assert replaced["diff"]["before"]["roles"] == []
    assert replaced["iam_instance_profile"]["roles"][0]["role_id"] == web["RoleId"]


def test_a_recreated_role_is_attached_anew(run, aws, ops, made):
    aws.action("recreate_role", RoleName="ops")
    check = run(module, check_mode=True, name="web", role="ops")
    recreated = run(module, name="web", role="ops")
    again = run(module, name="web", role="ops")
    assert (check["changed"], recreated["changed"], again["changed"]) == (True, True, False)
    assert check["diff"] == recreated["diff"]
    (before,), (after,) = (recreated["diff"][when]["roles"] for when in ("before", "after"))
    assert before["role_name"] == after["role_name"] == "ops"
    assert before["role_id"] == ops["RoleId"] != after["role_id"]
    assert again["iam_instance_profile"] == recreated["iam_instance_profile"]


def test_the_role_is_taken_out(run, made):
    emptied, again = (run(module, name="web", role="", wait=False) for dummy in range(2))
    assert (emptied["changed"], again["changed"]) == (True, False)
    assert roles(emptied) == []


@pytest.fixture
def carrier(aws, made):
    """The id of an instance that carries the profile."""
    instances = aws.client("ec2").run_instances(
        ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "web"}
    )
    return instances["Instances"][0]["InstanceId"]


@pytest.mark.parametrize("wanted", [{"role": "new"}, {"role": ""}, {"state": "absent"}])
def test_a_profile_in_use_loses_its_role_with_a_warning_only(run, aws, role, carrier, wanted):
    role("new")
    warning = f"instance profile 'web' loses role 'ops': instances in us-east-1 use it, which are {carrier}."
    check, done = (run(module, name="web", check_mode=check_mode, **wanted) for check_mode in (True, False))
    assert (check["warnings"], done["warnings"], done["changed"]) == ([warning], [warning], True)
    again = run(module, name="web", **wanted)
    assert (again["changed"], again.get("warnings", [])) == (False, [])


def test_a_profile_loses_its_role_although_nobody_may_read_instances(run, aws, role, carrier):
    role("new")
    aws.fault("error", "DescribeInstances", times=0, code="UnauthorizedOperation", status=403, message="No.")
    done = run(module, name="web", role="new")
    (warning,) = done["warnings"]
    assert done["changed"]
    assert "instance profile 'web' loses role 'ops': the instances that use it could not be read." in warning
    assert "UnauthorizedOperation" in warning


def test_instances_are_read_only_if_the_role_goes(run, aws, made):
    run(module, name="web", role="ops", tags={"Owner": "me"})
    assert aws.calls(operation="DescribeInstances") == []


@pytest.fixture
def with_path(run, writes):
    """The result of making a profile with a path, by the options' other names."""
    made = run(module, instance_profile_name="Web", path_prefix="/team/", resource_tags={"Application": "web"})
    writes()
    return made


def test_other_names_of_options_mean_the_same(with_path):
    assert with_path["changed"]
    found = with_path["iam_instance_profile"]
    assert (found["path"], found["tags"]) == ("/team/", {"Application": "web"})


def test_a_path_that_differs_fails_or_is_kept_with_a_warning(run, with_path, writes):
    difference = "path: instance profile 'Web' has the path '/team/', not '/elsewhere/', and IAM cannot change it"
    drifted = run(module, name="Web", prefix="/elsewhere/")
    not_removed = run(module, name="Web", path="/elsewhere/", state="absent")
    kept = run(module, name="Web", path="/elsewhere/", on_drift="keep")
    for failed in (drifted, not_removed):
        assert failed["failed"]
        assert difference in failed["msg"]
    assert "keep the existing one with on_drift=keep" in drifted["msg"]
    assert drifted["differences"] == [{"field": "path", "wanted": "/elsewhere/", "actual": "/team/"}]
    assert not kept["changed"]
    assert kept["warnings"] == [difference + "; it is kept because of on_drift=keep."]
    assert kept["iam_instance_profile"] == with_path["iam_instance_profile"]
    assert writes() == []


def test_letter_case_does_not_matter_and_a_warning_says_so(run, with_path, writes):
    warning = "instance profile 'Web': the name is given as 'WEB', and IAM ignores letter case. Write it as 'Web'."
    capitals = run(module, name="WEB")
    removed = run(module, check_mode=True, name="WEB", state="absent")
    assert (capitals["changed"], capitals["warnings"]) == (False, [warning])
    assert capitals["iam_instance_profile"] == with_path["iam_instance_profile"]
    assert (removed["changed"], removed["warnings"]) == (True, [warning])
    assert writes() == []


def test_tags(run, with_path):
    for parameters, shown, changes in (
        ({"tags": {"Application": "web", "Tier": "1"}}, {"Application": "web", "Tier": "1"}, True),
        ({"tags": {"Application": "shop"}, "purge_tags": False}, {"Application": "shop", "Tier": "1"}, True),
        ({"tags": {"Tier": 1}, "purge_tags": False}, {"Application": "shop", "Tier": "1"}, False),
        ({"tags": {"Owner": "team"}}, {"Owner": "team"}, True),
        ({"tags": {}}, {}, True),
    ):
        tagged = run(module, name="Web", wait=False, **parameters)
        assert (tagged["changed"], tagged["iam_instance_profile"]["tags"]) == (changes, shown)


def test_removing_what_never_was(run, writes):
    removed = run(module, name="never", state="absent")
    assert (removed["changed"], removed["iam_instance_profile"], writes()) == (False, None, [])


def test_eventual_consistency_throttling_and_a_lost_answer(run, aws, role, outcomes):
    role("new")
    aws.set(iam_delay=2, iam_miss_rate=0.5)
    aws.fault("reset_after", "CreateInstanceProfile")
    aws.fault("throttle", "AddRoleToInstanceProfile", times=2)
    missing = {"code": "NoSuchEntity", "status": 404, "message": "The role with name new cannot be found."}
    aws.fault("error", "AddRoleToInstanceProfile", **missing)
    made = run(module, name="new", role="new", tags={"Application": "new"})
    assert made["changed"]
    assert (roles(made), made["iam_instance_profile"]["tags"]) == (["new"], {"Application": "new"})
    lost, *tried_again = outcomes("CreateInstanceProfile")
    assert lost == "ok, then the answer was lost"
    assert set(tried_again) == {"EntityAlreadyExists"}
    attached = outcomes("AddRoleToInstanceProfile")
    assert (attached[:3], attached[-1]) == (["Throttling", "Throttling", "NoSuchEntity"], "ok")
    read = outcomes("GetInstanceProfile")
    assert "NoSuchEntity" in read
    assert read[-3:] == ["ok", "ok", "ok"]


def test_waiting_ends_after_its_time_and_the_profile_was_made(run, aws):
    aws.set(iam_delay=600, iam_miss_rate=1.0)
    late = run(module, name="late", wait_timeout=1)
    assert late["failed"]
    assert "AWS did not show the change consistently within 1 seconds" in late["msg"]
    assert (
        "Nothing was rolled back. Run the task again, or raise wait_timeout (application_wait_timeout in roles)."
        in late["msg"]
    )
    aws.set(iam_delay=0, iam_miss_rate=0)
    assert not run(module, name="late")["changed"]
