#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: autoscaling_launch_configuration
version_added: 0.1.0
short_description: Manage launch configurations of Amazon EC2 Auto Scaling
description:
  - Creates, compares, replaces, prunes and deletes launch configurations.
  - A launch configuration cannot be changed. With O(name_prefix), its name carries a fingerprint of its settings, and
    other settings create another one. With O(name), O(on_drift) sets the action for other settings.
  - Only the options that are set are compared, because AWS fills in the rest.
  - Takes every option of M(community.aws.autoscaling_launch_config). Unlike there, O(instance_monitoring),
    O(ebs_optimized) and O(security_groups) have no defaults, and AWS decides.
  - AWS accounts that were created on or after 2024-10-01 cannot create launch configurations. Use launch templates.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  state:
    description:
      - V(present) creates the launch configuration. V(absent) deletes it, and with O(name_prefix) all its siblings too.
      - If an Auto Scaling group names one of them, the task fails before it deletes anything, and names the groups.
    type: str
    choices: ["present", "absent"]
    default: present
  name:
    description:
      - The name, 1 to 255 characters, unique within account and Region.
      - Exactly one of O(name) and O(name_prefix) is required.
    type: str
  name_prefix:
    description:
      - The beginning of the name, at most 239 characters. End it with a dash, for example V(web-).
      - The rest are 16 hexadecimal digits, a fingerprint of the settings, the same everywhere. A time stamp is none.
      - A default that is written out changes the fingerprint.
      - The launch configurations whose name is this prefix and such digits are its siblings.
    type: str
  on_drift:
    description:
      - The action if a launch configuration of this name exists and differs in the options that are set.
      - V(fail) fails and names every field that differs, with both values.
      - V(keep) leaves it and warns.
      - V(replace) deletes it and creates another one, which keeps the settings and the members of O(volumes) and
        O(metadata_options) that are not set. If the creation fails, the old one is created again.
        This is refused while an Auto Scaling group names it.
    type: str
    choices: ["fail", "keep", "replace"]
    default: fail
  prune:
    description:
      - The siblings to delete once the launch configuration exists. Without this, none. Requires O(name_prefix).
      - Siblings of another O(instance_profile_name), or of one if it is not set, stay.
      - A sibling that an Auto Scaling group names is never deleted. Point the groups to the new one first.
      - This reads all launch configurations of the Region, and its groups if a sibling can be deleted.
    type: dict
    suboptions:
      keep: {description: "The number of unused siblings to keep, the newest first.", type: int, default: 0}
      min_age: {description: "The age in seconds up to which siblings are kept. Another run can be about to use a new one.", type: int, default: 0}
  classic_link_vpc_id: {description: "Not supported, since AWS retired ClassicLink. A value is refused.", type: str}
  classic_link_vpc_security_groups:
    description: Not supported, since AWS retired ClassicLink. A value is refused.
    type: list
    elements: str
  wait:
    description: Whether to read a new launch configuration until it agrees with the options.
    type: bool
    default: true
  wait_timeout:
    description: The seconds for retries while Auto Scaling does not know the instance profile, or AWS throttles.
    type: int
    default: 120
seealso:
  - module: launchkit.aws.autoscaling_launch_configuration_info
  - module: launchkit.aws.iam_instance_profile
  - module: amazon.aws.autoscaling_group
  - module: amazon.aws.ec2_launch_template
extends_documentation_fragment:
  [launchkit.aws.launch_settings, amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3,
   launchkit.aws.attributes.state]
"""

EXAMPLES = r"""
- name: The launch configuration of AWS's tutorial
  launchkit.aws.autoscaling_launch_configuration:
    name: my-lc-with-instance-profile
    image_id: ami-baba68d3
    instance_type: m1.small
    instance_profile_name: my-instance-profile

- name: Create a launch configuration whose name changes with its settings
  launchkit.aws.autoscaling_launch_configuration:
    name_prefix: web-
    image_id: ami-baba68d3
    instance_type: t3.small
    instance_profile_name: web
    security_groups: [web]
    vpc_id: vpc-0123456789abcdef0
    metadata_options:
      http_tokens: required
    volumes:
      - device_name: /dev/sda1
        volume_size: 20
        volume_type: gp3
        encrypted: true
    user_data: |
      #!/bin/sh
      echo started
  register: web

- name: Delete unused siblings, except for the newest one and those of the last day
  launchkit.aws.autoscaling_launch_configuration:
    name_prefix: web-
    image_id: ami-baba68d3
    instance_type: t3.small
    instance_profile_name: web
    prune:
      keep: 1
      min_age: 86400

- name: Delete the launch configuration and its siblings
  launchkit.aws.autoscaling_launch_configuration:
    name_prefix: web-
    state: absent
"""

RETURN = r"""
name: &name
  description: The name of the launch configuration. Not returned for O(state=absent) with O(name_prefix).
  returned: always
  type: str
  sample: web-3b1f0a9c5d7e2468
arn: &arn
  description: The Amazon Resource Name of the launch configuration.
  returned: when it exists
  type: str
  sample: arn:aws:autoscaling:us-east-1:123456789012:launchConfiguration:888d9b58-d93a-40c4-90cf-759197a2621a:launchConfigurationName/web
