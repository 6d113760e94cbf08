# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from tests.embedded_aws.table import AMI, Account, Error, Table

row = Table()


@row("account-too-new", Error("UnsupportedOperation", 400, "is not available in your account. Use launch templates"))
def a_new_account(account: Account) -> Any:
    account.aws.set(new_account=True)
    return account.launch_configuration()


@row("launch-configuration-name-taken", Error("AlreadyExists", 400, "already exists with the name lc"))
def a_second_one_of_the_name(account: Account) -> Any:
    account.launch_configuration()
    return account.launch_configuration()


@row("launch-configuration-profile", Error("ValidationError", 400, "Invalid IamInstanceProfile: gone"))
def a_missing_profile(account: Account) -> Any:
    return account.launch_configuration(IamInstanceProfile="gone")


@row("launch-configuration-profile", Error("ValidationError", 400, "Invalid IamInstanceProfile: app"))
def a_profile_that_auto_scaling_does_not_see_yet(account: Account) -> Any:
    account.aws.set(profile_delay=60)
    account.profile()
    return account.launch_configuration(IamInstanceProfile="app")


@row("launch-configuration-profile", Error("ValidationError", 400, "Invalid IamInstanceProfile: arn:aws:iam::"))
def a_missing_profile_by_arn(account: Account) -> Any:
    account.profile("app", Path="/team/")
    account.launch_configuration("right", IamInstanceProfile="arn:aws:iam::123456789012:instance-profile/team/app")
    return account.launch_configuration("wrong", IamInstanceProfile="arn:aws:iam::123456789012:instance-profile/app")


@row("launch-configuration-missing", Error("ValidationError", 400, "Launch configuration gone not found"))
def deleting_a_missing_one(account: Account) -> Any:
    return account.autoscaling.delete_launch_configuration(LaunchConfigurationName="gone")


