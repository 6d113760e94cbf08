# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads and writes files: as a whole or not at all, and secret ones so that only their owner can read them.
Private to the collection: names and shapes can change in any release."""

import os
import tempfile
from pathlib import Path

from .errors import InvalidOption

SECRET, PUBLIC = 0o600, 0o644


def read(path):
    """Return the bytes of a file, or None if it does not exist.

    :raises InvalidOption: it can't be read.
    """
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InvalidOption(f"path: '{path}' cannot be read: {error.strerror}. Choose another path.") from error


def is_written(path, content, mode):
    """Return whether a file has this content and, if it is secret, this mode."""
    has_mode = mode == PUBLIC or (Path(path).exists() and Path(path).stat().st_mode & 0o777 == mode)
    return read(path) == content and has_mode


def write(path, content, mode):
    """Write a file as a whole or not at all. Nobody else can read it meanwhile.

    :raises InvalidOption: it can't be written.
    """
    target = Path(path)
    try:
        target.parent.mkdir(mode=0o700 if mode == SECRET else 0o755, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            Path(name).chmod(target.stat().st_mode & 0o777 if mode == PUBLIC and target.exists() else mode)
            Path(name).replace(target)
        except OSError:
            Path(name).unlink()
            raise
    except OSError as error:
        raise InvalidOption(f"path: '{path}' cannot be written: {error.strerror}. Choose another path.") from error
