#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: ec2_launch_template
version_added: 0.1.0
short_description: Manage EC2 launch templates with the options of launch configurations
description:
  - Creates and deletes launch templates, adds a version if the settings differ from the newest, and prunes versions.
  - Takes the options of M(launchkit.aws.autoscaling_launch_configuration), and those of launch templates only.
  - Only the options that are set are compared. A new version keeps from the newest one what is not set, including members
    of volumes and metadata options, and what this module has no options for.
  - EC2 refuses a launch template without any setting. The module fails then, in check mode too.
  - If two runs create a launch template with different settings at once, one of them fails and changes nothing. The same
    happens to a run whose first read does not show a launch template that an earlier run created seconds ago.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  state:
    description:
      - V(present) creates or updates the launch template. V(absent) deletes it.
      - If an Auto Scaling group names it, the task fails before it deletes anything, and names the groups.
    type: str
    choices: ["present", "absent"]
    default: present
  name:
    description: The name, 3 to 128 letters, digits and any of V(().-/_), unique within account and Region.
    aliases: ["template_name", "launch_template_name"]
    type: str
  template_id:
    description: The ID of an existing launch template, instead of O(name).
    aliases: ["id"]
    type: str
  launch_configuration_name:
    description:
      - The name of a launch configuration that supplies the settings that are not set, user data included.
      - Volumes that the launch configuration deletes with their instance by default are deleted with it here, too.
    type: str
  default_version:
    description: The default version. V(latest) is the newest one, V(keep) changes nothing, and a number is that version.
    type: str
    default: latest
  version_description:
    description: The description of a new version, at most 255 characters. It alone does not create a version.
    type: str
  prune:
    description:
      - The older versions to delete. By default, none.
      - The newest version, the default one, and versions that an Auto Scaling group names by number are never deleted.
      - This reads all versions of the template and all groups of the Region.
    type: dict
    suboptions:
      keep: {description: "The number of other versions to keep, the newest first.", type: int, default: 0}
  versions_to_delete:
    description: With O(state=absent), the numbers of the versions to delete instead of the template. The default version,
      and versions that an Auto Scaling group names, are refused.
    type: list
    elements: int
  source_version:
    description: The version that a new version is based on, which is always the newest one. Other values are refused.
    type: str
    default: latest
  wait:
    description: Whether to wait after a change until two consecutive reads agree with the options.
    type: bool
    default: true
  wait_timeout:
    description: The number of seconds after which waiting, and retrying while AWS throttles, ends and the task fails.
    type: int
    default: 120
seealso:
  - module: launchkit.aws.autoscaling_launch_configuration
  - module: amazon.aws.ec2_launch_template_info
  - module: amazon.aws.autoscaling_group
extends_documentation_fragment:
  [launchkit.aws.launch_settings, launchkit.aws.launch_template_data, amazon.aws.common.modules,
   amazon.aws.region.modules, amazon.aws.tags.modules, amazon.aws.boto3, launchkit.aws.attributes.state]
"""

EXAMPLES = r"""
- name: Create a launch template with an instance profile
  launchkit.aws.ec2_launch_template:
    name: web
    image_id: ami-baba68d3
    instance_type: t3.small
    instance_profile_name: web
    metadata_options:
      http_tokens: required
    tag_specifications:
      - resource_type: instance
        tags:
          Application: web
  register: web

- name: Create a version with a new image, and keep two older ones that no group names
  launchkit.aws.ec2_launch_template:
    name: web
    image_id: ami-12c6146b
    prune:
      keep: 2

- name: Create a launch template from a launch configuration
  launchkit.aws.ec2_launch_template:
    name: web
    launch_configuration_name: my-lc-with-instance-profile

- name: Launch Spot Instances without a price, and keep the members of volumes and metadata options that are not set
  launchkit.aws.ec2_launch_template:
    name: web
    market_type: spot
    metadata_options:
      http_put_response_hop_limit: 2

- name: Make the first version the default
  launchkit.aws.ec2_launch_template:
    name: web
    default_version: "1"

- name: Delete the launch template
  launchkit.aws.ec2_launch_template:
    name: web
    state: absent
"""

RETURN = r"""
launch_template_id: &launch_template_id
  description: The id of the launch template.
  returned: when O(state=present) and not in check mode for a new one
  type: str
  sample: lt-0123456789abcdef0
latest_version: &latest_version
  description: The number of the newest version.
  returned: when O(state=present)
  type: int
  sample: 2
default_version: &default_version
  description: The number of the default version.
  returned: when O(state=present)
  type: int
  sample: 2
