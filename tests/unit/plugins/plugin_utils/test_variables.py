# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Variables that begin like those of a role and don't exist are mistakes."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.launchkit.aws.plugins.plugin_utils.variables import KNOWN, refuse_unknown

UNKNOWN = {
    "application_user_dat": "application_user_data",
    "application_managed_policy": "application_managed_policies",
    "fleet_default": "fleet_defaults",
    "fleet_trust_plan": None,
    "fleet_modules_concurrency": "fleet_concurrency",
    "launch_template_migration_group": "launch_template_migration_groups",
    "report_pth": "report_path",
    "report_accepted_finding": "report_accepted_findings",
    "application_qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq": None,
}


@pytest.mark.parametrize(("name", "nearest"), UNKNOWN.items())
def test_refuse_unknown_names_the_nearest(name, nearest):
    with pytest.raises(AnsibleActionFail) as refused:
        refuse_unknown(["application_name", name, "other"])
    message = str(refused.value)
    assert message.startswith(f"{name}: no such variable exists.")
    assert message.endswith("Correct or rename it. No changes were made.")
    assert nearest is None or f"Did you mean {nearest}?" in message


@pytest.mark.parametrize(
    "names",
    [
        sorted(KNOWN),
        ["application__plan", "fleet__x", "launch_template_migration__y", "report__y", "report__path"],
        ["applications", "fleet", "application_", "fleets_x", "my_application_name", "ansible_host"],
        ["report_email", "report_", "report_directory", "report_recipients"],
        [],
    ],
    ids=["known", "roles' own", "others", "common prefix", "none"],
)
def test_refuse_unknown_accepts(names):
    refuse_unknown(names)


def test_refuse_unknown_names_all_at_once():
    with pytest.raises(AnsibleActionFail) as refused:
        refuse_unknown(["fleet_x", "application_y"])
    assert str(refused.value).count("no such variable exists.") == 2
