# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The embedded AWS as a process: serving until a signal comes, and starting and stopping it in the background."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any, NoReturn

from .settings import Values


def serve(host: str, port: int, settings: dict[str, Any], ready_file: str | None, pid_file: str | None) -> NoReturn:
    """Serve until SIGTERM or SIGINT; prints ``ready URL`` when requests are accepted."""
    from .server import make_server, url_of

    server = make_server(host, port, settings)

    def end(*_: Any) -> None:
        # shutdown() waits for serve_forever(), which this handler interrupts: it has to run beside it.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    url = url_of(server)
    written = [(pid_file, str(os.getpid())), (ready_file, url)]
    try:
        for path, content in written:
            if path:
                Path(path).write_text(content + "\n", encoding="utf-8")
        print(f"ready {url}", flush=True)
        server.serve_forever(poll_interval=0.05)
    finally:
        server.server_close()
        for path, _text in written:
            if path:
                Path(path).unlink(missing_ok=True)
    # Taking a million objects apart one by one would take seconds, and nothing is left to save.
    sys.stdout.flush()
    os._exit(0)


def start(options: argparse.Namespace) -> int:
    """Serve in a new session in the background; returns 0 when it is ready, or 1 with what it printed."""
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(_open_log(options.log_file))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        ready = Path(options.ready_file or Path(folder) / "ready").absolute()
        ready.unlink(missing_ok=True)
        child = subprocess.Popen(
            [sys.executable, "-m", "embedded_aws", "serve", *_as_arguments(options), f"--ready-file={ready}"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            cwd=Path(__file__).resolve().parent.parent,
        )  # fmt: skip
        end = time.monotonic() + options.timeout
        while time.monotonic() < end and child.poll() is None:
            if ready.exists() and (url := ready.read_text(encoding="utf-8").strip()):
                print(f"ready {url}", flush=True)
                return 0
            time.sleep(0.02)
        if child.poll() is None:
            child.kill()
        print(f"embedded_aws: not ready after {options.timeout} s, or ended ({child.wait()})", file=sys.stderr)
        if not options.log_file:
            log.seek(0)
            print(log.read().decode(errors="replace"), file=sys.stderr)
    return 1


def _open_log(path: str | None) -> IO[bytes]:
    return Path(path).open("ab") if path else tempfile.TemporaryFile()


def _as_arguments(options: argparse.Namespace) -> list[str]:
    """The command line that makes ``serve`` do what ``start`` was told."""
    arguments = [f"--host={options.host}", f"--port={options.port}"]
    if options.pid_file:
        arguments.append(f"--pid-file={Path(options.pid_file).absolute()}")
    for item in dataclasses.fields(Values):
        value = getattr(options, item.name)
        option = "--" + item.name.replace("_", "-")
        if value is True:
            arguments.append(option)
        elif isinstance(value, list):
            arguments += [f"{option}={part}" for part in value]
        elif value is not None:
            arguments.append(f"{option}={value}")
    return arguments


def stop(pid_file: str, timeout: float) -> int:
    """Ask the server to end and wait until it has; without a process id file there is nothing to do."""
    path = Path(pid_file)
    if not path.exists():
        return 0
    process_id = int(path.read_text(encoding="utf-8"))
    if not _is_ours(process_id):
        path.unlink(missing_ok=True)
        return 0
    with contextlib.suppress(ProcessLookupError):
        os.kill(process_id, signal.SIGTERM)
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if not _is_alive(process_id):
            path.unlink(missing_ok=True)
            return 0
        time.sleep(0.02)
    print(f"embedded_aws: process {process_id} did not end within {timeout} s", file=sys.stderr)
    return 1


def _is_ours(process_id: int) -> bool:
    """Whether the process still is the server: after a crash its number may have gone to somebody else."""
    command = Path(f"/proc/{process_id}/cmdline")
    if not command.parent.parent.exists():
        return True
    with contextlib.suppress(OSError):
        return b"embedded_aws" in command.read_bytes()
    return False


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # Where nobody collects orphans, as in some containers, a process that has ended is still listed as a zombie.
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    return True
