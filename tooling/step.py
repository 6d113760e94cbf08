# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""One step of `make test`: its folder, its log, its commands and what it counted."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from project import BUILD, ROOT, private_environment

# No command may hang for ever. On two free cores the whole of `make test` takes less than ten minutes; a busy machine is not a failure.
TIMEOUT_SECONDS = 1800
EMPTY: Mapping[str, str] = MappingProxyType({})


class Failed(Exception):
    """A step failed; the text says why, its log says more."""


class Step:
    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = BUILD / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.log = self.folder / "log.txt"
        self.notes: list[str] = []
        self.passed: int | None = None
        self.failed = 0
        self._running: subprocess.Popen[bytes] | None = None
        self._stopped = False

    def count(self, passed: int, failed: int) -> None:
        """Tests that ran in this step; without it the step itself counts as one."""
        self.passed, self.failed = passed, failed

    def say(self, note: str) -> None:
        """A note for the step's line in the summary."""
        self.notes.append(note)

    def run(
        self,
        *command: str | Path,
        cwd: Path = ROOT,
        environment: Mapping[str, str] = EMPTY,
        seconds: int = TIMEOUT_SECONDS,
    ) -> None:
        """Run a command in the private environment, its output into the log. Raises Failed."""
        if self._stopped:
            raise Failed("stopped")
        words = [str(word) for word in command]
        with self.log.open("ab") as log:
            log.write(f"$ {shlex.join(words)}\n".encode())
            log.flush()
            # A session of its own: whatever the tools start ends with them.
            self._running = subprocess.Popen(
                words,
                cwd=cwd,
                env={**private_environment(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            status = self._running.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise Failed(f"{words[0]} was stopped: it took more than {seconds} s") from None
        if status:
            raise Failed(f"{shlex.join(words)} ended with status {status}")

    def stop(self) -> None:
        """End the running command and all that it started; no other one starts after it."""
        self._stopped = True
        if self._running and self._running.poll() is None:
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()
