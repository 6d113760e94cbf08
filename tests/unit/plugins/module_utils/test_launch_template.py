# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch templates from a module's parameters, and the calls that bring them there: tables."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import Outcome
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import (
    InvalidOption,
    MissingReference,
    StillInUse,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan as launch_template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import LAUNCH_SETTINGS_ARGUMENTS
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template import Target
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.template_answers import Stored, state_of

PARAMS = {
    **dict.fromkeys(LAUNCH_SETTINGS_ARGUMENTS),
    "name": "web",
    "state": "present",
    "prune": None,
    "version_description": None,
    "default_version": "latest",
    "tags": None,
    "purge_tags": True,
}
SMALL = LaunchSettings(image_id="ami-1", instance_type="t3.small")
STORED = Stored("web", {1: {}, 2: {"ImageId": "ami-1", "InstanceType": "t3.small"}}, default=2, last=2)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param({}, Target("web"), id="name"),
        pytest.param({"image_id": "ami-1", "instance_type": "t3.small"}, Target("web", SMALL), id="settings"),
        pytest.param({"state": "absent", "image_id": "ami-1"}, Target("web", present=False), id="absent"),
        pytest.param({"default_version": "keep"}, Target("web", default_version="keep"), id="default stays"),
        pytest.param({"default_version": "3"}, Target("web", default_version=3), id="default by number"),
        pytest.param({"prune": {"keep": 2}}, Target("web", keep=2), id="prune"),
        pytest.param(
            {"tags": {"a": 1}, "purge_tags": False}, Target("web", tags={"a": "1"}, purge_tags=False), id="tags"
        ),
        pytest.param(
            {"version_description": "x" * 255}, Target("web", version_description="x" * 255), id="description"
        ),
    ],
)
def test_from_params(params, expected):
    assert launch_template.from_params({**PARAMS, **params}) == expected


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({"name": "ab"}, "name: 'ab' is not possible; EC2 takes 3 to 128 letters", id="short name"),
        pytest.param({"name": "a" * 129}, "is not possible; EC2 takes 3 to 128", id="long name"),
        pytest.param({"name": "two words"}, "name: 'two words' is not possible", id="blank in name"),
        pytest.param(
            {"default_version": "0"}, "default_version: '0' is not possible; give latest, keep, or", id="version 0"
        ),
        pytest.param({"default_version": "$Latest"}, "default_version: '$Latest' is not possible", id="$Latest"),
        pytest.param({"default_version": "²"}, "default_version: '²' is not possible", id="superscript"),
        pytest.param({"prune": {"keep": -1}}, "prune.keep: -1 is negative. Give 0 or more.", id="negative"),
        pytest.param(
            {"version_description": "x" * 256},
            "version_description: 256 characters are given; EC2 takes at most 255.",
            id="long text",
        ),
        pytest.param(
            {"instance_id": "i-1"},
            "instance_id: a launch template takes no settings from an instance.",
            id="instance",
        ),
        pytest.param({"tags": {"aws:x": "1"}}, "tags", id="tags of AWS"),
        pytest.param(
            {"tag_specifications": [{"resource_type": "volume", "tags": {}}] * 2},
            "tag_specifications: the resource_type 'volume' is given twice.",
            id="tags twice",
        ),
    ],
)
def test_refusals(params, message):
    with pytest.raises(InvalidOption) as refused:
        launch_template.from_params({**PARAMS, **params})
    assert message in refused.value.message


def plan(target, stored=STORED, groups=None):
    return launch_template_plan.plan(target, state_of(stored, groups))


def summary(planned):
    return [(call.operation, dict(call.arguments)) for call in planned.calls]


@pytest.mark.parametrize(
    ("target", "operations"),
    [
        pytest.param(Target("web", SMALL), [], id="the same"),
        pytest.param(Target("web"), [], id="nothing asked for"),
        pytest.param(Target("web", version_description="other"), [], id="another description alone"),
        pytest.param(
            Target("web", replace(SMALL, image_id="ami-2"), default_version="keep"),
            ["create_launch_template_version"],
            id="new version",
        ),
        pytest.param(
            Target("web", replace(SMALL, image_id="ami-2")),
            ["create_launch_template_version", "modify_launch_template"],
            id="new default",
        ),
        pytest.param(Target("web", SMALL, default_version=1), ["modify_launch_template"], id="back to the first"),
        pytest.param(Target("web", tags={"a": "1"}), ["create_tags"], id="tag"),
        pytest.param(Target("web", keep=0), ["delete_launch_template_versions"], id="prune"),
        pytest.param(Target("web", keep=1), [], id="keep one"),
        pytest.param(Target("web", default_version=1, keep=0), ["modify_launch_template"], id="the default stays"),
        pytest.param(Target("web", present=False), ["delete_launch_template"], id="absent"),
        pytest.param(
            Target("web", present=False, versions_to_delete=(1, 7)), ["delete_launch_template_versions"], id="a version"
        ),
        pytest.param(Target("web", present=False, versions_to_delete=(7,)), [], id="no such version"),
        pytest.param(
            Target("web", SMALL, default_version="keep", members={"CpuOptions": {"CoreCount": 1}}),
            ["create_launch_template_version"],
            id="member of the API",
        ),
        pytest.param(Target("web", SMALL, members={"ImageId": "ami-1"}), [], id="the same member"),
        # What a template leaves to image and account is not what anyone asked for.
        pytest.param(
            Target(
                "web", LaunchSettings(metadata_options=MetadataOptions(http_tokens="optional")), default_version="keep"
            ),
            ["create_launch_template_version"],
            id="said at last",
        ),
    ],
)
def test_plan(target, operations):
    assert [operation for operation, dummy in summary(plan(target))] == operations


