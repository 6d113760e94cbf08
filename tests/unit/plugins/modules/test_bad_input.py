# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module refuses before it makes a client, with the message that a person reads."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_launch_configuration,
    autoscaling_launch_configuration_info,
    iam_instance_profile,
    iam_instance_profile_info,
)

PLAIN = {"name": "web", "image_id": "ami-1", "instance_type": "t3.small"}


def refused(run_module, sessions, module, parameters):
    result = run_module(module, **parameters)
    assert result["failed"]
    assert (sessions.made, sessions.clients) == (0, [])
    return result["msg"]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "missing required arguments: name"),
        ({"name": "my web"}, "name: 'my web' holds characters that IAM refuses"),
        ({"name": ""}, "name: '' has 0 characters; IAM takes 1 to 128."),
        ({"name": "web", "path": "ops"}, "path: 'ops' must begin and end with a slash, for example '/ops/'."),
        ({"name": "web", "prefix": "ops"}, "path: 'ops' must begin and end with a slash"),
        (
            {"name": "web", "role": "arn:aws:iam::123456789012:user/web"},
            "role: 'arn:aws:iam::123456789012:user/web' is not the ARN",
        ),
        ({"name": "web", "role": "we b"}, "role: 'we b' holds characters that IAM refuses"),
        (
            {"name": "web", "tags": {f"k{number}": "" for number in range(51)}},
            "tags: 51 tags are given; AWS takes at most 50.",
        ),
        ({"name": "web", "tags": {"aws:x": "1"}}, "tags: the key 'aws:x' begins with 'aws:'"),
        ({"name": "web", "resource_tags": {"A": "1", "a": "1"}}, "tags: the keys 'A' and 'a' differ in case only"),
        ({"name": "web", "tags": "nonsense"}, "argument 'tags' is of type str and we were unable to convert to dict"),
        ({"name": "web", "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"name": "web", "on_drift": "replace"}, "value of on_drift must be one of: fail, keep, got: replace"),
        (
            {"name": "web", "wait_timeout": "soon"},
            "argument 'wait_timeout' is of type str and we were unable to convert to int",
        ),
        ({"name": "web", "wait_timeout": -1}, "wait_timeout: -1 is negative."),
        (
            {"name": "web", "purge_tags": "perhaps"},
            "argument 'purge_tags' is of type str and we were unable to convert to bool",
        ),
    ],
    ids=str,
)
def test_iam_instance_profile(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, iam_instance_profile, parameters).startswith(message)


def volume(**settings):
    return {**PLAIN, "volumes": [{"device_name": "/dev/sdf", **settings}]}


