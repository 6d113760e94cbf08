# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How the calls of a plan are made: preconditions, retries, ignorable errors, conflicts and rollback."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge_one
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, Conflict, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam.instance_profile import NO_ROLE
from ansible_collections.launchkit.aws.plugins.module_utils.iam.names import RoleReference
from ansible_collections.launchkit.aws.plugins.module_utils.iam.preconditions import PRECONDITIONS
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import State, Target, from_api
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from botocore.exceptions import EndpointConnectionError, HTTPClientError, ReadTimeoutError
from botocore.parsers import ResponseParserError

ROLE = {"Role": aws_answers.over_the_wire(aws_answers.role())}
NO_ROLE_FOUND = ("NoSuchEntity", "The role with name web cannot be found.")
NO_PROFILE_FOUND = ("NoSuchEntity", "Instance Profile web cannot be found.")
DENIED = ("AccessDenied", "User is not authorized to perform: iam:PassRole on resource: role web")
QUOTA = ("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1")
INVALID_PROFILE = ("ValidationError", "Invalid IamInstanceProfile: web")
OUTDATED = (
    "UnsupportedOperation",
    "The Launch Configuration creation operation is not available in your account. Use launch templates to create "
    "configuration templates for your Auto Scaling groups.",
)
IN_USE = ("ResourceInUse", "Cannot delete launch configuration web because it is attached to AutoScalingGroup blue")
WITH_PROFILE = LaunchSettings("ami-1", "t3.small", instance_profile_name="web")


class Once:
    """A resource that needs some calls, and nothing once they were made."""

    consecutive_reads = 1

    def __init__(self, calls):
        self._plans = [Plan(tuple(calls))]

    def observe(self):
        return self._plans.pop(0) if self._plans else Plan()

    def plan(self, state):
        return state

    def predict(self, state, planned):
        return planned


def execute(script, calls, **arguments):
    executor = Executor(script, PRECONDITIONS, **arguments)
    return converge_one(Once(calls), executor, check_mode=False)


def profile(*roles):
    answer = aws_answers.instance_profile(roles=[aws_answers.role_in_profile(*role) for role in roles])
    return {"InstanceProfile": aws_answers.over_the_wire(answer)}


def replacing(*, seen=True):
    """The calls that replace the role api by the role web, led by one that shows whether the caller may add it.

    :param seen: whether the plan has seen the role web.
    """
    answer = aws_answers.instance_profile(roles=[aws_answers.role_in_profile("api", "AROAAPIAAAAAAAAAAAAAA")])
    state = instance_profile.State(instance_profile.from_api(answer), aws_answers.role() if seen else None)
    return instance_profile.plan(instance_profile.Target("web", role=RoleReference("web")), state).calls


def creating(settings=WITH_PROFILE):
    return launch_configuration.plan(Target("web", settings), State({})).calls


def deleting():
    state = State({"web": from_api(aws_answers.launch_configuration())}, {})
    return launch_configuration.plan(Target("web", present=False), state).calls


def answered(script, operation, role=None):
    """Expect a call about the profile web, and its role, and answer it."""
    parameters = {"InstanceProfileName": "web"} | ({"RoleName": role} if role else {})
    script.answer("iam", operation, {}, **parameters)


def probed(script):
    """Expect the call that shows whether the caller may add the role, and answer it."""
    script.refuse("iam", "add_role_to_instance_profile", *QUOTA)


def new_profile():
    """The calls that create the profile web with its role."""
    state = instance_profile.State(None, aws_answers.role())
    return instance_profile.plan(instance_profile.Target("web", role=RoleReference("web")), state).calls


def test_executor_makes_calls_in_order(script, clock):
    probed(script)
    answered(script, "remove_role_from_instance_profile", "api")
    answered(script, "add_role_to_instance_profile", "web")
    execute(script, replacing())
    # The role was seen when this was planned.
    assert script.operations == [
        "add_role_to_instance_profile",
        "remove_role_from_instance_profile",
        "add_role_to_instance_profile",
    ]


