# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What lookups of references find on the embedded AWS, and with how many calls."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application import references as application_references
from ansible_collections.launchkit.aws.plugins.module_utils.core import clients
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from ansible_collections.launchkit.aws.plugins.module_utils.find import references
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings
from ansible_collections.launchkit.aws.tests.modules.conftest import one_session

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY

IMAGE, OTHER_IMAGE = "ami-baba68d3", "ami-785db401"
GONE = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/gone/0123456789abcdef"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
MISSPELT = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAcces"


@pytest.fixture
def find(aws, monkeypatch):
    """Look references up with clients as a module has them, and count the calls from zero."""
    monkeypatch.setattr(clients, "_new_session", one_session)
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}

    def find(concurrency=4, **kinds):
        aws.reset_calls()
        wanted = {kind: frozenset(names) for kind, names in kinds.items()}
        return references.find(clients.Clients((REGION, aws.url, keys)), wanted, concurrency)

    return find


@pytest.fixture
def operations(aws):
    """Return a function that counts the calls since the last lookup, by operation."""
    return lambda: aws.counts()["operations"]


@pytest.fixture
def existing(aws, scenery):
    """One name or id of each kind that exists."""
    ec2, elb, elbv2 = (aws.client(service) for service in ("ec2", "elb", "elbv2"))
    subnet = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [scenery["vpc_id"]]}])["Subnets"][0]
    elb.create_load_balancer(
        LoadBalancerName="classic",
        Listeners=[{"Protocol": "http", "LoadBalancerPort": 80, "InstancePort": 80}],
        Subnets=[subnet["SubnetId"]],
    )
    target_group = elbv2.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=scenery["vpc_id"])
    aws.client("ssm").put_parameter(Name="golden", Value=OTHER_IMAGE, Type="String")
    return {
        "images": IMAGE,
        "ssm_parameters": "golden",
        "instance_types": "t3.small",
        "key_pairs": "operations",
        "security_groups": scenery["ids"][0],
        "subnets": subnet["SubnetId"],
        "snapshots": scenery["snapshot"],
        "target_groups": target_group["TargetGroups"][0]["TargetGroupArn"],
        "load_balancers": "classic",
        "policies": READ_ONLY,
    }


MISSING = {
    "images": "ami-gone",
    "ssm_parameters": "gone",
    "instance_types": "t3.gone",
    "key_pairs": "gone",
    "security_groups": "sg-gone",
    "subnets": "subnet-gone",
    "snapshots": "snap-gone",
    "target_groups": GONE,
    "load_balancers": "gone",
    "policies": MISSPELT,
}


def test_find_of_nothing_costs_no_call(find, operations):
    assert find() == {}
    assert operations() == {}


@pytest.mark.parametrize("concurrency", [1, 8])
def test_find_reads_each_kind_in_one_call(find, existing, operations, concurrency):
    found = find(concurrency, **{kind: [name] for kind, name in existing.items()})
    assert all(found[kind][existing[kind]] for kind in MISSING)
    assert found["images"][IMAGE]["State"] == "available"
    # The image that the SSM parameter names.
    assert found["images"][OTHER_IMAGE]["Architecture"] == "x86_64"
    assert found["ssm_parameters"]["golden"]["Value"] == OTHER_IMAGE
    assert found["instance_types"]["t3.small"]["ProcessorInfo"]["SupportedArchitectures"] == ["x86_64"]
    vpcs = {found["subnets"][existing["subnets"]]["VpcId"], found["load_balancers"]["classic"]["VPCId"]}
    vpcs |= {found["security_groups"][existing["security_groups"]]["VpcId"]}
    assert vpcs == {found["target_groups"][existing["target_groups"]]["VpcId"]}
    assert found["snapshots"][existing["snapshots"]]["VolumeSize"] == 1
    assert operations() == dict.fromkeys(
        (
            "ssm:GetParameters",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeKeyPairs",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeSnapshots",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeLoadBalancers",
            "iam:GetPolicy",
        ),
        1,
    )


@pytest.mark.parametrize("kind", MISSING)
def test_find_of_missing_ones_is_none(find, existing, kind):
    names = [existing[kind], MISSING[kind]]
    answers = find(**{kind: names})[kind]
    assert answers[existing[kind]]
    assert answers[MISSING[kind]] is None
    assert find(**{kind: [MISSING[kind]]})[kind][MISSING[kind]] is None


def test_find_of_a_missing_target_group_asks_singly(find, existing, operations):
    find(target_groups=[existing["target_groups"], GONE])
    assert operations() == {"elasticloadbalancing:DescribeTargetGroups": 3}


DENIALS = {
    "images": ("DescribeImages", "UnauthorizedOperation"),
    "ssm_parameters": ("GetParameters", "AccessDeniedException"),
    "instance_types": ("DescribeInstanceTypes", "UnauthorizedOperation"),
    "key_pairs": ("DescribeKeyPairs", "UnauthorizedOperation"),
    "security_groups": ("DescribeSecurityGroups", "UnauthorizedOperation"),
    "subnets": ("DescribeSubnets", "UnauthorizedOperation"),
    "snapshots": ("DescribeSnapshots", "UnauthorizedOperation"),
    "target_groups": ("DescribeTargetGroups", "AccessDenied"),
    "load_balancers": ("DescribeLoadBalancers", "AccessDenied"),
    "policies": ("GetPolicy", "AccessDenied"),
}