def hops(limit):
    return {**PLAIN, "metadata_options": {"http_put_response_hop_limit": limit}}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "one of the following is required: name, name_prefix"),
        ({**PLAIN, "name_prefix": "web-"}, "parameters are mutually exclusive: name|name_prefix"),
        (
            {**PLAIN, "user_data": "#!/bin/sh", "user_data_base64": "IyEvYmluL3No"},
            "parameters are mutually exclusive: user_data|user_data_base64|user_data_path",
        ),
        (
            {**PLAIN, "user_data": "#!/bin/sh", "user_data_path": "/a"},
            "parameters are mutually exclusive: user_data|user_data_base64",
        ),
        (
            {**PLAIN, "user_data": "", "user_data_path": "/a"},
            "parameters are mutually exclusive: user_data|user_data_base64",
        ),
        (
            {**PLAIN, "user_data_base64": "IyEvYmluL3No", "user_data_path": "/a"},
            "parameters are mutually exclusive: user_data|user_data",
        ),
        ({**PLAIN, "user_data": "u" * 16384}, "user_data: the user data has 16384 bytes; AWS takes at most 16383"),
        ({**PLAIN, "user_data": "u" * 16385}, "user_data: the user data has 16385 bytes; AWS takes at most 16383"),
        ({**PLAIN, "user_data_path": "/missing/file"}, "user_data_path: '/missing/file' cannot be read: No such file"),
        ({**PLAIN, "user_data_base64": "?"}, "user_data_base64: the value is not base64."),
        (volume(), "volumes[0] (/dev/sdf): give volume_size, snapshot, ephemeral or no_device"),
        (volume(no_device=True, volume_size=8), "volumes[0] (/dev/sdf): no_device leaves the device out"),
        (volume(volume_size=8, volume_type="io1"), "volumes[0] (/dev/sdf): volume_type io1 needs iops."),
        (volume(volume_size="big"), "argument 'volume_size' is of type str"),
        (volume(size=8), "Unsupported parameters for"),
        ({**PLAIN, "volumes": [{"volume_size": 8}]}, "missing required arguments: device_name found in volumes"),
        (hops(0), "metadata_options.http_put_response_hop_limit: 0 is out of range; AWS takes 1 to 64."),
        (hops(65), "metadata_options.http_put_response_hop_limit: 65 is out of range; AWS takes 1 to 64."),
        (
            {**PLAIN, "metadata_options": {"http_tokens": "yes"}},
            "value of http_tokens must be one of: optional, required, got: yes",
        ),
        (
            {"name_prefix": "web-", "image_id": "a", "instance_type": "t", "prune": {"keep": -1}},
            "prune.keep: -1 is negative. Give 0 or more.",
        ),
        (
            {"name_prefix": "web-", "image_id": "a", "instance_type": "t", "prune": {"min_age": -1}},
            "prune.min_age: -1 is negative. Give 0 or more.",
        ),
        ({"name_prefix": "web-", "prune": {"keep": None}}, "argument 'keep' is of type NoneType found in 'prune'"),
        ({**PLAIN, "prune": {}}, "prune: older siblings are known by name_prefix"),
        ({**PLAIN, "classic_link_vpc_id": "vpc-1"}, "classic_link_vpc_id: AWS retired EC2-Classic and ClassicLink"),
        (
            {**PLAIN, "classic_link_vpc_security_groups": ["sg-1"]},
            "classic_link_vpc_security_groups: AWS retired EC2-Classic",
        ),
        (
            {**PLAIN, "security_groups": ["web"]},
            "security_groups: 'web' is a name, and names are unique within a VPC only.",
        ),
        ({"name": "web"}, "image_id and instance_type: required, unless instance_id names an instance"),
        ({"name": "web", "instance_type": "t3.small"}, "image_id: required, unless instance_id names an instance"),
        ({**PLAIN, "instance_profile_name": "a b"}, "instance_profile_name: 'a b' holds characters that IAM refuses"),
        ({**PLAIN, "spot_price": 0}, "spot_price: 0.0 is too low"),
        ({**PLAIN, "spot_price": "nan"}, "spot_price: nan is not an amount of money."),
        (
            {**PLAIN, "placement_tenancy": "host"},
            "value of placement_tenancy must be one of: default, dedicated, got: host",
        ),
        ({**PLAIN, "name": "n" * 256}, f"name: '{'n' * 256}' has 256 characters"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_autoscaling_launch_configuration(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, autoscaling_launch_configuration, parameters).startswith(message)


@pytest.mark.parametrize(
    ("module", "parameters", "message"),
    [
        (iam_instance_profile_info, {"name": "my web"}, "name: 'my web' holds characters that IAM refuses"),
        (
            iam_instance_profile_info,
            {"name": "a", "role": "a"},
            "parameters are mutually exclusive: name|path_prefix|role",
        ),
        (iam_instance_profile_info, {"path": "ops"}, "path_prefix: 'ops' must begin with a slash"),
        (iam_instance_profile_info, {"role": "we b"}, "role: 'we b' holds characters that IAM refuses"),
        (iam_instance_profile_info, {"name_regex": "("}, "name_regex: '(' is not a regular expression"),
        (iam_instance_profile_info, {"limit": -1}, "limit: -1 is negative."),
        (iam_instance_profile_info, {"sort": "arn"}, "value of sort must be one of: instance_profile_name, path,"),
        (autoscaling_launch_configuration_info, {"name_regex": "("}, "name_regex: '(' is not a regular expression"),
        (autoscaling_launch_configuration_info, {"limit": -1}, "limit: -1 is negative."),
        (
            autoscaling_launch_configuration_info,
            {"unused": True, "include_auto_scaling_groups": False},
            "unused: this needs include_auto_scaling_groups=true.",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_infos(run_module, sessions, module, parameters, message):
    assert refused(run_module, sessions, module, parameters).startswith(message)
