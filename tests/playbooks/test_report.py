# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The role report: what only a run of Ansible shows. The page itself is tested in tests/pages."""

from __future__ import annotations

import json

NAME = "{{ 7 * 7 }}{% raw %}<b>"


def test_page_has_names_as_text_and_the_hosts_that_failed(attempt, aws, regions, launch, tmp_path):
    ec2, autoscaling = aws.client("ec2"), aws.client("autoscaling")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="web", ImageId=launch["application_image_id"], InstanceType="t3.small",
        UserData=launch["application_user_data"],
    )  # fmt: skip
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=NAME, MinSize=0, MaxSize=1, VPCZoneIdentifier=subnet, LaunchConfigurationName="web"
    )
    arguments = regions(eu={"fleet_account": "999999999999"})
    paths = [f"report.{ending}" for ending in ("html", "md", "json")]
    run = attempt("report", *arguments, variables={"report_path": paths, "report_title": "Two Regions"})
    assert not run.succeeded
    assert "account 123456789012, not 999999999999" in run.output
    page, markdown, data = ((tmp_path / path).read_text(encoding="utf-8") for path in paths)
    assert "<h3>{{ 7 * 7 }}{% raw %}&lt;b&gt;</h3>" in page
    assert "Not in this report: eu." in page
    assert r"### \{\{ 7 \* 7 \}\}{% raw %\}\<b\>".replace("{% raw", r"\{% raw") in markdown
    (row,) = json.loads(data)["applications"]
    assert (row["name"], row["region"]) == (NAME, "us-east-1")
    assert {(tmp_path / path).stat().st_mode & 0o777 for path in paths} == {0o600}


def test_misspelt_variable_is_refused(refuse, tmp_path):
    assert "Did you mean report_path?" in refuse("report", variables={"report_pat": "x.html"})
    assert not (tmp_path / "report.html").exists()
