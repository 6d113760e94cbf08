# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the variables of an application can be, together and each by itself. All of it is checked before the first call."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application import model
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.fleet_account import INLINE
from hypothesis import event, given
from hypothesis import strategies as st

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
GROUP = {"group_name": "web", "group_min_size": 1, "group_max_size": 3}
SUBNETS = {"group_subnets": ["subnet-1"]}
TEMPLATE = {"launch_with": "launch_template"}
ROLE_ONLY = {"image_id": None, "instance_type": None}


def entry(**variables):
    values = {"name": "web", "image_id": "ami-1", "instance_type": "t3.small", **variables}
    return {f"application_{name}": value for name, value in values.items() if value is not None}


def parsed(**variables):
    (application,) = parse.parse([entry(**variables)])
    return application


def mistakes(variables):
    try:
        parse.parse([entry(**variables)])
    except InvalidOption as refused:
        return [mistake["message"] for mistake in refused.details["mistakes"]]
    return []


ACCEPTED = {
    "role and profile only": ROLE_ONLY,
    "empty image and type": {"image_id": "", "instance_type": ""},
    "launch configuration": {},
    "launch template": TEMPLATE,
    "template name": {**TEMPLATE, "launch_template_name": "a/b(c).-_"},
    # Issue 10, disagreement 8: the name of the template is checked only when it is used.
    "template name of a launch configuration": {"launch_template_name": "a b"},
    "template name without image": {**TEMPLATE, **ROLE_ONLY, "launch_template_name": "a b"},
    "name of a launch configuration of a template": {**TEMPLATE, "launch_configuration_name": "a\x00b"},
    "longest name": {"name": "a" * 64, "launch_template_name": "x"},
    "all characters": {"name": "A9_+=,.@-"},
    "number as name": {"name": 4711},
    "trust policy": {"trust_policy": TRUST},
    "trust policy as text": {
        "trust_policy": '{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}'
    },
    "empty trust policy": {"trust_policy": "", "trust_principal": "ec2.amazonaws.com"},
    "empty boundary": {"permissions_boundary": ""},
    "shortest and longest session": {"role_max_session_duration": 43200},
    "group": GROUP,
    "no group": {"group_name": "", "group_min_size": 3, "group_max_size": 1},
    "group of none": {**GROUP, "group_min_size": 0, "group_max_size": 0},
    "capacity at the least": {**GROUP, "group_desired_capacity": 1},
    "capacity at the most": {**GROUP, "group_desired_capacity": 3},
    "subnets": {**GROUP, **SUBNETS, "group_availability_zones": []},
    "public address in subnets": {**GROUP, **SUBNETS, "assign_public_ip": True},
    "public address without a group": {"assign_public_ip": True},
    "hop limit": {"metadata_options": {"http_put_response_hop_limit": 64}},
    "security groups": {"security_groups": ["default"], "vpc_id": "vpc-1"},
    "empty user data": {"user_data": ""},
    # K1: an empty text is unset.
    "user data beside an empty one": {"user_data": "x", "user_data_base64": "", "user_data_path": ""},
    # K7: AWS's own limits.
    "root device in a template": {**TEMPLATE, "volumes": [{"device_name": "/dev/sda1", "encrypted": True}]},
    "16384 bytes of user data in a template": {**TEMPLATE, "user_data": "a" * 16384},
    "16383 bytes of user data": {"user_data": "a" * 16383},
    "prune without members": {"launch_configuration_prune": {}},
    "spot without a price in a template": {**TEMPLATE, "market_type": "spot"},
}


@pytest.mark.parametrize("variables", ACCEPTED.values(), ids=ACCEPTED)
def test_model_possible_variables_are_accepted(variables):
    assert mistakes(variables) == []


