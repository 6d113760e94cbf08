# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Finds who uses instance profiles in a Region: instances, and Auto Scaling groups by what they launch from.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from functools import partial

from ansible_collections.launchkit.aws.plugins.module_utils.core.parallel import concurrently
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile_usage as usage


def find_users(clients, region, profiles, concurrency=1):
    """Return the users of instance profiles in the Region of the clients.

    :param profiles: as GetInstanceProfile gives them.
    :returns: name of a profile without regard to case -> instances and groups, each a list of dictionaries as results show them.
    """
    arns = [profile["Arn"] for profile in profiles]
    instances, configurations, groups = concurrently(
        concurrency,
        [
            partial(find_ec2.list_instances_with_profiles, clients, arns),
            partial(find_autoscaling.find_launch_configurations, clients),
            partial(find_autoscaling.list_groups, clients),
        ],
    )
    named = [(template, version) for template, names in usage.template_versions(groups).items() for version in names]
    readers = [partial(find_ec2.find_launch_template_version, clients, *each) for each in named]
    versions = concurrently(concurrency, readers)
    return {
        profile["InstanceProfileName"].casefold(): dict(
            instances=usage.instances_shown([each for each in instances if usage.carries(each, profile)], region),
            groups=usage.groups_with(
                groups,
                usage.launch_configurations_with(profile, configurations),
                usage.templates_with(profile, versions),
                region,
            ),
        )
        for profile in profiles
    }
