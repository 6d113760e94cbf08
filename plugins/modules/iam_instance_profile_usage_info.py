#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: iam_instance_profile_usage_info
version_added: 0.1.0
short_description: Gather information about the users of an IAM instance profile
description:
  - Finds the EC2 instances that carry an instance profile, and the Auto Scaling groups that launch instances with it,
    by a launch configuration, a launch template or a mixed instances policy.
  - IAM deletes an instance profile even while instances use it, without a warning. The instances then lose their
    credentials, and the groups cannot launch instances.
  - A profile that does not exist costs one call. Otherwise, each Region costs three calls, more if it has many groups,
    and one for each launch template version that a group uses.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  name:
    description: The name of the instance profile.
    aliases: ["instance_profile_name"]
    type: str
    required: true
  other_regions:
    description: Further Regions to read, since each Region of the account can use an instance profile.
    type: list
    elements: str
    default: []
seealso:
  - module: launchkit.aws.iam_instance_profile
  - module: launchkit.aws.autoscaling_launch_configuration_info
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3, launchkit.aws.attributes.info]
"""

EXAMPLES = r"""
- name: Find the users of an instance profile in two Regions
  launchkit.aws.iam_instance_profile_usage_info:
    name: my-instance-profile
    other_regions: [eu-central-1]
  register: usage

- name: Delete it if it is not used
  launchkit.aws.iam_instance_profile:
    name: my-instance-profile
    state: absent
  when: not usage.in_use
"""

RETURN = r"""
in_use: {description: "Whether an instance or a group uses the profile.", returned: always, type: bool}
iam_instance_profile:
  description: The profile with the keys of M(launchkit.aws.iam_instance_profile). Empty if it does not exist.
  returned: always
  type: dict
  sample: {"instance_profile_name": "web", "roles": []}
region: {description: "The Region of the connection.", returned: always, type: str}
instances:
  description: The instances with the profile, without those that are shutting down or terminated.
  returned: always
  type: list
  elements: dict
  contains:
    instance_id: {description: "The ID of the instance.", type: str, sample: i-0123456789abcdef0}
    region: {description: "The Region of the instance.", type: str}
    state: {description: "The state of the instance. V(pending), V(running), V(stopping) or V(stopped).", type: str}
    auto_scaling_group_name: {description: "The Auto Scaling group of the instance. Empty for none.", type: str}
auto_scaling_groups:
  description: The groups that launch instances with the profile.
  returned: always
  type: list
  elements: dict
  contains:
    auto_scaling_group_name: {description: "The name of the group.", type: str}
    region: {description: "The Region of the group.", type: str}
    launch_configuration_name:
      description: The launch configuration that names the profile. Empty if it is a launch template.
      type: str
      sample: web-3b1f0a9c5d7e2468
    launch_template_name:
      description: The launch template that names the profile. Empty if it is a launch configuration.
      type: str
"""

from ..module_utils.core import module as entry
from ..module_utils.find import iam as find_iam
from ..module_utils.iam import instance_profile
from ..module_utils.iam import names as iam_names
from ..module_utils.iam.reads import find_users


def find_usage(module):
    """Return the module's result: the users of the profile that the parameters name."""
    name = iam_names.check_name("name", module.params["name"], iam_names.PROFILE_NAME_LENGTH)
    clients = entry.clients_for(module)
    profile = find_iam.find_instance_profile(clients, name)
    regions = dict.fromkeys([module.region, *module.params["other_regions"]]) if profile else ()
    users = [each for region in regions for each in find_users(clients.for_region(region), region, [profile]).values()]
    instances, groups = ([item for each in users for item in each[kind]] for kind in ("instances", "groups"))
    return dict(
        changed=False,
        in_use=bool(instances or groups),
        region=module.region,
        iam_instance_profile=instance_profile.render(instance_profile.from_api(profile)),
        instances=instances,
        auto_scaling_groups=groups,
    )


def main():
    module = entry.new_module(
        argument_spec=dict(
            name=dict(aliases=["instance_profile_name"], required=True),
            other_regions=dict(type="list", elements="str", default=[]),
        ),
        supports_check_mode=True,
    )
    entry.run(module, find_usage)


if __name__ == "__main__":
    main()