template:
  description: The launch template. In check mode, the predicted one without what only EC2 knows.
  returned: when O(state=present)
  type: dict
  contains:
    launch_template_id: *launch_template_id
    launch_template_name: {description: "The name.", type: str}
    create_time:
      description: The creation time in ISO 8601.
      returned: when it exists
      type: str
      sample: "2026-11-23T15:20:47+00:00"
    created_by:
      description: The principal that created it.
      returned: when it exists
      type: str
      sample: arn:aws:iam::123456789012:root
    default_version_number: *default_version
    latest_version_number: *latest_version
    tags: {description: "The tags of the template itself.", type: dict, sample: {"Application": "web"}}
version:
  description: The newest version, with C(version_number), C(version_description), C(credit_specification),
    C(tag_specifications), C(market_type) and C(instance_requirements), and otherwise the keys of
    RV(launchkit.aws.autoscaling_launch_configuration#module:result), such as C(image_id) and C(user_data_sha256).
  returned: when O(state=present)
  type: dict
  sample: {"version_number": 2, "image_id": "ami-baba68d3", "instance_type": "t3.small"}
pruned:
  description: The numbers of the deleted versions.
  returned: when O(state=present)
  type: list
  elements: int
  sample: [1]
auto_scaling_groups:
  description: The groups that name the template.
  returned: when the task failed because of them
  type: list
  elements: str
  sample: ["web"]
"""

from dataclasses import replace

try:
    from botocore.exceptions import ParamValidationError
    from botocore.validate import validate_parameters
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ..module_utils.core import module as entry
from ..module_utils.core.errors import InvalidOption, MissingReference
from ..module_utils.find import autoscaling as find_autoscaling
from ..module_utils.find import ec2 as find_ec2
from ..module_utils.iam.preconditions import PRECONDITIONS
from ..module_utils.launch import api_members
from ..module_utils.launch import settings as launch_settings
from ..module_utils.launch import template as launch_template
from ..module_utils.launch import template_data as launch_template_data
from ..module_utils.launch.options import LAUNCH_SETTINGS_ARGUMENTS
from ..module_utils.launch.resources import LaunchTemplateResource, find_security_groups


def find_launch_configuration_settings(clients, name):
    """Return what a launch configuration launches, spelled out for a launch template."""
    found = find_autoscaling.find_launch_configurations(clients, [name])
    if not found:
        raise MissingReference(f"launch_configuration_name: '{name}' does not exist. No changes were made.")
    return launch_template_data.as_launched(launch_settings.from_launch_configuration(found[0]))


def check_members(clients, members):
    """Raise InvalidOption if the API has no such members of LaunchTemplateData, or other types for them."""
    try:
        validate_parameters(members, clients("ec2").meta.service_model.shape_for("RequestLaunchTemplateData"))
    except ParamValidationError as error:
        raise InvalidOption(f"launch_template_data: {error}") from error


def converge_launch_template(module):
    """Create, update or delete the launch template, and return the module's result."""
    target, template_id = launch_template.from_params(module.params), module.params["template_id"]
    clients = entry.clients_for(module)
    check_members(clients, target.members)
    if template_id is not None:
        name = find_ec2.find_launch_template_name(clients, template_id)
        if name is None and not target.present:
            return dict(changed=False, diff=dict(before={}, after={}))
        if name is None:
            raise MissingReference(f"template_id: '{template_id}' does not exist. No changes were made.")
        target = replace(target, name=name)
    ids = find_security_groups(clients, target.settings.security_groups, module.params["vpc_id"])
    settings = replace(target.settings, security_groups=ids)
    source = module.params["launch_configuration_name"]
    if source is not None:
        settings = launch_settings.overlay(find_launch_configuration_settings(clients, source), settings)
    target = replace(target, settings=settings)
    outcome = entry.converge_module(module, LaunchTemplateResource(clients, target), clients, PRECONDITIONS)
    return launch_template.result(outcome)


def main():
    module = entry.new_module(
        argument_spec=dict(
            state=dict(choices=["present", "absent"], default="present"),
            name=dict(aliases=["template_name", "launch_template_name"]),
            template_id=dict(aliases=["id"]),
            source_version=dict(default="latest"),
            versions_to_delete=dict(type="list", elements="int"),
            launch_configuration_name=dict(),
            default_version=dict(default="latest"),
            version_description=dict(),
            prune=dict(type="dict", options=dict(keep=dict(type="int", default=0))),
            tags=dict(aliases=["resource_tags"], type="dict"),
            purge_tags=dict(type="bool", default=True),
            **LAUNCH_SETTINGS_ARGUMENTS,
            **api_members.MEMBER_ARGUMENTS,
            **entry.WAIT_ARGUMENTS,
        ),
        required_one_of=[("name", "template_id")],
        mutually_exclusive=[("name", "template_id"), *api_members.EXCLUSIVE],
        supports_check_mode=True,
    )
    entry.run(module, converge_launch_template)


if __name__ == "__main__":
    main()
