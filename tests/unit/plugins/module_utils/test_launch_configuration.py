# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations: names, parameters, rendering and results."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import Outcome
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import Prune, State, Target
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import LAUNCH_SETTINGS_ARGUMENTS
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import (
    EVERYTHING_AS_ARGUMENTS,
)

DIGITS = "0123456789abcdef"
PARAMS = {
    **dict.fromkeys(
        [
            *LAUNCH_SETTINGS_ARGUMENTS,
            "name",
            "name_prefix",
            "prune",
            "classic_link_vpc_id",
            "classic_link_vpc_security_groups",
        ]
    ),
    "state": "present",
    "on_drift": "fail",
}
PLAIN = {"image_id": "ami-1", "instance_type": "t3.small"}
NAMED = {"name": "web", **PLAIN}


@pytest.mark.parametrize(
    ("params", "target"),
    [
        pytest.param(NAMED, Target("web", LaunchSettings("ami-1", "t3.small")), id="name"),
        pytest.param(
            {"name_prefix": "web-", **PLAIN},
            Target(None, LaunchSettings("ami-1", "t3.small"), prefix="web-"),
            id="prefix",
        ),
        pytest.param(
            {"name": "web", "instance_id": "i-1"},
            Target("web", LaunchSettings(instance_id="i-1")),
            id="from an instance",
        ),
        pytest.param({"name": "web", "state": "absent"}, Target("web", present=False), id="absent"),
        pytest.param({**NAMED, "state": "absent"}, Target("web", present=False), id="absent with settings"),
        pytest.param(
            {"name_prefix": "web-", "state": "absent"},
            Target(None, present=False, prefix="web-"),
            id="absent by prefix",
        ),
        pytest.param(
            {"name_prefix": "web-", "prune": {"keep": 1, "min_age": 60}, "on_drift": "keep", **PLAIN},
            Target(None, LaunchSettings("ami-1", "t3.small"), prefix="web-", on_drift="keep", prune=Prune(1, 60)),
            id="prune",
        ),
        pytest.param(
            {**NAMED, "classic_link_vpc_security_groups": []},
            Target("web", LaunchSettings("ami-1", "t3.small")),
            id="no ClassicLink",
        ),
        pytest.param(
            {**NAMED, "name": "n" * 255}, Target("n" * 255, LaunchSettings("ami-1", "t3.small")), id="longest name"
        ),
        pytest.param(
            {"name_prefix": "n" * 239, **PLAIN},
            Target(None, LaunchSettings("ami-1", "t3.small"), prefix="n" * 239),
            id="longest prefix",
        ),
    ],
)
def test_from_params(params, target):
    assert launch_configuration.from_params({**PARAMS, **params}) == target


NEGATIVE_KEEP, NEGATIVE_AGE = {"keep": -1, "min_age": 0}, {"keep": 0, "min_age": -1}


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param(
            {"classic_link_vpc_id": "vpc-1"},
            "classic_link_vpc_id: AWS retired EC2-Classic and ClassicLink in August 2022. Remove the option.",
            id="VPC",
        ),
        pytest.param(
            {"classic_link_vpc_security_groups": ["sg-1"]},
            "classic_link_vpc_security_groups: AWS retired EC2-Classic and",
            id="groups",
        ),
        pytest.param({"name": ""}, "name: '' has 0 characters; 1 to 255 are possible here.", id="empty name"),
        pytest.param(
            {"name": "n" * 256}, f"name: '{'n' * 256}' has 256 characters; 1 to 255 are possible here.", id="long name"
        ),
        pytest.param(
            {"name": "a\x00b"}, "name: the name holds control characters, which Auto Scaling refuses.", id="NUL"
        ),
        pytest.param({"name": "web\n"}, "name: the name ends with a line feed. Remove it", id="line feed"),
        pytest.param(
            {"name_prefix": ""}, "name_prefix: '' has 0 characters; 1 to 239 are possible here.", id="empty prefix"
        ),
        pytest.param(
            {"name_prefix": "n" * 240},
            f"name_prefix: '{'n' * 240}' has 240 characters; 1 to 239 are possible",
            id="long prefix",
        ),
        pytest.param(
            {"prune": {"keep": 0, "min_age": 0}},
            "prune: a launch configuration with a fixed name has no siblings. Use name_prefix.",
            id="prune by name",
        ),
        pytest.param(
            {"name_prefix": "web-", "prune": NEGATIVE_KEEP},
            "prune.keep: -1 is negative. Give 0 or more.",
            id="negative keep",
        ),
        pytest.param(
            {"name_prefix": "web-", "prune": NEGATIVE_AGE},
            "prune.min_age: -1 is negative. Give 0 or more.",
            id="negative age",
        ),
        pytest.param({"image_id": None}, "image_id: required, unless instance_id names an instance", id="no image"),
        pytest.param(
            {"instance_type": None}, "instance_type: required, unless instance_id names an instance", id="no type"
        ),
        pytest.param(
            {"image_id": None, "instance_type": ""}, "image_id and instance_type: required, unless", id="neither"
        ),
        pytest.param({"spot_price": 0.0001}, "spot_price: 0.0001 is too low", id="settings"),
    ],
)
def test_from_params_refuses(params, message):
    with pytest.raises(InvalidOption) as raised:
        launch_configuration.from_params({**PARAMS, **NAMED, **params})
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("web-" + DIGITS, True),
        ("web-" + DIGITS[:-1], False),
        ("web-" + DIGITS + "0", False),
        ("web-" + DIGITS.upper(), False),
        ("web-api-" + DIGITS, False),
        ("api-" + DIGITS, False),
        ("web-", False),
        ("web-" + DIGITS + "\n", False),
    ],
)
def test_siblings_are_the_prefix_and_a_fingerprint(name, expected):
    assert launch_configuration.is_sibling("web-", name) is expected


