# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reading from Auto Scaling.
Private to the collection: names and shapes can change in any release."""

from .launch_template_specifications import launch_templates_of
from .paginate import in_batches, read, read_pages

# DescribeLaunchConfigurations takes at most this many names a call, and botocore's paginator does not divide them:
# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeLaunchConfigurations.html
NAMES_A_CALL = 50
PAGE_SIZE = 100
# Operation, member of its answer, and what it lists in words.
_LAUNCH_CONFIGURATIONS = ("describe_launch_configurations", "LaunchConfigurations", "launch configurations")
_GROUPS = ("describe_auto_scaling_groups", "AutoScalingGroups", "Auto Scaling groups")


def find_launch_configurations(clients, names=None):
    """Return the existing launch configurations of these names, all for None, as DescribeLaunchConfigurations does."""
    if names is None:
        return _list(clients, *_LAUNCH_CONFIGURATIONS)
    return [
        configuration
        for batch in in_batches(NAMES_A_CALL, list(dict.fromkeys(names)))
        for configuration in _list(clients, *_LAUNCH_CONFIGURATIONS, LaunchConfigurationNames=batch)
    ]


def list_groups(clients, names=None):
    """Return Auto Scaling groups of the Region as DescribeAutoScalingGroups gives them.

    The API filters groups by name and tag only, so who uses something is found by reading all, a hundred a call.

    :param names: the names of at most a hundred groups; None for all.
    """
    arguments = {} if names is None else {"AutoScalingGroupNames": list(names)}
    return _list(clients, *_GROUPS, **arguments)


def find_groups(clients, names):
    """Return the Auto Scaling groups of these names as DescribeAutoScalingGroups gives them, a hundred a call."""
    return [group for batch in in_batches(PAGE_SIZE, names) for group in list_groups(clients, batch)]


def find_groups_by_launch_configuration(clients):
    """Return, for each launch configuration that a group names, the sorted names of the groups."""
    users: dict = {}
    for group in list_groups(clients):
        if group.get("LaunchConfigurationName"):
            users.setdefault(group["LaunchConfigurationName"], []).append(group["AutoScalingGroupName"])
    return {name: tuple(sorted(groups)) for name, groups in users.items()}


def find_groups_by_launch_template(clients, template_id, template_name):
    """Return group -> sorted versions that it names of the launch template: numbers as text, ``$Latest``, ``$Default``.

    A group names a template by id or by name, itself or in its mixed instances policy and the overrides in that.
    """
    users = {}
    for group in list_groups(clients):
        versions = {
            specification.get("Version", "$Default")
            for specification in launch_templates_of(group)
            if template_id == specification.get("LaunchTemplateId")
            or template_name == specification.get("LaunchTemplateName")
        }
        if versions:
            users[group["AutoScalingGroupName"]] = tuple(sorted(versions))
    return users


def find_newest_instance_refresh(clients, group):
    """Return the newest instance refresh of a group as DescribeInstanceRefreshes gives it, or None.

    The API gives the newest first:
    https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeInstanceRefreshes.html
    """
    refreshes = read(
        clients("autoscaling"),
        "describe_instance_refreshes",
        "InstanceRefreshes",
        f"instance refreshes of Auto Scaling group '{group}'",
        AutoScalingGroupName=group,
        MaxRecords=1,
    )
    return next(iter(refreshes), None)


def find_lifecycle_hooks(clients, group):
    """Return the lifecycle hooks of a group as DescribeLifecycleHooks gives them."""
    subject = f"lifecycle hooks of Auto Scaling group '{group}'"
    return read(
        clients("autoscaling"), "describe_lifecycle_hooks", "LifecycleHooks", subject, AutoScalingGroupName=group
    )


def _list(clients, operation, key, subject, **arguments):
    return read_pages(
        clients("autoscaling"), operation, key, subject, PaginationConfig={"PageSize": PAGE_SIZE}, **arguments
    )
