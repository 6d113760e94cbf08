# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from embedded_aws.client import EmbeddedAWS
from tests.embedded_aws.table import TRUST, Account, Error, Table

row = Table()


def client_that_sends(account: Account, service: str, **changes: str | None) -> Any:
    """A client that changes parameters of its requests, or leaves them out, after botocore has checked them."""
    client = EmbeddedAWS(account.aws.url).client(service)

    def change(params: dict[str, Any], **_more: Any) -> None:
        for name, value in changes.items():
            params["body"].pop(name, None)
            if value is not None:
                params["body"][name] = value

    client.meta.events.register("before-call", change)
    return client


INVALID = Error("InvalidAction", 400, "Could not find operation ListNonsense for version ")


@row("unknown-action", INVALID)
def an_unknown_action_of_iam(account: Account) -> Any:
    return client_that_sends(account, "iam", Action="ListNonsense").list_roles()


@row("unknown-action", INVALID)
def an_unknown_action_of_auto_scaling(account: Account) -> Any:
    return client_that_sends(account, "autoscaling", Action="ListNonsense").describe_auto_scaling_groups()


@row("unknown-action", INVALID)
def an_unknown_action_of_ec2(account: Account) -> Any:
    return client_that_sends(account, "ec2", Action="ListNonsense").describe_instances()


NULL = "Value null at '{}' failed to satisfy constraint: Member must not be null"


@row("missing-parameter", Error("ValidationError", 400, NULL.format("assumeRolePolicyDocument")))
def a_role_without_trust_policy(account: Account) -> Any:
    iam = client_that_sends(account, "iam", AssumeRolePolicyDocument=None)
    return iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)


@row("missing-parameter", Error("ValidationError", 400, NULL.format("tags.1.member.key")))
def a_tag_without_key(account: Account) -> Any:
    iam = client_that_sends(account, "iam", **{"Tags.member.1.Key": None})
    return iam.create_instance_profile(InstanceProfileName="app", Tags=[{"Key": "k", "Value": "v"}])


@row("missing-parameter", Error("ValidationError", 400, "1 validation error detected: " + NULL.format("minSize")))
def a_group_without_size(account: Account) -> Any:
    client = client_that_sends(account, "autoscaling", MinSize=None)
    account.launch_configuration()
    return client.create_auto_scaling_group(
        AutoScalingGroupName="group",
        LaunchConfigurationName="lc",
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=["us-east-1a"],
    )


@row("missing-parameter", Error("ValidationError", 400, NULL.format("roleArn")))
def assuming_no_role(account: Account) -> Any:
    return client_that_sends(account, "sts", RoleArn=None).assume_role(
        RoleArn="arn:aws:iam::123456789012:role/app", RoleSessionName="session"
    )


@row("missing-parameter-of-ec2", Error("MissingParameter", 400, "The request must contain the parameter MaxCount"))
def running_without_a_count(account: Account) -> Any:
    client = client_that_sends(account, "ec2", MaxCount=None)
    return client.run_instances(ImageId="ami-baba68d3", MinCount=1, MaxCount=1)
