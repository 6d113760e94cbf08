#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: autoscaling_launch_template_migration
version_added: 0.1.0
short_description: Migrate Auto Scaling groups from launch configurations to launch templates
description:
  - Creates a launch template from each launch configuration that the selected groups use, with the same instance
    profile and user data, and sets the groups to its version, by number. Nothing else of a group changes, and never its
    capacity.
  - Running instances stay as they are, unless O(refresh=true).
  - The module displays the plan before the first change, and then its progress. In check mode, it displays the plan.
    With C(--diff), the plan shows each launch configuration beside the data of its launch template.
  - A group that another run sets to another launch configuration or launch template meanwhile is skipped.
  - A version of a launch template is used again only if all of its data are those of the launch configuration.
  - The migration can stop at any point and run again. Groups with a launch template stay as they are.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  groups:
    description: The names of the groups. Together with O(group_regex) and O(group_tags), all must match. At least one of
      these options or O(all) is required. An empty list selects no group.
    type: list
    elements: str
  group_regex: {description: "A Python regular expression that matches the beginning of the groups' names.", type: str}
  group_tags: {description: "The tags of the groups. A tag without a value matches any value.", type: dict}
  all:
    description: Whether to select all groups of the Region if no other option selects groups.
    type: bool
    default: false
  state:
    description:
      - V(migrated) sets the groups to launch templates.
      - V(reverted) sets migrated groups to the launch configurations that their launch templates are copies of, while
        those exist. The launch templates stay.
    type: str
    choices: ["migrated", "reverted"]
    default: migrated
  template_names:
    description: The names of the launch templates, by launch configuration. The default is the name of the launch
      configuration, with dashes for characters that launch templates cannot have, and digits that make it unique.
    type: dict
  tags:
    description: The tags of the launch templates, and of the instances and volumes that they launch. The tags
      C(launchkit:launch-configuration) and C(launchkit:migrated-at) are added to the launch templates.
    type: dict
  on_obstacle:
    description:
      - The action if a group cannot migrate, for example because its launch configuration names an instance profile
        without a role, or because a refresh would wait for a suspended process.
      - V(fail) fails before the first change, with the reasons for each group. V(skip) skips these groups.
    type: str
    choices: ["fail", "skip"]
    default: fail
  on_owner:
    description:
      - The action if the tags of a group name a tool that owns it and would revert the migration. These are
        CloudFormation, Elastic Beanstalk, EKS, kops, other Kubernetes clusters, AWS Batch, OpsWorks, Pulumi, Terraform,
        OpenTofu, and the role P(launchkit.aws.application#role).
      - V(skip) skips the group. V(fail) treats it as an obstacle. V(migrate) migrates it, with a warning.
    type: str
    choices: ["skip", "fail", "migrate"]
    default: skip
  refresh:
    description:
      - Whether to replace outdated instances by an instance refresh. It sets the group to the launch template. If it
        fails, Auto Scaling sets the group to its launch configuration again.
      - Groups that an earlier run set to their launch template, and that have instances from before, are refreshed as
        well. To be able to roll back, they are set to their launch configuration until the refresh is successful.
    type: bool
    default: false
  refresh_canary:
    description: The names of groups that are refreshed first, or V(smallest) for the one with the fewest instances. The
      refreshes of other groups start once these have succeeded.
    type: list
    elements: str
  refresh_concurrency:
    description: The number of groups whose instances are replaced at once, 1 to 64.
    type: int
    default: 1
  refresh_max_failures:
    description: The number of failed instance refreshes after which no further one starts. Those in progress continue,
      and the module waits for them. The others are returned as V(not begun).
    type: int
    default: 1
  refresh_timeout:
    description: The time in seconds to wait for the refresh of each group. A refresh that takes longer continues, and the
      next run waits for it again.
    type: int
    default: 3600
  refresh_poll_interval: {description: "The time in seconds between two reads of a refresh.", type: int, default: 15}
  refresh_min_healthy_percentage:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:min_healthy_percentage).
    type: int
    default: 100
  refresh_max_healthy_percentage:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:max_healthy_percentage). The default launches new
      instances before it terminates the others, also in a group of one.
    type: int
    default: 110
  refresh_instance_warmup:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:instance_warmup).
    type: int
  refresh_auto_rollback:
    description:
      - Whether Auto Scaling rolls back a refresh that fails. With O(state=reverted), no refresh can be rolled back.
      - A group that an earlier run migrated cannot be rolled back if its launch configuration does not exist any more, or
        if the group launches from another version of its launch template. V(true) treats this as an obstacle.
    type: bool
    default: true
  refresh_scale_in_protected_instances:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:scale_in_protected_instances). V(wait), the
      default, treats such instances as an obstacle.
    type: str
    choices: ["refresh", "ignore", "wait"]
  refresh_standby_instances:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:standby_instances). V(wait), the default, treats
      such instances as an obstacle.
    type: str
    choices: ["refresh", "ignore", "wait"]
  refresh_skip_matching:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:skip_matching).
    type: bool
  refresh_bake_time: {description: "See O(launchkit.aws.autoscaling_instance_refresh#module:bake_time).", type: int}
  refresh_checkpoint_percentages:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:checkpoint_percentages).
    type: list
    elements: int
  refresh_checkpoint_delay:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:checkpoint_delay).
    type: int
  refresh_alarms:
    description: See O(launchkit.aws.autoscaling_instance_refresh#module:alarms).
    type: list
    elements: str
  delete_launch_configurations:
    description:
      - Whether to delete the launch configurations that the selected groups have left, in this run or an earlier one.
      - A launch configuration stays if a group names it, if an instance of a group was launched from it, if a group that
        left it has an owner (see O(on_owner)), or if its name is one that CloudFormation chooses.
      - V(state=reverted) deletes nothing.
    type: bool
    default: false
  delete_min_age:
    description: The time in seconds since the last group left a launch configuration, before which it stays. The
      migration can be reverted until then.
    type: int
    default: 86400
  concurrency: {description: "The number of calls that are made at once, 1 to 64.", type: int, default: 8}
  wait_timeout:
    description: The number of seconds after which waiting for launch templates and groups to show a change, and retrying
      while AWS throttles, ends.
    type: int
    default: 120
  include_details:
    description: Whether the plan shows each launch configuration beside the data of its launch template, with user data
      by digest and size. The task sets the option itself with C(--diff).
    type: bool
    default: false
  progress_path:
    description: The path of a file on the host that runs the module. The module adds a line to it for each change. The
      task sets the option itself if the module runs on the controller.
    type: path
seealso:
  - module: launchkit.aws.autoscaling_instance_refresh
  - module: launchkit.aws.ec2_launch_template
  - name: Migrate your Auto Scaling groups to launch templates
    description: AWS's guide.
    link: https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3, launchkit.aws.attributes.state]
