# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The migration of groups that boto3 made: what the plan says, what other people do meanwhile, and what stands in the way."""

from __future__ import annotations

import base64

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import migrate, refreshes
from ansible_collections.launchkit.aws.plugins.modules import autoscaling_launch_template_migration as module
from ansible_collections.launchkit.aws.plugins.modules import ec2_launch_template
from ansible_collections.launchkit.aws.tests.modules.migrations import (
    FAST,
    IMAGE,
    OTHER_IMAGE,
    SECRET,
    actions,
    reasons,
)

DELETE = {"delete_launch_configurations": True, "delete_min_age": 0}


@pytest.fixture
def web(fleet, profile, writes):
    """Three groups with two launch configurations."""
    profile("web")
    device = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8}}
    for name in ("web one", "web-two"):
        fleet.configuration(name, IamInstanceProfile="web", UserData=SECRET, BlockDeviceMappings=[device])
    fleet.group("web-a", "web one", 2)
    fleet.group("web-b", "web one")
    fleet.group("web-c", "web-two", 1)
    writes()
    return fleet


def before_the_change(monkeypatch, function):
    """Let another client of AWS do something after the plan was made, and before its first change."""
    carry_out = migrate.Migration._carry_out

    def changed(self, plans):
        function()
        carry_out(self, plans)

    monkeypatch.setattr(migrate.Migration, "_carry_out", changed)


# --- the plan ---


@pytest.mark.parametrize(
    "nothing",
    [{}, {"groups": None}, {"group_regex": ""}, {"group_tags": {}}, {"all": False}],
    ids=["unset", "null", "empty expression", "no tags", "not all"],
)
def test_migration_without_a_choice_is_refused(run, web, nothing, writes):
    for check_mode in (True, False):
        refused = run(module, check_mode=check_mode, **nothing)
        assert "groups: no Auto Scaling group is chosen." in refused["msg"]
        assert "launch_template_migration_groups" in refused["msg"]
    assert writes() == []
    assert run(module, groups=[])["migrations"] == []


def test_migration_check_mode_is_what_the_run_does(run, web, writes, aws):
    before = [web.describe(name) for name in ("web-a", "web-b", "web-c")]
    parameters = {"group_regex": "web", "template_names": {"web-two": "second"}}
    checked = run(module, check_mode=True, include_details=True, **parameters)
    assert writes() == []
    assert (checked["changed"], set(actions(checked).values())) == (True, {"would migrate"})
    assert [each["outdated_instances"] for each in checked["migrations"]] == [2, 0, 1]
    assert checked["plan"][-1] == "Plan: 3 groups to migrate."
    assert "      instance_profile: web (both)" in checked["plan"]
    assert max(map(len, checked["plan"])) <= 120
    aws.fault("error", "UpdateAutoScalingGroup", code="AccessDenied", status=403, message="denied")
    stopped = run(module, **parameters)
    assert stopped["failed"]
    assert sorted(actions(stopped).values()) == ["failed", "migrated", "migrated"]
    assert "1 of 3 groups failed; run the task again." in stopped["msg"]
    made = ["create_launch_template"] * 2 + ["update_auto_scaling_group"] * 2
    assert (stopped["changed"], sorted(call.partition(" ")[0] for call in stopped["calls"])) == (True, made)

    ran = run(module, **parameters)
    assert (ran["changed"], sorted(actions(ran).values())) == (True, ["already", "already", "migrated"])
    again = run(module, **parameters)
    assert (again["changed"], set(actions(again).values())) == (False, {"already"})
    assert [each["migrated_from"] for each in again["migrations"]] == ["web one", "web one", "web-two"]
    # They launch with templates that launch the same, and are otherwise as they were.
    first = again["migrations"][0]["launch_template"]
    after = [web.describe(name) for name in ("web-a", "web-b", "web-c")]
    sources = [each.pop("LaunchTemplate") for each in after]
    assert [each.pop("LaunchConfigurationName") for each in before] == ["web one", "web one", "web-two"]
    assert [each["LaunchTemplateName"] for each in sources] == [first, first, "second"]
    assert {each["Version"] for each in sources} == {"1"}
    assert after == before
    data = web.data(first)
    encoded = base64.b64encode(SECRET.encode()).decode()
    assert (data["IamInstanceProfile"], data["UserData"]) == ({"Name": "web"}, encoded)
    assert data["BlockDeviceMappings"][0]["Ebs"] == {"VolumeSize": 8, "DeleteOnTermination": True}
    for result in (checked, stopped, ran):
        assert SECRET not in result["printed"]
        assert encoded not in result["printed"]


