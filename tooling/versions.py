# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""`make test-versions`: run units, integration and a playbook of each kind on the lowest and the highest supported versions.

README.md says which versions these are: the lowest in lowest.in, the highest in requirements.in and collections.in for Python 3.12 and up.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from environment import link_repository, pip_settings, run, uv_environment
from project import BUILD, PYTHON, ROOT, TOOLING, VENV, registry_environment, site_packages

TESTS = ("units", "integration", "playbook_kinds")
PINS = TOOLING / "lowest.txt"
HIGHEST_PYTHONS = ("python3.14", "python3.13", "python3.12")
AMAZON_AWS = "ansible_collections/amazon/aws/"


def build_lowest(folder: Path) -> Path:
    """Make an environment of the lowest versions, and return its folder. All else comes from `.venv`: it is ready in seconds."""
    shutil.rmtree(folder, ignore_errors=True)
    environment = registry_environment()
    base = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    run(base, "-m", "venv", "--without-pip", folder, environment=environment)
    (packages,) = folder.glob("lib/python*/site-packages")
    pins = PINS.read_text(encoding="utf-8")
    core = folder / "ansible-core.txt"
    core.write_text("ansible-core" + pins.partition("\nansible-core")[2], encoding="utf-8")
    run(
        *(
            VENV / "bin" / "uv",
            "pip",
            "install",
            "--quiet",
            "--python",
            folder / "bin" / "python",
            "--compile-bytecode",
        ),
        *("--no-deps", "--require-hashes", "--requirement", core),
        environment=uv_environment(environment, pip_settings(environment)),
    )
    amazon = packages / "ansible_collections" / "amazon"
    amazon.mkdir(parents=True)
    if sys.version_info < (3, 12):  # `.venv` has this version
        (amazon / "aws").symlink_to(site_packages() / "ansible_collections" / "amazon" / "aws")
    else:
        wheels = folder / "ansible.txt"
        wheels.write_text(pins.partition("\nansible-core")[0], encoding="utf-8")
        download = (PYTHON, "-m", "pip", "-qq", "download", "--no-cache-dir", "--no-deps", "--require-hashes")
        run(*download, "--dest", folder, "--requirement", wheels, environment=environment)
        (wheel,) = folder.glob("ansible-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(packages, [name for name in archive.namelist() if name.startswith(AMAZON_AWS)])
        wheel.unlink()
    link_repository(packages)
    (packages / "others.pth").write_text(f"{site_packages()}\n", encoding="utf-8")
    return folder


def build_highest() -> Path:
    """Return an environment of the highest versions: `.venv`, or one of a newer Python."""
    if sys.version_info >= (3, 12):
        return VENV
    check = "import ensurepip, sys; sys.exit(sys.version_info < (3, 12))"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/3.*/bin/python3")
    # One that `python3.13` means only in some folders is found in pyenv's.
    for python in filter(shutil.which, [*HIGHEST_PYTHONS, *sorted(map(str, pyenv), reverse=True)]):
        if not subprocess.run([python, "-c", check], check=False, capture_output=True).returncode:
            folder = BUILD / "versions" / "highest"
            environment = {**os.environ, "LAUNCHKIT_VENV": str(folder)}
            subprocess.run([python, TOOLING / "environment.py"], check=True, env=environment)
            return folder
    raise SystemExit(
        "test-versions: the highest versions need Python 3.12 or newer with ensurepip, and none was found."
    )


def test(name: str, venv: Path) -> bool:
    """Run the tests in an environment, and return whether all passed."""
    (packages,) = venv.glob("lib/python*/site-packages")
    manifest = (packages / "ansible_collections" / "amazon" / "aws" / "MANIFEST.json").read_text(encoding="utf-8")
    amazon = json.loads(manifest)["collection_info"]["version"]
    (core,) = packages.glob("ansible_core-*.dist-info")
    version = core.name.removesuffix(".dist-info").removeprefix("ansible_core-")
    print(f"{name}: ansible-core {version}, amazon.aws {amazon}, {venv.relative_to(ROOT)}", flush=True)
    command = [str(venv / "bin" / "python"), str(TOOLING / "check.py"), *TESTS]
    return not subprocess.run(command, check=False, env={**os.environ, "LAUNCHKIT_VENV": str(venv)}).returncode


def main() -> int:
    lowest = test("lowest", build_lowest(BUILD / "versions" / "lowest"))
    highest = test("highest", build_highest())
    return 0 if lowest and highest else 1


if __name__ == "__main__":
    sys.exit(main())
