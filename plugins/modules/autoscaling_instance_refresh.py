#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: autoscaling_instance_refresh
version_added: 0.1.0
short_description: Replace the outdated instances of an Auto Scaling group
description:
  - Starts an instance refresh if a group has outdated instances, and waits for its end. Outdated instances were not launched from the
    launch configuration or launch template version of the group, or from that of O(launch_template_id).
  - Changes nothing if all instances are current. If a refresh to the same launch template is in progress, the module waits for that one.
  - With O(launch_template_id), the group launches from that version once the refresh is successful. If it fails, Auto Scaling rolls
    back the group and its instances, and the task fails with the reason.
  - While the task waits, it shows the progress of the refresh on the controller.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  group:
    description: The name of the Auto Scaling group.
    aliases: ["name", "group_name"]
    type: str
    required: true
  launch_template_id:
    description:
      - The id of the launch template for the group, which can use a launch configuration until then.
      - When not set, instances are compared with what the group names, and a failed refresh is not rolled back.
    type: str
  launch_template_version:
    description: The number of the version.
    type: str
  min_healthy_percentage:
    description:
      - The percentage of the group's desired capacity that has to stay healthy during the refresh, V(0) to V(100).
    type: int
    default: 90
  max_healthy_percentage:
    description: The percentage of the group's desired capacity that the group can have at most, V(100) to V(200), and
      at most 100 above O(min_healthy_percentage). Above V(100), instances are launched before those that they replace
      are terminated, which a group of one instance needs to stay in service.
    type: int
  instance_warmup:
    description: The time in seconds until a new instance counts as ready. When not set, the group's own setting.
    type: int
  auto_rollback:
    description:
      - Whether a refresh to O(launch_template_id) that fails is rolled back. The group must not name its current template by
        V($Latest) or V($Default) then, and Auto Scaling cannot roll back if the image is a parameter of Systems Manager.
    type: bool
    default: true
  scale_in_protected_instances:
    description:
      - The treatment of instances that are protected from scale-in. V(refresh) replaces them, V(ignore) leaves them as they are, and
        V(wait) waits for an hour until their protection is removed, after which the refresh fails. AWS's default is V(wait).
      - With V(ignore), these instances do not count as outdated.
    type: str
    choices: ["refresh", "ignore", "wait"]
  standby_instances:
    description:
      - The treatment of instances in standby. V(refresh) terminates and replaces them (V(Terminate) in the API), V(ignore) leaves
        them as they are, and V(wait) waits for an hour until they are in service, after which the refresh fails. AWS's default is
        V(wait).
      - With V(ignore), these instances do not count as outdated.
    type: str
    choices: ["refresh", "ignore", "wait"]
  skip_matching:
    description:
      - Whether instances that match the launch template already are skipped. V(false) replaces all instances if one is outdated.
      - When not set, V(true) for launch templates. Auto Scaling cannot do this for launch configurations, where V(true) is refused.
    type: bool
  bake_time:
    description:
      - The time in seconds that Auto Scaling waits after the last replacement before the refresh is complete, V(0) to V(172800).
    type: int
  checkpoint_percentages:
    description:
      - The percentages of replaced instances at which the refresh pauses, ascending, V(1) to V(100).
      - If the last one is below V(100), the refresh ends there, and the other instances stay outdated.
    type: list
    elements: int
  checkpoint_delay:
    description: The time in seconds for which the refresh pauses at each of O(checkpoint_percentages), V(0) to
      V(172800). AWS's default is V(3600). O(wait_timeout) has to include these pauses.
    type: int
  alarms:
    description: The names of CloudWatch alarms that fail the refresh.
    type: list
    elements: str
  wait:
    description: Whether to wait for the end of the refresh.
    type: bool
    default: true
  wait_timeout:
    description: The time in seconds after which waiting ends and the task fails. The refresh continues.
    type: int
    default: 3600
  poll_interval:
    description: The time in seconds between two reads of a refresh that is in progress.
    type: int
    default: 15
seealso:
  - module: amazon.aws.autoscaling_instance_refresh
  - module: amazon.aws.autoscaling_instance_refresh_info
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - launchkit.aws.attributes.state
"""

EXAMPLES = r"""
- name: Replace outdated instances
  launchkit.aws.autoscaling_instance_refresh:
    group: web

