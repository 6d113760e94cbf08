# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The plan of a migration: who is chosen, under which name, what each group needs, and how the plan is shown."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import (
    migration,
    migration_deletion,
    migration_text,
    template_copy,
)
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migration_model import GroupPlan, Observation
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.migration_plan import Planner
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.owners import owners, owning_stack
from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.template_copy import (
    MOVED_TAG,
    SOURCE_TAG,
    Copy,
    State,
    Version,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers, template_strategies
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 27, tzinfo=timezone.utc)


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


def configurations(*names, **members):
    return {name: aws_answers.launch_configuration(name, **members) for name in names}


def template(name, source=None, latest=1, **tags):
    tags = {**({SOURCE_TAG: source} if source else {}), **tags}
    return {
        "LaunchTemplateName": name,
        "LaunchTemplateId": f"lt-{name}",
        "LatestVersionNumber": latest,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def uses(name, version="1"):
    return {"LaunchTemplate": {"LaunchTemplateId": f"lt-{name}", "LaunchTemplateName": name, "Version": version}}


def plans(groups, found=None, templates=(), versions=None, refreshes=None, **options):
    found = configurations("lc", "one", "two") if found is None else found
    observation = Observation(
        NOW,
        tuple(groups),
        tuple(groups),
        found,
        {each["LaunchTemplateName"]: each for each in templates},
        versions or {},
        refreshes or {},
    )
    return Planner(observation, migration.Options(**options)).plans()


def copied(name, *members):
    """Versions of which the first is the copy of a launch configuration, and the others have more members."""
    data = template_copy.data_of(configurations(name)[name])
    return {number: Version({**data, **each}, NOW) for number, each in enumerate(({}, *members), 1)}


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
    assert [each["AutoScalingGroupName"] for each in migration.Selection(**selection).choose(GROUPS)] == names


def test_choose_missing_group_fails():
    with pytest.raises(
        MissingReference,
        match=r"groups: Auto Scaling group nope, nor does not exist in this Region\. .*No changes were made\.",
    ):
        migration.Selection(["web-1", "nope, nor"]).choose(GROUPS)


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
    ("tags", "words"),
    [
        pytest.param({"Name": "web"}, [], id="nobody"),
        pytest.param(
            {"aws:cloudformation:stack-name": "shop"}, ["CloudFormation stack shop owns the group"], id="CloudFormation"
        ),
        pytest.param(
            {"elasticbeanstalk:environment-name": "e-1", "aws:cloudformation:stack-name": "shop"},
            ["Elastic Beanstalk environment e-1 owns the group", "CloudFormation stack shop owns the group"],
            id="Beanstalk",
        ),
        pytest.param({"managed_by": "Terraform"}, ["its tags name Terraform"], id="Terraform in a value"),
        pytest.param({"terraform-workspace": "live"}, ["its tags name Terraform"], id="Terraform in a key"),
        pytest.param({"pulumi:stack": "live", "pulumi:project": "x"}, ["Pulumi owns the group"], id="Pulumi, once"),
        pytest.param({"launchkit:application": "web"}, ["application 'web' of the role application"], id="ours"),
    ],
)
def test_owners(tags, words):
    found = owners(group(tags=tags))
    assert [word in sentence for sentence, word in zip(found, words)] == [True] * len(words)
    assert len(found) == len(words)


@pytest.mark.parametrize(
    ("name", "stack", "is_owned"),
    [
        ("shop-Config", "shop", True),
        ("shopping", "shop", False),
        ("shop-Config-1ABCDEFGHIJ2", None, True),
        ("web-20260101", None, False),
        ("web-UPPERCASE", None, False),
    ],
)
def test_owning_stack(name, stack, is_owned):
    groups = [group(tags={"aws:cloudformation:stack-name": stack} if stack else {})]
    assert bool(owning_stack(name, groups)) is is_owned


V1 = uses("lc")
FROM_LC = {"LaunchConfigurationName": "lc"}


