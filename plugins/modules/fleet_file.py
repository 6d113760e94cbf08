#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: fleet_file
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Write a fleet file that describes what an account and Region have
description:
  - Reads IAM roles, instance profiles, launch configurations, launch templates and Auto Scaling groups in bulk, and writes
    a file with the variables of the role P(launchkit.aws.fleet#role) that describe them. In AWS, it changes nothing.
  - Each Auto Scaling group whose launch settings name an instance profile is an application, and so is each IAM role that
    Amazon EC2 can assume and that an instance profile without a group holds.
  - The file has what differs from the defaults of the role P(launchkit.aws.application#role). What most applications have
    in common is in C(fleet_defaults).
  - An application is in the file if M(launchkit.aws.fleet) with it changes nothing, which the module checks. The others
    need a decision. They are comments at the end of the file, with the reason, and in RV(decisions).
  - The module writes the file on the host that it runs on.
options:
  path:
    description: The path of the fleet file. A file that exists is updated. Its comments and the order of its entries stay,
      which requires the Python library ruamel.yaml.
    type: path
    required: true
  iam_path:
    description: An IAM path, such as V(/web/). Only applications whose IAM role is under it are described.
    type: str
  tags:
    description: Tags. Only applications whose IAM role or group has all of them are described.
    type: dict
  group_regex:
    description: A regular expression. Only groups are described whose names have a part that matches it.
    type: str
  user_data:
    description:
      - Whether to write the user data of each application into a file with mode 0600. The folder has the name of the fleet
        file and C(.user_data). User data often holds secrets, so keep the folder out of version control.
      - With V(false), the applications have C(application_keep_user_data=true), which leaves the user data as it is.
    type: bool
    default: false
  concurrency:
    description: The number of calls that are made at once, 1 to 64.
    type: int
    default: 8
extends_documentation_fragment:
  - launchkit.aws.attributes.state
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  diff_mode:
    description: Whether the module returns the text of the fleet file before and after. It never returns user data.
    support: full
requirements:
  - PyYAML
  - ruamel.yaml, to update a file that exists
seealso:
  - module: launchkit.aws.fleet_info
"""

EXAMPLES = r"""
- name: Describe the applications under a path
  launchkit.aws.fleet_file:
    path: fleet.yml
    iam_path: /web/
  register: result

- name: Show what needs a decision
  ansible.builtin.debug:
    var: result.decisions
"""

RETURN = r"""
path:
  description: The path of the fleet file.
  returned: success
  type: str
  sample: fleet.yml
applications:
  description: The applications in the file that were described, with what to know of each.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "shop", "subject": "Auto Scaling group shop", "notes": ["Its tags say that it is managed by: Terraform."]}]
decisions:
  description: The applications that need a decision, with the reason.
  returned: success
  type: list
  elements: dict
  sample: [{"name": "search", "subject": "Auto Scaling group search", "notes": [], "decision": "Instance profile search has no role. Attach one."}]
not_found:
  description: The applications of the fleet file that AWS does not have, or that are not in the scope. They stay in it.
  returned: success
  type: list
  elements: str
  sample: []
user_data_paths:
  description: The paths of the files with user data.
  returned: success
  type: list
  elements: str
  sample: ["fleet.yml.user_data/shop"]
"""

import re

from ansible.module_utils.basic import missing_required_lib

from ..module_utils.adopt import common, text, update
from ..module_utils.adopt.describe import describe
from ..module_utils.adopt.found import Scope
from ..module_utils.adopt.read import read_account
from ..module_utils.application.observation import Index
from ..module_utils.application.options import PREFIX
from ..module_utils.core import files
from ..module_utils.core import module as entry
from ..module_utils.core.errors import InvalidOption, LaunchkitError
from ..module_utils.fleet.module import LARGEST_CONCURRENCY, clients_of


def write_fleet_file(module):
    """Write the fleet file, unless in check mode, and return the module's result.

    :raises LaunchkitError: a mistake in the parameters, a read that failed, or a file that can't be written or updated.
    """
    params, scope = module.params, _scope(module.params)
    if text.SafeDumper is object:
        raise LaunchkitError(missing_required_lib("PyYAML"))
    existing = files.read(params["path"])
    observation = read_account(clients_of(module), params["concurrency"])
    described = describe(Index(observation), scope, params["user_data"])
    going = [each for each in described if not each.decision]
    folder = f"{params['path']}.user_data"
    secrets = {f"{folder}/{each.name}": each.user_data.content for each in going if each.user_data is not None}
    entries, missing = [_entry(each, folder) for each in going], []
    if existing is None:
        defaults, less = common.with_defaults(entries)
        named = {each.name: entry for each, entry in zip(going, less)}
        after = text.fleet_file(observation, params["path"], defaults, named, described)
    else:
        pairs = [(entry, each.notes) for entry, each in zip(entries, going)]
        before = existing.decode("utf-8", "replace")
        after, missing = update.updated(before, params["path"], pairs, described, observation)
    after = after.encode()
    contents = {**{path: (content, files.SECRET) for path, content in secrets.items()}}
    contents[params["path"]] = (after, files.PUBLIC)
    changed = [path for path, content in contents.items() if not files.is_written(path, *content)]
    if not module.check_mode:
        for path in changed:
            files.write(path, *contents[path])
    rows = [dict(name=each.name, subject=each.subject, notes=list(each.notes)) for each in going]
    return dict(
        changed=bool(changed),
        path=params["path"],
        applications=rows,
        decisions=[
            dict(name=each.name, subject=each.subject, notes=list(each.notes), decision=each.decision)
            for each in described
            if each.decision
        ],
        not_found=missing,
        user_data_paths=list(secrets),
        diff=dict(
            before=(existing or b"").decode("utf-8", "replace"),
            after=after.decode(),
            before_header=params["path"],
            after_header=params["path"],
        ),
    )


def _entry(description, folder):
    variables = dict(description.variables)
    if description.user_data is not None:
        variables[f"{PREFIX}user_data_path"] = f"{folder}/{description.name}"
    return variables


def _scope(params):
    """Return the scope that the parameters name.

    :raises InvalidOption: a value that is out of range, or no regular expression.
    """
    if not 1 <= params["concurrency"] <= LARGEST_CONCURRENCY:
        raise InvalidOption(f"concurrency: {params['concurrency']} is out of range. Set 1 to {LARGEST_CONCURRENCY}.")
    try:
        regex = None if params["group_regex"] is None else re.compile(params["group_regex"])
    except re.error as error:
        raise InvalidOption(f"group_regex: '{params['group_regex']}' is no regular expression: {error}.") from error
    tags = {key: str(value) for key, value in (params["tags"] or {}).items()}
    return Scope(params["iam_path"], tags, regex)


def main():
    module = entry.new_module(
        argument_spec=dict(
            path=dict(type="path", required=True),
            iam_path=dict(),
            tags=dict(type="dict"),
            group_regex=dict(),
            user_data=dict(type="bool", default=False),
            concurrency=dict(type="int", default=8),
        ),
        supports_check_mode=True,
    )
    entry.run(module, write_fleet_file)


if __name__ == "__main__":
    main()
