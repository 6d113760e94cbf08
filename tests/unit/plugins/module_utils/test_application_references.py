# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application import references
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings

TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
RESERVED = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy"
SETTINGS = LaunchSettings(
    image_id="ami-1",
    instance_type="t3.small",
    key_name="operations",
    security_groups=("sg-1", "sg-2"),
    volumes=(
        BlockDevice("/dev/sda1", volume_size=8),
        BlockDevice("/dev/sdf", snapshot="snap-1", volume_size=20),
        BlockDevice("/dev/sdg", ephemeral="ephemeral0"),
    ),
)
OPTIONS = {
    "group_subnets": ["subnet-1", "subnet-2"],
    "group_target_group_arns": [TARGET_GROUP],
    "group_load_balancers": ["classic"],
    "managed_policies": [READ_ONLY, "own"],
    "permissions_boundary": READ_ONLY,
}
FOUND = dict(
    images={
        "ami-1": {
            "State": "available",
            "Architecture": "x86_64",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"SnapshotId": "snap-0", "VolumeSize": 8}},
                {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
            ],
        }
    },
    instance_types={
        "t3.small": {
            "ProcessorInfo": {"SupportedArchitectures": ["x86_64"]},
        }
    },
    key_pairs={"operations": {"KeyName": "operations"}},
    security_groups={"sg-1": {"VpcId": "vpc-1"}, "sg-2": {"VpcId": "vpc-1"}},
    subnets={"subnet-1": {"VpcId": "vpc-1"}, "subnet-2": {"VpcId": "vpc-1"}},
    snapshots={"snap-1": {"State": "completed", "VolumeSize": 20}},
    target_groups={TARGET_GROUP: {"TargetType": "instance", "VpcId": "vpc-1"}},
    load_balancers={"classic": {"VPCId": "vpc-1"}},
    policies={READ_ONLY: {"Arn": READ_ONLY}},
)


def known(**kinds):
    """FOUND with other answers; what is given for a name replaces single members of it, None the whole of it."""
    changed = {}
    for kind, answers in kinds.items():
        old = FOUND.get(kind, {})
        new = {name: answer and {**(old.get(name) or {}), **answer} for name, answer in answers.items()}
        changed[kind] = {**old, **new}
    return {**FOUND, **changed}


def with_settings(**values):
    return replace(SETTINGS, **values)


def test_references_of_launch_settings():
    assert references.of_launch_settings(with_settings(security_groups=("sg-1", "web"))) == dict(
        images=frozenset({"ami-1"}),
        instance_types=frozenset({"t3.small"}),
        key_pairs=frozenset({"operations"}),
        security_groups=frozenset({"sg-1"}),
        snapshots=frozenset({"snap-1"}),
    )
    assert references.of_launch_settings(LaunchSettings(key_name="", security_groups=(), volumes=())) == {}


OLD, OTHER = (dict(ImageId=image, InstanceType=kind) for image, kind in (("ami-0", "t3.small"), ("ami-9", "m5.large")))


@pytest.mark.parametrize(
    ("former", "image", "images", "architectures", "undecided"),
    [
        pytest.param([], "ami-1", {"ami-1"}, {}, [], id="no former"),
        pytest.param([OTHER], "ami-1", {"ami-1"}, {}, [], id="another type"),
        pytest.param([OTHER, OLD], "ami-1", {"ami-0", "ami-1"}, {"ami-0": "arm64", "ami-1": "arm64"}, [], id="alike"),
        pytest.param(
            [OLD], "ami-1", {"ami-0", "ami-1"}, {"ami-0": "i386", "ami-1": "x86_64"}, ["t3.small"], id="unlike"
        ),
        pytest.param([OLD], "ami-1", {"ami-0", "ami-1"}, {"ami-0": None, "ami-1": "arm64"}, ["t3.small"], id="gone"),
        pytest.param([OLD], "resolve:ssm:golden", {"ami-0"}, {"ami-0": "arm64"}, ["t3.small"], id="unknown"),
    ],
)
def test_instance_type_of_a_former_launch_configuration(former, image, images, architectures, undecided):
    settings = LaunchSettings(image_id=image, instance_type="t3.small")
    uses = references.of_launch_settings(settings, former)
    assert uses.get("images", frozenset()) == images
    assert ("instance_types" in uses) == (OLD not in former)
    found = dict(images={name: each and dict(Architecture=each) for name, each in architectures.items()})
    assert references.undecided_types(settings, former, found) == undecided


