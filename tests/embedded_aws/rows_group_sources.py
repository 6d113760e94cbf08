# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from typing import Any

from tests.embedded_aws.table import Account, Error, Table

row = Table()


@row("group-launch-configuration", Error("ValidationError", 400, "Launch configuration gone not found"))
def a_missing_launch_configuration(account: Account) -> Any:
    return account.group(LaunchConfigurationName="gone")


@row("group-launch-configuration", Error("ValidationError", 400, "Launch configuration gone not found"))
def repointing_to_a_missing_launch_configuration(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    return account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", LaunchConfigurationName="gone")


@row("group-profile", Error("ValidationError", 400, "Invalid IAM Instance Profile name"))
def a_launch_configuration_whose_profile_is_gone(account: Account) -> Any:
    account.profile()
    account.launch_configuration(IamInstanceProfile="app")
    account.iam.delete_instance_profile(InstanceProfileName="app")
    return account.group(size=0)


@row("group-launches", "arn:aws:iam::123456789012:instance-profile/app")
def instances_carry_the_profile(account: Account) -> Any:
    account.profile()
    account.launch_configuration(IamInstanceProfile="app")
    account.group()
    (instance,) = account.instances()
    return instance.get("IamInstanceProfile", {}).get("Arn")


@row("group-launch-template", Error("ValidationError", 400, "with template name gone, does not exist."))
def a_missing_template(account: Account) -> Any:
    return account.group(LaunchTemplate={"LaunchTemplateName": "gone"})


@row(
    "group-launch-template",
    Error("ValidationError", 400, "fully-formed launch template. Could not find the specified version 9"),
)
def a_missing_version(account: Account) -> Any:
    account.template()
    return account.group(LaunchTemplate={"LaunchTemplateName": "template", "Version": "9"})


@row("group-launch-template", Error("ValidationError", 400, "The request must contain the parameter ImageId"))
def a_template_without_image(account: Account) -> Any:
    account.ec2.create_launch_template(LaunchTemplateName="lt1", LaunchTemplateData={"InstanceType": "m1.small"})
    return account.group(LaunchTemplate={"LaunchTemplateName": "lt1"})


@row("group-launch-template", Error("ValidationError", 400, "launch template. The key pair 'gone' does not exist"))
def a_template_with_a_missing_key_pair(account: Account) -> Any:
    account.template("template", KeyName="gone")
    return account.group(LaunchTemplate={"LaunchTemplateName": "template"})


@row(
    "group-launch-template",
    Error("ValidationError", 400, "Value (app) for parameter iamInstanceProfile.name is invalid."),
)
def a_template_with_a_profile_too_new(account: Account) -> Any:
    account.aws.set(profile_delay=60)
    account.profile()
    account.template("template", IamInstanceProfile={"Name": "app"})
    return account.group(LaunchTemplate={"LaunchTemplateName": "template"})


@row("group-has-one-source", (False, True))
def from_launch_configuration_to_template(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    account.template("template")
    account.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="group", LaunchTemplate={"LaunchTemplateName": "template", "Version": "1"}
    )
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", MaxSize=3)
    group = account.described_group()
    return "LaunchConfigurationName" in group, "LaunchTemplate" in group


@row("group-has-one-source", (True, False))
def from_template_to_launch_configuration(account: Account) -> Any:
    account.launch_configuration()
    account.template("template")
    account.group(size=0, LaunchTemplate={"LaunchTemplateName": "template"})
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", LaunchConfigurationName="lc")
    group = account.described_group()
    return "LaunchConfigurationName" in group, "LaunchTemplate" in group


@row("group-keeps-its-policy", True)
def an_update_beside_the_mixed_instances_policy(account: Account) -> Any:
    account.template("template")
    specification = {"LaunchTemplateName": "template", "Version": "1"}
    account.group(size=0, MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": specification}})
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", MaxSize=3)
    return "MixedInstancesPolicy" in account.described_group()


@row("group-shows-its-policy-only", (["MixedInstancesPolicy"], ["LaunchTemplate"]))
def from_template_to_mixed_instances_policy_and_back(account: Account) -> Any:
    def sources() -> list[str]:
        group = account.described_group()
        return sorted({"LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName"} & set(group))

    account.template("template")
    specification = {"LaunchTemplateName": "template", "Version": "1"}
    account.group(size=0, LaunchTemplate=specification)
    policy = {"LaunchTemplate": {"LaunchTemplateSpecification": specification}}
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", MixedInstancesPolicy=policy)
    mixed = sources()
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", LaunchTemplate=specification)
    return mixed, sources()


@row("group-keeps-its-policy", (1, "2"))
def an_update_of_half_of_the_mixed_instances_policy(account: Account) -> Any:
    account.template("template")
    account.ec2.create_launch_template_version(
        LaunchTemplateName="template", SourceVersion="1", LaunchTemplateData={"EbsOptimized": True}
    )
    halves = [
        {"LaunchTemplate": {"LaunchTemplateSpecification": {"LaunchTemplateName": "template", "Version": version}}}
        for version in ("1", "2")
    ]
    account.group(size=0, MixedInstancesPolicy={**halves[0], "InstancesDistribution": {"OnDemandBaseCapacity": 1}})
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", MixedInstancesPolicy=halves[1])
    shown = account.described_group()["MixedInstancesPolicy"]
    distribution, template = shown.get("InstancesDistribution", {}), shown["LaunchTemplate"]
    return distribution.get("OnDemandBaseCapacity"), template["LaunchTemplateSpecification"]["Version"]


@row("group-launches", ("other", "1", "m1.medium", "m1.medium"))
def an_override_has_a_template_of_its_own(account: Account) -> Any:
    account.template("template")
    account.template("other")
    policy = {
        "LaunchTemplate": {
            "LaunchTemplateSpecification": {"LaunchTemplateName": "template"},
            "Overrides": [
                {"InstanceType": "m1.medium", "LaunchTemplateSpecification": {"LaunchTemplateName": "other"}},
                {"InstanceType": "m1.large"},
            ],
        }
    }
    account.group(MixedInstancesPolicy=policy)
    (shown,), (instance,) = account.described_group()["Instances"], account.instances()
    template = shown["LaunchTemplate"]
    return template["LaunchTemplateName"], template["Version"], shown["InstanceType"], instance["InstanceType"]


@row("group-launch-template", Error("ValidationError", 400, "with template name gone, does not exist."))
def an_override_with_a_missing_template(account: Account) -> Any:
    account.template("template")
    overrides = [{"InstanceType": "m1.medium", "LaunchTemplateSpecification": {"LaunchTemplateName": "gone"}}]
    base = {"LaunchTemplateSpecification": {"LaunchTemplateName": "template"}, "Overrides": overrides}
    return account.group(MixedInstancesPolicy={"LaunchTemplate": base})


WITHOUT_SUBNET = Error(
    "ValidationError", 400, "AssociatePublicIpAddress field can not be specified without a subnet id"
)
NO_PUBLIC_ADDRESS = [{"DeviceIndex": 0, "AssociatePublicIpAddress": False}]


@row("public-address-needs-a-subnet", WITHOUT_SUBNET)
def a_launch_configuration_without_public_address(account: Account) -> Any:
    subnet = account.ec2.describe_subnets()["Subnets"][0]
    account.launch_configuration("lc", AssociatePublicIpAddress=False)
    account.group(
        "right", AvailabilityZones=[subnet["AvailabilityZone"]], VPCZoneIdentifier=subnet["SubnetId"]
    )  # fmt: skip
    return account.group("wrong")


@row("public-address-needs-a-subnet", WITHOUT_SUBNET)
def a_template_without_public_address(account: Account) -> Any:
    account.template("template", NetworkInterfaces=NO_PUBLIC_ADDRESS)
    return account.group(LaunchTemplate={"LaunchTemplateName": "template"})


@row("public-address-needs-a-subnet", WITHOUT_SUBNET)
def repointing_to_a_template_without_public_address(account: Account) -> Any:
    account.launch_configuration()
    account.group(size=0)
    account.template("template", NetworkInterfaces=NO_PUBLIC_ADDRESS)
    return account.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="group", LaunchTemplate={"LaunchTemplateName": "template"}
    )


@row(
    "group-network-interfaces",
    Error("ValidationError", 400, "Network interfaces and an instance-level security groups"),
)
def network_interfaces_beside_security_groups(account: Account) -> Any:
    groups = [group["GroupId"] for group in account.ec2.describe_security_groups()["SecurityGroups"]][:1]
    account.template("template", NetworkInterfaces=[{"DeviceIndex": 0}], SecurityGroupIds=groups)
    return account.group(LaunchTemplate={"LaunchTemplateName": "template"})


@row("group-launches", [("1", True), ("1", True)])
def instances_keep_template_and_version_after_an_update(account: Account) -> Any:
    identifier = account.template("template")["LaunchTemplateId"]
    account.group(LaunchTemplate={"LaunchTemplateName": "template", "Version": "$Latest"})
    account.ec2.create_launch_template_version(
        LaunchTemplateName="template", SourceVersion="1", LaunchTemplateData={"EbsOptimized": True}
    )
    account.ec2.modify_launch_template(LaunchTemplateName="template", DefaultVersion="2")
    shown = []
    for changes in ({"MaxSize": 9}, {"LaunchTemplate": {"LaunchTemplateName": "template", "Version": "2"}}):
        account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", **changes)
        template = account.described_group()["Instances"][0]["LaunchTemplate"]
        shown.append((template["Version"], template["LaunchTemplateId"] == identifier))
    return shown


@row("group-launches", ("required", 3, "dedicated", 20, True, ["sg"]))
def instances_have_all_that_the_template_says(account: Account) -> Any:
    account.ec2.create_security_group(GroupName="sg", Description="for the row")
    groups = account.ec2.describe_security_groups(GroupNames=["sg"])["SecurityGroups"]
    account.template(
        "template", MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 3}, Placement={"Tenancy": "dedicated"},
        BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 20, "Encrypted": True}}],
        SecurityGroupIds=[groups[0]["GroupId"]],
    )  # fmt: skip
    account.group(LaunchTemplate={"LaunchTemplateName": "template"})
    (instance,) = account.instances()
    volumes = account.ec2.describe_volumes(
        VolumeIds=[device["Ebs"]["VolumeId"] for device in instance["BlockDeviceMappings"]]
    )["Volumes"]
    options = instance["MetadataOptions"]
    return (
        options["HttpTokens"], options["HttpPutResponseHopLimit"], instance["Placement"]["Tenancy"], volumes[0]["Size"],
        volumes[0]["Encrypted"], [group["GroupName"] for group in instance["SecurityGroups"]],
    )  # fmt: skip


@row("group-launches", "lc-1")
def an_instance_remembers_what_launched_it(account: Account) -> Any:
    account.launch_configuration("lc-1")
    account.launch_configuration("lc-2")
    account.group(LaunchConfigurationName="lc-1")
    account.autoscaling.update_auto_scaling_group(AutoScalingGroupName="group", LaunchConfigurationName="lc-2")
    return account.described_group()["Instances"][0].get("LaunchConfigurationName")


@row(
    "template-by-id-or-name",
    Error("ValidationError", 400, "must contain either launchTemplateId or LaunchTemplateName"),
)
def an_override_with_id_and_name(account: Account) -> Any:
    identifier = account.template("template")["LaunchTemplateId"]
    named = {"LaunchTemplateName": "template"}
    override = {"InstanceType": "m1.medium", "LaunchTemplateSpecification": {**named, "LaunchTemplateId": identifier}}
    return account.group(
        MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": named, "Overrides": [override]}}
    )
