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
  - Running instances stay as they are. The role P(launchkit.aws.launch_template_migration#role) can refresh them.
  - The groups can have any origin. The module warns if the tags of a group name CloudFormation, Elastic Beanstalk or
    Terraform, since these tools revert other changes.
  - The migration can stop at any point and run again. Groups with a launch template stay as they are.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  groups:
    description: The names of the groups. Together with O(group_regex) and O(group_tags), all must match. Without any of
      them, all groups of the Region that use a launch configuration.
    type: list
    elements: str
  group_regex: {description: "A Python regular expression that matches the beginning of the groups' names.", type: str}
  group_tags: {description: "The tags of the groups. A tag without a value matches any value.", type: dict}
  template_names:
    description: The names of the launch templates, by launch configuration. The default is the name of the launch
      configuration, with dashes for characters that launch templates cannot have, and digits that make it unique.
    type: dict
  update_groups:
    description: Whether to set the groups to the launch templates. V(false) only creates the launch templates, for
      M(launchkit.aws.autoscaling_instance_refresh), which sets the group and can roll back.
    type: bool
    default: true
  on_obstacle:
    description:
      - The action if a launch configuration cannot be converted to a launch template.
      - V(fail) fails before the first change, with the reason for each group. V(skip) skips these groups.
    type: str
    choices: ["fail", "skip"]
    default: fail
  wait:
    description: Whether to read launch templates and groups until they show the changes.
    type: bool
    default: true
  wait_timeout:
    description: The number of seconds after which waiting, and retrying while AWS throttles, ends.
    type: int
    default: 120
seealso:
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
  check_mode: true
  register: migration

- name: Show the plan as a table
  ansible.builtin.debug:
    var: migration.table

- name: Migrate the groups of one application
  launchkit.aws.autoscaling_launch_template_migration:
    group_tags:
      Application: web
"""

RETURN = r"""
migrations:
  description: The migration of each selected group. In check mode, the planned one.
  returned: always
  type: list
  elements: dict
  contains:
    group: {description: "The name of the Auto Scaling group.", type: str}
    launch_configuration:
      description: The launch configuration that the group used. Empty for a group with a launch template.
      type: str
    launch_template: {description: "The name of the launch template. Empty for none.", type: str}
    launch_template_id: {description: "The ID of the launch template, if it exists.", type: str}
    version: {description: "The number of the version that the group names.", type: str}
    action:
      description: The action. V(migrated), V(prepared) when O(update_groups=false), V(already) for a group with a
        launch template, V(blocked) for one that cannot migrate, V(waiting) for one that could without the blocked ones,
        or V(failed).
      type: str
    reason: {description: "The reason why the group cannot migrate or failed, or the tools that own it.", type: str}
    owners:
      description: The other tools that own the group, by its tags. Each is a warning if the group migrates.
      type: list
      elements: str
    migrated_from:
      description: The launch configuration of which the launch template is a copy. Empty for other launch templates.
      type: str
    outdated_instances: {description: "The number of instances that were launched from something else.", type: int}
calls:
  description: The calls that changed something.
  returned: when migrations failed
  type: list
  elements: str
  sample: ["create_launch_template launch template 'web'"]
rolled_back:
  description: The calls that rolled some of these back.
  returned: when migrations failed
  type: list
  elements: str
table:
  description: The migrations as lines of text.
  returned: always
  type: list
  elements: str
  sample: ["group  launch_configuration  launch_template  version  outdated_instances  action    reason"]
unused_launch_configurations:
  description: The launch configurations that were migrated, now or earlier, and that no group names after the run. With
    O(update_groups=false), groups count as set to their launch templates.
  returned: always
  type: list
  elements: str
"""

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import migration
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migrate import Migration
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry


def migrate_groups(module):
    """Migrate the groups that the parameters choose, and return the module's result."""
    params = module.params
    pattern = migration.compiled(params["group_regex"])
    selection = dict(names=params["groups"], pattern=pattern, tags=params["group_tags"])
    template_names = migration.check_template_names(params["template_names"] or {})
    options = {name: params[name] for name in ("update_groups", "wait", "wait_timeout")}
    run = Migration(entry.clients_for(module), check_mode=module.check_mode, **options)
    result = run.migrate(selection, template_names, skip_obstacles=params["on_obstacle"] == "skip")
    for row in result["migrations"]:
        for owner in row["owners"] if row["action"] in ("migrated", "prepared") else ():
            entry.warn(f"Auto Scaling group '{row['group']}': {owner}.")
    return result


def main():
    module = entry.new_module(
        argument_spec=dict(
            groups=dict(type="list", elements="str"),
            group_regex=dict(),
            group_tags=dict(type="dict"),
            template_names=dict(type="dict"),
            update_groups=dict(type="bool", default=True),
            on_obstacle=dict(choices=["fail", "skip"], default="fail"),
            **entry.WAIT_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, migrate_groups)


if __name__ == "__main__":
    main()
