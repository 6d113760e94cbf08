# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lines that a module writes while it works, for its action to show.
Private to the collection: names and shapes can change in any release."""

import threading
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from .errors import InvalidOption


@contextmanager
def reporting_to(path):
    """Give a function that adds a line to a file, at once and from any thread; one that does nothing without a path.

    :raises InvalidOption: the file cannot be opened. What cannot be written later is left out: it is progress only.
    """
    if path is None:
        yield lambda line: None
        return
    lock = threading.Lock()
    with ExitStack() as stack:
        try:
            progress = stack.enter_context(Path(path).open("ab", buffering=0))
        except (OSError, ValueError) as error:
            raise InvalidOption(
                f"progress_path: '{path}' cannot be opened: {error}. Set the path of a file."
            ) from error

        def report(line):
            with lock, suppress(OSError):
                progress.write(f"{line}\n".encode(errors="replace"))

        yield report
