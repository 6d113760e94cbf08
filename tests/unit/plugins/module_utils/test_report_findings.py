# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a report finds: each finding of the catalogue, when it occurs, and when it does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.report.build import build
from ansible_collections.launchkit.aws.plugins.module_utils.report.catalogue import CATALOGUE, SEVERITIES
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.report_account import (
    ADMINISTRATOR,
    NOW,
    OPTIONS,
    TRUST,
    Builder,
    healthy,
    image,
    instance,
    various,
)

REQUIRED = {"HttpTokens": "required", "HttpEndpoint": "enabled"}
IN_GROUP = {"tags": {"Owner": "team"}}


def allow(action="s3:GetObject", resource="*", **members):
    return {"inline": {"own": {"Statement": {"Effect": "Allow", "Action": action, "Resource": resource, **members}}}}


def trust(principal, **members):
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **members}
    return {"trust": {"Statement": [TRUST["Statement"][0], statement]}}


def role(**members):
    return lambda builder: healthy(builder, "web").role("web", **members)


def template(**data):
    def change(builder):
        healthy(builder, "web").template("web", "web", **{"MetadataOptions": REQUIRED, **data})

    return change


def group(**members):
    return lambda builder: healthy(builder, "web", **members)


def one_instance(**members):
    def change(builder):
        healthy(builder, "web", instances=1)
        builder.instances = {key: instance(key, **members) for key in builder.instances}

    return change


def unencrypted_instance(builder):
    healthy(builder, "web", instances=1)
    builder.unencrypted.add("vol-i-00000000")


def with_image(**members):
    def change(builder):
        healthy(builder, "web")
        builder.images["ami-new"] = image("ami-new", 20, **members)

    return change


def launched_earlier(builder):
    healthy(builder, "web")
    builder.groups["web"]["Instances"][0]["LaunchTemplate"] = {"LaunchTemplateId": "lt-web", "Version": "0"}


def default_version(builder):
    """A group that names $Default, which is an older version without IMDSv2, of which the newest version says nothing."""
    healthy(builder, "web").template("web", "web", number=2, default=1, MetadataOptions=REQUIRED)
    builder.groups["web"]["LaunchTemplate"]["Version"] = "$Default"
    data = {"ImageId": "ami-new", "InstanceType": "t3.small", "IamInstanceProfile": {"Name": "web"}}
    builder.more["versions"] = {
        ("lt-web", "1"): {"LaunchTemplateId": "lt-web", "VersionNumber": 1, "LaunchTemplateData": data}
    }
    builder.groups["web"]["Instances"] = []


def overrides(builder):
    """A mixed instances policy, of which one override has a launch template of its own."""
    healthy(builder, "web").template("other", "web", MetadataOptions={"HttpTokens": "optional"})
    first, other = (
        {"LaunchTemplateId": f"lt-{name}", "LaunchTemplateName": name, "Version": "1"} for name in ("web", "other")
    )
    policy = {"LaunchTemplateSpecification": first, "Overrides": [{"LaunchTemplateSpecification": other}]}
    builder.groups["web"]["MixedInstancesPolicy"] = {"LaunchTemplate": policy}
    del builder.groups["web"]["LaunchTemplate"]
    builder.groups["web"]["Instances"] = []


def parameter(value):
    def change(builder):
        template(ImageId="resolve:ssm:/web")(builder)
        builder.more["parameters"] = {"/web": value and {"Value": value}}

    return change


