# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Start the embedded AWS and tell clients how to reach it. Standard library only."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from project import PYTHON, ROOT, private_environment

REGION = "us-east-1"
ACCESS_KEY, SECRET_KEY = "fake-access-key", "not-a-secret"
READY_WITHIN_SECONDS = 60


def environment(endpoint: str) -> dict[str, str]:
    """The variables with which boto3, Ansible's modules and the aws command line use the embedded AWS."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    }


def module_defaults(endpoint: str) -> dict[str, str]:
    """The same as options of amazon.aws's and our modules."""
    return {"endpoint_url": endpoint, "region": REGION, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def start(log: Path, **options: Any) -> tuple[subprocess.Popen[bytes], str]:
    """Start the server in a session of its own; returns it and its endpoint when it is ready. Options go to Popen."""
    command = [str(PYTHON), "-m", "embedded_aws", "--host", "127.0.0.1", "--port", str(free_port())]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=private_environment(),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        )
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        ready = re.search(r"^ready (http://\S+)$", log.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        if ready:
            return process, ready[1]
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(
        f"the embedded AWS did not become ready; {log.relative_to(ROOT)} says:\n{log.read_text(errors='replace')}"
    )


@contextlib.contextmanager
def serve(log: Path) -> Iterator[str]:
    """A server for the time of a `with`; gives its endpoint."""
    process, endpoint = start(log)
    try:
        yield endpoint
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
