# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Single modules that find nothing to do, beside the modules that they stand for.

What is measured is the very file that Ansible sends to a host and starts there, kept from a run of `ansible`, without the
controller's part, which is the same for all modules. The two take turns.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import FOLDER, PYTHON, VENV, Bench, Failed
from benchmarks.parts import IMAGES, INSTANCE_TYPE, TRUST
from benchmarks.results import Used

LAUNCH = {"name": "web", "image_id": IMAGES[0], "instance_type": INSTANCE_TYPE}
PROFILE = {"name": "web", "role": "web"}
# Ours first, then the peer's, each with its options: the same resource for both.
PAIRS: tuple[tuple[tuple[str, dict[str, Any]], tuple[str, dict[str, Any]]], ...] = (
    (("launchkit.aws.iam_instance_profile", PROFILE), ("amazon.aws.iam_instance_profile", PROFILE)),
    (
        ("launchkit.aws.autoscaling_launch_configuration", {**LAUNCH, "instance_profile_name": "web"}),
        ("community.aws.autoscaling_launch_config", {**LAUNCH, "instance_profile_name": "web"}),
    ),
    (
        ("launchkit.aws.ec2_launch_template", {**LAUNCH, "instance_profile_name": "web"}),
        ("amazon.aws.ec2_launch_template", {**LAUNCH, "iam_instance_profile": "web"}),
    ),
)


def _sent(bench: Bench, module: str, options: dict[str, Any]) -> Path:
    """Run a module with `ansible`, and return the file that was sent for it."""
    folder = FOLDER / "sent" / module
    shutil.rmtree(folder, ignore_errors=True)
    command = [
        str(VENV / "bin" / "ansible"),
        *("localhost", "-m", module, "-a", json.dumps(options), "-e", f"ansible_python_interpreter={PYTHON}"),
    ]
    bench.run(command, 0, {"ANSIBLE_KEEP_REMOTE_FILES": "1", "ANSIBLE_REMOTE_TMP": str(folder)})
    (file,) = folder.glob("*/AnsiballZ_*.py")
    return file


def measure(bench: Bench, latency: float, turns: int) -> Iterator[tuple[str, str, Used]]:
    """Yields ours, the module that ran, and what it used, turn by turn."""
    bench.empty()
    bench.server.client("iam").create_role(RoleName="web", AssumeRolePolicyDocument=json.dumps(TRUST))
    for pair in PAIRS:
        files = {module: _sent(bench, module, options) for module, options in pair}
        for turn in range(turns):
            for module in sorted(files, reverse=turn % 2 == 1):
                used, output = bench.run([PYTHON, files[module]], latency)
                if json.loads(output).get("changed") is not False:
                    raise Failed(f"{module} changed something in a second run:\n{output}")
                yield pair[0][0], module, used
