# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import copy

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.group_options import (
    FIELDS,
    capacity,
    differences,
)

# As amazon.aws.autoscaling_group_info returns it.
GROUP = {
    "auto_scaling_group_name": "web",
    "launch_configuration_name": "web-1",
    "min_size": 1,
    "max_size": 3,
    "desired_capacity": 2,
    "vpc_zone_identifier": "subnet-b,subnet-a",
    "availability_zones": ["us-east-1b", "us-east-1a"],
    "load_balancer_names": [],
    "target_group_arns": ["arn:b", "arn:a"],
    "health_check_type": "EC2",
    "health_check_grace_period": 300,
    "default_cooldown": 300,
    "termination_policies": ["OldestInstance", "Default"],
    "tags": [
        {"key": "A", "value": "1", "propagate_at_launch": True, "resource_id": "web"},
        {"key": "B", "value": "2", "propagate_at_launch": True, "resource_id": "web"},
    ],
}
SAME = {
    "launch_config_name": "web-1",
    "launch_template": None,
    "min_size": "1",
    "max_size": 3,
    "desired_capacity": 2,
    "vpc_zone_identifier": ["subnet-a", "subnet-b"],
    "availability_zones": ["us-east-1a", "us-east-1b"],
    "load_balancers": [],
    "target_group_arns": ["arn:a", "arn:b"],
    "health_check_type": "EC2",
    "health_check_period": 300,
    "default_cooldown": 300,
    "termination_policies": ["OldestInstance", "Default"],
    "max_instance_lifetime": 0,
}


def test_the_same_in_any_order_and_as_text_does_not_differ():
    assert set(SAME) == set(FIELDS)
    assert differences(SAME, GROUP, tags={"B": 2, "A": "1"}) == []


IN_USE = {"launch_template_id": "lt-1", "launch_template_name": "web", "version": "2"}


@pytest.mark.parametrize(
    ("wanted", "differs"),
    [
        ({"launch_template_id": "lt-1", "version": "2"}, False),
        ({"launch_template_id": "lt-1", "version": "3"}, True),
        ({"launch_template_id": "lt-2", "version": "2"}, True),
        # One that is yet to be made.
        ({"launch_template_name": "web", "version": "2"}, True),
    ],
)
def test_launch_templates_are_compared_by_id_and_version(wanted, differs):
    group = {**GROUP, "launch_configuration_name": None, "launch_template": IN_USE}
    assert bool(differences({"launch_template": wanted}, group)) == differs


def test_from_a_launch_configuration_to_a_launch_template_and_back():
    template = {"launch_template_id": "lt-1", "version": "2"}
    (there,) = differences({"launch_template": template}, GROUP)
    assert there == {"field": "launch_template", "wanted": template, "actual": None}
    (back,) = differences(
        {"launch_config_name": "web-1"}, {**GROUP, "launch_configuration_name": None, "launch_template": IN_USE}
    )
    assert back == {"field": "launch_config_name", "wanted": "web-1", "actual": None}


def test_what_is_not_set_is_not_compared():
    assert differences(dict.fromkeys(FIELDS), GROUP) == []


@pytest.mark.parametrize(
    ("field", "wanted", "actual"),
    [
        ("launch_config_name", "web-2", "web-1"),
        ("min_size", 0, 1),
        ("max_size", 4, 3),
        ("desired_capacity", 3, 2),
        ("vpc_zone_identifier", ["subnet-a"], ["subnet-a", "subnet-b"]),
        ("availability_zones", ["us-east-1a"], ["us-east-1a", "us-east-1b"]),
        ("load_balancers", ["classic"], []),
        ("target_group_arns", [], ["arn:a", "arn:b"]),
        ("health_check_type", "ELB", "EC2"),
        ("health_check_period", 60, 300),
        ("default_cooldown", 60, 300),
        ("termination_policies", ["Default", "OldestInstance"], ["OldestInstance", "Default"]),
        ("max_instance_lifetime", 86400, 0),
    ],
)
def test_what_differs_is_named_with_both_values(field, wanted, actual):
    assert differences({**SAME, field: wanted}, GROUP) == [{"field": field, "wanted": wanted, "actual": actual}]


@pytest.mark.parametrize(
    ("arguments", "differs"),
    [
        ({"tags": None}, False),
        ({"tags": {"A": 1}}, True),
        ({"tags": {"A": 1}, "purge_tags": False}, False),
        ({"tags": {"A": 3}, "purge_tags": False}, True),
        ({"tags": {"C": 3}, "purge_tags": False}, True),
        ({"tags": {}}, True),
        ({"tags": {}, "purge_tags": False}, False),
        ({"tags": {"A": 1, "B": 2}, "propagate_tags": False}, True),
    ],
    ids=str,
)
def test_tags(arguments, differs):
    before = copy.deepcopy((GROUP, arguments))
    assert [each["field"] for each in differences({}, GROUP, **arguments)] == (["tags"] if differs else [])
    assert (GROUP, arguments) == before


def test_a_group_that_does_not_exist_differs_in_all_that_is_not_empty():
    empty = {"launch_template", "load_balancers", "max_instance_lifetime"}
    found = {each["field"] for each in differences(SAME, {}, tags={"A": "1"})}
    assert found == (set(SAME) | {"tags"}) - empty


@pytest.mark.parametrize(
    ("desired", "minimum", "maximum", "group", "result"),
    [
        (2, 1, 3, {"desired_capacity": 3}, 2),
        ("2", "1", "3", {}, 2),
        (0, 0, 3, {"desired_capacity": 3}, 0),
        (None, 1, 3, {"desired_capacity": 2}, 2),
        (None, 3, 5, {"desired_capacity": 2}, 3),
        (None, 0, 1, {"desired_capacity": 2}, 1),
        (None, "2", "4", {}, 2),
        (None, 0, 4, {}, 0),
    ],
)
def test_capacity(desired, minimum, maximum, group, result):
    assert capacity(desired, minimum, maximum, group) == result
