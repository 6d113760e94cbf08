#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_info
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Gather information about what would change in many applications
description:
  - Plans many applications, each described by the variables of the role P(launchkit.aws.application#role), in an account and Region.
    The plan is the one that M(launchkit.aws.fleet) carries out. The module changes nothing.
  - The module reads in bulk. A hundred applications cost about as many calls as ten. Only applications with tags cost one call each, since
    IAM leaves the tags of instance profiles out of its lists.
  - The images, instance types, key pairs, security groups, subnets, target groups and policies that new or changed resources refer to are
    looked up. What does not exist blocks the application.
options:
  include_module_options:
    description:
      - Whether to return the options with which the modules of each step make the same changes, as RV(module_options).
    type: bool
    default: false
  display_plan:
    description:
      - Whether to display the plan as lines of text when the task ends. With O(include_module_options=true), applications without changes are
        displayed with their names and ARNs.
    type: bool
    default: false
extends_documentation_fragment:
  - launchkit.aws.fleet
  - launchkit.aws.attributes.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: launchkit.aws.fleet
"""

EXAMPLES = r"""
- name: Plan two applications
  launchkit.aws.fleet_info:
    defaults:
      application_role_path: /web/
      application_instance_type: t3.small
    applications:
      - application_name: shop
        application_image_id: ami-baba68d3
      - application_name: search
        application_image_id: ami-baba68d3
    orphan_path: /web/
  register: found

- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ found.plan }}"
"""

RETURN = r"""
applications:
  description: The plan of each application, in the order of the list.
  returned: when the applications were read
  type: list
  elements: dict
  contains:
    name:
      description: The name of the application.
      returned: always
      type: str
      sample: shop
    state:
      description: The desired state of the application.
      returned: always
      type: str
      sample: present
    changed:
      description: Whether the plan changes anything. False for a blocked application.
      returned: always
      type: bool
      sample: true
    unchanged:
      description: Whether the application has nothing to change. False for a blocked application, too.
      returned: always
      type: bool
      sample: false
    summary:
      description: The plan as one line.
      returned: always
      type: str
      sample: "shop: create launch configuration shop-3b1f0a9c5d7e2468; update Auto Scaling group shop (launch_configuration)"
    changes:
      description: The resources that the plan changes.
      returned: when the plan changes any
      type: list
      elements: dict
      contains:
        resource:
          description:
            - The kind of the resource. V(iam_role), V(inline_policy), V(instance_profile), V(launch_configuration), V(launch_template),
              V(auto_scaling_group) or V(instances).
          returned: always
          type: str
          sample: launch_configuration
        name:
          description: The name of the resource.
          returned: always
          type: str
          sample: shop-3b1f0a9c5d7e2468
        action:
          description: V(create), V(update), V(replace), V(delete) or V(refresh).
          returned: always
          type: str
          sample: create
        differences:
          description: The fields that differ. Those of a new launch configuration are compared with the one that it supersedes.
          returned: when there are any
          type: list
          elements: dict
          sample: [{"field": "image_id", "wanted": "ami-0b0b0b0b", "actual": "ami-baba68d3"}]
        attributes:
          description: The attributes of a new resource, as text. User data is shown by digest and size.
          returned: when there are any
          type: dict
          sample: {"image_id": "ami-baba68d3", "instance_type": "t3.small"}
    blockers:
      description: The reasons why the plan can't be carried out. A blocked application is not begun.
      returned: when there are any
      type: list
      elements: str
      sample: []
    warnings:
      description: The differences that are kept, such as the path of a role, which IAM can't change.
      returned: when there are any
      type: list
      elements: str
      sample: []
    notes:
      description: What does not happen by itself, such as instances that keep their image until an instance refresh.
      returned: when there are any
      type: list
      elements: str
      sample: []
account:
  description: The ID of the account.
  returned: when the applications were read
  type: str
  sample: "123456789012"
orphans:
  description: The resources under O(orphan_path) or with O(orphan_tags) that no application claims.
  returned: when the applications were read
  type: list
  elements: dict
  sample: [{"name": "former-shop", "instance_profiles": ["former-shop"], "summary": "former-shop: ORPHAN: IAM role former-shop"}]
totals:
  description: The number of changes of each action, and of applications in each state.
  returned: when the applications were read
  type: dict
  sample: {"create": 1, "update": 0, "replace": 0, "delete": 0, "refresh": 0, "applications": 2, "changed": 1, "unchanged": 1, "blocked": 0, "orphans": 0}
plan:
  description: The plan as lines of text.
  returned: when the applications were read
  type: list
  elements: str
  sample: ["search: unchanged", "Plan: 1 to create; 1 application unchanged."]
mistakes:
  description: The mistakes in the applications.
  returned: when the task failed because of them
  type: list
  elements: dict
  sample: [{"application": "shop", "message": "application_imag_id: no such variable exists. Did you mean application_image_id?"}]
role_names:
  description: The IAM roles that the applications claim.
  returned: when O(orphan_path) or O(orphan_tags) is set
  type: list
  elements: str
  sample: ["shop", "search"]
module_options:
  description: The options of the modules of each step, by application. They hold no user data.
  returned: when O(include_module_options=true)
  type: dict
  sample: {"shop": {"iam_role": {"name": "shop", "path": "/web/"}}}
"""

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module import FLEET_ARGUMENTS, FleetRun
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module_options import module_options


def plan_fleet(module):
    """Return the module's result: the plans of the applications."""
    run = FleetRun(module, lambda dummy: None)
    result = dict(run.result(), changed=False)
    if run.scope:
        result["role_names"] = [each.options["role_name"] for each in run.applications]
    if module.params["include_module_options"]:
        index, blocked = Index(run.observation), {plan.name for plan in run.plans if plan.blockers}
        planned = [each for each in run.applications if each.name not in blocked]
        result["module_options"] = {each.name: module_options(each, index) for each in planned}
    return result


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(
            include_module_options=dict(type="bool", default=False),
            display_plan=dict(type="bool", default=False),
            **FLEET_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, plan_fleet)


if __name__ == "__main__":
    main()
