#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: fleet_info
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Gather information about what would change in many applications
description:
  - Plans many applications in an account and Region. Each is described by the variables of the role
    P(launchkit.aws.application#role). M(launchkit.aws.fleet) makes the same plan and carries it out. This module
    changes nothing.
  - The module reads a few applications by name and many in bulk, so that 1000 applications cost about as many calls as
    10. Each application with tags costs one call more, since IAM's lists leave out the tags of instance profiles.
  - For a resource that the plan creates or changes, the module looks up the images, SSM parameters, instance types, key
    pairs, security groups, subnets, snapshots, target groups, Classic Load Balancers and managed policies that it
    refers to. If one does not exist, the application is blocked. What the credentials cannot read is not checked.
options:
  include_module_options: {description: "Whether to return RV(module_options).", type: bool, default: false}
  display_plan:
    description: Whether to display the plan as lines of text when the task ends. With O(include_module_options=true),
      applications without changes are displayed with their names and ARNs.
    type: bool
    default: false
extends_documentation_fragment:
  [launchkit.aws.fleet, launchkit.aws.attributes.info, amazon.aws.common.modules, amazon.aws.region.modules,
   amazon.aws.boto3]
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
  register: result

- name: Show the plan
  ansible.builtin.debug:
    msg: "{{ result.plan }}"
"""

RETURN = r"""
applications:
  description: The plan of each application, in the order of the list.
  returned: when the applications were read
  type: list
  elements: dict
  contains:
    name: {description: "The name of the application.", returned: always, type: str, sample: shop}
    state: {description: "The desired state of the application.", returned: always, type: str, sample: present}
    changed:
      description: Whether the plan changes anything. V(false) for a blocked application.
      returned: always
      type: bool
      sample: true
    unchanged:
      description: Whether the plan changes nothing. V(false) for a blocked application.
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
          description: The kind of the resource. V(iam_role), V(inline_policy), V(instance_profile),
            V(launch_configuration), V(launch_template), V(auto_scaling_group) or V(instances).
          returned: always
          type: str
          sample: launch_configuration
        name: {description: "The name of the resource.", returned: always, type: str, sample: shop-3b1f0a9c5d7e2468}
        action:
          description: The action. V(create), V(update), V(replace), V(delete) or V(refresh).
          returned: always
          type: str
          sample: create
        differences:
          description: The fields that differ. A new launch configuration is compared with the one that it supersedes.
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
      description: The reasons why the plan cannot be carried out. A blocked application is not begun.
      returned: when there are any
      type: list
      elements: str
      sample: ["application_key_name: key pair 'shop' does not exist in this Region. Correct the name, or create the key pair first."]
    warnings:
      description: The differences that stay, such as the path of a role, which IAM cannot change.
      returned: when there are any
      type: list
      elements: str
      sample: []
    notes:
      description: The changes that need a further option, such as instances that keep earlier launch settings until an
        instance refresh.
      returned: when there are any
      type: list
      elements: str
      sample: []
    not_owned:
      description: The resources that are as described and do not belong to the application. They stay as they are. See
        O(adopt).
      returned: when there are any
      type: list
      elements: str
      sample: ["IAM role shop", "instance profile shop"]
account:
  description: The ID of the account.
  returned: when the applications were read
  type: str
  sample: "123456789012"
orphans:
  description: The resources under O(orphan_path) or with O(orphan_tags) that no application claims. C(owner) is the
    application that created them, if any.
  returned: when the applications were read
  type: list
  elements: dict
  sample: [{"name": "former-shop", "owner": "former-shop", "instance_profiles": ["former-shop"], "summary": "former-shop: ORPHAN: IAM role former-shop"}]
totals:
  description: The number of changes of each action, and of applications in each state.
  returned: when the applications were read
  type: dict
  sample: {"create": 1, "update": 0, "replace": 0, "delete": 0, "refresh": 0, "applications": 2, "changed": 1, "unchanged": 1, "blocked": 0, "orphans": 0}
plan:
  description: The plan as lines of text. A change begins with V(+) for create, V(~) for update or refresh, V(-/+) for
    replace, and V(-) for delete. A blocker begins with V(!).
  returned: when the applications were read
  type: list
  elements: str
  sample: ["search: unchanged", "shop", "  + launch template shop", "Plan: 1 to create; 1 application unchanged."]
mistakes:
  description: The mistakes in the applications.
  returned: when the task failed because of them
  type: list
  elements: dict
  sample: [{"application": "shop", "message": "application_imag_id: no such variable exists. Did you mean application_image_id?"}]
module_options:
  description: The options with which the role P(launchkit.aws.application#role) runs the module of each step, by
    application. They contain no user data. Blocked applications are left out.
  returned: when O(include_module_options=true)
  type: dict
  sample: {"shop": {"iam_role": {"name": "shop", "path": "/web/"}}}
"""

from ..module_utils.application.observation import Index
from ..module_utils.core import module as entry
from ..module_utils.fleet import report
from ..module_utils.fleet.module import FLEET_ARGUMENTS, plan_fleet
from ..module_utils.fleet.module_options import module_options


def plan_applications(module):
    """Return the module's result: the plans of the applications."""
    planned = plan_fleet(module)
    result = dict(report.plan_result(planned, module.params["include_details"]), changed=False)
    if module.params["include_module_options"]:
        index, blocked = Index(planned.observation), {plan.name for plan in planned.plans if plan.blockers}
        result["module_options"] = {
            each.name: module_options(each, index) for each in planned.applications if each.name not in blocked
        }
    return result


def main():
    module = entry.new_module(
        argument_spec=dict(
            include_module_options=dict(type="bool", default=False),
            display_plan=dict(type="bool", default=False),
            **FLEET_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, plan_applications)


if __name__ == "__main__":
    main()
