# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The way of groups from launch configurations to launch templates: who goes, under which name, and what stands in the way."""

from __future__ import annotations

import re

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import migration
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migration import SOURCE_TAG
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import LaunchTemplate
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, template_strategies
from hypothesis import given
from hypothesis import strategies as st

TEMPLATE = {"LaunchTemplateId": "lt-1", "LaunchTemplateName": "web", "Version": "2"}
MADE = LaunchTemplate("lc", {"LaunchTemplateId": "lt-2"}, latest_version=3)


def group(name="web", configuration="lc", *launched, tags=None, **uses):
    """A group as the API gives it, with an instance for each of what its instances were launched from."""
    if not uses:
        uses = {"LaunchConfigurationName": configuration}
    return {
        "AutoScalingGroupName": name,
        "Instances": [{"InstanceId": f"i-{index}", **each} for index, each in enumerate(launched)],
        "Tags": [{"Key": key, "Value": value} for key, value in (tags or {}).items()],
        **uses,
    }


def configuration(name="lc", **members):
    return {name: aws_answers.launch_configuration(name, **members)}


GROUPS = [group("web-1", tags={"Stage": "test"}), group("web-2", tags={"Stage": "live", "Owner": ""}), group("api")]


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        pytest.param({}, ["api", "web-1", "web-2"], id="all"),
        pytest.param({"names": ["web-2", "api"]}, ["api", "web-2"], id="by name"),
        pytest.param({"names": []}, [], id="no name"),
        pytest.param({"pattern": re.compile("web-")}, ["web-1", "web-2"], id="by regular expression"),
        pytest.param({"pattern": re.compile("eb")}, [], id="at the beginning"),
        pytest.param({"tags": {"Stage": "test"}}, ["web-1"], id="by tag"),
        pytest.param({"tags": {"Stage": None}}, ["web-1", "web-2"], id="by any value of a tag"),
        pytest.param({"tags": {"Stage": "live", "Owner": None}}, ["web-2"], id="by two tags"),
        pytest.param(
            {"names": ["web-1", "api"], "pattern": re.compile("web"), "tags": {"Stage": "test"}},
            ["web-1"],
            id="by everything",
        ),
    ],
)
def test_chosen_groups(selection, names):
    assert [each["AutoScalingGroupName"] for each in migration.chosen_groups(GROUPS, **selection)] == names


def test_a_group_that_does_not_exist():
    with pytest.raises(
        MissingReference,
        match=r"groups: Auto Scaling group nope, nor does not exist in this Region\. .*No changes were made\.",
    ):
        migration.chosen_groups(GROUPS, names=["web-1", "nope, nor"])


def test_compiled_refuses_what_is_no_expression():
    assert (migration.compiled(None), migration.compiled("w")) == (None, re.compile("w"))
    with pytest.raises(InvalidOption, match=r"group_regex: '\(' is not a regular expression: "):
        migration.compiled("(")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("web", "web", id="the same"),
        pytest.param("Web-(v1.2)/a_b", "Web-(v1.2)/a_b", id="all that is possible"),
        pytest.param("two words", "two-words-a03f1d61", id="a blank"),
        pytest.param("ab", "ab-fb8e20fc", id="too short"),
        pytest.param("größe", "gr--e-d353a267", id="letters beyond ASCII"),
        pytest.param("n" * 129, "n" * 119 + "-0bf2917c", id="too long"),
    ],
)
def test_template_name(name, expected):
    # The digits are the first of the name's SHA-256.
    assert migration.template_name(name) == expected


# https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html: nearly everything is possible.
CONFIGURATION_NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=255)


@given(CONFIGURATION_NAMES)
def test_template_names_are_possible_and_stay(name):
    made = migration.template_name(name)
    assert launch_template.check_name("name", made) == made
    assert migration.template_name(made) == made


