# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What happens to a launch configuration besides creation, change and deletion: what it refers to, and drift."""

from __future__ import annotations

import base64
import hashlib

import pytest
from ansible_collections.launchkit.aws.plugins.modules import autoscaling_launch_configuration as module
from ansible_collections.launchkit.aws.plugins.modules import iam_instance_profile

IMAGE = "ami-baba68d3"
PLAIN = {"image_id": IMAGE, "instance_type": "m1.small"}
# In no result, message or difference may these appear.
USER_DATA, OTHER_USER_DATA = "#!/bin/sh\necho correct-horse\n", "battery-staple"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def assert_no_user_data(*results):
    for result in results:
        for secret in ("correct-horse", OTHER_USER_DATA, encoded(USER_DATA), encoded(OTHER_USER_DATA)):
            assert secret not in result["printed"]


@pytest.fixture
def full(scenery, profile):
    """Everything that a launch configuration can hold, with a volume of each kind."""
    profile("web")
    return {
        **PLAIN,
        "name": "full",
        "instance_profile_name": "web",
        "key_name": "operations",
        "security_groups": ["one", scenery["ids"][1]],
        "vpc_id": scenery["vpc_id"],
        "user_data": USER_DATA,
        "volumes": [
            {
                "device_name": "/dev/sda1",
                "volume_size": 20,
                "volume_type": "gp3",
                "iops": 4000,
                "throughput": 250,
                "encrypted": True,
                "delete_on_termination": False,
            },
            {"device_name": "/dev/sdb", "ephemeral": "ephemeral0"},
            {"device_name": "/dev/sdc", "no_device": True},
            {"device_name": "/dev/sdd", "snapshot": scenery["snapshot"]},
            {"device_name": "/dev/sde", "volume_size": 100, "volume_type": "io1", "iops": 1000},
        ],
        "metadata_options": {"http_tokens": "required", "http_put_response_hop_limit": 2},
        "instance_monitoring": False,
        "assign_public_ip": False,
        "placement_tenancy": "default",
        "spot_price": 0.05,
        "ebs_optimized": True,
        "kernel_id": "aki-88aa75e1",
        "ramdisk_id": "ari-a51cf9cc",
    }


@pytest.fixture
def other(scenery, profile):
    """Settings that differ from the full ones in every field."""
    profile("empty", empty=True)
    return {
        "name": "full",
        "image_id": "ami-0123456789abcdef0",
        "instance_type": "t3.micro",
        "instance_profile_name": "empty",
        "key_name": "other-key",
        "security_groups": [scenery["ids"][0]],
        "user_data": OTHER_USER_DATA,
        "volumes": [
            {"device_name": "/dev/sda1", "volume_size": 30, "delete_on_termination": True},
            {"device_name": "/dev/sdg", "ephemeral": "ephemeral1"},
        ],
        "metadata_options": {"http_endpoint": "disabled", "http_tokens": "optional", "http_put_response_hop_limit": 3},
        "instance_monitoring": True,
        "assign_public_ip": True,
        "placement_tenancy": "dedicated",
        "spot_price": 0.06,
        "ebs_optimized": False,
        "kernel_id": "aki-00000000",
        "ramdisk_id": "ari-00000000",
    }


