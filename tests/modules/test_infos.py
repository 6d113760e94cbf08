# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the info modules find, in which order and with which calls, when AWS serves its lists in pages of one."""

from __future__ import annotations

import pytest
from ansible_collections.amazon.aws.plugins.modules import iam_instance_profile_info as peer
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_launch_configuration,
    autoscaling_launch_configuration_info,
    iam_instance_profile,
    iam_instance_profile_info,
)


@pytest.fixture
def profiles(run, aws, role):
    """Three profiles by their names."""
    role("ops")
    made = [
        run(iam_instance_profile, **parameters, wait=False)["iam_instance_profile"]
        for parameters in (
            {"name": "web-b", "path": "/team/", "tags": {"Application": "web"}},
            {"name": "web-c", "path": "/team/ops/", "role": "ops", "tags": {"Application": "shop"}},
            {"name": "web-a", "path": "/"},
        )
    ]
    aws.set(page_size=1)
    aws.reset_calls()
    return {each["instance_profile_name"]: each for each in made}


def test_iam_instance_profile_info(run, aws, profiles, writes, outcomes):
    looks = [
        ({"name": "web-c"}, ["web-c"]),
        ({"instance_profile_name": "WEB-C"}, ["web-c"]),
        ({"name": "gone"}, []),
        ({"path_prefix": "/team/"}, ["web-b", "web-c"]),
        ({"prefix": "/team/ops"}, ["web-c"]),
        ({"path": "/elsewhere/"}, []),
        ({"role": "ops"}, ["web-c"]),
        ({"role": "gone"}, []),
        ({"name_regex": "web-[ab]$"}, ["web-a", "web-b"]),
        ({"name_regex": "web", "sort_order": "descending", "limit": 2}, ["web-c", "web-b"]),
        ({"name_regex": "web", "sort": "create_date"}, ["web-b", "web-c", "web-a"]),
    ]
    for look, names in looks:
        found = run(iam_instance_profile_info, **look)
        assert not found["changed"]
        assert found["iam_instance_profiles"] == [profiles[name] for name in names], look
    assert len(outcomes("ListInstanceProfiles")) > len(looks)
    assert writes() == []


def test_iam_instance_profile_info_reads_tags_only_on_request(run, aws, profiles):
    found = run(iam_instance_profile_info, check_mode=True, path_prefix="/team/", include_tags=False)
    assert found["iam_instance_profiles"] == [{**profiles[name], "tags": {}} for name in ("web-b", "web-c")]
    assert {call["operation"] for call in aws.calls()} == {"ListInstanceProfiles"}


def test_iam_instance_profile_info_shows_what_amazon_aws_shows(run, profiles):
    (theirs,) = run(peer, name="web-c")["iam_instance_profiles"]
    ours = profiles["web-c"]
    assert {**theirs, "roles": ours["roles"]} == ours
    (role,) = theirs["roles"]
    assert {**role, **ours["roles"][0]} == role


@pytest.fixture
def configurations(run, aws, group):
    """Three launch configurations by their names; a group names the first."""
    made = [
        run(
            autoscaling_launch_configuration,
            name=name,
            image_id="ami-baba68d3",
            instance_type=instance_type,
            volumes=[{"device_name": "/dev/sda1", "volume_size": 20}],
            user_data="correct-horse",
        )["result"]
        for name, instance_type in (("web-b", "t3.micro"), ("web-c", "m1.small"), ("web-a", "t3.micro"))
    ]
    group("web", LaunchConfigurationName="web-b")
    aws.set(page_size=1)
    aws.reset_calls()
    return {each["name"]: each for each in made}


def test_autoscaling_launch_configuration_info(run, configurations, writes, outcomes):
    used = {
        name: {**each, "auto_scaling_groups": ["web"] if name == "web-b" else [], "unused": name != "web-b"}
        for name, each in configurations.items()
    }
    looks = [
        ({"name": ["web-c", "gone"]}, ["web-c"]),
        ({"name": "gone"}, []),
        ({"name_prefix": "web"}, ["web-a", "web-b", "web-c"]),
        ({"name_prefix": "gone"}, []),
        ({"name_regex": "web-[bc]$", "sort_order": "descending"}, ["web-c", "web-b"]),
        ({"name_prefix": "web", "sort": "created_time", "limit": 2}, ["web-b", "web-c"]),
        ({"name_prefix": "web", "sort": "instance_type", "sort_start": 1, "sort_end": 3}, ["web-a", "web-b"]),
        ({"name_prefix": "web", "unused": True}, ["web-a", "web-c"]),
        ({"name_prefix": "web", "unused": False}, ["web-b"]),
    ]
    for look, names in looks:
        found = run(autoscaling_launch_configuration_info, **look)
        assert not found["changed"]
        assert found["launch_configurations"] == [used[name] for name in names], look
        assert "correct-horse" not in found["printed"]
    assert len(outcomes("DescribeLaunchConfigurations")) > len(looks)
    assert writes() == []


def test_autoscaling_launch_configuration_info_reads_names_by_fifty_and_groups_only_on_request(
    run, aws, configurations
):
    names = [f"gone-{number}" for number in range(119)] + ["web-a"]
    found = run(autoscaling_launch_configuration_info, check_mode=True, name=names, include_auto_scaling_groups=False)
    assert found["launch_configurations"] == [configurations["web-a"]]
    assert [call["operation"] for call in aws.calls()] == ["DescribeLaunchConfigurations"] * 3
