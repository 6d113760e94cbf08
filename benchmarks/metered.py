# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run one command and write down what it and its children used: `metered.py REPORT LOG COMMAND ...`.

A process of its own, and a small one: on Linux a new program's peak memory starts at that of the process that started it,
and the benchmark itself has boto3 loaded. Standard library only.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main() -> int:
    report, log, *command = sys.argv[1:]
    with Path(log).open("ab") as output:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        # What wait4 tells includes every descendant that its parent waited for, as Ansible does for its workers and modules.
        _process_id, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    used = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss / 1024,
        "status": process.returncode,
    }
    Path(report).write_text(json.dumps(used), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
