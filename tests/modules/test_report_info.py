# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What report_info reads, with how many calls, and what it does where it may not read."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.modules import fleet, report_info

APPLICATIONS = 100
MOST_CALLS = 12
FLEET = [
    {
        "application_name": name,
        "application_image_id": "ami-785db401",
        "application_instance_type": "t3.micro",
        "application_launch_with": "launch_template",
        "application_user_data": "#!/bin/sh\necho canary-of-report\n",
    }
    for name in ("shop", "search")
]


@pytest.fixture
def chain(aws, profile, group):
    """Return a function that makes an application that launches from a launch template, and returns the template's ID."""
    ec2 = aws.client("ec2")

    def make(name, version="1", size=0, versions=1, **data):
        profile(name)
        data = {"ImageId": "ami-785db401", "InstanceType": "t3.micro", "IamInstanceProfile": {"Name": name}, **data}
        made = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)["LaunchTemplate"]
        for _ in range(versions - 1):
            ec2.create_launch_template_version(LaunchTemplateName=name, LaunchTemplateData=data)
        specification = {"LaunchTemplateId": made["LaunchTemplateId"], "Version": version}
        group(name, size=size, LaunchTemplate=specification)
        return made["LaunchTemplateId"]

    return make


def rows(result):
    return {row["name"]: row for row in result["report"]["applications"]}


def findings(result, name):
    return {each["name"] for each in rows(result)[name]["findings"]}


def test_report_of_100_applications_costs_few_calls(run, aws, chain, group, writes):
    # The benchmark has a role and a launch template for each.
    templates = [chain(f"web-{number}", "$Default", versions=1 + number) for number in range(2)]
    for number in range(2, APPLICATIONS):
        specification = {"LaunchTemplateId": templates[number % 2], "Version": "$Latest" if number % 3 else "$Default"}
        group(f"web-{number}", LaunchTemplate=specification)
    aws.reset_calls()
    result = run(report_info)
    assert len(rows(result)) == APPLICATIONS
    calls = [call["operation"] for call in aws.calls()]
    assert len(calls) <= MOST_CALLS, calls
    assert {link["state"] for row in rows(result).values() for link in row["chain"][:4]} == {"good"}
    assert "DescribeLaunchTemplateVersions" in calls
    assert writes() == []


def test_report_of_what_is_there(run, aws, chain, profile, role):
    template = chain("old", "1", size=1, versions=3)
    chain("web", "$Latest", size=1, MetadataOptions={"HttpTokens": "required", "HttpEndpoint": "enabled"})
    aws.client("ec2").modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")
    profile("empty", empty=True)
    role("free")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    policy = aws.client("iam").create_policy(PolicyName="own", PolicyDocument=document)["Policy"]["Arn"]
    aws.client("iam").attach_role_policy(RoleName="web", PolicyArn=policy)
    actions = [{"actions": ["s3:GetObject", "s3:PutObject"], "expected": "denied"}]
    result = run(report_info, check_mode=True, actions=actions, max_image_age_days=20000)
    found = rows(result)
    assert set(found) == {"old", "web", "empty", "free"}
    assert found["old"]["launch"][0]["version"] == "1"
    assert [found[name]["is_broken"] for name in ("old", "web", "empty", "free")] == [False, False, True, True]
    # Instances of the embedded AWS have public addresses and volumes without encryption.
    assert findings(result, "old") >= {"imdsv1", "unencrypted_volumes", "public_address", "few_zones"}
    assert findings(result, "web") >= {"allows_everything", "action_unexpected"}
    assert [each["decision"] for each in found["web"]["roles"][0]["actions"]] == ["allowed", "allowed"]
    assert [each["decision"] for each in found["old"]["roles"][0]["actions"]] == ["denied", "denied"]
    assert found["web"]["instances"]["sources"] == [
        {"source": "launch template web version 1", "count": 1, "outdated": False}
    ]


def test_report_of_a_fleet_shows_drift_and_orphans_and_no_user_data(run, aws):
    given = dict(applications=json.dumps(FLEET), defaults=json.dumps({"application_role_path": "/web/"}))
    assert run(fleet, **given)["changed"]
    changed = [{**FLEET[0], "application_instance_type": "t3.large"}, {"application_name": "new"}]
    aws.reset_calls()
    result = run(report_info, applications=json.dumps(changed), defaults=given["defaults"], orphan_path="/web/")
    assert "drift" in findings(result, "shop")
    assert "orphan" in findings(result, "search")
    assert rows(result)["new"]["kind"] == "declared"
    assert "canary-of-report" not in result["printed"]
    assert "drift" not in findings(run(report_info, **given), "shop")


def test_report_goes_on_without_permissions_that_it_can_miss(run, aws, chain):
    chain("web", size=1)
    for operation in ("DescribeInstances", "DescribeVolumes", "GetEbsEncryptionByDefault"):
        aws.fault("error", operation, code="UnauthorizedOperation", status=403, times=None)
    aws.fault("error", "SimulatePrincipalPolicy", code="AccessDenied", status=403, times=None)
    result = run(report_info, actions=[{"actions": ["s3:GetObject"]}])
    assert result["report"]["not_read"] == [
        "ec2:DescribeInstances",
        "ec2:DescribeVolumes",
        "ec2:GetEbsEncryptionByDefault",
        "iam:SimulatePrincipalPolicy",
    ]
    assert rows(result)["web"]["instances"]["total"] == 1


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"accepted_findings": [{"finding": "imdv1", "reason": "x"}]}, "Did you mean imdsv1?"),
        ({"accepted_findings": [{"finding": "imdsv1", "reason": " "}]}, "the reason for 'imdsv1' is empty"),
        ({"actions": [{"actions": ["s3:*"]}]}, "'s3:*' is not an action"),
        ({"max_unused_days": -1}, "max_unused_days: -1 is negative"),
        ({"concurrency": 0}, "concurrency: 0 is out of range"),
        ({"applications": "[{}]"}, "application_name"),
    ],
)
def test_bad_input_is_refused_before_the_first_call(run, aws, parameters, message):
    aws.reset_calls()
    result = run(report_info, **parameters)
    assert message in result["msg"]
    assert aws.calls() == []


def test_report_of_another_account_is_refused(run):
    assert "account 123456789012, not 999999999999" in run(report_info, account="999999999999")["msg"]
