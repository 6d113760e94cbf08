# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lines that a module writes while it works, for its action to show.
Private to the collection: names and shapes can change in any release."""

import threading
import time
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


class Counter:
    """Reports how many of something are done, with the time since the first began, such as ``12 of 60``.

    :param report: is called with a line, from any thread.
    """

    def __init__(self, report, title, total):
        self._report = report
        self._title = title
        self._total = total
        self._done = 0
        self._begin = time.monotonic()
        self._lock = threading.Lock()

    def step(self, name, error=None, text=""):
        """Report that one more is done, or has failed with an error."""
        with self._lock:
            self._done += 1
            done = self._done
        outcome = f" failed: {error.message}" if error else f" {text}" if text else " done"
        self._report(
            f"{self._title} {done} of {self._total}, {elapsed(time.monotonic() - self._begin)}: {name}:{outcome}"
        )


def elapsed(seconds):
    """Return a time in words, such as ``1 min 5 s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
