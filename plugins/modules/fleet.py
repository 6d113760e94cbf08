#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Manage many applications, from IAM role to Auto Scaling group
description:
  - Manages many applications, each described by the variables of the role P(launchkit.aws.application#role), in an account and Region. The
    module plans them like M(launchkit.aws.fleet_info), and carries the plans out in one process, many at a time.
  - The steps are the IAM role, its inline policies, the instance profile, the launch configuration or launch template, the Auto Scaling
    group, the instance refresh, and the deletion of superseded launch configurations and launch templates.
  - An application that is absent is deleted in reverse order. Before anything is deleted, the module looks for instances, groups and instance
    profiles outside the application that use its resources. If it finds any, the application is blocked.
  - An application that is blocked or fails does not stop the others. The task fails at the end, and returns the errors by application.
  - In check mode the plan is the result.
options:
  wait_timeout:
    description:
      - The number of seconds that AWS can take to show what a step changed. By default, the longest C(application_wait_timeout).
    type: int
  refresh_concurrency:
    description:
      - The number of Auto Scaling groups whose instances are replaced at once, 1 to 64. After a failure, no further instance refresh starts.
    type: int
    default: 1
  prune_orphans:
    description:
      - Whether to delete orphans, with their Auto Scaling groups and instances. Requires O(orphan_path) or O(orphan_tags).
    type: bool
    default: false
  progress_path:
    description:
      - A file on the host that runs the module. The module adds a line about progress to it. The task sets it by itself where it can read it,
        which is on the controller.
    type: path
extends_documentation_fragment:
  - launchkit.aws.fleet
  - launchkit.aws.attributes.state
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: launchkit.aws.fleet_info
"""

EXAMPLES = r"""
- name: Create or update two applications
  launchkit.aws.fleet:
    defaults:
      application_instance_type: t3.small
    applications:
      - application_name: shop
        application_image_id: ami-baba68d3
      - application_name: search
        application_image_id: ami-baba68d3
    concurrency: 16

- name: Delete an application
  launchkit.aws.fleet:
    applications:
      - application_name: search
        application_state: absent
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
      description: Whether anything was changed. In check mode, whether the plan changes anything.
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
    failed:
      description: Whether the application is blocked or failed.
      returned: without check mode
      type: bool
      sample: false
    calls:
      description: The calls that were made.
      returned: when calls were made
      type: list
      elements: str
      sample: ["create_launch_configuration launch configuration 'shop-3b1f0a9c5d7e2468'"]
    error:
      description: The reason of the failure.
      returned: when the application is blocked or failed
      type: str
      sample:
    not_begun:
      description: The steps that were not begun because of the failure.
      returned: when steps were not begun
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
"""

from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.core.progress import reporting_to
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module import FLEET_ARGUMENTS, FleetRun


def converge_fleet(module):
    """Bring the applications to their desired state, and return the module's result.

    :raises LaunchkitError: applications are blocked or failed; the others were applied.
    """
    with reporting_to(module.params["progress_path"]) as report_line:
        run = FleetRun(module, report_line, module.params["prune_orphans"])
        result = run.result()
        for line in result["plan"]:
            report_line(line)
        errors = {plan.name: " ".join(plan.blockers) for plan in run.plans if plan.blockers}
        if module.check_mode:
            result["changed"] = any(row["changed"] for row in result["applications"])
        else:
            run.fleet.apply(run.applications, run.observation, run.plans)
            result = report.applied_result(result, run.fleet)
            errors = {name: error.message for name, error in run.fleet.errors.items()}
    if errors:
        total = len(result["applications"])
        raise LaunchkitError(report.failure(errors, total - len(errors), total), **report.failed_result(result))
    return result


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(
            wait_timeout=dict(type="int"),
            refresh_concurrency=dict(type="int", default=1),
            prune_orphans=dict(type="bool", default=False),
            progress_path=dict(type="path"),
            **FLEET_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, converge_fleet)


if __name__ == "__main__":
    main()
