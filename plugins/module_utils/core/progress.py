# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lines that a module writes while it works, for its action to show.
Private to the collection: names and shapes can change in any release."""

import threading
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reporting_to(path):
    """Give a function that adds a line to a file, at once and from any thread; one that does nothing without a path."""
    if path is None:
        yield lambda line: None
        return
    lock = threading.Lock()
    with Path(path).open("a", encoding="utf-8") as progress:

        def report(line):
            with lock:
                progress.write(f"{line}\n")
                progress.flush()

        yield report
