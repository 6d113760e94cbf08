# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Fleets for tests: the code of the modules fleet and fleet_info in this process, and the parts that others make."""

from __future__ import annotations

import json
from types import SimpleNamespace

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.modules import fleet, fleet_info

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY

IMAGE, OTHER_IMAGE = "ami-baba68d3", "ami-785db401"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READING = ("Describe", "Get", "List")
ZONES = [f"{REGION}a"]


def entry(name, **variables):
    """An entry of a fleet that launches from a launch configuration; None leaves a variable out."""
    given = {"image_id": IMAGE, "instance_type": "t3.small", **variables}
    return {
        "application_name": name,
        **{f"application_{key}": value for key, value in given.items() if value is not None},
    }


def entries(number, **variables):
    """Entries ``web-0`` and so on."""
    return [entry(f"web-{index}", **variables) for index in range(number)]


def plain(name, **variables):
    """An entry of role and profile only."""
    return entry(name, image_id=None, instance_type=None, **variables)


def with_group(name, **variables):
    """An entry with an Auto Scaling group of its name, without instances."""
    return entry(name, group_name=name, group_min_size=0, group_max_size=2, group_availability_zones=ZONES, **variables)


class Fleets:
    """Runs the modules' functions: threads may share it, unlike a module's ``main()``."""

    def __init__(self, aws):
        self.aws = aws

    def info(self, applications, **options):
        """What fleet_info returns."""
        options = {"orphan_path": None, "orphan_tags": None, **options}
        return fleet_info.look_at_fleet(self._module(applications=applications, **options))

    def apply(self, applications, **options):
        """What fleet returns when nothing fails."""
        return fleet.converge_fleet(self._module(applications=applications, progress_path=None, **options))

    def refused(self, applications, **options):
        """The message of a fleet that fails, and its result."""
        try:
            result = self.apply(applications, **options)
        except LaunchkitError as error:
            return error.message, error.details
        raise AssertionError(f"nothing failed: {result}")

    def _module(self, *, applications, check_mode=False, region=REGION, **options):
        connection = {
            "region": region,
            "endpoint_url": self.aws.url,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            **dict.fromkeys(("session_token", "profile", "aws_ca_bundle", "aws_config")),
            "validate_certs": True,
        }
        # Seconds enough for what these tests inject, and few for a test that fails.
        params = {"defaults": None, "state": None, "concurrency": 8, "wait_timeout": 30, **connection, **options}
        params["applications"] = json.dumps(applications)
        return SimpleNamespace(params=params, check_mode=check_mode)

    def make_roles(self, *applications):
        """What amazon.aws.iam_role makes for the entries when they ask for nothing special."""
        iam = self.aws.client("iam")
        for each in applications:
            iam.create_role(
                RoleName=each["application_name"],
                Path=each.get("application_role_path", "/"),
                AssumeRolePolicyDocument=json.dumps(TRUST),
                Tags=[{"Key": key, "Value": value} for key, value in each.get("application_tags", {}).items()],
            )

    def make_groups(self, result):
        """What amazon.aws.autoscaling_group makes of the options that the module fleet returns."""
        for options in result["autoscaling_groups"]:
            template = options.get("launch_template")
            source = (
                {"LaunchTemplate": {"LaunchTemplateId": template["launch_template_id"], "Version": template["version"]}}
                if template
                else {"LaunchConfigurationName": options["launch_config_name"]}
            )
            self.aws.client("autoscaling").create_auto_scaling_group(
                AutoScalingGroupName=options["name"],
                MinSize=options["min_size"],
                MaxSize=options["max_size"],
                DesiredCapacity=options["desired_capacity"],
                AvailabilityZones=options["availability_zones"],
                **source,
            )

    def bootstrap(self, applications, **options):
        """Make all that the entries ask for; return what fleet returned."""
        self.make_roles(*applications)
        result = self.apply(applications, **options)
        self.make_groups(result)
        self.aws.reset_calls()
        return result

    def writes(self):
        """The calls that changed something since the log was emptied, and how often each was made."""
        operations = [call["operation"] for call in self.aws.calls(outcome="ok")]
        found = {}
        for operation in operations:
            if not operation.startswith(READING):
                found[operation] = found.get(operation, 0) + 1
        return found

    def launch_configurations(self):
        """The names of all launch configurations."""
        pages = self.aws.client("autoscaling").get_paginator("describe_launch_configurations").paginate()
        return sorted(each["LaunchConfigurationName"] for page in pages for each in page["LaunchConfigurations"])

    def launch_templates(self):
        """The names of all launch templates."""
        return sorted(
            each["LaunchTemplateName"] for each in self.aws.client("ec2").describe_launch_templates()["LaunchTemplates"]
        )

    def profiles(self):
        """The names of all instance profiles, each with the names of its roles."""
        pages = self.aws.client("iam").get_paginator("list_instance_profiles").paginate()
        return {
            each["InstanceProfileName"]: [role["RoleName"] for role in each["Roles"]]
            for page in pages
            for each in page["InstanceProfiles"]
        }
