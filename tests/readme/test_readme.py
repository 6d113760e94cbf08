# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs what the README shows: each playbook twice, and each command."""

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
    adopting = ["adopt", "fleet", "fleet"]
    assert names == ["bootstrap", "bootstrap", "teardown", "fleet", "fleet", "report", *adopting, "migrate", "migrate"]
    for command in commands[:3]:
        assert playbook(*command) > 0
    assert playbook(*commands[3]) > 0
    assert aws.client("iam").list_roles()["Roles"] == []
    assert playbook(*commands[4]) > 0
    assert [role["RoleName"] for role in aws.client("iam").list_roles()["Roles"]] == ["search", "shop"]
    # tests/playbooks/test_adopt.py runs the two that migrate.
    for command in (commands[5], commands[6], *commands[9:]):
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


def test_policy_is_the_smallest_one():
    """Whether it is enough, and no more than that, is tested in tests/reliability."""
    actions = {
        path.stem: [action for statement in json.loads(path.read_text())["Statement"] for action in statement["Action"]]
        for path in (ROOT / "docs" / "policies").glob("*.json")
    }
    assert actions.keys() == {"bootstrap", "fleet", "migrate", "reader", "teardown"}
    smallest = min(actions.keys() - {"reader"}, key=lambda name: len(actions[name]))
    assert BLOCKS["json"] == [(ROOT / "docs" / "policies" / f"{smallest}.json").read_text(encoding="utf-8")]
    assert f"The smallest one is that of `{smallest}`" in README


def test_versions_are_those_that_are_tested():
    """README names them; what else has to name one agrees with it."""
    (lowest, highest, lowest_aws, highest_aws) = re.search(
        r"ansible-core (2\.\d+) to (2\.\d+) with amazon.aws (\d+) and (\d+);", README
    ).groups()
    runtime, galaxy = (yaml.safe_load((ROOT / name).read_text()) for name in ("meta/runtime.yml", "galaxy.yml"))
    assert runtime["requires_ansible"] == f">={lowest}.0"
    assert galaxy["dependencies"]["amazon.aws"] == f">={lowest_aws}.0.0"
    tooling = {
        name: (ROOT / "tooling" / name).read_text() for name in ("lowest.in", "requirements.in", "collections.in")
    }
    assert f"\nansible-core=={lowest}." in tooling["lowest.in"]
    assert f"amazon.aws, {lowest_aws}." in tooling["lowest.in"]
    assert f'\nansible-core=={highest}.5 ; python_version >= "3.12"' in tooling["requirements.in"]
    assert re.search(rf", {highest_aws}\.\S+ and \S+ Only", tooling["collections.in"])
