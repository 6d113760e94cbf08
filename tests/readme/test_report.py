# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs what docs/report.md shows, with no more than its permissions."""

from __future__ import annotations

import json
import re

import yaml
from ansible_collections.launchkit.aws.plugins.module_utils.report.catalogue import CATALOGUE, SEVERITIES

from tests.readme.snippets import ROOT, blocks, playbook_runs
from tests.reliability.permissions import operator

TEXT = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
BLOCKS = blocks(TEXT)
PAGE, INVENTORY, VARIABLES, FLEET = playbook_runs(TEXT)
README = blocks((ROOT / "README.md").read_text(encoding="utf-8"))
READS = re.compile("Get|List|Describe|Simulate")


def test_every_kind_of_block_is_run():
    assert {language: len(found) for language, found in BLOCKS.items()} == {"shell": 4, "yaml": 1, "json": 1}


def test_findings_are_those_of_the_catalogue():
    rows = re.findall(r"^\| (\w+) \| (`.*`) \|$", TEXT, re.MULTILINE)
    shown = {severity: set(re.findall(r"`(\w+)`", names)) for severity, names in rows}
    assert {each: shown[each] for each in SEVERITIES} == {
        each: {name for name, entry in CATALOGUE.items() if entry["severity"] == each} for each in SEVERITIES
    }


def test_commands_with_no_more_than_the_policy_allows(playbook, aws, tmp_path):
    fleet = yaml.safe_load(next(text for text in README["yaml"] if text.startswith("fleet_")))
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    (tmp_path / "report.yml").write_text(BLOCKS["yaml"][0], encoding="utf-8")
    playbook("launchkit.aws.fleet", "-e", "@fleet.yml")
    names = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    key = dict(zip(names, operator(aws, json.loads(BLOCKS["json"][0]))))
    playbook(*PAGE, **key)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "shop" in page
    assert "Not read" not in page
    playbook(*VARIABLES, **key)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert yaml.safe_load(BLOCKS["yaml"][0])["report_title"] in page
    assert "s3:GetObject on arn:aws:s3:::example-bucket/* is" not in page
    assert "Not read" not in page
    aws.set(authorization=False)
    fleet["fleet_applications"][0]["application_instance_type"] = "t3.large"
    (tmp_path / "fleet.yml").write_text(yaml.safe_dump(fleet), encoding="utf-8")
    playbook(*FLEET)
    assert "Differs from the fleet file" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (tmp_path / "report.md").read_text(encoding="utf-8").count("```mermaid") == 2
    assert {call["operation"] for call in aws.calls() if not READS.match(call["operation"])} == set()


def test_command_with_the_inventory_puts_regions_on_one_page(playbook, aws, tmp_path):
    role = aws.client("iam").create_role
    role(RoleName="free", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}))  # fmt: skip
    arguments = [str(ROOT / each) if each.startswith("examples/") else each for each in INVENTORY]
    # The profiles of the example do not exist here.
    playbook(*arguments, "-e", '{"aws_profile": null}')
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    # Three applications of the list in two Regions, which do not exist yet, and the role once.
    assert page.count('class="row ') == 7
    regions = set(re.findall(r"<span>123456789012 <b>([\w-]+)</b>", page))
    assert regions == {"us-east-1", "eu-west-1"}