"""

EXAMPLES = r"""
- name: Plan the migration of all groups
  launchkit.aws.autoscaling_launch_template_migration:
    all: true
    on_obstacle: skip
  check_mode: true

- name: Migrate the groups of one application, the smallest one first
  launchkit.aws.autoscaling_launch_template_migration:
    group_tags:
      Application: web
    refresh: true
    refresh_canary: smallest

- name: Set the groups to their launch configurations again
  launchkit.aws.autoscaling_launch_template_migration:
    group_tags:
      Application: web
    state: reverted
"""

RETURN = r"""
migrations:
  description: The migration of each selected group. Also returned if the task fails.
  returned: always
  type: list
  elements: dict
  contains:
    group: {description: "The name of the Auto Scaling group.", type: str}
    action:
      description: The action. V(migrated), V(refreshed) for a group that an earlier run migrated, V(reverted), V(already)
        for a group without changes, V(blocked), V(skipped), V(failed), or V(not begun). In check mode, V(would migrate)
        and so on.
      type: str
    launch_configuration:
      description: The launch configuration that the group used before. Empty for a group with a launch template.
      type: str
    launch_template: {description: "The name of the launch template. Empty for none.", type: str}
    launch_template_id: {description: "The ID of the launch template, if it exists.", type: str}
    version: {description: "The version of the launch template, if it exists.", type: str}
    migrated_from:
      description: The launch configuration of which the launch template of a migrated group is a copy.
      type: str
    outdated_instances: {description: "The number of instances that a refresh replaces.", type: int}
    reason: {description: "The reason why the group is blocked or skipped, or why it failed.", type: str}
    warnings: {description: "The sentences that the plan shows as warnings.", type: list, elements: str}
    owners: {description: "The other tools that own the group, by its tags.", type: list, elements: str}
    instance_refresh: {description: "The instance refresh. Empty for none.", type: dict}
