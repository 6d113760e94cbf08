# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The authorization switch, through plain boto3: a table of policies, calls and answers.

Sources: Service Authorization Reference (actions, resources), IAM user guide "Troubleshoot access denied error
messages", EC2 API reference "Error codes" (UnauthorizedOperation, AuthFailure).
"""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.embedded_aws.table import AMI, Account, policy, trust_in

ACCOUNT = "123456789012"
PASS = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/app"}


def allow(action: str | list[str], resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


class Operator:
    """A user with a policy, and clients that sign with the user's key."""

    def __init__(self, aws: Any, *statements: dict[str, Any], secret: str | None = None):
        admin = Account(aws)
        admin.iam.create_user(UserName="operator")
        document = policy(*(statements or [allow("none:None")]))
        admin.iam.put_user_policy(UserName="operator", PolicyName="p", PolicyDocument=document)
        key = admin.iam.create_access_key(UserName="operator")["AccessKey"]
        self.keys = {"access_key": key["AccessKeyId"], "secret_key": secret or key["SecretAccessKey"]}
        admin.role()
        admin.profile()
        self.aws, self.admin = aws, admin

    def client(self, service: str) -> Any:
        return self.aws.client(service, **self.keys)


def answer(call: Any) -> tuple[str, int, str]:
    try:
        call()
    except ClientError as error:
        return (
            error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Message"]
        )  # fmt: skip
    return "ok", 200, ""


def attach(operator: Operator) -> Any:
    return operator.client("iam").add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")


def configure(operator: Operator) -> Any:
    return operator.client("autoscaling").create_launch_configuration(
        LaunchConfigurationName="lc", ImageId=AMI, InstanceType="m1.small", IamInstanceProfile="app"
    )


def group(operator: Operator) -> Any:
    return operator.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="group", MinSize=0, MaxSize=1, AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": "template"},
    )  # fmt: skip


def run(operator: Operator) -> Any:
    return operator.client("ec2").run_instances(
        ImageId=AMI, InstanceType="m1.small", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "app"}
    )


def make_profile(operator: Operator) -> Any:
    return operator.client("iam").create_instance_profile(InstanceProfileName="new", Path="/team/")


TAGS = [{"Key": "team", "Value": "a"}]


def make_tagged_profile(operator: Operator) -> Any:
    return operator.client("iam").create_instance_profile(InstanceProfileName="new", Tags=TAGS)


def make_tagged_role(operator: Operator) -> Any:
    trust = trust_in({"Service": "ec2.amazonaws.com"})
    return operator.client("iam").create_role(RoleName="new", AssumeRolePolicyDocument=trust, Tags=TAGS)


def make_tagged_template(operator: Operator) -> Any:
    return operator.client("ec2").create_launch_template(
        LaunchTemplateName="new",
        LaunchTemplateData={"ImageId": AMI},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": TAGS}],
    )


def make_tagged_group(operator: Operator) -> Any:
    return operator.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="group", MinSize=0, MaxSize=1, AvailabilityZones=["us-east-1a"],
        LaunchTemplate={"LaunchTemplateName": "template"}, Tags=TAGS,
    )  # fmt: skip


def describe(operator: Operator) -> Any:
    return operator.client("ec2").describe_instances()


