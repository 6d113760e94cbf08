#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet_info
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Tell what would change in many applications
description:
  - Compares many applications, each described by the variables of the role P(launchkit.aws.application#role), with what there is in the
    account and Region, and tells for each of them what would change and why. It changes nothing.
  - It reads in bulk, so that a hundred applications cost about as many calls as ten. One call more for each application is made only where
    it has tags, since IAM leaves the tags of instance profiles out of its lists.
  - Roles are judged as M(amazon.aws.iam_role) judges them. Their paths, which IAM cannot change, are not compared.
options:
  orphan_path:
    description:
      - An IAM path, such as V(/web/). Roles and instance profiles under it that no application claims are reported as orphans.
    type: str
  orphan_tags:
    description:
      - Tags. Roles that have all of them and that no application claims are reported as orphans. With O(orphan_path), both have to hold.
    type: dict
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
- name: Tell what would change
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

- name: Show it
  ansible.builtin.debug:
    msg: "{{ found.plan }}"
"""

RETURN = r"""
applications:
  description: What would change for each application, in their order.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the application.
      returned: always
      type: str
      sample: shop
    state:
      description: Whether it is to be there.
      returned: always
      type: str
      sample: present
    changed:
      description: Whether anything would change.
      returned: always
      type: bool
      sample: true
    unchanged:
      description: Whether all is as it shall be. Neither this nor RV(applications[].changed) when there is only an error.
      returned: always
      type: bool
      sample: false
    summary:
      description: What would change, in a line.
      returned: always
      type: str
      sample: "shop: create launch configuration shop-3b1f0a9c5d7e2468; change Auto Scaling group shop (launch_config_name)"
    error:
      description: Why the application cannot be brought to what it shall be.
      returned: when it cannot
      type: str
      sample: "path: instance profile 'shop' has the path '/', not '/web/', and IAM cannot change it."
    warnings:
      description: What differs and is kept, such as the path of a role, which IAM cannot change.
      returned: when there are any
      type: list
      elements: str
      sample: []
    changes:
      description: The resources that would change.
      returned: when there are any
      type: list
      elements: dict
      contains:
        resource:
          description: What it is.
          returned: always
          type: str
          sample: launch_configuration
        name:
          description: Its name.
          returned: always
          type: str
          sample: shop-3b1f0a9c5d7e2468
        action:
          description: V(create), V(change), V(replace), V(refresh) or V(remove).
          returned: always
          type: str
          sample: create
        differences:
          description: The fields that differ. For a launch configuration, from the one that it follows.
          returned: always
          type: list
          elements: dict
          sample: [{"field": "image_id", "wanted": "ami-0b0b0b0b", "actual": "ami-baba68d3"}]
account:
  description: The account that was read.
  returned: always
  type: str
  sample: "123456789012"
iam_roles:
  description: The options for M(amazon.aws.iam_role) for each role that differs.
  returned: always
  type: list
  elements: dict
  sample: [{"name": "shop", "path": "/web/"}]
iam_policies:
  description: The options for M(amazon.aws.iam_policy) for each inline policy that differs.
  returned: always
  type: list
  elements: dict
  sample: [{"iam_type": "role", "iam_name": "shop", "policy_name": "queue", "state": "present"}]
beyond_roles:
  description: The applications in which anything else than the role and its policies differs, which is what M(launchkit.aws.fleet) sees to.
  returned: always
  type: list
  elements: str
  sample: ["shop"]
to_remove:
  description: The applications that are not to be there and of which there is something.
  returned: always
  type: list
  elements: str
  sample: []
orphans:
  description: What there is under O(orphan_path) or with O(orphan_tags) that no application claims.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: The name of the role, or of an instance profile that holds none.
      returned: always
      type: str
      sample: former-shop
    instance_profiles:
      description: Its instance profiles.
      returned: always
      type: list
      elements: str
      sample: ["former-shop"]
    launch_configurations:
      description: The launch configurations that name these.
      returned: always
      type: list
      elements: str
      sample: ["former-shop-3b1f0a9c5d7e2468"]
    launch_templates:
      description: The launch templates that name these.
      returned: always
      type: list
      elements: str
      sample: []
    auto_scaling_groups:
      description: The groups that launch from these.
      returned: always
      type: list
      elements: str
      sample: ["former-shop"]
    variables:
      description: The variables with which the role P(launchkit.aws.application#role) removes it.
      returned: always
      type: dict
      sample: {"application_name": "former-shop", "application_role_name": "former-shop"}
    summary:
      description: All of it in a line.
      returned: always
      type: str
      sample: "former-shop: ORPHAN: role former-shop; instance profile former-shop"
role_names:
  description: The roles that the applications claim.
  returned: when O(orphan_path) or O(orphan_tags) is set
  type: list
  elements: str
  sample: ["shop", "search"]
totals:
  description: How many applications are what.
  returned: always
  type: dict
  sample: {"applications": 2, "changed": 1, "failed": 0, "unchanged": 1, "orphans": 0}
plan:
  description: All of it for people, a line for each application, details under those that change, totals at the end.
  returned: always
  type: list
  elements: str
  sample: ["search: unchanged", "2 applications: 1 to change, 1 unchanged, 0 that cannot be changed; 0 orphans."]
mistakes:
  description: What is wrong with the applications.
  returned: when the task failed because of them
  type: list
  elements: dict
  sample: [{"application": "shop", "message": "application_imag_id: there is no such variable. Did you mean application_image_id?"}]
"""

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import orphans as fleet_orphans
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report as fleet_view
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module import (
    FLEET_ARGUMENTS,
    applications_of,
    reading_for,
)


def look_at_fleet(module):
    """Return the module's result: what would change for each application."""
    territory = fleet_orphans.from_params(module.params)
    applications = applications_of(module)
    dummy, reading = reading_for(module, applications, territory)
    index = Index(reading.everything())
    if fleet_orphans.find(territory, applications, index):
        index = Index(reading.whole_region(index.observation))
    looks = [fleet_view.row(application, index) for application in applications]
    rows = [row for row, dummy in looks]
    for row in rows:
        for warning in row["warnings"]:
            entry.warn(f"[{row['name']}] {warning}")
    orphans = fleet_orphans.find(territory, applications, index)
    return dict(
        changed=False,
        account=index.observation.account,
        applications=[fleet_view.without_empty(row) for row in rows],
        iam_roles=[tasks["iam_role"] for dummy, tasks in looks if "iam_role" in tasks],
        iam_policies=[options for dummy, tasks in looks for options in tasks.get("iam_policies", ())],
        beyond_roles=[row["name"] for row in rows if fleet_view.is_beyond_role(row)],
        to_remove=[row["name"] for row in rows if row["state"] == "absent" and row["changed"]],
        orphans=orphans,
        **(dict(role_names=[each.options["role_name"] for each in applications]) if territory else {}),
        totals=fleet_view.totals(rows, orphans),
        plan=fleet_view.lines(rows, orphans),
    )


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(orphan_path=dict(), orphan_tags=dict(type="dict"), **FLEET_ARGUMENTS),
        supports_check_mode=True,
    )
    entry.run(module, look_at_fleet)


if __name__ == "__main__":
    main()
