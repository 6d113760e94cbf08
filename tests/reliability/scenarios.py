# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules are asked to do while AWS fails: a state to begin with, and a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import NamedTuple

from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_instance_refresh,
    autoscaling_launch_configuration,
    autoscaling_launch_template_migration,
    ec2_launch_template,
    fleet,
    iam_instance_profile,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    IMAGE,
    OTHER_IMAGE,
    TRUST,
    ZONES,
    with_group,
)
from ansible_collections.launchkit.aws.tests.reliability.laboratory import USER_DATA

TYPE = {"image_id": IMAGE, "instance_type": "t3.micro", "instance_profile_name": "web", "user_data": USER_DATA}
# A run that ends between the group and the launch configuration that it left would leave that for an hour.
AT_ONCE = {"launch_configuration_prune": {"min_age": 0}}
WEB = [with_group(name, user_data=USER_DATA, **AT_ONCE) for name in ("web-0", "web-1")]
WEB_IMAGE = [{**each, "application_image_id": OTHER_IMAGE} for each in WEB]
WEB_ABSENT = [{**each, "application_state": "absent"} for each in WEB]


class Scenario(NamedTuple):
    """A run of a module.

    :param parameters: the module's.
    :param prepare: takes a :class:`~laboratory.Laboratory` and builds what the run finds.
    """

    name: str
    module: ModuleType
    parameters: dict
    prepare: Callable

    def begin(self, laboratory):
        """Empty the account, build what the run finds, and forget the calls."""
        laboratory.without_faults()
        laboratory.aws.reset()
        self.prepare(laboratory)
        laboratory.aws.reset_calls()

    def run(self, laboratory):
        """Run the module."""
        return laboratory.run(self.module, **self.parameters)


def fleet_of(applications):
    """Parameters of the module fleet."""
    return {"applications": json.dumps(applications), "concurrency": 1}


def with_roles(*names):
    """Build roles."""

    def prepare(laboratory):
        iam = laboratory.aws.client("iam")
        for name in names:
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))

    return prepare


def with_profile(*more_roles):
    """Build an instance profile ``web`` with a role of its name, and further roles."""

    def prepare(laboratory):
        with_roles("web", *more_roles)(laboratory)
        iam = laboratory.aws.client("iam")
        iam.create_instance_profile(InstanceProfileName="web")
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")

    return prepare


def after_runs(*runs):
    """Build what earlier runs of a module with these parameters leave, with a profile ``web``."""

    def prepare(laboratory):
        with_profile()(laboratory)
        for module, parameters in runs:
            result = laboratory.run(module, **parameters)
            assert not result.get("failed"), result

    return prepare


def with_groups(laboratory):
    """Build a launch configuration and two groups that name it."""
    with_profile()(laboratory)
    autoscaling = laboratory.aws.client("autoscaling")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="web",
        ImageId=IMAGE,
        InstanceType="t3.micro",
        IamInstanceProfile="web",
        UserData=USER_DATA,
    )
    for name in ("web-a", "web-b"):
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=1, AvailabilityZones=ZONES, LaunchConfigurationName="web"
        )


def with_serving_groups(laboratory):
    """Build the same, with an instance in each group."""
    with_groups(laboratory)
    laboratory.aws.set(refresh_step_seconds=0.02)
    for name in ("web-a", "web-b"):
        laboratory.aws.client("autoscaling").set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=1)


def with_outdated_instance(laboratory):
    """Build a group with an instance of version 1 of a template that has version 2."""
    after_runs((ec2_launch_template, {"name": "web", **TYPE}))(laboratory)
    laboratory.aws.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="web",
        MinSize=1,
        MaxSize=2,
        AvailabilityZones=ZONES,
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "$Latest"},
    )
    laboratory.run(ec2_launch_template, name="web", instance_type="t3.small")


SCENARIOS = (
    Scenario(
        "profile: create",
        iam_instance_profile,
        {"name": "web", "role": "web", "tags": {"team": "a"}},
        with_roles("web"),
    ),
    Scenario("profile: swap role", iam_instance_profile, {"name": "web", "role": "two"}, with_profile("two")),
    Scenario("profile: delete", iam_instance_profile, {"name": "web", "state": "absent"}, with_profile()),
    Scenario(
        "launch configuration: create, prune",
        autoscaling_launch_configuration,
        {"name_prefix": "web-", "prune": {}, **TYPE, "image_id": OTHER_IMAGE},
        after_runs((autoscaling_launch_configuration, {"name_prefix": "web-", **TYPE})),
    ),
    Scenario(
        "launch configuration: replace",
        autoscaling_launch_configuration,
        {"name": "web", "on_drift": "replace", **TYPE, "image_id": OTHER_IMAGE},
        after_runs((autoscaling_launch_configuration, {"name": "web", **TYPE})),
    ),
    Scenario(
        "launch configuration: delete",
        autoscaling_launch_configuration,
        {"name": "web", "state": "absent"},
        after_runs((autoscaling_launch_configuration, {"name": "web", **TYPE})),
    ),
    Scenario(
        "launch template: create", ec2_launch_template, {"name": "web", "tags": {"team": "a"}, **TYPE}, with_profile()
    ),
    Scenario(
        "launch template: new version, prune",
        ec2_launch_template,
        {"name": "web", "prune": {}, "tags": {"team": "b"}, **TYPE, "image_id": OTHER_IMAGE},
        after_runs(
            (ec2_launch_template, {"name": "web", "tags": {"old": "yes"}, **TYPE}),
            (ec2_launch_template, {"name": "web", "instance_type": "t3.small"}),
        ),
    ),
    Scenario(
        "launch template: delete",
        ec2_launch_template,
        {"name": "web", "state": "absent"},
        after_runs((ec2_launch_template, {"name": "web", **TYPE})),
    ),
    Scenario("migration", autoscaling_launch_template_migration, {"groups": ["web-a", "web-b"]}, with_groups),
    Scenario(
        "migration: refresh, delete",
        autoscaling_launch_template_migration,
        {
            "groups": ["web-a", "web-b"],
            "refresh": True,
            "refresh_poll_interval": 0,
            "delete_launch_configurations": True,
            "delete_min_age": 0,
        },
        with_serving_groups,
    ),
    Scenario("instance refresh: start", autoscaling_instance_refresh, {"group": "web"}, with_outdated_instance),
    Scenario("fleet: create", fleet, fleet_of(WEB), lambda laboratory: None),
    Scenario("fleet: new image", fleet, fleet_of(WEB_IMAGE), after_runs((fleet, fleet_of(WEB)))),
    Scenario("fleet: delete", fleet, fleet_of(WEB_ABSENT), after_runs((fleet, fleet_of(WEB)))),
)
