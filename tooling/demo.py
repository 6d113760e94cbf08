# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make demo`: run playbooks/demo.yml twice on an embedded AWS, and show what there is afterwards.

The server goes on in the background, so that it can be looked at, until `make demo-stop` or the next demo.
"""

from __future__ import annotations

import argparse
import re
import shlex
import subprocess
import sys
import time

import boto3
import embedded
from project import BUILD, NAME, NAMESPACE, ROOT, VENV, private_environment

FOLDER = BUILD / "demo"
# What would hide the changes: the tasks that changed nothing, and warnings about amazon.aws's future and the inventory.
NOT_SHOWN = (
    "ANSIBLE_DEPRECATION_WARNINGS",
    "ANSIBLE_DISPLAY_OK_HOSTS",
    "ANSIBLE_DISPLAY_SKIPPED_HOSTS",
    "ANSIBLE_INVENTORY_UNPARSED_WARNING",
    "ANSIBLE_LOCALHOST_WARNING",
)


class DemoFailed(Exception):
    """The demo didn't show what it is there to show."""


def play(endpoint: str, title: str) -> int:
    """Run the playbook, show what it changed and its recap; returns how many tasks changed something."""
    print(f"\n=== {title}: ansible-playbook {NAMESPACE}.{NAME}.demo", flush=True)
    began = time.monotonic()
    shown = {**dict.fromkeys(NOT_SHOWN, "false"), "ANSIBLE_NOCOLOR": "1"}
    command = [str(VENV / "bin" / "ansible-playbook"), f"{NAMESPACE}.{NAME}.demo"]
    output = []
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**private_environment(), **embedded.environment(endpoint), **shown},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            output.append(line)
            print(line, end="", flush=True)
    recaps = [dict(re.findall(r"(\w+)=(\d+)", line)) for line in output if re.search(r": ok=\d+ ", line)]
    if process.returncode or not recaps:
        raise DemoFailed(f"the {title} ended with status {process.returncode}")
    changed, failed = (sum(int(recap[key]) for recap in recaps) for key in ("changed", "failed"))
    print(f"{title}: changed={changed} failed={failed}, {time.monotonic() - began:.1f} s", flush=True)
    return changed


def report(endpoint: str) -> None:
    """Write the report about the account, and show where it is."""
    path = FOLDER / "report.html"
    subprocess.run(
        [str(VENV / "bin" / "ansible-playbook"), f"{NAMESPACE}.{NAME}.report", "-e", f"report_path={path}"],
        cwd=ROOT,
        env={**private_environment(), **embedded.environment(endpoint)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    print(f"\nA report about it, to open in a browser: {path}")


def inventory(endpoint: str) -> list[tuple[str, str, str]]:
    """What the embedded AWS holds now: kind, name or ARN, the command that shows it."""
    session = boto3.Session(embedded.ACCESS_KEY, embedded.SECRET_KEY, region_name=embedded.REGION)
    iam, autoscaling = (session.client(service, endpoint_url=endpoint) for service in ("iam", "autoscaling"))
    rows = []
    for profile in iam.list_instance_profiles()["InstanceProfiles"]:
        for role in profile["Roles"]:
            name = role["RoleName"]
            rows.append(("role", role["Arn"], f"aws iam list-attached-role-policies --role-name {shlex.quote(name)}"))
        name = profile["InstanceProfileName"]
        show = f"aws iam get-instance-profile --instance-profile-name {shlex.quote(name)}"
        rows.append(("instance profile", profile["Arn"], show))
    for configuration in autoscaling.describe_launch_configurations()["LaunchConfigurations"]:
        name = configuration["LaunchConfigurationName"]
        show = f"aws autoscaling describe-launch-configurations --launch-configuration-names {shlex.quote(name)}"
        rows.append(("launch configuration", name, show))
    for group in autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
        name = group["AutoScalingGroupName"]
        show = f"aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names {shlex.quote(name)}"
        rows.append(("Auto Scaling group", name, show))
        identifiers = [instance["InstanceId"] for instance in group["Instances"]]
        if identifiers:
            show = (
                f"aws ec2 describe-instances --instance-ids {' '.join(identifiers)} "
                "--query 'Reservations[].Instances[].[InstanceId,IamInstanceProfile.Arn]'"
            )
            rows.append(("its instances", " ".join(identifiers), show))
    return rows


def explain(endpoint: str, *, kept: bool) -> None:
    print("\n=== What there is now\n")
    for kind, name, show in inventory(endpoint):
        print(f"{kind:21} {name}")
        if kept:
            print(f"  {show}")
    if kept:
        process_id = embedded.process_id_file(FOLDER).read_text(encoding="utf-8").strip()
        print(
            "\nTo look at it with the aws command line, tell it first where this AWS is (the credentials are fake):\n"
        )
        for key, value in embedded.environment(endpoint).items():
            print(f"  export {key}={value}")
        log = embedded.log_file(FOLDER).relative_to(ROOT)
        print(f"\nThe embedded AWS answers at {endpoint} (PID {process_id}, log {log}).")
        print("`make demo-stop` ends it, `make demo` starts afresh.")


def demonstrate(*, keep: bool) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    embedded.stop(FOLDER)
    endpoint = embedded.start(FOLDER)
    kept = False
    try:
        print(f"The embedded AWS is ready at {endpoint}. Nothing here reaches a real account.")
        play(endpoint, "first run")
        changed = play(endpoint, "second run")
        if changed:
            raise DemoFailed(f"the second run changed {changed} things; it should have found everything in place")
        explain(endpoint, kept=keep)
        report(endpoint)
        kept = keep
    finally:
        if not kept:
            embedded.stop(FOLDER)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("action", choices=("start", "stop"))
    parser.add_argument("--keep", type=int, choices=(0, 1), default=1, help="whether the server goes on afterwards")
    arguments = parser.parse_args()
    if arguments.action == "stop":
        embedded.stop(FOLDER)
        return 0
    try:
        demonstrate(keep=bool(arguments.keep))
    except (DemoFailed, RuntimeError, subprocess.CalledProcessError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
