#!/usr/bin/python
# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: concurrent_loop
version_added: 0.1.0
short_description: Run a module for many items, several at a time
description:
  - Runs one module for each item as C(loop) does, but several at a time, and goes on when one of them fails. At the end the task fails
    and names each item that failed with its message.
  - Python starts once, and imports once what the module needs. Each run is a process that is forked from there, which costs it a fifth of
    what a task with amazon.aws's modules does.
  - The options by which the task reaches AWS, such as O(region), O(profile) and O(endpoint_url), are those of each run, unless an item
    says otherwise, so the module has to take them. C(module_defaults) of the group C(launchkit.aws.aws) reach the module in this way.
    C(module_defaults) that name the module that is run do not apply.
  - "Shows how each run ended as it ends, such as C(amazon.aws.iam_role 12/100 web: changed), where the task runs on the controller and as
    its user. With C(no_log) the label is left out, there and in the message of the task."
  - Check mode, C(diff), C(environment), C(become) and C(no_log) of the task are those of each run.
author:
  - Contributors to the launchkit.aws project (@launchkit)
options:
  module:
    description:
      - The full name of the module to run. Modules that run on the controller in part, which have an action plugin, are refused, and
        those that are not written in Python.
    type: str
    required: true
  items:
    description:
      - The options of each run. There is no order between them but by O(serial_by), without which no two of them should concern the
        same resource.
    type: list
    elements: dict
    required: true
  concurrency:
    description:
      - How many runs there are at a time, at least V(1). This is for each host that runs the task, beside Ansible's C(forks).
    type: int
    default: 8
  serial_by:
    description:
      - An option of the items. Items that have the same value of it run one after another, in their order.
      - Needed where a module looks at more than it changes, such as M(amazon.aws.iam_policy), which breaks when another policy of the same
        role is added meanwhile.
    type: str
  label:
    description:
      - The option of the items by which messages and results name them. Each item has to have it.
    type: str
    default: name
  retry_on:
    description:
      - Regular expressions. A run whose failure message contains a match of one of them is run again, with ever longer backoff_until of
        V(0.2) up to V(5) seconds. Outside check mode, a run that succeeds in the end counts as changed, since it may have made
        something before it failed.
    type: list
    elements: str
    default: []
  retry_timeout:
    description:
      - Seconds after which a run that fails with such a message is not tried again, counted from when every item has been run once. With
        V(0) none is.
    type: int
    default: 60
  payload:
    description:
      - What Ansible makes of O(module) for the host. The task sets it by itself.
    type: str
  progress_path:
    description:
      - A file on the host that runs the module, to which a line is added for each run that ended. The runs that have not begun do not begin
        when it is gone.
      - The task sets it by itself where it can read it, which is on the controller.
    type: path
attributes:
  check_mode:
    description: Whether the runs can tell what they would do without doing it.
    support: full
    details: They run in check mode; what comes of it is the module's.
  diff_mode:
    description: Whether it shows what the runs change.
    support: full
    details: It shows what the module shows, headed by the item's label.
  idempotent:
    description: Whether a second run with the same options changes nothing.
    support: full
    details: As far as the module is idempotent.
  async:
    description: Whether it supports C(async).
    support: none
  action:
    description: Whether it runs on the controller.
    support: full
  action_group:
    description: The action group for C(module_defaults) that the module belongs to.
    support: full
    membership:
      - launchkit.aws.aws
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: Make the roles of all applications, four at a time
  launchkit.aws.concurrent_loop:
    module: amazon.aws.iam_role
    items:
      - name: web
        assume_role_policy_document: "{{ trust }}"
      - name: db
        assume_role_policy_document: "{{ trust }}"
        region: eu-west-1

- name: Put inline policies into roles, and try again while IAM does not show all of a new role yet
  launchkit.aws.concurrent_loop:
    module: amazon.aws.iam_policy
    items: "{{ policies }}"
    label: policy_name
    serial_by: iam_name
    concurrency: 16
    retry_on: ["NoSuchEntity", "Throttling", "Rate exceeded"]
    retry_timeout: 120
"""

RETURN = r"""
results:
  description: The result of each run, in the order of O(items). Warnings and deprecations are the task's own, each once.
  returned: when the options are right
  type: list
  elements: dict
  contains:
    item:
      description: The value of the item's option O(label).
      returned: always
      type: raw
      sample: web
    attempts:
      description: How often it was run.
      returned: when that was more than once
      type: int
      sample: 2
    changed:
      description: Whether the module changed something.
      returned: when the module says so
      type: bool
      sample: true
    failed:
      description: Whether the run failed in the end.
      returned: when it failed, or the module says so
      type: bool
      sample: false
    msg:
      description: Why it failed, or what else the module has to say.
      returned: when the module says something
      type: str
      sample: Unable to create role
  sample:
    - item: web
      changed: true
msg:
  description: How many runs changed something; when some failed, how many, and the label and message of each on a line of its own.
  returned: always
  type: str
  sample: 3 of 100 runs of amazon.aws.iam_role changed something.
"""

import tempfile
from pathlib import Path

from ansible_collections.launchkit.aws.plugins.module_utils import concurrent_loop
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.core.progress import reporting_to
from ansible_collections.launchkit.aws.plugins.module_utils.module_runs import ModuleRuns


def run_all(module):
    """Run the module of the task for all of its items, and return their results as ``runs``."""
    options = module.params
    path = options["progress_path"]
    if options["payload"] is None:
        raise LaunchkitError("payload: missing. Run launchkit.aws.concurrent_loop as a task, whose action makes it.")
    with reporting_to(path) as write, tempfile.TemporaryDirectory(prefix="runs-", dir=module.tmpdir) as folder:

        def report(index, result):
            write(f"{index} {concurrent_loop.state_of(result)}")
            if path and not Path(path).exists():
                raise LaunchkitError("The task was stopped, and what had not begun was not begun.")

        runs = ModuleRuns(options["payload"], folder, options["concurrency"], options["serial_by"], report)
        return dict(changed=False, runs=runs.all(options["retry_on"], options["retry_timeout"]))


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(payload=dict(no_log=True), progress_path=dict(type="path"), **concurrent_loop.ARGUMENT_SPEC),
        supports_check_mode=True,
        check_boto3=False,
    )
    entry.run(module, run_all)


if __name__ == "__main__":
    main()
