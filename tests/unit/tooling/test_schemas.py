# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The JSON schemas are those of the argument specifications, and every example in the documentation fits them."""

import json

import jsonschema
import pytest
import yaml

from tests.readme.snippets import ROOT, blocks
from tooling import schemas

STORED = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in schemas.FOLDER.glob("*.json")}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLES = [yaml.safe_load(text) for page in PAGES for text in blocks(page.read_text(encoding="utf-8")).get("yaml", ())]
FILES = [example for example in EXAMPLES if isinstance(example, dict)]


def validator(name):
    jsonschema.Draft202012Validator.check_schema(STORED[name])
    return jsonschema.Draft202012Validator(STORED[name])


def mistakes(name, value):
    return [error.message for error in validator(name).iter_errors(value)]


def test_schemas_are_up_to_date():
    """Otherwise run ``make schemas``."""
    assert schemas.schemas() == STORED


@pytest.mark.parametrize("example", FILES, ids=range(len(FILES)))
def test_example_in_the_documentation_fits(example):
    name = "fleet.json" if "fleet_applications" in example else "application.json"
    assert mistakes(name, example) == []


def test_there_are_examples_of_both():
    assert len({"fleet_applications" in example for example in FILES}) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("application.json", {"application_name": "web", "application_instance_typ": "t3.small"}),
        ("application.json", {"application_name": "web", "application_refresh": "maybe"}),
        ("application.json", {"application_metadata_options": {"http_tokens": "sometimes"}}),
        ("application.json", {"application_metadata_options": {"tokens": "required"}}),
        ("fleet.json", {}),
        ("fleet.json", {"fleet_applications": [{}]}),
        ("fleet.json", {"fleet_applications": [], "fleet_account_id": "1"}),
        ("fleet.json", {"fleet_applications": [{"application_name": "web", "tags": {}}]}),
        ("fleet.json", {"fleet_applications": [], "fleet_defaults": {"application_tag": {}}}),
    ],
)
def test_mistake_is_found(name, value):
    assert mistakes(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (
            "application.json",
            {"application_name": "web", "application_refresh": "{{ refresh }}", "aws_region": "us-east-1"},
        ),
        ("application.json", {"application_metadata_options": None, "application_spot_price": 0.05}),
        ("application.json", {"application_managed_policies": "ReadOnlyAccess, PowerUserAccess"}),
        ("fleet.json", {"fleet_applications": [], "launchkit_hosts": "all"}),
    ],
)
def test_other_ways_to_write_it_fit(name, value):
    assert mistakes(name, value) == []
