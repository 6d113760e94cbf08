#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: fleet
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Manage many applications, from IAM role to Auto Scaling group
description:
  - Manages many applications in an account and Region. Each is described by the variables of the role
    P(launchkit.aws.application#role).
  - The module makes the same plan as M(launchkit.aws.fleet_info) and carries it out in one process, many applications
    at a time.
  - The steps are the IAM role, its inline policies, the instance profile, the launch configuration or launch template,
    the Auto Scaling group, the instance refresh, and the deletion of superseded launch configurations and launch
    templates.
  - The resources of an absent application are deleted in reverse order. The application is blocked if other instances,
    groups or instance profiles use its resources.
  - A blocked application is not begun. An application that is blocked or fails does not stop the others. The task then
    fails at its end.
  - The task displays the plan and its progress while it runs. In check mode, the plan is the result.
options:
  wait_timeout:
    description:
      - The number of seconds that AWS can take to show what a step changed. By default, the longest
        C(application_wait_timeout).
      - For a step of Auto Scaling groups, the longest C(application_group_wait_timeout) if that is longer.
    type: int
  refresh_concurrency:
    description: The number of Auto Scaling groups whose instances are replaced at once, 1 to 64.
    type: int
    default: 1
  refresh_max_failures:
    description: The number of failed instance refreshes after which no further one starts. Those in progress continue,
      and the module waits for them.
    type: int
    default: 1
  refresh_canary:
    description: The names of applications whose instances are replaced first, or V(smallest) for the application whose
      group has the fewest instances. After a failure of one, no further instance refresh starts.
    type: list
    elements: str
  prune_orphans:
    description: Whether to delete orphans with their Auto Scaling groups and instances, if an application created them.
      Others are only listed. Requires O(orphan_path) or O(orphan_tags).
    type: bool
    default: false
  plan_file:
    description: The path of a file with the plan as JSON. In check mode, the module writes it. In a run, the module applies
      the plan only if it is still the same, and otherwise fails before the first change with what differs. The file has
      a digest of each application's calls, and no user data.
    type: path
  plan_markdown:
    description: The path of a file that the module writes the plan to as Markdown, such as for a merge request.
    type: path
  fail_on_changes:
    description: Whether the task fails in check mode if the plan has changes, such as in a job that looks for drift.
    type: bool
    default: false
  progress_path:
    description: The path of a file on the host that runs the module. The module adds a line to it for each change. The
      task sets the option itself if the module runs on the controller.
    type: path
extends_documentation_fragment:
  [launchkit.aws.fleet, launchkit.aws.attributes.state, amazon.aws.common.modules, amazon.aws.region.modules,
   amazon.aws.boto3]
attributes:
  diff_mode:
    description: Whether the module returns a diff. The plan names each difference instead, with C(--diff) in full.
    support: partial
    details: See O(include_details).
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
  description:
    - The plan of each application and its outcome, in the order of the list. The members of the plan are those of
      RV(launchkit.aws.fleet_info#module:applications).
    - The module also returns RV(launchkit.aws.fleet_info#module:account), RV(launchkit.aws.fleet_info#module:orphans),
      RV(launchkit.aws.fleet_info#module:totals), RV(launchkit.aws.fleet_info#module:plan) and
      RV(launchkit.aws.fleet_info#module:mistakes).
  returned: when the applications were read
  type: list
  elements: dict
  contains:
    changed:
      description: Whether a call changed the application. In check mode, whether the plan changes it.
      returned: always
      type: bool
      sample: true
    failed:
      description: Whether the application is blocked or failed.
      returned: without check mode
      type: bool
      sample: false
    calls:
      description: The calls that changed the application.
      returned: when calls were made
      type: list
      elements: str
      sample: ["create_launch_configuration launch configuration 'shop-3b1f0a9c5d7e2468'"]
    rolled_back:
      description: The calls that rolled some of these back.
      returned: when the application failed and calls were rolled back
      type: list
      elements: str
    error:
      description: The reason for the failure.
      returned: when the application is blocked or failed
      type: str
      sample: "application_image_id: image 'ami-1' does not exist in this Region, or this account may not use it."
    not_begun:
      description: The steps that were not begun because of the failure.
      returned: when steps were not begun
      type: list
      elements: str
      sample: ["auto_scaling_group", "instance_refresh", "superseded"]
"""

import json

from ..module_utils.core import files
from ..module_utils.core import module as entry
from ..module_utils.core.errors import LaunchkitError
from ..module_utils.core.executor import Executor
from ..module_utils.core.plan_text import some
from ..module_utils.core.progress import reporting_to
from ..module_utils.fleet import approval, report
from ..module_utils.fleet.apply import Fleet
from ..module_utils.fleet.module import FLEET_ARGUMENTS, plan_fleet
from ..module_utils.iam.preconditions import PRECONDITIONS


def converge_fleet(module):
    """Create, update or delete the applications, and return the module's result.

    :raises LaunchkitError: applications are blocked or failed; the others were applied.
    """
    params = module.params
    with reporting_to(params["progress_path"]) as report_line:
        planned = plan_fleet(module, params["prune_orphans"])
        result = report.plan_result(planned, params["include_details"], params["prune_orphans"])
        for line in result["plan"]:
            report_line(line)
        _files(planned, params, result, module.check_mode)
        if module.check_mode:
            errors = {plan.name: " ".join(plan.blockers) for plan in planned.plans if plan.blockers}
            result["changed"] = any(row["changed"] for row in result["applications"])
        else:
            fleet = _fleet(planned, params, report_line)
            fleet.apply(planned.applications, planned.observation, planned.plans)
            result = report.applied_result(result, fleet)
            errors = {name: error.message for name, error in fleet.errors.items()}
    if module.check_mode and params["fail_on_changes"] and result["changed"] and not errors:
        changed = [row["name"] for row in result["applications"] if row["changed"]]
        raise LaunchkitError(
            f"fail_on_changes: {some(changed)} would change. Apply the fleet file, or correct it.",
            **report.failed_result(result),
        )
    if errors:
        total = len(result["applications"])
        raise LaunchkitError(report.failure(errors, total - len(errors), total), **report.failed_result(result))
    return result


def _files(planned, params, result, check_mode):
    """Write the plan, or compare it with the approved one.

    :raises LaunchkitError: it is another one.
    """
    path, observation = params["plan_file"], planned.observation
    if params["plan_markdown"]:
        files.write(params["plan_markdown"], approval.markdown(result["plan"], observation).encode(), files.PUBLIC)
    if path:
        plan = approval.document(planned.plans, observation)
        if check_mode:
            files.write(path, f"{json.dumps(plan, indent=2)}\n".encode(), files.PUBLIC)
        else:
            approval.check(files.read(path) or b"", plan, path)


def _fleet(planned, params, report_line):
    timeout = params["wait_timeout"]
    if timeout is None:
        timeout = max((each.options["wait_timeout"] for each in planned.applications), default=0)
    return Fleet(
        planned.reader,
        Executor(planned.clients, PRECONDITIONS, timeout=timeout),
        clients=planned.clients,
        concurrency=params["concurrency"],
        refresh_options=dict(
            concurrency=params["refresh_concurrency"],
            max_failures=params["refresh_max_failures"],
            canary=params["refresh_canary"],
        ),
        wait_timeout=timeout,
        report=report_line,
    )


def main():
    module = entry.new_module(
        argument_spec=dict(
            wait_timeout=dict(type="int"),
            refresh_concurrency=dict(type="int", default=1),
            refresh_max_failures=dict(type="int", default=1),
            refresh_canary=dict(type="list", elements="str"),
            prune_orphans=dict(type="bool", default=False),
            plan_file=dict(type="path"),
            plan_markdown=dict(type="path"),
            fail_on_changes=dict(type="bool", default=False),
            progress_path=dict(type="path"),
            **FLEET_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, converge_fleet)


if __name__ == "__main__":
    main()
