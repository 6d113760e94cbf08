# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Where things are, and the environment that tools run in. Standard library only."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Another one is for `make test-versions`.
VENV = Path(os.environ.get("LAUNCHKIT_VENV", ROOT / ".venv"))
PYTHON = VENV / "bin" / "python"
BUILD = ROOT / ".build"
HOME = BUILD / "home"
TOOLING = ROOT / "tooling"
# Ansible's own default is in the home of the user's account, whatever HOME says.
REMOTE_TMP = HOME / ".ansible" / "tmp"
NAMESPACE, NAME = "launchkit", "aws"

# A caller's settings under these names change what the tools do, or reach a real account.
CALLERS_OWN = ("ANSIBLE_", "AWS_", "BOTO", "MOLECULE_", "PYTHON", "PYTEST_", "VIRTUAL_ENV", "XDG_")


def registry_environment() -> dict[str, str]:
    """The caller's environment, fit for pip and uv: registry, proxy and certificate settings stay."""
    return {key: value for key, value in os.environ.items() if not key.startswith(CALLERS_OWN)}


def private_environment() -> dict[str, str]:
    """The environment of every tool and test: `.venv` first in PATH, a HOME of its own, no proxy to 127.0.0.1."""
    environment = registry_environment()
    environment.update(
        HOME=str(HOME),
        PATH=f"{VENV / 'bin'}{os.pathsep}{environment['PATH']}",
        LC_ALL="C.UTF-8",
        NO_PROXY="127.0.0.1,localhost",
        no_proxy="127.0.0.1,localhost",
        ANSIBLE_REMOTE_TMP=str(REMOTE_TMP),
        NO_COLOR="1",
        HYPOTHESIS_STORAGE_DIRECTORY=str(BUILD / "hypothesis"),
        PYTHONUNBUFFERED="1",
        # boto3 would ask the instance metadata service of the machine that it runs on.
        AWS_EC2_METADATA_DISABLED="true",
    )
    return environment


def site_packages() -> Path:
    """The `site-packages` folder of `.venv`."""
    (folder,) = VENV.glob("lib/python*/site-packages")
    return folder


def sources() -> list[str]:
    """The repository's files as git sees them, a developer's new files included, relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # A file deleted but not yet committed is listed and isn't there.
    return [name for name in listed.split("\0") if name and (ROOT / name).exists()]
