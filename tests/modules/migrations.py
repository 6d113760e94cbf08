# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Accounts with groups that boto3 made, for the tests of the migration."""

from __future__ import annotations

IMAGE, OTHER_IMAGE = "ami-baba68d3", "ami-785db401"
# In no result, message or difference may this appear.
SECRET = "correct-horse"
FAST = {"refresh": True, "refresh_poll_interval": 0, "refresh_timeout": 30}


class Fleet:
    """An account whose groups launch from launch configurations.

    :param aws: the embedded AWS.
    :param group: makes a group.
    """

    def __init__(self, aws, group):
        self.aws, self._group = aws, group
        self.autoscaling, self.ec2 = aws.client("autoscaling"), aws.client("ec2")

    def configuration(self, name, **members):
        """Make a launch configuration."""
        given = {"ImageId": IMAGE, "InstanceType": "t3.micro", **members}
        self.autoscaling.create_launch_configuration(LaunchConfigurationName=name, **given)

    def group(self, name, configuration, size=0, tags=None):
        """Make a group."""
        self._group(name, size=size, LaunchConfigurationName=configuration)
        self.tag(name, **(tags or {}))

    def tag(self, name, **tags):
        """Tag a group."""
        resource = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
        tags = [{**resource, "Key": key, "Value": value} for key, value in tags.items()]
        if tags:
            self.autoscaling.create_or_update_tags(Tags=tags)

    def describe(self, name):
        """Return a group as the API does."""
        (found,) = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return found

    def source(self, name):
        """Return what a group launches from: a launch configuration, or a template's name and version."""
        found = self.describe(name)
        template = found.get("LaunchTemplate")
        return (
            f"{template['LaunchTemplateName']}:{template['Version']}" if template else found["LaunchConfigurationName"]
        )

    def instances(self, name):
        """Return what the instances of a group were launched from."""
        return sorted(
            f"{each['LaunchTemplate']['LaunchTemplateName']}:{each['LaunchTemplate']['Version']}"
            if each.get("LaunchTemplate")
            else each["LaunchConfigurationName"]
            for each in self.describe(name)["Instances"]
            if not each["LifecycleState"].startswith("Terminat")
        )

    def set(self, name, **source):
        """Set what a group launches from."""
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, **source)

    def data(self, template, version="$Latest"):
        """Return the data of a version."""
        found = self.ec2.describe_launch_template_versions(LaunchTemplateName=template, Versions=[version])
        return found["LaunchTemplateVersions"][0]["LaunchTemplateData"]

    def versions(self, template):
        """Return the numbers of the versions of a template."""
        found = self.ec2.describe_launch_template_versions(LaunchTemplateName=template)["LaunchTemplateVersions"]
        return sorted(each["VersionNumber"] for each in found)

    def configurations(self):
        """Return the names of the launch configurations."""
        found = self.autoscaling.describe_launch_configurations()["LaunchConfigurations"]
        return sorted(each["LaunchConfigurationName"] for each in found)


def actions(result):
    """Return group -> action."""
    return {each["group"]: each["action"] for each in result["migrations"]}


def reasons(result):
    """Return group -> reason."""
    return {each["group"]: each["reason"] for each in result["migrations"]}
