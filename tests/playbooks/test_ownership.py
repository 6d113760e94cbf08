# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The word of a playbook, what hosts contradict each other in, and the variables that adopt."""

from __future__ import annotations

import json

import pytest

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
POLICY = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{{ aws_region }}/*"}]}


@pytest.fixture
def roles(aws):
    """Return a function that tells the names of the roles."""
    return lambda: [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]]


def test_teardown_deletes_whatever_state_the_variables_say(succeed, roles):
    present = {"application_name": "web", "application_state": "present"}
    succeed("teardown", variables=present)
    assert roles() == []
    succeed("bootstrap", variables=present)
    assert roles() == ["web"]
    succeed("teardown", "-e", "application_state=present", variables=present)
    assert roles() == []


@pytest.mark.parametrize("playbook", ["fleet", "bootstrap"])
def test_regions_that_contradict_each_other_change_nothing(refuse, regions, playbook):
    """K12: a description or policy with the Region in it."""
    for wish in ({"role_description": "For {{ aws_region }}"}, {"inline_policies": {"read": POLICY}}):
        ((name, value),) = wish.items()
        application = {"application_name": "shop", f"application_{name}": value}
        host = application if playbook == "bootstrap" else {"fleet_applications": [application]}
        output = refuse(playbook, *regions(us=host, eu=host))
        assert f"application_{name}: IAM role 'shop' has two values" in output
        for part in ("us-east-1", "eu-west-1", "for host us", "for host eu"):
            assert part in output


def test_applications_of_a_list_that_share_a_role_may_not_contradict_each_other(refuse):
    shared = {"application_role_name": "shared", "application_instance_profile_name": "shared"}
    applications = [
        {"application_name": name, "application_managed_policies": [policy], **shared}
        for name, policy in (("one", "ReadOnlyAccess"), ("two", "AdministratorAccess"))
    ]
    output = refuse("bootstrap", variables={"applications": applications})
    assert "application_managed_policies: IAM role 'shared' has two values" in output


@pytest.mark.parametrize("playbook", ["fleet", "bootstrap"])
def test_role_of_others_is_adopted_on_request_only(refuse, succeed, aws, playbook):
    aws.client("iam").create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    web = {"application_name": "web", "application_tags": {"Owner": "me"}}
    variables = {"fleet_applications": [web]} if playbook == "fleet" else web
    for arguments in (["--check"], []):
        output = " ".join(refuse(playbook, *arguments, variables=variables).split())
        assert "application_role_name: IAM role web exists and does not belong to this application" in output
        assert "tags[Owner]: none -> me" in output
    assert (
        "not owned: IAM role web"
        in succeed(
            playbook,
            "--check",
            variables=json.loads(json.dumps(variables).replace("application_tags", "application_group_tags")),
        ).output
    )
    # K1: text is what it says.
    variable = "fleet_adopt" if playbook == "fleet" else "application_adopt"
    refuse(playbook, "-e", f"{variable}=false", variables=variables)
    succeed(playbook, "-e", f"{variable}=true", variables=variables)
    role = aws.client("iam").get_role(RoleName="web")["Role"]
    assert {"Key": "launchkit:application", "Value": "web"} in role["Tags"]
    assert succeed(playbook, variables=variables).changed == 0
