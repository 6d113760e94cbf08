# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make demo`: run playbooks/demo.yml twice on an embedded AWS, and show what there is afterwards.

The server goes on in the background, so that it can be looked at: until `make demo-stop`, the next demo, or an hour has
passed.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from typing import Any

import boto3
import embedded
from project import BUILD, NAME, NAMESPACE, ROOT, VENV, private_environment

FOLDER = BUILD / "demo"
SERVER = FOLDER / "server.json"
LOCK = FOLDER / "server.lock"
KEPT_SECONDS = 3600
STOPS_WITHIN_SECONDS = 10


class DemoFailed(Exception):
    """The demo didn't show what it is there to show."""


def lock_server(stream: Any) -> bool:
    """Take the lock that a running server holds; False while one runs. Unlike a PID it can't be somebody else's."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def stop() -> None:
    """Stop the server of an earlier demo, if it still runs."""
    if not SERVER.exists():
        return
    process_id = json.loads(SERVER.read_text(encoding="utf-8"))["pid"]
    with LOCK.open("a", encoding="utf-8") as stream:
        for how in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + STOPS_WITHIN_SECONDS
            if not lock_server(stream):
                os.kill(process_id, how)
            while not lock_server(stream) and time.monotonic() < deadline:
                time.sleep(0.05)
    SERVER.unlink()


def start() -> str:
    """Start the server so that it outlives this process; returns its endpoint."""
    with LOCK.open("a", encoding="utf-8") as stream:
        lock_server(stream)
        process, endpoint = embedded.start(
            FOLDER / "embedded_aws.log",
            pass_fds=(stream.fileno(),),
            # An alarm survives exec, and ends the server when it rings.
            preexec_fn=lambda: signal.alarm(KEPT_SECONDS),
        )
    SERVER.write_text(json.dumps({"pid": process.pid, "endpoint": endpoint}), encoding="utf-8")
    return endpoint


def play(endpoint: str, title: str) -> int:
    """Run the playbook, show what it changed and its recap; returns how many tasks changed something."""
    print(f"\n=== {title}: ansible-playbook {NAMESPACE}.{NAME}.demo", flush=True)
    began = time.monotonic()
    shown = {"ANSIBLE_DISPLAY_OK_HOSTS": "false", "ANSIBLE_DISPLAY_SKIPPED_HOSTS": "false", "ANSIBLE_NOCOLOR": "1"}
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
        process_id = json.loads(SERVER.read_text(encoding="utf-8"))["pid"]
        print(
            "\nTo look at it with the aws command line, tell it first where this AWS is (the credentials are fake):\n"
        )
        for key, value in embedded.environment(endpoint).items():
            print(f"  export {key}={value}")
        print(
            f"\nThe embedded AWS answers at {endpoint} for an hour (PID {process_id}, log"
            f" {(FOLDER / 'embedded_aws.log').relative_to(ROOT)}).\n`make demo-stop` ends it, `make demo` starts afresh."
        )


def demonstrate(*, keep: bool) -> None:
    stop()
    FOLDER.mkdir(parents=True, exist_ok=True)
    endpoint = start()
    kept = False
    try:
        print(f"The embedded AWS is ready at {endpoint}. Nothing here reaches a real account.")
        play(endpoint, "first run")
        changed = play(endpoint, "second run")
        if changed:
            raise DemoFailed(f"the second run changed {changed} things; it should have found everything in place")
        explain(endpoint, kept=keep)
        kept = keep
    finally:
        if not kept:
            stop()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument("action", choices=("start", "stop"))
    parser.add_argument("--keep", type=int, choices=(0, 1), default=1, help="whether the server goes on afterwards")
    arguments = parser.parse_args()
    if arguments.action == "stop":
        stop()
        return 0
    try:
        demonstrate(keep=bool(arguments.keep))
    except (DemoFailed, RuntimeError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
