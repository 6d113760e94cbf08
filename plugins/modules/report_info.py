#!/usr/bin/python
# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
module: report_info
version_added: 0.1.0
author: Contributors to the launchkit.aws project (@launchkit)
short_description: Gather information about all applications of an account and Region
description:
  - Follows each Auto Scaling group to its launch configuration or launch template, instance profile, IAM role and
    policies, and returns what is broken, insecure or outdated. The role P(launchkit.aws.report#role) displays it as a
    page.
  - The module only reads, and in bulk. An account with 100 applications costs at most 12 calls. O(actions) adds a call
    for each role, a launch template version that is neither the newest nor the default adds one, ten images by SSM
    parameter add one, and O(applications) adds those of M(launchkit.aws.fleet_info).
  - What the credentials cannot read of instances, volumes, images and policy simulation is not checked.
    RV(report.not_read) lists it.
  - If the Python package parliament is installed where the module runs, its findings about the policies are returned as
    well.
options:
  applications:
    description: The applications of a fleet, as in M(launchkit.aws.fleet_info). The report then shows where they differ
      from the account, and orphans.
    type: raw
    required: false
  max_image_age_days: {description: The number of days after which an image is old., type: int, default: 180}
  max_hop_limit: {description: The highest hop limit of the instance metadata service., type: int, default: 2}
  max_unused_days: {description: The number of days after which a role is unused., type: int, default: 90}
  min_zones: {description: The lowest number of Availability Zones of a group., type: int, default: 2}
  require_permissions_boundary:
    description: Whether a role without permissions boundary is a finding.
    type: bool
    default: false
  known_accounts:
    description: The IDs of the accounts, other than this one, that trust policies can name.
    type: list
    elements: str
    default: []
  owner_tags:
    description: The tags of groups and roles that name an owner, in any letter case. The first one with a value counts.
      An empty list turns the finding off.
    type: list
    elements: str
    default: [Owner, Team]
  actions:
    description: The actions that are decided for each role by policy simulation, which takes one call for each role.
    type: list
    elements: dict
    default: []
    suboptions:
      actions:
        description: The actions, such as V(s3:GetObject), without wildcards.
        type: list
        elements: str
        required: true
      resources: {description: The ARNs of the resources., type: list, elements: str, default: ["*"]}
      expected: {description: The expected decision. Another one is a finding., type: str, choices: [allowed, denied]}
  accepted_findings:
    description: The findings that the operator accepts. They are returned with their reason and do not count.
    type: list
    elements: dict
    default: []
    suboptions:
      finding: {description: "The name of the finding, a key of RV(report.catalogue).", type: str, required: true}
      application:
        description: The name of the application. V(*) and V(?) match any characters and one character.
        type: str
        default: "*"
      reason: {description: The reason., type: str, required: true}
extends_documentation_fragment:
  [launchkit.aws.fleet, launchkit.aws.attributes.info, amazon.aws.common.modules, amazon.aws.region.modules,
   amazon.aws.boto3]
seealso:
  - module: launchkit.aws.fleet_info
"""

EXAMPLES = r"""
- name: Report on an account and Region
  launchkit.aws.report_info:
    max_image_age_days: 90
    accepted_findings:
      - finding: few_zones
        application: batch-*
        reason: The jobs can wait until the zone is back.
  register: result

- name: Show the broken chains
  ansible.builtin.debug:
    msg: "{{ result.report.applications | selectattr('is_broken') | map(attribute='name') }}"
"""

RETURN = r"""
report:
  description: The report of the account and Region.
  returned: success
  type: dict
  contains:
    account:
      description: The ID of the account.
      returned: always
      type: str
      sample: "123456789012"
    region:
      description: The Region.
      returned: always
      type: str
      sample: us-east-1
    created:
      description: The time of the report in UTC.
      returned: always
      type: str
      sample: "2026-11-27T12:00:00Z"
    applications:
      description:
        - The applications, each with C(name), C(kind), C(severity), C(owner), C(managed_by), C(chain), C(is_broken),
          C(findings), C(group), C(launch), C(instances) and C(roles).
        - A finding has C(name), C(severity), C(detail), C(fix), and C(accepted) with the reason if it is accepted.
      returned: always
      type: list
      elements: dict
      sample: [{"name": "shop", "kind": "group", "severity": "high", "is_broken": false}]
    catalogue:
      description: The findings that are possible, by name, with C(severity), C(title), C(meaning) and C(url).
      returned: always
      type: dict
      sample: {"imdsv1": {"severity": "high", "title": "Instance metadata without IMDSv2"}}
    orphans:
      description: The orphans of the fleet, each as one line.
      returned: always
      type: list
      elements: str
      sample: ["former-shop: ORPHAN: IAM role former-shop"]
    unused_acceptances:
      description: The entries of O(accepted_findings) that match no finding.
      returned: always
      type: list
      elements: str
      sample: []
    not_read:
      description: The actions that the credentials do not permit.
      returned: always
      type: list
      elements: str
      sample: ["ec2:DescribeVolumes"]
"""

from ..module_utils.core import module as entry
from ..module_utils.report.module import REPORT_ARGUMENTS, report_of


def main():
    module = entry.new_module(argument_spec=REPORT_ARGUMENTS, supports_check_mode=True)
    entry.run(module, lambda module: dict(changed=False, report=report_of(module)))


if __name__ == "__main__":
    main()
