# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from EC2 what is launched with an instance profile, and what is to be."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.reading import read_pages

# An instance that is shutting down needs its credentials no longer, and shows for up to an hour.
LIVING = ["pending", "running", "stopping", "stopped"]


def list_instances_with_profile(clients, arn):
    """Return the living instances that carry an instance profile, as DescribeInstances gives them.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
    """
    reservations = read_pages(
        clients("ec2"),
        "describe_instances",
        "Reservations",
        f"instances with the instance profile '{arn}'",
        Filters=[
            {"Name": "iam-instance-profile.arn", "Values": [arn]},
            {"Name": "instance-state-name", "Values": LIVING},
        ],
    )
    return [instance for reservation in reservations for instance in reservation["Instances"]]


def find_launch_template_versions(clients, template_id, versions):
    """Return some versions of a launch template as DescribeLaunchTemplateVersions gives them.

    :param versions: numbers as text, ``$Latest`` or ``$Default``.
    """
    return read_pages(
        clients("ec2"),
        "describe_launch_template_versions",
        "LaunchTemplateVersions",
        f"versions of launch template '{template_id}'",
        LaunchTemplateId=template_id,
        Versions=list(versions),
    )
