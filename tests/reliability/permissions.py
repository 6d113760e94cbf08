# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The policies in docs/policies: the runs of playbooks that they are for, and their making from the calls of these runs.

``python -m tests.reliability.permissions`` writes them afresh.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import IMAGE, OTHER_IMAGE, TRUST, ZONES, Fleets

from embedded_aws.fixtures import running

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "policies"
ANSIBLE_PLAYBOOK = Path(sys.executable).parent / "ansible-playbook"
READING = re.compile(r"\w+:(Describe|Get|List)")
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
# The policies limit roles to this path, which an application has as application_role_path.
PATH = "/applications/"

# Without these actions, a run succeeds: it reads roles one by one, or looks up less of what the plan names.
OPTIONAL = {
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeKeyPairs",
    "ec2:DescribeSnapshots",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "iam:GetAccountSummary",
    "ssm:GetParameters",
}
OPTIONAL_FOR = {
    "migrate": {"autoscaling:DescribeLifecycleHooks", "ec2:DescribeSecurityGroups", "iam:ListInstanceProfiles"}
}

QUEUE = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}]}
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
GROUP = {
    "application_group_min_size": 0,
    "application_group_max_size": 2,
    "application_group_availability_zones": ZONES,
}
BEFORE = {
    "application_role_path": PATH,
    "application_role_description": "Reads documents",
    "application_managed_policies": ["AmazonS3ReadOnlyAccess"],
    "application_inline_policies": {"queue": QUEUE},
    "application_permissions_boundary": BOUNDARY,
    "application_tags": {"team": "a"},
    "application_image_id": IMAGE,
    "application_instance_type": "t3.small",
    "application_group_tags": {"team": "a"},
    **GROUP,
}
# What differs from before: each permission of an update is needed for one of these.
AFTER = {
    **BEFORE,
    "application_role_description": "Reads new documents",
    "application_trust_policy": {**TRUST, "Statement": [{**TRUST["Statement"][0], "Sid": "Instances"}]},
    "application_managed_policies": ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
    "application_inline_policies": {"topic": QUEUE},
    "application_permissions_boundary": "",
    "application_tags": {"squad": "a"},
    "application_image_id": OTHER_IMAGE,
    "application_group_max_size": 3,
    "application_group_tags": {"squad": "a"},
}
CONFIGURED = {"application_name": "web", "application_group_name": "web"}
TEMPLATED = {
    "application_name": "shop",
    "application_group_name": "shop",
    "application_launch_with": "launch_template",
    "application_launch_template_prune": {"keep": 0},
}
REFRESHED = {"application_group_min_size": 1, "application_refresh": True, "application_refresh_poll_interval": 1}
# The role in its instance profile is another one.
OTHER_ROLE = {"application_role_name": "shop-2"}


def applications(common, *, refreshed=None, role=None):
    """Return an application with a launch configuration and one with a launch template."""
    return [
        {**common, **CONFIGURED},
        {**common, **TEMPLATED, **(refreshed or {}), **(role or {})},
    ]


def nothing(dummy):
    """Build nothing."""


def with_applications(*states):
    """Build the applications of each state, one after the other."""

    def prepare(aws):
        for each in states:
            Fleets(aws).apply(each, prune_orphans=False)

    return prepare


def with_groups(aws):
    """Build a launch configuration with a role, and a group with an instance that names it."""
    iam, autoscaling = aws.client("iam"), aws.client("autoscaling")
    iam.create_role(RoleName="web", Path=PATH, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="web", ImageId=IMAGE, InstanceType="t3.micro", IamInstanceProfile="web"
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web", MinSize=1, MaxSize=2, AvailabilityZones=ZONES, LaunchConfigurationName="web"
    )


class Run(NamedTuple):
    """A run of a playbook.

    :param policy: the policy with which it succeeds.
    :param prepare: builds what the run finds.
    """

    policy: str
    name: str
    playbook: str
    variables: dict
    prepare: Callable
    arguments: tuple = ()


class Played(NamedTuple):
    """Whether a run succeeded, what it printed, and the calls that it made."""

    succeeded: bool
    output: str
    calls: list


ORPHANS = {"fleet_orphan_path": PATH, "fleet_prune_orphans": True}
OLD, NEW = (
    applications(BEFORE, refreshed={**REFRESHED, "application_refresh": False}),
    applications(AFTER, refreshed=REFRESHED, role=OTHER_ROLE),
)
DELETE = {
    "launch_template_migration_all": True,
    "launch_template_migration_delete_launch_configurations": True,
    "launch_template_migration_delete_min_age": 0,
}
REFRESH = {"launch_template_migration_refresh": True, "launch_template_migration_refresh_poll_interval": 1}
RUNS = (
    Run("bootstrap", "create", "bootstrap", {"applications": OLD}, nothing),
    Run("bootstrap", "update", "bootstrap", {"applications": NEW}, with_applications(OLD)),
    Run("teardown", "delete", "teardown", {"applications": OLD}, with_applications(OLD)),
    Run("fleet", "create", "fleet", {"fleet_applications": OLD, **ORPHANS}, nothing),
    Run("fleet", "update", "fleet", {"fleet_applications": NEW}, with_applications(OLD)),
    Run("fleet", "delete an orphan", "fleet", {"fleet_applications": OLD[:1], **ORPHANS}, with_applications(OLD)),
    Run("migrate", "groups", "migrate", DELETE, with_groups),
    Run("migrate", "instances", "migrate", {**DELETE, **REFRESH}, with_groups),
    *(
        Run("reader", f"{playbook}: {name}", playbook, variables, prepare, arguments)
        for playbook, variables, prepared in (
            ("bootstrap", {"applications": NEW}, (with_applications(OLD), with_applications(NEW))),
            ("teardown", {"applications": NEW}, (with_applications(NEW), nothing)),
            (
                "fleet",
                {"fleet_applications": NEW, "fleet_orphan_path": PATH},
                (with_applications(OLD), with_applications(NEW)),
            ),
            ("migrate", DELETE, (with_groups, with_applications(OLD[1:]))),
        )
        for name, prepare, arguments in zip(("check", "unchanged"), prepared, (("--check",), ()))
    ),
)
POLICIES = tuple(dict.fromkeys(run.policy for run in RUNS))


