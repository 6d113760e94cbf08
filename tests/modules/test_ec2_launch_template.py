# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch templates besides creation, change and deletion: their versions, and other ways to write and to find settings."""

from __future__ import annotations

import hashlib

import pytest
from ansible_collections.amazon.aws.plugins.modules import ec2_launch_template as peer
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_instance_refresh,
    autoscaling_launch_configuration,
)
from ansible_collections.launchkit.aws.plugins.modules import ec2_launch_template as module

IMAGE = "ami-baba68d3"
# In no result, message or difference may this appear.
USER_DATA = "correct-horse"


@pytest.fixture
def versions(run, aws, group, writes):
    """The results of making five versions, of which the first is the default one and a group names the second."""
    types = ("t3.nano", "t3.micro", "t3.small", "t3.medium", "t3.large")
    made = [run(module, name="web", image_id=IMAGE, instance_type=each, default_version="keep") for each in types]
    group("web", LaunchTemplate={"LaunchTemplateId": made[0]["launch_template_id"], "Version": "2"})
    writes()
    return made


def test_newest_default_and_named_versions_stay_and_numbers_are_not_used_again(run, versions):
    assert [each["latest_version"] for each in versions] == [1, 2, 3, 4, 5]
    assert {each["default_version"] for each in versions} == {1}
    keep_one = {"name": "web", "default_version": "keep", "prune": {"keep": 1}}
    checked = run(module, check_mode=True, **keep_one)
    pruned, again = (run(module, **keep_one) for dummy in range(2))
    assert (checked["changed"], checked["pruned"], pruned["pruned"], again["changed"]) == (True, [3], [3], False)
    assert pruned["diff"]["after"]["versions"] == [1, 2, 4, 5]
    no_such_version = run(module, name="web", instance_type="t3.xlarge", default_version="3")
    assert no_such_version["failed"]
    assert "has no version 3. " in no_such_version["msg"]


def test_a_template_that_a_group_names_is_not_removed(run, versions, writes):
    not_removed = run(module, name="web", state="absent")
    assert not_removed["failed"]
    assert not_removed["auto_scaling_groups"] == ["web"]
    assert "cannot be removed while Auto Scaling groups name it: web" in not_removed["msg"]
    assert writes() == []


def test_the_default_version(run, versions):
    fourth = run(module, name="web", default_version="4")
    assert (fourth["changed"], fourth["default_version"], fourth["latest_version"]) == (True, 4, 5)
    newest = run(module, name="web")
    assert (newest["changed"], newest["default_version"]) == (True, 5)


@pytest.fixture
def full(scenery, profile):
    """Everything that a launch template can hold here, with a volume of each kind."""
    profile("web")
    return {
        "name": "full",
        "image_id": IMAGE,
        "instance_type": "t3.micro",
        "instance_profile_name": "web",
        "key_name": "operations",
        "security_groups": ["one", scenery["ids"][1]],
        "vpc_id": scenery["vpc_id"],
        "user_data": USER_DATA,
        "volumes": [
            {"device_name": "/dev/sda1", "volume_size": 20, "volume_type": "gp3", "iops": 4000, "throughput": 250},
            {"device_name": "/dev/sdb", "ephemeral": "ephemeral0"},
            {"device_name": "/dev/sdc", "no_device": True},
            {"device_name": "/dev/sdd", "snapshot": scenery["snapshot"]},
            {
                "device_name": "/dev/sde",
                "volume_size": 100,
                "volume_type": "io2",
                "iops": 1000,
                "encrypted": True,
                "kms_key_id": "alias/aws/ebs",
            },
        ],
        "metadata_options": {
            "http_tokens": "required",
            "http_put_response_hop_limit": 2,
            "http_protocol_ipv6": "enabled",
            "instance_metadata_tags": "enabled",
        },
        "instance_monitoring": False,
        "assign_public_ip": False,
        "placement_tenancy": "default",
        "spot_price": 0.05,
        "ebs_optimized": True,
        "credit_specification": {"cpu_credits": "unlimited"},
        "tag_specifications": [
            {"resource_type": "volume", "tags": {"Owner": "me"}},
            {"resource_type": "instance", "tags": {"Stage": "test", "Owner": "me"}},
        ],
        "tags": {"Owner": "me"},
        "version_description": "first",
    }


def test_order_and_untouched_settings_do_not_count(run, full, scenery):
    reordered = {
        "security_groups": scenery["ids"][::-1],
        "volumes": full["volumes"][::-1],
        "tag_specifications": full["tag_specifications"][::-1],
    }
    made = run(module, **full)
    same = run(module, **{**full, **reordered})
    bare = run(module, name="full", volumes=[], default_version="keep")
    assert (made["changed"], same["changed"], bare["changed"]) == (True, False, True)
    assert same["version"] == made["version"]
    assert (bare["latest_version"], bare["default_version"]) == (2, 1)
    unlike = {"version_number": "", "version_description": "", "block_device_mappings": []}
    assert {**bare["version"], **unlike} == {**made["version"], **unlike}
    assert bare["version"]["block_device_mappings"] == []
    for result in (made, same, bare):
        assert USER_DATA not in result["printed"]


