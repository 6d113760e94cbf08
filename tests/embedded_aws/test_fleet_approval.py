# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A plan that somebody approves: a run applies it as it was approved, or not at all."""

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import approval
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import entry, plain


@pytest.fixture
def approved(fleets, tmp_path):
    """Write the plan of two applications, and return its path."""
    path = tmp_path / "plan.json"
    fleets.apply([entry("web", user_data="hunter2"), plain("api")], check_mode=True, plan_file=str(path))
    return path


def test_approved_plan_is_applied(fleets, approved):
    text = approved.read_text(encoding="utf-8")
    assert "hunter2" not in text
    assert [each["name"] for each in json.loads(text)["applications"]] == ["web", "api"]
    assert fleets.writes() == {}
    result = fleets.apply([entry("web", user_data="hunter2"), plain("api")], plan_file=str(approved))
    assert result["totals"]["changed"] == 2
    assert approved.read_text(encoding="utf-8") == text
    # It is not the plan any more: there is nothing to do.
    message, details = fleets.refused([entry("web", user_data="hunter2"), plain("api")], plan_file=str(approved))
    assert len(details["differences"]) == 2
    assert "[now] api: unchanged" in message


CHANGES = {
    "user data alone": ([entry("web", user_data="hunter3"), plain("api")], ["web"]),
    "another setting": ([entry("web", user_data="hunter2", instance_type="t3.large"), plain("api")], ["web"]),
    "one more": ([entry("web", user_data="hunter2"), plain("api"), plain("late")], ["late"]),
    "one less": ([plain("api")], ["web"]),
}


@pytest.mark.parametrize(("applications", "names"), CHANGES.values(), ids=CHANGES)
def test_another_plan_is_refused_before_the_first_change(fleets, approved, applications, names):
    message, details = fleets.refused(applications, plan_file=str(approved))
    assert message.startswith(f"plan_file: the plan is not the one in '{approved}' any more. [approved] ")
    assert message.endswith("No changes were made.")
    assert [text.split()[1].rstrip(":") for text in details["differences"]] == names
    assert "hunter" not in message
    assert fleets.writes() == {}


@pytest.mark.parametrize("text", [None, "", "[]", '{"applications": [{}]}', '{"applications": []}'])
def test_file_without_a_plan_is_refused(fleets, tmp_path, text):
    path = tmp_path / "plan.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    message, dummy = fleets.refused([plain("web")], plan_file=str(path))
    assert message == f"plan_file: '{path}' has no plan. Write it with --check. No changes were made."


def test_plan_of_another_account_is_refused(fleets, approved):
    text = approved.read_text(encoding="utf-8").replace("123456789012", "210987654321")
    approved.write_text(text, encoding="utf-8")
    message, dummy = fleets.refused([plain("web")], plan_file=str(approved))
    assert "is for account 210987654321 in us-east-1" in message


def test_markdown_has_the_plan(fleets, tmp_path):
    path = tmp_path / "plan.md"
    result = fleets.apply([plain("web", role_description="```")], check_mode=True, plan_markdown=str(path))
    head, empty, begin, *lines, end, last = path.read_text(encoding="utf-8").split("\n")
    assert (head, empty, last) == ("### Plan for account 123456789012 in us-east-1", "", "")
    assert (begin, lines, end) == ("````text", result["plan"], "````")


def test_markdown_of_an_empty_plan_is_a_block(fleets):
    observed = fleets.info([])["account"]
    assert approval.markdown([], type("Observed", (), {"account": observed, "region": "r"})).count("```") == 2


def test_check_fails_on_changes(fleets):
    with pytest.raises(LaunchkitError, match=r"fail_on_changes: web, api would change\. ") as failed:
        fleets.apply([plain("web"), plain("api")], check_mode=True, fail_on_changes=True)
    assert [row["name"] for row in failed.value.details["applications"]] == ["web", "api"]
    assert fleets.apply([plain("web"), plain("api")], fail_on_changes=True)["changed"]
    assert not fleets.apply([plain("web"), plain("api")], check_mode=True, fail_on_changes=True)["changed"]
