# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Fleets for tests: the code of the modules fleet and fleet_info in this process."""

from __future__ import annotations

import json
from collections import Counter
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
    """An entry with an Auto Scaling group of its name, without instances unless it says otherwise."""
    sizes = {"group_min_size": 0, "group_max_size": 2, "group_availability_zones": ZONES}
    return entry(name, group_name=name, **{**sizes, **variables})


def template(name, **variables):
    """An entry that launches from a launch template."""
    return entry(name, launch_with="launch_template", **variables)


class Fleets:
    """Runs the modules' functions: threads can share it, unlike a module's ``main()``."""

    def __init__(self, aws):
        self.aws = aws

    def info(self, applications, **options):
        """Return the result of fleet_info."""
        return fleet_info.plan_applications(self._module(applications, include_module_options=False, **options))

    def apply(self, applications, **options):
        """Return the result of fleet."""
        return fleet.converge_fleet(self._module(applications, **options))

    def refused(self, applications, **options):
        """Return the message and the result of a fleet that fails."""
        try:
            result = self.apply(applications, **options)
        except LaunchkitError as error:
            return error.message, error.details
        raise AssertionError(f"nothing failed: {result}")

    def bootstrap(self, applications, **options):
        """Create the applications, forget the calls, and return the result of fleet."""
        result = self.apply(applications, **options)
        self.aws.reset_calls()
        return result

    def summaries(self, applications, **options):
        """Return the plan of each application that is not unchanged, as one line."""
        rows = self.info(applications, **options)["applications"]
        return [row["summary"] for row in rows if not row["unchanged"]]

    def _module(self, applications, check_mode=False, region=REGION, **options):
        connection = {
            "region": region,
            "endpoint_url": self.aws.url,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            **dict.fromkeys(("session_token", "profile", "aws_ca_bundle", "aws_config")),
            "validate_certs": True,
        }
        own = {
            "concurrency": 8,
            "refresh_concurrency": 1,
            "refresh_max_failures": 1,
            "prune_orphans": False,
            "include_details": False,
            "claims": {},
            "adopt": False,
            "fail_on_changes": False,
        }
        unset = dict.fromkeys(
            (
                "defaults",
                "state",
                "account",
                "orphan_path",
                "orphan_tags",
                "progress_path",
                "refresh_canary",
                "plan_file",
                "plan_markdown",
            )
        )
        # Seconds enough for what these tests inject, and few for a test that fails.
        params = {**own, **unset, "wait_timeout": 30, **connection, **options}
        params["applications"] = json.dumps(applications)
        return SimpleNamespace(params=params, check_mode=check_mode)

    def make_roles(self, *names, path="/"):
        """Create roles as the entries of these names ask for."""
        for name in names:
            self.aws.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST))

    def group(self, name="web"):
        """Return an Auto Scaling group, or None."""
        found = self.aws.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])
        return next(iter(found["AutoScalingGroups"]), None)

    def writes(self):
        """Return the operations that changed something since the log was emptied, and how often each did, in their order."""
        operations = [call["operation"] for call in self.aws.calls(outcome="ok")]
        return dict(Counter(operation for operation in operations if not operation.startswith(READING)))

    def roles(self):
        """The names of the roles that were created here."""
        pages = self.aws.client("iam").get_paginator("list_roles").paginate()
        return sorted(each["RoleName"] for page in pages for each in page["Roles"])

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
