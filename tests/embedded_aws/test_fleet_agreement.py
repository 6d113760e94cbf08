# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof that a fleet and the role application make the same: what one of them made, the other finds as it shall be.

The modules of the role are run as its tasks run them: the options come from its task files, with Ansible's own templating.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_launch_configuration,
    ec2_launch_template,
    fleet,
    fleet_info,
    iam_instance_profile,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import entry, plain
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY

ROLE = Path(__file__).resolve().parents[2] / "roles" / "application"
MODULES = {
    "launchkit.aws.iam_instance_profile": iam_instance_profile,
    "launchkit.aws.autoscaling_launch_configuration": autoscaling_launch_configuration,
    "launchkit.aws.ec2_launch_template": ec2_launch_template,
}
LOADER = DataLoader()


def loaded(name):
    return LOADER.load_from_file(str(ROLE / name), trusted_as_template=True)


DEFAULTS, VARIABLES = loaded("defaults/main.yml"), loaded("vars/main.yml")
TASKS = [*loaded("tasks/present.yml"), *loaded("tasks/launch_configuration.yml"), *loaded("tasks/launch_template.yml")]


def tasks_of(application):
    """The module runs of the role for the application: module and options."""
    variables = {"omit": OMITTED, **DEFAULTS, **application, **VARIABLES}
    templar = Templar(loader=LOADER, variables=variables)
    launched = application.get("application_launch_with", "launch_configuration")
    wanted = ["launchkit.aws.iam_instance_profile"]
    if application.get("application_image_id"):
        wanted.append(
            {
                "launch_configuration": "launchkit.aws.autoscaling_launch_configuration",
                "launch_template": "launchkit.aws.ec2_launch_template",
            }[launched]
        )
    found = [(name, task[name]) for name in wanted for task in TASKS if name in task]
    assert len(found) == len(wanted)
    for name, options in found:
        rendered = {key: templar.template(value) for key, value in options.items()}
        yield MODULES[name], {key: value for key, value in rendered.items() if value != OMITTED}


OMITTED = "__omitted__"


def run(aws, module, **options):
    """Run a module's main() in this process."""
    connection = {
        "region": REGION,
        "endpoint_url": aws.url,
        "access_key": ACCESS_KEY,
        "secret_key": SECRET_KEY,
    }
    output = io.StringIO()
    with (
        patch_module_args({**connection, **options}),
        contextlib.redirect_stdout(output),
        pytest.raises(SystemExit),
    ):
        module.main()
    result = json.loads(output.getvalue())
    assert not result.get("failed"), result
    return result


SOME = {
    "tags": st.sampled_from([{}, {"Owner": "me"}]),
    "role_path": st.sampled_from(["/", "/ops/"]),
    "instance_profile_name": st.sampled_from(["own", "web"]),
    "instance_profile_path": st.just("/profiles/"),
}
LAUNCHED = {
    "instance_type": st.sampled_from(["t3.small", "m1.small"]),
    "launch_configuration_name": st.sampled_from(["fixed", ""]),
    "launch_configuration_name_prefix": st.just("own-"),
    "launch_configuration_prune": st.sampled_from([None, {"keep": 1}]),
    "launch_template_name": st.just("own/name"),
    "key_name": st.just("operations"),
    "security_groups": st.sampled_from([[], ["one"], ["two", "one"]]),
    "user_data": st.sampled_from(["", "#!/bin/sh\necho größe {{ not_a_template }}\n"]),
    "volumes": st.sampled_from(
        [
            [{"device_name": "/dev/sda1", "volume_size": 20, "volume_type": "gp3", "iops": 3000}],
            [{"device_name": "/dev/sdg", "ephemeral": "ephemeral0"}, {"device_name": "/dev/sdf", "volume_size": "8"}],
        ]
    ),
    "metadata_options": st.sampled_from(
        [{"http_tokens": "optional"}, {"http_put_response_hop_limit": 2}, {"http_endpoint": "disabled"}, {}]
    ),
    "instance_monitoring": st.booleans(),
    "assign_public_ip": st.sampled_from([None, True, False]),
    "placement_tenancy": st.sampled_from(["default", "dedicated"]),
    "spot_price": st.sampled_from([0.05, "0.1"]),
    "ebs_optimized": st.booleans(),
}
ONLY_TEMPLATES = {
    "credit_specification": st.just({"cpu_credits": "unlimited"}),
    "tag_specifications": st.just([{"resource_type": "volume", "tags": {"Owner": "me"}}]),
}