DEVICE = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8}}
OTHER = "arn:aws:iam::999999999999:root"
# Case -> finding, change of an account, and options of the report. None: there is no finding.
CASES = {
    "healthy": (None, group(), {}),
    "template gone": ("launch_settings_missing", lambda b: healthy(b, "web").templates.clear(), {}),
    "configuration gone": ("launch_settings_missing", lambda b: healthy(b, "web").group("web", "gone", **IN_GROUP), {}),
    "image gone": ("image_missing", template(ImageId="ami-gone"), {}),
    "image disabled": ("image_missing", with_image(State="disabled"), {}),
    "image unknown": (None, template(ImageId="ami-other"), {}),
    "parameter gone": ("image_missing", parameter(None), {}),
    "image of parameter gone": ("image_missing", parameter("ami-gone"), {}),
    "image of parameter": (None, parameter("ami-new"), {}),
    "profile gone": ("profile_missing", lambda b: healthy(b, "web").profiles.clear(), {}),
    "profile empty": ("profile_without_role", lambda b: healthy(b, "web").profile("web"), {}),
    "role created again": (
        "role_replaced",
        lambda b: healthy(b, "web").profile("web", "web", role_id="AROAFORMER"),
        {},
    ),
    "no profile": ("profile_unset", lambda b: healthy(b, "web").template("web", MetadataOptions=REQUIRED), {}),
    "role alone": ("role_without_profile", lambda b: b.role("web", tags={"owner": "team"}), {}),
    "role of another service alone": (None, lambda b: b.role("web", trust={"Statement": []}), {}),
    "administrator": ("administrator_access", role(policies=[ADMINISTRATOR]), {}),
    "own policy of that name": (None, role(policies=["arn:aws:iam::123456789012:policy/AdministratorAccess"]), {}),
    "everything": ("allows_everything", role(**allow("*")), {}),
    "every service": ("allows_everything", role(**allow(["s3:GetObject", "*:*"])), {}),
    "everything on one": (None, role(**allow("*", "arn:aws:s3:::web/*")), {}),
    "everything denied": (None, role(**allow("*", Effect="Deny")), {}),
    "pass role": ("pass_role_everything", role(**allow("iam:PassRole")), {}),
    "pass role by pattern": ("pass_role_everything", role(**allow("IAM:p*", "arn:aws:iam::*:role/*")), {}),
    "pass role by exclusion": (
        "pass_role_everything",
        role(inline={"own": {"Statement": [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]}}),
        {},
    ),
    "pass role by AWS's policy": ("pass_role_everything", role(policies=["arn:aws:iam::aws:policy/IAMFullAccess"]), {}),
    "pass one role": (None, role(**allow("iam:PassRole", "arn:aws:iam::123456789012:role/web-*")), {}),
    "trust of all": ("wildcard_trust", role(**trust("*")), {}),
    "trust of all accounts": ("wildcard_trust", role(**trust({"AWS": ["*"]})), {}),
    "trust of an account": ("unknown_account", role(**trust({"AWS": OTHER})), {}),
    "trust of an account's digits": ("unknown_account", role(**trust({"AWS": "999999999999"})), {}),
    "trust of a known account": (None, role(**trust({"AWS": OTHER})), {"known_accounts": ["999999999999"]}),
    "trust of the own account": (None, role(**trust({"AWS": "arn:aws:iam::123456789012:user/ops"})), {}),
    "IMDSv1": ("imdsv1", template(MetadataOptions={"HttpTokens": "optional"}), {}),
    "metadata options unset": ("imdsv1", template(MetadataOptions={}), {}),
    "metadata options by image": (
        None,
        lambda b: (template(MetadataOptions={})(b), b.images["ami-new"].update(ImdsSupport="v2.0")),
        {},
    ),
    "metadata service off": (None, template(MetadataOptions={"HttpEndpoint": "disabled"}), {}),
    "IMDSv1 of instance": ("imdsv1", one_instance(MetadataOptions={"HttpTokens": "optional"}), {}),
    "default version": ("imdsv1", default_version, {}),
    "former configuration of that name": (
        "imdsv1",
        lambda b: (template(MetadataOptions={"HttpTokens": "optional"})(b), b.configuration("web", "web")),
        {},
    ),
    "override": ("imdsv1", overrides, {}),
    "hop limit": ("hop_limit", template(MetadataOptions={**REQUIRED, "HttpPutResponseHopLimit": 3}), {}),
    "hop limit permitted": (
        None,
        template(MetadataOptions={**REQUIRED, "HttpPutResponseHopLimit": 3}),
        {"max_hop_limit": 3},
    ),
    "hop limit of instance": (
        "hop_limit",
        one_instance(MetadataOptions={**REQUIRED, "HttpPutResponseHopLimit": 9}),
        {},
    ),
    "public address": (
        "public_address",
        template(NetworkInterfaces=[{"DeviceIndex": 0, "AssociatePublicIpAddress": True}]),
        {},
    ),
    "public address of instance": ("public_address", one_instance(PublicIpAddress="198.51.100.1"), {}),
    "volume": ("unencrypted_volumes", template(BlockDeviceMappings=[DEVICE]), {}),
    "volume encrypted": (
        None,
        template(BlockDeviceMappings=[{**DEVICE, "Ebs": {"VolumeSize": 8, "Encrypted": True}}]),
        {},
    ),
    "volume of snapshot": (None, template(BlockDeviceMappings=[{**DEVICE, "Ebs": {"SnapshotId": "snap-2"}}]), {}),
    "volume encrypted by default": (
        None,
        lambda b: (template(BlockDeviceMappings=[DEVICE])(b), b.more.update(encrypts_by_default=True)),
        {},
    ),
    "volume of image": (
        "unencrypted_volumes",
        with_image(
            BlockDeviceMappings=[{"DeviceName": "/dev/sda1", "Ebs": {"Encrypted": False, "SnapshotId": "snap-1"}}]
        ),
        {},
    ),
    "volume of instance": ("unencrypted_volumes", unencrypted_instance, {}),
    "image old": ("image_old", template(ImageId="ami-old"), {}),
    "image not yet old": (None, template(ImageId="ami-old"), {"max_image_age_days": 900}),
    "image deprecated": ("image_deprecated", with_image(DeprecationTime="2026-11-01T00:00:00.000Z"), {}),
    "image deprecated later": (None, with_image(DeprecationTime="2027-11-01T00:00:00.000Z"), {}),
    "outdated": ("outdated_instances", launched_earlier, {}),
    "health check": ("health_check", group(TargetGroupARNs=["arn:target"]), {}),
    "health check of load balancer": ("health_check", group(LoadBalancerNames=["web"]), {}),
    "health check right": (None, group(TargetGroupARNs=["arn:target"], HealthCheckType="ELB"), {}),
    "one zone": ("few_zones", group(AvailabilityZones=["us-east-1a"]), {}),
    "one zone suffices": (None, group(AvailabilityZones=["us-east-1a"]), {"min_zones": 1}),
    "launch configuration": (
        "launch_configuration",
        lambda b: (
            healthy(b, "web").configuration("web", "web", MetadataOptions=REQUIRED).group("web", "web", **IN_GROUP)
        ),
        {},
    ),
    "launch configuration unused": (
        "launch_configuration_unused",
        lambda b: healthy(b, "web").configuration("web-2", "web"),
        {},
    ),
    "launch configuration alone": ("launch_configuration_unused", lambda b: b.configuration("web"), {}),
    "no boundary": ("boundary_missing", group(), {"require_permissions_boundary": True}),
    "boundary": (
        None,
        role(PermissionsBoundary={"PermissionsBoundaryArn": "arn:aws:iam::aws:policy/x"}),
        {"require_permissions_boundary": True},
    ),
    "role unused": ("role_unused", role(used_days=91), {}),
    "role never used": ("role_unused", role(used_days=None), {}),
    "new role not used yet": (None, role(used_days=None, CreateDate=NOW - timedelta(days=1)), {}),
    "no owner": ("owner_missing", group(tags={"Name": "web"}), {}),
    "owner of role": (None, lambda b: (group(tags={})(b), b.role("web", tags={"TEAM": "web"})), {}),
    "no owner wanted": (None, group(tags={}), {"owner_tags": []}),
    "action denied": (
        "action_unexpected",
        lambda b: (group()(b), b.more.update(decisions=DENIED)),
        {"actions": [{"actions": ["s3:GetObject"], "resources": ["*"], "expected": "allowed"}]},
    ),
    "action denied as expected": (
        None,
        lambda b: (group()(b), b.more.update(decisions=DENIED)),
        {"actions": [{"actions": ["s3:GetObject"], "resources": None, "expected": "denied"}]},
    ),
}
DENIED = {
    "arn:aws:iam::123456789012:role/web": [
        {"EvalActionName": "s3:GetObject", "EvalResourceName": "*", "EvalDecision": "implicitDeny"}
    ]
}
# Those that need a fleet file or parliament, see below.
OTHERS = {"drift", "orphan", "parliament"}