- name: Set a group to a launch template version, and roll back if the refresh fails
  launchkit.aws.autoscaling_instance_refresh:
    group: web
    launch_template_id: lt-0123456789abcdef0
    launch_template_version: "2"
    min_healthy_percentage: 100

- name: Replace protected instances too, and leave those in standby as they are
  launchkit.aws.autoscaling_instance_refresh:
    group: web
    scale_in_protected_instances: refresh
    standby_instances: ignore
"""

RETURN = r"""
instance_refresh:
  description: The instance refresh. Empty if no instance was outdated.
  returned: always
  type: dict
  contains:
    instance_refresh_id:
      description: The ID of the instance refresh.
      returned: when there is one
      type: str
      sample: 08b91cf7-8fa6-48af-b6a6-d227f40f1b9b
    status:
      description: The status, such as V(InProgress), V(Successful), V(Failed) or V(RollbackSuccessful).
      returned: when there is one
      type: str
      sample: Successful
    status_reason:
      description: The reason for the status.
      returned: when AWS gives one
      type: str
      sample: Instances failed their health checks.
    percentage_complete:
      description: The percentage of the refresh that is complete.
      returned: when it is in progress
      type: int
      sample: 50
    instances_to_update:
      description: The number of instances that remain.
      returned: when it is in progress
      type: int
      sample: 1
outdated_instances:
  description:
    - The IDs of the outdated instances at the last read, without those that terminate or that the refresh ignores.
    - If a group names V($Latest) or V($Default), the module reads the number of that version from EC2.
  returned: always
  type: list
  elements: str
  sample: []
blocking_instances:
  description: The IDs of the outdated instances that a refresh waits for, by the option that changes this.
  returned: always
  type: dict
  sample: {"scale_in_protected_instances": ["i-0123456789abcdef0"], "standby_instances": []}
"""

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import (
    instance_refresh,
    instance_refresh_options,
)
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.instance_refresh_resource import (
    InstanceRefreshResource,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge_one
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor


def start_refresh(module):
    """Start the refresh that the parameters ask for, and return the module's result. Waiting is the action plugin's."""
    target = instance_refresh_options.from_params(module.params)
    clients = entry.clients_for(module)
    # Until Auto Scaling shows the refresh: who waits for its end has to know which one it is.
    outcome = converge_one(InstanceRefreshResource(clients, target), Executor(clients), check_mode=module.check_mode)
    before, after = outcome.before, outcome.after
    concerned = after.started or instance_refresh.is_active(after.newest)
    preferences = {**target.preferences, **((concerned and after.newest.get("Preferences")) or {})}
    outdated_before, outdated = (
        instance_refresh.outdated(state.group, target.specification, state.numbers, preferences)
        for state in (before, after)
    )
    return dict(
        changed=outcome.changed,
        instance_refresh=instance_refresh.render(after.newest) if concerned else {},
        outdated_instances=list(outdated),
        blocking_instances=instance_refresh.blocking(after.group, outdated, preferences),
        diff=dict(
            before=instance_refresh.diffable(before.group, outdated_before),
            after=instance_refresh.diffable(
                {"LaunchTemplate": target.specification} if target.specification else before.group, ()
            ),
        ),
    )


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(
            group=dict(aliases=["name", "group_name"], required=True),
            launch_template_id=dict(),
            launch_template_version=dict(),
            min_healthy_percentage=dict(type="int", default=90),
            max_healthy_percentage=dict(type="int"),
            instance_warmup=dict(type="int"),
            auto_rollback=dict(type="bool", default=True),
            scale_in_protected_instances=dict(choices=["refresh", "ignore", "wait"]),
            standby_instances=dict(choices=["refresh", "ignore", "wait"]),
            skip_matching=dict(type="bool"),
            bake_time=dict(type="int"),
            checkpoint_percentages=dict(type="list", elements="int"),
            checkpoint_delay=dict(type="int"),
            alarms=dict(type="list", elements="str"),
            wait=dict(type="bool", default=True),
            wait_timeout=dict(type="int", default=3600),
            poll_interval=dict(type="int", default=15),
        ),
        required_together=[("launch_template_id", "launch_template_version")],
        supports_check_mode=True,
    )
    entry.run(module, start_refresh)


if __name__ == "__main__":
    main()
