# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A secret is shown nowhere: the fixtures look for user data, plain and in base64, in what each run prints."""

from __future__ import annotations


def test_user_data_is_not_printed_at_any_verbosity(succeed, aws, launch):
    """Creating templates prints none, nor do a switch and a removal. Teardown: test_text_variables.py."""
    fleet = {
        "fleet_applications": [{"application_name": name} for name in ("removed", "switched")],
        "fleet_defaults": {**launch, "application_launch_with": "launch_template"},
    }
    succeed("fleet", "-vvv", variables=fleet)
    templates = aws.client("ec2").describe_launch_templates
    assert sorted(each["LaunchTemplateName"] for each in templates()["LaunchTemplates"]) == ["removed", "switched"]
    succeed("bootstrap", "-vvv", variables={**launch, "application_name": "switched"})
    absent = {"application_name": "removed", "application_state": "absent"}
    succeed("fleet", "-vvv", variables={"fleet_applications": [absent]})
    assert templates()["LaunchTemplates"] == []
