#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: autoscaling_launch_configuration_info
version_added: 0.1.0
short_description: Gather information about launch configurations of Amazon EC2 Auto Scaling
description:
  - Finds launch configurations, and for each one the Auto Scaling groups that name it.
  - Takes every option of M(community.aws.autoscaling_launch_config_info) and
    M(community.aws.autoscaling_launch_config_find).
  - User data is shown by its SHA-256 digest and size only.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  name:
    description: The names. Those that do not exist are left out. An empty list is all of the Region.
    type: list
    elements: str
    default: []
  name_prefix: {description: "The beginning of the names.", type: str}
  name_regex:
    description: A Python regular expression for the beginning of the names, in addition to the other options.
    type: str
  unused:
    description: Whether to return only those that no group names. V(false) returns only those that a group names.
    type: bool
  include_auto_scaling_groups:
    description: Whether to read the groups, which costs a call for 100 groups of the Region. Required for O(unused).
    type: bool
    default: true
  sort:
    description: The key to sort by. By default, the order is that of the API, or with O(name_regex) that of the names.
    type: str
    choices: ["launch_configuration_name", "image_id", "created_time", "instance_type", "kernel_id", "ramdisk_id", "key_name"]
  sort_order:
    description: The order to sort in. Without O(sort), V(descending) sorts by name.
    type: str
    choices: ["ascending", "descending"]
    default: ascending
  sort_start: {description: "The index of the first result after sorting, as in a Python slice.", type: int}
  sort_end: {description: "The index after the last result after sorting, as in a Python slice.", type: int}
  limit: {description: "The maximum number of results, after sorting.", type: int}
seealso:
  - module: launchkit.aws.autoscaling_launch_configuration
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3, launchkit.aws.attributes.info]
"""

EXAMPLES = r"""
- name: Gather information about one launch configuration
  launchkit.aws.autoscaling_launch_configuration_info:
    name: my-lc-with-instance-profile

- name: Find those that no group names, the oldest first
  launchkit.aws.autoscaling_launch_configuration_info:
    unused: true
    sort: created_time

- name: Find the two whose names sort last
  launchkit.aws.autoscaling_launch_configuration_info:
    name_regex: web-.*
    sort_order: descending
    limit: 2
"""

RETURN = r"""
launch_configurations:
  description: The launch configurations.
  returned: always
  type: list
  elements: dict
  contains:
    name: {description: "The name.", type: str, sample: web-3b1f0a9c5d7e2468}
    auto_scaling_groups:
      description: The groups that name the launch configuration.
      returned: when O(include_auto_scaling_groups=true)
      type: list
      elements: str
      sample: ["web"]
    unused:
      description: Whether no group names the launch configuration.
      returned: when O(include_auto_scaling_groups=true)
      type: bool
      sample: false
    launch_configuration_name:
      description: The name. Other keys are those of RV(launchkit.aws.autoscaling_launch_configuration#module:result).
      type: str
"""

from ..module_utils.core import module as entry
from ..module_utils.core.errors import InvalidOption
from ..module_utils.core.listing import LISTING_ARGUMENTS, Listing
from ..module_utils.find import autoscaling as find_autoscaling
from ..module_utils.launch import configuration as launch_configuration


def find_launch_configurations(module):
    """Return the module's result: the launch configurations that the parameters choose."""
    params = module.params
    by_name = params["name_regex"] is not None or params["sort_order"] == "descending"
    sort = params["sort"] or ("launch_configuration_name" if by_name else None)
    listing = Listing(dict(params, sort=sort))
    if params["unused"] is not None and not params["include_auto_scaling_groups"]:
        raise InvalidOption("unused: this needs include_auto_scaling_groups=true.")
    clients = entry.clients_for(module)
    found = [
        launch_configuration.render(launch_configuration.from_api(answer))
        for answer in find_autoscaling.find_launch_configurations(clients, params["name"] or None)
        if answer["LaunchConfigurationName"].startswith(params["name_prefix"] or "")
    ]
    if params["include_auto_scaling_groups"]:
        groups = find_autoscaling.find_groups_by_launch_configuration(clients) if found else {}
        found = [
            dict(each, auto_scaling_groups=list(groups.get(each["name"], ())), unused=each["name"] not in groups)
            for each in found
        ]
    if params["unused"] is not None:
        found = [each for each in found if each["unused"] == params["unused"]]
    return dict(changed=False, launch_configurations=listing.choose(found, "name"))


def main():
    sort_keys = [
        "launch_configuration_name",
        "image_id",
        "created_time",
        "instance_type",
        "kernel_id",
        "ramdisk_id",
        "key_name",
    ]
    module = entry.new_module(
        argument_spec=dict(
            name=dict(type="list", elements="str", default=[]),
            name_prefix=dict(),
            unused=dict(type="bool"),
            include_auto_scaling_groups=dict(type="bool", default=True),
            sort=dict(choices=sort_keys),
            sort_start=dict(type="int"),
            sort_end=dict(type="int"),
            **LISTING_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, find_launch_configurations)


if __name__ == "__main__":
    main()
