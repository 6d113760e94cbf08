# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs what docs/fleet.md shows, and the example inventory: two Regions of one account at a time, in one run and as two job slices."""

from __future__ import annotations

import collections
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.readme.snippets import ROOT, blocks, lines, playbook_runs

TEXT = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
BLOCKS = blocks(TEXT)
(FLEET,) = BLOCKS["yaml"]
(PLAN,) = BLOCKS["text"]
CHECK, RUN, REMOVE, LOOK_FOR_ORPHANS, PRUNE, CHECK_INVENTORY, RUN_INVENTORY = playbook_runs(TEXT)
BUILD_COLLECTION, BUILD_IMAGE = (shlex.split(line) for line in lines(TEXT) if not line.startswith("ansible-playbook "))
PROGRAMS = Path(sys.executable).parent
READS = re.compile("Get|List|Describe")


def role_names(aws):
    """Return the roles of the fleet."""
    iam = aws.client("iam")
    return {role["RoleName"] for role in iam.list_roles(PathPrefix="/web/")["Roles"]}


def changes(aws):
    """Return how often each call changed something, by operation and what it was about, and forget all calls."""
    calls = aws.calls()
    aws.reset_calls()
    return collections.Counter(
        (call["operation"], call["main_argument"])
        for call in calls
        if call["outcome"] == "ok" and not READS.match(call["operation"])
    )


def test_every_kind_of_block_is_run():
    assert BLOCKS.keys() == {"yaml", "shell", "text"}


def test_commands_in_their_order(playbook, aws, tmp_path):
    fleet = tmp_path / "fleet.yml"
    fleet.write_text(FLEET, encoding="utf-8")

    assert playbook(*CHECK) > 0
    assert changes(aws) == {}
    assert playbook(*RUN) > 0
    assert role_names(aws) == {"shop", "search", "reports"}
    aws.reset_calls()
    assert playbook(*RUN) == 0
    check_calls_of_unchanged_run(aws.calls())
    assert playbook(*REMOVE) > 0
    another = FLEET.replace("t3.small", "t3.medium").replace(
        "ReadOnlyAccess]", "ReadOnlyAccess, arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore]"
    )
    fleet.write_text(another, encoding="utf-8")
    assert playbook(*CHECK) > 0
    ids = re.compile("lt-[0-9a-f]{17}")
    assert ids.sub("lt-", PLAN) in ids.sub("lt-", playbook.output)

    shorter = yaml.safe_load(FLEET)
    assert shorter["fleet_applications"].pop()["application_name"] == "reports"
    fleet.write_text(yaml.safe_dump(shorter), encoding="utf-8")
    assert playbook(*LOOK_FOR_ORPHANS) == 0
    assert role_names(aws) == {"shop", "search", "reports"}
    assert playbook(*PRUNE) > 0
    assert role_names(aws) == {"shop", "search"}


def check_calls_of_unchanged_run(calls):
    """One of each that the page tells for such a fleet, however many applications there are, and no others."""
    table = TEXT[TEXT.index("| Call |") : TEXT.index("`fleet_concurrency`")]
    told = set(re.findall(r"`(\w+:\w+)`", table))
    made = collections.Counter(f"{call['service']}:{call['operation']}" for call in calls)
    conditional = {"iam:GetPolicy", "iam:ListInstanceProfiles", "sts:GetCallerIdentity"}
    assert made == dict.fromkeys(told - conditional, 1)