def differences(scenery):
    """How these differences are shown: field, wanted, actual."""
    wanted_data = f"{len(OTHER_USER_DATA)} bytes, sha256 {digest(OTHER_USER_DATA)}"
    actual_data = f"{len(USER_DATA)} bytes, sha256 {digest(USER_DATA)}"
    return [
        ("image_id", "ami-0123456789abcdef0", IMAGE),
        ("instance_type", "t3.micro", "m1.small"),
        ("instance_profile_name", "empty", "web"),
        ("key_name", "other-key", "operations"),
        ("security_groups", scenery["ids"][0], ", ".join(sorted(scenery["ids"]))),
        ("user_data", wanted_data, actual_data),
        ("instance_monitoring", "true", "false"),
        ("assign_public_ip", "true", "false"),
        ("placement_tenancy", "dedicated", "default"),
        ("spot_price", "0.06", "0.05"),
        ("ebs_optimized", "false", "true"),
        ("kernel_id", "aki-00000000", "aki-88aa75e1"),
        ("ramdisk_id", "ari-00000000", "ari-a51cf9cc"),
        ("metadata_options.http_endpoint", "disabled", "enabled"),
        ("metadata_options.http_tokens", "optional", "required"),
        ("metadata_options.http_put_response_hop_limit", "3", "2"),
        ("volumes[/dev/sda1].volume_size", "30", "20"),
        ("volumes[/dev/sda1].delete_on_termination", "true", "false"),
        ("volumes[/dev/sdg]", "ephemeral ephemeral1", "none"),
        ("volumes[/dev/sdb]", "none", "ephemeral ephemeral0"),
        ("volumes[/dev/sdc]", "none", "no_device true"),
        ("volumes[/dev/sdd]", "none", f"snapshot {scenery['snapshot']}"),
        ("volumes[/dev/sde]", "none", "volume_size 100, volume_type io1, iops 1000"),
    ]


@pytest.fixture
def made(run, full, writes):
    """The result of making one with the full settings."""
    made = run(module, **full)
    writes()
    return made


def test_the_same_settings_written_in_another_way(run, aws, scenery, full, made, writes, tmp_path):
    path = tmp_path / "user_data"
    path.write_text(USER_DATA, encoding="utf-8")
    arn = aws.client("iam").get_instance_profile(InstanceProfileName="web")["InstanceProfile"]["Arn"]
    for written in (
        {
            "user_data_base64": encoded(USER_DATA),
            "instance_profile_name": arn,
            "security_groups": ["two", "one"],
            "vpc_id": scenery["vpc_id"],
        },
        {"user_data_path": str(path), "volumes": full["volumes"][::-1], "spot_price": "0.0500"},
    ):
        same = run(module, name="full", **PLAIN, **written)
        assert (same["changed"], same["result"]) == (False, made["result"])
        assert_no_user_data(same)
    assert writes() == []


def test_every_differing_field_is_named_with_both_values(run, scenery, made, other, writes):
    writes()
    expected = differences(scenery)
    drifted = run(module, **other)
    assert drifted["failed"]
    assert [(each["field"], each["wanted"], each["actual"]) for each in drifted["differences"]] == expected
    assert not [word for row in expected for word in row if word not in drifted["msg"]]
    hint = "Set name_prefix instead of name to create another one, on_drift=keep to keep it, or on_drift=replace to"
    assert hint in drifted["msg"]
    kept = run(module, **other, on_drift="keep")
    assert (kept["changed"], kept["result"]) == (False, made["result"])
    (warning,) = kept["warnings"]
    assert not [field for field, *dummy in expected if field not in warning]
    assert "It is kept because of on_drift=keep." in warning
    assert digest(USER_DATA) in made["printed"]
    assert digest(OTHER_USER_DATA) in drifted["printed"]
    assert_no_user_data(made, drifted, kept)
    assert writes() == []


def test_while_a_group_names_it_it_is_neither_replaced_nor_removed(run, group, made, other, writes):
    group("web", LaunchConfigurationName="full")
    writes()
    not_replaced = run(module, **other, on_drift="replace")
    not_removed = run(module, name="full", state="absent")
    for failed, what in ((not_replaced, "replaced"), (not_removed, "removed")):
        assert failed["failed"]
        assert f"cannot be {what} while Auto Scaling groups name them: 'full' by web" in failed["msg"]
    assert not_removed["auto_scaling_groups"] == {"full": ["web"]}
    assert_no_user_data(not_replaced, not_removed)
    assert writes() == []