@pytest.mark.parametrize(
    ("image", "parameter"),
    [
        ("resolve:ssm:golden", "golden"),
        ("resolve:ssm:/web/image:3", "/web/image:3"),
        ("resolve:ssm:/web/image:live", "/web/image:live"),
        (
            "resolve:ssm:arn:aws:ssm:us-east-1:123456789012:parameter/web:3",
            "arn:aws:ssm:us-east-1:123456789012:parameter/web:3",
        ),
    ],
)
def test_references_of_an_ssm_image_are_its_parameter(image, parameter):
    assert references.of_launch_settings(LaunchSettings(image_id=image)) == dict(ssm_parameters=frozenset({parameter}))


def test_references_of_a_group_are_what_is_given():
    security_groups = frozenset({"sg-1", "sg-2"})
    assert references.of_group(OPTIONS, SETTINGS) == dict(
        subnets=frozenset({"subnet-1", "subnet-2"}),
        security_groups=security_groups,
        target_groups=frozenset({TARGET_GROUP}),
        load_balancers=frozenset({"classic"}),
    )
    assert references.of_group({"group_subnets": None, "group_load_balancers": []}, SETTINGS) == {}


def test_references_of_policies_are_arns_that_can_be_attached():
    assert references.of_policies([READ_ONLY, "own", RESERVED]) == dict(policies=frozenset({READ_ONLY}))


def test_merge_has_each_reference_once():
    one, other = dict(images=frozenset({"ami-1"})), dict(images=frozenset({"ami-1", "ami-2"}))
    assert references.merge([one, other]) == other
    assert references.merge([]) == {}


# What is changed in SETTINGS, in what AWS knows, and the sentence.
LAUNCH_MISTAKES = [
    (
        dict(image_id="ami-9"),
        dict(images={"ami-9": None}),
        "image_id: image 'ami-9' does not exist in this Region, or this account may not use it. Correct the id, or share the image with "
        "this account.",
    ),
    (
        {},
        dict(images={"ami-1": {"State": "pending"}}),
        "image_id: image 'ami-1' is in the state 'pending'. Wait until it is available, or use another image.",
    ),
    (
        {},
        dict(images={"ami-1": {"State": "deregistered"}}),
        "image_id: image 'ami-1' is in the state 'deregistered'. Use another image.",
    ),
    (
        {},
        dict(images={"ami-1": {"State": "disabled"}}),
        "image_id: image 'ami-1' is in the state 'disabled'. Use another image.",
    ),
    (
        dict(image_id="resolve:ssm:golden:3"),
        dict(ssm_parameters={"golden:3": None}),
        "image_id: SSM parameter 'golden:3' does not exist in this Region. Correct its name, version or label.",
    ),
    (
        dict(image_id="resolve:ssm:password"),
        dict(ssm_parameters={"password": {"Value": "correct-horse"}}),
        "image_id: SSM parameter 'password' does not hold the id of an image (ami-...). Use another parameter.",
    ),
    (
        dict(image_id="resolve:ssm:golden"),
        dict(ssm_parameters={"golden": {"Value": "ami-9"}}, images={"ami-9": None}),
        "image_id: image 'ami-9' of SSM parameter 'golden' does not exist in this Region, or this account may not use it. Correct the id, "
        "or share the image with this account.",
    ),
    (
        dict(image_id="resolve:ssm:golden"),
        dict(ssm_parameters={"golden": {"Value": "ami-1"}}, images={"ami-1": {"Architecture": "arm64"}}),
        "instance_type: 't3.small' runs x86_64, and image 'ami-1' of SSM parameter 'golden' is for arm64. Use an instance type and an image "
        "of one architecture.",
    ),
    (
        dict(instance_type="m1.small"),
        dict(
            images={"ami-1": {"Architecture": "arm64"}},
            instance_types={"m1.small": {"ProcessorInfo": {"SupportedArchitectures": ["i386", "x86_64"]}}},
        ),
        "instance_type: 'm1.small' runs i386 and x86_64, and image 'ami-1' is for arm64. Use an instance type and an image of one "
        "architecture.",
    ),
    (
        dict(instance_type="t3.smal"),
        dict(instance_types={"t3.smal": None}),
        "instance_type: 't3.smal' does not exist in this Region. Did you mean 't3.small'? Use an instance type that this Region offers.",
    ),
    (
        dict(instance_type="x99.metal"),
        dict(instance_types={"x99.metal": None}),
        "instance_type: 'x99.metal' does not exist in this Region. Use an instance type that this Region offers.",
    ),
    (
        dict(key_name="operatons"),
        dict(key_pairs={"operatons": None}),
        "key_name: key pair 'operatons' does not exist in this Region. Did you mean 'operations'? Correct the name, or create the key pair "
        "first.",
    ),
    (
        dict(key_name="web"),
        dict(key_pairs={"web": None}),
        "key_name: key pair 'web' does not exist in this Region. Correct the name, or create the key pair first.",
    ),
    (
        dict(security_groups=("sg-1", "sg-9")),
        dict(security_groups={"sg-9": None}),
        "security_groups: security group 'sg-9' does not exist in this Region. Correct the id.",
    ),
    (
        {},
        dict(security_groups={"sg-2": {"VpcId": "vpc-2"}}),
        "security_groups: the groups are in the VPCs 'vpc-1', 'vpc-2'. Use security groups of one VPC.",
    ),
    (
        dict(volumes=(BlockDevice("/dev/sdf", snapshot="snap-9"),)),
        dict(snapshots={"snap-9": None}),
        "volumes (/dev/sdf): snapshot 'snap-9' does not exist in this Region, or this account may not use it. Correct the id, or share the "
        "snapshot with this account.",
    ),
    (
        {},
        dict(snapshots={"snap-1": {"State": "pending"}}),
        "volumes (/dev/sdf): snapshot 'snap-1' is in the state 'pending'. Wait until it is completed, or use another snapshot.",
    ),
    (
        {},
        dict(snapshots={"snap-1": {"State": "error"}}),
        "volumes (/dev/sdf): snapshot 'snap-1' is in the state 'error'. Use another snapshot.",
    ),
    (
        {},
        dict(snapshots={"snap-1": {"VolumeSize": 50}}),
        "volumes (/dev/sdf): volume_size is 20 GiB, and snapshot 'snap-1' has 50 GiB. Set 50 or more.",
    ),
    (
        dict(volumes=(BlockDevice("/dev/sda1", volume_size=4),)),
        {},
        "volumes (/dev/sda1): volume_size is 4 GiB, and the volume in image 'ami-1' has 8 GiB. Set 8 or more.",
    ),
]


