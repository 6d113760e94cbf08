# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Whoever comes from amazon.aws and community.aws finds every option and every return value again.

The peers' documentation says what there is; the peers themselves, run on the same answers, say what of it they really return.
"""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import (
    EVERYTHING_AS_ARGUMENTS,
)

OURS, AMAZON, COMMUNITY = (
    f"ansible_collections.{name}.plugins" for name in ("launchkit.aws", "amazon.aws", "community.aws")
)
PROFILE, PROFILE_INFO = "iam_instance_profile", "iam_instance_profile_info"
CONFIGURATION, CONFIGURATION_INFO = "autoscaling_launch_configuration", "autoscaling_launch_configuration_info"
PEERS = [
    (PROFILE, AMAZON, "iam_instance_profile"),
    (PROFILE_INFO, AMAZON, "iam_instance_profile_info"),
    (CONFIGURATION, COMMUNITY, "autoscaling_launch_config"),
    ("ec2_launch_template", AMAZON, "ec2_launch_template"),
    (CONFIGURATION_INFO, COMMUNITY, "autoscaling_launch_config_info"),
    (CONFIGURATION_INFO, COMMUNITY, "autoscaling_launch_config_find"),
]
IDS = [peer for dummy, dummy_collection, peer in PEERS]
SHARED_FRAGMENTS = ("amazon.aws.common.modules", "amazon.aws.region.modules", "amazon.aws.boto3")


def module(collection, name):
    return importlib.import_module(f"{collection}.modules.{name}")


def documented_options(collection, name):
    """The options in a module's documentation and its fragments, apart from those of every module."""
    documentation = yaml.safe_load(module(collection, name).DOCUMENTATION)
    options = dict(documentation["options"])
    for fragment in documentation.get("extends_documentation_fragment", ()):
        if fragment not in SHARED_FRAGMENTS and not fragment.endswith((".attributes.state", ".attributes.info")):
            namespace, collection_name, file, *part = fragment.split(".")
            source = importlib.import_module(
                f"ansible_collections.{namespace}.{collection_name}.plugins.doc_fragments.{file}"
            )
            # amazon.aws.tags.modules is an alias of amazon.aws.tags.
            text = getattr(source.ModuleDocFragment, "".join(part).upper(), source.ModuleDocFragment.DOCUMENTATION)
            options.update(yaml.safe_load(text)["options"])
    return options


def taken(options):
    """Every name that an option can be written with -> the option."""
    return {name: option for key, option in options.items() for name in (key, *option.get("aliases", ()))}


def argument_spec(monkeypatch, name):
    """What our module hands to Ansible."""
    found = {}

    class Stop(Exception):
        pass

    def module_class(**arguments):
        found.update(arguments)
        raise Stop

    ours = module(OURS, name)
    monkeypatch.setattr(ours.entry, "AnsibleAWSModule", module_class)
    with pytest.raises(Stop):
        ours.main()
    return found["argument_spec"]


@pytest.mark.parametrize(("ours", "collection", "peer"), PEERS, ids=IDS)
def test_every_option_is_taken(monkeypatch, ours, collection, peer):
    spec = taken(argument_spec(monkeypatch, ours))
    theirs = taken(documented_options(collection, peer))
    assert len(theirs) >= 3
    assert set(theirs) - set(spec) == set()
    for name, option in theirs.items():
        assert set(option.get("choices", ())) <= set(spec[name].get("choices") or option.get("choices", ())), name
        # Text takes every number, and the empty one that clears the price.
        kind = "str" if name == "spot_price" else option["type"]
        assert (kind, option.get("elements")) == (
            spec[name].get("type", "str"),
            spec[name].get("elements"),
        ), name


@pytest.mark.parametrize(("ours", "collection", "peer"), PEERS, ids=IDS)
def test_every_suboption_is_taken(ours, collection, peer):
    options = taken(documented_options(OURS, ours))
    for name, option in taken(documented_options(collection, peer)).items():
        assert set(option.get("suboptions", ())) <= set(options[name].get("suboptions", ())), name


@pytest.fixture
def returned(run_module, script):
    """What both return when they run on the same answers."""

    def run(collection, module_name, answers, **parameters):
        for service, operation, response in answers:
            script.answer(service, operation, response)
        result = run_module(module(collection, module_name), **parameters)
        assert not result.get("failed"), result["msg"]
        return result

    return run


def documented_keys(collection, name, *path):
    keys = yaml.safe_load(module(collection, name).RETURN)
    for key in path:
        keys = keys[key]["contains"]
    return set(keys)


ROLE = aws_answers.over_the_wire(aws_answers.role())
TAGGED = aws_answers.instance_profile(roles=[aws_answers.role_in_profile()], tags={"A": "1"})
FOUND_PROFILE = ("iam", "get_instance_profile", {"InstanceProfile": aws_answers.over_the_wire(TAGGED)})