@pytest.mark.parametrize("kind", MISSING)
def test_find_of_what_may_not_be_read_is_unknown(aws, find, kind):
    operation, code = DENIALS[kind]
    aws.fault("error", operation, code=code, message="not authorized to perform this", status=403)
    other = "policies" if kind == "subnets" else "subnets"
    found = find(**{kind: [MISSING[kind]], other: [MISSING[other]]})
    assert found[kind] == {}
    assert found[other] == {MISSING[other]: None}


def test_find_under_a_policy_without_reads_knows_nothing(aws, monkeypatch):
    iam = aws.client("iam")
    iam.create_user(UserName="deployer")
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    aws.set(authorization=True)
    monkeypatch.setattr(clients, "_new_session", one_session)
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    wanted = {kind: frozenset([name]) for kind, name in MISSING.items()}
    assert references.find(clients.Clients((REGION, aws.url, keys)), wanted, 4) == {kind: {} for kind in MISSING}


def test_find_fails_for_other_refusals(aws, find):
    aws.fault("error", "DescribeSubnets", code="AuthFailure", message="credentials", status=401)
    with pytest.raises(CallFailed, match="subnets"):
        find(subnets=["subnet-1"])


def test_find_divides_many_names_into_batches(find, operations):
    kinds = {kind: [f"{name}-{number}" for number in range(201)] for kind, name in MISSING.items()}
    kinds.update(target_groups=[], load_balancers=[], policies=[])
    found = find(8, **kinds)
    assert all(set(found.get(kind, ())) == set(names) for kind, names in kinds.items())
    assert operations() == {
        "ssm:GetParameters": 21,
        "ec2:DescribeImages": 2,
        "ec2:DescribeInstanceTypes": 2,
        "ec2:DescribeKeyPairs": 3,
        "ec2:DescribeSecurityGroups": 2,
        "ec2:DescribeSubnets": 2,
        "ec2:DescribeSnapshots": 2,
    }


def test_find_of_a_misspelt_key_pair_has_the_right_one(find, scenery):
    assert find(key_pairs=["operatons"])["key_pairs"]["operations"]


@pytest.mark.parametrize("name", ["golden", "golden:1", "/web/golden"])
def test_find_of_ssm_parameters_takes_paths_and_versions(aws, find, name):
    for parameter in ("golden", "/web/golden"):
        aws.client("ssm").put_parameter(Name=parameter, Value=IMAGE, Type="String")
    found = find(ssm_parameters=[name])
    assert found["ssm_parameters"][name]["Value"] == IMAGE
    assert found["images"][IMAGE]


def test_find_of_an_ssm_parameter_without_image_looks_no_image_up(aws, find, operations):
    aws.client("ssm").put_parameter(Name="password", Value="correct-horse", Type="String")
    assert "images" not in find(ssm_parameters=["password"])
    assert operations() == {"ssm:GetParameters": 1}


def test_find_of_customer_managed_policies(aws, find):
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
    }
    policy = aws.client("iam").create_policy(PolicyName="own", PolicyDocument=json.dumps(document))["Policy"]
    arn = policy["Arn"]
    assert find(policies=[arn])["policies"][arn]["PolicyName"] == "own"


def blockers_of(find, names, image):
    """What is said of an application that refers to one name of each kind, after a lookup."""
    settings = LaunchSettings(
        image_id=image,
        instance_type=names["instance_types"],
        key_name=names["key_pairs"],
        security_groups=(names["security_groups"],),
        volumes=(BlockDevice("/dev/sdf", snapshot=names["snapshots"]),),
    )
    options = {
        "group_subnets": [names["subnets"]],
        "group_target_group_arns": [names["target_groups"]],
        "group_load_balancers": [names["load_balancers"]],
        "managed_policies": [names["policies"]],
        "permissions_boundary": names["policies"],
    }
    wanted = application_references.merge(
        [
            application_references.of_launch_settings(settings),
            application_references.of_group(options, settings),
            application_references.of_policies([names["policies"]]),
        ]
    )
    found = find(**wanted)
    return [
        *application_references.launch_settings_blockers(settings, found),
        *application_references.group_blockers(options, settings, found),
        *application_references.policy_blockers(options, {}, found),
    ]


@pytest.mark.parametrize("image", [IMAGE, "resolve:ssm:golden"])
def test_blockers_of_an_application_that_aws_accepts_are_none(find, existing, image):
    assert blockers_of(find, existing, image) == []


@pytest.mark.parametrize("image", ["ami-gone", "resolve:ssm:gone"])
def test_blockers_name_the_variables_of_all_mistakes(find, existing, operations, image):
    variables = [each.split(":")[0].removeprefix("application_") for each in blockers_of(find, MISSING, image)]
    assert variables == [
        "image_id",
        "instance_type",
        "key_name",
        "security_groups",
        "volumes (/dev/sdf)",
        "group_subnets",
        "group_target_group_arns",
        "group_load_balancers",
        "managed_policies",
        "permissions_boundary",
    ]
    assert sum(operations().values()) == 9
