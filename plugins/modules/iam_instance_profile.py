#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: iam_instance_profile
version_added: 0.1.0
short_description: Manage IAM instance profiles and the role in them
description:
  - Creates, updates and deletes IAM instance profiles. EC2 instances receive an IAM role through an instance profile.
  - A run without changes makes one call, or two with O(role).
  - Takes every option of M(amazon.aws.iam_instance_profile).
  - If two runs give a profile different roles or tags at once, one of them fails, and the settings of the other stay. The
    same happens to a run whose first read does not show what an earlier run changed seconds ago with O(wait=false).
author: Contributors to the launchkit.aws project (@launchkit)
options:
  state:
    description: V(present) creates or updates the instance profile. V(absent) removes the role from it and deletes it.
      The role itself stays.
    type: str
    choices: ["present", "absent"]
    default: present
  name:
    description:
      - The name of the instance profile, 1 to 128 letters, digits and any of C(_+=,.@-).
      - Names are unique within an account, in any O(path), and IAM ignores their letter case. If the name of an
        existing profile differs in letter case only, the module manages that profile and warns.
    aliases: ["instance_profile_name"]
    type: str
    required: true
  path:
    description:
      - The path of the profile, at most 512 characters, with a slash at both ends. V(/) for a new profile by default.
      - IAM cannot change the path of a profile. See O(on_drift).
    aliases: ["path_prefix", "prefix"]
    type: str
  role:
    description:
      - The IAM role in the profile, as a name (V(web)), a name with its path (V(/ops/web)) or an ARN. Path and account
        must be those of the role.
      - When not set, the role stays. An empty text removes it.
      - A role is replaced by two calls, between which the profile has none. The module reads the new role before the
        first call, and rolls back if it cannot attach the new role. Running instances can keep the old role for an
        hour. AWS recommends another profile instead.
      - Before it removes the old role, the module tries to add the new one, which IAM refuses for one of two reasons. The
        access is denied, and nothing changes. Or the profile is full, so the caller may pass the role. That IAM checks the
        permission before the limit is not documented, and was not verified on AWS.
      - If the profile loses its role, the module warns and names the instances of the Region that use it, which costs a
        call. Without C(ec2:DescribeInstances), it warns that it could not read them.
      - A role that was deleted and created again under its name is attached again.
      - Requires C(iam:PassRole) on the role.
    type: str
  on_drift:
    description:
      - The action if the profile has another path than O(path).
      - V(fail) fails without a change, also with O(state=absent). V(keep) keeps the path and warns.
    type: str
    choices: ["fail", "keep"]
    default: fail
  wait:
    description:
      - Whether to wait until IAM shows a change. A run without changes never waits.
      - Before a change, the module waits at most 10 seconds for a new O(role). After a change, it reads the profile
        until three consecutive reads agree with the options.
    type: bool
    default: true
  wait_timeout:
    description: The number of seconds after which waiting ends and the task fails. The changes stay.
    type: int
    default: 120
seealso:
  - module: launchkit.aws.iam_instance_profile_info
  - module: amazon.aws.iam_role
  - name: Using an IAM role for applications on EC2
    description: AWS's page about roles and instance profiles.
    link: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.tags.modules, amazon.aws.boto3,
   launchkit.aws.attributes.state]
"""

EXAMPLES = r"""
- name: Create an instance profile with a role
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

- name: Remove the role from an instance profile
  launchkit.aws.iam_instance_profile:
    name: web
    role: ""

- name: Delete an instance profile
  launchkit.aws.iam_instance_profile:
    name: web
    state: absent
"""

RETURN = r"""
iam_instance_profile:
  description:
    - The instance profile after the run. In check mode, the predicted profile without what only IAM knows.
    - Empty when O(state=absent).
  returned: always
  type: dict
  contains:
    arn:
      description: Amazon Resource Name of the instance profile.
      type: str
      sample: arn:aws:iam::123456789012:instance-profile/my-instance-profile
    create_date: {description: "The creation time in ISO 8601.", type: str, sample: "2026-11-23T11:18:29+00:00"}
    instance_profile_id: {description: "The ID of the instance profile.", type: str, sample: AIPAQWERTYUIOPASDFGHJ}
    instance_profile_name: {description: "Name of the instance profile.", type: str, sample: my-instance-profile}
    path: {description: "Path of the instance profile.", type: str}
    roles:
      description:
        - The role in the profile, a list of at most one. C(tags) is empty, since IAM leaves out the role's tags here.
        - A role that is deleted and created again has another C(role_id).
      type: list
      elements: dict
      sample:
        - arn: arn:aws:iam::123456789012:role/my-instance-profile
          assume_role_policy_document: {"Version": "2012-10-17", "Statement": []}
          create_date: "2026-11-23T11:18:29+00:00"
          path: /
          role_id: AROAQWERTYUIOPASDFGHJ
          role_name: my-instance-profile
          tags: {}
    tags: {description: "Tags of the instance profile.", type: dict, sample: {"Application": "web"}}
differences:
  description: The fields that differ and that IAM cannot change.
  returned: when the task failed because of O(on_drift=fail)
  type: list
  elements: dict
  sample: [{"field": "path", "wanted": "/a/", "actual": "/"}]
"""

from ..module_utils.core import module as entry
from ..module_utils.iam import instance_profile
from ..module_utils.iam.preconditions import PRECONDITIONS
from ..module_utils.iam.reads import InstanceProfileResource


def converge_profile(module):
    """Create, update or delete the instance profile, and return the module's result."""
    target = instance_profile.from_params(module.params)
    clients = entry.clients_for(module)
    outcome = entry.converge_module(module, InstanceProfileResource(clients, target), clients, PRECONDITIONS)
    before, after = instance_profile.render(outcome.before.profile), instance_profile.render(outcome.after.profile)
    return dict(changed=outcome.changed, iam_instance_profile=after, diff=dict(before=before or {}, after=after or {}))


def main():
    module = entry.new_module(
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
