# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
name: merged_report
author: Contributors to the launchkit.aws project (@launchkit)
version_added: 0.1.0
short_description: Merge the reports of accounts and Regions
description:
  - Merges what M(launchkit.aws.report_info) returns for several accounts and Regions, the worst applications first.
  - IAM is the same in all Regions of an account. Roles and instance profiles that no Region uses are listed once.
options:
  _input:
    description: The values of RV(launchkit.aws.report_info#module:report).
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Count the broken chains of all hosts
  ansible.builtin.debug:
    msg: "{{ (hostvars.values() | map(attribute='result.report') | launchkit.aws.merged_report).totals.broken }}"
"""

RETURN = r"""
_value:
  description: C(applications) with C(account) and C(region), C(findings) by name, C(severities), C(totals), C(places),
    C(catalogue), C(orphans), C(not_read), C(unused_acceptances) and C(created).
  type: dict
"""

from ..module_utils.report.merge import merge


class FilterModule:
    """The filter."""

    def filters(self):
        return {"merged_report": lambda reports: merge(list(reports))}
