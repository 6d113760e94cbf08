# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.concurrent_loop import (
    combine,
    passes_by_itself,
    with_message,
)

MODULE = "amazon.aws.iam_role"
# As ansible-core 2.19 and later write what a module raised, less what nobody looks at.
RAISED = {
    "failed": True,
    "exception": {
        "__ansible_type": "ErrorSummary",
        "event": {
            "msg": "Could not connect.",
            "chain": {"event": {"msg": "ConnectionResetError", "chain": None}},
        },
    },
}


def runs(**results):
    return [dict(result, item=item) for item, result in results.items()]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        pytest.param(
            {"a": {"changed": True}, "b": {"changed": True}},
            (True, False, f"2 of 2 runs of {MODULE} changed something."),
            id="all changed",
        ),
        pytest.param(
            {"a": {"changed": False}, "b": {"changed": False}},
            (False, False, f"0 of 2 runs of {MODULE} changed something."),
            id="none changed",
        ),
        pytest.param(
            {"a": {"failed": True, "msg": "Why."}, "b": {"changed": True}, "c": {"failed": True, "msg": "Why not."}},
            (True, True, f"2 of 3 runs of {MODULE} failed.\na: Why.\nc: Why not."),
            id="some failed",
        ),
        pytest.param({}, (False, False, f"0 of 0 runs of {MODULE} changed something."), id="none"),
    ],
)
def test_summary(results, expected):
    combined = combine(MODULE, runs(**results))
    assert (combined["changed"], combined["failed"], combined["msg"]) == expected


def test_what_all_say_is_said_once():
    deprecation = {"msg": "old", "version": "9.0.0"}
    results = runs(
        a={"changed": True, "warnings": ["one", "two"], "deprecations": [deprecation]},
        b={"changed": True, "warnings": ["two"], "deprecations": [dict(deprecation)]},
        c={"changed": True},
    )
    combined = combine(MODULE, results)
    assert (combined["warnings"], combined["deprecations"]) == (["one", "two"], [deprecation])
    assert all("warnings" not in each and "deprecations" not in each for each in combined["results"])


def test_differences_and_facts():
    results = runs(
        a={"changed": True, "diff": {"before": "1", "after": "2"}, "ansible_facts": {"x": 1}},
        b={"changed": False, "diff": {"before": "1", "after": "1"}},
        c={"changed": True, "diff": [{"prepared": "+1", "after_header": "its own"}]},
    )
    combined = combine(MODULE, results)
    assert combined["diff"] == [
        {"before": "1", "after": "2", "before_header": "a", "after_header": "a"},
        {"prepared": "+1", "before_header": "c", "after_header": "its own"},
    ]
    assert combined["ansible_facts"] == {"x": 1}


@pytest.mark.parametrize(
    ("result", "message"),
    [
        pytest.param({"changed": True}, None, id="no failure"),
        pytest.param({"failed": True, "msg": "Why."}, "Why.", id="its own"),
        pytest.param(RAISED, "Could not connect. ConnectionResetError", id="what it raised, and why"),
        pytest.param({"failed": True, "exception": "Traceback"}, "The module failed and gave no reason.", id="none"),
    ],
)
def test_messages(result, message):
    assert with_message(result).get("msg") == message


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        pytest.param({"failed": True, "msg": "An error occurred (Throttling): Rate"}, True, id="message"),
        pytest.param(
            {"failed": True, "msg": "MODULE FAILURE", "module_stderr": "ConnectionReset"}, True, id="last words"
        ),
        pytest.param(with_message(RAISED), True, id="the cause of an exception"),
        pytest.param({"failed": True, "msg": "Access denied"}, False, id="another"),
        pytest.param({"changed": False, "msg": "Throttling"}, False, id="no failure"),
        pytest.param({"failed": True, "msg": "Denied", "invocation": "Throttling"}, False, id="not in the message"),
    ],
)
def test_what_passes_by_itself(result, expected):
    assert passes_by_itself(result, ["Throttl(ing|ed)", "ConnectionReset"]) is expected