def test_settings_of_a_launch_configuration(run, profile):
    profile("web")
    volumes = [{"device_name": "/dev/sdf", "volume_size": 8}]
    settings = {"image_id": IMAGE, "instance_type": "t3.micro", "instance_profile_name": "web"}
    run(autoscaling_launch_configuration, name="web", **settings, user_data=USER_DATA, volumes=volumes)
    parameters = {"name": "copy", "launch_configuration_name": "web", "instance_type": "t3.small"}
    copied, again = (run(module, **parameters) for dummy in range(2))
    assert (copied["changed"], again["changed"]) == (True, False)
    version = copied["version"]
    assert (version["instance_type"], version["instance_profile_name"]) == ("t3.small", "web")
    assert version["user_data_sha256"] == hashlib.sha256(USER_DATA.encode()).hexdigest()
    shown = {"device_name": "/dev/sdf", "ebs": {"volume_size": 8, "delete_on_termination": True}}
    assert version["block_device_mappings"] == [shown]
    assert version["instance_monitoring"]
    assert USER_DATA not in copied["printed"] + again["printed"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (
            {"launch_configuration_name": "gone"},
            "launch_configuration_name: 'gone' does not exist. No changes were made.",
        ),
        ({"instance_profile_name": "gone", "wait_timeout": 1}, "instance_profile_name: the instance profile "),
    ],
    ids=["launch configuration", "profile"],
)
def test_what_is_missing_is_named(run, writes, parameters, message):
    missing = run(module, name="never", **parameters)
    assert missing["failed"]
    assert message in missing["msg"]
    assert writes() == []


def test_a_fresh_profile_is_waited_for_when_the_group_first_uses_it(run, aws, group, profile, outcomes):
    profile("web")
    old = run(module, name="old", image_id=IMAGE, instance_type="t3.micro")
    group("web", LaunchTemplate={"LaunchTemplateId": old["launch_template_id"], "Version": "1"})
    fresh = run(module, name="new", image_id=IMAGE, instance_type="t3.micro", instance_profile_name="web", wait=False)
    invalid = (
        "You must use a valid fully-formed launch template. Value (web) for parameter iamInstanceProfile.name is invalid. "
        "Invalid IAM Instance Profile name"
    )
    aws.fault("error", "UpdateAutoScalingGroup", code="ValidationError", status=400, message=invalid, times=2)
    moved = run(
        autoscaling_instance_refresh,
        group="web",
        launch_template_id=fresh["launch_template_id"],
        launch_template_version=str(fresh["latest_version"]),
    )
    assert moved["changed"], moved["printed"]
    assert outcomes("UpdateAutoScalingGroup") == ["ValidationError", "ValidationError", "ok"]


def test_template_without_settings_is_refused(run, writes):
    for check_mode in (True, False):
        refused = run(module, check_mode=check_mode, name="nothing")
        assert refused["failed"]
        assert refused["msg"].startswith("image_id: required. ")
    assert writes() == []


def test_what_is_not_given_stays(run, aws):
    volume = {"volume_size": 100, "volume_type": "io1", "iops": 1000, "encrypted": True, "kms_key_id": "alias/web"}
    sdf = {"device_name": "/dev/sdf", "delete_on_termination": False, **volume}
    run(module, name="web", image_id=IMAGE, volumes=[sdf], metadata_options={"http_tokens": "required"})
    changes = {
        "volumes": [{"device_name": "/dev/sdf", "volume_size": 200, "snapshot": ""}],
        "metadata_options": {"http_put_response_hop_limit": 2},
        "user_data": "x",
        "user_data_base64": "",
    }
    checked = run(module, check_mode=True, name="web", **changes)
    result, again = (run(module, name="web", **changes) for dummy in range(2))
    assert (checked["changed"], result["changed"], again["changed"]) == (True, True, False), result["printed"]
    version = result["version"]
    assert version["block_device_mappings"][0]["ebs"] == {
        **volume,
        "volume_size": 200,
        "delete_on_termination": False,
    }
    options = {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 2}
    assert {**version["metadata_options"], **options} == version["metadata_options"]
    assert checked["version"] == version
    assert not run(module, name="web", metadata_options={})["changed"]


def test_spot_and_back(run):
    run(module, name="web", image_id=IMAGE, spot_price=0.05)
    for changes, market_type, price in (
        ({"spot_price": ""}, None, None),
        ({"market_type": "spot"}, "spot", None),
        ({"spot_price": 0.06}, "spot", "0.06"),
        ({"spot_price": 0}, None, None),
    ):
        result, again = (run(module, name="web", **changes) for dummy in range(2))
        assert (result["changed"], again["changed"]) == (True, False), result["printed"]
        assert (result["version"]["market_type"], result["version"]["spot_price"]) == (market_type, price)


