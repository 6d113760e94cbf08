# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The server itself: what it can be told, its log, its processes, and many clients at once."""

from __future__ import annotations

import concurrent.futures
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import URLError

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError
from botocore.parsers import ResponseParserError

from embedded_aws.client import EmbeddedAWS
from embedded_aws.faults import KINDS
from embedded_aws.fixtures import ROOT, running
from tests.embedded_aws.table import AMI, Account

COMMAND = [sys.executable, "-m", "embedded_aws"]


def names(account: Account) -> list[str]:
    return [profile["InstanceProfileName"] for profile in account.iam.list_instance_profiles()["InstanceProfiles"]]


@pytest.mark.parametrize(
    ("fault", "service", "act", "code", "status"),
    [
        ({"kind": "throttle"}, "iam", "list_roles", "Throttling", 400),
        ({"kind": "throttle"}, "autoscaling", "describe_auto_scaling_groups", "Throttling", 400),
        ({"kind": "throttle"}, "ec2", "describe_instances", "RequestLimitExceeded", 503),
        ({"kind": "error"}, "iam", "list_roles", "ServiceFailure", 500),
        ({"kind": "error"}, "autoscaling", "describe_auto_scaling_groups", "InternalFailure", 500),
        ({"kind": "error"}, "ec2", "describe_instances", "InternalError", 500),
        ({"kind": "error", "code": "ResourceContention"}, "autoscaling", "describe_tags", "ResourceContention", 500),
        ({"kind": "error", "code": "ConcurrentModification", "status": 409}, "iam", "list_roles", "ConcurrentModification", 409),
    ],
)  # fmt: skip
def test_a_fault_answers_once_in_the_services_own_words(
    aws: Any, fault: dict[str, Any], service: str, act: str, code: str, status: int
) -> None:
    aws.fault(**fault)
    client = aws.client(service)
    with pytest.raises(ClientError) as caught:
        getattr(client, act)()
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    getattr(client, act)()


def test_a_connection_reset_before_the_effect(aws: Any) -> None:
    account = Account(aws)
    aws.fault("reset_before", "CreateInstanceProfile")
    with pytest.raises(ConnectionClosedError):
        account.profile()
    assert names(account) == []
    assert aws.calls(operation="CreateInstanceProfile")[0]["outcome"] == "reset before the effect"


def test_a_connection_reset_after_the_effect(aws: Any) -> None:
    account = Account(aws)
    aws.fault("reset_after", "CreateInstanceProfile")
    with pytest.raises(ConnectionClosedError):
        account.profile()
    assert names(account) == ["app"]
    assert aws.calls(operation="CreateInstanceProfile")[0]["outcome"] == "ok, then the answer was lost"


OPERATIONS = {"iam": "list_roles", "autoscaling": "describe_auto_scaling_groups", "ec2": "describe_instances"}


@pytest.mark.parametrize(
    ("kind", "service", "code", "status", "text"),
    [
        ("access_denied", "iam", "AccessDenied", 403, "is not authorized to perform: iam:ListRoles because"),
        ("access_denied", "autoscaling", "AccessDenied", 403, "perform: autoscaling:DescribeAutoScalingGroups because"),
        (
            "access_denied",
            "ec2",
            "UnauthorizedOperation",
            403,
            "You are not authorized to perform this operation. User:",
        ),
        ("expired_token", "iam", "ExpiredToken", 403, "The security token included in the request is expired"),
        ("expired_token", "autoscaling", "ExpiredToken", 403, "The security token included in the request is expired"),
        ("expired_token", "ec2", "RequestExpired", 400, "Request has expired."),
    ],
)
def test_access_ends_in_the_services_own_words(
    aws: Any, kind: str, service: str, code: str, status: int, text: str
) -> None:
    aws.fault(kind, times=0)
    for _number in range(2):
        with pytest.raises(ClientError) as caught:
            getattr(aws.client(service), OPERATIONS[service])()
        response = caught.value.response
        assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
        assert text in response["Error"]["Message"]


@pytest.mark.parametrize("kind", ["throttle", "error", "reset_before", "truncated"])
def test_a_fault_without_end_strikes_its_operation_only(aws: Any, kind: str) -> None:
    aws.fault(kind, "ListRoles", service="iam", times=0)
    for _number in range(3):
        with pytest.raises(Exception, match=r".+"):
            aws.client("iam").list_roles()
        aws.client("iam").list_instance_profiles()
    aws.control("DELETE", "faults")
    aws.client("iam").list_roles()