# name -> variables, and what the message names: first the variable.
REFUSED = {
    "blank in the name": ({"name": "a b"}, "name"),
    "long name": ({"name": "a" * 65}, "name"),
    "slash in the name": ({"name": "/web"}, "name"),
    # Issue 10, disagreement 4.
    "line feed behind the name": ({"name": "web\n"}, "name"),
    "line feed behind the role": ({"role_name": "web\n"}, "role_name"),
    "line feed behind the profile": ({"instance_profile_name": "web\n"}, "instance_profile_name"),
    "line feed behind the path": ({"role_path": "/web/\n"}, "role_path"),
    "line feed behind the prefix": ({"launch_configuration_name_prefix": "web-\n"}, "launch_configuration_name_prefix"),
    "line feed behind the template": ({**TEMPLATE, "launch_template_name": "web\n"}, "launch_template_name"),
    "line feed behind an inline policy": ({"inline_policies": {"one\n": INLINE}}, "inline_policies"),
    "truth as name": ({"name": True}, "name"),
    "trust twice": ({"trust_policy": TRUST, "trust_principal": "ec2.amazonaws.com"}, "trust_principal"),
    # Issue 10, disagreement 5, and K2: all of it is refused before the first call.
    "trust policy as a list": ({"trust_policy": [TRUST]}, "trust_policy"),
    "trust policy no JSON": ({"trust_policy": "{"}, "trust_policy"),
    "inline policy no JSON": ({"inline_policies": {"one": "{"}}, "inline_policies"),
    "inline policy name with a blank": ({"inline_policies": {"read queue": INLINE}}, "inline_policies"),
    "tag of AWS": ({"tags": {"aws:x": "1"}}, "tags"),
    "tag that is a list": ({"tags": {"Roles": ["web", "db"]}}, "tags"),
    "tag of the group that is a dictionary": ({**GROUP, "group_tags": {"Meta": {"a": "b"}}}, "group_tags"),
    "path without slash": ({"role_path": "web"}, "role_path"),
    "path of the profile": ({"instance_profile_path": "web/"}, "instance_profile_path"),
    "short session": ({"role_max_session_duration": 3599}, "role_max_session_duration"),
    "long session": ({"role_max_session_duration": 43201}, "role_max_session_duration"),
    "negative keep": ({"launch_configuration_prune": {"keep": -1}}, "launch_configuration_prune"),
    "negative age": ({"launch_configuration_prune": {"min_age": -1}}, "launch_configuration_prune"),
    "negative versions": ({"launch_template_prune": {"keep": -1}}, "launch_template_prune"),
    "negative wait": ({"wait_timeout": -1}, "wait_timeout"),
    "service policy": ({"managed_policies": ["arn:aws:iam::aws:policy/aws-service-role/X"]}, "managed_policies"),
    "no type": ({"instance_type": None}, "image_id"),
    "no image": ({"image_id": None}, "image_id"),
    "empty image": ({"image_id": ""}, "image_id"),
    "user data as a dictionary": ({"user_data": {"a": 1}}, "user_data"),
    "user data as a number": ({"user_data": 1}, "user_data"),
    "group without image": ({**ROLE_ONLY, **GROUP}, "group_name"),
    "no least": ({"group_name": "web", "group_max_size": 1}, "group_name"),
    "no most": ({"group_name": "web", "group_min_size": 1}, "group_name"),
    "negative size": ({**GROUP, "group_min_size": -1}, "group_desired_capacity"),
    "sizes turned round": ({**GROUP, "group_min_size": 4}, "group_desired_capacity"),
    "capacity too small": ({**GROUP, "group_desired_capacity": 0}, "group_desired_capacity"),
    "capacity too large": ({**GROUP, "group_desired_capacity": 4}, "group_desired_capacity"),
    "zones beside subnets": (
        {**GROUP, **SUBNETS, "group_availability_zones": ["us-east-1a"]},
        "group_availability_zones",
    ),
    "public address without subnets": ({**GROUP, "assign_public_ip": True}, "assign_public_ip"),
    "short template name": ({**TEMPLATE, "launch_template_name": "ab"}, "launch_template_name"),
    "template name with a blank": ({**TEMPLATE, "launch_template_name": "a b c"}, "launch_template_name"),
    "hop limit 65": ({"metadata_options": {"http_put_response_hop_limit": 65}}, "metadata_options"),
    "hop limit 0": ({"metadata_options": {"http_put_response_hop_limit": 0}}, "metadata_options"),
    "user data twice": ({"user_data": "a", "user_data_base64": "YQ=="}, "user_data"),
    "user data no base64": ({"user_data_base64": "%"}, "user_data_base64"),
    "16384 bytes of user data": ({"user_data": "a" * 16384}, "user_data"),
    "security group names without VPC": ({"security_groups": ["default"]}, "security_groups"),
    "credits without template": ({"credit_specification": {"cpu_credits": "unlimited"}}, "credit_specification"),
    "root device without size": ({"volumes": [{"device_name": "/dev/sda1", "encrypted": True}]}, "volumes"),
    "device twice": ({"volumes": [{"device_name": "/dev/sda1", "volume_size": 8}] * 2}, "volumes"),
    "spot without a price": ({"market_type": "spot"}, "market_type"),
    "spot price of nothing": ({"spot_price": 0.0001}, "spot_price"),
}


@pytest.mark.parametrize(("variables", "name"), REFUSED.values(), ids=REFUSED)
def test_model_impossible_variable_is_named(variables, name):
    (message,) = mistakes(variables)
    assert message.startswith(f"application_{name}"), message
    assert not message[len(f"application_{name}")].isalnum()


def test_model_reports_all_mistakes_at_once():
    found = mistakes(
        {
            "name": "a b",
            "trust_policy": "{",
            "inline_policies": {"one": "{"},
            "tags": {"aws:x": "1"},
            "role_path": "web",
            "role_max_session_duration": 1,
            "launch_configuration_prune": {"keep": -1},
            "instance_type": None,
        }
    )
    assert len(found) == 8


def test_model_message_of_one_application_has_no_list():
    with pytest.raises(InvalidOption) as refused:
        parse.parse([entry(role_path="web", tags={"aws:x": "1"})])
    assert not refused.value.message.startswith("applications:")
    assert refused.value.message.endswith("No changes were made.")