@given(st.sets(CONFIGURATION_NAMES | st.text("ab -", min_size=1, max_size=4), max_size=20))
def test_template_names_differ(names):
    assert len({migration.template_name(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        pytest.param({"one": "a"}, "template_names: 'a' is not possible; EC2 takes 3 to 128", id="impossible"),
        pytest.param(
            {"one": "web", "two": "web"},
            "template_names: two launch configurations have the same name. Set different names.",
            id="the same",
        ),
    ],
)
def test_refused_template_names(names, message):
    with pytest.raises(InvalidOption) as refused:
        migration.check_template_names(names)
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("members", "words"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"SecurityGroups": ["sg-1"]}, [], id="ids"),
        pytest.param({"ClassicLinkVPCId": "vpc-1"}, ["it links to EC2-Classic"], id="ClassicLink"),
        pytest.param(
            {"ClassicLinkVPCSecurityGroups": ["sg-1"]}, ["it links to EC2-Classic"], id="ClassicLink's groups"
        ),
        pytest.param(
            {"SecurityGroups": ["default", "sg-1"]}, ["it names security groups of EC2-Classic (default)"], id="names"
        ),
    ],
)
def test_obstacles(members, words):
    found = migration.obstacles(aws_answers.launch_configuration(**members))
    assert len(found) == len(words)
    for sentence, word in zip(found, words):
        assert word in sentence


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        pytest.param({"Name": "web"}, [], id="nobody"),
        pytest.param(
            {"aws:cloudformation:stack-name": "shop"}, ["CloudFormation stack shop owns the group"], id="CloudFormation"
        ),
        pytest.param(
            {"elasticbeanstalk:environment-name": "e-1"},
            ["Elastic Beanstalk environment e-1 owns the group"],
            id="Beanstalk",
        ),
        pytest.param({"managed_by": "Terraform"}, ["its tags name Terraform"], id="Terraform in a value"),
        pytest.param({"terraform-workspace": "live"}, ["its tags name Terraform"], id="Terraform in a key"),
    ],
)
def test_owners(tags, words):
    found = migration.owners(group(tags=tags))
    assert [word in sentence for sentence, word in zip(found, words)] == [True] * len(words)
    assert len(found) == len(words)


def test_the_template_launches_what_the_launch_configuration_did():
    members = {
        "UserData": "b25l",
        "IamInstanceProfile": "web",
        "BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 1}}],
    }
    (step,) = migration.steps([group()], configuration(**members), {}, {})
    assert (step.name, step.configuration, step.obstacles) == ("web", "lc", ())
    target = step.target
    assert (target.name, target.version_description) == (
        migration.template_name("lc"),
        "Made from launch configuration lc",
    )
    assert (target.tags, target.purge_tags, target.default_version) == ({SOURCE_TAG: "lc"}, False, "keep")
    assert target.settings.instance_profile_name == "web"
    assert target.settings.user_data.content == b"one"
    assert target.settings.volumes == (BlockDevice("/dev/sdf", volume_size=1, delete_on_termination=True),)


def test_steps():
    groups = [group(), group("done", LaunchTemplate=TEMPLATE), group("lost", "gone"), group("classic", "old")]
    configurations = {**configuration(), **configuration("old", ClassicLinkVPCId="vpc-1")}
    found = migration.steps(groups, configurations, {"lc": "given"}, {})
    assert [
        (each.name, each.configuration, each.target and each.target.name, len(each.obstacles)) for each in found
    ] == [
        ("web", "lc", "given", 0),
        ("done", "", None, 0),
        ("lost", "gone", None, 1),
        ("classic", "old", None, 1),
    ]


@pytest.mark.parametrize(
    ("taken", "names", "blocked"),
    [
        pytest.param({}, {}, [], id="free"),
        pytest.param({"one": "one"}, {}, [], id="made from it"),
        pytest.param({"one": None}, {}, ["one"], id="somebody's"),
        pytest.param({"one": "two"}, {}, ["one"], id="made from another"),
        pytest.param({}, {"one": "two"}, ["one", "two"], id="planned for another"),
        pytest.param({"one": None}, {"one": "other"}, [], id="another name"),
    ],
)
def test_name_clashes(taken, names, blocked):
    configurations = {**configuration("one"), **configuration("two")}
    # Two groups that use the same launch configuration share its template.
    groups = [group("a", "one"), group("b", "one"), group("c", "two")]
    found = migration.steps(groups, configurations, names, taken)
    assert sorted({each.configuration for each in found if each.obstacles}) == blocked
    assert all((each.target is None) == bool(each.obstacles) for each in found)


FROM_LC = {"LaunchConfigurationName": "lc"}
FROM_OLD = {"LaunchTemplate": {**TEMPLATE, "Version": "1"}}
FROM_NEW = {"LaunchTemplate": TEMPLATE}
MIXED = {"MixedInstancesPolicy": {"LaunchTemplate": {"LaunchTemplateSpecification": TEMPLATE}}}