def test_creation():
    target = Target("web", SMALL, version_description="first", tags={"a": "1"})
    assert summary(plan(target, None)) == [
        (
            "create_launch_template",
            {
                "LaunchTemplateName": "web",
                "LaunchTemplateData": {"ImageId": "ami-1", "InstanceType": "t3.small"},
                "VersionDescription": "first",
                "TagSpecifications": [{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "1"}]}],
            },
        )
    ]
    assert plan(replace(target, present=False), None).calls == ()


@pytest.mark.parametrize("stored", [None, STORED])
def test_a_profile_is_needed_before_anything_is_made(stored):
    (call, *dummy) = plan(
        Target("web", LaunchSettings(instance_profile_name="arn:aws:iam::123456789012:instance-profile/ops/api")),
        stored,
    ).calls
    assert [(need.kind, need.name) for need in call.needs] == [("instance_profile", "api")]


def test_the_same_version_has_the_same_token():
    """A repeated call, or two runs at once, make one version between them."""
    first = [call.arguments["ClientToken"] for call in plan(Target("web", LaunchSettings(key_name="a"))).calls[:1]]
    again = [call.arguments["ClientToken"] for call in plan(Target("web", LaunchSettings(key_name="a"))).calls[:1]]
    other = [call.arguments["ClientToken"] for call in plan(Target("web", LaunchSettings(key_name="b"))).calls[:1]]
    assert first == again != other
    assert len(first[0]) <= 64


def test_many_versions_are_deleted_in_batches():
    stored = Stored("web", {number: {} for number in range(1, 403)}, default=402, last=402)
    batches = [arguments["Versions"] for dummy, arguments in summary(plan(Target("web", keep=0), stored, {}))]
    assert [len(batch) for batch in batches] == [200, 200, 1]
    assert batches[0][0] == "1"


def test_undo_puts_default_and_tags_back():
    stored = replace(STORED, default=1, tags={"old": "1", "kept": "2"})
    calls = plan(Target("web", tags={"kept": "2", "new": "3"}), stored).calls
    assert [call.operation for call in calls] == ["modify_launch_template", "delete_tags", "create_tags"]
    assert calls[0].undo.arguments["DefaultVersion"] == "1"
    assert calls[1].undo.arguments["Tags"] == [{"Key": "old", "Value": "1"}]


def test_missing_default_version():
    with pytest.raises(MissingReference, match=r"launch template 'web' has no version 7\. Give the number"):
        plan(Target("web", default_version=7))


def test_a_template_that_groups_name_stays():
    with pytest.raises(
        StillInUse, match=r"cannot be removed while Auto Scaling groups name it: blue, green\."
    ) as refused:
        plan(Target("web", present=False), groups={"green": ("1",), "blue": ("$Latest",)})
    assert refused.value.details == {"auto_scaling_groups": ["blue", "green"]}


@pytest.mark.parametrize(
    ("number", "groups", "message"),
    [
        (2, None, "version 2 of launch template 'web' is the default version. Change that first."),
        (1, {"web": ("1",)}, "version 1 of launch template 'web' is the version of Auto Scaling group web."),
        (2, {"api": ("$Latest",)}, "is the default version and the version of Auto Scaling group api."),
    ],
)
def test_a_version_in_use_is_not_deleted(number, groups, message):
    with pytest.raises(StillInUse) as refused:
        plan(Target("web", present=False, versions_to_delete=(number,)), groups=groups)
    assert message in refused.value.message


def test_result():
    stored = Stored(
        "web",
        {2: {}, 3: {"ImageId": "ami-1", "UserData": "b25l"}},
        default=3,
        tags={"a": "1"},
        descriptions={3: "new"},
        last=3,
    )
    before, after = state_of(Stored("web", {1: {}, 2: {}}, default=2, last=2)), state_of(stored)
    shown = launch_template.result(Outcome(True, before, after, ()))
    assert {
        key: shown[key] for key in ("changed", "launch_template_id", "latest_version", "default_version", "pruned")
    } == {
        "changed": True,
        "launch_template_id": "lt-1",
        "latest_version": 3,
        "default_version": 3,
        "pruned": [1],
    }
    assert shown["template"]["tags"] == {"a": "1"}
    assert shown["template"]["create_time"] == "2026-11-23T15:20:47+00:00"
    version = shown["version"]
    assert (version["version_number"], version["version_description"], version["image_id"]) == (3, "new", "ami-1")
    assert (version["user_data"], version["user_data_size"]) == ("hidden", 3)
    assert (shown["diff"]["before"]["versions"], shown["diff"]["after"]["versions"]) == ([1, 2], [2, 3])
    gone = launch_template.result(Outcome(True, before, state_of(None), ()))
    assert sorted(gone) == ["changed", "diff"]
    assert gone["diff"]["after"] == {}
