# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import error_codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)

ADD, REMOVE = "add_role_to_instance_profile", "remove_role_from_instance_profile"
CREATE, DELETE = "create_launch_configuration", "delete_launch_configuration"
OUTDATED = (
    "The Launch Configuration creation operation is not available in your account. Use launch templates to create "
    "configuration templates for your Auto Scaling groups."
)
IN_USE = "Cannot delete launch configuration web because it is attached to AutoScalingGroup web"
CONFLICTING = "Cannot delete entity, must remove roles from instance profile first."
QUOTA = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1"


def error(code, message=""):
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@pytest.mark.parametrize(
    "code",
    [
        *("Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"),
        *("ServiceFailure", "ServiceUnavailable", "Unavailable", "InternalFailure", "InternalError"),
        *("ConcurrentModification", "ResourceContention", "ServiceLinkedRoleFailure"),
    ],
)
@pytest.mark.parametrize("operation", ["get_role", ADD, CREATE])
def test_retryable_trouble_of_aws_at_any_operation(operation, code):
    assert error_codes.is_retryable(operation, error(code))


def test_retryable_rate_exceeded_under_any_code():
    assert error_codes.is_retryable("get_role", error("SomethingNew", "Rate exceeded"))


@pytest.mark.parametrize(
    ("operation", "code", "message", "passing"),
    [
        (ADD, "NoSuchEntity", "The role with name web cannot be found.", True),
        (ADD, "NoSuchEntity", "Instance Profile web cannot be found.", True),
        (ADD, "NoSuchEntity", "The user with name web cannot be found.", False),
        (ADD, "AccessDenied", "The role with name web", False),
        ("get_role", "NoSuchEntity", "The role with name web cannot be found.", False),
        (REMOVE, "NoSuchEntity", "The role with name web cannot be found.", False),
        ("tag_instance_profile", "NoSuchEntity", "Instance Profile web cannot be found.", True),
        (CREATE, "ValidationError", "Invalid IamInstanceProfile: web", True),
        (CREATE, "ValidationError", "You are not authorized to perform this operation", True),
        (CREATE, "ValidationError", "The image id '[ami-0]' does not exist", False),
        (CREATE, "ValidationError", "", False),
        (CREATE, "UnsupportedOperation", OUTDATED, False),
        (CREATE, "LimitExceeded", "Launch configuration limit exceeded", False),
        (CREATE, "AlreadyExists", "Launch Configuration by this name already exists", False),
        ("create_auto_scaling_group", "ValidationError", "Invalid IamInstanceProfile: web", False),
        (DELETE, "ResourceInUse", IN_USE, True),
        (DELETE, "ResourceInUse", "something else", False),
        ("delete_instance_profile", "DeleteConflict", CONFLICTING, True),
        ("delete_instance_profile", "DeleteConflict", "something else", False),
    ],
)
def test_retryable_code_and_message_of_an_operation(operation, code, message, passing):
    assert error_codes.is_retryable(operation, error(code, message)) is passing


@pytest.mark.parametrize(
    ("operation", "code", "message", "done"),
    [
        (REMOVE, "NoSuchEntity", "", True),
        ("delete_instance_profile", "NoSuchEntity", "", True),
        (DELETE, "ValidationError", "Launch configuration name not found - web", True),
        (DELETE, "ValidationError", "something else", False),
        (ADD, "NoSuchEntity", "", False),
        ("untag_instance_profile", "NoSuchEntity", "", False),
    ],
)
def test_ignorable_code_and_message_of_an_operation(operation, code, message, done):
    assert error_codes.is_ignorable(operation, error(code, message)) is done


@pytest.mark.parametrize(
    ("operation", "code", "message", "conflict"),
    [
        ("create_instance_profile", "EntityAlreadyExists", "Instance Profile web already exists.", True),
        (CREATE, "AlreadyExists", "Launch Configuration by this name already exists", True),
        (ADD, "LimitExceeded", QUOTA, True),
        (ADD, "LimitExceeded", "An instance profile can have only one role.", True),
        (CREATE, "LimitExceeded", "", False),
        (DELETE, "AlreadyExists", "", False),
    ],
)
def test_conflict_code_and_message_of_an_operation(operation, code, message, conflict):
    assert error_codes.is_conflict(operation, error(code, message)) is conflict


@pytest.mark.parametrize(
    ("code", "message", "hint"),
    [
        ("AccessDenied", "not authorized to perform: iam:PassRole on resource", "Allow iam:PassRole on the role"),
        ("UnsupportedOperation", OUTDATED, "Use a launch template instead"),
        ("LimitExceeded", "Launch configurations limit exceeded", "autoscaling_launch_configuration_info"),
        (
            "ValidationError",
            "Invalid IamInstanceProfile: web",
            "within wait_timeout (application_wait_timeout in roles). Raise it",
        ),
        ("ValidationError", "You are not authorized to perform this operation", "iam:PassRole on the role"),
        ("ResourceInUse", IN_USE, "Point the group to another launch configuration first."),
        ("DeleteConflict", CONFLICTING, "Another run added a role"),
    ],
)
def test_hint_of_known_error_says_what_to_do(code, message, hint):
    assert hint in error_codes.hint(error(code, message))
    text = failed(CallFailed, "launch configuration 'web'", "create_launch_configuration", error(code, message)).message
    assert text.startswith(f"Failed to create launch configuration 'web': An error occurred ({code})")
    assert text.endswith(error_codes.hint(error(code, message)))


@pytest.mark.parametrize(
    ("error_class", "arguments"),
    [
        (HTTPClientError, {"error": "reset"}),
        (ConnectionClosedError, {"endpoint_url": "http://127.0.0.1"}),
        (ReadTimeoutError, {"endpoint_url": "http://127.0.0.1"}),
    ],
)
def test_failed_error_without_response_is_worded(error_class, arguments):
    """botocore's HTTPClientError has a response, which is None."""
    broken = error_class(**arguments)
    assert not error_codes.is_retryable(CREATE, broken)
    assert not error_codes.has_known_outcome(broken)
    assert failed(CallFailed, "role 'web'", "get_role", broken).message.startswith("Failed to get role 'web': ")


@pytest.mark.parametrize(
    ("other", "hint"),
    [
        (error("AccessDenied", "iam:GetRole"), "Allow the action for the credentials in use."),
        (error("UnauthorizedOperation", ""), "Allow the action for the credentials in use."),
        (error("RequestExpired", "Request has expired."), "Renew the credentials and run the task again."),
        (error("ValidationError", "1 validation error detected"), ""),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1"), error_codes.UNREACHED),
    ],
)
def test_hint_of_other_error_names_next_step(other, hint):
    assert error_codes.hint(other) == hint
    assert not error_codes.is_retryable(CREATE, other)


def test_hint_of_retried_error_is_to_run_again():
    assert error_codes.hint(error("Throttling", "Rate exceeded")) == error_codes.RETRIED