DENIED = "is not authorized to perform: {} on resource: {}"
TABLE = [
    ("nothing allowed", [], make_profile, "AccessDenied", 403,
     DENIED.format("iam:CreateInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/team/new")),
    ("allowed under a path", [allow("iam:*", f"arn:aws:iam::{ACCOUNT}:instance-profile/team/*")], make_profile, "ok", 200, ""),
    ("allowed under another path", [allow("iam:*", f"arn:aws:iam::{ACCOUNT}:instance-profile/other/*")], make_profile,
     "AccessDenied", 403, "because no identity-based policy allows the iam:CreateInstanceProfile action"),
    ("explicitly denied", [allow("*"), {"Effect": "Deny", "Action": "iam:Create*", "Resource": "*"}], make_profile,
     "AccessDenied", 403, "with an explicit deny in an identity-based policy"),
    ("attach without PassRole", [allow("iam:AddRoleToInstanceProfile")], attach, "AccessDenied", 403,
     DENIED.format("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/app")),
    ("attach with PassRole", [allow("iam:AddRoleToInstanceProfile"), PASS], attach, "ok", 200, ""),
    ("PassRole to another service", [allow("iam:AddRoleToInstanceProfile"),
     {**PASS, "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}}], attach, "AccessDenied", 403, "iam:PassRole"),
    ("launch configuration without PassRole", [allow("autoscaling:*")], configure, "AccessDenied", 403, "iam:PassRole"),
    ("launch configuration with PassRole", [allow("autoscaling:CreateLaunchConfiguration",
     f"arn:aws:autoscaling:us-east-1:{ACCOUNT}:launchConfiguration:*:launchConfigurationName/l*"), PASS], configure, "ok", 200, ""),
    ("launch configuration of another name", [allow("autoscaling:CreateLaunchConfiguration",
     f"arn:aws:autoscaling:us-east-1:{ACCOUNT}:launchConfiguration:*:launchConfigurationName/x*"), PASS], configure, "AccessDenied",
     403, "autoscaling:CreateLaunchConfiguration"),
    ("group without RunInstances", [allow("autoscaling:*"), PASS], group, "AccessDenied", 403,
     "You are not authorized to use launch template: template"),
    ("group without PassRole", [allow(["autoscaling:*", "ec2:*"])], group, "AccessDenied", 403, "iam:PassRole"),
    ("group with both", [allow(["autoscaling:*", "ec2:*"]), PASS], group, "ok", 200, ""),
    ("EC2 unauthorized", [allow("autoscaling:*")], describe, "UnauthorizedOperation", 403,
     "You are not authorized to perform this operation."),
    ("EC2 authorized", [allow("ec2:Describe*")], describe, "ok", 200, ""),
    ("run without PassRole", [allow("ec2:*")], run, "UnauthorizedOperation", 403, "iam:PassRole"),
    ("run with PassRole", [allow("ec2:*"), PASS], run, "ok", 200, ""),
    ("profile with tags", [allow("iam:CreateInstanceProfile")], make_tagged_profile, "AccessDenied", 403,
     DENIED.format("iam:TagInstanceProfile", f"arn:aws:iam::{ACCOUNT}:instance-profile/new")),
    ("profile with tags, allowed", [allow(["iam:CreateInstanceProfile", "iam:TagInstanceProfile"])], make_tagged_profile, "ok", 200, ""),
    ("template with tags", [allow("ec2:CreateLaunchTemplate")], make_tagged_template, "UnauthorizedOperation", 403, "ec2:CreateTags"),
    ("group with tags", [allow("autoscaling:CreateAutoScalingGroup"), allow("ec2:*"), PASS], make_tagged_group, "AccessDenied", 403,
     "autoscaling:CreateOrUpdateTags"),
    ("role with tags", [allow("iam:CreateRole")], make_tagged_role, "AccessDenied", 403, "iam:TagRole"),
    ("run from another image", [allow("ec2:*", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/*"), PASS], run,
     "UnauthorizedOperation", 403, f"image/{AMI}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "statements", "act", "code", "status", "text"),
    TABLE,
    ids=[line[0] for line in TABLE],
)
def test_authorization(aws: Any, what: str, statements: list[Any], act: Any, code: str, status: int, text: str) -> None:
    operator = Operator(aws, *statements)
    if act is not attach:
        operator.admin.iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")
    operator.admin.template("template", IamInstanceProfile={"Name": "app"})
    aws.set(authorization=True)
    seen = answer(lambda: act(operator))
    assert seen[:2] == (code, status), seen
    assert text in seen[2]


@pytest.mark.parametrize(
    ("service", "code", "status"), [("iam", "InvalidClientTokenId", 403), ("autoscaling", "InvalidClientTokenId", 403), ("ec2", "AuthFailure", 401)]
)  # fmt: skip
def test_an_unknown_key_is_refused(aws: Any, service: str, code: str, status: int) -> None:
    aws.set(authorization=True)
    reads = {"iam": "list_roles", "autoscaling": "describe_auto_scaling_groups", "ec2": "describe_instances"}
    client = aws.client(service, access_key="AKIAUNKNOWNUNKNOWN00")
    assert answer(getattr(client, reads[service]))[:2] == (code, status)


@pytest.mark.parametrize(
    ("service", "code", "status"), [("iam", "SignatureDoesNotMatch", 403), ("autoscaling", "SignatureDoesNotMatch", 403), ("ec2", "AuthFailure", 401)]
)  # fmt: skip
def test_a_wrong_secret_is_refused(aws: Any, service: str, code: str, status: int) -> None:
    operator = Operator(aws, allow("*"), secret="wrong")
    aws.set(authorization=True)
    reads = {"iam": "list_roles", "autoscaling": "describe_auto_scaling_groups", "ec2": "describe_instances"}
    assert answer(getattr(operator.client(service), reads[service]))[:2] == (code, status)


def test_an_assumed_role_has_the_roles_permissions(aws: Any) -> None:
    admin = Account(aws)
    role = admin.role(AssumeRolePolicyDocument=trust_in({"AWS": ACCOUNT}))
    admin.iam.put_role_policy(RoleName="app", PolicyName="p", PolicyDocument=policy(allow("iam:List*")))
    given = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="session")["Credentials"]
    iam = boto3.client(
        "iam", endpoint_url=aws.url, region_name="us-east-1", aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"],
    )  # fmt: skip
    aws.set(authorization=True)
    assert answer(iam.list_roles)[0] == "ok"
    assert answer(lambda: iam.create_role(RoleName="x", AssumeRolePolicyDocument="{}"))[0] == "AccessDenied"
    assert aws.calls()[-1]["principal"].endswith("assumed-role/app/session")


@pytest.mark.parametrize(
    ("principal", "statements", "code"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/operator", [], "ok"),
        (ACCOUNT, [], "AccessDenied"),
        (ACCOUNT, [allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/trusting")], "ok"),
        (ACCOUNT, [allow("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/other")], "AccessDenied"),
        ("210987654321", [allow("sts:*")], "AccessDenied"),
    ],
)
def test_assuming_a_role_needs_its_trust(aws: Any, principal: str, statements: list[Any], code: str) -> None:
    operator = Operator(aws, *statements)
    arn = operator.admin.role("trusting", AssumeRolePolicyDocument=trust_in({"AWS": principal}))["Arn"]
    aws.set(authorization=True)
    assert answer(lambda: operator.client("sts").assume_role(RoleArn=arn, RoleSessionName="session"))[0] == code


BOUNDARY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


@pytest.mark.parametrize("boundary", [BOUNDARY, None])
def test_changing_policies_can_depend_on_the_boundary_of_the_role(aws: Any, boundary: str | None) -> None:
    operator = Operator(aws, {**allow("iam:*"), "Condition": {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}}})
    if boundary:
        operator.admin.iam.put_role_permissions_boundary(RoleName="app", PermissionsBoundary=boundary)
    aws.set(authorization=True)
    iam, code = operator.client("iam"), "ok" if boundary else "AccessDenied"
    managed = {"RoleName": "app", "PolicyArn": BOUNDARY}
    inline = {"RoleName": "app", "PolicyName": "p"}
    assert answer(lambda: iam.attach_role_policy(**managed))[0] == code
    assert answer(lambda: iam.put_role_policy(**inline, PolicyDocument=policy(allow("s3:*"))))[0] == code
    if boundary is None:
        operator.admin.aws.set(authorization=False)
        operator.admin.iam.attach_role_policy(**managed)
        operator.admin.iam.put_role_policy(**inline, PolicyDocument=policy(allow("s3:*")))
        aws.set(authorization=True)
    assert answer(lambda: iam.detach_role_policy(**managed))[0] == code
    assert answer(lambda: iam.delete_role_policy(**inline))[0] == code


def test_the_root_key_may_do_everything(aws: Any) -> None:
    aws.set(authorization=True)
    assert answer(aws.client("iam", access_key="fake-root-key").list_roles)[0] == "ok"