def test_migration_tags_templates_and_what_they_launch(run, web):
    run(module, groups=["web-c"], tags={"Owner": "ops"})
    (found,) = web.ec2.describe_launch_templates(LaunchTemplateNames=["web-two"])["LaunchTemplates"]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert (tags["Owner"], tags["launchkit:launch-configuration"]) == ("ops", "web-two")
    kinds = {each["ResourceType"]: each["Tags"] for each in web.data("web-two")["TagSpecifications"]}
    assert kinds == {kind: [{"Key": "Owner", "Value": "ops"}] for kind in ("instance", "volume")}
    assert run(module, groups=["web-c"], state="reverted")["changed"]
    # Without the tags, it is not the same version.
    run(module, groups=["web-c"])
    assert web.source("web-c") == "web-two:2"
    assert "TagSpecifications" not in web.data("web-two")


def test_migration_denied_use_of_a_template_gets_advice(run, web, aws):
    text = "You are not authorized to use launch template: lt-1"
    aws.fault("error", "UpdateAutoScalingGroup", code="ValidationError", status=400, message=text)
    failed = run(module, groups=["web-c"])
    assert "ec2:RunInstances" in failed["msg"]


# --- 1: what others change meanwhile stays ---


@pytest.mark.parametrize("refresh", [{}, FAST], ids=["update", "refresh"])
@pytest.mark.parametrize("kind", ["launch configuration", "launch template"])
def test_migration_leaves_a_deploy_alone(run, web, monkeypatch, refresh, kind):
    web.configuration("web-three", ImageId=OTHER_IMAGE)
    deployed = {"LaunchConfigurationName": "web-three"}
    if kind == "launch template":
        made = run(ec2_launch_template, name="new", image_id=OTHER_IMAGE, instance_type="t3.micro")
        deployed = {"LaunchTemplate": {"LaunchTemplateId": made["launch_template_id"], "Version": "1"}}
    before_the_change(monkeypatch, lambda: web.set("web-a", **deployed))
    result = run(module, group_regex="web", **refresh, **DELETE)
    assert web.source("web-a") == ("web-three" if kind == "launch configuration" else "new:1")
    assert actions(result) == {"web-a": "skipped", "web-b": "migrated", "web-c": "migrated"}
    assert "another run changed it. It was left as it is." in reasons(result)["web-a"]
    assert any("another run changed it" in each for each in result["warnings"])
    assert {"web-three"} <= set(web.configurations())


def test_migration_leaves_a_deploy_alone_while_refreshes_wait(run, web, monkeypatch):
    """With refreshes one after the other, the last group is begun long after the plan was made."""
    web.configuration("web-three")
    replaced = refreshes.Refreshes._replace

    def replace(self, refresh, outcome):
        replaced(self, refresh, outcome)
        if refresh.name == "web-a":
            web.set("web-c", LaunchConfigurationName="web-three")

    monkeypatch.setattr(refreshes.Refreshes, "_replace", replace)
    result = run(module, group_regex="web", **FAST)
    assert actions(result) == {"web-a": "migrated", "web-b": "migrated", "web-c": "skipped"}
    assert (web.source("web-c"), web.instances("web-c")) == ("web-three", ["web-two"])


# --- 3: a shared launch configuration ---


def test_migration_reuses_the_version_that_is_the_copy(run, web):
    run(module, groups=["web-a"])
    name = web.source("web-a").partition(":")[0]
    web.ec2.create_launch_template_version(
        LaunchTemplateName=name, SourceVersion="1", LaunchTemplateData={"ImageId": OTHER_IMAGE, "KeyName": "late"}
    )
    result = run(module, groups=["web-b"])
    assert (actions(result), web.source("web-b")) == ({"web-b": "migrated"}, f"{name}:1")
    assert web.versions(name) == [1, 2]