def patient_client(aws: Any, service: str) -> Any:
    """A client that waits half a second for an answer."""
    config = Config(retries={"total_max_attempts": 1}, read_timeout=0.5)
    keys = {"aws_access_key_id": "fake", "aws_secret_access_key": "not-a-secret"}
    return boto3.client(service, endpoint_url=aws.url, region_name="us-east-1", config=config, **keys)


@pytest.mark.parametrize(
    ("kind", "made", "outcome"),
    [("timeout_before", [], "timeout before the effect"), ("timeout_after", ["app"], "ok, then no answer came")],
)
def test_an_answer_that_never_comes(aws: Any, kind: str, made: list[str], outcome: str) -> None:
    aws.fault(kind, "CreateInstanceProfile")
    with pytest.raises(ReadTimeoutError):
        patient_client(aws, "iam").create_instance_profile(InstanceProfileName="app")
    assert names(Account(aws)) == made
    assert aws.calls(operation="CreateInstanceProfile")[0]["outcome"] == outcome


@pytest.mark.parametrize("effect", [True, False])
@pytest.mark.parametrize("kind", ["truncated", "empty", "html", "not_xml"])
def test_an_answer_that_is_not_of_aws(aws: Any, kind: str, effect: bool) -> None:
    aws.fault(kind, "CreateInstanceProfile", effect=effect)
    with pytest.raises((ResponseParserError, KeyError)):
        Account(aws).profile()["InstanceProfileName"]
    assert names(Account(aws)) == (["app"] if effect else [])
    outcome = aws.calls(operation="CreateInstanceProfile")[0]["outcome"]
    assert outcome == (f"ok, then {kind}" if effect else f"{kind} before the effect")


def test_a_proxy_answers_with_a_status_of_its_own(aws: Any) -> None:
    aws.fault("html", "ListRoles", status=502, effect=False)
    with pytest.raises((ClientError, ResponseParserError)) as caught:
        aws.client("iam").list_roles()
    assert "502" in str(caught.value)


def test_a_fault_counts_and_skips(aws: Any) -> None:
    account = Account(aws)
    aws.fault("throttle", "CreateInstanceProfile", skip=1, times=2)
    for name in ("one", "two", "three", "four"):
        try:
            account.profile(name)
        except ClientError:
            continue
    assert names(account) == ["four", "one"]


def test_faults_by_chance_repeat_under_a_seed(aws: Any) -> None:
    def outcomes() -> list[str]:
        aws.reset()
        aws.set(seed=7)
        aws.control("DELETE", "faults")
        aws.fault("throttle", "ListRoles", times=0, probability=0.5)
        for _number in range(20):
            try:
                aws.client("iam").list_roles()
            except ClientError:
                continue
        return [call["outcome"] for call in aws.calls()]

    first = outcomes()
    assert set(first) == {"ok", "Throttling"}
    assert outcomes() == first


def test_latency_by_operation(aws: Any) -> None:
    aws.client("iam").list_roles()
    aws.fault("latency", "ListRoles", seconds=0.6)
    aws.client("iam").list_roles()
    first, second = (call["duration"] for call in aws.calls(operation="ListRoles"))
    assert second >= 0.6 > first


def test_a_read_too_soon_finds_nothing_at_first_and_always_the_same(aws: Any) -> None:
    account = Account(aws)

    def reads() -> list[bool]:
        aws.reset()
        aws.set(iam_delay=60, iam_miss_rate=0.5, seed=3)
        account.role()
        found = []
        for _number in range(20):
            try:
                account.iam.get_role(RoleName="app")
                found.append(True)
            except account.iam.exceptions.NoSuchEntityException:
                found.append(False)
        return found

    first = reads()
    assert set(first) == {True, False}
    assert reads() == first


def test_a_profile_becomes_visible_to_auto_scaling(aws: Any) -> None:
    account = Account(aws)
    aws.set(profile_delay=0.3)
    account.profile()
    with pytest.raises(ClientError, match="Invalid IamInstanceProfile: app"):
        account.launch_configuration(IamInstanceProfile="app")
    time.sleep(0.31)
    account.launch_configuration(IamInstanceProfile="app")


