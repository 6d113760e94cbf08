# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans for launch configurations: creating, drift, replacing, removing, pruning."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift, StillInUse
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Plan, Precondition
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import Prune, State, Target
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

NOW = aws_answers.CREATED + timedelta(days=1)
SAME = LaunchSettings("ami-baba68d3", "t3.small")
OTHER = LaunchSettings("ami-2", "t3.small")
CREATED = ("create_launch_configuration", "web")


def state(*answers, groups=None):
    """The observation of these launch configurations; a name stands for one with the usual settings."""
    answers = [aws_answers.launch_configuration(each) if isinstance(each, str) else each for each in answers]
    found = [launch_configuration.from_api(each) for each in answers]
    return State({each.name: each for each in found}, groups, NOW)


def aged(name, hours):
    """A launch configuration that was created so many hours before NOW."""
    return aws_answers.launch_configuration(name, created=NOW - timedelta(hours=hours))


def calls(plan):
    return [(call.operation, call.arguments["LaunchConfigurationName"]) for call in plan.calls]


@pytest.mark.parametrize(
    ("target", "observed", "planned"),
    [
        pytest.param(Target("web", SAME), state(), [CREATED], id="create"),
        pytest.param(Target("web", SAME), state("web"), [], id="there already"),
        pytest.param(Target("web", LaunchSettings()), state("web"), [], id="nothing given, nothing compared"),
        pytest.param(Target("web", present=False), state(), [], id="absent already"),
        pytest.param(
            Target("web", present=False), state("web", groups={}), [("delete_launch_configuration", "web")], id="remove"
        ),
        pytest.param(
            Target("web", present=False),
            state("web", groups={"api": ("a",)}),
            [("delete_launch_configuration", "web")],
            id="others are used",
        ),
        pytest.param(
            Target(None, present=False, prefix="web-"),
            state("web-b", "web-a", groups={}),
            [("delete_launch_configuration", "web-a"), ("delete_launch_configuration", "web-b")],
            id="remove siblings",
        ),
        pytest.param(
            Target("web", OTHER, on_drift="replace"),
            state("web", groups={}),
            [("delete_launch_configuration", "web"), CREATED],
            id="replace",
        ),
        pytest.param(Target("web", SAME, on_drift="replace"), state("web"), [], id="nothing to replace"),
        pytest.param(
            Target("web-b", SAME, prefix="web-"), state("web-a", "web-b"), [], id="siblings stay without prune"
        ),
        pytest.param(
            Target("web-b", SAME, prefix="web-", prune=Prune()),
            state("web-a", groups={}),
            [("create_launch_configuration", "web-b"), ("delete_launch_configuration", "web-a")],
            id="create, then prune",
        ),
    ],
)
def test_plan(target, observed, planned):
    plan = launch_configuration.plan(target, observed)
    assert calls(plan) == planned
    assert plan.warnings == ()


def test_creation_sends_settings_and_needs_the_profile():
    settings = LaunchSettings(
        "ami-1", "t3.small", instance_profile_name="arn:aws:iam::123456789012:instance-profile/ops/web"
    )
    (call,) = launch_configuration.plan(Target("web", settings), state()).calls
    assert (call.service, call.subject, call.undo) == ("autoscaling", "launch configuration 'web'", None)
    assert call.arguments == {
        "LaunchConfigurationName": "web",
        "ImageId": "ami-1",
        "InstanceType": "t3.small",
        "IamInstanceProfile": "arn:aws:iam::123456789012:instance-profile/ops/web",
    }
    assert call.needs == (Precondition("instance_profile", "web", "instance_profile_name"),)


@pytest.mark.parametrize("name", [None, ""])
def test_without_profile_nothing_is_needed(name):
    (call,) = launch_configuration.plan(
        Target("web", LaunchSettings("a", "t", instance_profile_name=name)), state()
    ).calls
    assert call.needs == ()


def test_replacing_keeps_the_other_settings_and_can_be_undone():
    existing = aws_answers.launch_configuration("web", KeyName="k", UserData="YQ==", IamInstanceProfile="web")
    delete, create = launch_configuration.plan(
        Target("web", OTHER, on_drift="replace"), state(existing, groups={})
    ).calls
    kept = {
        "LaunchConfigurationName": "web",
        "InstanceType": "t3.small",
        "KeyName": "k",
        "UserData": b"a",
        "IamInstanceProfile": "web",
        "InstanceMonitoring": {"Enabled": True},
        "EbsOptimized": False,
    }
    assert create.arguments == {**kept, "ImageId": "ami-2"}
    assert (delete.undo.operation, delete.undo.arguments) == (
        "create_launch_configuration",
        {**kept, "ImageId": "ami-baba68d3"},
    )