def test_migration_new_version_has_no_base(run, web, aws):
    run(module, groups=["web-a"])
    name = web.source("web-a").partition(":")[0]
    added = {"ImageId": OTHER_IMAGE, "EnclaveOptions": {"Enabled": True}, "DisableApiTermination": True}
    web.ec2.create_launch_template_version(LaunchTemplateName=name, SourceVersion="1", LaunchTemplateData=added)
    copied = web.data(name, "1")
    web.ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion="2")
    web.ec2.delete_launch_template_versions(LaunchTemplateName=name, Versions=["1"])
    latest = {"LaunchTemplate": {"LaunchTemplateName": name, "Version": "$Latest"}}
    web.set("web-a", **latest)
    blocked = run(module, groups=["web-b"])
    assert "would be what group 'web-a' launches, which follows $Latest." in blocked["msg"]
    assert web.versions(name) == [2]
    web.set("web-a", LaunchTemplate={"LaunchTemplateName": name, "Version": "$Default"})
    result = run(module, groups=["web-b"])
    assert any("'web-a' follows $Default" in each for each in result["warnings"])
    assert web.source("web-b") == f"{name}:3"
    assert web.data(name, "3") == copied


def test_migration_name_of_another_template_is_an_obstacle(run, web, writes):
    run(ec2_launch_template, name="web-two", image_id=IMAGE)
    writes()
    blocked = run(module, group_regex="web")
    assert "a launch template named 'web-two' exists with another source." in blocked["msg"]
    assert blocked["msg"].startswith("on_obstacle: 1 of 3 groups cannot be changed.")
    assert actions(blocked) == {"web-a": "not begun", "web-b": "not begun", "web-c": "blocked"}
    gone = run(module, groups=["web-a", "gone"])
    assert "Auto Scaling group gone does not exist" in gone["msg"]
    assert writes() == []


# --- 6: deletion ---


def test_deletion_stays_within_the_selection(run, web):
    run(module, group_regex="web", **FAST)
    result = run(module, groups=["web-c"], **DELETE)
    assert result["deleted_launch_configurations"] == ["web-two"]
    assert web.configurations() == ["web one"]


@pytest.mark.parametrize(
    ("age", "reason"),
    [(None, "a group left it"), (3600, "delete_min_age is 3600"), (0, None)],
    ids=["default", "hour", "none"],
)
def test_deletion_waits_for_the_age(run, web, age, reason):
    options = {"delete_launch_configurations": True, **({} if age is None else {"delete_min_age": age})}
    result = run(module, groups=["web-c"], **FAST, **options)
    kept = {each["name"]: each["reason"] for each in result["kept_launch_configurations"]}
    assert (reason is None and kept == {}) or reason in kept["web-two"]
    assert ("web-two" in web.configurations()) == (reason is not None)


def test_deletion_leaves_what_an_instance_was_launched_from(run, web):
    result = run(module, group_regex="web", **DELETE)
    reasons_ = {each["name"]: each["reason"] for each in result["kept_launch_configurations"]}
    assert sorted(reasons_) == ["web one", "web-two"]
    assert all("was launched from it" in each for each in reasons_.values())
    # Nothing else of another group counts as outdated.
    checked = run(module, check_mode=True, group_regex="web", **FAST, **DELETE)
    assert checked["deleted_launch_configurations"] == ["web one", "web-two"]


def test_deletion_trusts_no_copied_tag(run, web):
    """Somebody copied a template with its tags, and changed it: the launch configuration was never migrated."""
    tags = [{"Key": "launchkit:launch-configuration", "Value": "web-two"}]
    made = web.ec2.create_launch_template(
        LaunchTemplateName="copied",
        LaunchTemplateData={"ImageId": OTHER_IMAGE},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )["LaunchTemplate"]["LaunchTemplateId"]
    web.set("web-b", LaunchTemplate={"LaunchTemplateId": made, "Version": "1"})
    web.set("web-c", LaunchConfigurationName="web one")
    web.autoscaling.update_auto_scaling_group(AutoScalingGroupName="web-c", MinSize=0, DesiredCapacity=0)
    result = run(module, groups=["web-b"], **DELETE)
    assert (actions(result), result["migrations"][0]["migrated_from"]) == ({"web-b": "already"}, "")
    assert "web-two" in web.configurations()


@pytest.mark.parametrize("name", ["shop-LaunchConfig", "other-Config-1ABCDEFGHIJ2"])
def test_deletion_leaves_a_stack_its_launch_configuration(run, fleet, name):
    fleet.configuration(name)
    fleet.configuration("any")
    fleet.group("web", name)
    fleet.group("shop", "any", tags={"kept": "yes"})
    fleet.aws.client("autoscaling").create_or_update_tags(
        Tags=[
            {
                "ResourceId": "shop",
                "ResourceType": "auto-scaling-group",
                "Key": "aws:cloudformation:stack-name",
                "Value": "shop",
                "PropagateAtLaunch": False,
            }
        ]
    )
    result = run(module, groups=["web"], **DELETE)
    assert actions(result) == {"web": "migrated"}
    assert "CloudFormation" in result["kept_launch_configurations"][0]["reason"]
    assert name in fleet.configurations()