@pytest.mark.parametrize(("settings", "answers", "sentence"), LAUNCH_MISTAKES)
def test_launch_settings_blockers_name_the_mistake(settings, answers, sentence):
    blockers = references.launch_settings_blockers(with_settings(**settings), known(**answers))
    assert blockers == (f"application_{sentence}",)


# What is changed in OPTIONS and SETTINGS, in what AWS knows, and the sentence.
GROUP_MISTAKES = [
    (
        dict(group_subnets=["subnet-1", "subnet-9"]),
        {},
        dict(subnets={"subnet-9": None}),
        "group_subnets: subnet 'subnet-9' does not exist in this Region. Correct the id.",
    ),
    (
        dict(group_load_balancers=[], group_target_group_arns=None),
        {},
        dict(security_groups={"sg-1": {"VpcId": "vpc-2"}, "sg-2": {"VpcId": "vpc-2"}}),
        "group_subnets: subnets are in VPC 'vpc-1', and the security groups are in VPC 'vpc-2'. Use subnets and "
        "application_security_groups of one VPC.",
    ),
    (
        dict(vpc_id="vpc-2"),
        dict(security_groups=("web",)),
        {},
        "group_subnets: subnets are in VPC 'vpc-1', and the security groups are in VPC 'vpc-2'. Use subnets and "
        "application_security_groups of one VPC.",
    ),
    (
        {},
        {},
        dict(target_groups={TARGET_GROUP: None}),
        f"group_target_group_arns: target group '{TARGET_GROUP}' does not exist in this Region. Correct the ARN.",
    ),
    (
        {},
        {},
        dict(target_groups={TARGET_GROUP: {"TargetType": "ip"}}),
        f"group_target_group_arns: target group '{TARGET_GROUP}' has the target type 'ip'. Use one of the target type 'instance'.",
    ),
    (
        {},
        {},
        dict(target_groups={TARGET_GROUP: {"VpcId": "vpc-2"}}),
        f"group_target_group_arns: target group '{TARGET_GROUP}' is in VPC 'vpc-2', and application_group_subnets are in VPC 'vpc-1'. Use "
        "one VPC.",
    ),
    (
        dict(group_load_balancers=["clasic"]),
        {},
        dict(load_balancers={"clasic": None}),
        "group_load_balancers: Classic Load Balancer 'clasic' does not exist in this Region. Did you mean 'classic'? Correct the name; for "
        "other load balancers, set application_group_target_group_arns.",
    ),
    (
        {},
        {},
        dict(load_balancers={"classic": {"VPCId": "vpc-2"}}),
        "group_load_balancers: Classic Load Balancer 'classic' is in VPC 'vpc-2', and application_group_subnets are in VPC 'vpc-1'. Use one "
        "VPC.",
    ),
]