@st.composite
def applications(draw):
    variables = draw(st.fixed_dictionaries({}, optional=SOME))
    kind = draw(st.sampled_from(["launch_configuration", "launch_template", "nothing"]))
    event(kind)
    if kind == "nothing":
        return plain("web", **variables)
    launched = draw(st.fixed_dictionaries({}, optional=LAUNCHED))
    if kind == "launch_template":
        launched.update(draw(st.fixed_dictionaries({}, optional=ONLY_TEMPLATES)), launch_with=kind)
    given = entry("web", **variables, **launched)
    # Null is a value, which the maker of entries leaves out.
    nulls = {f"application_{name}": None for name, value in launched.items() if value is None}
    return {**given, **nulls}


@settings(
    max_examples=10,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(applications(), st.booleans())
def test_what_one_made_the_other_finds_as_it_shall_be(fleets, application, fleet_first):
    fleets.aws.reset()
    ec2 = fleets.aws.client("ec2")
    ec2.create_key_pair(KeyName="operations")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    for name in ("one", "two"):
        ec2.create_security_group(GroupName=name, Description="For tests", VpcId=vpc["VpcId"])
    application = {**application, "application_vpc_id": vpc["VpcId"]}
    fleets.make_roles(application)

    def by_fleet():
        return fleets.apply([application])["changed"]

    def by_role():
        results = [run(fleets.aws, module, **options) for module, options in tasks_of(application)]
        return any(result["changed"] for result in results)

    first, second = (by_fleet, by_role) if fleet_first else (by_role, by_fleet)
    assert first() is True
    assert second() is False
    (row,) = fleets.info([application])["applications"]
    assert row["summary"] == "web: unchanged"


def test_the_modules_as_ansible_runs_them(fleets, tmp_path):
    """With what the actions hand to them."""
    applications = [entry("web", user_data="hunter2"), entry("role-missing")]
    fleets.make_roles(applications[0])
    asked = {"applications": json.dumps(applications[:1]), "defaults": json.dumps({"application_ebs_optimized": True})}
    found = run(fleets.aws, fleet_info, **asked, orphan_path="/web/")
    assert found["plan"][0].startswith("web: create instance profile web; create launch configuration web-")
    progress = tmp_path / "progress"
    result = run(fleets.aws, fleet, **asked, progress_path=str(progress))
    assert result["totals"]["changed"] == 1
    assert [line.partition(": ")[0] for line in progress.read_text(encoding="utf-8").splitlines()] == [
        "instance profile 1/1",
        "launch settings 1/1",
    ]
    again = run(fleets.aws, fleet, **asked, _ansible_check_mode=True)
    assert again["changed"] is False
    assert "hunter2" not in json.dumps([found, result, again]) + progress.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"applications": "{"}, "applications: has to be a list of dictionaries."),
        ({"applications": "{}"}, "applications: has to be a list of dictionaries."),
        ({"applications": "[]", "defaults": "[]"}, "defaults: has to be a dictionary."),
        ({"applications": "[]", "concurrency": 0}, "concurrency: 0 is out of range; 1 to 64 are possible."),
        ({"applications": "[]", "concurrency": 65}, "concurrency: 65 is out of range; 1 to 64 are possible."),
        ({"applications": "[]", "state": "gone"}, "value of state must be one of: present, absent, got: gone"),
        ({"applications": '[{"application_nam": "web"}]'}, "Did you mean application_name?"),
    ],
)
@pytest.mark.parametrize("module", [fleet, fleet_info])
def test_what_the_modules_refuse_before_the_first_call(fleets, module, options, message):
    output = io.StringIO()
    with (
        patch_module_args({"region": REGION, "endpoint_url": fleets.aws.url, **options}),
        contextlib.redirect_stdout(output),
        pytest.raises(SystemExit),
    ):
        module.main()
    result = json.loads(output.getvalue())
    assert result["failed"]
    assert message in result["msg"]
    assert fleets.aws.counts()["total"] == 0
