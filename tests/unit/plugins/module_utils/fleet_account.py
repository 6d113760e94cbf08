# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account with one application as the tests of pure functions need it: what is read of it, and what a fleet's calls make of it."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index, Observation
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse as fleet_file
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report as fleet_view
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plan import STAGES, Planned
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, template_answers

POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def application(**variables):
    """The application ``web`` with these variables of the role."""
    entry = {"application_name": "web", **{f"application_{name}": value for name, value in variables.items()}}
    (found,) = fleet_file.parse([entry])
    return found


class Account:
    """What AWS has. What it refuses are assertions."""

    def __init__(self):
        self.roles, self.profiles, self.launch_configurations, self.groups = {}, {}, {}, {}
        self.template = None
        self.policies = {POLICY: POLICY}

    def index(self, has_all_groups=True):
        """What was read."""
        templates, versions = {}, {}
        if self.template is not None:
            templates = {self.template.name: self.template.describe()}
            versions = {"lt-1": tuple(sorted(self.template.versions))}
        return Index(
            Observation(
                account="123456789012",
                policy_arns=dict(self.policies),
                roles=dict(self.roles),
                profiles={name.casefold(): profile for name, profile in self.profiles.items()},
                launch_configurations=dict(self.launch_configurations),
                templates=templates,
                template_versions=versions,
                groups=dict(self.groups),
                has_all_groups=has_all_groups,
                now=aws_answers.CREATED + timedelta(hours=1),
            )
        )

    def make_role(self, wanted):
        """What amazon.aws.iam_role and amazon.aws.iam_policy make of it."""
        target = Planned(wanted, self.index()).role_target()
        former = self.roles.get(target.name, {})
        policies = [{"PolicyArn": arn, "PolicyName": arn} for arn in target.managed_policies or ()]
        documents = (target.inline_policies or {}).items()
        self.roles[target.name] = {
            **aws_answers.role(target.name, path=former.get("Path") or target.path or "/"),
            "AssumeRolePolicyDocument": target.trust_policy,
            "Description": target.description or former.get("Description", ""),
            "AttachedManagedPolicies": policies,
            "RolePolicyList": [{"PolicyName": name, "PolicyDocument": document} for name, document in documents],
            "Tags": [{"Key": key, "Value": value} for key, value in (target.tags or {}).items()],
        }

    def make_group(self, wanted):
        """What amazon.aws.autoscaling_group makes of the options that the fleet has for it."""
        options = fleet_view.group_task(Planned(wanted, self.index()))
        if options is None:
            return
        group = {
            "AutoScalingGroupName": options["name"],
            "MinSize": options["min_size"],
            "MaxSize": options["max_size"],
            "DesiredCapacity": options["desired_capacity"],
            "Instances": [],
            "Tags": [
                {"Key": key, "Value": value, "PropagateAtLaunch": each["propagate_at_launch"]}
                for each in options["tags"]
                for key, value in each.items()
                if key != "propagate_at_launch"
            ],
        }
        if options.get("launch_config_name"):
            group["LaunchConfigurationName"] = options["launch_config_name"]
        else:
            group["LaunchTemplate"] = self._named(options["launch_template"]["version"])
        self.groups[options["name"]] = group

    def converge(self, wanted):
        """Go through all stages as the fleet does; return the calls."""
        self.make_role(wanted)
        made = []
        former = self.groups.get(wanted.group_name)
        for stage in STAGES:
            if stage == "clean_up" and wanted.group_name:
                self.make_group(wanted)
            calls = Planned(wanted, self.index(), former).plan(stage).calls
            self.make(calls)
            assert Planned(wanted, self.index(), former).plan(stage).calls == ()
            made += calls
        return made

    def make(self, calls):
        for call in calls:
            getattr(self, f"_{call.service}")(call)

    def _iam(self, call):
        name = call.arguments["InstanceProfileName"]
        self.profiles[name] = aws_answers.call_iam(call, self.profiles.get(name), self.roles)

    def _ec2(self, call):
        named = {group["LaunchTemplate"]["Version"] for group in self.groups.values() if "LaunchTemplate" in group}
        assert call.operation != "delete_launch_template" or not named
        if call.operation == "delete_launch_template_versions":
            assert not named & set(call.arguments["Versions"])
        self.template = template_answers.call_ec2([call], self.template)

    def _autoscaling(self, call):
        arguments = dict(call.arguments)
        if call.operation == "update_auto_scaling_group":
            group = self.groups[arguments.pop("AutoScalingGroupName")]
            for key in ("LaunchConfigurationName", "LaunchTemplate"):
                group.pop(key, None)
            if "LaunchTemplate" in arguments:
                assert arguments["LaunchTemplate"]["LaunchTemplateId"] == "lt-1"
                arguments = {"LaunchTemplate": self._named(arguments["LaunchTemplate"]["Version"])}
            else:
                assert arguments["LaunchConfigurationName"] in self.launch_configurations
            group.update(arguments)
        elif call.operation == "create_launch_configuration":
            name = arguments["LaunchConfigurationName"]
            assert name not in self.launch_configurations
            assert self.profiles[arguments["IamInstanceProfile"]]["Roles"]
            self.launch_configurations[name] = aws_answers.created_launch_configuration(arguments)
        else:
            assert call.operation == "delete_launch_configuration"
            name = arguments["LaunchConfigurationName"]
            assert all(group.get("LaunchConfigurationName") != name for group in self.groups.values())
            del self.launch_configurations[name]

    def _named(self, version):
        assert int(version) in self.template.versions
        return {"LaunchTemplateId": "lt-1", "LaunchTemplateName": self.template.name, "Version": version}
