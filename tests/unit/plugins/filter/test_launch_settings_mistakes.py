# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The filter says before anything is made what the modules would say."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.launchkit.aws.plugins.filter.launch_settings_mistakes import launch_settings_mistakes

IO2 = {"device_name": "/dev/sdf", "volume_size": 4, "volume_type": "io2", "iops": 100}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"metadata_options": {"http_put_response_hop_limit": 0}},
            "metadata_options.http_put_response_hop_limit: 0 is out",
        ),
        ({"metadata_options": {"http_tokens": "maybe"}}, "value of http_tokens must be one of: optional, required"),
        ({"security_groups": ["web"]}, "security_groups: 'web' is a name, and names are unique within a VPC only."),
        (
            {"user_data": "a", "user_data_base64": "YQ=="},
            "user_data: mutually exclusive with user_data_base64.",
        ),
        ({"user_data": "a", "user_data_path": "/no/such/file"}, "user_data: mutually exclusive with user_data_path."),
        ({"user_data": "x" * 16384}, "user_data: the user data has 16384 bytes; AWS takes at most 16383"),
        (
            {"volumes": [{"device_name": "/dev/sdf"}]},
            "volumes[0] (/dev/sdf): AWS requires volume_size, snapshot, ephemeral",
        ),
        ({"volumes": [IO2]}, "volumes[0] (/dev/sdf): volume_type 'io2' is not possible in a launch configuration"),
        (
            {"credit_specification": {"cpu_credits": "unlimited"}},
            "credit_specification.cpu_credits: a launch configuration",
        ),
    ],
    ids=str,
)
def test_mistake(options, message):
    (found,) = launch_settings_mistakes({"image_id": "ami-1", "instance_type": "t3.small", **options})
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("options", "launch_with"),
    [
        ({}, "launch_configuration"),
        ({"user_data": None, "security_groups": ["sg-1"], "vpc_id": None}, "launch_configuration"),
        ({"security_groups": ["web"], "vpc_id": "vpc-1"}, "launch_configuration"),
        ({"user_data_path": "/no/such/file"}, "launch_configuration"),
        ({"user_data": "a", "user_data_base64": "", "user_data_path": ""}, "launch_configuration"),
        ({"volumes": [IO2], "credit_specification": {"cpu_credits": "unlimited"}}, "launch_template"),
    ],
    ids=str,
)
def test_no_mistake(options, launch_with):
    assert launch_settings_mistakes({"image_id": "ami-1", **options}, launch_with) == []


def test_prefix():
    (found,) = launch_settings_mistakes({"security_groups": ["web"]}, prefix="application_")
    assert found.startswith("application_security_groups: 'web' is a name")
    (found,) = launch_settings_mistakes({"user_data": "a", "user_data_base64": "YQ=="}, prefix="application_")
    assert found.startswith("application_user_data: mutually exclusive with user_data_base64.")


def test_other_kind():
    with pytest.raises(AnsibleFilterError, match="give one of launch_configuration, launch_template"):
        launch_settings_mistakes({}, "magic")
