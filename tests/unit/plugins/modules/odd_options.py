# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Odd options for every module: Hypothesis strategies that are made of the modules' argument specifications."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import APPLICATION_ARGUMENTS
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_instance_refresh,
    autoscaling_launch_configuration,
    autoscaling_launch_configuration_info,
    autoscaling_launch_template_migration,
    ec2_launch_template,
    fleet,
    fleet_info,
    iam_instance_profile,
    iam_instance_profile_info,
    iam_instance_profile_usage_info,
    iam_managed_policy_info,
)
from ansible_collections.launchkit.aws.tests.unit.module_arguments import patch_module_args
from botocore.config import Config
from hypothesis import strategies as st

LAUNCH = {"name": "web", "image_id": "ami-12c6146b", "instance_type": "t3.small"}
APPLICATION = {f"application_{name}": value for name, value in LAUNCH.items()}
# Module -> options that are right.
MODULES = {
    autoscaling_instance_refresh: {"group": "web"},
    autoscaling_launch_configuration: LAUNCH,
    autoscaling_launch_configuration_info: {},
    autoscaling_launch_template_migration: {"groups": ["web"]},
    ec2_launch_template: LAUNCH,
    fleet: {"applications": json.dumps([APPLICATION])},
    fleet_info: {"applications": json.dumps([APPLICATION])},
    iam_instance_profile: {"name": "web", "role": "web"},
    iam_instance_profile_info: {},
    iam_instance_profile_usage_info: {"name": "web"},
    iam_managed_policy_info: {"names_or_arns": ["ReadOnlyAccess"]},
}
# Variables of a task on the only host of an inventory.
ONE_HOST = {"inventory_hostname": "web", "hostvars": {"web": {}}, "groups": {"all": ["web"]}}
# Set by the tests, since all of a run depends on them, and what would create files.
NEVER_ODD = ("region", "endpoint_url", "access_key", "secret_key", "session_token", "profile", "progress_path")


def nested(depth):
    """Return lists in a list, and dictionaries in these."""
    value: object = "end"
    for dummy in range(depth):
        value = [{"next": value}]
    return value


TEXTS = (
    *("", " ", "web", "Web", "we b", "web,api", "\0", "web\0", "web\n", "größe", "\U0001f600", "w" * 300, "w" * 20000),
    *(
        "{{ web }}",
        "%s %(a)s {}",
        "-1",
        "1e999",
        "null",
        "true",
        "[]",
        "[1",
        "{}",
        "{'a': 1}",
        "$Latest",
        "$Default",
        "*",
    ),
    *(
        "lt-0123456789abcdef0",
        "sg-0123456789abcdef0",
        "ami-1",
        "resolve:ssm:",
        "arn:aws:iam::123456789012:role/web",
        "arn:",
    ),
    *(
        "/",
        "//",
        "/a/",
        "../..",
        "/dev/sdf",
        "/dev/null",
        "/nowhere/missing",
        "http://[",
        "aws:name",
        "eu-west-1",
        "\u0661",
    ),
)
NUMBERS = (0, 1, -1, 5, 64, 65, 256, 2**31, 2**63, 2**80, 1.5, -0.0, float("inf"), float("-inf"), float("nan"))
ODD = st.one_of(
    st.sampled_from(TEXTS),
    st.sampled_from(NUMBERS),
    st.sampled_from((None, True, False, [], {}, [[]], [{}], [None], {"": ""}, {"a": None}, nested(3), nested(150))),
    st.text(max_size=5),
    st.recursive(
        st.sampled_from((*TEXTS[:8], *NUMBERS[:4], None, True)),
        lambda children: st.one_of(
            st.lists(children, max_size=3), st.dictionaries(st.sampled_from(TEXTS), children, max_size=3)
        ),
        max_leaves=6,
    ),
)


def values(argument, name=""):
    """Return a strategy for the value of an option: mostly of its type, sometimes odd."""
    if name == "aws_config":
        # A pool of connections is filled when it is created, which never ends for large numbers.
        names = [*TEXTS[:3], *sorted(set(Config.OPTION_DEFAULTS) - {"max_pool_connections"})]
        return st.dictionaries(st.sampled_from(names), ODD, min_size=1, max_size=2)
    kind, elements = argument.get("type", "str"), argument.get("elements")
    typed = {
        "bool": st.booleans(),
        "int": st.sampled_from([number for number in NUMBERS if isinstance(number, int)]),
        "float": st.sampled_from(NUMBERS),
        "dict": st.dictionaries(st.sampled_from(TEXTS), st.one_of(st.sampled_from(TEXTS), ODD), max_size=3),
    }.get(kind, st.sampled_from(TEXTS))
    if argument.get("choices"):
        typed = st.sampled_from(argument["choices"])
    if argument.get("options"):
        typed = members(argument["options"])
    if kind == "list":
        entry_of = {
            **{key: argument[key] for key in ("options", "choices") if key in argument},
            "type": elements or "str",
        }
        typed = st.lists(values(entry_of), max_size=3)
    return st.one_of(typed, typed, typed, ODD)


def members(arguments, most=4):
    """Return a strategy for a dictionary with some of the options, the required ones mostly among them."""
    required = {name: values(argument) for name, argument in arguments.items() if argument.get("required")}
    some = st.lists(st.sampled_from(sorted(arguments)), max_size=most, unique=True)
    chosen = some.flatmap(lambda names: st.fixed_dictionaries({name: values(arguments[name], name) for name in names}))
    return st.tuples(st.fixed_dictionaries(required), chosen).map(lambda both: {**both[0], **both[1]})


def options_of(module):
    """Return the argument specification of a module without what is never odd."""
    caught = []
    with pytest.MonkeyPatch.context() as patch, patch_module_args({"region": "us-east-1", **MODULES[module]}):
        patch.setattr(entry, "run", lambda module, dummy: caught.append(module.argument_spec))
        module.main()
    return {name: argument for name, argument in caught[0].items() if name not in NEVER_ODD}


def parameters(module):
    """Return a strategy for parameters of a module: right ones, of which some are odd."""
    odd = members({name: {**each, "required": False} for name, each in options_of(module).items()})
    return odd.map(lambda options: {**MODULES[module], **options})


def applications():
    """Return a strategy for a list of applications, as a fleet's file gives it."""
    entry_of = members({name: {**each, "required": False} for name, each in APPLICATION_ARGUMENTS.items()}, most=6)
    application = entry_of.map(lambda options: {**APPLICATION, **options})
    return st.one_of(st.lists(st.one_of(application, application, application, ODD), max_size=3), ODD)


def problems(result):
    """Return what is wrong with a module's result: an input may be refused, and only in words."""
    if not result.get("failed"):
        return []
    message = result.get("msg", "")
    if "Unexpected" in message or not message.strip():
        return [message, result.get("exception", "")]
    return []
