#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: autoscaling_launch_template_migration
version_added: 0.1.0
short_description: Move Auto Scaling groups from launch configurations to launch templates
description:
  - Makes a launch template from each launch configuration that the chosen groups use, with the same instance profile and user data,
    and has the groups launch from it, by the number of its version. Nothing else of a group is touched, and its capacity never.
  - Running instances go on as they are. Refresh them afterwards, for example with the role P(launchkit.aws.launch_template_migration#role).
  - Groups may have been made by hand or by any tool. Where tags say that CloudFormation, Elastic Beanstalk or Terraform owns a group, the
    result says so, since such a tool puts back what is changed behind its back.
  - It can be stopped anywhere and run again. Groups that use a launch template already are left alone.
  - In check mode, the result shows the whole migration.
author:
  - Contributors to the launchkit.aws project (@launchkit)
options:
  groups:
    description: The names of the groups to migrate. All groups of the Region that use a launch configuration when none
      of O(groups), O(group_regex) and O(group_tags) is set; those that all given options choose otherwise.
    type: list
    elements: str
  group_regex:
    description: A Python regular expression that has to match at the beginning of the groups' names.
    type: str
  group_tags:
    description: Tags that the groups must have. A tag without a value stands for any value.
    type: dict
  template_names:
    description: The names for the templates, by launch configuration. By default, a template is named like its launch
      configuration; characters that templates' names cannot have become dashes, and digits make such names unique.
    type: dict
  update_groups:
    description:
      - Whether to have the groups launch from the templates. V(false) makes the templates only, for an instance refresh that moves each
        group to its template and back if that fails, see M(launchkit.aws.autoscaling_instance_refresh).
    type: bool
    default: true
  on_obstacle:
    description:
      - What to do when the launch configuration of a chosen group cannot become a launch template.
      - V(fail) ends the task before anything is changed, and says why for each group.
      - V(skip) leaves those groups out.
    type: str
    choices: ["fail", "skip"]
    default: fail
  wait:
    description: Whether to read templates and groups until they show what was changed.
    type: bool
    default: true
  wait_timeout:
    description: Seconds after which waiting, and trying again while AWS is throttling, ends.
    type: int
    default: 120
seealso:
  - module: launchkit.aws.ec2_launch_template
  - name: Migrate your Auto Scaling groups to launch templates
    description: AWS's own guide.
    link: https://docs.aws.amazon.com/autoscaling/ec2/userguide/migrate-to-launch-templates.html
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - launchkit.aws.attributes.state
"""

EXAMPLES = r"""
- name: Show how all groups would move to launch templates
  launchkit.aws.autoscaling_launch_template_migration:
  check_mode: true
  register: migration

- name: Show it as a table
  ansible.builtin.debug:
    var: migration.table

- name: Move the groups of one application
  launchkit.aws.autoscaling_launch_template_migration:
    group_tags:
      Application: web
"""

RETURN = r"""
migrations:
  description: What was done, or in check mode would be done, for each chosen group.
  returned: always
  type: list
  elements: dict
  contains:
    group:
      description: The name of the Auto Scaling group.
      returned: always
      type: str
      sample: web
    launch_configuration:
      description: The launch configuration that it used. Empty for a group that uses a launch template already.
      returned: always
      type: str
      sample: my-lc-with-instance-profile
    launch_template:
      description: The name of the launch template. Empty when there is none for it.
      returned: always
      type: str
      sample: my-lc-with-instance-profile
    launch_template_id:
      description: The id of the launch template, if it exists.
      returned: always
      type: str
      sample: lt-0123456789abcdef0
    version:
      description: The number of the version that the group names.
      returned: always
      type: str
      sample: "1"
    action:
      description: >-
        V(migrated), V(prepared) when O(update_groups=false), V(already) for a group that uses a launch template, V(blocked) for one that
        cannot be migrated, V(waiting) for one that could be if none were blocked, or V(failed).
      returned: always
      type: str
      sample: migrated
    reason:
      description: What cannot be carried over and why, what failed, or who else owns the group.
      returned: always
      type: str
      sample: "CloudFormation stack web owns the group: change its template too, or its next update undoes this"
    owners:
      description: Which other tools own the group, by its tags. Where the group is migrated, each is a warning, too.
      returned: always
      type: list
      elements: str
      sample: ["CloudFormation stack web owns the group: change its template too, or its next update undoes this"]
    migrated_from:
      description: The launch configuration that the launch template was made from, now or earlier. Empty for other templates.
      returned: always
      type: str
      sample: my-lc-with-instance-profile
    outdated_instances:
      description: How many of its instances were not launched from that version, and go on as they are until they are replaced.
      returned: always
      type: int
      sample: 2
table:
  description: The same as lines of text, for people.
  returned: always
  type: list
  elements: str
  sample: ["group  launch_configuration         launch_template              version  outdated_instances  action    reason"]
unused_launch_configurations:
  description:
    - Launch configurations that were migrated, now or earlier, and that no group names, or would name after the run.
    - With O(update_groups=false), as if the groups had been moved to their templates.
  returned: always
  type: list
  elements: str
  sample: ["my-lc-with-instance-profile"]
"""

from ansible.module_utils.common.warnings import warn
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import migration
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migrate import Migration
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry


def migrate_groups(module):
    """Migrate the groups that the parameters choose, and return the module's result."""
    selection = migration.selection_from_params(module.params)
    names = migration.check_template_names(module.params["template_names"] or {})
    settings = {key: module.params[key] for key in ("update_groups", "wait", "wait_timeout")}
    migrating = Migration(entry.clients_for(module), check_mode=module.check_mode, **settings)
    result = migrating.run(selection, names, skip_obstacles=module.params["on_obstacle"] == "skip")
    for each in result["migrations"]:
        if each["action"] in ("migrated", "prepared"):
            for owner in each["owners"]:
                warn(f"Auto Scaling group '{each['group']}': {owner}.")
    return result


def main():
    module = entry.AnsibleAWSModule(
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
