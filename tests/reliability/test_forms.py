# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A variable of a role means the same with its type, as text and as JSON: ``-e``, INI inventories and templates give text."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_instance_refresh,
    autoscaling_launch_configuration,
    autoscaling_launch_template_migration,
    fleet,
)
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import with_group
from ansible_collections.launchkit.aws.tests.reliability import table
from hypothesis import given, settings
from hypothesis import strategies as st

EXAMPLES = 1 if table.SAMPLE > 1 else 5
LOADER = DataLoader()
ROLES = Path(__file__).resolve().parents[2] / "roles"
MODULES = {
    f"launchkit.aws.{module.__name__.rpartition('.')[2]}": module
    for module in (
        autoscaling_instance_refresh,
        autoscaling_launch_configuration,
        autoscaling_launch_template_migration,
        fleet,
    )
}
TRUTHS = {True: ["true", "True", "yes", "on", "1"], False: ["false", "False", "no", "off", "0"]}
WORDS = st.sampled_from(["web", "us-east-1a", "subnet-1", "AmazonS3ReadOnlyAccess"])
TEXTS = st.dictionaries(st.sampled_from(["Owner", "Stage"]), st.sampled_from(["me", "größe", "4711"]), max_size=2)
# By name, what a dictionary or list of dictionaries holds.
MEMBERS = {
    "application_inline_policies": st.just({"read": {"Version": "2012-10-17", "Statement": []}}),
    "application_metadata_options": st.just({"http_tokens": "required", "http_put_response_hop_limit": 2}),
    "application_credit_specification": st.just({"cpu_credits": "standard"}),
    "application_launch_configuration_prune": st.sampled_from([{}, {"keep": 1, "min_age": 60}]),
    "application_launch_template_prune": st.sampled_from([{}, {"keep": 1}]),
    "application_volumes": st.just([{"device_name": "/dev/sdf", "volume_size": 8, "delete_on_termination": False}]),
    "application_tag_specifications": st.just([{"resource_type": "volume", "tags": {"Owner": "me"}}]),
}
BY_TYPE = {
    "bool": st.booleans(),
    "int": st.integers(0, 400),
    "list": st.lists(WORDS, max_size=2, unique=True),
    "dict": TEXTS,
}


def variables(role):
    """Return the variables of a role that are no text: name -> type."""
    text = (ROLES / role / "meta" / "argument_specs.yml").read_text(encoding="utf-8")
    options = yaml.safe_load(text)["argument_specs"]["main"]["options"]
    return {name: option["type"] for name, option in options.items() if option.get("type") in BY_TYPE}


def forms(role, kind, value):
    """Return a value as text, in each way in which it is written."""
    if kind == "bool":
        return TRUTHS[value]
    if kind == "int":
        return [str(value)]
    # What a template without native types returns, and JSON.
    written = [json.dumps(value), *([repr(value)] if role == "application" else [])]
    return (
        [*written, ",".join(value)]
        if value and all(isinstance(each, str) for each in value) and kind == "list"
        else written
    )


def options_of(name, value):
    """Return the options of an application with a variable, or the mistakes in it."""
    launch = {"launch_with": "launch_template"} if name == "application_tag_specifications" else {}
    try:
        (application,) = parse.parse([{**with_group("web", **launch), name: value}])
    except InvalidOption as refused:
        return refused.message
    return application.options


def check(role, name, kind, data, outcome):
    """Compare the outcome of a value with those of its forms."""
    value = data.draw(MEMBERS.get(name, BY_TYPE[kind]))
    expected = outcome(value)
    problems = [
        f"{text!r}: {got!r}, not {expected!r}"
        for text in forms(role, kind, value)
        if (got := outcome(text)) != expected
    ]
    table.count("laws", "form of a variable", name, problems)
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(("name", "kind"), variables("application").items())
@settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_application_form_of_a_variable_is_the_same(name, kind, data):
    check("application", name, kind, data, lambda value: options_of(name, value))


class SpecificationFound(Exception):
    """A module's argument specification, in place of a run."""


@functools.cache
def specification(module):
    """Return the argument specification of a module."""

    def end(argument_spec, **dummy):
        raise SpecificationFound(argument_spec)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "AnsibleAWSModule", end)
        with pytest.raises(SpecificationFound) as found:
            module.main()
    return found.value.args[0]


def uses(role, name):
    """Yield where the tasks of a role use a variable: its expression, and the specification of the option that it is for, or None."""
    for path in sorted((ROLES / role / "tasks").iterdir()):
        for task in LOADER.load_from_file(str(path), trusted_as_template=True):
            for each in (task, *task.get("block", [])):
                if name in str(each.get("when", "")):
                    yield trust_as_template(f"{{{{ ({each['when']}) | bool }}}}"), None
                for module in MODULES.keys() & each.keys():
                    for option, expression in (each[module] or {}).items():
                        if name in str(expression).replace(f"{name}_", ""):
                            yield expression, {option: specification(MODULES[module])[option]}


def meaning(role, name, value):
    """Return what each use of a variable makes of its value."""
    defaults = LOADER.load_from_file(str(ROLES / role / "defaults" / "main.yml"))
    found = []
    for expression, arguments in uses(role, name):
        result = Templar(loader=LOADER, variables={**defaults, name: value, "omit": None}).template(expression)
        if arguments:
            (option,) = arguments
            checked = ArgumentSpecValidator(arguments).validate({option: result})
            result = checked.error_messages or checked.validated_parameters[option]
        found.append(result)
    assert found, f"no task uses {name}"
    return found


@pytest.mark.parametrize(
    ("role", "name", "kind"),
    [
        (role, *variable)
        for role in ("fleet", "launch_template_migration")
        for variable in variables(role).items()
        # Lists and dictionaries of variables of the role application: the module reads them, as above.
        if variable[0] not in ("fleet_applications", "fleet_defaults")
    ],
)
@settings(max_examples=EXAMPLES, derandomize=True, database=None, deadline=None)
@given(data=st.data())
def test_role_form_of_a_variable_is_the_same(role, name, kind, data):
    check(role, name, kind, data, lambda value: meaning(role, name, value))
