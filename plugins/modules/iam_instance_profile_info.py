#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: iam_instance_profile_info
version_added: 0.1.0
short_description: Gather information about IAM instance profiles
description:
  - Finds instance profiles with their roles and tags.
  - Takes every option of M(amazon.aws.iam_instance_profile_info).
author: Contributors to the launchkit.aws project (@launchkit)
options:
  name:
    description: The name of one instance profile. The list is empty if it does not exist.
    aliases: ["instance_profile_name"]
    type: str
  path_prefix:
    description: The beginning of the profiles' paths, for example V(/applications/).
    aliases: ["path", "prefix"]
    type: str
  role: {description: "The name of an IAM role. Finds the profiles that contain it.", type: str}
  name_regex:
    description: A Python regular expression that matches the beginning of the names. It applies to the result of the
      other options.
    type: str
  include_tags:
    description:
      - Whether to read the tags of each profile. IAM's lists leave them out, so this costs one call for each profile.
      - With O(name), tags come without a further call.
    type: bool
    default: true
  sort:
    description: The key to sort by.
    type: str
    choices: ["instance_profile_name", "path", "create_date", "instance_profile_id"]
    default: instance_profile_name
  sort_order:
    description: The order to sort in.
    type: str
    choices: ["ascending", "descending"]
    default: ascending
  limit: {description: "The maximum number of profiles, after sorting.", type: int}
seealso:
  - module: launchkit.aws.iam_instance_profile
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3, launchkit.aws.attributes.info]
"""

EXAMPLES = r"""
- name: Gather information about one instance profile
  launchkit.aws.iam_instance_profile_info:
    name: my-instance-profile
  register: result

- name: Find the newest three under a path, without their tags
  launchkit.aws.iam_instance_profile_info:
    path_prefix: /applications/
    include_tags: false
    sort: create_date
    sort_order: descending
    limit: 3

- name: Find the instance profiles that contain a role
  launchkit.aws.iam_instance_profile_info:
    role: web
"""

RETURN = r"""
iam_instance_profiles:
  description:
    - The instance profiles, each with the keys that M(launchkit.aws.iam_instance_profile) returns.
    - With O(include_tags=false), C(tags) is empty.
  returned: always
  type: list
  elements: dict
  sample:
    - arn: arn:aws:iam::123456789012:instance-profile/web
      create_date: "2026-11-23T11:18:29+00:00"
      instance_profile_id: AIPAQWERTYUIOPASDFGHJ
      instance_profile_name: web
      path: /
      roles: []
      tags: {"Application": "web"}
"""

from ..module_utils.core import module as entry
from ..module_utils.core.listing import LISTING_ARGUMENTS, Listing
from ..module_utils.find import iam as find_iam
from ..module_utils.iam import instance_profile
from ..module_utils.iam import names as iam_names


def find_profiles(module):
    """Return the module's result: the profiles that the parameters choose."""
    params = module.params
    listing = Listing(params)
    if params["name"] is not None:
        iam_names.check_name("name", params["name"], iam_names.PROFILE_NAME_LENGTH)
    role = None if params["role"] is None else iam_names.parse_role("role", params["role"]).name
    if params["path_prefix"] is not None:
        iam_names.check_path_prefix("path_prefix", params["path_prefix"])
    clients = entry.clients_for(module)
    if params["name"] is not None:
        profiles = [find_iam.find_instance_profile_ignoring_case(clients, params["name"])]
    else:
        profiles = find_iam.list_instance_profiles(clients, params["path_prefix"], role)
    chosen = listing.choose(_rendered(profiles), "instance_profile_name")
    if params["include_tags"] and params["name"] is None:
        chosen = _rendered(find_iam.find_instance_profile(clients, each["instance_profile_name"]) for each in chosen)
    return dict(changed=False, iam_instance_profiles=chosen)


def _rendered(profiles):
    """Return profiles as results show them, without None: one that was deleted meanwhile has no tags to read."""
    return [instance_profile.render(instance_profile.from_api(profile)) for profile in profiles if profile is not None]


def main():
    sort_keys = ["instance_profile_name", "path", "create_date", "instance_profile_id"]
    module = entry.new_module(
        argument_spec=dict(
            name=dict(aliases=["instance_profile_name"]),
            path_prefix=dict(aliases=["path", "prefix"]),
            role=dict(),
            include_tags=dict(type="bool", default=True),
            sort=dict(choices=sort_keys, default="instance_profile_name"),
            **LISTING_ARGUMENTS,
        ),
        mutually_exclusive=[("name", "path_prefix", "role")],
        supports_check_mode=True,
    )
    entry.run(module, find_profiles)


if __name__ == "__main__":
    main()
