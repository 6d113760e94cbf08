# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from types import SimpleNamespace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.find import references

ARN = "arn:aws:ssm:us-east-1:210987654321:parameter/golden"


def parameter(name="golden", selector=None, value="text", **more):
    return {"Name": name, "Value": value, "Version": 3, **({"Selector": selector} if selector else {}), **more}


# The names that are asked for, AWS's answer, and for each name the value of the parameter, None for a missing one.
ANSWERS = [
    (["golden"], [parameter()], [], {"golden": "text"}),
    (["golden:3"], [parameter()], [], {"golden:3": "text"}),
    (["golden:live"], [parameter(selector=":live")], [], {"golden:live": "text"}),
    (["golden:live"], [parameter(selector="live")], [], {"golden:live": "text"}),
    (
        ["golden", "golden:1"],
        [parameter(), parameter(selector=":1", value="old")],
        [],
        {"golden": "text", "golden:1": "old"},
    ),
    ([ARN], [parameter(ARN=ARN)], [], {ARN: "text"}),
    ([f"{ARN}:live"], [parameter(name=ARN, selector=":live")], [], {f"{ARN}:live": "text"}),
    (["golden", "gone"], [parameter()], ["gone"], {"golden": "text", "gone": None}),
    # An answer that cannot be told apart is unknown.
    (["golden:live"], [parameter()], [], {}),
]


@pytest.mark.parametrize(("names", "parameters", "invalid", "expected"), ANSWERS)
def test_find_of_ssm_parameters_knows_their_names(names, parameters, invalid, expected):
    answer = {"Parameters": parameters, "InvalidParameters": invalid}

    def get_parameters(Names):  # noqa: N803 - AWS's own spelling
        assert Names == names
        return answer

    clients = {"ssm": SimpleNamespace(get_parameters=get_parameters)}
    found = references.find(clients.get, dict(ssm_parameters=frozenset(names)), 1)["ssm_parameters"]
    assert {name: answer and answer["Value"] for name, answer in found.items()} == expected
