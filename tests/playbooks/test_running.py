# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How operators run playbooks: tags, several applications of one host, inventories with a connection, and what a run prints."""

from __future__ import annotations

import pytest
import yaml


@pytest.fixture
def site(tmp_path, launch):
    """Write a playbook that applies the role to two applications of one host, each with a tag; return variables of both."""
    variables = {**launch, "application_launch_with": "launch_template"}
    roles = [
        {"role": "launchkit.aws.application", "tags": [name], "vars": {"application_name": name}}
        for name in ("web", "jobs")
    ]
    roles[1]["vars"]["application_managed_policies"] = "{{ policies | default([]) }}"
    play = {"hosts": "localhost", "gather_facts": False, "vars": variables, "roles": roles}
    (tmp_path / "site.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    return variables


def test_tags_run_the_whole_chain_of_their_role_only(succeed, aws, site):
    assert succeed("site.yml", "--tags", "jobs").changed == 3
    (role,) = aws.client("iam").list_roles()["Roles"]
    (template,) = aws.client("ec2").describe_launch_templates()["LaunchTemplates"]
    assert (role["RoleName"], template["LaunchTemplateName"]) == ("jobs", "jobs")

    aws.reset_calls()
    succeed("site.yml", "--skip-tags", "web,jobs")
    assert aws.calls() == []

    unchanged = succeed("bootstrap", variables={**site, "application_name": "jobs"})
    assert unchanged.changed == 0
    assert len(unchanged.output.splitlines()) <= 40
    assert "included:" not in unchanged.output
    assert "skipping:" not in unchanged.output
    for line in ("jobs: unchanged", f"  IAM role: {role['Arn']}", "  launch template: jobs, version 1"):
        assert line in unchanged.output.splitlines()

    # The result of one application has nothing of the one before it.
    both = succeed("site.yml", variables={"policies": ["AmazonS3ReadOnlyAccess"]})
    assert both.changed == 4
    result = both.output[both.output.rindex("Show the result") :]
    assert '"name": "jobs"' in result
    assert template["LaunchTemplateId"] in result


def test_inventory_overrides_connection_and_interpreter(attempt, tmp_path):
    hosts = (
        "here",
        "other-connection ansible_connection=nowhere",
        "other-python ansible_python_interpreter=/nowhere/python",
    )
    (tmp_path / "hosts.ini").write_text("\n".join(hosts), encoding="utf-8")
    run = attempt(
        "bootstrap", "--check", "-i", "hosts.ini", "-e", "launchkit_hosts=all", variables={"application_name": "web"}
    )
    assert not run.succeeded
    assert "[here]   + IAM role web" in run.output
    (connection,) = [line for line in run.output.splitlines() if line.startswith("fatal: [other-connection]")]
    assert "nowhere" in connection
    (python,) = [line for line in run.output.splitlines() if line.startswith("fatal: [other-python]")]
    assert "/nowhere/python" in python
