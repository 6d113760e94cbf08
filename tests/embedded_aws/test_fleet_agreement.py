# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof that the module fleet and the role application make the same.

The role's own tasks run amazon.aws's modules, which are the oracle: with ``application_trust_plan=false`` all of them run, and each decides by
itself whether something is left to change.
"""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.modules import fleet, fleet_info
from ansible_collections.launchkit.aws.tests.embedded_aws.descriptions import descriptions
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import entry, plain
from ansible_collections.launchkit.aws.tests.embedded_aws.peer import call
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from embedded_aws.client import REGION


@settings(
    max_examples=3,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(descriptions(2), st.booleans())
def test_either_way_leaves_the_other_nothing_to_do(fleets, role, pair, fleet_first):
    fleets.aws.reset()
    ec2 = fleets.aws.client("ec2")
    ec2.create_key_pair(KeyName="operations")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    for name in ("one", "two"):
        ec2.create_security_group(GroupName=name, Description="For tests", VpcId=vpc["VpcId"])
    created, changed = ({**each, "application_vpc_id": vpc["VpcId"]} for each in pair)

    def by_fleet(application):
        return fleets.apply([application])["changed"]

    def by_role(application):
        return role(application).changed

    def by_all_modules(application):
        done = role({**application, "application_trust_plan": False})
        assert len(done.results) >= 2
        return done.changed

    ways = (by_fleet, by_role) if fleet_first else (by_role, by_fleet)
    for application, way in zip((created, changed), ways):
        (row,) = fleets.apply([application], check_mode=True)["applications"]
        assert (way(application), row.get("blockers")) == (row["changed"], None)
        # Neither the plan nor any module has anything to do, whoever was at work.
        assert fleets.summaries([application]) == []
        assert (by_fleet(application), by_all_modules(application)) == (False, False)
    event(f"changed: {pair[0] != pair[1]}")
    absent = {**changed, "application_state": "absent"}
    assert ways[0](absent) is True
    assert (by_fleet(absent), by_role(absent)) == (False, False)
    assert (fleets.roles(), fleets.profiles(), fleets.group()) == ([], {}, None)


def test_trust_plan_false_deletes_versions_that_a_killed_run_left(fleets, role):
    """An unchanged run doesn't list versions: nothing else that it reads tells whether there are old ones."""
    application, ec2 = entry("web", launch_with="launch_template"), fleets.aws.client("ec2")

    def versions():
        answer = ec2.describe_launch_template_versions(LaunchTemplateName="web")
        return [each["VersionNumber"] for each in answer["LaunchTemplateVersions"]]

    fleets.apply([application])
    (version,) = ec2.describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"]
    ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=version["LaunchTemplateData"])
    ec2.modify_launch_template(LaunchTemplateName="web", DefaultVersion="2")
    assert (role(application).changed, versions()) == (False, [2, 1])
    assert (role({**application, "application_trust_plan": False}).changed, versions()) == (True, [2])


def test_modules_as_ansible_runs_them(fleets, tmp_path):
    """With what the actions hand to them."""
    applications = [entry("web", user_data="hunter2")]
    asked = {"applications": json.dumps(applications), "defaults": json.dumps({"application_ebs_optimized": True})}
    found = call(fleets.aws, fleet_info, False, {**asked, "orphan_path": "/web/"})
    assert found["applications"][0]["summary"].startswith(
        "web: create IAM role web; create instance profile web; create launch configuration web-"
    )
    progress = tmp_path / "progress"
    result = call(fleets.aws, fleet, False, {**asked, "progress_path": str(progress)})
    assert result["totals"]["changed"] == 1
    lines = progress.read_text(encoding="utf-8").splitlines()
    assert lines[: len(found["plan"])] == found["plan"]
    assert [line.partition(": ")[0] for line in lines[len(found["plan"]) :]] == [
        "IAM role 1/1",
        "instance profile 1/1",
        "launch settings 1/1",
    ]
    again = call(fleets.aws, fleet, True, asked)
    assert again["changed"] is False
    assert "hunter2" not in json.dumps([found, result, again]) + progress.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"applications": "{"}, "applications: has to be a list of dictionaries."),
        ({"applications": "{}"}, "applications: has to be a list of dictionaries."),
        ({"applications": "[]", "defaults": "[]"}, "defaults: has to be a dictionary."),
        ({"applications": "[]", "concurrency": 0}, "concurrency: 0 is out of range. Set 1 to 64."),
        ({"applications": "[]", "concurrency": 65}, "concurrency: 65 is out of range. Set 1 to 64."),
        ({"applications": "[]", "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"applications": '[{"application_nam": "web"}]'}, "Did you mean application_name?"),
        ({"applications": "[]", "orphan_path": "/"}, "orphan_path: '/' is where every role of the account is."),
    ],
)
@pytest.mark.parametrize("module", [fleet, fleet_info])
def test_mistakes_are_refused_before_the_first_call(fleets, module, options, message):
    result = call(fleets.aws, module, False, {**options, "region": REGION})
    assert result["failed"]
    assert message in result["msg"]
    assert fleets.aws.counts()["total"] == 0


def test_pruning_needs_a_scope(fleets):
    result = call(fleets.aws, fleet, False, {"applications": "[]", "prune_orphans": True})
    assert result["msg"].startswith("prune_orphans: set orphan_path or orphan_tags as well")


def test_another_account_is_refused(fleets):
    for module in (fleet, fleet_info):
        result = call(
            fleets.aws, module, False, {"applications": json.dumps([plain("web")]), "account": "210987654321"}
        )
        assert "account: the credentials belong to account 123456789012, not 210987654321." in result["msg"]
    assert fleets.writes() == {}
