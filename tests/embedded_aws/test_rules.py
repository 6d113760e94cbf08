# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One row per rule, run through plain boto3: with the rule AWS's answer comes, without it moto's own does not do.

The AWS source of each row stands with its rule in embedded_aws/rules; a failure shows it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.embedded_aws import (
    rows_group_sources,
    rows_groups,
    rows_iam,
    rows_iam_policies,
    rows_instance_lifecycle,
    rows_instance_profiles,
    rows_instance_refreshes,
    rows_launch_configurations,
    rows_launch_templates,
    rows_refresh_preferences,
    rows_requests,
)
from tests.embedded_aws.table import Account, Row

ROWS: list[Row] = [
    *rows_instance_profiles.row.rows,
    *rows_launch_configurations.row.rows,
    *rows_launch_templates.row.rows,
    *rows_requests.row.rows,
    *rows_iam.row.rows,
    *rows_iam_policies.row.rows,
    *rows_group_sources.row.rows,
    *rows_groups.row.rows,
    *rows_instance_lifecycle.row.rows,
    *rows_instance_refreshes.row.rows,
    *rows_refresh_preferences.row.rows,
]


@pytest.fixture(scope="session")
def rules(embedded_aws_server: Any) -> dict[str, Any]:
    return {rule["name"]: rule for rule in embedded_aws_server.control("GET", "rules")}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_rule_answers_as_aws_does(row: Row, aws: Any, rules: dict[str, Any]) -> None:
    met, answer = row.is_met(Account(aws))
    assert met, f"{rules[row.rule]['when']} [{rules[row.rule]['source']}]: {answer}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_moto_alone_does_not_answer_so(row: Row, aws: Any, rules: dict[str, Any]) -> None:
    """Without the rule the row fails. When it doesn't, a new moto has learned it and the rule can go."""
    aws.set(disabled_rules=[row.rule])
    met, answer = row.is_met(Account(aws))
    assert not met, f"{row.rule} is not needed, moto answers: {answer}"


def test_every_rule_has_a_row_and_a_source(rules: dict[str, Any]) -> None:
    tested = {row.rule for row in ROWS}
    assert tested == set(rules), "rules without a row, or rows without a rule"
    assert all(len(rule["source"]) > 10 and rule["when"] for rule in rules.values())


def test_errors_are_the_ones_on_the_list(rules: dict[str, Any]) -> None:
    """A row's expectation is written down by hand; it agrees with the rule's line."""
    for row in ROWS:
        rule = rules[row.rule]
        if rule["kind"] == "refuses":
            assert (row.expected.code, row.expected.status) == (rule["code"], rule["status"]), row.name
