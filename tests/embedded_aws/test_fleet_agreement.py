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
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import IMAGE, OTHER_IMAGE, ZONES, entry, plain
from ansible_collections.launchkit.aws.tests.embedded_aws.peer import call
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from embedded_aws.client import REGION

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ARN = "arn:aws:iam::aws:policy/"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}
ROLE = {
    "tags": st.sampled_from([{}, {"Owner": "me"}, {"Owner": "you", "größe": "1"}]),
    "role_description": st.sampled_from(["For the website", ""]),
    "role_max_session_duration": st.sampled_from([3600, 7200]),
    "trust_policy": st.just({"Version": "2012-10-17", "Statement": [TRUST]}),
    "managed_policies": st.sampled_from([[], ["ReadOnlyAccess"], [f"{ARN}ReadOnlyAccess", f"{ARN}PowerUserAccess"]]),
    "purge_managed_policies": st.booleans(),
    "permissions_boundary": st.sampled_from(["", f"{ARN}PowerUserAccess"]),
    "inline_policies": st.sampled_from([{}, {"read": POLICY}, {"other": POLICY}]),
    "purge_inline_policies": st.booleans(),
}
# What can't change once it exists is the same in both descriptions.
NAMES = {
    "role_path": st.sampled_from(["/", "/ops/"]),
    "instance_profile_name": st.sampled_from(["own", "web"]),
    "instance_profile_path": st.sampled_from(["/profiles/", ""]),
    "launch_template_name": st.just("own-name"),
    "launch_configuration_name_prefix": st.just("own-"),
}
LAUNCHED = {
    "instance_type": st.sampled_from(["t3.small", "m5.large"]),
    "launch_configuration_prune": st.sampled_from([None, {"keep": 1}]),
    "launch_template_prune": st.sampled_from([None, {"keep": 1}]),
    "key_name": st.just("operations"),
    "security_groups": st.sampled_from([[], ["one"], ["two", "one"]]),
    "user_data": st.sampled_from(["", "#!/bin/sh\necho größe {{ not_a_template }}\n"]),
    "volumes": st.sampled_from(
        [
            [{"device_name": "/dev/sda1", "volume_size": 20, "volume_type": "gp3", "iops": 3000}],
            [{"device_name": "/dev/sdg", "ephemeral": "ephemeral0"}, {"device_name": "/dev/sdf", "volume_size": "8"}],
        ]
    ),
    "metadata_options": st.sampled_from([{"http_tokens": "optional"}, {"http_put_response_hop_limit": 2}, {}]),
    "instance_monitoring": st.booleans(),
    "placement_tenancy": st.sampled_from(["default", "dedicated"]),
    "spot_price": st.sampled_from([0.05, "0.1"]),
    "ebs_optimized": st.booleans(),
}
ONLY_TEMPLATES = {
    "tag_specifications": st.just([{"resource_type": "volume", "tags": {"Owner": "me"}}]),
}
GROUP = {
    "group_max_size": st.integers(1, 3),
    "group_desired_capacity": st.integers(0, 1),
    "group_health_check_type": st.sampled_from(["EC2", "ELB"]),
    "group_health_check_period": st.sampled_from([60, 300]),
    "group_default_cooldown": st.sampled_from([60, 300]),
    "group_termination_policies": st.sampled_from([["OldestInstance"], ["Default"]]),
    "group_max_instance_lifetime": st.just(86400),
    "group_tags": st.sampled_from([{}, {"Stage": "test"}]),
    "group_propagate_tags": st.booleans(),
}


@st.composite
def pairs(draw):
    """Return two descriptions of one application, with or without launch settings and group."""
    names = draw(st.fixed_dictionaries({}, optional=NAMES))
    kind = draw(st.sampled_from(["group", "launched", "nothing"]))
    event(kind)

    def description():
        variables = {**names, **draw(st.fixed_dictionaries({}, optional=ROLE))}
        if kind == "nothing":
            return plain("web", **variables)
        variables.update(draw(st.fixed_dictionaries({}, optional=LAUNCHED)))
        variables["image_id"] = draw(st.sampled_from([IMAGE, OTHER_IMAGE]))
        if draw(st.booleans()):
            variables.update(draw(st.fixed_dictionaries({}, optional=ONLY_TEMPLATES)), launch_with="launch_template")
        if kind == "group":
            sizes = {"group_name": "web", "group_min_size": 0, "group_max_size": 2, "group_availability_zones": ZONES}
            variables.update({**sizes, **draw(st.fixed_dictionaries({}, optional=GROUP))})
        # Null is a value for some, which the maker of entries leaves out.
        nulls = {f"application_{name}": None for name, value in variables.items() if value is None}
        return {**entry("web", **variables), **nulls}

    return description(), description()


@settings(
    max_examples=3,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(pairs(), st.booleans())
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