def test_instance_type_replaces_instance_requirements(run, aws):
    requirements = {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 1024}}
    data = {"ImageId": IMAGE, "InstanceRequirements": requirements}
    aws.client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    result, again = (run(module, name="web", instance_type="t3.small") for dummy in range(2))
    assert (result["changed"], again["changed"]) == (True, False), result["printed"]
    assert result["diff"]["before"]["latest_version"]["instance_requirements"]
    assert result["diff"]["after"]["latest_version"]["instance_requirements"] is None


def newest_data(aws, name):
    answer = aws.client("ec2").describe_launch_template_versions(LaunchTemplateName=name, Versions=["$Latest"])
    return answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]


# Both modules take these as they are.
SHARED = {
    "image_id": IMAGE,
    "instance_type": "t3.small",
    "iam_instance_profile": "web",
    "block_device_mappings": [
        {"device_name": "/dev/sda1", "ebs": {"volume_size": 20, "volume_type": "gp3", "encrypted": True}},
        {"device_name": "/dev/sdb", "virtual_name": "ephemeral0"},
    ],
    "cpu_options": {"core_count": 1, "threads_per_core": 2},
    "credit_specification": {"cpu_credits": "unlimited"},
    "disable_api_termination": True,
    "ebs_optimized": True,
    "instance_initiated_shutdown_behavior": "terminate",
    "instance_market_options": {"market_type": "spot", "spot_options": {"spot_instance_type": "one-time"}},
    "monitoring": {"enabled": True},
    "metadata_options": {"http_tokens": "required"},
    "network_interfaces": [{"device_index": 0, "associate_public_ip_address": True, "subnet_id": "subnet-1"}],
    "placement": {"availability_zone": "us-east-1a"},
    "tag_specifications": [{"resource_type": "volume", "tags": {"A": "1"}}],
    "tags": {"Owner": "web"},
}


def test_the_peers_options_make_the_same_template(run, aws, profile):
    profile("web")
    theirs = run(peer, template_name="theirs", **SHARED)
    assert not theirs.get("failed"), theirs
    ours = [run(module, template_name="ours", **SHARED) for dummy in range(2)]
    assert [each.get("changed") for each in ours] == [True, False], ours
    expected, found = newest_data(aws, "theirs"), newest_data(aws, "ours")
    # The peer sets the options of metadata that are not set to defaults of its own, and a profile by its ARN.
    assert expected["MetadataOptions"]["HttpTokens"] == found.pop("MetadataOptions")["HttpTokens"]
    assert expected.pop("IamInstanceProfile")["Arn"].endswith(
        f":instance-profile/{found.pop('IamInstanceProfile')['Name']}"
    )
    del expected["MetadataOptions"]
    assert found == expected


def test_members_of_the_api_are_compared_by_value(run, aws, writes):
    wanted = {"name": "web", "image_id": IMAGE, "launch_template_data": {"HibernationOptions": {"Configured": True}}}
    made, again = (run(module, **wanted) for dummy in range(2))
    assert (made["changed"], again["changed"]) == (True, False)
    assert newest_data(aws, "web")["HibernationOptions"] == {"Configured": True}
    kept = run(module, name="web", instance_type="t3.small")
    assert kept["changed"]
    assert newest_data(aws, "web")["HibernationOptions"] == {"Configured": True}
    removed = run(module, name="web", launch_template_data={"HibernationOptions": {}})
    assert removed["changed"]
    assert "HibernationOptions" not in newest_data(aws, "web")
    writes()
    unknown = run(module, check_mode=True, name="web", launch_template_data={"Hibernation": True})
    assert unknown["failed"]
    assert 'Unknown parameter in input: "Hibernation"' in unknown["msg"]
    assert writes() == []


def test_a_template_by_its_id(run, versions):
    identity = versions[0]["launch_template_id"]
    changed = run(module, template_id=identity, instance_type="t3.2xlarge", default_version="keep")
    assert (changed["changed"], changed["launch_template_id"], changed["latest_version"]) == (True, identity, 6)
    missing = run(module, template_id="lt-0123456789abcdef0", instance_type="t3.small")
    assert missing["msg"] == "template_id: 'lt-0123456789abcdef0' does not exist. No changes were made."
    absent = run(module, template_id="lt-0123456789abcdef0", state="absent")
    assert (absent["changed"], absent.get("failed")) == (False, None)


def test_versions_are_deleted_by_number(run, versions, writes):
    refused = run(module, name="web", state="absent", versions_to_delete=[2, 3])
    assert "version 2 of launch template 'web' is the version of Auto Scaling group web" in refused["msg"]
    assert writes() == []
    checked = run(module, check_mode=True, name="web", state="absent", versions_to_delete=[3, 4])
    deleted, again = (run(module, name="web", state="absent", versions_to_delete=[3, 4, 4]) for dummy in range(2))
    assert (checked["changed"], deleted["changed"], again["changed"]) == (True, True, False)
    assert writes() == ["DeleteLaunchTemplateVersions"]
    assert deleted["diff"]["after"]["versions"] == [1, 2, 5]


def test_another_source_version_is_refused(run, versions, writes):
    refused = run(module, name="web", instance_type="t3.nano", source_version="1")
    assert refused["msg"].startswith("source_version: a new version is based on the newest one.")
    assert writes() == []