@row("launch-configuration-in-use", Error("ResourceInUse", 400, "lc because it is attached to AutoScalingGroup group"))
def deleting_a_used_one(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    return account.autoscaling.delete_launch_configuration(LaunchConfigurationName="lc")


@row("launch-configuration-quota", Error("LimitExceeded", 400, "at most 2"))
def one_more_than_the_quota(account: Account) -> Any:
    account.aws.set(launch_configuration_quota=2)
    account.launch_configuration("one")
    account.launch_configuration("two")
    return account.launch_configuration("three")


@row("launch-configuration-image", Error("ValidationError", 400, "The image id '[ami-00000000]' does not exist"))
def a_missing_image(account: Account) -> Any:
    return account.launch_configuration(ImageId="ami-00000000")


@row("launch-configuration-image", Error("ValidationError", 400, "does not exist"))
def an_image_by_parameter(account: Account) -> Any:
    return account.launch_configuration(ImageId="resolve:ssm:/image")


@row(
    "launch-configuration-instance-type",
    Error("ValidationError", 400, "The specified instance type m99.huge is not valid"),
)
def a_missing_instance_type(account: Account) -> Any:
    return account.launch_configuration(InstanceType="m99.huge")


@row("launch-configuration-key-pair", Error("ValidationError", 400, "The key pair 'gone' does not exist"))
def a_missing_key_pair(account: Account) -> Any:
    account.ec2.create_key_pair(KeyName="here", KeyType="ed25519")
    account.launch_configuration("right", KeyName="here")
    return account.launch_configuration("wrong", KeyName="gone")


@row("launch-configuration-mixed-security-groups", Error("ValidationError", 400, "not both at the same time"))
def names_and_ids_of_security_groups(account: Account) -> Any:
    (group,) = account.ec2.describe_security_groups(GroupNames=["default"])["SecurityGroups"]
    account.launch_configuration("right", SecurityGroups=[group["GroupId"]])
    return account.launch_configuration("wrong", SecurityGroups=[group["GroupId"], "default"])


@row(
    "launch-configuration-security-group", Error("ValidationError", 400, "The security group 'sg-0000' does not exist")
)
def a_missing_security_group(account: Account) -> Any:
    return account.launch_configuration(SecurityGroups=["sg-0000"])


@row(
    "launch-configuration-empty-profile",
    Error("ValidationError", 400, "You are not authorized to perform this operation"),
)
def an_empty_profile(account: Account) -> Any:
    account.aws.set(refuse_empty_profiles=True)
    account.profile()
    return account.launch_configuration(IamInstanceProfile="app")


@row("launch-configuration-user-data", Error("ValidationError", 400, "Invalid BASE64"))
def user_data_that_is_not_base64(account: Account) -> Any:
    # botocore encodes user data itself: send it as it is.
    account.autoscaling.meta.events.register(
        "before-call.autoscaling.CreateLaunchConfiguration", _send_raw_user_data, unique_id="raw"
    )
    try:
        return account.launch_configuration(UserData="x")
    finally:
        account.autoscaling.meta.events.unregister("before-call.autoscaling.CreateLaunchConfiguration", unique_id="raw")


def _send_raw_user_data(params: dict[str, Any], **_: Any) -> None:
    params["body"]["UserData"] = "not base64!"


@row("launch-configuration-spot-price", Error("ValidationError", 400, "Invalid spot price: 0.0001"))
def a_spot_price_too_low(account: Account) -> Any:
    account.launch_configuration("right", SpotPrice="0.001")
    return account.launch_configuration("wrong", SpotPrice="0.0001")


@row("launch-configuration-tenancy", Error("ValidationError", 400, "Invalid placement tenancy: host"))
def a_dedicated_host(account: Account) -> Any:
    return account.launch_configuration(PlacementTenancy="host")


@row("launch-configuration-block-device", Error("ValidationError", 400, "exactly one of Ebs, NoDevice and VirtualName"))
def a_device_of_two_kinds(account: Account) -> Any:
    mapping = {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0", "Ebs": {"VolumeSize": 1}}
    return account.launch_configuration(BlockDeviceMappings=[mapping])


@row("launch-configuration-block-device", Error("ValidationError", 400, "either a VolumeSize or a SnapshotId"))
def a_volume_without_size(account: Account) -> Any:
    return account.launch_configuration(BlockDeviceMappings=[{"DeviceName": "/dev/sdb", "Ebs": {"Encrypted": True}}])


@row("launch-configuration-block-device", Error("ValidationError", 400, "io2 is not a valid volume type"))
def a_volume_of_a_newer_type(account: Account) -> Any:
    return account.launch_configuration(
        BlockDeviceMappings=[{"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 8, "VolumeType": "io2"}}]
    )


@row("launch-configuration-from-instance", ("m1.small", "arn:aws:iam::123456789012:instance-profile/app", [], True))
def from_an_instance(account: Account) -> Any:
    account.profile()
    started = account.ec2.run_instances(
        ImageId=AMI, InstanceType="m1.small", MinCount=1, MaxCount=1, IamInstanceProfile={"Name": "app"},
        BlockDeviceMappings=[{"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 5}}],
    )  # fmt: skip
    account.autoscaling.create_launch_configuration(
        LaunchConfigurationName="lc", InstanceId=started["Instances"][0]["InstanceId"], EbsOptimized=True
    )
    made = account.described_configuration()
    return made.get("InstanceType"), made.get("IamInstanceProfile"), made["BlockDeviceMappings"], made["EbsOptimized"]


FILLED_IN = {
    "LaunchConfigurationName": "lc", "ImageId": AMI, "InstanceType": "m1.small", "KeyName": "", "KernelId": "", "RamdiskId": "",
    "UserData": "", "SecurityGroups": [], "BlockDeviceMappings": [], "ClassicLinkVPCSecurityGroups": [],
    "InstanceMonitoring": {"Enabled": True}, "EbsOptimized": False,
}  # fmt: skip


@row("describe-launch-configurations", FILLED_IN)
def what_aws_fills_in(account: Account) -> Any:
    account.launch_configuration()
    return {
        name: value for name, value in account.described_configuration().items() if not name.endswith(("ARN", "Time"))
    }


SENT: dict[str, Any] = {
    "BlockDeviceMappings": [
        {
            "DeviceName": "/dev/sda1",
            "Ebs": {"VolumeSize": 20, "VolumeType": "gp3", "Throughput": 250, "Iops": 3000, "Encrypted": True, "DeleteOnTermination": False},
        },
        {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
        {"DeviceName": "/dev/sdc", "NoDevice": True},
    ],
    "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"},
    "PlacementTenancy": "dedicated",
    "AssociatePublicIpAddress": False,
    "InstanceMonitoring": {"Enabled": False},
    "EbsOptimized": True,
    "SpotPrice": "0.5",
}  # fmt: skip


@row("describe-launch-configurations", SENT)
def what_was_sent_comes_back(account: Account) -> Any:
    account.launch_configuration(**SENT)
    made = account.described_configuration()
    return {name: made.get(name) for name in SENT}


@row("describe-launch-configurations", [50, 10])
def pages(account: Account) -> Any:
    for number in range(60):
        account.launch_configuration(f"lc-{number:02}")
    first = account.autoscaling.describe_launch_configurations()
    last = first["LaunchConfigurations"][-1]["LaunchConfigurationName"]
    account.autoscaling.delete_launch_configuration(LaunchConfigurationName=last)
    second = account.autoscaling.describe_launch_configurations(NextToken=first["NextToken"])
    return [len(first["LaunchConfigurations"]), len(second["LaunchConfigurations"])]


@row("describe-launch-configurations", Error("InvalidNextToken", 400, "The token 'lc' is invalid."))
def a_token_of_nowhere(account: Account) -> Any:
    return account.autoscaling.describe_launch_configurations(NextToken="lc")


@row("at-most-100-records", Error("ValidationError", 400, "'maxRecords' failed to satisfy constraint"))
def pages_of_101(account: Account) -> Any:
    return account.autoscaling.describe_launch_configurations(MaxRecords=101)


@row("at-most-50-names", Error("ValidationError", 400, "less than or equal to 50"))
def fifty_one_names(account: Account) -> Any:
    names = [f"lc-{number}" for number in range(51)]
    account.autoscaling.describe_launch_configurations(LaunchConfigurationNames=names[1:])
    return account.autoscaling.describe_launch_configurations(LaunchConfigurationNames=names)


@row(
    "auto-scaling-constraints",
    Error("ValidationError", 400, "'userData' failed to satisfy constraint: Member must have length"),
)
def sixteen_kilobytes_of_user_data(account: Account) -> Any:
    account.launch_configuration("right", UserData="x" * 16383)
    return account.launch_configuration("wrong", UserData="x" * 16384)


@row("auto-scaling-constraints", Error("ValidationError", 400, "'metadataOptions.httpPutResponseHopLimit'"))
def a_hop_limit_of_65(account: Account) -> Any:
    return account.launch_configuration(MetadataOptions={"HttpPutResponseHopLimit": 65})


@row(
    "auto-scaling-constraints",
    Error("ValidationError", 400, "'metadataOptions.httpTokens' failed to satisfy constraint"),
)
def an_unknown_choice(account: Account) -> Any:
    return account.launch_configuration(MetadataOptions={"HttpTokens": "sometimes"})


@row("auto-scaling-constraints", Error("ValidationError", 400, "less than or equal to 255"))
def a_name_of_256_characters(account: Account) -> Any:
    account.launch_configuration("l" * 255)
    return account.launch_configuration("l" * 256)