@pytest.fixture
def accounts(aws, tmp_path):
    """The example inventory, and profiles of the accounts in it, which the embedded AWS takes for one."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    key = "aws_access_key_id = fake-access-key\naws_secret_access_key = not-a-secret\n"
    credentials = tmp_path / "credentials"
    credentials.write_text(f"[production]\n{key}[staging]\n{key}", encoding="utf-8")
    # amazon.aws refuses a profile beside keys.
    none = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    return {"AWS_SHARED_CREDENTIALS_FILE": str(credentials), **none}


def test_two_regions_of_an_account_make_and_remove_nothing_twice(playbook, aws, accounts, tmp_path):
    # A Region can have an application of its own, too: the other one has nothing to do with its role.
    shared = yaml.safe_load((ROOT / "examples/inventory/group_vars/all.yml").read_text(encoding="utf-8"))
    own = tmp_path / "examples/inventory/host_vars/production-eu-west-1.yml"
    own.parent.mkdir()
    applications = [*shared["fleet_applications"], {"application_name": "here-only"}]
    own.write_text(yaml.safe_dump({"fleet_applications": applications}), encoding="utf-8")

    assert playbook(*CHECK_INVENTORY, **accounts) > 0
    assert changes(aws) == {}
    assert playbook(*RUN_INVENTORY, **accounts) > 0
    made = changes(aws)
    names = [each["application_name"] for each in applications]
    assert role_names(aws) == set(names)
    for operation in ("CreateRole", "AttachRolePolicy", "CreateInstanceProfile", "AddRoleToInstanceProfile"):
        assert {name: count for (each, name), count in made.items() if each == operation} == dict.fromkeys(names, 1)
    for region in ("us-east-1", "eu-west-1"):
        groups = aws.client("autoscaling", region).describe_auto_scaling_groups()["AutoScalingGroups"]
        assert [group["AutoScalingGroupName"] for group in groups] == ["shop"]

    # Nor is what only the other one claims an orphan.
    roles = [aws.client("iam").get_role(RoleName=name)["Role"]["Path"] for name in names]
    assert set(roles) == {"/web/"}
    pruning = ("-e", "fleet_orphan_path=/web/", "-e", "fleet_prune_orphans=true")
    assert playbook(*RUN_INVENTORY, *pruning, **accounts) == 0
    assert changes(aws) == {}

    # Nor is anything removed twice.
    assert playbook(*RUN_INVENTORY, "-e", "fleet_state=absent", **accounts) > 0
    removed = changes(aws)
    assert role_names(aws) == set()
    for operation in ("DeleteInstanceProfile", "DeleteRole"):
        assert {name: count for (each, name), count in removed.items() if each == operation} == dict.fromkeys(names, 1)
    assert removed["DeleteAutoScalingGroup", "shop"] == 2


def test_inventory_has_pairs_of_account_and_region():
    listed = subprocess.run(
        [PROGRAMS / "ansible-inventory", "-i", ROOT / "examples" / "inventory", "--list"],
        capture_output=True,
        text=True,
        check=True,
    )
    inventory = json.loads(listed.stdout)
    for account in ("production", "staging"):
        for host in inventory[account]["hosts"]:
            variables = inventory["_meta"]["hostvars"][host]
            assert (variables["aws_profile"], host) == (account, f"{account}-{variables['aws_region']}")
            assert variables["aws_region"] in variables["image_ids"]


def test_execution_environment_is_one_that_ansible_builder_takes(tmp_path):
    galaxy, runtime = (yaml.safe_load((ROOT / name).read_text()) for name in ("galaxy.yml", "meta/runtime.yml"))
    definition = tmp_path / "examples" / "execution-environment.yml"
    shutil.copytree(ROOT / "examples", definition.parent)
    (collection,) = yaml.safe_load(definition.read_text())["dependencies"]["galaxy"]["collections"]
    assert collection["name"] == f"{galaxy['namespace']}-{galaxy['name']}-{galaxy['version']}.tar.gz"
    assert ["ansible-galaxy", "collection", "build", "--output-path", definition.parent.name] == BUILD_COLLECTION
    (definition.parent / collection["name"]).touch()

    base, tag = yaml.safe_load(definition.read_text())["images"]["base_image"]["name"].rsplit(":", 1)
    assert re.fullmatch(r"\d+\.\d+", tag), f"{base} is not pinned"
    tooling = "".join((ROOT / "tooling" / name).read_text() for name in ("requirements.txt", "collections.in"))
    tried = re.search(r"Tried with (.*?)No image", definition.read_text().replace("\n# ", " "))[1]
    for package, version in re.findall(r"(ansible-builder|ansible-core|boto3|botocore) ([\d.]+\d)", tried):
        assert f"\n{package}=={version} " in tooling
    assert re.search(r"amazon\.aws ([\d.]+\d)", tried)[1] in tooling

    program, command, *options = BUILD_IMAGE
    assert (program, command, options[-2]) == ("ansible-builder", "build", "--tag")
    # ``create`` is ``build`` without a container engine; only that takes a tag.
    subprocess.run([PROGRAMS / program, "create", *options[:-2]], cwd=tmp_path, capture_output=True, check=True)
    steps = next((tmp_path / ".build/execution-environment").glob("*file")).read_text()
    assert f'"ansible-core{runtime["requires_ansible"].strip()} ansible-runner"' in steps
    assert (tmp_path / ".build/execution-environment/_build" / collection["name"]).is_file()
