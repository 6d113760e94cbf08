#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
module: fleet
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Bring instance profiles and launch settings of many applications to what they shall be
description:
  - Takes many applications, each described by the variables of the role P(launchkit.aws.application#role), and makes what
    M(launchkit.aws.iam_instance_profile), M(launchkit.aws.autoscaling_launch_configuration) and M(launchkit.aws.ec2_launch_template) would make
    for each of them, in one process and several at a time.
  - Existing Auto Scaling groups that shall launch from something new are repointed to it, and what they leave is removed. Nothing else
    of a group is changed. Where C(application_refresh) is set, the group is left to the role.
  - It makes no IAM roles, and neither makes Auto Scaling groups nor removes applications. The role P(launchkit.aws.fleet#role) does all of it.
  - An application that fails does not stop the others. The task fails at the end, and says for each application what was done and what is left.
  - Shows its progress while it works.
options:
  wait_timeout:
    description:
      - The seconds that AWS may take to show what was changed, for all applications together at each stage.
    type: int
    default: 120
  progress_path:
    description:
      - A file on the host that runs the module, to which a line is added whenever an application has got further.
      - The task sets it by itself where it can read it, which is on the controller.
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
- name: Make the instance profiles and launch configurations of two applications, whose roles exist
  launchkit.aws.fleet:
    defaults:
      application_instance_type: t3.small
    applications:
      - application_name: shop
        application_image_id: ami-baba68d3
      - application_name: search
        application_image_id: ami-baba68d3
    concurrency: 16
"""

RETURN = r"""
applications:
  description: What came of each application that is to be there, in their order.
  returned: when the applications were read
  type: list
  elements: dict
  contains:
    name:
      description: The name of the application.
      returned: always
      type: str
      sample: shop
    changed:
      description: Whether anything was changed.
      returned: always
      type: bool
      sample: true
    done:
      description: The calls that were made.
      returned: always
      type: list
      elements: str
      sample: ["create_launch_configuration launch configuration 'shop-3b1f0a9c5d7e2468'"]
    failed:
      description: Whether it could not be brought to its end.
      returned: always
      type: bool
      sample: false
    error:
      description: Why not.
      returned: always
      type: str
      sample:
    left:
      description: The stages that were not gone through because of that.
      returned: always
      type: list
      elements: str
      sample: []
autoscaling_groups:
  description: The options for M(amazon.aws.autoscaling_group) for each group that has to be made, or to be changed in more than what it launches from.
  returned: when the applications were read
  type: list
  elements: dict
  sample: [{"name": "shop", "min_size": 1, "max_size": 4}]
to_refresh:
  description: The applications with C(application_refresh) whose instances have to be replaced.
  returned: when the applications were read
  type: list
  elements: str
  sample: []
totals:
  description: How many applications were changed, unchanged, and failed.
  returned: when the applications were read
  type: dict
  sample: {"applications": 2, "changed": 1, "unchanged": 1, "failed": 0}
mistakes:
  description: What is wrong with the applications.
  returned: when the task failed because of them
  type: list
  elements: dict
  sample: [{"application": "shop", "message": "application_imag_id: there is no such variable. Did you mean application_image_id?"}]
"""

from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor
from ansible_collections.launchkit.aws.plugins.module_utils.core.progress import reporting_to
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import apply as fleet_apply
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.module import (
    FLEET_ARGUMENTS,
    applications_of,
    reading_for,
)
from ansible_collections.launchkit.aws.plugins.module_utils.iam.preconditions import PRECONDITIONS


def converge_fleet(module):
    """Bring the applications to what the parameters ask for, and return the module's result."""
    applications = [each for each in applications_of(module) if each.present]
    clients, reading = reading_for(module, applications)
    timeout = module.params["wait_timeout"]
    with reporting_to(module.params["progress_path"]) as report:
        fleet = fleet_apply.Fleet(
            reading,
            Executor(clients, PRECONDITIONS, timeout=timeout),
            check_mode=module.check_mode,
            concurrency=module.params["concurrency"],
            wait_timeout=timeout,
            report=report,
        )
        result = fleet.converge(applications)
    for warning in result.pop("warnings"):
        entry.warn(warning)
    return result


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(
            wait_timeout=dict(type="int", default=120), progress_path=dict(type="path"), **FLEET_ARGUMENTS
        ),
        supports_check_mode=True,
    )
    entry.run(module, converge_fleet)


if __name__ == "__main__":
    main()
