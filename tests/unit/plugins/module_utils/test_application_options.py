# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The table of an application's variables, and the role that has them: what says the same thing in two places."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import (
    APPLICATION_ARGUMENTS,
    DERIVED,
    NULL_IS_A_VALUE,
    PREFIX,
    given,
    with_derived,
)
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import DEFAULTS as OURS

ROLES = Path(__file__).resolve().parents[4] / "roles"
DOCUMENTED = yaml.safe_load((ROLES / "application/meta/argument_specs.yml").read_text(encoding="utf-8"))[
    "argument_specs"
]["main"]["options"]
DEFAULTS = yaml.safe_load((ROLES / "application/defaults/main.yml").read_text(encoding="utf-8"))
# Their elements are documented with the modules, and there is a test for that.
ELEMENTS_ELSEWHERE = ("application_volumes", "application_tag_specifications")


def described(argument, name=""):
    """What both say of a variable. A trust policy is text or a dictionary, for which the role's table has no better word than raw."""
    kept = {key: argument[key] for key in ("choices", "default", "elements") if key in argument}
    kept["required"] = argument.get("required", False)
    kept["type"] = {"json": "raw"}.get(argument.get("type"), argument.get("type", "str"))
    if "options" in argument and name not in ELEMENTS_ELSEWHERE:
        kept["options"] = {key: described(option) for key, option in argument["options"].items()}
    return kept


def test_the_variables_are_those_of_the_role():
    assert sorted(APPLICATION_ARGUMENTS) == sorted(DOCUMENTED)


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_variable_is_what_the_role_says(name):
    assert described(APPLICATION_ARGUMENTS[name], name) == described(DOCUMENTED[name], name)


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_is_that_of_the_role(name):
    if name.removeprefix(PREFIX) in DERIVED:
        assert name not in OURS
    else:
        assert OURS[name] == DEFAULTS[name]


def test_there_are_no_other_defaults():
    assert set(OURS) | {PREFIX + name for name in DERIVED} == set(DEFAULTS)


def test_what_the_role_makes_of_other_variables():
    assert with_derived({"name": "web"}) == {
        "name": "web",
        "role_name": "web",
        "instance_profile_name": "web",
        "launch_configuration_name_prefix": "web-",
        "launch_template_name": "web",
    }
    assert with_derived({"name": "web", "role_name": "api"})["instance_profile_name"] == "api"
    assert {name: DEFAULTS[PREFIX + name] for name in DERIVED} == {
        "role_name": "{{ application_name }}",
        "instance_profile_name": "{{ application_role_name }}",
        "launch_configuration_name_prefix": "{{ application_name }}-",
        "launch_template_name": "{{ application_name }}",
    }


def test_the_fleet_hands_every_variable_to_the_role():
    (task,) = yaml.safe_load((ROLES / "fleet/tasks/application.yml").read_text(encoding="utf-8"))
    assert task["vars"] == {name: f"{{{{ fleet__entry.{name} }}}}" for name in DOCUMENTED}


def test_null_is_a_value_where_the_role_says_so():
    documented = [name for name, option in DOCUMENTED.items() if "V(null)" in " ".join(option["description"])]
    assert sorted(NULL_IS_A_VALUE) == sorted(documented)
    # Ansible refuses null for what has a default.
    assert not any("default" in DOCUMENTED[name] for name in documented)
    variables = dict.fromkeys(DOCUMENTED)
    assert given(variables) == dict.fromkeys(NULL_IS_A_VALUE)
