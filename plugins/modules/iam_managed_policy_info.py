#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
---
module: iam_managed_policy_info
version_added: 0.1.0
short_description: Gather information about IAM managed policies by name
description:
  - Finds managed policies by name, for modules that require ARNs or list every policy of the account to find a name.
  - The module reads a name at the usual paths of AWS's policies and then in the account, by one call in most cases. It
    lists all policies only if the name is at none of them.
author: Contributors to the launchkit.aws project (@launchkit)
options:
  names_or_arns:
    description:
      - The policies, each as an ARN, a name (V(AmazonS3ReadOnlyAccess)), or a name with its path
        (V(service-role/AmazonEC2RoleforSSM)).
      - An ARN costs no call.
      - If AWS and the account have a policy of one name, the name is that of AWS. Use the ARN for the other.
    type: list
    elements: str
    required: true
seealso:
  - module: amazon.aws.iam_role
  - module: amazon.aws.iam_managed_policy
extends_documentation_fragment:
  [amazon.aws.common.modules, amazon.aws.region.modules, amazon.aws.boto3, launchkit.aws.attributes.info]
"""

EXAMPLES = r"""
- name: Find the ARNs of two policies
  launchkit.aws.iam_managed_policy_info:
    names_or_arns:
      - AmazonS3ReadOnlyAccess
      - service-role/AmazonEC2RoleforSSM
  register: result

- name: Attach them to a role without listing every policy
  amazon.aws.iam_role:
    name: web
    assume_role_policy_document: "{{ lookup('ansible.builtin.file', 'trust.json') }}"
    managed_policies: "{{ result.arns }}"
    create_instance_profile: false
"""

RETURN = r"""
arns:
  description: The ARNs, in the order of O(names_or_arns).
  returned: always
  type: list
  elements: str
  sample: ["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]
policies:
  description: The policies, in the order of O(names_or_arns).
  returned: always
  type: list
  elements: dict
  contains:
    arn:
      description: The Amazon Resource Name of the policy.
      type: str
      sample: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
    policy_name: {description: "The name of the policy.", type: str}
    path: {description: "The path of the policy.", type: str}
    partition: {description: "The partition of the policy.", type: str}
    is_aws_managed:
      description: Whether AWS manages the policy.
      type: bool
"""

from ..module_utils.core import module as entry
from ..module_utils.iam import managed_policy
from ..module_utils.iam import reads as iam_reads

OPTION = "names_or_arns"


def find_policies(module):
    """Return the module's result: the policies that the parameters name."""
    names = module.params[OPTION]
    references = [managed_policy.parse(OPTION, name) for name in names]
    known = iam_reads.find_policy_arns(entry.clients_for(module), OPTION, references)
    missing = [name for name, reference in zip(names, references) if known[reference] is None]
    if missing:
        raise managed_policy.missing(OPTION, missing)
    arns = [known[reference] for reference in references]
    return dict(changed=False, arns=arns, policies=[managed_policy.render(arn) for arn in arns])


def main():
    module = entry.new_module(
        argument_spec=dict(names_or_arns=dict(type="list", elements="str", required=True)),
        supports_check_mode=True,
    )
    entry.run(module, find_policies)


if __name__ == "__main__":
    main()
