# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The migration with exactly the permissions of docs/policies/migration.json, and without each of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.launchkit.aws.plugins.modules import autoscaling_launch_template_migration as module
from ansible_collections.launchkit.aws.tests.modules.migrations import FAST, actions

from embedded_aws.client import REGION

POLICY = json.loads((Path(__file__).resolve().parents[2] / "docs/policies/migration.json").read_text(encoding="utf-8"))
DELETE = {"delete_launch_configurations": True, "delete_min_age": 0}
# Without these, the plan foresees less, and the run is the same.
FORESIGHT = next(each["Action"] for each in POLICY["Statement"] if each["Sid"] == "ForeseeObstacles")
REQUIRED = sorted(
    action
    for statement in POLICY["Statement"]
    for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])
    # A new template's tags need CreateTags, which the embedded AWS does not check; a new version is rarely needed.
    if action not in (*FORESIGHT, "ec2:CreateLaunchTemplateVersion", "ec2:CreateTags")
)


@pytest.fixture
def operator(run, fleet, profile, scenery, monkeypatch, capsys):
    """Return a function that runs the migration as a user with just the given actions."""
    profile("web")
    fleet.configuration("lc", IamInstanceProfile="web", KeyName="operations", SecurityGroups=[scenery["ids"][0]])
    fleet.group("web", "lc", 1)
    fleet.group("other", "lc")
    iam = fleet.aws.client("iam")
    iam.create_user(UserName="operator")

    def migrate(but=(), **parameters):
        statements = [
            {**each, "Action": [action for action in _listed(each["Action"]) if action not in but]}
            for each in POLICY["Statement"]
        ]
        policy = {**POLICY, "Statement": [each for each in statements if each["Action"]]}
        iam.put_user_policy(UserName="operator", PolicyName="migration", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="operator")["AccessKey"]
        fleet.aws.set(authorization=True)
        connection = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"], "region": REGION}
        return run(module, all=True, **parameters, **connection)

    return migrate


def _listed(actions_):
    return [actions_] if isinstance(actions_, str) else actions_


def test_policy_is_enough(operator, fleet):
    result = operator(**FAST, **DELETE, tags={"Owner": "ops"})
    assert actions(result) == {"other": "migrated", "web": "migrated"}, result["msg"]
    assert result["deleted_launch_configurations"] == ["lc"]


@pytest.mark.parametrize("but", [*([each] for each in FORESIGHT), FORESIGHT], ids=lambda but: ", ".join(but)[:40])
def test_foresight_is_not_required(operator, but):
    assert actions(operator(but, **FAST)) == {"other": "migrated", "web": "migrated"}


@pytest.mark.parametrize("action", REQUIRED)
def test_policy_without_an_action_is_not_enough(operator, action):
    result = operator([action], **FAST, **DELETE, tags={"Owner": "ops"})
    assert result["failed"]
