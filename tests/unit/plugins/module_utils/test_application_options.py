# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The variables of the roles stand in several places: Python tables, argument specifications, defaults and tasks. They agree."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import (
    APPLICATION_ARGUMENTS,
    DERIVED,
    NULL_IS_A_VALUE,
    PREFIX,
    UNSET,
    given,
    with_derived,
)
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import DEFAULTS as OURS

ROLES = Path(__file__).resolve().parents[4] / "roles"
# Variables of the role that are no part of the plan.
ROLE_ONLY = ("application_trust_plan",)
# Their elements are documented with the modules, and there is a test for that.
ELEMENTS_ELSEWHERE = ("application_volumes", "application_tag_specifications")


def loaded(path):
    return yaml.safe_load((ROLES / path).read_text(encoding="utf-8")) or {}


def documented(role):
    return loaded(f"{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]


DOCUMENTED = documented("application")
DEFAULTS = loaded("application/defaults/main.yml")
VARIABLES = loaded("application/vars/main/variables.yml")


def described(argument, name=""):
    """What both say of a variable. A trust policy is text or a dictionary, for which a role's specification has raw only."""
    kept = {key: argument[key] for key in ("choices", "default", "elements") if key in argument}
    kept["required"] = argument.get("required", False)
    kept["type"] = {"json": "raw"}.get(argument.get("type"), argument.get("type", "str"))
    if "options" in argument and name not in ELEMENTS_ELSEWHERE:
        kept["options"] = {key: described(option) for key, option in argument["options"].items()}
    return kept


def test_options_are_the_variables_of_the_role():
    assert sorted([*APPLICATION_ARGUMENTS, *ROLE_ONLY]) == sorted(DOCUMENTED)


@pytest.mark.parametrize("name", APPLICATION_ARGUMENTS)
def test_options_variable_is_as_documented(name):
    assert described(APPLICATION_ARGUMENTS[name], name) == described(DOCUMENTED[name], name)


@pytest.mark.parametrize("name", DEFAULTS)
def test_options_default_is_that_of_the_role(name):
    if name in ROLE_ONLY:
        assert DOCUMENTED[name]["default"] == DEFAULTS[name]
    elif name.removeprefix(PREFIX) in DERIVED:
        assert name not in OURS
    else:
        assert OURS[name] == DEFAULTS[name]


def test_options_have_no_other_defaults():
    assert {*OURS, *ROLE_ONLY, *(PREFIX + name for name in DERIVED)} == set(DEFAULTS)


def test_options_derived_defaults_are_those_of_the_role():
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


def test_role_application_plans_every_variable():
    assert VARIABLES["application__unset"] == UNSET
    expected = {name: f"{{{{ {name} | default(application__unset) }}}}" for name in APPLICATION_ARGUMENTS}
    # The playbook teardown takes precedence over extra variables.
    expected[f"{PREFIX}state"] = "{{ application__state | default(application_state) | default(application__unset) }}"
    assert VARIABLES["application__variables"] == expected


def test_options_null_is_a_value_where_documented():
    names = [name for name, option in DOCUMENTED.items() if "V(null)" in str(option["description"])]
    assert sorted(NULL_IS_A_VALUE) == sorted(names)
    # Ansible refuses null for what has a default.
    assert not any("default" in DOCUMENTED[name] for name in names)
    assert given(dict.fromkeys(DOCUMENTED)) == dict.fromkeys(NULL_IS_A_VALUE)


@pytest.mark.parametrize("role", ["adopt", "fleet", "launch_template_migration"])
def test_variables_of_a_role_are_used_with_their_defaults(role):
    options = documented(role)
    defaults = {name: option["default"] for name, option in options.items() if "default" in option}
    assert loaded(f"{role}/defaults/main.yml") == defaults
    texts = "".join(
        path.read_text(encoding="utf-8")
        for part in ("tasks", "vars")
        for path in (ROLES / role).glob(f"{part}/**/*.yml")
    )
    assert [name for name in options if name not in texts] == []