def test_settings_of_an_instance(run, aws, group, scenery, made):
    group("web", size=1, LaunchConfigurationName="full")
    (found,) = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    parameters = {
        "name": "derived",
        "instance_id": found["Instances"][0]["InstanceId"],
        "instance_type": "t3.micro",
    }
    checked = run(module, check_mode=True, **parameters)
    derived, again = (run(module, **parameters) for dummy in range(2))
    assert (checked["changed"], derived["changed"], again["changed"]) == (True, True, False)
    assert checked["result"]["instance_type"] == derived["result"]["instance_type"] == "t3.micro"
    assert derived["result"]["image_id"] == IMAGE
    assert derived["result"]["security_groups"] == sorted(scenery["ids"])
    assert again["result"] == derived["result"]


def test_the_old_one_is_put_back_when_the_new_one_cannot_be_made(run, aws, full, made):
    aws.fault("error", "CreateLaunchConfiguration", code="AccessDenied", status=403, message="denied")
    denied = run(module, name="full", image_id=IMAGE, instance_type="t3.micro", on_drift="replace")
    assert denied["error"]["code"] == "AccessDenied"
    assert "Rolled back launch configuration 'full'" in denied["msg"]
    found = run(module, **full)
    assert not found["changed"]
    identity = {"arn": "", "launch_configuration_arn": "", "created_time": ""}
    assert {**found["result"], **identity} == {**made["result"], **identity}
    assert found["created_time"] > made["created_time"]
    assert_no_user_data(denied, found)


def test_what_is_missing_is_named_at_once(run, aws, profile, scenery, writes):
    empty = profile("empty", empty=True)
    writes()
    no_role = (
        "instance_profile_name: the instance profile 'empty' holds no role, so instances would get no credentials."
    )
    no_group = f"security_groups: VPC '{scenery['vpc_id']}' has no security group 'gone'."
    for reference, message in (
        (
            {"instance_profile_name": "gone"},
            "instance_profile_name: the instance profile 'gone' does not exist in this account.",
        ),
        ({"instance_profile_name": empty}, no_role),
        ({"security_groups": [scenery["ids"][0], "gone"], "vpc_id": scenery["vpc_id"]}, no_group),
    ):
        missing = run(module, name="never", **PLAIN, **reference)
        assert missing["failed"]
        assert message in missing["msg"]
    calls = aws.calls()
    assert calls[-1]["time"] - calls[0]["time"] < 30
    assert writes() == []


def test_a_fresh_profile_is_waited_for_and_ids_need_no_ec2(run, aws, role, scenery, outcomes):
    role("web")
    aws.set(profile_delay=1.5)
    run(iam_instance_profile, name="fresh", role="web", wait=False)
    # The delay may be over when a slow machine gets to the launch configuration, so two refusals are certain.
    invalid = {"code": "ValidationError", "status": 400, "message": "Invalid IamInstanceProfile: fresh"}
    aws.fault("error", "CreateLaunchConfiguration", times=2, **invalid)
    aws.reset_calls()
    fresh = run(module, name="fresh", **PLAIN, instance_profile_name="fresh", security_groups=scenery["ids"])
    assert fresh["changed"]
    assert fresh["result"]["instance_profile_name"] == "fresh"
    *refused, accepted = outcomes("CreateLaunchConfiguration")
    assert (set(refused), accepted) == ({"ValidationError"}, "ok")
    assert aws.calls(service="ec2") == []


def test_a_profile_that_auto_scaling_does_not_learn_of(run, aws, profile):
    aws.set(profile_delay=600)
    profile("fresh")
    late = run(module, name="never", **PLAIN, instance_profile_name="fresh", wait_timeout=1)
    assert late["failed"]
    hint = "IAM has the instance profile, but Auto Scaling did not accept it within wait_timeout (application_wait_timeout in roles). Raise it"
    assert hint in late["msg"]


def test_an_account_that_takes_no_launch_configurations_is_asked_once(run, aws, writes):
    aws.set(new_account=True)
    refused = run(module, name="never", **PLAIN)
    assert refused["error"]["code"] == "UnsupportedOperation"
    hint = "This AWS account does not accept new launch configurations, and trying again will not help. Use a launch template"
    assert hint in refused["msg"]
    assert writes() == ["CreateLaunchConfiguration"]