def operator(aws, policy):
    """Return the access key of a user who has the permissions of a policy. From here on, keys and permissions are checked."""
    iam = aws.client("iam")
    iam.create_user(UserName="operator")
    iam.put_user_policy(UserName="operator", PolicyName="policy", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    aws.reset_calls()
    aws.set(authorization=True)
    return key["AccessKeyId"], key["SecretAccessKey"]


def play(aws, run, policy):
    """Run a playbook with the permissions of a policy.

    The account is as it is: ``run.prepare`` comes before.
    """
    key, secret = operator(aws, policy)
    credentials = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "variables.json").write_text(json.dumps(run.variables), encoding="utf-8")
        done = subprocess.run(
            [ANSIBLE_PLAYBOOK, f"launchkit.aws.{run.playbook}", "-e", "@variables.json", *run.arguments],
            cwd=folder,
            env={**kept, **aws.environment(), **credentials},
            capture_output=True,
            text=True,
            check=False,
        )
    aws.set(authorization=False)
    return Played(done.returncode == 0, done.stdout + done.stderr, aws.calls())


def demanded(calls):
    """Return the actions that the calls needed."""
    return {action for call in calls for action in call["demanded"]}


def denied(calls):
    """Return the actions that were denied."""
    return {call["demanded"][-1] for call in calls if call["outcome"] in ("AccessDenied", "UnauthorizedOperation")}


def prepare(aws, run):
    """Empty the account and build what a run finds."""
    aws.reset()
    run.prepare(aws)


def optional_for(name):
    """Return the actions without which the runs of a policy succeed; what a reader reads is its purpose."""
    return set() if name == "reader" else OPTIONAL | OPTIONAL_FOR.get(name, set())


def path_of(name):
    """Return the file of a policy."""
    return FOLDER / f"{name}.json"


def read_policy(name):
    """Return a policy of docs/policies."""
    return json.loads(path_of(name).read_text(encoding="utf-8"))


def actions_of(policy):
    """Return the actions of a policy."""
    return sorted(action for statement in policy["Statement"] for action in statement["Action"])


def without(policy, action):
    """Return the policy without an action."""
    statements = [
        {**statement, "Action": [each for each in statement["Action"] if each != action]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": [statement for statement in statements if statement["Action"]]}


def policy_of(actions):
    """Return the policy that allows the actions: changes of roles under a path only, and EC2 as the only service to pass them to."""
    reads = {action for action in actions if READING.match(action)}
    passing = {"Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}}
    profiles = {action for action in actions - reads if "InstanceProfile" in action}
    roles = {action for action in actions - reads - profiles if action.startswith("iam:")} - {"iam:PassRole"}
    others = actions - reads - profiles - roles - {"iam:PassRole"}
    statements = [
        ("Read", reads, "*", {}),
        ("ChangeRoles", roles, f"arn:aws:iam::*:role{PATH}*", {}),
        ("PassRolesToInstances", actions & {"iam:PassRole"}, f"arn:aws:iam::*:role{PATH}*", passing),
        ("ChangeInstanceProfiles", profiles, f"arn:aws:iam::*:instance-profile{PATH}*", {}),
        ("ChangeLaunchSettingsAndGroups", others, "*", {}),
    ]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": sid, "Effect": "Allow", "Action": sorted(chosen), "Resource": resource, **condition}
            for sid, chosen, resource, condition in statements
            if chosen
        ],
    }


def text_of(policy):
    """Return a policy as its file has it."""
    return json.dumps(policy, indent=2) + "\n"


def smallest():
    """Return the name of the playbook with the fewest actions."""
    return min(
        (name for name in POLICIES if name != "reader"), key=lambda name: (len(actions_of(read_policy(name))), name)
    )


def write():
    """Run all playbooks with all permissions, and write the policies of what they needed."""
    needed: dict = {name: set() for name in POLICIES}
    with running() as aws:
        for run in RUNS:
            prepare(aws, run)
            played = play(aws, run, EVERYTHING)
            assert played.succeeded, played.output
            needed[run.policy] |= demanded(played.calls)
            print(f"{run.policy}: {run.name}", file=sys.stderr)
    FOLDER.mkdir(exist_ok=True)
    for name, actions in needed.items():
        path_of(name).write_text(text_of(policy_of(actions - optional_for(name))), encoding="utf-8")
    readme = ROOT / "README.md"
    text = re.sub(
        r"(?<=^```json\n).*?(?=^```$)",
        text_of(read_policy(smallest())),
        readme.read_text(encoding="utf-8"),
        flags=re.MULTILINE | re.DOTALL,
    )
    readme.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
