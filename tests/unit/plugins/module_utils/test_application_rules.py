# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A fleet refuses what the role application refuses: the role's own rules are run over the same variables."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.launchkit.aws.plugins.filter.launch_settings_mistakes import launch_settings_mistakes
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse as fleet_file
from hypothesis import event, given
from hypothesis import strategies as st

ROLE = Path(__file__).resolve().parents[4] / "roles" / "application"
LOADER = DataLoader()


def loaded(name):
    return LOADER.load_from_file(str(ROLE / name), trusted_as_template=True)


(TASK,) = loaded("tasks/assert.yml")
VARIABLES = {**loaded("defaults/main.yml"), **loaded("vars/main.yml"), **TASK["vars"]}


def of_the_role(entry):
    """The messages of the task file of the role. What it asks the filter is asked here, since a test has no plugins of collections."""
    templar = Templar(loader=LOADER, variables={**VARIABLES, **entry})
    found = [rule["message"] for rule in templar.template(VARIABLES["application__rules"]) if not rule["holds"]]
    settings = templar.template(VARIABLES["application__launch_settings"])
    launch_with = entry.get("application_launch_with", "launch_configuration")
    return found + launch_settings_mistakes(settings, launch_with, prefix="application_")


def of_the_fleet(entry):
    try:
        fleet_file.parse([entry])
    except InvalidOption as error:
        return [mistake["message"] for mistake in error.details["mistakes"]]
    return []


def entry(**variables):
    given = {"name": "web", "image_id": "ami-1", "instance_type": "t3.small", **variables}
    return {f"application_{name}": value for name, value in given.items() if value is not None}


GROUP = {"group_name": "web", "group_min_size": 1, "group_max_size": 3}
ACCEPTED = {
    "role and profile only": entry(image_id=None, instance_type=None),
    "empty image and type": entry(image_id="", instance_type=""),
    "launch configuration": entry(),
    "launch template": entry(launch_with="launch_template"),
    "template name": entry(launch_with="launch_template", launch_template_name="a/b(c).-_"),
    "empty template name": entry(launch_template_name="x"),
    "longest name": entry(name="a" * 64),
    "all characters": entry(name="A9_+=,.@-"),
    "trust policy": entry(trust_policy={"Version": "2012-10-17", "Statement": []}),
    "empty trust policy": entry(trust_policy="", trust_principal="ec2.amazonaws.com"),
    "group": entry(**GROUP),
    "no group": entry(group_name="", group_min_size=3, group_max_size=1),
    "group of none": entry(**{**GROUP, "group_min_size": 0, "group_max_size": 0}),
    "capacity at the least": entry(**GROUP, group_desired_capacity=1),
    "capacity at the most": entry(**GROUP, group_desired_capacity=3),
    "subnets": entry(**GROUP, group_subnets=["subnet-1"], group_availability_zones=[]),
    "hop limit": entry(metadata_options={"http_put_response_hop_limit": 64}),
    "security groups": entry(security_groups=["default"], vpc_id="vpc-1"),
    "user data": entry(user_data=""),
}
REFUSED = {
    "no characters": entry(name="a b"),
    "too long": entry(name="a" * 65),
    "slash": entry(name="/web"),
    "trust twice": entry(trust_policy={"Statement": []}, trust_principal="ec2.amazonaws.com"),
    "no type": entry(instance_type=None),
    "no image": entry(image_id=None),
    "empty image": entry(image_id=""),
    "user data as a dictionary": entry(user_data={"a": 1}),
    "user data as a number": entry(user_data=1),
    "group without image": entry(image_id=None, instance_type=None, **GROUP),
    "no least": entry(group_name="web", group_max_size=1),
    "no most": entry(group_name="web", group_min_size=1),
    "negative": entry(**{**GROUP, "group_min_size": -1}),
    "turned round": entry(**{**GROUP, "group_min_size": 4}),
    "capacity too small": entry(**GROUP, group_desired_capacity=0),
    "capacity too large": entry(**GROUP, group_desired_capacity=4),
    "zones twice": entry(**GROUP, group_subnets=["subnet-1"], group_availability_zones=["us-east-1a"]),
    "short template name": entry(launch_with="launch_template", launch_template_name="ab"),
    "template name with a space": entry(launch_with="launch_template", launch_template_name="a b c"),
    "hop limit 65": entry(metadata_options={"http_put_response_hop_limit": 65}),
    "hop limit 0": entry(metadata_options={"http_put_response_hop_limit": 0}),
    "user data twice": entry(user_data="a", user_data_base64="YQ=="),
    "user data no base64": entry(user_data_base64="%"),
    "too much user data": entry(user_data="a" * 16385),
    "security group names": entry(security_groups=["default"]),
    "credits": entry(credit_specification={"cpu_credits": "unlimited"}),
    "volume type": entry(volumes=[{"device_name": "/dev/sda1", "volume_size": 8, "volume_type": "io2"}]),
    "volume twice": entry(volumes=[{"device_name": "/dev/sda1", "volume_size": 8}] * 2),
    "no money": entry(spot_price=0.0001),
}


@pytest.mark.parametrize("given", ACCEPTED.values(), ids=ACCEPTED)
def test_both_accept(given):
    assert (of_the_role(given), of_the_fleet(given)) == ([], [])


@pytest.mark.parametrize("given", REFUSED.values(), ids=REFUSED)
def test_both_refuse(given):
    role, fleet = of_the_role(given), of_the_fleet(given)
    assert role
    assert fleet
    # The variable that the role's message begins with.
    assert {message.partition(":")[0].partition(".")[0] for message in fleet} & {
        message.partition(":")[0].partition(".")[0].replace("application_*", "application_user_data")
        for message in role
    }


SIZES = st.integers(-1, 3)
GROUPS = {
    "group_name": st.sampled_from(["", "web", "web"]),
    "group_min_size": SIZES,
    "group_max_size": st.integers(0, 3),
    "group_desired_capacity": st.none() | SIZES,
}
OTHERS = {
    "name": st.sampled_from(["web", "a b", "a" * 65]),
    "instance_type": st.sampled_from(["", "t3.small"]),
    "image_id": st.sampled_from(["", "ami-1", "resolve:ssm:/golden"]),
    "launch_with": st.sampled_from(["launch_configuration", "launch_template"]),
    "launch_template_name": st.sampled_from(["web", "a b"]),
    "trust_policy": st.sampled_from(["", {"Statement": []}]),
    "trust_principal": st.sampled_from(["", "ec2.amazonaws.com"]),
    "group_subnets": st.sampled_from([[], ["subnet-1"]]),
    "group_availability_zones": st.sampled_from([[], ["us-east-1a"]]),
    "user_data": st.sampled_from(["", "text"]),
    "user_data_base64": st.just("YQ=="),
}
# Whatever goes wrong with capacities shows only where nothing else is wrong.
ENTRIES = st.fixed_dictionaries(GROUPS) | st.fixed_dictionaries({}, optional={**GROUPS, **OTHERS})


@given(ENTRIES)
def test_both_judge_alike(variables):
    given = entry(**variables)
    role, fleet = of_the_role(given), of_the_fleet(given)
    event("accepted" if not role else "refused")
    if not given.get("application_image_id"):
        # What is said of launch settings that there are none of does not matter to a fleet, whose defaults may say it for all.
        about = ("application_launch_template_name", "application_*", "application_user_data")
        role = [message for message in role if not message.startswith(about)]
        fleet = [message for message in fleet if not message.startswith(about)]
    assert bool(role) == bool(fleet), (role, fleet)