def test_deletion_reads_all_groups_once(run, fleet, aws):
    for index in range(6):
        fleet.configuration(f"lc-{index}")
        fleet.group(f"web-{index}", f"lc-{index}")
    run(module, all=True)
    aws.reset_calls()
    run(module, all=True, **DELETE)
    operations = [call["operation"] for call in aws.calls()]
    assert operations.count("DeleteLaunchConfiguration") == 6
    assert operations.count("DescribeAutoScalingGroups") == 2
    assert fleet.configurations() == []


# --- 7: owners ---


OWNERS = {
    "elasticbeanstalk:environment-name": ("shop", "Elastic Beanstalk environment shop owns the group"),
    "eks:nodegroup-name": ("nodes", "managed node group nodes of EKS owns the group"),
    "kops.k8s.io/instancegroup": ("nodes", "instance group nodes of kops owns the group"),
    "kubernetes.io/cluster/main": ("owned", "Kubernetes cluster main owns the group"),
    "AWSBatchServiceTag": ("batch", "AWS Batch owns the group"),
    "opsworks:stack": ("shop", "OpsWorks owns the group"),
    "pulumi:project": ("shop", "Pulumi owns the group"),
    "managed-by": ("Terraform", "its tags name Terraform"),
    "launchkit:application": ("web", "set application_launch_with to launch_template"),
}


@pytest.mark.parametrize("tag", OWNERS)
def test_migration_skips_what_others_own(run, fleet, writes, tag):
    value, sentence = OWNERS[tag]
    fleet.configuration("lc")
    fleet.group("web", "lc", tags={tag: value})
    writes()
    skipped = run(module, all=True)
    assert (skipped["changed"], actions(skipped)) == (False, {"web": "skipped"})
    assert sentence in reasons(skipped)["web"]
    refused = run(module, all=True, on_owner="fail")
    assert sentence in refused["msg"]
    assert writes() == []
    migrated = run(module, all=True, on_owner="migrate")
    assert actions(migrated) == {"web": "migrated"}
    assert any(sentence in each for each in migrated["warnings"])
    # Owners are named for groups that have moved, too.
    assert sentence in run(module, all=True)["migrations"][0]["owners"][0]


# --- 8: each group goes as far as it can ---


def test_template_that_fails_stops_its_groups_only(run, web, aws):
    aws.fault("error", "CreateLaunchTemplate", code="UnauthorizedOperation", status=403, message="denied")
    result = run(module, group_regex="web", **FAST, **DELETE)
    assert result["failed"]
    found = actions(result)
    failed = {name for name, action in found.items() if action == "failed"}
    assert failed in ({"web-a", "web-b"}, {"web-c"})
    assert {action for name, action in found.items() if name not in failed} == {"migrated"}
    gone = {"web-two"} if "web-a" in failed else {"web one"}
    assert set(result["deleted_launch_configurations"]) == gone
    assert set(web.configurations()) == {"web one", "web-two"} - gone
    assert all(reasons(result)[name] for name in failed)


# --- 9: check mode foresees what a run would be refused ---


def obstacle_profile(fleet):
    fleet.aws.client("iam").remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web")
    return "names instance profile 'web', which has no role."


def obstacle_no_profile(fleet):
    obstacle_profile(fleet)
    fleet.aws.client("iam").delete_instance_profile(InstanceProfileName="web")
    return "names instance profile 'web', which does not exist."


def obstacle_key(fleet):
    fleet.ec2.delete_key_pair(KeyName="operations")
    return "names key pair 'operations', which does not exist any more."


def obstacle_group(fleet):
    (group,) = fleet.ec2.describe_security_groups(GroupNames=["one"])["SecurityGroups"]
    fleet.ec2.delete_security_group(GroupId=group["GroupId"])
    return f"names security group '{group['GroupId']}', which does not exist any more."


def obstacle_suspended(fleet):
    fleet.autoscaling.suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["Launch"])
    return "the process Launch of the group is suspended"


def obstacle_protected(fleet):
    ids = [each["InstanceId"] for each in fleet.describe("web")["Instances"]]
    fleet.autoscaling.set_instance_protection(AutoScalingGroupName="web", InstanceIds=ids, ProtectedFromScaleIn=True)
    return f"refresh_scale_in_protected_instances: a refresh would wait for an hour and fail, since instances are protected from scale-in: {ids[0]}."


