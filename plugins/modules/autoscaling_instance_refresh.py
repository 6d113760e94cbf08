#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: autoscaling_instance_refresh
version_added: 0.1.0
short_description: Replace the outdated instances of an Auto Scaling group
description:
  - Starts an instance refresh if a group has outdated instances, and waits for its end. Outdated instances were not
    launched from the launch configuration or launch template version of the group, or of O(launch_template_id).
  - If a refresh to the same launch template is in progress, the module waits for that one.
  - With O(launch_template_id), the group launches from that version once the refresh is successful. If it fails, Auto
    Scaling rolls back the group and its instances, and the task fails with the reason.
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
      - The ID of the launch template for the group, which can use a launch configuration until then.
      - Without it, instances are compared with what the group names, and a failed refresh is not rolled back.
    type: str
  launch_template_version: {description: "The number of the launch template version.", type: str}
  min_healthy_percentage:
    description: The percentage of the desired capacity that stays healthy, V(0) to V(100).
    type: int
    default: 90
  max_healthy_percentage:
    description: The highest percentage of the desired capacity in service, V(100) to V(200), and at most 100 above
      O(min_healthy_percentage). Above V(100), new instances launch before others terminate, also in a group of one.
    type: int
  instance_warmup: {description: "The instance warmup in seconds. The default is that of the group.", type: int}
  auto_rollback:
    description:
      - Whether to roll back a refresh to O(launch_template_id) that fails. The default is V(true) with
        O(launch_template_id). V(true) is refused without it, since Auto Scaling rolls back only to what it replaces.
      - Auto Scaling cannot roll back if the group names V($Latest) or V($Default) of its current template, or if the
        image is a parameter of Systems Manager.
    type: bool
  expected_launch_configuration:
    description: The launch configuration that the group uses. If the group launches from something else, apart from
      O(launch_template_id), another run changed it, and the task fails without changes. Mutually exclusive with
      O(expected_launch_template_id).
    type: str
  expected_launch_template_id:
    description: The ID of the launch template that the group uses, with the same effect. Requires
      O(expected_launch_template_version).
    type: str
  expected_launch_template_version:
    description: The version of O(expected_launch_template_id), as the group names it.
    type: str
  scale_in_protected_instances:
    description:
      - The treatment of instances that are protected from scale-in. V(refresh) replaces them, V(ignore) keeps them.
        V(wait), AWS's default, waits until their protection is removed, and fails the refresh after an hour.
      - With V(ignore), these instances do not count as outdated.
    type: str
    choices: ["refresh", "ignore", "wait"]
  standby_instances:
    description: The same for instances in standby. V(wait) waits until they are in service. V(refresh) terminates and
      replaces them, V(Terminate) in the API.
    type: str
    choices: ["refresh", "ignore", "wait"]
  skip_matching:
    description: Whether to skip instances that match the launch template. V(false) replaces all instances if one is
      outdated. The default is V(true) for launch templates. V(true) is refused for launch configurations.
    type: bool
  bake_time:
    description: The time in seconds from the last replacement to the end of the refresh, V(0) to V(172800).
    type: int
  checkpoint_percentages:
    description:
      - The percentages of replaced instances at which the refresh pauses, ascending, V(1) to V(100).
      - If the last one is below V(100), the refresh ends there, and the other instances stay outdated.
    type: list
    elements: int
  checkpoint_delay:
    description: The time in seconds of each pause, V(0) to V(172800). AWS's default is V(3600). O(wait_timeout) has to
      include the pauses.
    type: int
  alarms: {description: "The names of CloudWatch alarms that fail the refresh.", type: list, elements: str}
  wait: {description: "Whether to wait for the end of the refresh.", type: bool, default: true}
  wait_timeout:
    description: The time in seconds after which the task fails. The refresh continues.
    type: int
    default: 3600
  poll_interval: {description: "The time in seconds between two reads of the refresh.", type: int, default: 15}
