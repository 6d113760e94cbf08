# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Roles and instance profiles are the account's: what runs, or another Region, still uses them."""

from __future__ import annotations

import pytest

FLEET = {"fleet_defaults": {"application_role_path": "/web/"}, "fleet_orphan_path": "/web/"}


@pytest.fixture
def check_role(aws):
    """Check that the instance profile ``shop`` still holds its role."""

    def check():
        profile = aws.client("iam").get_instance_profile(InstanceProfileName="shop")["InstanceProfile"]
        assert [role["RoleName"] for role in profile["Roles"]] == ["shop"]

    return check


def test_teardown_keeps_what_another_region_or_an_instance_uses(succeed, refuse, aws, regions, launch, check_role):
    single = {"application_name": "shop"}
    shop = {**single, **launch}
    ours = {"fleet_applications": [single]}
    succeed("fleet", *regions(us=ours, eu={"fleet_applications": [shop]}), variables=FLEET)
    launch_configurations = aws.client("autoscaling", "eu-west-1").describe_launch_configurations
    assert len(launch_configurations()["LaunchConfigurations"]) == 1

    # Another host of the play claims it.
    absent = {"fleet_applications": [{**shop, "application_state": "absent"}]}
    output = succeed("fleet", *regions(us=ours, eu=absent), variables=FLEET).output
    assert "kept: claimed by us" in output
    assert launch_configurations()["LaunchConfigurations"] == []
    check_role()

    # Hosts of the inventory that --limit leaves out do.
    pruning = ("-e", "fleet_prune_orphans=true", "--limit", "eu")
    succeed("fleet", *regions(us=ours, eu={"fleet_applications": []}), *pruning, variables=FLEET)
    check_role()
    assert "kept: claimed by us" in succeed("teardown", *regions(us=single, eu=single), "--limit", "eu").output
    check_role()

    # IAM has names without regard to letter case.
    profile = {"Name": "shop"}
    ec2 = aws.client("ec2")
    (instance,) = ec2.run_instances(ImageId="ami-baba68d3", MinCount=1, MaxCount=1, IamInstanceProfile=profile)[
        "Instances"
    ]
    assert "shop" in refuse("teardown", variables={"application_name": "SHOP"})
    check_role()

    # What nobody uses or claims any more is removed.
    ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    succeed("teardown", *regions(us=single, eu=single))
    assert aws.client("iam").list_roles()["Roles"] == []
