# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An account for the tests of pure functions: what is read of it, and what it has after the calls of a plan."""

from __future__ import annotations

import copy
import json
from datetime import timedelta

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index, Observation
from ansible_collections.launchkit.aws.plugins.module_utils.application.plan import ABSENT_STEPS, PRESENT_STEPS
from ansible_collections.launchkit.aws.plugins.module_utils.application.planner import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.application.removal import Removal
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, template_answers

POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
INLINE = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
IMAGE = {"image_id": "ami-1", "instance_type": "t3.small"}
OTHER = {"image_id": "ami-2", "instance_type": "t3.small"}
TEMPLATE = {"launch_with": "launch_template"}
FIXED = {"launch_configuration_name": "fixed"}
GROUP = {"group_name": "web", "group_min_size": 0, "group_max_size": 1}


def application(**variables):
    """The application ``web`` with these variables of the role."""
    entry = {"application_name": "web", **{f"application_{name}": value for name, value in variables.items()}}
    (found,) = parse.parse([entry])
    return found


def after(*steps):
    """An account in which the application had these variables, one after the other."""
    account = Account()
    for variables in steps:
        account.converge(application(**variables))
    return account


def plan(account, **variables):
    """The plan of the application ``web`` with these variables of the role."""
    wanted = application(**variables)
    return (Planner if wanted.present else Removal)(wanted, account.index()).plan()


def changes(planned):
    """The changes of a plan or step as triples."""
    return [(each.action, each.resource, each.name) for each in planned.changes]