def test_executor_waits_ten_seconds_for_missing_role(script, clock):
    script.refuse_for_ever("iam", "get_role", *NO_ROLE_FOUND)
    with pytest.raises(MissingReference) as raised:
        execute(script, replacing(seen=False))
    assert raised.value.message == (
        "instance profile 'web': role: the role 'web' does not exist in this account. Create it first, for example with "
        "amazon.aws.iam_role. No changes were made."
    )
    assert clock.slept == pytest.approx(10)
    assert set(script.operations) == {"get_role"}


def test_executor_role_that_appears_late_is_used(script, clock):
    script.refuse("iam", "get_role", *NO_ROLE_FOUND, times=4)
    script.answer("iam", "get_role", ROLE)
    # What the wait disproved is planned again, and not executed.
    assert execute(script, replacing(seen=False)).changed is False
    assert 0 < clock.slept < 10


@pytest.mark.parametrize(
    ("arguments", "seconds"), [({"wait": False}, 0), ({"timeout": 3}, 3)], ids=["wait=false", "wait_timeout=3"]
)
def test_executor_waits_no_longer_than_timeout(script, clock, arguments, seconds):
    script.refuse_for_ever("iam", "get_role", *NO_ROLE_FOUND)
    with pytest.raises(MissingReference):
        execute(script, replacing(seen=False), **arguments)
    assert clock.slept == pytest.approx(seconds)


def test_executor_waits_two_seconds_for_missing_profile(script, clock):
    script.refuse_for_ever("iam", "get_instance_profile", *NO_PROFILE_FOUND)
    with pytest.raises(MissingReference) as raised:
        execute(script, creating())
    assert raised.value.message == (
        "launch configuration 'web': instance_profile_name: the instance profile 'web' does not exist in this account. "
        "Create it first, for example with launchkit.aws.iam_instance_profile. No changes were made."
    )
    assert clock.slept == pytest.approx(2)
    assert script.services == ["iam"]


def test_executor_profile_without_role_is_named(script, clock):
    script.answer_for_ever("iam", "get_instance_profile", profile())
    with pytest.raises(MissingReference) as raised:
        execute(script, creating())
    assert raised.value.message.startswith(
        "launch configuration 'web': instance_profile_name: the instance profile 'web' holds no role, so instances would get no"
    )
    assert clock.slept == pytest.approx(2)
    assert script.services == ["iam"]


@pytest.mark.parametrize(
    "answer",
    [
        INVALID_PROFILE,
        ("ValidationError", "You are not authorized to perform this operation"),
        ("Throttling", "Rate exceeded"),
    ],
)
def test_executor_retries_until_profile_is_known(script, clock, answer):
    script.answer("iam", "get_instance_profile", profile(("web",)))
    script.refuse("autoscaling", "create_launch_configuration", *answer, times=5)
    script.answer("autoscaling", "create_launch_configuration")
    execute(script, creating())
    assert script.operations.count("create_launch_configuration") == 6


def test_executor_retries_end_with_timeout(script, clock):
    script.answer("iam", "get_instance_profile", profile(("web",)))
    script.refuse_for_ever("autoscaling", "create_launch_configuration", *INVALID_PROFILE)
    with pytest.raises(CallFailed) as raised:
        execute(script, creating(), timeout=30)
    assert (
        "did not accept it within wait_timeout (application_wait_timeout in roles). Raise it and run the task again."
        in raised.value.message
    )
    assert 30 <= clock.slept <= 35


@pytest.mark.parametrize(
    "answer",
    [
        ("ValidationError", "The image id '[ami-1]' does not exist"),
        OUTDATED,
        ("LimitExceeded", "launch configurations"),
        DENIED,
    ],
    ids=lambda answer: answer[0],
)
def test_executor_lasting_refusal_is_not_retried(script, clock, answer):
    script.refuse("autoscaling", "create_launch_configuration", *answer)
    with pytest.raises(CallFailed) as raised:
        execute(script, creating(LaunchSettings("ami-1", "t3.small")))
    assert answer[1].rstrip(".") in raised.value.message
    assert clock.pauses == []
    assert script.services == ["autoscaling"]


