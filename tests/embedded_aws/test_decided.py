# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the role application and the module fleet once decided differently: one decision, tested over both ways."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    IMAGE,
    OTHER_IMAGE,
    entry,
    plain,
    template,
    with_group,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.role_application import RoleFailed

TEMPLATE = {"launch_with": "launch_template"}
ABSENT = {"application_state": "absent"}
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


class Refused(Exception):
    """The application was refused, or failed."""


@pytest.fixture(params=["fleet", "role"])
def carry_out(request, fleets, role):
    """Return a function that carries out an application in one of the two ways and returns whether anything changed."""

    def by_fleet(application):
        return fleets.apply([application], wait_timeout=None)["changed"]

    def by_role(application):
        return role(application).changed

    def run(application):
        fleets.aws.reset_calls()
        try:
            return (by_fleet if request.param == "fleet" else by_role)(application)
        except (LaunchkitError, RoleFailed) as error:
            raise Refused(str(error)) from error

    return run


def foreign_launch_configuration(fleets, name):
    fleets.aws.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName=name, ImageId=IMAGE, InstanceType="t3.small"
    )


def foreign_template(fleets, *profiles, owner=""):
    """Create the launch template 'web' with a version for each name of an instance profile, tagged for its owner if any."""
    ec2 = fleets.aws.client("ec2")
    first, *more = [
        {"ImageId": IMAGE, "InstanceType": "t3.small", "IamInstanceProfile": {"Name": name}} for name in profiles
    ]
    tags = [{"Key": "launchkit:application", "Value": owner}]
    specifications = [{"ResourceType": "launch-template", "Tags": tags}] if owner else []
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=first, TagSpecifications=specifications)
    for data in more:
        ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData=data)


@pytest.mark.parametrize("make", [entry, with_group])
def test_1_template_left_by_an_interrupted_switch_is_deleted(fleets, carry_out, make):
    fleets.apply([make("web", **TEMPLATE)])
    fleets.aws.fault("error", "DeleteLaunchTemplate", times=0, code="UnauthorizedOperation", message="No.", status=403)
    with pytest.raises(Refused, match="UnauthorizedOperation"):
        carry_out(make("web"))
    fleets.aws.control("DELETE", "faults")
    assert fleets.launch_templates() == ["web"]
    assert carry_out(make("web")) is True
    assert (fleets.launch_templates(), fleets.writes()) == ([], {"DeleteLaunchTemplate": 1})
    assert carry_out(make("web")) is False


def test_1_template_of_others_is_kept(fleets, carry_out):
    fleets.apply([entry("web"), plain("other")])
    foreign_template(fleets, "other")
    assert carry_out(entry("web")) is False
    assert fleets.launch_templates() == ["web"]


def test_2_switch_deletes_only_siblings_that_name_the_profile(fleets, carry_out):
    fleets.apply([entry("web")])
    foreign = "web-0123456789abcdef"
    foreign_launch_configuration(fleets, foreign)
    switched = entry("web", **TEMPLATE, launch_configuration_prune={"min_age": 0})
    assert carry_out(switched) is True
    assert fleets.launch_configurations() == [foreign]
    assert carry_out(switched) is False


@pytest.mark.parametrize("path", ["", None])
def test_3_empty_profile_path_is_the_path_of_the_role(fleets, carry_out, path):
    application = {**plain("web", role_path="/ops/"), "application_instance_profile_path": path}
    assert carry_out(application) is True
    (profile,) = fleets.aws.client("iam").list_instance_profiles()["InstanceProfiles"]
    assert profile["Path"] == "/ops/"
    assert carry_out(application) is False


@pytest.mark.parametrize(
    "variables",
    [
        {"application_name": "web\n"},
        {"application_role_name": "web\n"},
        {"application_instance_profile_name": "web\n"},
        {"application_role_path": "/ops/\n"},
        {"application_launch_template_name": "web\n", "application_launch_with": "launch_template"},
        {"application_launch_configuration_name": "web\n"},
        {"application_inline_policies": {"read\n": POLICY}},
    ],
    ids=lambda variables: next(iter(variables)),
)
def test_4_name_with_a_trailing_line_feed_is_refused(fleets, carry_out, variables):
    with pytest.raises(Refused, match=next(iter(variables))):
        carry_out({**entry("web"), **variables})
    assert fleets.writes() == {}


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("trust_policy", "{"),
        ("trust_policy", [{"Effect": "Allow"}]),
        ("inline_policies", {"read queue": POLICY}),
        ("inline_policies", {"read": "{"}),
        ("tags", {"Roles": ["web", "db"]}),
        ("tags", {"aws:mine": "1"}),
        ("role_path", "ops"),
        ("role_max_session_duration", 60),
        ("managed_policies", ["arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"]),
        ("managed_policies", ["none-of-this-name"]),
        ("launch_configuration_prune", {"keep": -1}),
        ("launch_template_prune", {"keep": -1}),
        ("group_tags", {"Meta": {"a": "b"}}),
    ],
)
def test_5_mistakes_are_refused_before_the_first_write(fleets, carry_out, variable, value):
    with pytest.raises(Refused, match=f"application_{variable}"):
        carry_out(with_group("web", **{variable: value}))
    assert fleets.writes() == {}


def test_6_wait_timeout_of_the_application_is_honoured(fleets, carry_out):
    fleets.make_roles("web")
    time.sleep(2)
    # The role is old enough to be shown, and the new profile will not be in time.
    fleets.aws.set(iam_delay=2, iam_miss_rate=1.0)
    with pytest.raises(Refused, match="AWS did not show the change consistently within 1 seconds"):
        carry_out(plain("web", wait_timeout=1))


@pytest.mark.parametrize(("profiles", "left"), [(("other", "web"), []), (("web", "other"), ["web"])])
def test_7_newest_version_tells_whose_template_it_is(fleets, carry_out, profiles, left):
    """It is what the next group would launch from."""
    fleets.apply([plain("web"), plain("other")])
    foreign_template(fleets, *profiles, owner="web")
    assert carry_out({**entry("web"), **ABSENT}) is True
    assert (fleets.launch_templates(), fleets.roles()) == (left, ["other"])
    assert carry_out({**entry("web"), **ABSENT}) is False


def test_8_template_name_is_checked_only_when_it_is_used(fleets, carry_out):
    wrong = {"launch_template_name": "no blanks"}
    assert carry_out(plain("web", **wrong, **TEMPLATE)) is True
    assert carry_out(entry("web", **wrong)) is True
    with pytest.raises(Refused, match="application_launch_template_name"):
        carry_out(entry("web", **wrong, **TEMPLATE))


def test_claims_of_the_fleet_are_those_of_the_role(fleets, carry_out):
    """A plan is the same for one and for many: nothing is updated that is another application's."""
    fleets.apply([template("web"), entry("other")])
    before = json.dumps([fleets.launch_templates(), fleets.launch_configurations()])
    assert carry_out(template("web")) is False
    assert json.dumps([fleets.launch_templates(), fleets.launch_configurations()]) == before
    assert carry_out(template("web", image_id=OTHER_IMAGE)) is True
    assert fleets.writes().get("DeleteLaunchConfiguration") is None
