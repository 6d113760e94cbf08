# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from Auto Scaling. Nothing here changes anything."""

from __future__ import annotations

try:
    from botocore.exceptions import ClientError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed, failed
from ansible_collections.launchkit.aws.plugins.module_utils.find.launch_template_specifications import (
    launch_templates_of,
)
from ansible_collections.launchkit.aws.plugins.module_utils.find.paginate import read, read_pages

# DescribeLaunchConfigurations takes at most this many names a call, and botocore's paginator does not divide them:
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html
NAMES_A_CALL = 50
PAGE = {"PageSize": 100}


def find_launch_configurations(clients, names=None):
    """Return launch configurations as DescribeLaunchConfigurations gives them; those that do not exist are left out.

    :param names: the names to look for; None for all.
    """
    if names is None:
        return _launch_configurations(clients)
    wanted = list(dict.fromkeys(names))
    batches = (wanted[start : start + NAMES_A_CALL] for start in range(0, len(wanted), NAMES_A_CALL))
    return [found for batch in batches for found in _launch_configurations(clients, LaunchConfigurationNames=batch)]


def list_groups(clients, names=None):
    """Return Auto Scaling groups of the Region as DescribeAutoScalingGroups gives them.

    The API filters groups by name and tag only, so who uses something is found by reading all of them, a hundred a call.

    :param names: the names of at most a hundred groups; None for all.
    """
    arguments = {} if names is None else {"AutoScalingGroupNames": list(names)}
    return read_pages(
        clients("autoscaling"),
        "describe_auto_scaling_groups",
        "AutoScalingGroups",
        "Auto Scaling groups",
        PaginationConfig=PAGE,
        **arguments,
    )


def find_groups(clients, names):
    """Return the Auto Scaling groups of these names as DescribeAutoScalingGroups gives them, a hundred a call."""
    batches = (names[start : start + PAGE["PageSize"]] for start in range(0, len(names), PAGE["PageSize"]))
    return [group for batch in batches for group in list_groups(clients, batch)]


def find_groups_by_launch_configuration(clients):
    """Return, for each launch configuration that a group names, the sorted names of the groups."""
    named: dict = {}
    for group in list_groups(clients):
        if group.get("LaunchConfigurationName"):
            named.setdefault(group["LaunchConfigurationName"], []).append(group["AutoScalingGroupName"])
    return {name: tuple(sorted(users)) for name, users in named.items()}


def _launch_configurations(clients, **arguments):
    return read_pages(
        clients("autoscaling"),
        "describe_launch_configurations",
        "LaunchConfigurations",
        "launch configurations",
        PaginationConfig=PAGE,
        **arguments,
    )


def find_groups_by_launch_template(clients, template_id, template_name):
    """Return, for each group that uses the launch template, the versions that it names: numbers as text, ``$Latest`` or ``$Default``.

    A group names a template by id or by name, itself or in its mixed instances policy and the overrides in that.
    """
    named: dict = {}
    for group in list_groups(clients):
        versions = {
            specification.get("Version", "$Default")
            for specification in launch_templates_of(group)
            if template_id == specification.get("LaunchTemplateId")
            or template_name == specification.get("LaunchTemplateName")
        }
        if versions:
            named[group["AutoScalingGroupName"]] = tuple(sorted(versions))
    return named


def find_newest_instance_refresh(clients, group):
    """Return the newest instance refresh of a group as DescribeInstanceRefreshes gives it, or None. It gives the newest first.

    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html
    """
    subject = f"instance refreshes of Auto Scaling group '{group}'"
    try:
        refreshes = read(
            clients("autoscaling"),
            "describe_instance_refreshes",
            "InstanceRefreshes",
            subject,
            AutoScalingGroupName=group,
            MaxRecords=1,
        )
    except ClientError as error:
        raise failed(CallFailed, subject, "describe_instance_refreshes", error) from error
    return next(iter(refreshes), None)
