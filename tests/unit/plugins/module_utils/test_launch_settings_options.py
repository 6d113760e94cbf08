# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch settings from a module's parameters."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_settings_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import LAUNCH_SETTINGS_ARGUMENTS
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import (
    ARN,
    EVERYTHING,
    EVERYTHING_AS_PARAMETERS,
)

UNSET = dict.fromkeys(LAUNCH_SETTINGS_ARGUMENTS)


@pytest.mark.parametrize(
    ("params", "settings"),
    [
        pytest.param({}, LaunchSettings(), id="nothing"),
        pytest.param(EVERYTHING_AS_PARAMETERS, EVERYTHING, id="everything"),
        pytest.param({"instance_profile_name": ARN}, LaunchSettings(instance_profile_name=ARN), id="profile by ARN"),
        pytest.param({"instance_profile_name": ""}, LaunchSettings(instance_profile_name=""), id="no profile"),
        pytest.param({"security_groups": []}, LaunchSettings(security_groups=()), id="no security groups"),
        pytest.param({"volumes": []}, LaunchSettings(volumes=()), id="no volumes"),
        pytest.param({"user_data": ""}, LaunchSettings(user_data=UserData(b"")), id="no user data"),
        pytest.param({"spot_price": 0.001}, LaunchSettings(spot_price="0.001"), id="lowest price"),
        pytest.param({"spot_price": 10.0}, LaunchSettings(spot_price="10"), id="whole price"),
        pytest.param(
            {
                "metadata_options": {
                    "http_endpoint": "enabled",
                    "http_tokens": "optional",
                    "http_put_response_hop_limit": 1,
                }
            },
            LaunchSettings(metadata_options=MetadataOptions("enabled", "optional", 1)),
            id="hop limit 1",
        ),
        pytest.param(
            {
                "metadata_options": {
                    "http_endpoint": "enabled",
                    "http_tokens": "optional",
                    "http_put_response_hop_limit": 64,
                }
            },
            LaunchSettings(metadata_options=MetadataOptions("enabled", "optional", 64)),
            id="hop limit 64",
        ),
    ],
)
def test_from_params(params, settings):
    assert launch_settings_options.from_params({**UNSET, **params}) == settings


def hops(limit):
    return {
        "metadata_options": {
            "http_endpoint": "enabled",
            "http_tokens": "required",
            "http_put_response_hop_limit": limit,
        }
    }


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param(
            hops(0),
            "metadata_options.http_put_response_hop_limit: 0 is out of range. Set 1 to 64.",
            id="hop limit 0",
        ),
        pytest.param(
            hops(65),
            "metadata_options.http_put_response_hop_limit: 65 is out of range. Set 1 to 64.",
            id="hop limit 65",
        ),
        pytest.param(
            {"spot_price": 0.0009},
            "spot_price: 0.0009 is too low; AWS takes 0.001 or more.",
            id="low price",
        ),
        pytest.param({"spot_price": -1.0}, "spot_price: -1.0 is too low; AWS takes 0.001", id="negative price"),
        pytest.param(
            {"spot_price": float("nan")}, "spot_price: 'nan' is not a price. Set US dollars an hour.", id="price nan"
        ),
        pytest.param({"spot_price": float("inf")}, "spot_price: 'inf' is not a price.", id="price inf"),
        pytest.param(
            {"instance_profile_name": "a/web"},
            "instance_profile_name: 'a/web' has characters that IAM refuses",
            id="profile",
        ),
        pytest.param(
            {"instance_profile_name": "arn:aws:iam::123456789012:role/web"},
            "instance_profile_name: 'arn:aws:iam::123456789012:role/web' is not the ARN of an instance profile",
            id="a role's ARN as profile",
        ),
        pytest.param(
            {"image_id": ""}, "image_id: the value is empty. Give one, or leave the option out.", id="empty image"
        ),
        pytest.param({"instance_type": ""}, "instance_type: the value is empty.", id="empty type"),
        pytest.param({"instance_id": ""}, "instance_id: the value is empty.", id="empty instance"),
        pytest.param(
            {"volumes": [{"device_name": "/dev/sdf"}]},
            "volumes[0] (/dev/sdf): AWS requires volume_size, snapshot,",
            id="volume",
        ),
        pytest.param(
            {"user_data": "u" * 16384},
            "user_data: the user data has 16384 bytes; AWS takes at most 16383",
            id="user data",
        ),
    ],
)
def test_from_params_refuses(params, message):
    with pytest.raises(InvalidOption) as raised:
        launch_settings_options.from_params({**UNSET, **params})
    assert raised.value.message.startswith(message)


@pytest.mark.parametrize(
    ("params", "option"),
    [
        pytest.param({"image_id": "resolve:ssm:/ami"}, "image_id", id="SSM parameter"),
        pytest.param(
            {"credit_specification": {"cpu_credits": "unlimited"}}, "credit_specification.cpu_credits", id="credits"
        ),
        pytest.param(
            {"tag_specifications": [{"resource_type": "instance", "tags": {"A": "1"}}]}, "tag_specifications", id="tags"
        ),
        pytest.param(
            {"metadata_options": {"http_protocol_ipv6": "enabled"}}, "metadata_options.http_protocol_ipv6", id="IPv6"
        ),
        pytest.param(
            {"metadata_options": {"instance_metadata_tags": "enabled"}},
            "metadata_options.instance_metadata_tags",
            id="IMDS tags",
        ),
        pytest.param(
            {"volumes": [{"device_name": "/dev/sdf", "volume_size": 8, "encrypted": True, "kms_key_id": "alias/web"}]},
            "volumes[0] (/dev/sdf): kms_key_id",
            id="KMS key",
        ),
        pytest.param(
            {"volumes": [{"device_name": "/dev/sdf", "volume_size": 8, "volume_type": "io2", "iops": 100}]},
            "volumes[0]",
            id="io2",
        ),
    ],
)
def test_what_only_a_launch_template_can_hold(params, option):
    with pytest.raises(InvalidOption) as raised:
        launch_settings_options.from_params({**UNSET, **params})
    assert raised.value.message.startswith(option)
    assert "launch template" in raised.value.message
