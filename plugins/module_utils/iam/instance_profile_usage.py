# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who uses an instance profile: instances, and what Auto Scaling groups launch from. All of it pure.

A launch configuration or template names a profile by name or ARN; an instance always shows the ARN.
"""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict
from ansible_collections.launchkit.aws.plugins.module_utils.find.launch_template_specifications import (
    launch_templates_of,
)

# The tag that Auto Scaling puts on what it launches: https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
GROUP_TAG = "aws:autoscaling:groupName"
DEFAULT_VERSION = "$Default"


def names_profile(text, profile):
    """Tell whether a launch configuration's or template's text means the profile.

    :param text: a name or an ARN; None and empty for none.
    :param profile: as GetInstanceProfile gives it.
    """
    # IAM keeps names unique without regard to letter case.
    return bool(text) and (text == profile["Arn"] or text.casefold() == profile["InstanceProfileName"].casefold())


def template_versions(groups):
    """Return which versions of launch templates the groups launch from: template's id -> sorted versions."""
    versions: dict = {}
    for group in groups:
        for specification in launch_templates_of(group):
            versions.setdefault(specification["LaunchTemplateId"], set()).add(
                specification.get("Version", DEFAULT_VERSION)
            )
    return {template: tuple(sorted(wanted)) for template, wanted in versions.items()}


def launch_configurations_with(profile, configurations):
    """Return the sorted names of the launch configurations that name the profile."""
    return tuple(
        sorted(
            each["LaunchConfigurationName"]
            for each in configurations
            if names_profile(each.get("IamInstanceProfile"), profile)
        )
    )


def templates_with(profile, versions):
    """Return the ids of the launch templates of which one of the given versions names the profile.

    :param versions: launch template versions as DescribeLaunchTemplateVersions gives them; None for those that do not exist.
    """
    return {version["LaunchTemplateId"] for version in versions if version and _version_names(version, profile)}


def _version_names(version, profile):
    named = version["LaunchTemplateData"].get("IamInstanceProfile") or {}
    return names_profile(named.get("Arn"), profile) or names_profile(named.get("Name"), profile)


def groups_with(groups, configurations, templates, region):
    """Return the groups that launch instances with the profile, as results show them.

    :param configurations: names of the launch configurations that name the profile.
    :param templates: ids of the launch templates that do, in a version that a group uses.
    """
    found = []
    for group in groups:
        used = [
            specification
            for specification in launch_templates_of(group)
            if specification["LaunchTemplateId"] in templates
        ]
        configuration = group.get("LaunchConfigurationName")
        if not used and configuration not in configurations:
            continue
        found.append(
            {
                "auto_scaling_group_name": group["AutoScalingGroupName"],
                "region": region,
                "launch_configuration_name": None if used else configuration,
                "launch_template_name": used[0].get("LaunchTemplateName", used[0]["LaunchTemplateId"])
                if used
                else None,
            }
        )
    return sorted(found, key=lambda each: each["auto_scaling_group_name"])


def carries(instance, profile):
    """Return whether an instance, as DescribeInstances gives it, carries the profile."""
    return (instance.get("IamInstanceProfile") or {}).get("Arn") == profile["Arn"]


def instances_shown(instances, region):
    """Return instances as results show them.

    :param instances: as DescribeInstances gives them.
    """
    shown = [
        {
            "instance_id": instance["InstanceId"],
            "region": region,
            "state": instance["State"]["Name"],
            "auto_scaling_group_name": boto3_tag_list_to_ansible_dict(instance.get("Tags") or []).get(GROUP_TAG),
        }
        for instance in instances
    ]
    return sorted(shown, key=lambda each: each["instance_id"])