@pytest.mark.parametrize(
    ("found", "template", "expected"),
    [
        pytest.param(
            group("web", "lc", FROM_LC, FROM_LC),
            MADE,
            ["lc", "lc", "lt-2", "3", "migrated", "lc", 2],
            id="to be migrated",
        ),
        pytest.param(
            group("web", "lc", FROM_LC),
            LaunchTemplate("lc"),
            ["lc", "lc", "", "1", "migrated", "lc", 1],
            id="in check mode",
        ),
        pytest.param(
            group("web", None, FROM_LC, FROM_OLD, FROM_NEW, LaunchTemplate=TEMPLATE),
            None,
            ["", "web", "lt-1", "2", "already", "old", 2],
            id="stopped after the group",
        ),
        pytest.param(
            group("web", None, FROM_NEW, FROM_OLD, **MIXED),
            None,
            ["", "web", "lt-1", "2", "already", "old", 1],
            id="mixed instances",
        ),
        pytest.param(
            group("web", None, FROM_LC, FROM_OLD, LaunchTemplate={**TEMPLATE, "Version": "$Latest"}),
            None,
            ["", "web", "lt-1", "$Latest", "already", "old", 1],
            id="newest version",
        ),
        pytest.param(group("web", "gone", FROM_LC), None, ["gone", "", "", "", "blocked", "", 1], id="blocked"),
    ],
)
def test_row(found, template, expected):
    (step,) = migration.steps([found], configuration(), {}, {})
    row = migration.row(step, {"web": "old", "lc": None}, template)
    keys = (
        "launch_configuration",
        "launch_template",
        "launch_template_id",
        "version",
        "action",
        "migrated_from",
        "outdated_instances",
    )
    assert [row[key] for key in keys] == expected


def test_unused():
    groups = [group("a", "one"), group("b", "two"), group("c", "one"), group("d", LaunchTemplate=TEMPLATE)]
    assert migration.unused(["two", "one", "three"], groups, {"b"}) == ["three", "two"]
    assert migration.unused(["two", "one"], groups, {"a", "b", "c"}) == ["one", "two"]


def test_sources_of():
    templates = [{"LaunchTemplateName": "a", "Tags": [{"Key": SOURCE_TAG, "Value": "lc"}]}, {"LaunchTemplateName": "b"}]
    assert migration.sources_of(templates) == {"a": "lc", "b": None}


def test_table():
    found = group("web", "lc", FROM_LC, tags={"managed-by": "terraform"})
    (step,) = migration.steps([found], configuration(), {}, {})
    (other,) = migration.steps([group("a-longer-name", "gone")], {}, {}, {})
    lines = migration.table([migration.row(step, {}, MADE), migration.row(other, {})])
    assert lines == [
        "group          launch_configuration  launch_template  version  outdated_instances  action    reason",
        "web            lc                    lc               3        1                   migrated  "
        "its tags name Terraform: change its configuration too, or its next run undoes this",
        "a-longer-name  gone                  -                -        0                   blocked   "
        "the launch configuration does not exist any more; set another one first",
    ]
    assert migration.table([]) == ["  ".join(migration.COLUMNS)]


@given(st.data())
def test_whoever_has_no_obstacle_gets_a_template_and_nobody_is_left_out(data):
    configurations = {
        **configuration("one"),
        **configuration("two words"),
        **configuration("old", ClassicLinkVPCId="vpc-1"),
    }
    groups = data.draw(template_strategies.groups(configurations))
    planned = migration.steps(groups, configurations, {}, {"nine": None})
    assert [step.name for step in planned] == [each["AutoScalingGroupName"] for each in groups]
    for step, each in zip(planned, groups):
        row = migration.row(step, {}, MADE if step.target else None)
        assert (row["action"] == "already") == ("LaunchTemplate" in each)
        assert (row["action"] == "blocked") == bool(step.obstacles)
        assert (row["action"] == "migrated") == (step.target is not None)
        assert migration.row(step, {})["action"] == ("waiting" if step.target else row["action"])
        assert bool(row["reason"]) >= bool(step.obstacles)
        assert 0 <= row["outdated_instances"] <= len(each["Instances"])


def test_obstacles_are_kept_when_names_clash():
    (step,) = migration.steps([group("a", "one")], configuration("one", ClassicLinkVPCId="vpc-1"), {}, {"one": None})
    assert step.obstacles == migration.obstacles({"ClassicLinkVPCId": "vpc-1"})
