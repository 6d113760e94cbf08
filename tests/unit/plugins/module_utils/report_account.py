# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts for the tests of reports: applications of each kind, without AWS."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Observation
from ansible_collections.launchkit.aws.plugins.module_utils.report.account import Account
from ansible_collections.launchkit.aws.plugins.module_utils.report.build import build
from ansible_collections.launchkit.aws.plugins.module_utils.report.merge import merge
from ansible_collections.launchkit.aws.plugins.module_utils.report.module import REPORT_ARGUMENTS, THRESHOLDS
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

NOW = aws_answers.CREATED + timedelta(days=4)
ACCOUNT = "123456789012"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
READ_ONLY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
# Text that HTML, a template, Markdown or Mermaid would read as more than a name.
HOSTILE = (
    '<img src=x onerror="document.title=1">{{ 7 * 7 }}{% raw %}</script><script>document.title=2</script>`|"#;&amp;'
)
OPTIONS = {name: argument.get("default") for name, argument in REPORT_ARGUMENTS.items()}
OPTIONS["thresholds"] = {name: argument["default"] for name, argument in THRESHOLDS.items()}


class Builder:
    """Builds an :class:`~account.Account` step by step."""

    def __init__(self, region="us-east-1"):
        self.region = region
        self.roles, self.profiles, self.configurations, self.templates, self.groups = {}, {}, {}, {}, {}
        self.instances, self.unencrypted, self.more = {}, set(), {}
        self.images = {"ami-new": image("ami-new", 20), "ami-old": image("ami-old", 900), "ami-gone": None}

    def role(self, name, policies=(READ_ONLY,), inline=None, trust=None, used_days=1, tags=None, **members):
        self.roles[name.casefold()] = {
            **aws_answers.role(name, role_id=f"AROA{name}"),
            "CreateDate": NOW - timedelta(days=400),
            "AssumeRolePolicyDocument": TRUST if trust is None else trust,
            "AttachedManagedPolicies": [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in policies],
            "RolePolicyList": [{"PolicyName": key, "PolicyDocument": value} for key, value in (inline or {}).items()],
            "RoleLastUsed": {} if used_days is None else {"LastUsedDate": NOW - timedelta(days=used_days)},
            "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
            **members,
        }
        return self

    def profile(self, name, role=None, role_id=None):
        held = [] if role is None else [aws_answers.role_in_profile(role, role_id or f"AROA{role}")]
        self.profiles[name.casefold()] = aws_answers.instance_profile(name, roles=held)
        return self

    def configuration(self, name, profile="", image_id="ami-new", **members):
        self.configurations[name] = aws_answers.launch_configuration(
            name, IamInstanceProfile=profile, ImageId=image_id, **members
        )
        return self

    def template(self, name, profile="", image_id="ami-new", number=1, default=None, **data):
        data = {"ImageId": image_id, "InstanceType": "t3.small", **data}
        if profile:
            data["IamInstanceProfile"] = {"Name": profile}
        identity = {"LaunchTemplateId": f"lt-{name}", "LaunchTemplateName": name}
        numbers = {"LatestVersionNumber": number, "DefaultVersionNumber": default or number}
        self.templates[name] = (
            {**identity, **numbers},
            {**identity, "VersionNumber": number, "LaunchTemplateData": data},
        )
        return self

    def group(self, name, configuration=None, template=None, version="1", instances=0, tags=None, **members):
        source = (
            {"LaunchConfigurationName": configuration}
            if configuration
            else {
                "LaunchTemplate": {
                    "LaunchTemplateId": f"lt-{template}",
                    "LaunchTemplateName": template,
                    "Version": version,
                }
            }
        )
        ids = [f"i-{len(self.instances) + number:08x}" for number in range(instances)]
        self.groups[name] = {
            "AutoScalingGroupName": name,
            "MinSize": 1,
            "MaxSize": 4,
            "DesiredCapacity": max(1, instances),
            "AvailabilityZones": ["us-east-1a", "us-east-1b"],
            "HealthCheckType": "EC2",
            "Instances": [{"InstanceId": key, "LifecycleState": "InService", **source} for key in ids],
            "Tags": [{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in (tags or {}).items()],
            **source,
            **members,
        }
        self.instances.update({key: instance(key) for key in ids})
        return self

    def account(self, **members):
        observation = Observation(
            region=self.region,
            account=ACCOUNT,
            roles=self.roles,
            profiles=self.profiles,
            launch_configurations=self.configurations,
            templates=self.templates,
            groups=self.groups,
            has_all_groups=True,
            now=NOW,
        )
        read = dict(images=self.images, instances=self.instances, unencrypted=frozenset(self.unencrypted))
        return Account(observation, **{**read, **self.more, **members})


def instance(key, **members):
    return {
        "InstanceId": key,
        "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1},
        "BlockDeviceMappings": [{"DeviceName": "/dev/sda1", "Ebs": {"VolumeId": f"vol-{key}"}}],
        **members,
    }


def image(key, days, **members):
    created = (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    device = {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": "snap-1", "Encrypted": True}}
    return {
        "ImageId": key,
        "Name": f"al2023-{days}",
        "State": "available",
        "CreationDate": created,
        "BlockDeviceMappings": [device],
        **members,
    }


def healthy(builder, name, **group):
    """Add an application without findings."""
    builder.role(name).profile(name, name)
    builder.template(name, name, MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"})
    return builder.group(name, template=name, **{"tags": {"Owner": "team"}, "instances": 2, **group})


TEAMS = ("payments", "search", "platform", "data", "mobile")
NAMES = ("shop", "search", "checkout", "billing", "catalog", "recommendations", "login", "media", "mail", "reports")


def various(number, region="us-east-1"):
    """Return an account of so many applications: some are broken, some have findings, most have none."""
    builder = Builder(region)
    for position in range(number):
        stage = ("production", "staging", "test")[position // len(NAMES) % 3]
        name = f"{NAMES[position % len(NAMES)]}-{stage}" + (f"-{position // 30}" if position >= 30 else "")
        tags = {"Owner": TEAMS[position % len(TEAMS)]}
        kind = position % 10
        if kind == 1:
            builder.role(name, (ADMINISTRATOR, READ_ONLY)).profile(name, name)
            builder.configuration(f"{name}-4f1c2a9be07d5531", name, "ami-old", AssociatePublicIpAddress=True)
            builder.configuration(f"{name}-03b1f0a9c5d7e246", name, "ami-old")
            builder.group(name, f"{name}-4f1c2a9be07d5531", instances=3, tags=tags, TargetGroupARNs=["arn:tg"])
        elif kind == 4:
            builder.profile(name).template(name, name).group(name, template=name, instances=1)
        elif kind == 6:
            builder.role(name).profile(name, name).template(name, name, "ami-gone").group(
                name, template=name, tags=tags
            )
        elif kind == 7:
            healthy(builder, name, tags=tags, instances=4)
            for each in builder.groups[name]["Instances"][:2]:
                each["LaunchTemplate"] = {**each["LaunchTemplate"], "Version": "0"}
        elif kind == 9:
            builder.role(name, (), used_days=None)
        else:
            healthy(builder, name, tags={**tags, **({"aws:cloudformation:stack-name": "web"} if kind == 2 else {})})
    return builder


def page_of(*accounts, **options):
    """Return the merged report of accounts."""
    return merge([build(account, {**OPTIONS, **options}) for account in accounts])
