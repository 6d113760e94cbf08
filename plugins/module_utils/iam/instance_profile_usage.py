# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who uses an instance profile: instances, and Auto Scaling groups by what they launch from. Pure.
Private to the collection: names and shapes can change in any release.
A launch configuration or template names a profile by name or ARN; an instance always shows the ARN."""

from ansible_collections.amazon.aws.plugins.module_utils.tagging import boto3_tag_list_to_ansible_dict

from ..find.launch_template_specifications import launch_templates_of

# The tag that Auto Scaling puts on what it launches:
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-tagging.html
GROUP_TAG = "aws:autoscaling:groupName"


def template_versions(groups):
    """Return the sorted pairs of launch template id and version that the groups launch from."""
    return sorted(
        {
            (specification["LaunchTemplateId"], specification.get("Version", "$Default"))
            for group in groups
            for specification in launch_templates_of(group)
        }
    )


def users(profile, region, instances, configurations, groups, versions):
    """Return the instances and groups that use the profile, each a sorted list of dictionaries as results show them.

    :param profile: as GetInstanceProfile gives it; all others as the API gives them, too.
    :param region: the Region that the others are in.
    :param versions: the launch template versions that groups use; None for those that do not exist.
    """
    names = {
        configuration["LaunchConfigurationName"]
        for configuration in configurations
        if names_profile(configuration.get("IamInstanceProfile"), profile)
    }
    templates = {version["LaunchTemplateId"] for version in versions if version and _version_names(version, profile)}
    launching = [_group(group, region, names, templates) for group in groups]
    return dict(
        instances=sorted(
            (
                _instance(instance, region)
                for instance in instances
                if (instance.get("IamInstanceProfile") or {}).get("Arn") == profile["Arn"]
            ),
            key=lambda instance: instance["instance_id"],
        ),
        groups=sorted(filter(None, launching), key=lambda group: group["auto_scaling_group_name"]),
    )


def names_profile(text, profile):
    """Return whether a name or an ARN, or None, means the profile. IAM ignores the letter case of names."""
    return bool(text) and (text == profile["Arn"] or text.casefold() == profile["InstanceProfileName"].casefold())


def _version_names(version, profile):
    named = version["LaunchTemplateData"].get("IamInstanceProfile") or {}
    return names_profile(named.get("Arn"), profile) or names_profile(named.get("Name"), profile)


def _instance(instance, region):
    return {
        "instance_id": instance["InstanceId"],
        "region": region,
        "state": instance["State"]["Name"],
        "auto_scaling_group_name": boto3_tag_list_to_ansible_dict(instance.get("Tags") or []).get(GROUP_TAG),
    }


def _group(group, region, configurations, templates):
    """Return the group as results show it, or None if it launches from none of these."""
    configuration = group.get("LaunchConfigurationName")
    template = next((each for each in launch_templates_of(group) if each["LaunchTemplateId"] in templates), None)
    if template is None and configuration not in configurations:
        return None
    return {
        "auto_scaling_group_name": group["AutoScalingGroupName"],
        "region": region,
        "launch_configuration_name": None if template else configuration,
        "launch_template_name": template and template.get("LaunchTemplateName", template["LaunchTemplateId"]),
    }
