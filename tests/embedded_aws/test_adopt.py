# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The law of adopting: with the fleet file of a random account, the fleet changes nothing.

The account is made by boto3, as other tools would make it.
"""

import base64
import itertools
import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.modules import fleet_file
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import (
    IMAGE,
    OTHER_IMAGE,
    TRUST,
    ZONES,
    with_group,
)
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

SECRET = "#!/bin/sh\necho hunter2\n"
ENCODED = base64.b64encode(SECRET.encode()).decode()
INLINE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
TAGS = st.sampled_from([{}, {"Owner": "me"}, {"Owner": "you", "Stage": "test"}])
LAMBDA = {
    "Effect": "Allow",
    "Principal": {"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}
ROLES = st.fixed_dictionaries(
    {"tags": TAGS, "profile_tags": TAGS},
    optional={
        "Path": st.sampled_from(["/", "/web/"]),
        "profile_path": st.sampled_from(["/", "/web/", "/other/"]),
        "Description": st.sampled_from(["", "For {# the #} website"]),
        "MaxSessionDuration": st.sampled_from([3600, 7200]),
        "PermissionsBoundary": st.just(POLICY),
        "trust": st.sampled_from(
            [TRUST, {**TRUST, "Statement": [{**TRUST["Statement"][0], "Sid": ""}]}, {**TRUST, "Statement": [LAMBDA]}]
        ),
        "managed": st.just([POLICY]),
        "inline": st.just({"read": INLINE}),
        "profile": st.sampled_from(["own", "same"]),
    },
)
COMMON = {
    "InstanceType": st.sampled_from(["t3.small", "m5.large"]),
    "KeyName": st.just("operations"),
    "EbsOptimized": st.booleans(),
    "UserData": st.just(SECRET),
}
DEVICE = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3"}}
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        **COMMON,
        "InstanceMonitoring": st.booleans().map(lambda value: {"Enabled": value}),
        "AssociatePublicIpAddress": st.booleans(),
        "MetadataOptions": st.sampled_from(
            [{"HttpTokens": "required", "HttpEndpoint": "enabled"}, {"HttpPutResponseHopLimit": 3}]
        ),
        "BlockDeviceMappings": st.just([DEVICE, {"DeviceName": "/dev/sdg", "NoDevice": True}]),
        "SpotPrice": st.just("0.05"),
        "PlacementTenancy": st.sampled_from(["default", "dedicated"]),
    },
)
TEMPLATES = st.fixed_dictionaries(
    {},
    optional={
        **COMMON,
        "Monitoring": st.booleans().map(lambda value: {"Enabled": value}),
        "MetadataOptions": st.sampled_from(
            [{"HttpTokens": "required"}, {"HttpEndpoint": "disabled"}, {"HttpPutResponseHopLimit": 2}]
        ),
        "BlockDeviceMappings": st.just([DEVICE]),
        "CreditSpecification": st.just({"CpuCredits": "standard"}),
        "TagSpecifications": st.just([{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]),
        "InstanceMarketOptions": st.just({"MarketType": "spot"}),
        "DisableApiTermination": st.just(True),
        "CpuOptions": st.just({"CoreCount": 1, "ThreadsPerCore": 1}),
    },
)
GROUPS = st.fixed_dictionaries(
    {
        "tags": TAGS | st.just({"Owner": "{{ you }}"}),
        "propagate": st.booleans(),
        "version": st.sampled_from(["1", "$Latest", "$Default", None]),
        "versions": st.integers(1, 2),
        "template_tags": TAGS,
    },
    optional={
        "HealthCheckType": st.sampled_from(["EC2", "ELB"]),
        "HealthCheckGracePeriod": st.sampled_from([0, 300, 600]),
        "DefaultCooldown": st.sampled_from([60, 300]),
        "TerminationPolicies": st.sampled_from([["OldestInstance"], ["Default"]]),
        "MaxInstanceLifetime": st.just(86400),
        "subnets": st.just(True),
    },
)
APPLICATIONS = st.lists(
    st.tuples(ROLES, st.none() | CONFIGURATIONS | TEMPLATES.map(lambda data: ("template", data)), st.none() | GROUPS),
    min_size=1,
    max_size=4,
)


def tag_list(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


class Maker:
    """Makes what an application has, with boto3."""

    def __init__(self, aws):
        self.iam, self.ec2, self.autoscaling = map(aws.client, ("iam", "ec2", "autoscaling"))
        self.ec2.create_key_pair(KeyName="operations")
        subnets = self.ec2.describe_subnets()["Subnets"]
        self.subnet = next(each["SubnetId"] for each in subnets if each["AvailabilityZone"] == ZONES[0])

    def role(
        self,
        name,
        *,
        tags=(),
        profile_tags=(),
        profile="same",
        profile_path="/",
        trust=TRUST,
        managed=(),
        inline=(),
        **members,
    ):
        document = json.dumps(trust)
        self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, Tags=tag_list(dict(tags)), **members)
        for arn in managed:
            self.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
        for policy in inline:
            self.iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(inline[policy]))
        profile = name if profile == "same" else f"{name}-profile"
        self.iam.create_instance_profile(
            InstanceProfileName=profile, Path=profile_path, Tags=tag_list(dict(profile_tags))
        )
        self.iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=name)
        return profile

    def configuration(self, name, profile, **members):
        members = {"ImageId": IMAGE, "InstanceType": "t3.small", **members}
        self.autoscaling.create_launch_configuration(
            LaunchConfigurationName=name, IamInstanceProfile=profile, **members
        )
        return {"LaunchConfigurationName": name}

    def template(self, name, profile, version="1", versions=1, tags=(), **data):
        data = {"ImageId": IMAGE, "InstanceType": "t3.small", "IamInstanceProfile": {"Name": profile}, **data}
        if "UserData" in data:
            data["UserData"] = ENCODED
        tagged = (
            {"TagSpecifications": [{"ResourceType": "launch-template", "Tags": tag_list(dict(tags))}]} if tags else {}
        )
        self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data, **tagged)
        for dummy in range(1, versions):
            self.ec2.create_launch_template_version(
                LaunchTemplateName=name, LaunchTemplateData={**data, "ImageId": OTHER_IMAGE}
            )
        return {"LaunchTemplate": {"LaunchTemplateName": name, **({"Version": version} if version else {})}}

    def group(self, name, source, *, tags=(), propagate=True, subnets=False, **members):
        where = {"VPCZoneIdentifier": self.subnet} if subnets else {"AvailabilityZones": ZONES}
        tags = [{**tag, "PropagateAtLaunch": propagate} for tag in tag_list(dict(tags))]
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, MinSize=0, MaxSize=2, **where, **source, Tags=tags, **members
        )


@pytest.fixture
def adopt(fleets, tmp_path):
    """Run the module, and return its result."""

    def run(check_mode=False, **options):
        unset = dict.fromkeys(("iam_path", "tags", "group_regex"))
        module = fleets._module([], check_mode)
        module.params.update({**unset, "path": str(tmp_path / "fleet.yml"), "user_data": False, **options})
        return fleet_file.write_fleet_file(module)

    return run


class Loader(yaml.SafeLoader):
    """Reads text that Ansible does not take for a template."""


Loader.add_constructor("!unsafe", lambda loader, node: node.value)


def loaded(result):
    return yaml.load(Path(result["path"]).read_text(encoding="utf-8"), Loader)


def planned(fleets, result, **options):
    file = loaded(result)
    return fleets.summaries(
        file["fleet_applications"], defaults=file["fleet_defaults"], account=file["fleet_account"], **options
    )


@settings(
    max_examples=12,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(APPLICATIONS, st.booleans(), st.integers(0, 3))
def test_plan_after_adopting_is_empty(fleets, adopt, tmp_path, applications, with_user_data, offset):
    fleets.aws.reset()
    for path in tmp_path.rglob("*.yml"):
        path.unlink()
    maker = Maker(fleets.aws)
    numbers = itertools.count(offset)
    for role, launched, group in applications:
        name = f"web-{next(numbers)}"
        profile = maker.role(name, **role)
        if launched is None or group is None:
            event("no group")
            continue
        group = dict(group)
        version, versions, tags = (group.pop(key) for key in ("version", "versions", "template_tags"))
        if isinstance(launched, tuple):
            source = maker.template(f"{name}-template", profile, version, versions, tags, **launched[1])
        else:
            if launched.get("AssociatePublicIpAddress") is not None:
                group["subnets"] = True
            source = maker.configuration(f"{name}-launch", profile, **launched)
        event(next(iter(source)))
        maker.group(f"{name}-group", source, **group)
    fleets.aws.reset_calls()
    result = adopt(user_data=with_user_data)
    assert fleets.writes() == {}
    assert planned(fleets, result) == []
    names = [each["name"] for each in result["applications"]]
    decided = {each["subject"]: each["decision"] for each in result["decisions"]}
    assert len(names) + len(decided) == len(applications)
    # Only a group at another version than the newest, or with a newest that is not the default, needs a decision.
    assert [text for text in decided.values() if "version 1 of" not in text or "version is 2. " not in text] == []
    event(f"{len(decided)} decisions")
    shown = json.dumps(result)
    assert "hunter2" not in shown
    assert ENCODED not in shown


@pytest.fixture
def maker(fleets):
    return Maker(fleets.aws)


def make_web(maker, name="web", **settings):
    """Make a group with a launch configuration of its own."""
    profile = maker.role(name)
    maker.group(name, maker.configuration(f"{name}-2019", profile, **settings))


def test_adopting_again_keeps_comments_order_and_choices(fleets, adopt, maker):
    make_web(maker, UserData=SECRET)
    make_web(maker, "api")
    result = adopt()
    assert result["changed"]
    assert not adopt()["changed"]
    path = Path(result["path"])
    text = path.read_text(encoding="utf-8")
    text = text.replace(
        "  - application_name: api\n",
        "  # Ask Kim before\n  - application_name: api\n    application_refresh: true # ours\n",
    )
    path.write_text(text, encoding="utf-8")
    maker.autoscaling.update_auto_scaling_group(AutoScalingGroupName="api", MaxSize=5)
    maker.iam.attach_role_policy(RoleName="api", PolicyArn=POLICY)
    make_web(maker, "late")
    check = adopt(check_mode=True)
    assert check["changed"]
    assert path.read_text(encoding="utf-8") == text
    result = adopt()
    after = path.read_text(encoding="utf-8")
    assert after == check["diff"]["after"]
    lines = after.splitlines()
    assert "  # Ask Kim before" in lines
    assert "    application_refresh: true # ours" in lines
    assert [each["application_name"] for each in loaded(result)["fleet_applications"]] == ["api", "web", "late"]
    assert loaded(result)["fleet_applications"][0]["application_group_max_size"] == 5
    assert planned(fleets, result) == []
    assert not adopt()["changed"]


def test_adopting_again_names_what_is_gone(fleets, adopt, maker):
    make_web(maker)
    adopt()
    fleets.aws.reset()
    result = adopt()
    assert (result["not_found"], result["changed"]) == (["web"], False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("- hosts: all\n", "It has no list fleet_applications."),
        ("fleet_applications: [", "It is not YAML: "),
        (
            "fleet_applications:\n  - application_name: '{{ name }}'\n",
            "It has a template, whose value is not known here: {{ name }}.",
        ),
        ("fleet_applications:\n  - application_nam: web\n", "Did you mean application_name?"),
    ],
)
def test_adopting_refuses_what_it_cannot_update(fleets, adopt, tmp_path, text, reason):
    path = tmp_path / "fleet.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LaunchkitError) as refused:
        adopt()
    assert refused.value.message.startswith(f"path: '{path}' exists and can't be updated. ")
    assert reason in refused.value.message
    assert path.read_text(encoding="utf-8") == text


def test_user_data_is_left_alone_or_in_a_secret_file(fleets, adopt, maker):
    make_web(maker, UserData=SECRET)
    result = adopt()
    assert loaded(result)["fleet_applications"][0]["application_keep_user_data"] is True
    assert result["user_data_paths"] == []
    migrating = {"application_launch_with": "launch_template", "application_adopt": True}
    (row,) = fleets.info([{**loaded(result)["fleet_applications"][0], **migrating}])["applications"]
    assert row["blockers"][0].startswith(
        "application_keep_user_data: the user data of Auto Scaling group 'web' would be lost"
    )
    Path(result["path"]).unlink()
    result = adopt(user_data=True)
    (secret,) = map(Path, result["user_data_paths"])
    assert (
        secret.read_text(encoding="utf-8"),
        secret.stat().st_mode & 0o777,
        secret.parent.stat().st_mode & 0o777,
    ) == (SECRET, 0o600, 0o700)
    secret.chmod(0o644)
    assert adopt(user_data=True)["changed"]
    assert secret.stat().st_mode & 0o777 == 0o600
    (row,) = fleets.info([{**loaded(result)["fleet_applications"][0], **migrating}])["applications"]
    assert "blockers" not in row


def test_what_cannot_be_expressed_needs_a_decision(fleets, adopt, maker):
    make_web(maker)
    maker.group("second", {"LaunchConfigurationName": "web-2019"})
    source = maker.template("mixed", maker.role("mixed"))["LaunchTemplate"]
    maker.group("mixed", {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": source}}})
    maker.group("empty", maker.configuration("empty", maker.role("empty")))
    maker.iam.remove_role_from_instance_profile(InstanceProfileName="empty", RoleName="empty")
    result = adopt()
    assert [each["name"] for each in result["applications"]] == ["web"]
    assert {each["subject"]: each["decision"] for each in result["decisions"]} == {
        "Auto Scaling group empty": "Instance profile empty has no role. Attach one.",
        "Auto Scaling group mixed": "It has a mixed instances policy, for which the role application has no variable.",
        "Auto Scaling group second": "It shares IAM role web with Auto Scaling group web, and an application has its own. "
        "Give the group a role and an instance profile of its own.",
    }
    text = Path(result["path"]).read_text(encoding="utf-8")
    assert (
        "# These need a decision, and are not in the list above:\n# empty (Auto Scaling group empty): Instance" in text
    )
    assert planned(fleets, result) == []


def test_who_else_owns_it_is_a_comment(fleets, adopt, maker):
    profile = maker.role("web", tags={"managed-by": "terraform"})
    maker.iam.create_instance_profile(InstanceProfileName="other")
    maker.iam.add_role_to_instance_profile(InstanceProfileName="other", RoleName="web")
    tags = {"elasticbeanstalk:environment-name": "shop", "AmazonECSManaged": ""}
    maker.group("web", maker.template("web", profile, DisableApiTermination=True), tags=tags)
    (row,) = adopt()["applications"]
    assert row["notes"] == [
        "Its tags say that it is managed by: Terraform, Elastic Beanstalk environment shop, ECS capacity provider.",
        "Its role is also held by: other. No application manages these instance profiles.",
        "These settings of its launch template stay as they are: DisableApiTermination.",
        "The tags of its resources differ, so they stay as they are: application_tags sets the same for all.",
    ]


def test_scope_is_path_tags_or_groups(fleets, adopt, maker):
    for name, path, tags in (("web", "/web/", {}), ("jobs", "/", {"Stage": "test"})):
        profile = maker.role(name, Path=path, tags=tags)
        maker.group(f"{name}-group", maker.configuration(f"{name}-2019", profile))
    maker.role("alone", Path="/web/")
    scopes = {
        "all": ({}, ["alone", "jobs", "web"]),
        "path": ({"iam_path": "/web/"}, ["alone", "web"]),
        "tags": ({"tags": {"Stage": "test"}}, ["jobs"]),
        "regex": ({"group_regex": "^(web|jobs)-"}, ["jobs", "web"]),
    }
    found = {}
    for kind, (options, dummy) in scopes.items():
        result = adopt(check_mode=True, **options)
        found[kind] = sorted(each["name"].partition("-")[0] for each in result["applications"])
    assert found == {kind: names for kind, (dummy, names) in scopes.items()}
    with pytest.raises(LaunchkitError, match="group_regex: '\\(' is no regular expression"):
        adopt(group_regex="(")


def test_most_frequent_values_are_defaults(fleets, adopt, maker):
    for name in ("a", "b", "c"):
        make_web(
            maker,
            name,
            InstanceType="t3.small" if name == "a" else "m5.large",
            InstanceMonitoring={"Enabled": name != "a"},
        )
    maker.role("d")
    file = loaded(adopt())
    assert file["fleet_defaults"]["application_instance_monitoring"] is True
    first = file["fleet_applications"][0]
    assert (first["application_instance_monitoring"], first["application_instance_type"]) == (False, "t3.small")
    assert file["fleet_applications"][3] == {"application_name": "d"}


def test_number_of_calls_does_not_depend_on_number_of_applications(fleets, adopt, maker):
    counts = []
    for names in (("a", "b"), ("c", "d", "e", "f")):
        for name in names:
            make_web(maker, name)
        fleets.aws.reset_calls()
        adopt(check_mode=True)
        counts.append(fleets.aws.counts()["total"])
    assert counts[0] == counts[1] <= 8


def test_what_the_collection_made_is_described_by_its_prefix(fleets, adopt):
    fleets.apply([with_group("web", user_data="hunter2")])
    file = loaded(adopt(user_data=True))
    (described,) = file["fleet_applications"]
    assert "application_launch_configuration_name" not in described
    assert fleets.summaries([{**file["fleet_defaults"], **described}]) == []


def test_taking_over_adds_tags_and_nothing_else(fleets, adopt, maker):
    make_web(maker, UserData=SECRET)
    profile = maker.role("api", tags={"Owner": "me"}, profile_tags={"Owner": "me"})
    maker.group("api", maker.template("api", profile, "$Latest", 2, {"Owner": "me"}), tags={"Owner": "me"})
    file = loaded(adopt())
    fleets.aws.reset_calls()
    done = fleets.apply(file["fleet_applications"], defaults=file["fleet_defaults"], adopt=True)
    assert done["totals"]["changed"] == 2
    assert set(fleets.writes()) == {"TagRole", "TagInstanceProfile", "CreateOrUpdateTags", "CreateTags"}
    assert planned(fleets, {"path": adopt()["path"]}, adopt=True) == []
    assert not adopt()["changed"]


@pytest.mark.parametrize("version", ["$Latest", "$Default"])
def test_role_leaves_as_it_is_what_the_fleet_leaves(fleets, role, version):
    left = {"keep_user_data": True, "launch_template_version": version}
    wanted = with_group("web", launch_with="launch_template", **left)
    nulls = ("metadata_options", "instance_monitoring", "launch_template_prune")
    wanted.update({f"application_{name}": None for name in nulls})
    changed = {**wanted, "application_image_id": OTHER_IMAGE}
    for each in (wanted, changed):
        assert role(each).changed
        assert fleets.summaries([each]) == []
        assert not role({**each, "application_trust_plan": False}).changed
    assert fleets.group()["LaunchTemplate"]["Version"] == version
    (template,) = fleets.aws.client("ec2").describe_launch_templates()["LaunchTemplates"]
    assert template["DefaultVersionNumber"] == (2 if version == "$Default" else 1)