@pytest.mark.parametrize(("options", "settings", "answers", "sentence"), GROUP_MISTAKES)
def test_group_blockers_name_the_mistake(options, settings, answers, sentence):
    blockers = references.group_blockers({**OPTIONS, **options}, with_settings(**settings), known(**answers))
    assert blockers == (f"application_{sentence}",)


MISSPELT = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces"
POLICY_MISTAKES = [
    (
        dict(managed_policies=[MISSPELT]),
        f"managed_policies: managed policy '{MISSPELT}' does not exist. Correct the ARN; letter case counts.",
    ),
    (
        dict(permissions_boundary=MISSPELT),
        f"permissions_boundary: managed policy '{MISSPELT}' does not exist. Correct the ARN; letter case counts.",
    ),
    (
        dict(managed_policies=[RESERVED]),
        f"managed_policies: managed policy '{RESERVED}' is for service-linked roles only. Use another policy.",
    ),
    (
        dict(managed_policies=["AutoScalingServiceRolePolicy"]),
        "managed_policies: managed policy 'AutoScalingServiceRolePolicy' is for service-linked roles only. Use another policy.",
    ),
    (
        dict(permissions_boundary=RESERVED),
        f"permissions_boundary: managed policy '{RESERVED}' is for service-linked roles only. Use another policy.",
    ),
]


@pytest.mark.parametrize(("options", "sentence"), POLICY_MISTAKES)
def test_policy_blockers_name_the_mistake(options, sentence):
    arns = {"own": "arn:aws:iam::123456789012:policy/own", "AutoScalingServiceRolePolicy": RESERVED}
    blockers = references.policy_blockers({**OPTIONS, **options}, arns, known(policies={MISSPELT: None}))
    assert blockers == (f"application_{sentence}",)


def test_blockers_name_each_of_several_mistakes():
    found = dict(images={"ami-1": None}, key_pairs={"operations": None}, snapshots={"snap-1": None})
    assert [each.split(":")[0] for each in references.launch_settings_blockers(SETTINGS, found)] == [
        "application_image_id",
        "application_key_name",
        "application_volumes (/dev/sdf)",
    ]


@pytest.mark.parametrize("found", [FOUND, {}], ids=["all is well", "nothing is known"])
@pytest.mark.parametrize("image", ["ami-1", "resolve:ssm:golden"])
def test_blockers_of_what_is_right_or_unknown_are_none(found, image):
    settings = with_settings(image_id=image, spot_price="0.05", cpu_credits="unlimited", ebs_optimized=True)
    assert references.launch_settings_blockers(settings, found) == ()
    assert references.group_blockers(OPTIONS, settings, found) == ()
    assert references.policy_blockers(OPTIONS, {}, found) == ()


@pytest.mark.parametrize(
    "volume",
    [
        BlockDevice("/dev/sda1", volume_size=8),
        BlockDevice("/dev/sda1", encrypted=True),
        BlockDevice("/dev/sda1", no_device=True),
        BlockDevice("/dev/sda1", snapshot="snap-1"),
        BlockDevice("/dev/sdb", volume_size=1),
    ],
)
def test_blockers_of_volumes_that_fit_the_image_are_none(volume):
    assert references.launch_settings_blockers(with_settings(volumes=(volume,)), FOUND) == ()


def test_blockers_of_nothing_given_are_none():
    assert references.launch_settings_blockers(LaunchSettings(), FOUND) == ()
    assert references.group_blockers({}, LaunchSettings(), FOUND) == ()
    assert references.policy_blockers({"permissions_boundary": ""}, {}, FOUND) == ()