def test_executor_account_without_launch_configurations(script, clock):
    script.refuse("autoscaling", "create_launch_configuration", *OUTDATED)
    with pytest.raises(CallFailed, match=r"does not accept new launch configurations.*Use a launch template instead"):
        execute(script, creating(LaunchSettings("ami-1", "t3.small")))
    assert clock.pauses == []


def test_executor_retries_deletion_until_group_leaves(script, clock):
    script.refuse("autoscaling", "delete_launch_configuration", *IN_USE, times=3)
    script.answer("autoscaling", "delete_launch_configuration", {}, LaunchConfigurationName="web")
    execute(script, deleting())
    assert len(clock.pauses) == 3


def test_executor_names_group_that_does_not_leave(script, clock):
    script.refuse_for_ever("autoscaling", "delete_launch_configuration", *IN_USE)
    with pytest.raises(CallFailed) as raised:
        execute(script, deleting(), timeout=120)
    assert "AutoScalingGroup blue" in raised.value.message
    assert raised.value.message.endswith("Point the group to another launch configuration first.")
    assert 10 <= clock.slept <= 15


def test_executor_deletion_of_missing_is_success(script, clock):
    script.refuse(
        "autoscaling", "delete_launch_configuration", "ValidationError", "Launch configuration name not found - web"
    )
    execute(script, deleting())
    assert clock.pauses == []


def test_executor_profile_that_another_run_deleted(script, clock):
    state = instance_profile.State(
        instance_profile.from_api(aws_answers.instance_profile(roles=[aws_answers.role_in_profile()]))
    )
    script.refuse("iam", "remove_role_from_instance_profile", *NO_PROFILE_FOUND)
    script.refuse("iam", "delete_instance_profile", *NO_PROFILE_FOUND)
    execute(script, instance_profile.plan(instance_profile.Target("web", present=False), state).calls)
    assert script.operations == ["remove_role_from_instance_profile", "delete_instance_profile"]


def test_executor_retries_adding_a_new_role(script, clock):
    probed(script)
    answered(script, "remove_role_from_instance_profile", "api")
    script.refuse("iam", "add_role_to_instance_profile", *NO_ROLE_FOUND, times=3)
    answered(script, "add_role_to_instance_profile", "web")
    execute(script, replacing())
    assert script.operations.count("remove_role_from_instance_profile") == 1


def test_executor_refused_role_restores_the_old_one(script, clock):
    probed(script)
    answered(script, "remove_role_from_instance_profile", "api")
    script.refuse("iam", "add_role_to_instance_profile", *DENIED)
    answered(script, "add_role_to_instance_profile", "api")
    with pytest.raises(CallFailed) as raised:
        execute(script, replacing())
    assert raised.value.message.startswith("Failed to add role to instance profile 'web': An error occurred")
    assert "Allow iam:PassRole on the role" in raised.value.message
    assert raised.value.message.endswith(" Rolled back instance profile 'web' (add_role_to_instance_profile).")
    assert raised.value.exception.response["Error"]["Code"] == "AccessDenied"


@pytest.mark.parametrize(
    ("calls", "undo", "answer"),
    [
        (new_profile, "delete_instance_profile", ("NoSuchEntity", "Instance Profile web cannot be found.")),
        (lambda: replacing()[1:], "add_role_to_instance_profile", QUOTA),
    ],
    ids=["creation", "removal"],
)
def test_executor_rollback_without_effect_is_none(script, clock, calls, undo, answer):
    """The call whose outcome is unknown had no effect."""
    script.refuse("iam", undo, *answer)
    assert Executor(script).roll_back([], calls()[0]) == ("", [])


