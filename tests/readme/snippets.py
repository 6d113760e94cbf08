# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a page shows: its blocks by language, and the commands in them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text):
    """Return the texts of a page's blocks by their language, in the order of the page."""
    found: dict = {}
    for language, block in BLOCK.findall(text):
        found.setdefault(language, []).append(block)
    return found


def lines(text):
    """Return the lines of a page's shell blocks."""
    return [line for block in blocks(text).get("shell", []) for line in block.splitlines()]


def playbook_runs(text):
    """Return the arguments of each ansible-playbook command of a page."""
    return [shlex.split(line)[1:] for line in lines(text) if line.startswith("ansible-playbook ")]