# Issue 10, disagreement 3.
@pytest.mark.parametrize(
    ("variables", "path"),
    [
        ({}, None),
        ({"role_path": "/web/"}, "/web/"),
        ({"role_path": "/web/", "instance_profile_path": ""}, "/web/"),
        ({"role_path": "/web/", "instance_profile_path": None}, "/web/"),
        ({"role_path": "/web/", "instance_profile_path": "/ops/"}, "/ops/"),
        ({"role_path": "", "instance_profile_path": ""}, None),
    ],
)
def test_model_profile_path_empty_is_the_role_path(variables, path):
    assert parsed(**variables).profile.path == path


# K7: AWS refuses AssociatePublicIpAddress for a group without subnets.
@pytest.mark.parametrize(
    ("variables", "assigned"),
    [({}, False), (GROUP, None), ({**GROUP, **SUBNETS}, False), ({**GROUP, **SUBNETS, "assign_public_ip": True}, True)],
)
@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["launch configuration", "launch template"])
def test_model_public_ip_without_subnets_is_left_out(variables, assigned, kind):
    assert parsed(**variables, **kind).launch.settings.assign_public_ip is assigned


# K1: text, as -e, INI inventories and surveys give it.
TEXTS = {
    "group_force_delete": ("false", False),
    "purge_tags": ("no", False),
    "group_propagate_tags": ("False", False),
    "refresh": ("yes", True),
    "group_wait_timeout": ("60", 60),
    "managed_policies": ("AmazonS3ReadOnlyAccess", ["AmazonS3ReadOnlyAccess"]),
    "group_availability_zones": ("us-east-1a", ["us-east-1a"]),
    "group_termination_policies": ("OldestInstance", ["OldestInstance"]),
    "used_in_regions": ("us-east-1, eu-west-1", ["us-east-1", "eu-west-1"]),
    "tags": ('{"Owner": "me"}', {"Owner": "me"}),
    "name": (4711, "4711"),
}


@pytest.mark.parametrize(("name", "text", "value"), [(name, *pair) for name, pair in TEXTS.items()], ids=TEXTS)
def test_model_text_of_a_variable_has_its_type(name, text, value):
    assert parsed(**{name: text}).options[name] == value


def test_model_security_groups_of_a_text_have_no_blanks():
    application = parsed(security_groups="website, default", vpc_id="vpc-1")
    assert sorted(application.launch.settings.security_groups) == ["default", "website"]


# K6: one description has one result, and what is not set is cleared in a template.
@pytest.mark.parametrize("price", [None, "", 0, "0"])
@pytest.mark.parametrize("kind", [{}, TEMPLATE], ids=["launch configuration", "launch template"])
def test_model_spot_price_empty_is_on_demand(kind, price):
    settings = parsed(**kind, spot_price=price).launch.settings
    assert not settings.spot_price
    assert not settings.market_type


@pytest.mark.parametrize("price", [0.05, "0.05"])
def test_model_spot_price_is_a_text(price):
    assert parsed(spot_price=price).launch.settings.spot_price == "0.05"


def test_model_trust_policy_follows_partition():
    target = model.role_target(parsed(), {}, "aws-cn")
    assert target.trust_policy["Statement"][0]["Principal"] == {"Service": "ec2.amazonaws.com.cn"}
    target = model.role_target(parsed(trust_principal="lambda.amazonaws.com"), {}, "aws")
    assert target.trust_policy["Statement"][0]["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_model_group_tags_default_to_tags():
    source = {"LaunchConfigurationName": "web-1"}
    assert model.group_target(parsed(**GROUP, tags={"A": "1"}), source).tags == {"A": "1"}
    assert model.group_target(parsed(**GROUP, tags={"A": "1"}, group_tags={}), source).tags == {}


def test_model_absent_application_needs_no_valid_settings():
    assert mistakes({"state": "absent", "image_id": "ami-1", "instance_type": None, "user_data_path": "/gone"}) == []


SIZES = st.integers(-1, 3)
VARIABLES = {
    "group_name": st.sampled_from(["", "web", "web"]),
    "group_min_size": SIZES,
    "group_max_size": st.integers(0, 3),
    "group_desired_capacity": st.none() | SIZES,
    "instance_type": st.sampled_from(["", "t3.small"]),
    "image_id": st.sampled_from(["", "ami-1", "resolve:ssm:/golden"]),
    "launch_with": st.sampled_from(["launch_configuration", "launch_template"]),
    "group_subnets": st.sampled_from([[], ["subnet-1"]]),
    "group_availability_zones": st.sampled_from([[], ["us-east-1a"]]),
    "assign_public_ip": st.sampled_from([None, True, False]),
    "user_data": st.sampled_from(["", "text"]),
    "user_data_base64": st.sampled_from(["", "YQ=="]),
}


@given(st.fixed_dictionaries({}, optional=VARIABLES))
def test_model_random_variables_end_in_words(variables):
    found = mistakes(variables)
    event("refused" if found else "accepted")
    assert all(message.startswith("application_") and message.endswith(".") for message in found)


DEEP = "[" * 100_000


@pytest.mark.parametrize("text", [DEEP, "[", "[1, 2", '["a"], "b"'])
def test_model_text_that_is_no_list_ends_in_words(text):
    assert all(message.startswith("application_") for message in mistakes({"managed_policies": text}))
    assert mistakes({"volumes": text})
