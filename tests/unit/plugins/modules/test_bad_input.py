# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a module refuses before it makes a client, with the message that a person reads."""

from __future__ import annotations

import base64
import re

import pytest
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_instance_refresh,
    autoscaling_launch_configuration,
    autoscaling_launch_configuration_info,
    autoscaling_launch_template_migration,
    ec2_launch_template,
    iam_instance_profile,
    iam_instance_profile_info,
)

PLAIN = {"name": "web", "image_id": "ami-1", "instance_type": "t3.small"}


def refused(run_module, sessions, module, parameters):
    result = run_module(module, **parameters)
    assert result["failed"]
    assert (sessions.made, sessions.clients) == (0, [])
    # ansible-core 2.18 names types as Python shows them.
    return re.sub(r"<class '(\w+)'>", r"\1", result["msg"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "missing required arguments: name"),
        ({"name": "my web"}, "name: 'my web' has characters that IAM refuses"),
        ({"name": ""}, "name: '' has 0 characters; IAM takes 1 to 128."),
        ({"name": "n" * 129}, f"name: '{'n' * 129}' has 129 characters; IAM takes 1 to 128."),
        ({"name": "team/web"}, "name: 'team/web' has characters that IAM refuses"),
        ({"name": "web", "path": "/team"}, "path: '/team' must begin and end with a slash, for example '/team/'."),
        ({"name": "web", "path": "/two words/"}, "path: '/two words/' has characters that IAM refuses"),
        ({"name": "web", "path": f"/{'p' * 511}/"}, "path: the path has 513 characters; IAM takes at most 512."),
        ({"name": "web", "role": "r" * 65}, f"role: '{'r' * 65}' has 65 characters; IAM takes 1 to 64."),
        ({"name": "web", "path": "ops"}, "path: 'ops' must begin and end with a slash, for example '/ops/'."),
        ({"name": "web", "prefix": "ops"}, "path: 'ops' must begin and end with a slash"),
        (
            {"name": "web", "role": "arn:aws:iam::123456789012:user/web"},
            "role: 'arn:aws:iam::123456789012:user/web' is not the ARN",
        ),
        ({"name": "web", "role": "we b"}, "role: 'we b' has characters that IAM refuses"),
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
        ({"name": "web", "wait_timeout": -1}, "The wait timeout is negative: -1."),
        (
            {"name": "web", "purge_tags": "perhaps"},
            "argument 'purge_tags' is of type str and we were unable to convert to bool",
        ),
    ],
    ids=str,
)
def test_iam_instance_profile_bad_input_is_refused(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, iam_instance_profile, parameters).startswith(message)


def volume(**settings):
    return {**PLAIN, "volumes": [{"device_name": "/dev/sdf", "volume_size": 8, **settings}]}


USE_A_TEMPLATE = " cannot hold this. Use a launch template, for example with launchkit.aws.ec2_launch_template."