def report(builder, plans=(), orphans=(), lint=None, **options):
    thresholds = {name: options.get(name, value) for name, value in OPTIONS["thresholds"].items()}
    return build(builder.account(), {**OPTIONS, **options, "thresholds": thresholds}, plans, orphans, lint)


def names(result):
    return {each["name"] for row in result["applications"] for each in row["findings"]}


@pytest.mark.parametrize("case", CASES)
def test_finding(case):
    finding, change, options = CASES[case]
    builder = Builder()
    change(builder)
    found = names(report(builder, **options))
    if finding is None:
        assert found == set()
    else:
        assert finding in found
        # What else is found follows from the same cause.
        assert found - {finding} <= {
            "image_old",
            "imdsv1",
            "launch_configuration",
            "launch_configuration_unused",
            "owner_missing",
            "profile_unset",
            "role_without_profile",
        }


def test_each_finding_of_the_catalogue_occurs():
    assert {finding for finding, dummy, dummy_options in CASES.values()} - {None} == CATALOGUE.keys() - OTHERS


@pytest.mark.parametrize("name", CATALOGUE)
def test_catalogue_entry_is_complete(name):
    entry = CATALOGUE[name]
    assert entry["severity"] in SEVERITIES
    assert entry["url"].startswith("https://docs.aws.amazon.com/")
    assert entry["meaning"].endswith(".")
    assert len(entry["meaning"].split(". ")[0].split()) <= 25


