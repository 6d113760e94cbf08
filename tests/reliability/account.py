# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an account holds, in a form that two accounts can be compared by: without ids and dates."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.template_copy import MOVED_TAG

# Given by AWS, and different each time.
GIVEN = {
    *("Arn", "AssumeRolePolicyDocument", "CreateDate", "CreateTime", "CreatedBy", "CreatedTime", "InstanceProfileId"),
    *("InstanceProfileList", "LaunchConfigurationARN", "LaunchTemplateId", "Operator", "RoleId", "RoleLastUsed"),
    *("VersionNumber", "LatestVersionNumber", "MaxSessionDuration", "PolicyArn", "VersionDescription"),
}
GROUP_MEMBERS = ("MinSize", "MaxSize", "DesiredCapacity", "LaunchConfigurationName", "AvailabilityZones", "Tags")


def snapshot(aws):
    """Return kind and name of each resource -> what it is."""
    iam, ec2, autoscaling = (aws.client(service) for service in ("iam", "ec2", "autoscaling"))
    found = {}
    for role in iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]:
        found["role", role["RoleName"]] = _plain(role)
    for listed in iam.list_instance_profiles()["InstanceProfiles"]:
        name = listed["InstanceProfileName"]
        profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        found["profile", name] = {**_plain(profile), "Roles": [role["RoleName"] for role in profile["Roles"]]}
    for configuration in autoscaling.describe_launch_configurations()["LaunchConfigurations"]:
        found["configuration", configuration["LaunchConfigurationName"]] = _plain(configuration)
    ranks = {}
    for template in ec2.describe_launch_templates()["LaunchTemplates"]:
        name, identity = template["LaunchTemplateName"], template["LaunchTemplateId"]
        answer = ec2.describe_launch_template_versions(LaunchTemplateId=identity)["LaunchTemplateVersions"]
        versions = sorted(answer, key=lambda version: version["VersionNumber"])
        # A version that was rolled back leaves its number unused: what counts is the order.
        ranks[name] = {str(version["VersionNumber"]): rank for rank, version in enumerate(versions)}
        # When a group moved differs from run to run.
        tags = sorted((tag["Key"], tag["Value"]) for tag in template.get("Tags", []) if tag["Key"] != MOVED_TAG)
        default = ranks[name].get(str(template["DefaultVersionNumber"]))
        found["template", name] = {
            "default": default,
            "tags": tags,
            "versions": [version["LaunchTemplateData"] for version in versions],
        }
    for group in autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
        name, source = group["AutoScalingGroupName"], group.get("LaunchTemplate") or {}
        template = source.get("LaunchTemplateName")
        version = ranks.get(template, {}).get(source.get("Version"), source.get("Version"))
        refreshes = autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
        found["group", name] = {
            **_plain({key: group.get(key) for key in GROUP_MEMBERS}),
            "template": (template, version),
            "refreshes": len(refreshes),
        }
    return found


def with_newest_versions(state):
    """Return a snapshot without the superseded versions of launch templates.

    A fleet lists the versions of a template, a call each, only if the template changes or its default version is not the newest. One that
    a run left because it ended between these two calls is deleted when the template changes the next time, or with
    ``application_trust_plan=false``: neither the list of templates nor that of newest versions tells of older ones, EC2 does not delete
    the default version before another one is the default, and a mark of pending work would be a call more for each change.
    """
    counts = {name: len(value["versions"]) for (kind, name), value in state.items() if kind == "template"}
    found = dict(state)
    for (kind, name), value in state.items():
        if kind == "template":
            newest = value["default"] - counts[name]
            found[kind, name] = {**value, "versions": value["versions"][-1:], "default": newest}
        elif kind == "group" and isinstance(value["template"][1], int):
            template, rank = value["template"]
            found[kind, name] = {**value, "template": (template, rank - counts[template])}
    return found


def differing(before, after):
    """Return the resources that two snapshots differ in, as kind and name."""
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items() if key not in GIVEN}
    if isinstance(value, list):
        return sorted(map(_plain, value), key=repr)
    return value
