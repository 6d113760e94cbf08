# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Makes the JSON schemas of the fleet file and of the role's variables from the roles' argument specifications."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "schema"
# Any value can come from a template, which is text.
TEMPLATE = {"type": "string", "pattern": r"\{[{%]"}
# YAML gives numbers for text such as a price, and Ansible's words for truth values are text.
TYPES: dict[str, list[str]] = {
    "str": ["string", "number"],
    "path": ["string"],
    "int": ["integer"],
    "bool": ["boolean"],
    "dict": ["object"],
    "list": ["array", "string"],
    "raw": ["object", "string"],
    "json": ["object", "string"],
}
_MARKUP = re.compile(r"[A-Z]\(([^()]*(?:\(\))?[^()]*)\)")


def specification(role: str) -> dict[str, Any]:
    """The options in the argument specification of a role."""
    text = (ROOT / "roles" / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["argument_specs"]["main"]["options"]


def described(option: dict[str, Any]) -> dict[str, Any]:
    """The schema of an option."""
    texts = option["description"] if isinstance(option["description"], list) else [option["description"]]
    value: dict[str, Any] = {"type": [*TYPES[option.get("type", "str")], "null"]}
    if "choices" in option:
        value = {"enum": [*option["choices"], None]}
    if "options" in option:
        value["properties"] = {name: described(each) for name, each in option["options"].items()}
        value["additionalProperties"] = False
    if "elements" in option:
        value["items"] = {"type": TYPES[option["elements"]]}
    schema: dict[str, Any] = {"description": _MARKUP.sub(r"\1", " ".join(texts)), "anyOf": [value, TEMPLATE]}
    return {**schema, "default": option["default"]} if "default" in option else schema


def names(options: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The schema of names: those of the options, and others that do not begin as they do."""
    return {"anyOf": [{"enum": sorted(options)}, {"not": {"pattern": f"^{prefix}_(?!_)"}}]}


def schemas() -> dict[str, dict[str, Any]]:
    """Name of a file -> its schema."""
    application, fleet = specification("application"), specification("fleet")
    properties = {name: described(each) for name, each in application.items()}
    variables = {"properties": properties, "propertyNames": names(application, "application")}
    # An application has these variables and nothing else.
    entry = {"type": "object", "properties": properties, "additionalProperties": False}
    members = {name: described(each) for name, each in fleet.items()}
    named = {"$ref": "#/$defs/entry", "required": ["application_name"]}
    members["fleet_applications"]["anyOf"][0] = {"type": "array", "items": named}
    members["fleet_defaults"]["anyOf"][0] = {"$ref": "#/$defs/entry"}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    one = {"title": "Variables of the role launchkit.aws.application", "type": "object", **variables}
    many = {"title": "A fleet file of launchkit.aws.fleet", "type": "object", "properties": members}
    many.update({"propertyNames": names(fleet, "fleet"), "required": ["fleet_applications"], "$defs": {"entry": entry}})
    return {"application.json": {**head, **one}, "fleet.json": {**head, **many}}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, schema in schemas().items():
        (FOLDER / name).write_text(f"{json.dumps(schema, indent=1, ensure_ascii=False)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
