# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Start and stop the embedded AWS, and tell clients how to reach it. Standard library only."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

from project import PYTHON, ROOT, private_environment

REGION = "us-east-1"
ACCESS_KEY, SECRET_KEY = "fake-access-key", "not-a-secret"


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


def _command(*words: str) -> str:
    done = subprocess.run(
        [str(PYTHON), "-m", "embedded_aws", *words],
        cwd=ROOT,
        env=private_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"embedded_aws {words[0]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def process_id_file(folder: Path) -> Path:
    return folder / "embedded_aws.pid"


def log_file(folder: Path) -> Path:
    return folder / "embedded_aws.log"


def start(folder: Path) -> str:
    """Start a server that goes on in the background; its files are in the folder. Returns its endpoint."""
    files = (f"--pid-file={process_id_file(folder)}", f"--log-file={log_file(folder)}")
    return _command("start", "--host=127.0.0.1", "--port=0", *files).removeprefix("ready ").strip()


def stop(folder: Path) -> None:
    """Stop the server that was started with this folder, if it runs."""
    _command("stop", f"--pid-file={process_id_file(folder)}")


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[str]:
    """A server for the time of a `with`; gives its endpoint."""
    endpoint = start(folder)
    try:
        yield endpoint
    finally:
        stop(folder)