def test_the_log_says_who_did_what_to_what_and_how_it_went(aws: Any) -> None:
    account = Account(aws)
    account.profile()
    with pytest.raises(ClientError):
        account.profile()
    first, second = aws.calls()
    assert first["time"] <= second["time"]
    shared = {
        "service": "iam", "operation": "CreateInstanceProfile", "region": "us-east-1", "access_key": "fake-access-key",
        "principal": "arn:aws:iam::123456789012:root", "main_argument": "app",
    }  # fmt: skip
    assert {**first, **shared, "outcome": "ok"} == first
    assert {**second, **shared, "outcome": "EntityAlreadyExists"} == second
    assert aws.counts() == {"total": 2, "operations": {"iam:CreateInstanceProfile": 2}}
    aws.reset_calls()
    assert aws.calls() == []


@pytest.mark.parametrize(
    ("page", "content", "text"),
    [
        ("settings", {"latencey": 1}, "no setting is named latencey"),
        ("settings", {"new_account": "yes"}, "takes bool"),
        ("faults", {"kind": "explosion"}, "no fault is called 'explosion'"),
        ("faults", {"kind": "error", "when": "now"}, "not a fault"),
        ("actions", {"action": "flood"}, "no action is called 'flood'"),
        ("actions", {"action": "recreate_role", "RoleName": "gone"}, "cannot be found"),
        ("nowhere", {}, "there are:"),
    ],
)
def test_a_mistake_in_the_control_api_is_named(aws: Any, page: str, content: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        aws.control("PUT" if page == "settings" else "POST", page, content)


def test_a_reset_forgets_everything(aws: Any) -> None:
    account = Account(aws)
    account.profile()
    aws.set(new_account=True, latency=0.01)
    aws.fault("throttle")
    aws.reset()
    assert names(account) == []
    assert aws.control("GET", "settings")["new_account"] is False
    assert aws.control("GET", "faults") == []
    assert aws.counts()["total"] == 1


def test_regions_are_apart_and_iam_is_global(aws: Any) -> None:
    account = Account(aws)
    account.profile()
    account.launch_configuration(IamInstanceProfile="app")
    there = aws.client("autoscaling", region="eu-central-1")
    assert there.describe_launch_configurations()["LaunchConfigurations"] == []
    there.create_launch_configuration(
        LaunchConfigurationName="lc", ImageId=AMI, InstanceType="m1.small", IamInstanceProfile="app"
    )
    assert aws.client("sts").get_caller_identity()["Account"] == "123456789012"


def test_instances_are_found_by_their_profile(aws: Any) -> None:
    account = Account(aws)
    arn = account.profile()["Arn"]
    account.launch_configuration(IamInstanceProfile="app")
    account.group(size=2)
    found = account.ec2.describe_instances(Filters=[{"Name": "iam-instance-profile.arn", "Values": [arn]}])
    assert sum(len(reservation["Instances"]) for reservation in found["Reservations"]) == 2
    other = account.ec2.describe_instances(Filters=[{"Name": "iam-instance-profile.arn", "Values": [arn + "x"]}])
    assert other["Reservations"] == []


def test_many_clients_at_once(aws: Any) -> None:
    """Twelve clients build and take down chains of their own; nothing is lost, doubled or mixed up."""
    clients = [EmbeddedAWS(aws.url) for _number in range(12)]

    def chain(number: int) -> None:
        account = Account(clients[number])
        for turn in range(4):
            name = f"app-{number}-{turn}"
            account.role(name)
            account.profile(name)
            account.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
            account.launch_configuration(name, IamInstanceProfile=name)
            account.group(name, size=1, LaunchConfigurationName=name)
            assert [instance["IamInstanceProfile"]["Arn"] for instance in account.instances(name)] == [
                f"arn:aws:iam::123456789012:instance-profile/{name}"
            ]

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        list(pool.map(chain, range(12)))
    account = Account(aws)
    assert len(names(account)) == 48
    assert aws.counts()["operations"]["autoscaling:CreateAutoScalingGroup"] == 48
    assert not aws.calls(outcome="EmbeddedAWSFailure")


def test_start_and_stop_return_when_it_is_so(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    began = time.monotonic()
    started = subprocess.run(
        [*COMMAND, "start", f"--pid-file={pid_file}", "--new-account", "--latency=0.001", "--disabled-rules=role-not-found"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    took = time.monotonic() - began
    server = EmbeddedAWS(started.stdout.removeprefix("ready ").strip())
    try:
        settings = server.control("GET", "settings")
        assert (settings["new_account"], settings["latency"], settings["disabled_rules"]) == (
            True,
            0.001,
            ["role-not-found"],
        )
        server.set(new_account=False)
        server.reset()
        assert server.control("GET", "settings")["new_account"] is True, "a reset goes back to the command line"
    finally:
        subprocess.run([*COMMAND, "stop", f"--pid-file={pid_file}"], cwd=ROOT, check=True)
    assert not pid_file.exists()
    with pytest.raises(URLError):
        server.control("GET", "settings")
    # The issue says three seconds; ten is for machines that do other things at the same time.
    assert took < 10


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_foreground_server_ends_with_a_signal(tmp_path: Path, ending: signal.Signals) -> None:
    ready = tmp_path / "ready"
    with subprocess.Popen(
        [*COMMAND, "--host", "127.0.0.1", f"--ready-file={ready}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line == f"ready {ready.read_text()}"
        process.send_signal(ending)
        assert process.wait(10) == 0
    assert not ready.exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1"])
def test_only_loopback_addresses_are_served(host: str) -> None:
    done = subprocess.run([*COMMAND, "--host", host], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "not a loopback address" in done.stderr


def test_a_port_that_is_taken_is_said(aws: Any) -> None:
    port = aws.url.rpartition(":")[2]
    done = subprocess.run([*COMMAND, "start", f"--port={port}"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "in use" in done.stderr


def test_command_line_settings_of_a_child(aws: Any) -> None:
    with running("--launch-configuration-quota", "0") as server, pytest.raises(ClientError, match="at most 0"):
        Account(server).launch_configuration()


def test_small_pages_on_demand(aws: Any) -> None:
    account = Account(aws)
    account.launch_configuration()
    aws.set(page_size=1)
    for number in range(3):
        account.role(f"app-{number}")
        account.profile(f"app-{number}")
        account.launch_configuration(f"lc-{number}")
        account.template(f"template-{number}")
        account.group(f"group-{number}", size=0)
    for client, operation, key in (
        (account.iam, "list_instance_profiles", "InstanceProfiles"),
        (account.iam, "get_account_authorization_details", "RoleDetailList"),
        (account.autoscaling, "describe_launch_configurations", "LaunchConfigurations"),
        (account.autoscaling, "describe_auto_scaling_groups", "AutoScalingGroups"),
        (account.ec2, "describe_launch_templates", "LaunchTemplates"),
    ):
        arguments = {"Filter": ["Role"]} if key == "RoleDetailList" else {}
        pages = [page[key] for page in client.get_paginator(operation).paginate(**arguments)]
        assert [len(page) for page in pages] == [1] * (4 if key == "LaunchConfigurations" else 3), operation


def test_the_page_of_documentation_names_every_setting_and_fault(aws: Any) -> None:
    text = (ROOT / "docs" / "embedded-aws.md").read_text(encoding="utf-8")
    missing = [name for name in (*aws.control("GET", "settings"), *KINDS) if f"`{name}`" not in text]
    assert missing == []


def test_stopping_never_ends_a_stranger(tmp_path: Path) -> None:
    """A process id file that a crash left behind may hold the number of some other process by now."""
    pid_file = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        try:
            pid_file.write_text(f"{stranger.pid}\n")
            subprocess.run([*COMMAND, "stop", f"--pid-file={pid_file}"], cwd=ROOT, check=True)
            assert stranger.poll() is None
        finally:
            stranger.kill()
    assert not pid_file.exists()


def test_a_group_from_an_instance(aws: Any) -> None:
    account = Account(aws)
    started = account.ec2.run_instances(ImageId=AMI, InstanceType="m1.small", MinCount=1, MaxCount=1)
    account.group(size=1, InstanceId=started["Instances"][0]["InstanceId"])
    (instance,) = account.instances()
    assert (instance["ImageId"], instance["InstanceType"]) == (AMI, "m1.small")


# In a process of its own, in which only one server counts.
RESET = """
import gc, threading
from embedded_aws.client import EmbeddedAWS
from embedded_aws.server import make_server, url_of
server = make_server("127.0.0.1", 0)
threading.Thread(target=server.serve_forever, daemon=True).start()
aws = EmbeddedAWS(url_of(server))
for service, act in (("ec2", "describe_subnets"), ("autoscaling", "describe_tags"), ("iam", "list_roles")) * 2:
    getattr(aws.client(service), act)()
    aws.reset()
gc.collect()
from moto.core.base_backend import BaseBackend
print(sorted({type(each).__name__ for each in gc.get_objects() if isinstance(each, BaseBackend)} - {"MotoAPIBackend"}))
"""


def test_a_reset_keeps_nothing_in_memory() -> None:
    done = subprocess.run([sys.executable, "-c", RESET], cwd=ROOT, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
