# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from EC2. Nothing here changes anything; what does not exist is ``None``."""

from __future__ import annotations

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core import error_codes
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed
from ansible_collections.launchkit.aws.plugins.module_utils.find.paginate import read, read_pages

_NO_TEMPLATE = (
    error_codes.ErrorCode("InvalidLaunchTemplateName.NotFoundException"),
    error_codes.ErrorCode("InvalidLaunchTemplateId.NotFound"),
)
_NO_VERSION = error_codes.ErrorCode("InvalidLaunchTemplateId.VersionNotFound")
# An instance that is shutting down needs its credentials no longer, and shows for up to an hour.
_PAGE = {"PageSize": 200}
# The values that a filter takes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
FILTER_VALUES = 200
_LIVING = ["pending", "running", "stopping", "stopped"]


def find_launch_template(clients, name):
    """Return a launch template as DescribeLaunchTemplates gives it and its newest version, or None.

    Two calls; of many versions only the newest is read.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeLaunchTemplateVersions.html
    """
    subject = f"launch template '{name}'"
    try:
        templates = read(
            clients("ec2"), "describe_launch_templates", "LaunchTemplates", subject, LaunchTemplateNames=[name]
        )
    except ClientError as error:
        if any(code.matches(error) for code in _NO_TEMPLATE):
            return None
        raise failed(CallFailed, subject, "describe_launch_templates", error) from error
    template = next(iter(templates), None)
    version = template and find_launch_template_version(clients, template["LaunchTemplateId"], "$Latest")
    if template is None or version is None:
        return None
    # The newest version can be newer than the template's own answer, which was read before it.
    return {**template, "LatestVersionNumber": max(version["VersionNumber"], template["LatestVersionNumber"])}, version


def list_launch_template_versions(clients, template_id):
    """Return all versions of a launch template."""
    return read_pages(
        clients("ec2"),
        "describe_launch_template_versions",
        "LaunchTemplateVersions",
        f"versions of launch template '{template_id}'",
        LaunchTemplateId=template_id,
    )


def find_launch_template_version(clients, template_id, version):
    """Return one version of a launch template as DescribeLaunchTemplateVersions gives it, or None.

    :param version: a number as text, ``$Latest`` or ``$Default``.
    """
    subject = f"version {version} of launch template '{template_id}'"
    arguments = dict(LaunchTemplateId=template_id, Versions=[version])
    try:
        versions = read(
            clients("ec2"), "describe_launch_template_versions", "LaunchTemplateVersions", subject, **arguments
        )
        return next(iter(versions), None)
    except ClientError as error:
        if any(code.matches(error) for code in (*_NO_TEMPLATE, _NO_VERSION)):
            return None
        raise failed(CallFailed, subject, "describe_launch_template_versions", error) from error


def list_instances_with_profiles(clients, arns):
    """Return the living instances that carry one of the instance profiles, as DescribeInstances gives them.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    """
    batches = (arns[start : start + FILTER_VALUES] for start in range(0, len(arns), FILTER_VALUES))
    return [
        instance
        for batch in batches
        for reservation in read_pages(
            clients("ec2"),
            "describe_instances",
            "Reservations",
            f"instances with the instance profiles {', '.join(batch)}",
            Filters=[
                {"Name": "iam-instance-profile.arn", "Values": batch},
                {"Name": "instance-state-name", "Values": _LIVING},
            ],
        )
        for instance in reservation["Instances"]
    ]


def list_zones(clients):
    """Return the names of the Region's Availability Zones."""
    subject = "Availability Zones"
    try:
        zones = read(clients("ec2"), "describe_availability_zones", "AvailabilityZones", subject)
    except ClientError as error:
        raise failed(CallFailed, subject, "describe_availability_zones", error) from error
    return tuple(sorted(zone["ZoneName"] for zone in zones))


def list_launch_templates(clients, names=None):
    """Return launch templates of the Region as DescribeLaunchTemplates gives them, with their tags and without what is in them.

    :param names: only those of these names, at most 200; None for all. A name that no template has is no error here.
    """
    filters = {} if names is None else {"Filters": [{"Name": "launch-template-name", "Values": list(names)}]}
    return read_pages(
        clients("ec2"),
        "describe_launch_templates",
        "LaunchTemplates",
        "launch templates",
        PaginationConfig=_PAGE,
        **filters,
    )


def list_newest_launch_template_versions(clients):
    """Return the newest version of each launch template of the Region, which is one call for 200 of them."""
    return read_pages(
        clients("ec2"),
        "describe_launch_template_versions",
        "LaunchTemplateVersions",
        "newest versions of launch templates",
        PaginationConfig=_PAGE,
        Versions=["$Latest"],
    )


def find_security_group_ids(clients, names, vpc_id):
    """Return the ids of the groups of a VPC that have one of the names: name -> id."""
    groups = read_pages(
        clients("ec2"),
        "describe_security_groups",
        "SecurityGroups",
        f"security groups of VPC '{vpc_id}'",
        Filters=[{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": list(names)}],
    )
    return {group["GroupName"]: group["GroupId"] for group in groups}
