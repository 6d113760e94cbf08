# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import base64
from typing import Any

from tests.embedded_aws.table import AMI, Account, Error, Table

row = Table()


def versions(account: Account, **arguments: Any) -> list[int]:
    found = account.ec2.describe_launch_template_versions(LaunchTemplateName="template", **arguments)
    return [version["VersionNumber"] for version in found["LaunchTemplateVersions"]]


def with_versions(account: Account, count: int) -> None:
    account.template("template")
    for number in range(2, count + 1):
        account.ec2.create_launch_template_version(
            LaunchTemplateName="template", SourceVersion="1", LaunchTemplateData={"UserData": _encoded(str(number))}
        )


def _encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@row("template-name", Error("InvalidLaunchTemplateName.MalformedException", 400, "between 3 and 128 characters"))
def a_name_with_a_blank(account: Account) -> Any:
    account.template("all(of).these/_-")
    return account.template("not this")


@row("template-user-data", Error("InvalidUserData.Malformed", 400, "limited to 16384 bytes"))
def one_byte_more_than_16_kilobytes(account: Account) -> Any:
    account.template("right", UserData=_encoded("x" * 16384))
    return account.template("wrong", UserData=_encoded("x" * 16385))


@row("template-data", Error("MissingParameter", 400, "No launch template data was provided."))
def a_template_without_data(account: Account) -> Any:
    return account.ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData={})


@row("template-data", Error("MissingParameter", 400, "No launch template data was provided."))
def a_version_without_data(account: Account) -> Any:
    account.template("template")
    return account.ec2.create_launch_template_version(LaunchTemplateName="template", LaunchTemplateData={})


REQUIREMENTS = {"VCpuCount": {"Min": 1}, "MemoryMiB": {"Min": 1024}}


@row(
    "template-type-or-requirements", Error("InvalidParameterCombination", 400, "InstanceType and InstanceRequirements")
)
def a_type_beside_requirements(account: Account) -> Any:
    return account.template("template", InstanceRequirements=REQUIREMENTS)


@row(
    "template-type-or-requirements", Error("InvalidParameterCombination", 400, "InstanceType and InstanceRequirements")
)
def requirements_beside_the_type_of_the_version_before(account: Account) -> Any:
    account.template("template")
    return account.ec2.create_launch_template_version(
        LaunchTemplateName="template", SourceVersion="1", LaunchTemplateData={"InstanceRequirements": REQUIREMENTS}
    )


@row(
    "template-version-by-number",
    Error("InvalidLaunchTemplateId.VersionNotFound", 400, "Could not find the specified version 0"),
)
def version_zero(account: Account) -> Any:
    with_versions(account, 2)
    return versions(account, Versions=["0"])


@row("template-version-number", [4, 2, 1])
def a_deleted_version_is_not_made_again(account: Account) -> Any:
    with_versions(account, 3)
    account.ec2.delete_launch_template_versions(LaunchTemplateName="template", Versions=["3"])
    account.ec2.create_launch_template_version(LaunchTemplateName="template", LaunchTemplateData={"ImageId": AMI})
    return versions(account)


DATA: dict[str, Any] = {
    "ImageId": AMI, "InstanceType": "m1.small", "KeyName": "key", "UserData": _encoded("#!/bin/sh"), "EbsOptimized": True,
    "IamInstanceProfile": {"Name": "app"}, "Monitoring": {"Enabled": False},
    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2,
                        "HttpProtocolIpv6": "enabled", "InstanceMetadataTags": "enabled"},
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 9, "VolumeType": "io2", "Iops": 200, "Encrypted": True, "KmsKeyId": "key"}},
        {"DeviceName": "/dev/sdb", "NoDevice": ""},
    ],
    "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": False, "Groups": ["sg-1", "sg-2"]}],
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "team", "Value": "a"}]}],
    "CreditSpecification": {"CpuCredits": "unlimited"},
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.1"}},
    "Placement": {"Tenancy": "dedicated"},
}  # fmt: skip


@row("create-launch-template", (DATA, [{"Key": "owner", "Value": "me"}]))
def data_comes_back_as_sent(account: Account) -> Any:
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "owner", "Value": "me"}]}]
    account.ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData=DATA, TagSpecifications=tags)
    (version,) = account.ec2.describe_launch_template_versions(LaunchTemplateName="template")["LaunchTemplateVersions"]
    (template,) = account.ec2.describe_launch_templates(LaunchTemplateNames=["template"])["LaunchTemplates"]
    return version["LaunchTemplateData"], template["Tags"]


@row("create-launch-template", True)
def a_repetition_with_the_same_token(account: Account) -> Any:
    def create() -> str:
        return account.ec2.create_launch_template(
            LaunchTemplateName="template", ClientToken="t", LaunchTemplateData={"ImageId": AMI}
        )["LaunchTemplate"]["LaunchTemplateId"]

    return create() == create()


@row("create-launch-template", Error("IdempotentParameterMismatch", 400, "client token"))
def the_same_token_for_something_else(account: Account) -> Any:
    for name in ("one", "two"):
        account.ec2.create_launch_template(
            LaunchTemplateName=f"template-{name}", ClientToken="t", LaunchTemplateData={"ImageId": AMI}
        )