def test_drift_names_every_field_with_both_values():
    existing = aws_answers.launch_configuration("web", KeyName="k")
    with pytest.raises(Drift) as raised:
        launch_configuration.plan(Target("web", LaunchSettings("ami-2", "t3.small", key_name="")), state(existing))
    assert raised.value.message.startswith(
        "launch configuration 'web' exists and cannot be changed, and its settings differ: "
        "image_id is ami-baba68d3, not ami-2; key_name is k, not none. Set name_prefix instead of name"
    )
    assert "on_drift=keep" in raised.value.message
    assert "on_drift=replace" in raised.value.message
    assert raised.value.details == {
        "differences": [
            {"field": "image_id", "wanted": "ami-2", "actual": "ami-baba68d3"},
            {"field": "key_name", "wanted": "none", "actual": "k"},
        ]
    }


def test_drift_that_is_kept_is_a_warning():
    plan = launch_configuration.plan(Target("web", OTHER, on_drift="keep"), state("web"))
    assert plan == Plan(
        (),
        (
            "launch configuration 'web' exists and cannot be changed, and its settings differ: "
            "image_id is ami-baba68d3, not ami-2. It is kept because of on_drift=keep.",
        ),
    )


@pytest.mark.parametrize(
    ("target", "observed", "verb", "used"),
    [
        pytest.param(
            Target("web", OTHER, on_drift="replace"),
            state("web", groups={"web": ("a", "b")}),
            "replaced",
            {"web": ["a", "b"]},
            id="replace",
        ),
        pytest.param(
            Target("web", present=False), state("web", groups={"web": ("a",)}), "removed", {"web": ["a"]}, id="remove"
        ),
        pytest.param(
            Target(None, present=False, prefix="web-"),
            state("web-a", "web-b", groups={"web-b": ("b",)}),
            "removed",
            {"web-b": ["b"]},
            id="one sibling of two",
        ),
    ],
)
def test_used_ones_stay(target, observed, verb, used):
    with pytest.raises(StillInUse) as raised:
        launch_configuration.plan(target, observed)
    named = "; ".join(f"'{name}' by {', '.join(groups)}" for name, groups in used.items())
    assert raised.value.message == (
        f"Launch configurations cannot be {verb} while Auto Scaling groups name them: {named}. "
        "Point the groups to another launch configuration or template first, or delete them. No changes were made."
    )
    assert raised.value.details == {"auto_scaling_groups": used}


SIBLINGS = [aged("web-1", 1), aged("web-9", 9), aged("web-3", 3), aged("web-2", 2)]


@pytest.mark.parametrize(
    ("prune", "groups", "gone"),
    [
        pytest.param(None, None, [], id="no prune"),
        pytest.param(Prune(), {}, ["web-1", "web-2", "web-3", "web-9"], id="all"),
        pytest.param(Prune(keep=1), {}, ["web-2", "web-3", "web-9"], id="keep the newest"),
        pytest.param(Prune(keep=4), {}, [], id="keep as many as there are"),
        pytest.param(Prune(keep=9), {}, [], id="keep more than there are"),
        pytest.param(Prune(min_age=2 * 3600), {}, ["web-2", "web-3", "web-9"], id="just old enough"),
        pytest.param(Prune(min_age=2 * 3600 + 1), {}, ["web-3", "web-9"], id="a second too young"),
        pytest.param(Prune(keep=1, min_age=3 * 3600), {}, ["web-3", "web-9"], id="both"),
        pytest.param(Prune(), {"web-2": ("a",)}, ["web-1", "web-3", "web-9"], id="used ones stay"),
        pytest.param(Prune(keep=1), {"web-1": ("a",)}, ["web-3", "web-9"], id="used ones do not count as kept"),
    ],
)
def test_prunable(prune, groups, gone):
    target = Target("web-0", SAME, prefix="web-", prune=prune)
    observed = state(aged("web-0", 99), *SIBLINGS, groups=groups)
    assert [each.name for each in launch_configuration.prunable(target, observed)] == gone


def test_same_age_goes_by_name():
    target = Target("web-0", SAME, prefix="web-", prune=Prune(keep=1))
    observed = state(aged("web-a", 1), aged("web-c", 1), aged("web-b", 1), groups={})
    assert [each.name for each in launch_configuration.prunable(target, observed)] == ["web-b", "web-a"]


def test_predict_creation():
    target = Target("web", SAME)
    after = launch_configuration.predict(target, state(), launch_configuration.plan(target, state()))
    shown = launch_configuration.render(after.configurations["web"])
    real = launch_configuration.render(state("web").configurations["web"])
    assert shown == {
        key: value for key, value in real.items() if key not in ("arn", "launch_configuration_arn", "created_time")
    }