def hops(limit):
    return {**PLAIN, "metadata_options": {"http_put_response_hop_limit": limit}}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "one of the following is required: name, name_prefix"),
        ({**PLAIN, "name_prefix": "web-"}, "parameters are mutually exclusive: name|name_prefix"),
        (
            {**PLAIN, "user_data": "#!/bin/sh", "user_data_base64": "IyEvYmluL3No"},
            "user_data: mutually exclusive with user_data_base64. Set only one of them.",
        ),
        (
            {**PLAIN, "user_data": "#!/bin/sh", "user_data_path": "/a"},
            "user_data: mutually exclusive with user_data_path.",
        ),
        (
            {**PLAIN, "user_data": "", "user_data_path": "/missing/file"},
            "user_data_path: '/missing/file' cannot be read: No such file",
        ),
        (
            {**PLAIN, "user_data_base64": "IyEvYmluL3No", "user_data_path": "/a"},
            "user_data_base64: mutually exclusive with user_data_path.",
        ),
        ({**PLAIN, "user_data": "u" * 16384}, "user_data: the user data has 16384 bytes; AWS takes at most 16383"),
        ({**PLAIN, "user_data": "u" * 16385}, "user_data: the user data has 16385 bytes; AWS takes at most 16383"),
        ({**PLAIN, "user_data_path": "/missing/file"}, "user_data_path: '/missing/file' cannot be read: No such file"),
        (
            {**PLAIN, "user_data_base64": base64.b64encode(b"u" * 16385).decode()},
            "user_data_base64: the user data has 16385 bytes; AWS takes at most 16383",
        ),
        ({**PLAIN, "user_data_base64": "?"}, "user_data_base64: the value is not base64."),
        (
            volume(volume_size=None),
            "volumes[0] (/dev/sdf): AWS requires volume_size, snapshot, ephemeral or no_device. Set one",
        ),
        (volume(no_device=True), "volumes[0] (/dev/sdf): no_device excludes all other settings. Remove volume_size."),
        (volume(volume_type="io1"), "volumes[0] (/dev/sdf): volume_type io1 requires iops."),
        (
            volume(ephemeral="ephemeral0"),
            "volumes[0] (/dev/sdf): ephemeral excludes all other settings. Remove",
        ),
        (
            volume(volume_type="io2"),
            "volumes[0] (/dev/sdf): volume_type 'io2' is not possible in a launch configuration",
        ),
        (
            volume(encrypted=True, kms_key_id="alias/a"),
            "volumes[0] (/dev/sdf): kms_key_id is not possible in a launch configuration. Use a launch template",
        ),
        (volume(volume_size="big"), "argument 'volume_size' is of type str"),
        (volume(size=8), "Unsupported parameters for"),
        ({**PLAIN, "volumes": [{"volume_size": 8}]}, "missing required arguments: device_name found in volumes"),
        (hops(0), "metadata_options.http_put_response_hop_limit: 0 is out of range. Set 1 to 64."),
        (hops(65), "metadata_options.http_put_response_hop_limit: 65 is out of range. Set 1 to 64."),
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
        ({**PLAIN, "prune": {}}, "prune: a launch configuration with a fixed name has no siblings"),
        ({**PLAIN, "classic_link_vpc_id": "vpc-1"}, "classic_link_vpc_id: AWS retired EC2-Classic and ClassicLink"),
        (
            {**PLAIN, "classic_link_vpc_security_groups": ["sg-1"]},
            "classic_link_vpc_security_groups: AWS retired EC2-Classic",
        ),
        (
            {**PLAIN, "security_groups": ["web"]},
            "security_groups: 'web' is a name, which is unique within a VPC only.",
        ),
        ({"name": "web"}, "image_id and instance_type: required, unless instance_id names an instance"),
        ({"name": "web", "instance_type": "t3.small"}, "image_id: required, unless instance_id names an instance"),
        ({**PLAIN, "instance_profile_name": "a b"}, "instance_profile_name: 'a b' has characters that IAM refuses"),
        ({**PLAIN, "spot_price": "nan"}, "spot_price: 'nan' is not a price. Set US dollars an hour."),
        (
            {**PLAIN, "placement_tenancy": "host"},
            "value of placement_tenancy must be one of: , default, dedicated, got: host",
        ),
        ({**PLAIN, "name": "n" * 256}, f"name: '{'n' * 256}' has 256 characters"),
        ({**PLAIN, "name": ""}, "name: '' has 0 characters; 1 to 255 are possible here."),
        (
            {"name_prefix": "n" * 240, "image_id": "a", "instance_type": "t"},
            f"name_prefix: '{'n' * 240}' has 240 characters; 1 to 239 are possible here.",
        ),
        ({**PLAIN, "instance_monitoring": "sometimes"}, "argument 'instance_monitoring' is of type str"),
        (
            {**PLAIN, "spot_price": 0.0001},
            "spot_price: 0.0001 is too low; AWS takes 0.001 or more.",
        ),
        (
            {**PLAIN, "image_id": "resolve:ssm:/golden"},
            f"image_id (resolve:ssm:): a launch configuration{USE_A_TEMPLATE}",
        ),
        (
            {**PLAIN, "credit_specification": {"cpu_credits": "unlimited"}},
            f"credit_specification.cpu_credits: a launch configuration{USE_A_TEMPLATE}",
        ),
        (
            {**PLAIN, "tag_specifications": [{"resource_type": "instance", "tags": {"a": "b"}}]},
            f"tag_specifications: a launch configuration{USE_A_TEMPLATE}",
        ),
        (
            {**PLAIN, "metadata_options": {"instance_metadata_tags": "enabled"}},
            f"metadata_options.instance_metadata_tags: a launch configuration{USE_A_TEMPLATE}",
        ),
        (
            {**PLAIN, "metadata_options": {"http_protocol_ipv6": "enabled"}},
            f"metadata_options.http_protocol_ipv6: a launch configuration{USE_A_TEMPLATE}",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_launch_configuration_bad_input_is_refused(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, autoscaling_launch_configuration, parameters).startswith(message)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "one of the following is required: name, template_id"),
        ({"name": "ab"}, "name: 'ab' is not possible; EC2 takes 3 to 128 letters, digits and any of ().-/_."),
        ({"name": "two words"}, "name: 'two words' is not possible"),
        (
            {"name": "web", "instance_id": "i-1"},
            "instance_id: a launch template takes no settings from an instance.",
        ),
        (
            {"name": "web", "default_version": "newest"},
            "default_version: 'newest' is not possible; give latest, keep, or a version number.",
        ),
        ({"name": "web", "prune": {"keep": -1}}, "prune.keep: -1 is negative. Give 0 or more."),
        (
            {"name": "web", "version_description": "x" * 256},
            "version_description: 256 characters are given; EC2 takes at most 255.",
        ),
        ({"name": "web", "tags": {"aws:a": "b"}}, "tags: the key 'aws:a' begins with 'aws:'"),
        (
            {"name": "web", "tag_specifications": [{"resource_type": "group", "tags": {}}]},
            "value of resource_type must be one of",
        ),
        ({**PLAIN, "user_data": "u" * 16385}, "user_data: the user data has 16385 bytes; AWS takes at most 16384"),
        (
            {**PLAIN, "user_data": "first", "user_data_base64": "dHdv"},
            "user_data: mutually exclusive with user_data_base64. Set only one of them.",
        ),
        (
            volume(kms_key_id="alias/a", encrypted=False),
            "volumes[0] (/dev/sdf): kms_key_id requires encrypted=true.",
        ),
        (volume(volume_size=0), "volumes[0] (/dev/sdf): volume_size 0 is the size of the snapshot, and snapshot is"),
        ({**PLAIN, "spot_price": 1, "market_type": ""}, "market_type: empty means On-Demand Instances"),
        (hops(0), "metadata_options.http_put_response_hop_limit: 0 is out of range"),
        (hops(65), "metadata_options.http_put_response_hop_limit: 65 is out of range"),
        (
            {**PLAIN, "credit_specification": {"cpu_credits": "many"}},
            "value of cpu_credits must be one of: standard, unlimited",
        ),
        (
            {**PLAIN, "security_groups": ["web"]},
            "security_groups: 'web' is a name, which is unique within a VPC only. Set vpc_id",
        ),
    ],
    ids=lambda value: str(value)[:60],
)
def test_launch_template_bad_input_is_refused(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, ec2_launch_template, parameters).startswith(message)