@pytest.mark.parametrize(
    ("members", "severity"),
    [
        (allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}}), "high"),
        (allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), "medium"),
        (trust("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), "high"),
    ],
)
def test_condition_lowers_the_severity(members, severity):
    builder = healthy(Builder(), "web").role("web", **members)
    (row,) = report(builder)["applications"]
    assert [each["severity"] for each in row["findings"]] == [severity]


def test_customer_managed_policy_is_read():
    arn = "arn:aws:iam::123456789012:policy/own"
    builder = healthy(Builder(), "web").role("web", [arn])
    builder.more["policies"] = {arn: allow("*")["inline"]["own"]}
    assert names(report(builder)) == {"allows_everything"}


def test_parliament_findings_have_its_severity():
    builder = healthy(Builder(), "web").role("web", **allow())
    (row,) = report(builder, lint=lambda document: [("low", "Unknown action"), ("malformed", "No policy")])[
        "applications"
    ]
    assert [(each["name"], each["severity"]) for each in row["findings"]] == [
        ("parliament", "medium"),
        ("parliament", "low"),
    ]


PLAN = {
    "name": "shop",
    "group": "web",
    "role": "shop",
    "unchanged": False,
    "summary": "shop: update Auto Scaling group web",
}


def test_drift_is_a_finding_of_the_group():
    result = report(healthy(Builder(), "web"), [PLAN])
    assert [(row["name"], [each["name"] for each in row["findings"]]) for row in result["applications"]] == [
        ("web", ["drift"])
    ]
    assert names(report(healthy(Builder(), "web"), [{**PLAN, "unchanged": True}])) == set()


def test_drift_of_an_application_that_does_not_exist_is_a_row():
    result = report(healthy(Builder(), "web"), [{**PLAN, "name": "new", "group": None, "role": "new"}])
    assert [(row["name"], row["kind"]) for row in result["applications"]] == [("web", "group"), ("new", "declared")]
    assert {link["state"] for link in result["applications"][1]["chain"]} == {"absent"}


def test_drift_of_an_application_without_group_is_found_by_role():
    builder = healthy(Builder(), "other").role("web").profile("web", "web")
    result = report(builder, [{**PLAN, "group": None, "role": "WEB"}])
    assert [row["name"] for row in result["applications"] if row["findings"]] == ["web"]


def test_orphan_is_known_by_role():
    orphan = {"name": "WEB", "instance_profiles": [], "summary": "web: ORPHAN: IAM role web"}
    result = report(healthy(Builder(), "web"), orphans=[orphan])
    assert names(result) == {"orphan"}
    assert result["orphans"] == ["web: ORPHAN: IAM role web"]


def test_accepted_finding_keeps_its_reason_and_does_not_count():
    accepted = [
        {"finding": "few_zones", "application": "web*", "reason": "A test."},
        {"finding": "imdsv1", "application": "*", "reason": "Not needed."},
    ]
    builder = healthy(Builder(), "web-1", AvailabilityZones=["a"])
    healthy(builder, "shop", AvailabilityZones=["a"])
    result = report(builder, accepted_findings=accepted)
    rows = {row["name"]: row for row in result["applications"]}
    assert rows["web-1"]["findings"][0]["accepted"] == "A test."
    assert rows["web-1"]["severity"] == ""
    assert rows["shop"]["severity"] == "medium"
    assert result["unused_acceptances"] == ["imdsv1 of *: Not needed."]


def test_what_is_not_read_is_not_found():
    builder = various(20)
    result = build(
        builder.account(instances=None, images=None, unencrypted=None, encrypts_by_default=None, denied=("x:Y",)),
        OPTIONS,
    )
    found = names(result)
    assert result["not_read"] == ["x:Y"]
    assert not {"image_missing", "image_old", "unencrypted_volumes"} & found
