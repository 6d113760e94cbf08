# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What others do to an application behind the collection's back, whatever of it exists."""

from __future__ import annotations

import contextlib
import json

from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import OTHER_IMAGE, TRUST
from ansible_collections.launchkit.aws.tests.reliability.scenarios import BOUNDARY, POLICY, READ_ONLY
from botocore.exceptions import ClientError


class Drift:
    """Changes of the application ``web``, each by a method; what does not exist, or is in use, stays as it is.

    :param profile: the name of its instance profile.
    """

    def __init__(self, aws, profile):
        self._iam, self._ec2, self._autoscaling = (aws.client(name) for name in ("iam", "ec2", "autoscaling"))
        self._profile = profile

    def happen(self, name):
        """Make one of :data:`DRIFTS` happen."""
        with contextlib.suppress(ClientError):
            getattr(self, name)()

    def tag_role(self):
        """A tag more, and another value."""
        self._iam.tag_role(
            RoleName="web", Tags=[{"Key": "Backup", "Value": "daily"}, {"Key": "Owner", "Value": "them"}]
        )

    def untag_role(self):
        """A tag less."""
        self._iam.untag_role(RoleName="web", TagKeys=["Owner"])

    def describe_role(self):
        """Other settings of the role."""
        self._iam.update_role(RoleName="web", Description="Theirs", MaxSessionDuration=10800)

    def trust_others(self):
        """Another trust policy."""
        statement = {**TRUST["Statement"][0], "Condition": {"Bool": {"aws:SecureTransport": "true"}}}
        self._iam.update_assume_role_policy(
            RoleName="web", PolicyDocument=json.dumps({**TRUST, "Statement": [statement]})
        )

    def attach_policy(self):
        """A managed policy more."""
        self._iam.attach_role_policy(RoleName="web", PolicyArn=BOUNDARY)

    def detach_policies(self):
        """No managed policies."""
        for policy in self._iam.list_attached_role_policies(RoleName="web")["AttachedPolicies"]:
            self._iam.detach_role_policy(RoleName="web", PolicyArn=policy["PolicyArn"])

    def put_inline_policy(self):
        """Other content of inline policies."""
        for name in ("read", "theirs"):
            self._iam.put_role_policy(RoleName="web", PolicyName=name, PolicyDocument=json.dumps(POLICY))

    def bound_role(self):
        """Another permissions boundary."""
        self._iam.put_role_permissions_boundary(RoleName="web", PermissionsBoundary=READ_ONLY)

    def empty_profile(self):
        """The profile loses its role."""
        self._iam.remove_role_from_instance_profile(InstanceProfileName=self._profile, RoleName="web")

    def delete_profile(self):
        """There is no profile."""
        self.empty_profile()
        self._iam.delete_instance_profile(InstanceProfileName=self._profile)

    def delete_launch_configurations(self):
        """There is none, unless a group uses it."""
        for each in self._autoscaling.describe_launch_configurations()["LaunchConfigurations"]:
            self._autoscaling.delete_launch_configuration(LaunchConfigurationName=each["LaunchConfigurationName"])

    def add_template_version(self):
        """The default version is another."""
        for each in self._ec2.describe_launch_templates()["LaunchTemplates"]:
            data = {"ImageId": OTHER_IMAGE, "InstanceType": "t3.large"}
            made = self._ec2.create_launch_template_version(
                LaunchTemplateId=each["LaunchTemplateId"], LaunchTemplateData=data
            )
            number = str(made["LaunchTemplateVersion"]["VersionNumber"])
            self._ec2.modify_launch_template(LaunchTemplateId=each["LaunchTemplateId"], DefaultVersion=number)

    def delete_templates(self):
        """There are none, even if a group uses one."""
        for each in self._ec2.describe_launch_templates()["LaunchTemplates"]:
            self._ec2.delete_launch_template(LaunchTemplateId=each["LaunchTemplateId"])

    def change_group(self):
        """Other settings of the group."""
        self._autoscaling.update_auto_scaling_group(AutoScalingGroupName="web", MaxSize=5, DefaultCooldown=42)

    def tag_group(self):
        """A tag of the group more."""
        tag = {"ResourceId": "web", "ResourceType": "auto-scaling-group", "Key": "Backup", "Value": "daily"}
        self._autoscaling.create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": True}])

    def delete_group(self):
        """There is no group."""
        self._autoscaling.delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)


DRIFTS = tuple(name for name in vars(Drift) if name[0] != "_" and name != "happen")
