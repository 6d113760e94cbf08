#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: iam_instance_profile
version_added: 0.1.0
short_description: Manage IAM instance profiles and the role in them
description:
  - Creates, changes and removes IAM instance profiles, the containers through which EC2 instances receive an IAM role.
  - A run that finds everything as asked for changes nothing and makes one call, or two when O(role) is set.
  - Takes every option of M(amazon.aws.iam_instance_profile).
author:
  - Contributors to the launchkit.aws project (@launchkit)
options:
  state:
    description:
      - Whether the profile shall exist.
      - With V(absent), the role in it is removed from it first. The role itself stays.
    type: str
    choices: ["present", "absent"]
    default: present
  name:
    description:
      - Name of the instance profile, 1 to 128 letters, digits and any of C(_+=,.@-).
      - Names are unique within an account whatever the O(path), and IAM compares them without regard to letter case. When a profile
        exists whose name differs from O(name) in case only, that one is meant, and a warning says so.
    aliases: ["instance_profile_name"]
    type: str
    required: true
  path:
    description:
      - The path of the profile, at most 512 characters, beginning and ending with a slash.
      - A new profile gets V(/) when this is not set.
      - IAM cannot change the path of a profile. See O(on_drift) for a profile that has another one.
    aliases: ["path_prefix", "prefix"]
    type: str
  role:
    description:
      - The role that the profile shall hold, as a name (V(web)), a name with its path (V(/ops/web)) or an ARN.
      - A path or account that is given has to be that of the role.
      - When not set, the role in the profile is left as it is. When empty, no role is left in the profile.
      - Replacing a role takes two calls, between which the profile holds none. The new role is looked for before the first call, and
        the old one is put back when attaching the new one fails. Running instances can take up to an hour to notice; AWS advises
        to use another profile instead.
      - A role that was deleted and made anew under the same name is attached anew.
      - The credentials in use need C(iam:PassRole) on the role.
    type: str
  on_drift:
    description:
      - What to do when the profile exists with another O(path) than the given one.
      - V(fail) ends the task without changing anything.
      - V(keep) goes on with the path that the profile has, and warns.
      - This applies to O(state=absent) too, so that a profile is not removed by mistake.
    type: str
    choices: ["fail", "keep"]
    default: fail
  wait:
    description:
      - Whether to wait for what IAM takes a while to show everywhere.
      - Before a change, a O(role) that is not there is waited for, at most 10 seconds, since it can be a moment old.
      - After a change, the profile is read until three consecutive reads agree with what was asked for.
      - A run that changes nothing never waits.
    type: bool
    default: true
  wait_timeout:
    description: Seconds after which waiting ends and the task fails. What was changed by then stays.
    type: int
    default: 120
seealso:
  - module: launchkit.aws.iam_instance_profile_info
  - module: amazon.aws.iam_role
  - name: Using an IAM role for applications on EC2
    description: AWS's own explanation of roles and instance profiles.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.tags.modules
  - amazon.aws.boto3
  - launchkit.aws.attributes.state
"""

EXAMPLES = r"""
- name: Create an instance profile that holds a role
  launchkit.aws.iam_instance_profile:
    name: my-instance-profile
    role: my-instance-profile
    tags:
      Application: web

- name: Create an instance profile under a path, with a role given by its ARN
  launchkit.aws.iam_instance_profile:
    name: web
    path: /applications/
    role: arn:aws:iam::123456789012:role/applications/web

- name: Take the role out of an instance profile
  launchkit.aws.iam_instance_profile:
    name: web
    role: ""

- name: Remove an instance profile
  launchkit.aws.iam_instance_profile:
    name: web
    state: absent
"""

RETURN = r"""
iam_instance_profile:
  description:
    - The instance profile as it is after the run. In check mode, as it would be, without what only IAM can know.
    - Empty when O(state=absent).
  returned: always
  type: dict
  contains:
    arn:
      description: Amazon Resource Name of the instance profile.
      returned: when it exists
      type: str
      sample: arn:aws:iam::123456789012:instance-profile/my-instance-profile
    create_date:
      description: When it was created, in ISO 8601.
      returned: when it exists
      type: str
      sample: "2026-11-23T11:18:29+00:00"
    instance_profile_id:
      description: IAM's identifier of it.
      returned: when it exists
      type: str
      sample: AIPAQWERTYUIOPASDFGHJ
    instance_profile_name:
      description: Name of the instance profile.
      returned: always
      type: str
      sample: my-instance-profile
    path:
      description: Path of the instance profile.
      returned: always
      type: str
      sample: /
    roles:
      description: The role in the profile, or nothing. A profile holds at most one.
      returned: always
      type: list
      elements: dict
      contains:
        arn:
          description: Amazon Resource Name of the role.
          returned: when the role exists
          type: str
          sample: arn:aws:iam::123456789012:role/my-instance-profile
        assume_role_policy_document:
          description: The trust policy of the role, with the keys that IAM uses.
          returned: when the role exists
          type: dict
          sample: {"Version": "2012-10-17", "Statement": []}
        create_date:
          description: When the role was created, in ISO 8601.
          returned: when the role exists
          type: str
          sample: "2026-11-23T11:18:29+00:00"
        path:
          description: Path of the role.
          returned: when the role exists
          type: str
          sample: /
        role_id:
          description: IAM's identifier of the role. A role that is deleted and made anew gets another one.
          returned: when the role exists
          type: str
          sample: AROAQWERTYUIOPASDFGHJ
        role_name:
          description: Name of the role.
          returned: always
          type: str
          sample: my-instance-profile
        tags:
          description: Always empty, since IAM leaves the tags of the role out here.
          returned: always
          type: dict
          sample: {}
    tags:
      description: Tags of the instance profile.
      returned: always
      type: dict
      sample: {"Application": "web"}
differences:
  description: What differs in a way that cannot be changed in place.
  returned: when the task failed because of O(on_drift=fail)
  type: list
  elements: dict
  sample: [{"field": "path", "wanted": "/a/", "actual": "/"}]
"""

from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam.reads import PRECONDITIONS, InstanceProfileResource


def converge_profile(module):
    """Bring the instance profile to what the parameters ask for, and return the module's result."""
    target = instance_profile.from_params(module.params)
    clients = entry.clients_for(module)
    outcome = entry.converge_module(module, InstanceProfileResource(clients, target), clients, PRECONDITIONS)
    before, after = instance_profile.render(outcome.before.profile), instance_profile.render(outcome.after.profile)
    return dict(changed=outcome.changed, iam_instance_profile=after, diff=dict(before=before or {}, after=after or {}))


def main():
    module = entry.AnsibleAWSModule(
        argument_spec=dict(
            state=dict(choices=["present", "absent"], default="present"),
            name=dict(aliases=["instance_profile_name"], required=True),
            path=dict(aliases=["path_prefix", "prefix"]),
            role=dict(),
            tags=dict(aliases=["resource_tags"], type="dict"),
            purge_tags=dict(type="bool", default=True),
            on_drift=dict(choices=["fail", "keep"], default="fail"),
            **entry.WAIT_ARGUMENTS,
        ),
        supports_check_mode=True,
    )
    entry.run(module, converge_profile)


if __name__ == "__main__":
    main()
