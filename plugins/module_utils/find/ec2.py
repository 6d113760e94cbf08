# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from EC2. What does not exist is None.
Private to the collection: names and shapes can change in any release."""

from ..core.error_codes import codes
from .paginate import in_batches, read, read_pages

_NO_TEMPLATE = codes("InvalidLaunchTemplateName.NotFoundException", "InvalidLaunchTemplateId.NotFound")
_NO_VERSION = codes("InvalidLaunchTemplateId.VersionNotFound")
# Operation and member of its answer.
_TEMPLATES = ("describe_launch_templates", "LaunchTemplates")
_VERSIONS = ("describe_launch_template_versions", "LaunchTemplateVersions")
_PAGE = {"PageSize": 200}
# The values that a filter takes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
FILTER_VALUES = 200
# An instance that is shutting down needs its credentials no longer, and shows for up to an hour.
_LIVING = ["pending", "running", "stopping", "stopped"]


def find_launch_template(clients, name):
    """Return a launch template as DescribeLaunchTemplates gives it and its newest version, or None. Two calls."""
    subject = f"launch template '{name}'"
    templates = read(clients("ec2"), *_TEMPLATES, subject, absent=_NO_TEMPLATE, LaunchTemplateNames=[name])
    template = next(iter(templates or ()), None)
    version = template and find_launch_template_version(clients, template["LaunchTemplateId"], "$Latest")
    if template is None or version is None:
        return None
    # The newest version can be newer than the template's own answer, which was read before it.
    return {**template, "LatestVersionNumber": max(version["VersionNumber"], template["LatestVersionNumber"])}, version


def find_launch_template_name(clients, template_id):
    """Return the name of the launch template with an id, or None."""
    subject = f"launch template '{template_id}'"
    templates = read(clients("ec2"), *_TEMPLATES, subject, absent=_NO_TEMPLATE, LaunchTemplateIds=[template_id])
    return templates[0]["LaunchTemplateName"] if templates else None


def list_launch_template_versions(clients, template_id):
    """Return all versions of a launch template."""
    subject = f"versions of launch template '{template_id}'"
    return read_pages(clients("ec2"), *_VERSIONS, subject, LaunchTemplateId=template_id)


def find_launch_template_version(clients, template_id, version):
    """Return one version of a launch template as DescribeLaunchTemplateVersions gives it, or None.

    :param version: a number as text, ``$Latest`` or ``$Default``.
    """
    versions = read(
        clients("ec2"),
        *_VERSIONS,
        f"version {version} of launch template '{template_id}'",
        absent=_NO_TEMPLATE + _NO_VERSION,
        LaunchTemplateId=template_id,
        Versions=[version],
    )
    return next(iter(versions or ()), None)


def list_instances_with_profiles(clients, arns):
    """Return the living instances that carry one of the instance profiles, as DescribeInstances gives them."""
    instances = []
    for batch in in_batches(FILTER_VALUES, arns):
        subject = f"instances with the instance profiles {', '.join(batch)}"
        instances += list_instances(clients, subject, {"Name": "iam-instance-profile.arn", "Values": batch})
    return instances


def list_instances(clients, subject="instances", *filters):
    """Return the living instances of the Region, as DescribeInstances gives them."""
    living = {"Name": "instance-state-name", "Values": _LIVING}
    found = read_pages(clients("ec2"), "describe_instances", "Reservations", subject, Filters=[*filters, living])
    return [instance for reservation in found for instance in reservation["Instances"]]


def list_unencrypted_volumes(clients):
    """Return the attached volumes of the Region that are not encrypted, as DescribeVolumes gives them."""
    filters = [{"Name": "encrypted", "Values": ["false"]}, {"Name": "status", "Values": ["in-use"]}]
    arguments = dict(Filters=filters, PaginationConfig={"PageSize": 500})
    return read_pages(clients("ec2"), "describe_volumes", "Volumes", "volumes without encryption", **arguments)


def is_encrypted_by_default(clients):
    """Return whether EC2 encrypts each new volume of the account in the Region."""
    member = "EbsEncryptionByDefault"
    return read(clients("ec2"), "get_ebs_encryption_by_default", member, "EBS encryption by default")


def list_zones(clients):
    """Return the sorted names of the Region's Availability Zones."""
    zones = read(clients("ec2"), "describe_availability_zones", "AvailabilityZones", "Availability Zones")
    return tuple(sorted(zone["ZoneName"] for zone in zones))


def list_launch_templates(clients, names=None):
    """Return launch templates of the Region as DescribeLaunchTemplates gives them, with tags and without data.

    :param names: only those of these names, at most 200; None for all. A name that no template has is no error here.
    """
    filters = {} if names is None else {"Filters": [{"Name": "launch-template-name", "Values": list(names)}]}
    return read_pages(clients("ec2"), *_TEMPLATES, "launch templates", PaginationConfig=_PAGE, **filters)


def list_newest_launch_template_versions(clients):
    """Return the newest version of each launch template of the Region, which is one call for 200 of them."""
    subject = "newest versions of launch templates"
    return read_pages(clients("ec2"), *_VERSIONS, subject, PaginationConfig=_PAGE, Versions=["$Latest"])


def list_default_launch_template_versions(clients):
    """Return the default version of each launch template of the Region, which is one call for 200 of them."""
    subject = "default versions of launch templates"
    return read_pages(clients("ec2"), *_VERSIONS, subject, PaginationConfig=_PAGE, Versions=["$Default"])


def find_security_group_ids(clients, names, vpc_id):
    """Return the ids of the groups of a VPC that have one of the names: name -> id."""
    subject = f"security groups of VPC '{vpc_id}'"
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}, {"Name": "group-name", "Values": list(names)}]
    groups = read_pages(clients("ec2"), "describe_security_groups", "SecurityGroups", subject, Filters=filters)
    return {group["GroupName"]: group["GroupId"] for group in groups}