@pytest.mark.parametrize(
    ("found", "options", "expected"),
    [
        pytest.param(group("web", "lc", FROM_LC), {}, ("migrate", "1", 1, None), id="to be migrated"),
        pytest.param(group("web", None, V1, **V1), {}, ("nothing", "1", 0, None), id="migrated"),
        pytest.param(group("web", None, FROM_LC, V1, **V1), {}, ("nothing", "1", 1, None), id="instances stay"),
        pytest.param(
            group("web", None, FROM_LC, V1, **V1),
            {"refresh": {"auto_rollback": True}},
            ("refresh", "1", 1, "lc"),
            id="moved earlier",
        ),
        pytest.param(
            group("web", None, FROM_LC, **V1), {"refresh": {}}, ("refresh", "1", 1, None), id="without rollback"
        ),
        pytest.param(
            group("web", None, FROM_LC, **uses("lc", "2")),
            {"refresh": {"auto_rollback": True}},
            ("blocked", "2", 1, None),
            id="another version",
        ),
        pytest.param(
            group("web", None, uses("lc", "1"), **uses("lc", "2")),
            {"refresh": {"auto_rollback": True}},
            ("nothing", "2", 0, None),
            id="changed since",
        ),
        pytest.param(group("web", None, V1, **V1), {"is_reverted": True}, ("revert", "1", 1, None), id="reverted"),
        pytest.param(
            group("web", None, **uses("lc", "2")), {"is_reverted": True}, ("blocked", "2", 0, None), id="not the copy"
        ),
        pytest.param(group("web", "lc", V1), {"is_reverted": True}, ("nothing", None, 1, None), id="returned"),
        pytest.param(
            group("web", "lc", V1), {"is_reverted": True, "refresh": {}}, ("refresh", None, 1, None), id="half returned"
        ),
        pytest.param(
            group(
                "web",
                None,
                FROM_LC,
                MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": V1["LaunchTemplate"]}},
            ),
            {"refresh": {"auto_rollback": True}},
            ("nothing", "1", 0, None),
            id="mixed instances",
        ),
        pytest.param(group("web", "gone"), {}, ("blocked", None, 0, None), id="no launch configuration"),
    ],
)
def test_plan_of_a_group(found, options, expected):
    versions = {"lt-lc": copied("lc", {"KeyName": "other"})}
    names = {"lc": "lc"}
    (plan,) = plans([found], templates=[template("lc", "lc", 2)], versions=versions, template_names=names, **options)
    version = (plan.specification or {}).get("Version")
    assert (plan.state, version, len(plan.outdated), plan.back_to) == expected


@pytest.mark.parametrize(
    ("taken", "names", "blocked"),
    [
        pytest.param([], {}, [], id="free"),
        pytest.param([template("one", "one")], {}, [], id="made from it"),
        pytest.param([template("one")], {}, ["one"], id="somebody's"),
        pytest.param([template("one", "two")], {}, ["one"], id="made from another"),
        pytest.param([], {"one": "two"}, ["one", "two"], id="planned for another"),
        pytest.param([template("one")], {"one": "other"}, [], id="another name"),
    ],
)
def test_template_name_taken_blocks(taken, names, blocked):
    # Two groups that use the same launch configuration share its template.
    groups = [group("a", "one"), group("b", "one"), group("c", "two")]
    found = plans(groups, templates=taken, template_names=names)
    assert sorted({each.configuration for each in found if each.blockers}) == blocked


def test_copied_tag_is_not_trusted():
    other = {"lt-lc": {1: Version({"ImageId": "ami-other"})}}
    (plan,) = plans([group("web", None, FROM_LC, **V1)], templates=[template("lc", "lc")], versions=other, refresh={})
    assert (plan.state, plan.configuration) == ("nothing", "")


def copy(**tags):
    return Copy("lc", "lc", template_copy.data_of(configurations("lc")["lc"]), tags, NOW)


def moved(ago):
    return {MOVED_TAG: (NOW - timedelta(seconds=ago)).strftime(template_copy.TIME_FORMAT)}


@pytest.mark.parametrize(
    ("state", "operations"),
    [
        pytest.param(State(), ["create_launch_template"], id="none"),
        pytest.param(State(template("lc", "lc", **moved(0)), copied("lc")), [], id="the same"),
        pytest.param(
            State(template("lc", "lc", **moved(0)), copied("lc", {"KeyName": "k"})), [], id="an older version"
        ),
        pytest.param(
            State(template("lc", "lc", **moved(0)), {2: copied("lc", {"KeyName": "k"})[2]}),
            ["create_launch_template_version"],
            id="another",
        ),
        pytest.param(State(template("lc", "lc", **moved(3600)), copied("lc")), ["create_tags"], id="moved earlier"),
        pytest.param(State(template("lc", "lc", **moved(-5)), copied("lc")), [], id="moved by another run"),
    ],
)
def test_copy_plan(state, operations):
    assert [call.operation for call in template_copy.plan(copy(), state).calls] == operations


def test_copy_new_version_has_exactly_the_data_of_the_copy():
    state = State(template("lc", "lc", **moved(0)), {2: Version({"KeyName": "k", "ImageId": "ami-other"})})
    (call,) = template_copy.plan(copy(), state).calls
    assert call.arguments["LaunchTemplateData"] == copy().data
    assert "SourceVersion" not in call.arguments


def test_copy_waits_for_versions_to_show():
    plan = template_copy.plan(copy(), State(template("lc", "lc")))
    assert (plan.calls, bool(plan.waiting)) == ((), True)