def test_executor_failed_rollback_names_the_state(script, clock):
    probed(script)
    answered(script, "remove_role_from_instance_profile", "api")
    script.refuse("iam", "add_role_to_instance_profile", *DENIED, times=2)
    with pytest.raises(CallFailed) as raised:
        execute(script, replacing())
    first, second = raised.value.message.split(" Rollback failed; instance profile 'web' is in an intermediate state. ")
    assert "(AccessDenied)" in first
    assert second.startswith("Failed to add role to instance profile 'web':")
    assert raised.value.details == {
        "changed": True,
        "calls": ["remove_role_from_instance_profile instance profile 'web'"],
        "rolled_back": [],
    }


def test_executor_refused_role_deletes_new_profile(script, clock):
    script.answer("iam", "create_instance_profile", profile())
    script.refuse("iam", "add_role_to_instance_profile", *DENIED)
    answered(script, "delete_instance_profile")
    with pytest.raises(CallFailed, match=r"Rolled back instance profile 'web' \(delete_instance_profile\)"):
        execute(script, new_profile())


def test_executor_first_call_that_fails_needs_no_rollback(script, clock):
    state = instance_profile.State(
        instance_profile.from_api(aws_answers.instance_profile(roles=[aws_answers.role_in_profile()]))
    )
    script.refuse("iam", "remove_role_from_instance_profile", "AccessDenied", "no")
    with pytest.raises(CallFailed) as raised:
        execute(script, instance_profile.plan(instance_profile.Target("web", role=NO_ROLE), state).calls)
    assert raised.value.message.endswith("operation: no. Allow the action for the credentials in use.")


def test_executor_conflict_is_raised_without_rollback(script, clock):
    probed(script)
    answered(script, "remove_role_from_instance_profile", "api")
    script.refuse("iam", "add_role_to_instance_profile", *QUOTA)
    done = []
    with pytest.raises(Conflict):
        Executor(script).run(replacing(), done)
    assert script.operations[-1] == "add_role_to_instance_profile"
    assert [call.operation for call in done] == ["remove_role_from_instance_profile"]


def test_executor_expected_conflict_continues(script, clock):
    probed(script)
    answered(script, "remove_role_from_instance_profile", "api")
    answered(script, "add_role_to_instance_profile", "web")
    assert len(execute(script, replacing()).calls) == 2


def test_executor_refused_probe_changes_nothing(script, clock):
    script.refuse("iam", "add_role_to_instance_profile", *DENIED)
    with pytest.raises(CallFailed, match="iam:PassRole"):
        execute(script, replacing())
    assert script.operations == ["add_role_to_instance_profile"]


def test_executor_probe_that_succeeds_is_observed_again(script, clock):
    answered(script, "add_role_to_instance_profile", "web")
    outcome = execute(script, replacing())
    assert [call.operation for call in outcome.calls] == ["add_role_to_instance_profile"]


class Broken:
    """A client whose connection breaks for good."""

    def __init__(self, error):
        self._error = error
        self.meta = None

    def __getattr__(self, operation):
        def call(**dummy):
            raise self._error

        return call


@pytest.mark.parametrize(
    "error",
    [
        HTTPClientError(error="reset"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1"),
        ResponseParserError("Unable to parse response"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_executor_broken_connection_is_worded(clock, error):
    class Unreadable(Once):
        def observe(self):
            if not self._plans:
                raise CallFailed("unreachable")
            return super().observe()

    executor = Executor(lambda dummy: Broken(error), PRECONDITIONS)
    with pytest.raises(CallFailed, match="unreachable Rollback failed"):
        converge_one(Unreadable(new_profile()), executor, check_mode=False)


def test_executor_retries_encode_user_data_once(script, clock):
    content = b"\x1f\x8bnot text\xff"
    script.refuse("autoscaling", "create_launch_configuration", "Throttling", "Rate exceeded", times=2)
    script.answer("autoscaling", "create_launch_configuration")
    execute(script, creating(LaunchSettings("ami-1", "t3.small", user_data=UserData(content))))
    sent = [parameters["UserData"] for dummy, parameters in script.sent]
    assert sent == [base64.b64encode(content).decode("ascii")] * 3