created_time: &created_time
  description: The creation time in ISO 8601.
  returned: when it exists
  type: str
  sample: "2026-11-23T15:20:47.445000+00:00"
image_id: &image_id
  description: The id of the image.
  returned: when O(state=present)
  type: str
  sample: ami-baba68d3
instance_type: &instance_type
  description: The instance type.
  returned: when O(state=present)
  type: str
  sample: t3.small
security_groups: &security_groups
  description: The ids of the security groups.
  returned: when O(state=present)
  type: list
  elements: str
  sample: ["sg-0123456789abcdef0"]
result:
  description: The launch configuration with the API's keys in snake case. In check mode, the predicted one without what
    only AWS knows.
  returned: when O(state=present)
  type: dict
  contains:
    name: *name
    launch_configuration_name: *name
    arn: *arn
    launch_configuration_arn: *arn
    created_time: *created_time
    image_id: *image_id
    instance_type: *instance_type
    instance_profile_name: &profile
      description: The instance profile as it was set, a name or an ARN. Empty for none.
      type: str
    iam_instance_profile: *profile
    key_name: {description: "The name of the SSH key pair. Empty for none.", type: str}
    security_groups: *security_groups
    instance_monitoring: {description: "Whether instances have detailed monitoring.", type: bool}
    associate_public_ip_address:
      description: Whether instances get a public IP address. Empty if the subnet decides.
      type: bool
    placement_tenancy: {description: "The tenancy, if it was set.", type: str}
    spot_price:
      description: The maximum price of a Spot Instance in US dollars an hour. Empty for On-Demand Instances.
      type: str
    ebs_optimized: {description: "Whether instances are EBS-optimized.", type: bool}
    kernel_id: {description: "The id of the kernel. Empty for that of the image.", type: str}
    ramdisk_id: {description: "The id of the RAM disk. Empty for that of the image.", type: str}
    block_device_mappings:
      description: The block devices, in the order of their names.
      type: list
      elements: dict
      sample: [{"device_name": "/dev/sda1", "ebs": {"volume_size": 20, "volume_type": "gp3", "encrypted": true}}]
    metadata_options:
      description: The metadata options that were set.
      type: dict
      sample: {"http_endpoint": "enabled", "http_tokens": "required"}
    user_data: {description: "V(hidden) when there is user data, otherwise empty.", type: str}
    user_data_sha256:
      description: The SHA-256 digest of the decoded user data, in hexadecimal digits. Empty when there is none.
      type: str
      sample: 0f9c2e7c7a8a6a0c0e9d6f0f6b8f2d2f3e1b9c5a7d4e6f8091a2b3c4d5e6f708
    user_data_size: {description: "The size of the decoded user data in bytes.", type: int}
    classic_link_vpc_security_groups:
      description: An empty list, since AWS retired ClassicLink.
      type: list
      elements: str
pruned:
  description: The names of the deleted siblings.
  returned: when O(state=present)
  type: list
  elements: str
  sample: ["web-9c8b7a6f5e4d3c2b"]
deleted:
  description: The names of the deleted launch configurations.
  returned: when O(state=absent)
  type: list
  elements: str
  sample: ["web-9c8b7a6f5e4d3c2b"]
differences:
  description: The fields in which the existing launch configuration differs.
  returned: when the task failed because of O(on_drift=fail)
  type: list
  elements: dict
  sample: [{"field": "instance_type", "wanted": "t3.small", "actual": "t2.small"}]
auto_scaling_groups:
  description: The groups that name each launch configuration that could not be deleted.
  returned: when the task failed because of them
  type: dict
  sample: {"web-9c8b7a6f5e4d3c2b": ["web"]}
"""

from ..module_utils.core import module as entry
from ..module_utils.iam.preconditions import PRECONDITIONS
from ..module_utils.launch import configuration as launch_configuration
from ..module_utils.launch.options import LAUNCH_SETTINGS_ARGUMENTS
from ..module_utils.launch.resources import LaunchConfigurationResource, find_security_groups


def converge_launch_configuration(module):
    """Create, replace or delete the launch configuration, and return the module's result."""
    target = launch_configuration.from_params(module.params)
    clients = entry.clients_for(module)
    ids = find_security_groups(clients, target.settings.security_groups, module.params["vpc_id"])
    target = launch_configuration.with_security_groups(target, ids)
    outcome = entry.converge_module(module, LaunchConfigurationResource(clients, target), clients, PRECONDITIONS)
    return launch_configuration.result(target, outcome)


def main():
    module = entry.new_module(
        argument_spec=dict(
            state=dict(choices=["present", "absent"], default="present"),
            name=dict(),
            name_prefix=dict(),
            on_drift=dict(choices=["fail", "keep", "replace"], default="fail"),
            prune=dict(type="dict", options={key: dict(type="int", default=0) for key in ("keep", "min_age")}),
            classic_link_vpc_id=dict(),
            classic_link_vpc_security_groups=dict(type="list", elements="str"),
            **LAUNCH_SETTINGS_ARGUMENTS,
            **entry.WAIT_ARGUMENTS,
        ),
        mutually_exclusive=[("name", "name_prefix")],
        required_one_of=[("name", "name_prefix")],
        supports_check_mode=True,
    )
    entry.run(module, converge_launch_configuration)


if __name__ == "__main__":
    main()