@given(st.data())
def test_same_data_in_another_order_is_the_same(data):
    groups = data.draw(st.permutations(["sg-1", "sg-2", "sg-3"]))
    devices = data.draw(st.permutations([{"DeviceName": f"/dev/sd{each}", "Ebs": {"VolumeSize": 1}} for each in "fgh"]))
    one = {"SecurityGroupIds": ["sg-1", "sg-2", "sg-3"], "BlockDeviceMappings": sorted(devices, key=str)}
    other = {"BlockDeviceMappings": devices, "SecurityGroupIds": groups, "MetadataOptions": {"HttpTokens": "required"}}
    assert not template_copy.is_same(one, other)
    one["MetadataOptions"] = {"HttpTokens": "required", "State": "applied"}
    assert template_copy.is_same(one, other)


@pytest.mark.parametrize(
    ("groups", "age", "reason"),
    [
        pytest.param([group(**uses("lc"))], 3600, None, id="left long ago"),
        pytest.param([group(**uses("lc"))], 7201, "a group left it 7200 seconds ago", id="too young"),
        pytest.param([group(**uses("lc")), group("other")], 0, "group other names it", id="another group"),
        pytest.param(
            [group("web", None, FROM_LC, **uses("lc"))], 0, "instance i-0 was launched from it", id="an instance"
        ),
        pytest.param(
            [group(tags={"managed-by": "terraform"}, **uses("lc"))], 0, "its tags name Terraform", id="an owner"
        ),
        pytest.param(
            [group(**uses("lc")), group("other", "x", tags={"aws:cloudformation:stack-name": "l"})],
            0,
            None,
            id="a stack",
        ),
    ],
)
def test_deletion_judges(groups, age, reason):
    templates, versions = {"lc": template("lc", "lc", **moved(7200))}, {"lt-lc": copied("lc")}
    observation = Observation(NOW, tuple(groups), (groups[0],), configurations("lc"), templates, versions)
    options = migration.Options(delete=True, delete_min_age=age)
    judged = migration_deletion.judge(Planner(observation, options).plans(), observation, groups, options)
    if reason is None:
        assert judged == (("lc",), {})
    else:
        assert judged.deleted == ()
        assert reason in judged.kept["lc"]


def test_lines():
    found = [
        group("web", "lc", FROM_LC),
        group("api", "gone"),
        group("db", "one", tags={"managed-by": "terraform"}),
        group("n" * 100, "two"),
        group("done", None, **uses("x")),
    ]
    observed = configurations("lc", "one", "two")
    text = migration_text.lines(plans(found), None, observed, is_check=True)
    assert text == [
        "  ! api: launch configuration 'gone' does not exist any more. Set another one.",
        "  ~ would migrate web: launch configuration 'lc' -> new launch template 'lc-ef07b359'; 1 instance of before",
        f"  ~ would migrate {'n' * 97}...",
        "  skipped db: its tags name Terraform: change its configuration too, or its next run reverts the migration. Set on_...",
        "  nothing to do for 1 group: done",
        "Plan: 2 groups to migrate; 1 blocked, 1 skipped, 1 already.",
    ]


def test_details_show_no_user_data():
    observed = configurations("lc", UserData="c2VjcmV0LWtleQ==")
    text = "\n".join(
        migration_text.lines(plans([group()], observed), None, observed, is_check=False, with_details=True)
    )
    assert "10 bytes, sha256 " in text
    assert "c2VjcmV0" not in text


def test_markdown_escapes():
    lines = migration_text.markdown([migration_text.row(GroupPlan("a|b\n"))])
    assert lines[-1].startswith("| a\\|b\\n | already | ")


@given(st.data())
def test_every_group_has_a_plan_and_only_what_can_go_goes(data):
    found = {**configurations("one", "two words"), **configurations("old", ClassicLinkVPCId="vpc-1")}
    groups = data.draw(template_strategies.groups(found))
    planned = plans(groups, found, on_owner=data.draw(st.sampled_from(["skip", "fail", "migrate"])))
    assert [plan.name for plan in planned] == [each["AutoScalingGroupName"] for each in groups]
    for plan, each in zip(planned, groups):
        row = migration_text.row(plan)
        assert (row["action"] == "already") == ("LaunchTemplate" in each)
        assert (row["action"] == "blocked") == bool(plan.blockers and not plan.skipped)
        assert (row["action"] == "would migrate") == plan.is_going
        assert bool(row["reason"]) == bool(plan.blockers or plan.skipped)
        assert 0 <= row["outdated_instances"] <= len(each["Instances"])
    text = migration_text.lines(planned, None, found, is_check=True)
    assert max(map(len, text)) <= 120
    assert text[-1].startswith(("Plan: ", "No changes"))
