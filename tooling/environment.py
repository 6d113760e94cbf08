# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Make `.venv`, or the environment that LAUNCHKIT_VENV names: the pinned tools, amazon.aws and community.aws, and this repository linked as launchkit.aws.

Run by any Python that .venv shall be made of; needs only its standard library, and a package registry that pip reaches.
Does nothing when `.venv` is up to date.
"""

from __future__ import annotations

import ast
import configparser
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from pathlib import Path

from project import BUILD, HOME, NAME, NAMESPACE, PYTHON, ROOT, TOOLING, VENV, registry_environment, site_packages

PINS = TOOLING / "requirements.txt"
COLLECTIONS = TOOLING / "collections.txt"
INSTALLER = TOOLING / "uv.txt"
STAMP = VENV / "launchkit-stamp"
UNPACKED = ("ansible_collections/amazon/aws/", "ansible_collections/community/aws/")


def stamp() -> str:
    """What `.venv` depends on: the pins, this script, the interpreter, and the path (scripts in .venv name it)."""
    digest = hashlib.sha256()
    for path in (PINS, COLLECTIONS, INSTALLER, Path(__file__)):
        digest.update(path.read_bytes())
    digest.update(f"{sys.version} {sysconfig.get_platform()} {ROOT}".encode())
    return digest.hexdigest()


def up_to_date() -> bool:
    try:
        return STAMP.read_text(encoding="utf-8") == stamp() and PYTHON.exists()
    except OSError:
        return False


def run(*command: str | Path, environment: dict[str, str]) -> None:
    subprocess.run([str(part) for part in command], check=True, env=environment, stdin=subprocess.DEVNULL)


def pip_settings(environment: dict[str, str]) -> dict[str, str]:
    """pip's settings from the caller's files and environment, `{"cert": ..., "index-url": ...}`."""
    listed = subprocess.run(
        [str(PYTHON), "-m", "pip", "config", "list"], check=True, capture_output=True, text=True, env=environment
    ).stdout
    settings: dict[str, str] = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _equals, value = line.partition("=")
        settings[name.rpartition(".")[2]] = ast.literal_eval(value)
    return settings


def write_private_pip_settings(settings: dict[str, str]) -> None:
    """ansible-test installs its own requirements with pip, under our HOME and without the caller's environment."""
    parser = configparser.RawConfigParser()
    about_the_registry = ("cert", "client-cert", "extra-index-url", "find-links", "index-url", "proxy", "trusted-host")
    parser["global"] = {name: settings[name] for name in about_the_registry if name in settings} | {"quiet": "2"}
    path = HOME / ".config" / "pip" / "pip.conf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    with path.open("w", encoding="utf-8") as stream:
        parser.write(stream)


def uv_environment(environment: dict[str, str], settings: dict[str, str]) -> dict[str, str]:
    """uv doesn't read pip's settings: hand over those that say where packages come from, below uv's own."""
    translated = {"UV_PYTHON_DOWNLOADS": "never", "UV_CACHE_DIR": str(BUILD / "cache"), "UV_LINK_MODE": "hardlink"}
    if "cert" in settings:
        translated["SSL_CERT_FILE"] = settings["cert"]
    if "index-url" in settings:
        translated["UV_DEFAULT_INDEX"] = settings["index-url"]
    return {**translated, **environment}


def unpack_collections(wheels: Path, target: Path) -> None:
    (wheel,) = wheels.glob("ansible-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target, [name for name in archive.namelist() if name.startswith(UNPACKED)])


def link_repository(target: Path) -> None:
    link = target / "ansible_collections" / NAMESPACE / NAME
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(ROOT, link.parent.resolve()))


def build() -> None:
    environment = registry_environment()
    wheels = BUILD / "wheels"
    for folder in (VENV, wheels):
        shutil.rmtree(folder, ignore_errors=True)
    # Not sys.executable: that may be the .venv of before, which is gone now.
    base = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")
    run(base, "-m", "venv", VENV, environment=environment)
    settings = pip_settings(environment)
    write_private_pip_settings(settings)
    pip = (PYTHON, "-m", "pip", "--disable-pip-version-check", "-qq")
    download = [
        *pip,
        "download",
        "--no-cache-dir",
        "--no-deps",
        "--require-hashes",
        "--dest",
        wheels,
        "--requirement",
        COLLECTIONS,
    ]
    with subprocess.Popen([str(part) for part in download], env=environment, stdin=subprocess.DEVNULL) as collections:
        run(*pip, "install", "--no-cache-dir", "--require-hashes", "--requirement", INSTALLER, environment=environment)
        run(
            *(VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", PYTHON, "--compile-bytecode"),
            *("--no-deps", "--require-hashes", "--requirement", PINS),
            environment=uv_environment(environment, settings),
        )
    if collections.returncode:
        raise subprocess.CalledProcessError(collections.returncode, "pip download")
    unpack_collections(wheels, site_packages())
    shutil.rmtree(wheels)
    run(PYTHON, "-m", "compileall", "-q", "-j0", site_packages() / "ansible_collections", environment=environment)
    link_repository(site_packages())
    STAMP.write_text(stamp(), encoding="utf-8")


def main() -> int:
    if sys.version_info < (3, 11):
        print(
            f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Choose one: make PYTHON=python3.12 venv"
        )
        return 2
    if up_to_date():
        return 0
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "venv.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if up_to_date():  # another make finished it while this one waited
            return 0
        began = time.monotonic()
        print(f"venv: Python {sys.version.split()[0]}, packages from PyPI ...", flush=True)
        try:
            build()
        except subprocess.CalledProcessError as error:
            print(f"venv: {error}\nThe messages above say why. `make venv` starts afresh.", file=sys.stderr)
            return 1
        print(f"venv: {os.path.relpath(VENV, ROOT)} is complete, {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
