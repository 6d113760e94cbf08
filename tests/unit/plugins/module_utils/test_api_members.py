# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Members of LaunchTemplateData without an option, and amazon.aws.ec2_launch_template's options."""

from __future__ import annotations

import base64
import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import api_members
from hypothesis import given
from hypothesis import strategies as st

DEVICE = {"device_name": "/dev/sda1"}


@pytest.mark.parametrize(
    ("params", "changed", "members"),
    [
        pytest.param({}, {}, {}, id="nothing"),
        pytest.param({"monitoring": {"enabled": True}}, {"instance_monitoring": True}, {}, id="monitoring"),
        pytest.param({"disable_api_termination": False}, {}, {"DisableApiTermination": False}, id="false is a value"),
        pytest.param(
            {"cpu_options": {"core_count": 1, "threads_per_core": None}}, {}, {"CpuOptions": {"CoreCount": 1}}, id="cpu"
        ),
        pytest.param(
            {"network_interfaces": [{"device_index": 0, "ipv6_addresses": ["::1"], "groups": ["sg-1"]}]},
            {},
            {"NetworkInterfaces": [{"DeviceIndex": 0, "Ipv6Addresses": [{"Ipv6Address": "::1"}], "Groups": ["sg-1"]}]},
            id="interfaces",
        ),
        pytest.param(
            {"instance_market_options": {"market_type": "spot", "spot_options": {"max_price": "0.01"}}},
            {},
            {"InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.01"}}},
            id="market",
        ),
        pytest.param(
            {"block_device_mappings": [{**DEVICE, "ebs": {"snapshot_id": "snap-1", "iops": None, "volume_size": 8}}]},
            {"volumes": [{**DEVICE, "snapshot": "snap-1", "iops": None, "volume_size": 8}]},
            {},
            id="volume",
        ),
        pytest.param(
            {"block_device_mappings": [{**DEVICE, "no_device": ""}]}, {"volumes": [{**DEVICE, "no_device": True}]}, {}, id="no device"
        ),
        pytest.param(
            {"launch_template_data": {"HibernationOptions": {"Configured": True}}},
            {},
            {"HibernationOptions": {"Configured": True}},
            id="API",
        ),
    ],
)  # fmt: skip
def test_from_params(params, changed, members):
    before = copy.deepcopy(params)
    found, data = api_members.from_params(params)
    volumes = [
        {name: value for name, value in volume.items() if value is not None or name == "iops"}
        for volume in found.pop("volumes", [])
    ]
    assert volumes == changed.pop("volumes", [])
    assert (found, data) == ({**params, **changed}, members)
    assert params == before


@pytest.mark.parametrize("member", sorted(api_members._OPTIONS))
def test_member_that_has_an_option_is_refused(member):
    with pytest.raises(InvalidOption, match=f"^launch_template_data: set {member} with the option "):
        api_members.from_params({"launch_template_data": {member: "x"}})


def encoded(content):
    return base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "content",
    [
        b"#!/bin/sh\n",
        b"#cloud-config\n",
        b"<powershell>",
        b"Content-Type: multipart/mixed",
        b"\x1f\x8b\x08",
        b"#include\n",
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
def test_user_data_in_base64_is_refused(content, wrapped):
    text = encoded(content)
    with pytest.raises(InvalidOption, match=r"^user_data: the text is in base64\. Set user_data_base64 instead"):
        api_members.from_params({"user_data": f"{text[:4]}\n{text[4:]}\n" if wrapped else text})


@pytest.mark.parametrize("text", ["", "#!/bin/sh\n", "hello", "abcd", encoded(b"token"), "é"])
def test_other_user_data_is_taken(text):
    assert api_members.from_params({"user_data": text}) == ({"user_data": text}, {})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
DATA = st.dictionaries(st.sampled_from("abc"), VALUES, max_size=3)


@given(DATA, DATA)
def test_overlay_again_changes_nothing(data, members):
    before = copy.deepcopy((data, members))
    once = api_members.overlay(data, members)
    assert api_members.overlay(once, members) == once
    assert (data, members) == before
    assert {name: value for name, value in once.items() if name not in members} == {
        name: value for name, value in data.items() if name not in members
    }


@pytest.mark.parametrize(
    ("data", "members", "expected"),
    [
        ({"A": {"B": 1, "C": 2}}, {"A": {"B": 3}}, {"A": {"B": 3, "C": 2}}),
        ({"A": {"B": 1}}, {"A": {"B": ""}}, {}),
        ({"A": [1, 2]}, {"A": [2]}, {"A": [2]}),
        ({"A": 1}, {"A": {"B": 2}}, {"A": {"B": 2}}),
        ({"A": 1}, {"B": False}, {"A": 1, "B": False}),
        ({"A": 1}, {"A": {}}, {}),
    ],
)
def test_overlay(data, members, expected):
    assert api_members.overlay(data, members) == expected