def obstacle_refresh(fleet):
    fleet.aws.set(refresh_step_seconds=60)
    identity = fleet.autoscaling.start_instance_refresh(AutoScalingGroupName="web")["InstanceRefreshId"]
    return f"instance refresh {identity} is in progress."


@pytest.mark.parametrize(
    "obstacle",
    [
        obstacle_profile,
        obstacle_no_profile,
        obstacle_key,
        obstacle_group,
        obstacle_suspended,
        obstacle_protected,
        obstacle_refresh,
    ],
    ids=lambda obstacle: obstacle.__name__,
)
def test_obstacle_is_named_before_anything_is_made(run, fleet, profile, scenery, writes, obstacle):
    profile("web")
    size = 1 if obstacle in (obstacle_suspended, obstacle_protected, obstacle_refresh) else 0
    group = scenery["ids"][0] if size == 0 else scenery["ids"][1]
    fleet.configuration("lc", IamInstanceProfile="web", KeyName="operations", SecurityGroups=[group])
    fleet.configuration("fine")
    fleet.group("web", "lc", size)
    fleet.group("other", "fine")
    sentence = obstacle(fleet)
    writes()
    for check_mode in (True, False):
        blocked = run(module, check_mode=check_mode, all=True, **FAST)
        assert sentence in blocked["msg"]
        assert actions(blocked) == {"other": "not begun", "web": "blocked"}
    assert writes() == []
    skipped = run(module, all=True, on_obstacle="skip", **FAST)
    assert actions(skipped) == {"other": "migrated", "web": "blocked"}
    assert sentence in reasons(skipped)["web"]
    assert any(line.startswith("  ! web: ") for line in skipped["plan"][:1])


def test_refresh_that_waits_for_hooks_and_warm_pools_is_a_warning(run, web):
    web.autoscaling.put_lifecycle_hook(
        AutoScalingGroupName="web-c",
        LifecycleHookName="drain",
        LifecycleTransition="autoscaling:EC2_INSTANCE_TERMINATING",
        HeartbeatTimeout=600,
    )
    web.autoscaling.put_warm_pool(AutoScalingGroupName="web-c", MinSize=0)
    checked = run(module, check_mode=True, groups=["web-c"], **FAST)
    (row,) = checked["migrations"]
    assert "lifecycle hook 'drain' at each instance" in row["warnings"][0]
    assert "warm pool" in row["warnings"][1]


# --- 5: the way back ---


def test_failed_refresh_goes_back_to_the_launch_configuration(run, web, aws):
    aws.set(refresh_fails=True)
    failed = run(module, groups=["web-c"], **FAST)
    assert "was rolled back; the group launches what it did before" in failed["msg"]
    assert (web.source("web-c"), web.instances("web-c")) == ("web-two", ["web-two"])
    assert actions(failed) == {"web-c": "failed"}


def test_refresh_in_a_later_run_goes_back_too(run, web, aws):
    run(module, groups=["web-c"])
    assert (web.source("web-c"), web.instances("web-c")) == ("web-two:1", ["web-two"])
    aws.set(refresh_fails=True)
    failed = run(module, groups=["web-c"], **FAST)
    assert "was rolled back; the group launches what it did before" in failed["msg"]
    assert (web.source("web-c"), web.instances("web-c")) == ("web-two", ["web-two"])
    aws.set(refresh_fails=False)
    assert actions(run(module, groups=["web-c"], **FAST)) == {"web-c": "migrated"}
    assert (web.source("web-c"), web.instances("web-c")) == ("web-two:1", ["web-two:1"])


def test_refresh_that_is_refused_leaves_the_group_on_its_template(run, web, aws):
    run(module, groups=["web-c"])
    aws.fault("error", "StartInstanceRefresh", code="LimitExceeded", status=400, message="too many")
    failed = run(module, groups=["web-c"], **FAST)
    assert "too many" in failed["msg"]
    assert web.source("web-c") == "web-two:1"