def test_instance_profile_returns_what_the_peer_returns(returned):
    theirs = returned(AMAZON, "iam_instance_profile", [FOUND_PROFILE] * 2, name="web", role="web")
    ours = returned(OURS, PROFILE, [FOUND_PROFILE, ("iam", "get_role", {"Role": ROLE})], name="web", role="web")
    assert theirs["iam_instance_profile"] == ours["iam_instance_profile"]
    documented = documented_keys(AMAZON, "iam_instance_profile", "iam_instance_profile")
    assert documented <= set(ours["iam_instance_profile"])
    assert documented <= documented_keys(OURS, PROFILE, "iam_instance_profile")


def test_instance_profile_info_returns_what_the_peer_returns(returned):
    theirs = returned(AMAZON, "iam_instance_profile_info", [FOUND_PROFILE], name="web")
    ours = returned(OURS, PROFILE_INFO, [FOUND_PROFILE], name="web")
    assert theirs["iam_instance_profiles"] == ours["iam_instance_profiles"]


# What community.aws.autoscaling_launch_config documents, and has not returned since it left boto for boto3.
RELICS = {
    *("PlacementTenancy", "member", "use_block_device_types", "classic_link_vpc_id"),
    # In the block devices, if anywhere.
    *("delete_on_termination", "iops", "volume_type"),
}
EVERYTHING = {
    **aws_answers.created_launch_configuration({"LaunchConfigurationName": "web", **EVERYTHING_AS_ARGUMENTS}),
    "ClassicLinkVPCSecurityGroups": [],
}
FOUND_CONFIGURATION = (
    "autoscaling",
    "describe_launch_configurations",
    {"LaunchConfigurations": [aws_answers.over_the_wire(EVERYTHING)]},
)


def test_launch_configuration_returns_what_the_peer_returns(returned):
    parameters = {"name": "web", "image_id": "ami-baba68d3", "instance_type": "t3.small", "security_groups": []}
    # The peer asks EC2 for the ids of no names, and returns what AWS has only for what it made itself.
    answers = [
        ("ec2", "describe_security_groups", {"SecurityGroups": []}),
        ("autoscaling", "describe_launch_configurations", {"LaunchConfigurations": []}),
        ("autoscaling", "create_launch_configuration", {}),
        FOUND_CONFIGURATION,
    ]
    theirs = returned(COMMUNITY, "autoscaling_launch_config", answers, **parameters)
    ours = returned(OURS, CONFIGURATION, [FOUND_CONFIGURATION], **{**parameters, "security_groups": ["sg-1", "sg-2"]})
    assert set(theirs) - set(ours) == set()
    assert set(theirs["result"]) - set(ours["result"]) == set()
    for key in ("name", "arn", "image_id", "instance_type", "security_groups"):
        assert theirs[key] == ours[key], key
    same = set(theirs["result"]) - {"created_time", "user_data", "block_device_mappings"}
    assert {key: theirs["result"][key] for key in same} == {key: ours["result"][key] for key in same}
    assert documented_keys(COMMUNITY, "autoscaling_launch_config") <= set(ours)
    documented = documented_keys(COMMUNITY, "autoscaling_launch_config", "result")
    assert documented - set(ours["result"]) == RELICS
    assert not RELICS & set(theirs["result"])
    assert documented - RELICS <= documented_keys(OURS, CONFIGURATION, "result")


# Other words for the same in the peers of old: the keys that they really return are the API's, as ours are.
RENAMED = {
    "block_device_mapping": "block_device_mappings",
    "keyname": "key_name",
    "ram_disk_id": "ramdisk_id",
    "associate_public_address": "associate_public_ip_address",
}


@pytest.mark.parametrize("peer", ["autoscaling_launch_config_info", "autoscaling_launch_config_find"])
def test_launch_configuration_info_returns_what_the_peers_document(returned, peer):
    parameters = {"name": "web", "include_auto_scaling_groups": False}
    (ours,) = returned(OURS, CONFIGURATION_INFO, [FOUND_CONFIGURATION], **parameters)["launch_configurations"]
    assert {RENAMED.get(key, key) for key in documented_keys(COMMUNITY, peer)} <= set(ours)


PORTING = Path(__file__).parents[4] / "docs" / "porting.md"
PORTED = [
    *((collection, peer) for dummy, collection, peer in PEERS),
    *((AMAZON, peer) for peer in ("autoscaling_instance_refresh", "iam_role", "autoscaling_group")),
]


@pytest.mark.parametrize(("collection", "peer"), PORTED, ids=[peer for dummy, peer in PORTED])
def test_porting_table_has_every_option(collection, peer):
    name = f"{collection.removeprefix('ansible_collections.').removesuffix('.plugins')}.{peer}"
    (table,) = re.findall(rf"^## {re.escape(name)}\n(.*?)(?:^## |\Z)", PORTING.read_text(encoding="utf-8"), re.M | re.S)
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    listed = [option for row in rows for option in re.findall("`(.*?)`", row)]
    assert sorted(listed) == sorted(taken(documented_options(collection, peer)))
