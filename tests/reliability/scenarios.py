# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the modules are asked to do while AWS fails: a state to begin with, and a run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_instance_refresh,
    autoscaling_launch_configuration,
    autoscaling_launch_configuration_info,
    autoscaling_launch_template_migration,
    ec2_launch_template,
    fleet,
    fleet_file,
    fleet_info,
    iam_instance_profile,
    iam_instance_profile_info,
    iam_instance_profile_usage_info,
    iam_managed_policy_info,
    report_info,
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
WEB_TEMPLATE = [
    {**each, "application_launch_with": "launch_template", "application_launch_template_prune": {"keep": 0}}
    for each in WEB
]
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
READ_ONLY, BOUNDARY = (f"arn:aws:iam::aws:policy/{name}" for name in ("AmazonS3ReadOnlyAccess", "PowerUserAccess"))
FULL = with_group(
    "web-0",
    managed_policies=[READ_ONLY],
    inline_policies={"queue": POLICY},
    permissions_boundary=BOUNDARY,
    tags={"team": "a"},
)
OTHER = with_group(
    "web-0",
    managed_policies=[BOUNDARY],
    inline_policies={"topic": POLICY},
    permissions_boundary="",
    role_description="other",
    trust_policy={**TRUST, "Id": "other"},
    tags={"owner": "b"},
    group_max_size=3,
)
REFRESHED = [
    [with_group("web-0", group_min_size=1, refresh=True, refresh_poll_interval=1, instance_type=each)]
    for each in ("t3.small", "t3.large")
]
SUBNET, PARAMETER = "10.42.0.0/24", "golden"


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


def with_policy(laboratory):
    """Build a managed policy ``web`` under a path, which only a list shows."""
    laboratory.aws.client("iam").create_policy(PolicyName="web", Path="/ops/", PolicyDocument=json.dumps(POLICY))


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


def after_fleets(*fleets):
    """Build what earlier runs of the module fleet leave."""
    return after_runs(*((fleet, fleet_of(each)) for each in fleets))


def fleet_run(name, applications, *earlier):
    """A run of the module fleet after earlier ones."""
    return Scenario(name, fleet, fleet_of(applications), after_fleets(*earlier))


class WithReferences(Scenario):
    """A plan of an application that refers to one resource of each kind, whose ids AWS gives."""

    def run(self, laboratory):
        """Run the module."""
        return laboratory.run(self.module, applications=json.dumps([_with_references(laboratory)]))


def with_references(laboratory):
    """Build one resource of each kind that an application can refer to."""
    ec2, elb, elbv2 = (laboratory.aws.client(service) for service in ("ec2", "elb", "elbv2"))
    ec2.create_key_pair(KeyName="web")
    vpc = ec2.create_vpc(CidrBlock="10.42.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=SUBNET, AvailabilityZone=ZONES[0])["Subnet"]["SubnetId"]
    ec2.create_security_group(GroupName="web", Description="For tests", VpcId=vpc)
    volume = ec2.create_volume(AvailabilityZone=ZONES[0], Size=8)["VolumeId"]
    ec2.create_snapshot(VolumeId=volume, Description="web")
    listener = {"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(LoadBalancerName="web", Listeners=[listener], Subnets=[subnet])
    elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)
    laboratory.aws.client("ssm").put_parameter(Name=PARAMETER, Value=OTHER_IMAGE, Type="String")


def _with_references(laboratory):
    ec2, elbv2 = laboratory.aws.client("ec2"), laboratory.aws.client("elbv2")
    (subnet,) = ec2.describe_subnets(Filters=[{"Name": "cidr-block", "Values": [SUBNET]}])["Subnets"]
    (snapshot,) = ec2.describe_snapshots(Filters=[{"Name": "description", "Values": ["web"]}])["Snapshots"]
    (target_group,) = elbv2.describe_target_groups(Names=["web"])["TargetGroups"]
    return with_group(
        "web",
        launch_with="launch_template",
        image_id=f"resolve:ssm:{PARAMETER}",
        key_name="web",
        security_groups=["web"],
        vpc_id=subnet["VpcId"],
        volumes=[{"device_name": "/dev/sdf", "snapshot": snapshot["SnapshotId"]}],
        managed_policies=[READ_ONLY],
        group_availability_zones=None,
        group_subnets=[subnet["SubnetId"]],
        group_target_group_arns=[target_group["TargetGroupArn"]],
        group_load_balancers=["web"],
    )


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

# Further states, in which the fault matrix tries the operations only that are not called above.
MORE = (
    fleet_run("fleet: create with policies", [FULL]),
    fleet_run("fleet: change all of a role", [OTHER], [FULL]),
    fleet_run("fleet: change all of a role back", [FULL], [OTHER]),
    fleet_run("fleet: refresh", REFRESHED[1], REFRESHED[0]),
    fleet_run("fleet: to launch template", WEB_TEMPLATE, WEB),
    fleet_run("fleet: back to launch configuration", WEB, WEB_TEMPLATE),
    fleet_run(
        "fleet: new version, prune",
        [{**each, "application_instance_type": "t3.large"} for each in WEB_TEMPLATE],
        WEB_TEMPLATE,
    ),
    fleet_run(
        "fleet: delete templates", [{**each, "application_state": "absent"} for each in WEB_TEMPLATE], WEB_TEMPLATE
    ),
    fleet_run("fleet of 3: create", [*WEB, FULL | {"application_name": "web-2", "application_group_name": "web-2"}]),
)
FLEET_FILE = Path(__file__).resolve().parents[2] / ".build" / "fleet-of-reliability.yml"
SIMULATED = [{"actions": ["s3:GetObject"], "resources": ["*"]}]
# What only reads is no subject of crashes.
READS = (
    Scenario("profile info: name", iam_instance_profile_info, {"name": "web"}, with_profile()),
    Scenario("profile info: role", iam_instance_profile_info, {"role": "web"}, with_profile()),
    Scenario("profile info: all", iam_instance_profile_info, {}, with_profile()),
    Scenario("profile usage info", iam_instance_profile_usage_info, {"name": "web"}, with_outdated_instance),
    Scenario("launch configuration info", autoscaling_launch_configuration_info, {"unused": False}, with_groups),
    Scenario("managed policy info", iam_managed_policy_info, {"names_or_arns": [READ_ONLY, "web"]}, with_policy),
    Scenario("fleet info", fleet_info, {"applications": json.dumps(WEB)}, after_fleets(WEB)),
    Scenario(
        "fleet info: new group in all zones",
        fleet_info,
        {"applications": json.dumps([with_group("web", group_availability_zones=None)])},
        after_runs(),
    ),
    WithReferences("fleet info: references", fleet_info, {}, with_references),
    Scenario("fleet file", fleet_file, {"path": str(FLEET_FILE)}, after_fleets(WEB)),
    Scenario("report info", report_info, {"actions": SIMULATED}, with_outdated_instance),
)
