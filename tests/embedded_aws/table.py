# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a row of the rule tables is: a rule's name, what is done, and what AWS answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust_in(principal: Any, **more: Any) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


TRUST = trust_in({"Service": "ec2.amazonaws.com"})
AMI = "ami-baba68d3"


@dataclass(frozen=True)
class Error:
    """An error answer: its code, HTTP status, and part of its text."""

    code: str
    status: int
    text: str


@dataclass(frozen=True)
class Row:
    rule: str
    expected: Any
    act: Callable[[Account], Any]

    @property
    def name(self) -> str:
        return f"{self.rule}: {self.act.__name__.strip('_')}"

    def is_met(self, account: Account) -> tuple[bool, Any]:
        """Whether the answer is the expected one, and the answer."""
        try:
            answer = self.act(account)
        except ClientError as error:
            seen = Error(
                error.response["Error"]["Code"],
                error.response["ResponseMetadata"]["HTTPStatusCode"],
                error.response["Error"].get("Message", ""),
            )
            wanted = self.expected
            if not isinstance(wanted, Error):
                return False, seen
            return (wanted.code, wanted.status) == (seen.code, seen.status) and wanted.text in seen.text, seen
        except ResponseParserError as error:
            return False, error
        if callable(self.expected):
            return bool(self.expected(answer)), answer
        return answer == self.expected, answer


class Table:
    """Collects rows; ``@table(rule, expected)`` above a function that takes an ``Account`` adds one."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def __call__(self, rule: str, expected: Any) -> Callable[[Callable[[Account], Any]], Callable[[Account], Any]]:
        def add(function: Callable[[Account], Any]) -> Callable[[Account], Any]:
            self.rows.append(Row(rule, expected, function))
            return function

        return add


class Account:
    """An account with short names for what most rows need first."""

    def __init__(self, aws: Any):
        self.aws = aws
        self.iam = aws.client("iam")
        self.autoscaling = aws.client("autoscaling")
        self.ec2 = aws.client("ec2")

    def role(self, name: str = "app", **more: Any) -> Any:
        return self.iam.create_role(**{"RoleName": name, "AssumeRolePolicyDocument": TRUST, **more})["Role"]

    def profile(self, name: str = "app", **more: Any) -> Any:
        return self.iam.create_instance_profile(InstanceProfileName=name, **more)["InstanceProfile"]

    def launch_configuration(self, name: str = "lc", **more: Any) -> Any:
        return self.autoscaling.create_launch_configuration(
            **{"LaunchConfigurationName": name, "ImageId": AMI, "InstanceType": "m1.small", **more}
        )

    def template(self, name: str = "template", **data: Any) -> Any:
        data = {"ImageId": AMI, "InstanceType": "m1.small", **data}
        return self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]

    def group(self, name: str = "group", size: int = 1, **more: Any) -> Any:
        if not {"LaunchTemplate", "InstanceId", "MixedInstancesPolicy"} & set(more):
            more.setdefault("LaunchConfigurationName", "lc")
        return self.autoscaling.create_auto_scaling_group(
            **{
                "AutoScalingGroupName": name, "MinSize": 0, "MaxSize": max(size, 10), "DesiredCapacity": size,
                "AvailabilityZones": ["us-east-1a"], **more,
            }
        )  # fmt: skip

    def described_configuration(self, name: str = "lc") -> Any:
        return self.autoscaling.describe_launch_configurations(LaunchConfigurationNames=[name])["LaunchConfigurations"][
            0
        ]

    def described_group(self, name: str = "group") -> Any:
        return self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"][0]

    def instances(self, group: str = "group") -> list[Any]:
        """The group's instances as EC2 describes them."""
        filters = [
            {"Name": "tag:aws:autoscaling:groupName", "Values": [group]},
            {"Name": "instance-state-name", "Values": ["pending", "running"]},
        ]
        return [
            instance
            for reservation in self.ec2.describe_instances(Filters=filters)["Reservations"]
            for instance in reservation["Instances"]
        ]