GROUP = {"group": "web"}
BOTH = "parameters are required together: launch_template_id, launch_template_version"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "missing required arguments: group"),
        ({**GROUP, "launch_template_id": "lt-1"}, BOTH),
        (
            {**GROUP, "launch_template_id": "lt-1", "launch_template_version": "$Latest"},
            "launch_template_version: '$Latest' is not a number.",
        ),
        (
            {**GROUP, "min_healthy_percentage": 101},
            "min_healthy_percentage: 101 is out of range; AWS takes 0 to 100.",
        ),
        (
            {**GROUP, "max_healthy_percentage": 99},
            "max_healthy_percentage: 99 is out of range; AWS takes 100 to 200.",
        ),
        (
            {**GROUP, "max_healthy_percentage": 191},
            "max_healthy_percentage: 191 is more than 100 above min_healthy_percentage",
        ),
        ({**GROUP, "instance_warmup": -1}, "instance_warmup: -1 is negative."),
    ],
    ids=str,
)
def test_instance_refresh_bad_input_is_refused(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, autoscaling_instance_refresh, parameters).startswith(message)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "groups: no Auto Scaling group is chosen. Set groups, group_regex or group_tags, or set all=true"),
        ({"group_regex": "("}, "group_regex: '(' is not a regular expression"),
        ({"all": True, "template_names": {"one": "a b"}}, "template_names: 'a b' is not possible"),
        ({"all": True, "tags": {"aws:x": "y"}}, "tags: the key 'aws:x' begins with 'aws:'"),
        ({"all": True, "refresh_concurrency": 0}, "refresh_concurrency: 0 is out of range. Set 1 to 64."),
        ({"all": True, "refresh_max_failures": 0}, "refresh_max_failures: 0 is out of range. Set 1 or more."),
        ({"all": True, "refresh_timeout": -1}, "refresh_timeout: -1 is out of range. Set 0 or more."),
        ({"all": True, "delete_min_age": -1}, "delete_min_age: -1 is out of range. Set 0 or more."),
        ({"all": True, "refresh": True, "refresh_bake_time": -1}, "bake_time: -1 is out of range"),
        (
            {"all": True, "template_names": {"one": "web", "two": "web"}},
            "template_names: two launch configurations have the same name. Set different names.",
        ),
        ({"all": True, "on_obstacle": "keep"}, "value of on_obstacle must be one of: fail, skip"),
    ],
    ids=str,
)
def test_migration_bad_input_is_refused(run_module, sessions, parameters, message):
    assert refused(run_module, sessions, autoscaling_launch_template_migration, parameters).startswith(message)


@pytest.mark.parametrize(
    ("module", "parameters", "message"),
    [
        (iam_instance_profile_info, {"limit": "few"}, "argument 'limit' is of type str"),
        (autoscaling_launch_configuration_info, {"unused": "perhaps"}, "argument 'unused' is of type str"),
        (
            autoscaling_launch_configuration_info,
            {"sort": "colour"},
            "value of sort must be one of: launch_configuration_name, image_id",
        ),
        (iam_instance_profile_info, {"name": "my web"}, "name: 'my web' has characters that IAM refuses"),
        (
            iam_instance_profile_info,
            {"name": "a", "role": "a"},
            "parameters are mutually exclusive: name|path_prefix|role",
        ),
        (iam_instance_profile_info, {"path": "ops"}, "path_prefix: 'ops' must begin with a slash"),
        (iam_instance_profile_info, {"role": "we b"}, "role: 'we b' has characters that IAM refuses"),
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
def test_info_modules_bad_input_is_refused(run_module, sessions, module, parameters, message):
    assert refused(run_module, sessions, module, parameters).startswith(message)