class Account:
    """What AWS has. What it refuses are assertions."""

    def __init__(self):
        self.roles, self.profiles, self.launch_configurations, self.groups = {}, {}, {}, {}
        self.template = None
        self.policies = {POLICY: POLICY}

    def index(self, **members):
        """What was read, with further members of the observation."""
        templates, versions = {}, {}
        if self.template is not None:
            templates = {self.template.name: self.template.describe()}
            versions = {"lt-1": tuple(sorted(self.template.versions))}
        read = dict(
            region="us-east-1",
            account="123456789012",
            policy_arns=dict(self.policies),
            roles={name.casefold(): role for name, role in self.roles.items()},
            profiles={name.casefold(): profile for name, profile in self.profiles.items()},
            launch_configurations=dict(self.launch_configurations),
            templates=templates,
            template_versions=versions,
            groups=dict(self.groups),
            has_all_groups=True,
            zones=("us-east-1a", "us-east-1b"),
            now=aws_answers.CREATED + timedelta(hours=1),
        )
        return Index(Observation(**{**read, **members}))

    def converge(self, wanted):
        """Carry out all steps as the fleet does, and return the calls. A refresh replaces all instances at once."""
        made = []
        former = copy.deepcopy(self.groups.get(wanted.group_name))
        for name in PRESENT_STEPS if wanted.present else ABSENT_STEPS:
            for dummy in range(3):
                index = self.index()
                step = (Planner(wanted, index, former) if wanted.present else Removal(wanted, index)).step(name)
                assert step.blockers == ()
                self.make(step.calls)
                made += step.calls
                if not step.calls:
                    break
            else:
                raise AssertionError(f"{name} never settles")
            if name == "instance_refresh" and step.changes:
                self._refresh(Planner(wanted, self.index(), former))
        return made

    def make(self, calls):
        for call in calls:
            getattr(self, f"_{call.service}")(call)

    def add_instance(self, name="web", instance_id="i-1", **members):
        """Add an instance that launched from what the group launches from now."""
        source = {
            key: self.groups[name][key]
            for key in ("LaunchConfigurationName", "LaunchTemplate")
            if key in self.groups[name]
        }
        states = {"LifecycleState": "InService", "HealthStatus": "Healthy", "ProtectedFromScaleIn": False}
        instance = {"InstanceId": instance_id, **states, **source, **members}
        self.groups[name]["Instances"] = [*self.groups[name]["Instances"], instance]

    def _refresh(self, planner):
        """What an instance refresh does: with a template, it is the refresh that moves the group."""
        group = self.groups[planner.application.group_name]
        if planner.application.launches_from_template:
            for key in ("LaunchConfigurationName", "LaunchTemplate"):
                group.pop(key, None)
            group["LaunchTemplate"] = self._named(planner.group_target.source["LaunchTemplate"]["Version"])
        ids, group["Instances"] = [each["InstanceId"] for each in group["Instances"]], []
        for instance_id in ids:
            self.add_instance(group["AutoScalingGroupName"], f"{instance_id}-new")

    def _iam(self, call):
        if "InstanceProfileName" in call.arguments:
            name = call.arguments["InstanceProfileName"]
            profile = aws_answers.call_iam(call, self.profiles.pop(name, None), self.roles)
            if profile is not None:
                self.profiles[name] = profile
            return
        arguments = dict(call.arguments)
        name = arguments.pop("RoleName")
        assert (name in self.roles) is (call.operation != "create_role")
        if call.operation == "create_role":
            self.roles[name] = {
                **aws_answers.role(name, path=arguments.get("Path", "/")),
                "Description": "",
                "AttachedManagedPolicies": [],
                "RolePolicyList": [],
                "Tags": [],
                **arguments,
                "AssumeRolePolicyDocument": json.loads(arguments["AssumeRolePolicyDocument"]),
            }
        elif call.operation == "delete_role":
            role = self.roles.pop(name)
            assert not role["AttachedManagedPolicies"] + role["RolePolicyList"]
            assert all(held["RoleName"] != name for profile in self.profiles.values() for held in profile["Roles"])
        else:
            self.roles[name] = _changed_role(self.roles[name], call.operation, arguments)

    def _ec2(self, call):
        named = {group["LaunchTemplate"]["Version"] for group in self.groups.values() if "LaunchTemplate" in group}
        assert call.operation != "delete_launch_template" or not named
        if call.operation == "delete_launch_template_versions":
            assert not named & set(call.arguments["Versions"])
        self.template = template_answers.call_ec2([call], self.template)

    def _autoscaling(self, call):
        arguments = dict(call.arguments)
        if call.operation == "create_launch_configuration":
            name = arguments["LaunchConfigurationName"]
            assert name not in self.launch_configurations
            assert self.profiles[arguments["IamInstanceProfile"]]["Roles"]
            self.launch_configurations[name] = aws_answers.created_launch_configuration(arguments)
        elif call.operation == "delete_launch_configuration":
            name = arguments["LaunchConfigurationName"]
            assert all(group.get("LaunchConfigurationName") != name for group in self.groups.values())
            del self.launch_configurations[name]
        elif call.operation in ("create_or_update_tags", "delete_tags"):
            for tag in arguments["Tags"]:
                group = self.groups[tag["ResourceId"]]
                kept = [each for each in group["Tags"] if each["Key"] != tag["Key"]]
                group["Tags"] = [*kept, tag] if call.operation == "create_or_update_tags" else kept
        else:
            self._group(call.operation, arguments)

    def _group(self, operation, arguments):
        name = arguments.pop("AutoScalingGroupName")
        if operation == "delete_auto_scaling_group":
            assert arguments.get("ForceDelete") or not self.groups[name]["Instances"]
            del self.groups[name]
            return
        if "LaunchTemplate" in arguments:
            assert arguments["LaunchTemplate"]["LaunchTemplateId"] == "lt-1"
            arguments["LaunchTemplate"] = self._named(arguments["LaunchTemplate"]["Version"])
        if "LaunchConfigurationName" in arguments:
            assert arguments["LaunchConfigurationName"] in self.launch_configurations
        if operation == "create_auto_scaling_group":
            assert name not in self.groups
            self.groups[name] = {"AutoScalingGroupName": name, "Instances": [], "Tags": [], **arguments}
            return
        assert operation == "update_auto_scaling_group"
        group = self.groups[name]
        if {"LaunchConfigurationName", "LaunchTemplate"} & set(arguments):
            for key in ("LaunchConfigurationName", "LaunchTemplate"):
                group.pop(key, None)
        group.update(arguments)

    def _named(self, version):
        assert version.startswith("$") or int(version) in self.template.versions
        return {"LaunchTemplateId": "lt-1", "LaunchTemplateName": self.template.name, "Version": version}


def _changed_role(role, operation, arguments):
    """Return a role after a call."""
    if operation in ("update_assume_role_policy", "put_role_policy"):
        document = json.loads(arguments["PolicyDocument"])
    policies = [each for each in role["RolePolicyList"] if each["PolicyName"] != arguments.get("PolicyName")]
    attached = [each for each in role["AttachedManagedPolicies"] if each["PolicyArn"] != arguments.get("PolicyArn")]
    arn = {"PolicyArn": arguments.get("PolicyArn"), "PolicyName": arguments.get("PolicyArn")}
    keys = arguments.get("TagKeys") or [tag["Key"] for tag in arguments.get("Tags", ())]
    kept = [tag for tag in role["Tags"] if tag["Key"] not in keys]
    if operation == "update_assume_role_policy":
        return {**role, "AssumeRolePolicyDocument": document}
    if operation == "put_role_policy":
        named = {"PolicyName": arguments["PolicyName"], "PolicyDocument": document}
        return {**role, "RolePolicyList": [*policies, named]}
    changed = {
        "update_role": arguments,
        "delete_role_policy": {"RolePolicyList": policies},
        "attach_role_policy": {"AttachedManagedPolicies": [*attached, arn]},
        "detach_role_policy": {"AttachedManagedPolicies": attached},
        "tag_role": {"Tags": [*kept, *arguments.get("Tags", ())]},
        "untag_role": {"Tags": kept},
    }
    return {**role, **changed[operation]}