seealso:
  - module: amazon.aws.autoscaling_instance_refresh
  - module: amazon.aws.autoscaling_instance_refresh_info
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3, launchkit.aws.attributes.state]
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
    instance_refresh_id: {description: "The ID of the instance refresh.", type: str}
    status:
      description: The status, such as V(InProgress), V(Successful), V(Failed) or V(RollbackSuccessful).
      type: str
    status_reason: {description: "The reason for the status.", returned: when AWS gives one, type: str}
    percentage_complete:
      description: The percentage of the refresh that is complete.
      returned: when it is in progress
      type: int
    instances_to_update:
      description: The number of instances that remain.
      returned: when it is in progress
      type: int
outdated_instances:
  description: The IDs of the outdated instances at the last read, without those that terminate or that the refresh
    ignores. If a group names V($Latest) or V($Default), the module reads the number of that version from EC2.
  returned: always
  type: list
  elements: str
blocking_instances:
  description: The IDs of the outdated instances that a refresh waits for, by the option that changes this.
  returned: always
  type: dict
  sample: {"scale_in_protected_instances": ["i-0123456789abcdef0"], "standby_instances": []}
calls:
  description: The calls that changed something, also if the refresh fails later.
  returned: always
  type: list
  elements: str
  sample: ["start_instance_refresh Auto Scaling group 'web'"]
"""

from ..module_utils.autoscaling import instance_refresh, instance_refresh_options
from ..module_utils.autoscaling.resources import InstanceRefreshResource
from ..module_utils.core import module as entry
from ..module_utils.core.converge import converge_one
from ..module_utils.core.errors import InvalidOption
from ..module_utils.core.executor import Executor


def start_refresh(module):
    """Start the refresh and return the module's result. The action plugin waits for the end of the refresh."""
    target = instance_refresh_options.from_params(module.params)
    if module.params["auto_rollback"] and target.specification is None:
        raise InvalidOption(
            "auto_rollback: requires launch_template_id. Auto Scaling rolls back to what the refresh replaces, and without "
            "it the group launches from the same as before. Set launch_template_id, or remove auto_rollback."
        )
    clients = entry.clients_for(module)
    # This waits until Auto Scaling shows the refresh, for the id by which the action plugin reads it.
    outcome = converge_one(InstanceRefreshResource(clients, target), Executor(clients), check_mode=module.check_mode)
    before, after, specification = outcome.before, outcome.after, target.specification
    shows = after.started or instance_refresh.is_active(after.newest)
    preferences = {**target.preferences, **((shows and after.newest.get("Preferences")) or {})}
    outdated_before, outdated = (
        instance_refresh.outdated(state.group, specification, state.numbers, preferences) for state in (before, after)
    )
    moved = {"LaunchTemplate": specification} if specification else before.group
    return dict(
        changed=outcome.changed,
        instance_refresh=instance_refresh.render(after.newest) if shows else {},
        outdated_instances=list(outdated),
        blocking_instances=instance_refresh.blocking(after.group, outdated, preferences),
        calls=list(map(str, outcome.calls)),
        diff=dict(
            before=instance_refresh.diffable(before.group, outdated_before),
            after=instance_refresh.diffable(moved, ()),
        ),
    )


def main():
    module = entry.new_module(
        argument_spec=dict(
            group=dict(aliases=["name", "group_name"], required=True),
            launch_template_id=dict(),
            launch_template_version=dict(),
            min_healthy_percentage=dict(type="int", default=90),
            max_healthy_percentage=dict(type="int"),
            instance_warmup=dict(type="int"),
            auto_rollback=dict(type="bool"),
            expected_launch_configuration=dict(),
            expected_launch_template_id=dict(),
            expected_launch_template_version=dict(),
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
        required_together=[
            ("launch_template_id", "launch_template_version"),
            ("expected_launch_template_id", "expected_launch_template_version"),
        ],
        mutually_exclusive=[("expected_launch_configuration", "expected_launch_template_id")],
        supports_check_mode=True,
    )
    entry.run(module, start_refresh)


if __name__ == "__main__":
    main()