@row("create-launch-template-version", ("m1.small", "other"))
def a_version_from_another(account: Account) -> Any:
    account.template("template")
    account.ec2.create_launch_template_version(
        LaunchTemplateName="template", SourceVersion="1", LaunchTemplateData={"KeyName": "other"}
    )
    found = account.ec2.describe_launch_template_versions(LaunchTemplateName="template", Versions=["2"])
    data = found["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    return data.get("InstanceType"), data.get("KeyName")


@row("create-launch-template-version", [2, 1])
def a_repetition_of_a_version(account: Account) -> Any:
    account.template("template")
    for _number in range(2):
        account.ec2.create_launch_template_version(
            LaunchTemplateName="template", ClientToken="t", LaunchTemplateData={"KeyName": "other"}
        )
    return versions(account)


@row(
    "describe-launch-templates",
    Error("InvalidLaunchTemplateId.NotFound", 400, "with template ID lt-0, does not exist."),
)
def a_missing_template_id(account: Account) -> Any:
    return account.ec2.describe_launch_templates(LaunchTemplateIds=["lt-0"])


@row("describe-launch-templates", 20)
def twenty_templates(account: Account) -> Any:
    for number in range(20):
        account.template(f"template-{number}")
    return len(account.ec2.describe_launch_templates()["LaunchTemplates"])


@row("describe-launch-templates", [{"Key": "later", "Value": "yes"}])
def tags_that_were_added_later(account: Account) -> Any:
    template = account.template("template")
    account.ec2.create_tags(Resources=[template["LaunchTemplateId"]], Tags=[{"Key": "later", "Value": "yes"}])
    (template,) = account.ec2.describe_launch_templates(LaunchTemplateNames=["template"])["LaunchTemplates"]
    return template.get("Tags")


@row("describe-launch-template-versions", ([17, 16, 15], [17]))
def seventeen_versions(account: Account) -> Any:
    with_versions(account, 17)
    return versions(account)[:3], versions(account, Versions=["$Latest"])


@row("modify-launch-template", Error("InvalidLaunchTemplateName.NotFoundException", 400, "with template name gone"))
def the_default_version_of_a_missing_template(account: Account) -> Any:
    return account.ec2.modify_launch_template(LaunchTemplateName="gone", DefaultVersion="1")


@row("delete-launch-template", Error("InvalidLaunchTemplateName.NotFoundException", 400, "with template name gone"))
def deleting_a_missing_template(account: Account) -> Any:
    return account.ec2.delete_launch_template(LaunchTemplateName="gone")


@row(
    "delete-launch-template-versions", ([2], [(1, "unexpectedError"), (9, "launchTemplateVersionDoesNotExist")], [3, 1])
)
def deleting_versions(account: Account) -> Any:
    with_versions(account, 3)
    answer = account.ec2.delete_launch_template_versions(LaunchTemplateName="template", Versions=["1", "2", "9"])
    return (
        [item["VersionNumber"] for item in answer["SuccessfullyDeletedLaunchTemplateVersions"]],
        [
            (item["VersionNumber"], item["ResponseError"]["Code"])
            for item in answer["UnsuccessfullyDeletedLaunchTemplateVersions"]
        ],
        versions(account),
    )


@row("run-instances-image", Error("InvalidAMIID.NotFound", 400, "The image id '[ami-00000000]' does not exist"))
def running_a_missing_image(account: Account) -> Any:
    return account.ec2.run_instances(ImageId="ami-00000000", InstanceType="m1.small", MinCount=1, MaxCount=1)


@row("run-instances-key-pair", Error("InvalidKeyPair.NotFound", 400, "The key pair 'gone' does not exist"))
def running_with_a_missing_key_pair(account: Account) -> Any:
    return account.ec2.run_instances(ImageId=AMI, InstanceType="m1.small", KeyName="gone", MinCount=1, MaxCount=1)


@row("run-instances-type", Error("InvalidParameterValue", 400, "Invalid value 'm99.huge' for InstanceType."))
def running_a_missing_type(account: Account) -> Any:
    return account.ec2.run_instances(ImageId=AMI, InstanceType="m99.huge", MinCount=1, MaxCount=1)


@row("run-instances-network-interfaces", Error("InvalidParameterCombination", 400, "an instance-level security groups"))
def running_network_interfaces_beside_security_groups(account: Account) -> Any:
    groups = [group["GroupId"] for group in account.ec2.describe_security_groups()["SecurityGroups"]][:1]
    return account.ec2.run_instances(
        ImageId=AMI, InstanceType="m1.small", MinCount=1, MaxCount=1, SecurityGroupIds=groups,
        NetworkInterfaces=[{"DeviceIndex": 0}],
    )  # fmt: skip


@row("run-instances", [("required", "arn:aws:iam::123456789012:instance-profile/app")] * 2)
def two_instances_from_a_template(account: Account) -> Any:
    account.profile()
    account.template("template", IamInstanceProfile={"Name": "app"}, MetadataOptions={"HttpTokens": "required"})
    started = account.ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "template"}, MinCount=2, MaxCount=2)
    ids = [instance["InstanceId"] for instance in started["Instances"]]
    return [
        (instance["MetadataOptions"]["HttpTokens"], instance.get("IamInstanceProfile", {}).get("Arn"))
        for reservation in account.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        for instance in reservation["Instances"]
    ]


@row(
    "run-instances",
    Error("InvalidParameterValue", 400, "Value (app) for parameter iamInstanceProfile.name is invalid."),
)
def running_with_a_profile_too_new(account: Account) -> Any:
    account.aws.set(profile_delay=60)
    account.profile()
    return account.ec2.run_instances(
        ImageId=AMI, InstanceType="m1.small", IamInstanceProfile={"Name": "app"}, MinCount=1, MaxCount=1
    )


@row("run-instances", "ami-")
def running_an_image_of_a_parameter(account: Account) -> Any:
    name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    account.template("template", ImageId=f"resolve:ssm:{name}")
    started = account.ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "template"}, MinCount=1, MaxCount=1)
    return started["Instances"][0]["ImageId"][:4]
