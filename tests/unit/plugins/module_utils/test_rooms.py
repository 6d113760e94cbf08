# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rooms of module_utils: imports go one way, and a file that says it is pure reaches neither AWS nor the clock."""

from __future__ import annotations

import ast
from importlib.util import resolve_name
from pathlib import Path

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import errors

MODULE_UTILS = Path(errors.__file__).parent.parent
PACKAGE = "ansible_collections.launchkit.aws.plugins.module_utils"
ROOMS = ("core", "find", "iam", "launch", "autoscaling", "application", "fleet", "adopt", "report")
FILES = sorted(path for path in MODULE_UTILS.glob("*/*.py"))
LARGEST = 300
# What a pure file may not import: AWS's libraries, and what calls them, waits, or starts threads.
IMPURE = {"boto3", "botocore", "time", "threading", "concurrent", "subprocess", "socket"}
IMPURE_CORE = {"clients", "executor", "converge", "backoff", "module", "parallel", "progress"}


def imports(path):
    """Return the modules that a file imports, those of this collection as room and file."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = resolve_name("." * node.level + (node.module or ""), f"{PACKAGE}.{path.parent.name}")
            names += [f"{module}.{alias.name}" for alias in node.names]
    return names


def own_imports(path):
    """Return the pairs of room and file that a file imports from module_utils."""
    own = [name[len(PACKAGE) + 1 :].split(".") for name in imports(path) if name.startswith(f"{PACKAGE}.")]
    return [(parts[0], parts[1]) for parts in own]


def says_pure(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return "pure." in docstring.partition("\n\n")[0].casefold()


def ids(path):
    return f"{path.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_imports_stay_in_room_or_below(path):
    room = ROOMS.index(path.parent.name)
    upward = [name for name in own_imports(path) if ROOMS.index(name[0]) > room]
    assert upward == []


@pytest.mark.parametrize("path", [path for path in FILES if says_pure(path)], ids=ids)
def test_pure_file_reaches_no_io(path):
    external = {name.split(".")[0] for name in imports(path)} & IMPURE
    pure = {ids(other) for other in FILES if says_pure(other)}
    reached = {
        f"{room}/{file}"
        for room, file in own_imports(path)
        if (room == "core" and file in IMPURE_CORE) or (room == "find" and f"{room}/{file}" not in pure)
    }
    assert (external, reached) == (set(), set())


def test_some_files_are_pure():
    assert len([path for path in FILES if says_pure(path)]) > 20


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_file_can_be_read_in_one_sitting(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LARGEST


@pytest.mark.parametrize("path", FILES, ids=ids)
def test_file_is_private(path):
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    assert "Private to the collection: names and shapes can change in any release." in docstring.splitlines()