totals:
  description: The number of groups to V(migrate), V(refresh) and V(revert), V(blocked), V(skipped) and V(already), of all
    V(groups), and of launch configurations to V(delete).
  returned: always
  type: dict
plan:
  description: The plan as lines of text. Blocked groups come first, totals last.
  returned: always
  type: list
  elements: str
  sample: ["Plan: 2 groups to migrate; 1 skipped."]
markdown: {description: "The migrations as lines of a table in Markdown.", returned: always, type: list, elements: str}
deleted_launch_configurations:
  description: The launch configurations that the module deleted, or would delete.
  returned: always
  type: list
  elements: str
kept_launch_configurations:
  description: The launch configurations that selected groups have left and that stay, with the O(ignore:reason).
  returned: always
  type: list
  elements: dict
  sample: [{"name": "web-1", "reason": "group api names it"}]
calls:
  description: The calls that changed something.
  returned: always
  type: list
  elements: str
  sample: ["create_launch_template launch template 'web'"]
"""


from ..module_utils.autoscaling import migration
from ..module_utils.autoscaling.migrate import Migration
from ..module_utils.core import module as entry
from ..module_utils.core.progress import reporting_to


def migrate_groups(module):
    """Migrate or revert the groups that the parameters choose, and return the module's result."""
    params = module.params
    selection, options = migration.selection_from_params(params), migration.options_from_params(params)
    clients = entry.clients_for(module, max_pool_connections=max(10, params["concurrency"]))
    with reporting_to(params["progress_path"]) as report:
        run = Migration(
            clients,
            options,
            rollout={name: params[f"refresh_{name}"] for name in ("concurrency", "max_failures", "canary")},
            times={name: params[f"refresh_{name}"] for name in ("timeout", "poll_interval")},
            concurrency=params["concurrency"],
            check_mode=module.check_mode,
            wait_timeout=params["wait_timeout"],
            report=report,
            with_details=params["include_details"],
        )
        try:
            result = run.run(selection, skip_obstacles=params["on_obstacle"] == "skip")
        finally:
            for warning in run.warnings:
                entry.warn(warning)
    for row in result["migrations"]:
        for warning in row["warnings"]:
            entry.warn(f"Auto Scaling group '{row['group']}': {warning}")
    return result


def main():
    treatments = ["refresh", "ignore", "wait"]
    module = entry.new_module(
        argument_spec=dict(
            groups=dict(type="list", elements="str"),
            group_regex=dict(),
            group_tags=dict(type="dict"),
            all=dict(type="bool", default=False),
            state=dict(choices=["migrated", "reverted"], default="migrated"),
            template_names=dict(type="dict"),
            tags=dict(type="dict"),
            on_obstacle=dict(choices=["fail", "skip"], default="fail"),
            on_owner=dict(choices=["skip", "fail", "migrate"], default="skip"),
            refresh=dict(type="bool", default=False),
            refresh_canary=dict(type="list", elements="str"),
            refresh_concurrency=dict(type="int", default=1),
            refresh_max_failures=dict(type="int", default=1),
            refresh_timeout=dict(type="int", default=3600),
            refresh_poll_interval=dict(type="int", default=15),
            refresh_min_healthy_percentage=dict(type="int", default=100),
            refresh_max_healthy_percentage=dict(type="int", default=110),
            refresh_instance_warmup=dict(type="int"),
            refresh_auto_rollback=dict(type="bool", default=True),
            refresh_scale_in_protected_instances=dict(choices=treatments),
            refresh_standby_instances=dict(choices=treatments),
            refresh_skip_matching=dict(type="bool"),
            refresh_bake_time=dict(type="int"),
            refresh_checkpoint_percentages=dict(type="list", elements="int"),
            refresh_checkpoint_delay=dict(type="int"),
            refresh_alarms=dict(type="list", elements="str"),
            delete_launch_configurations=dict(type="bool", default=False),
            delete_min_age=dict(type="int", default=86400),
            concurrency=dict(type="int", default=8),
            wait_timeout=dict(type="int", default=120),
            include_details=dict(type="bool", default=False),
            progress_path=dict(type="path"),
        ),
        supports_check_mode=True,
    )
    entry.run(module, migrate_groups)


if __name__ == "__main__":
    main()
