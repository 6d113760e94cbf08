# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What hosts ask of one role or instance profile: contradictions are refused before the first call."""

from __future__ import annotations

import json

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import module_arguments
from ansible_collections.launchkit.aws.plugins.plugin_utils.wishes import contradict, contradictions

READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
WRITE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def web(**variables):
    return {"application_name": "web", **{f"application_{name}": value for name, value in variables.items()}}


# What two hosts ask for, and the variable of the contradiction if there is one.
WISHES = {
    "nothing": ({}, {}, ""),
    "one sets nothing": ({"role_description": "a"}, {}, ""),
    "the same": ({"role_description": "a", "tags": {"a": 1}}, {"role_description": "a", "tags": {"a": "1"}}, ""),
    "description": ({"role_description": "us"}, {"role_description": "eu"}, "application_role_description"),
    "path": ({"role_path": "/a/"}, {"role_path": "/b/"}, "application_role_path"),
    "session": ({"role_max_session_duration": 3600}, {"role_max_session_duration": 7200}, "application_role_max_"),
    "session as text": ({"role_max_session_duration": 3600}, {"role_max_session_duration": "3600"}, ""),
    "trust": ({"trust_policy": TRUST}, {"trust_principal": "lambda.amazonaws.com"}, "application_trust_policy"),
    "trust and the default": ({}, {"trust_principal": "lambda.amazonaws.com"}, "application_trust_policy"),
    "trust as JSON": ({"trust_policy": json.dumps(TRUST)}, {}, ""),
    "policies": ({"managed_policies": ["A"]}, {"managed_policies": ["B"]}, "application_managed_policies"),
    "policies in another form": (
        {"managed_policies": ["A", "B"]},
        {"managed_policies": "arn:aws:iam::aws:policy/B, A"},
        "",
    ),
    "policies that are added only": (
        {"managed_policies": ["A"], "purge_managed_policies": False},
        {"managed_policies": ["B"], "purge_managed_policies": "no"},
        "",
    ),
    # K12: with {{ aws_region }} in it.
    "inline policy": (
        {"inline_policies": {"a": READ}},
        {"inline_policies": {"a": WRITE}},
        "application_inline_policies",
    ),
    "inline policy as JSON": ({"inline_policies": {"a": READ}}, {"inline_policies": {"a": json.dumps(READ)}}, ""),
    "inline policies that are added only": (
        {"inline_policies": {"a": READ}, "purge_inline_policies": False},
        {"inline_policies": {"b": WRITE}, "purge_inline_policies": False},
        "",
    ),
    "tags": ({"tags": {"Region": "us"}}, {"tags": {"Region": "eu"}}, "application_tags"),
    "tags that are added only": (
        {"tags": {"a": "1"}, "purge_tags": False},
        {"tags": {"b": "1"}, "purge_tags": False},
        "",
    ),
    "tag of two values": (
        {"tags": {"a": "1"}, "purge_tags": False},
        {"tags": {"a": "2"}, "purge_tags": False},
        "application_tags",
    ),
    "boundary": ({"permissions_boundary": "A"}, {"permissions_boundary": ""}, "application_permissions_boundary"),
    "another role": ({"role_name": "a", "role_description": "a"}, {"role_name": "b", "role_description": "b"}, ""),
    "profile of two roles": (
        {"role_name": "a", "instance_profile_name": "p"},
        {"role_name": "b", "instance_profile_name": "P"},
        "application_role_name",
    ),
    "path of the profile": (
        {"instance_profile_path": "/a/"},
        {"instance_profile_path": "/b/"},
        "application_instance_profile_path",
    ),
    "image": ({"image_id": "ami-1"}, {"image_id": "ami-2"}, ""),
}


@pytest.mark.parametrize(("own", "other", "variable"), WISHES.values(), ids=WISHES)
def test_wishes_that_contradict_each_other_are_told(own, other, variable):
    found = contradictions("us", [web(**own)], [("eu", web(**other))])
    assert len({each.partition(":")[0] for each in found}) == bool(variable)
    for sentence in found:
        assert sentence.startswith(variable)
        assert "for host us" in sentence
        assert "for host eu" in sentence
    # Whichever host looks.
    assert bool(contradictions("eu", [web(**other)], [("us", web(**own))])) is bool(variable)


def test_wishes_compare_names_as_iam_does():
    others = [("eu", {"application_name": "WEB", "application_role_description": "b"})]
    (sentence,) = contradictions("us", [web(role_description="a")], others)
    assert "IAM role 'WEB' has two values: a for host us, and b for host eu." in sentence


@pytest.mark.parametrize("entry", [{}, web(inline_policies={"a": "{"}), web(tags=5), web(managed_policies=5)])
def test_wishes_of_wrong_form_are_left_to_the_module(entry):
    assert contradict("us", [web(tags={"a": "b"})], [("eu", entry)]) == ""


def test_module_arguments_refuse_contradictions():
    other = {"aws_region": "eu-west-1", "fleet_applications": [web(role_description="eu")]}
    own = {"aws_region": "us-east-1"}
    task_vars = {
        **own,
        "inventory_hostname": "us",
        "hostvars": {"us": own, "eu": other},
        "ansible_play_hosts_all": ["us"],
        "groups": {"all": ["us", "eu"]},
    }
    arguments = {"applications": [web()], "defaults": {"application_role_description": "us"}}
    with pytest.raises(AnsibleActionFail, match="application_role_description: IAM role 'web' has two values"):
        module_arguments(arguments, task_vars)
    for harmless in ({"applications": [web(role_description="eu")]}, {**arguments, "state": "absent"}):
        module_arguments(harmless, task_vars)
    # Of a host that can't be read and isn't asked for, nothing is carried out.
    task_vars["hostvars"]["eu"] = {**other, "fleet_applications": 5}
    assert "claims" not in module_arguments(arguments, task_vars)
