# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The migration of many groups without instances, each with a launch configuration of its own, in one run."""

from __future__ import annotations

import json
from collections.abc import Iterator

from benchmarks.measure import ANSIBLE_PLAYBOOK, FOLDER, Bench, Failed
from benchmarks.parts import IMAGES, INSTANCE_TYPE, TRUST
from benchmarks.results import Used

PREFIX = "launch_template_migration_"
DELETE = {f"{PREFIX}delete_launch_configurations": True, f"{PREFIX}delete_min_age": 0}
# In this order on one account: scenario, options of ansible-playbook, and variables.
SCENARIOS = (
    ("migration_plan", ["--check"], {}),
    ("migration", [], {}),
    ("migration_unchanged", [], {}),
    ("migration_clean_up", [], DELETE),
)


def measure(bench: Bench, number: int, latency: float) -> Iterator[tuple[str, Used]]:
    """Yields scenario and what its run used."""
    bench.empty()
    iam, ec2, autoscaling = (bench.server.client(service) for service in ("iam", "ec2", "autoscaling"))
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    for name in (f"web-{index:04}" for index in range(number)):
        autoscaling.create_launch_configuration(
            LaunchConfigurationName=name,
            ImageId=IMAGES[0],
            InstanceType=INSTANCE_TYPE,
            IamInstanceProfile="web",
            UserData=f"echo {name}",
        )
        autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name, LaunchConfigurationName=name, MinSize=0, MaxSize=1, VPCZoneIdentifier=subnet
        )
    for scenario, options, variables in SCENARIOS:
        file = FOLDER / "migration.json"
        file.write_text(json.dumps({f"{PREFIX}all": True, **variables}), encoding="utf-8")
        used, dummy = bench.run([ANSIBLE_PLAYBOOK, "launchkit.aws.migrate", *options, "-e", f"@{file}"], latency)
        yield scenario, used
    if autoscaling.describe_launch_configurations()["LaunchConfigurations"]:
        raise Failed("the migration left launch configurations")