@pytest.mark.parametrize("change", ["launch configuration deleted", "other version"])
def test_rollback_that_cannot_be_is_refused(run, web, change):
    run(module, groups=["web-c"])
    if change == "launch configuration deleted":
        web.autoscaling.delete_launch_configuration(LaunchConfigurationName="web-two")
        reason = "launch configuration 'web-two' does not exist any more"
    else:
        web.ec2.create_launch_template_version(
            LaunchTemplateName="web-two", SourceVersion="1", LaunchTemplateData={"ImageId": OTHER_IMAGE}
        )
        web.set("web-c", LaunchTemplate={"LaunchTemplateName": "web-two", "Version": "2"})
        reason = "it launches from version 2 of its template, which is not a copy of its launch configuration"
    refused = run(module, groups=["web-c"], **FAST)
    assert f"refresh_auto_rollback: a failed refresh could not be rolled back, since {reason}." in refused["msg"]
    result = run(module, groups=["web-c"], **{**FAST, "refresh_auto_rollback": False})
    assert actions(result) == {"web-c": "refreshed"}
    assert web.instances("web-c") == [web.source("web-c")]


def test_reverted_groups_launch_from_their_launch_configurations(run, web, writes):
    run(module, group_regex="web", **FAST)
    writes()
    checked = run(module, check_mode=True, group_regex="web", state="reverted")
    assert set(actions(checked).values()) == {"would revert"}
    assert writes() == []
    result = run(module, group_regex="web", state="reverted", **FAST)
    assert set(actions(result).values()) == {"reverted"}
    for name, source in (("web-a", "web one"), ("web-b", "web one"), ("web-c", "web-two")):
        assert (web.source(name), set(web.instances(name)) | {source}) == (source, {source})
    again = run(module, group_regex="web", state="reverted", **FAST)
    assert (again["changed"], set(actions(again).values())) == (False, {"already"})


def test_reverted_state_needs_the_copy(run, web):
    run(module, groups=["web-c"])
    web.ec2.create_launch_template_version(
        LaunchTemplateName="web-two", SourceVersion="1", LaunchTemplateData={"ImageId": OTHER_IMAGE}
    )
    web.set("web-c", LaunchTemplate={"LaunchTemplateName": "web-two", "Version": "2"})
    refused = run(module, groups=["web-c"], state="reverted")
    assert "it launches from version 2 of launch template 'web-two', which is not a copy" in refused["msg"]


# --- 4: one failure does not become three rollouts ---


@pytest.fixture
def four(fleet):
    """Four groups, of which the third is the smallest."""
    for index, size in enumerate((2, 2, 1, 2)):
        fleet.configuration(f"lc-{index}")
        fleet.group(f"web-{index}", f"lc-{index}", size)
    return fleet


def begun(fleet):
    return sorted(
        name
        for name in (f"web-{index}" for index in range(4))
        if fleet.autoscaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
    )


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["web-0"]),
        ({"refresh_max_failures": 2}, ["web-0", "web-1"]),
        ({"refresh_canary": ["smallest"]}, ["web-2"]),
        ({"refresh_canary": ["web-3"], "refresh_max_failures": 3}, ["web-3"]),
        ({"refresh_concurrency": 2}, ["web-0", "web-1"]),
    ],
    ids=["one", "two failures", "smallest", "canary", "batch"],
)
def test_failed_refresh_stops_what_is_not_begun(run, four, aws, options, expected):
    aws.set(refresh_fails=True)
    failed = run(module, all=True, **FAST, **options)
    assert begun(four) == expected
    assert actions(failed) == {
        f"web-{index}": "failed" if f"web-{index}" in expected else "not begun" for index in range(4)
    }
    assert "The instance refresh was not begun, because another one failed." in failed["msg"]
    assert all(four.source(f"web-{index}") == f"lc-{index}" for index in range(4))


def test_canary_has_to_be_part_of_the_run(run, four, writes):
    writes()
    refused = run(module, all=True, **FAST, refresh_canary=["wbe-0"])
    assert "refresh_canary: wbe-0 is not part of this run." in refused["msg"]
    assert writes() == []


def test_canary_comes_first_and_the_others_follow(run, four, tmp_path):
    progress = tmp_path / "progress"
    result = run(
        module, all=True, **FAST, refresh_canary=["smallest"], refresh_concurrency=3, progress_path=str(progress)
    )
    assert set(actions(result).values()) == {"migrated"}
    lines = progress.read_text(encoding="utf-8").splitlines()
    steps = [line for line in lines if line.startswith("Instance refresh ")]
    assert [line.partition(",")[0] for line in steps] == [f"Instance refresh {number} of 4" for number in range(1, 5)]
    assert ": web-2: done" in steps[0]
    assert any(line.startswith("Launch template 4 of 4, ") for line in lines)
    assert any("continues if this task is interrupted." in line for line in lines)