def test_a_prefix_is_no_pattern():
    assert not launch_configuration.is_sibling("w.b-", "web-" + DIGITS)


def test_name_carries_the_fingerprint_of_ids():
    target = launch_configuration.from_params(
        {**PARAMS, "name_prefix": "web-", **PLAIN, "security_groups": ["web"], "vpc_id": "vpc-1"}
    )
    with_ids = launch_configuration.with_security_groups(target, ("sg-1",))
    assert with_ids.settings == replace(target.settings, security_groups=("sg-1",))
    assert with_ids.name == "web-" + launch_differences.fingerprint(with_ids.settings)
    assert launch_configuration.is_sibling("web-", with_ids.name)


@pytest.mark.parametrize("params", [NAMED, {"name_prefix": "web-", "state": "absent"}], ids=["fixed name", "absent"])
def test_other_names_stay_as_they_are(params):
    target = launch_configuration.from_params({**PARAMS, **params})
    assert launch_configuration.with_security_groups(target, None) == target


def test_render():
    answer = aws_answers.created_launch_configuration({"LaunchConfigurationName": "web", **EVERYTHING_AS_ARGUMENTS})
    rendered = launch_configuration.render(launch_configuration.from_api(answer))
    json.dumps(rendered)
    arn = "arn:aws:autoscaling:us-east-1:123456789012:launchConfiguration:1:launchConfigurationName/web"
    assert rendered == {
        "name": "web",
        "launch_configuration_name": "web",
        "arn": arn,
        "launch_configuration_arn": arn,
        "created_time": "2026-11-23T15:20:47+00:00",
        "image_id": "ami-baba68d3",
        "instance_type": "t3.small",
        "instance_profile_name": "web",
        "iam_instance_profile": "web",
        "key_name": "operations",
        "security_groups": ["sg-1", "sg-2"],
        "instance_monitoring": False,
        "associate_public_ip_address": False,
        "placement_tenancy": "dedicated",
        "spot_price": "0.05",
        "ebs_optimized": True,
        "kernel_id": "aki-1",
        "ramdisk_id": "ari-1",
        "block_device_mappings": [
            {"device_name": "/dev/sdf", "ebs": {"volume_size": 8}},
            {"device_name": "/dev/sdg", "no_device": True},
        ],
        "metadata_options": {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 2},
        "user_data": "hidden",
        "user_data_sha256": "a8076d3d28d21e02012b20eaf7dbf75409a6277134439025f282e368e3305abf",
        "user_data_size": 10,
        "classic_link_vpc_security_groups": [],
    }


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (["associate_public_ip_address", "placement_tenancy", "spot_price", "user_data"], None),
        (
            [
                "instance_profile_name",
                "iam_instance_profile",
                "key_name",
                "kernel_id",
                "ramdisk_id",
                "user_data_sha256",
            ],
            "",
        ),
        (["security_groups", "block_device_mappings", "classic_link_vpc_security_groups"], []),
        (["metadata_options"], {}),
        (["user_data_size"], 0),
        (["instance_monitoring"], True),
        (["ebs_optimized"], False),
    ],
)
def test_render_of_the_least(keys, value):
    rendered = launch_configuration.render(launch_configuration.from_api(aws_answers.launch_configuration()))
    assert [rendered[key] for key in keys] == [value] * len(keys)


def state(*names):
    found = (launch_configuration.from_api(aws_answers.launch_configuration(name)) for name in names)
    return State({each.name: each for each in found})


def test_result_of_creation():
    result = launch_configuration.result(Target("web"), Outcome(True, state(), state("web"), ()))
    shown = launch_configuration.render(state("web").configurations["web"])
    assert result == {
        "changed": True,
        "diff": {"before": {}, "after": shown},
        "result": shown,
        "pruned": [],
        **{key: shown[key] for key in ("name", "arn", "created_time", "image_id", "instance_type", "security_groups")},
    }


def test_result_of_pruning():
    target = Target("web-b", prefix="web-", prune=Prune())
    result = launch_configuration.result(target, Outcome(True, state("web-a", "web-b", "web-c"), state("web-b"), ()))
    assert result["pruned"] == ["web-a", "web-c"]
    assert result["diff"]["before"]["siblings"] == ["web-a", "web-c"]
    assert result["diff"]["after"]["siblings"] == []


@pytest.mark.parametrize(
    ("target", "before", "expected"),
    [
        (Target("web", present=False), ["web"], {"deleted": ["web"], "name": "web"}),
        (Target("web", present=False), [], {"deleted": [], "name": "web"}),
        (Target(None, present=False, prefix="web-"), ["web-b", "web-a"], {"deleted": ["web-a", "web-b"]}),
    ],
    ids=["one", "none", "siblings"],
)
def test_result_of_removal(target, before, expected):
    result = launch_configuration.result(target, Outcome(bool(before), state(*before), state(), ()))
    assert {key: value for key, value in result.items() if key not in ("changed", "diff")} == expected
