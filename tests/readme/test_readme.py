# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs what the README shows: each playbook twice, each command, and the role with exactly the permissions of the policy."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

import pytest
import yaml

from tests.readme.snippets import ROOT, blocks, lines, playbook_runs

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = blocks(README)
PLAYBOOKS = [text for text in BLOCKS["yaml"] if text.startswith("- ")]
VARIABLES, FLEET = (text for text in BLOCKS["yaml"] if not text.startswith("- "))


def test_every_kind_of_block_is_run():
    """A block in another language, or of another form, would be shown without being run."""
    assert BLOCKS.keys() == {"yaml", "shell", "json"}
    assert len(PLAYBOOKS) == 2
    assert len(BLOCKS["json"]) == 1


@pytest.mark.parametrize("text", PLAYBOOKS, ids=[yaml.safe_load(text)[0]["name"] for text in PLAYBOOKS])
def test_playbook_makes_and_then_changes_nothing(playbook, tmp_path, text):
    (tmp_path / "playbook.yml").write_text(text, encoding="utf-8")
    assert playbook("playbook.yml") > 0
    assert playbook("playbook.yml") == 0


def test_commands_of_playbooks_in_their_order(playbook, aws, tmp_path):
    (tmp_path / "vars.yml").write_text(VARIABLES, encoding="utf-8")
    (tmp_path / "fleet.yml").write_text(FLEET, encoding="utf-8")
    commands = playbook_runs(README)
    names = [command[0].removeprefix("launchkit.aws.") for command in commands]
    assert names == ["bootstrap", "bootstrap", "teardown", "fleet", "fleet", "migrate", "migrate"]
    # The second and the third are run in test_policy_is_enough, with no more than the policy allows.
    assert playbook(*commands[0]) > 0
    assert playbook(*commands[3]) > 0
    assert aws.client("iam").list_roles()["Roles"] == []
    assert playbook(*commands[4]) > 0
    assert [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]] == ["search", "shop"]
    for command in commands[5:]:
        playbook(*command)


@pytest.mark.parametrize("line", [line for line in lines(README) if not line.startswith("ansible-playbook ")])
def test_other_command_exists(line):
    """What installs something is run by the step ``package``; here, that it names what there is."""
    program, *arguments = shlex.split(line)
    if program == "make":
        subprocess.run(["make", "--dry-run", *arguments], cwd=ROOT, capture_output=True, check=True)
    elif program == "pip":
        assert (ROOT / arguments[-1]).is_file()
    else:
        galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))
        archive = f"{galaxy['namespace']}-{galaxy['name']}-*.tar.gz"
        assert [program, *arguments] in (
            ["ansible-galaxy", "collection", "build"],
            ["ansible-galaxy", "collection", "install", archive],
        )


def test_table_lists_all_there_is():
    """The README shows what works today: each module, filter, role and playbook, and nothing else."""
    table = README[README.index("## What is in it") : README.index("## Coming from")]
    shown = set(
        re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| ")))
    )
    there = {path.stem for folder in ("modules", "filter") for path in (ROOT / "plugins" / folder).glob("*.py")}
    there |= {path.name for path in (ROOT / "roles").iterdir()} | {
        path.stem for path in (ROOT / "playbooks").glob("*.yml")
    }
    assert shown == there


def without(policy, action):
    """Return the policy without an action."""
    kept = json.loads(json.dumps(policy))
    for statement in kept["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [each for each in actions if each != action]
    kept["Statement"] = [statement for statement in kept["Statement"] if statement["Action"]]
    return kept


GROUP = """
application_group_name: web
application_group_min_size: 1
application_group_max_size: 1
application_group_availability_zones: [us-east-1a]
application_inline_policies:
  list: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "s3:ListAllMyBuckets", Resource: "*"}]}
application_permissions_boundary: arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess
application_tags: {Application: web}
"""


def test_policy_is_enough(playbook, operator, aws, tmp_path):
    (tmp_path / "vars.yml").write_text(VARIABLES + GROUP, encoding="utf-8")
    key = operator(json.loads(BLOCKS["json"][0]))
    bootstrap, teardown = playbook_runs(README)[1:3]
    iam = aws.client("iam", access_key="fake-root-key")
    assert playbook(*bootstrap, **key) > 0
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["web"]
    assert playbook(*bootstrap, "-e", "application_instance_type=t3.large", **key) > 0
    assert playbook(*teardown, **key) > 0
    assert iam.list_roles()["Roles"] == []


def test_check_mode_needs_reading_permissions_only(playbook, operator, tmp_path):
    (tmp_path / "vars.yml").write_text(VARIABLES + GROUP, encoding="utf-8")
    policy = json.loads(BLOCKS["json"][0])
    for statement in policy["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        statement["Action"] = [action for action in actions if re.match(r"\w+:(Describe|Get|List)", action)]
    policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
    assert playbook(*playbook_runs(README)[0], **operator(policy)) > 0


def test_policy_without_pass_role_is_not(playbook, operator, tmp_path):
    """The policy is put to the test: without one of its actions the role fails."""
    (tmp_path / "vars.yml").write_text(VARIABLES, encoding="utf-8")
    key = operator(without(json.loads(BLOCKS["json"][0]), "iam:PassRole"))
    with pytest.raises(AssertionError, match="iam:PassRole"):
        playbook("launchkit.aws.bootstrap", "-e", "@vars.yml", **key)
