# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import traceback

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.error_codes import codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from ansible_collections.launchkit.aws.plugins.module_utils.find import paginate
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from botocore.exceptions import EndpointConnectionError
from botocore.parsers import ResponseParserError

ROLE = {"Role": aws_answers.over_the_wire(aws_answers.role())}


@pytest.mark.parametrize(
    ("code", "message"), [("Throttling", "Rate exceeded"), ("ServiceFailure", ""), ("RequestLimitExceeded", "")]
)
def test_read_retryable_error_is_retried(script, clock, code, message):
    script.refuse("iam", "get_role", code, message, times=3)
    script.answer("iam", "get_role", ROLE, RoleName="web")
    assert paginate.read(script("iam"), "get_role", "Role", "role 'web'", RoleName="web")["RoleName"] == "web"
    assert len(clock.pauses) == 3


@pytest.mark.parametrize("key", ["Role", None])
def test_read_returns_none_for_what_does_not_exist(script, clock, key):
    script.refuse("iam", "get_role", "NoSuchEntity", "The role with name web cannot be found.")
    role = paginate.read(script("iam"), "get_role", key, "role 'web'", absent=codes("NoSuchEntity"), RoleName="web")
    assert role is None
    assert clock.pauses == []


def test_read_raises_what_aws_refuses(script, clock):
    script.refuse("iam", "get_role", "AccessDenied", "not authorized to perform: iam:GetRole")
    with pytest.raises(CallFailed, match=r"Failed to get role 'web': An error occurred \(AccessDenied\)"):
        paginate.read(script("iam"), "get_role", "Role", "role 'web'", absent=codes("NoSuchEntity"), RoleName="web")
    assert clock.pauses == []


def test_read_throttled_ends_after_a_minute(script, clock):
    script.refuse_for_ever("iam", "get_role", "Throttling", "Rate exceeded")
    with pytest.raises(CallFailed, match="Throttling"):
        paginate.read(script("iam"), "get_role", "Role", "role 'web'", RoleName="web")
    assert 60 <= clock.slept <= 65


@pytest.mark.parametrize(("count", "sizes"), [(0, []), (2, [2]), (3, [2, 1])])
def test_in_batches(count, sizes):
    batches = paginate.in_batches(2, list(range(count)))
    assert [len(batch) for batch in batches] == sizes
    assert [item for batch in batches for item in batch] == list(range(count))


class Unreachable:
    def get_role(self, **dummy):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1/")


def test_read_unreachable_endpoint_is_named():
    with pytest.raises(CallFailed) as raised:
        paginate.read(Unreachable(), "get_role", "Role", "role 'web'", RoleName="web")
    assert raised.value.message == (
        "Failed to get role 'web': Could not connect to the endpoint URL: \"http://127.0.0.1:1/\". "
        "Check the network, proxies and the endpoint URL, and run the task again."
    )


def test_read_answer_without_key_is_refused(script, clock):
    script.answer("sts", "get_caller_identity", {})
    with pytest.raises(CallFailed, match="the answer lacks 'Arn', so it is not AWS's"):
        paginate.read(script("sts"), "get_caller_identity", "Arn", "identity")


def test_read_pages_returns_all_pages(script, clock):
    one, other, third = (aws_answers.instance_profile(name) for name in ("a", "b", "c"))
    script.answer(
        "iam",
        "list_instance_profiles",
        {"InstanceProfiles": [one, other], "IsTruncated": True, "Marker": "m"},
        MaxItems=2,
    )
    script.answer(
        "iam", "list_instance_profiles", {"InstanceProfiles": [third], "IsTruncated": False}, MaxItems=2, Marker="m"
    )
    found = paginate.read_pages(
        script("iam"),
        "list_instance_profiles",
        "InstanceProfiles",
        "instance profiles",
        PaginationConfig={"PageSize": 2},
    )
    assert [each["InstanceProfileName"] for each in found] == ["a", "b", "c"]


def test_read_pages_throttled_starts_again(script, clock):
    page = {"InstanceProfiles": [aws_answers.instance_profile("a")], "IsTruncated": True, "Marker": "m"}
    last = {"InstanceProfiles": [aws_answers.instance_profile("b")], "IsTruncated": False}
    script.answer("iam", "list_instance_profiles", page)
    script.refuse("iam", "list_instance_profiles", "Throttling", "Rate exceeded")
    script.answer("iam", "list_instance_profiles", page)
    script.answer("iam", "list_instance_profiles", last)
    found = paginate.read_pages(script("iam"), "list_instance_profiles", "InstanceProfiles", "instance profiles")
    assert [each["InstanceProfileName"] for each in found] == ["a", "b"]


def test_read_pages_denied_names_operation(script, clock):
    script.refuse(
        "iam", "list_instance_profiles", "AccessDenied", "not authorized to perform: iam:ListInstanceProfiles"
    )
    with pytest.raises(CallFailed) as raised:
        paginate.read_pages(script("iam"), "list_instance_profiles", "InstanceProfiles", "instance profiles")
    assert raised.value.message.startswith("Failed to list instance profiles: An error occurred (AccessDenied)")


def test_read_answer_of_a_proxy_is_not_quoted():
    """It can be a part of AWS's own answer, with user data."""

    class Unreadable:
        def get_role(self, **dummy):
            raise ResponseParserError(
                "Unable to parse response (no element found), invalid XML received:\nb'<UserData>s3cr3t'"
            )

    with pytest.raises(CallFailed) as raised:
        paginate.read(Unreadable(), "get_role", "Role", "role 'web'", RoleName="web")
    assert raised.value.message == (
        "Failed to get role 'web': Unable to parse response (no element found), invalid XML received. "
        "Check the network, proxies and the endpoint URL, and run the task again."
    )
    assert "s3cr3t" not in "".join(traceback.format_exception(raised.value))
