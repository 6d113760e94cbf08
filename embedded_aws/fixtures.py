# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Pytest fixtures: one server for a test session, an empty account for each test.

In a conftest.py: ``from embedded_aws.fixtures import aws, embedded_aws_server  # noqa: F401``.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .client import EmbeddedAWS

ROOT = Path(__file__).resolve().parent.parent


@contextlib.contextmanager
def running(*options: str) -> Iterator[EmbeddedAWS]:
    """A server as a child process, with these command line options, for the time of a ``with``."""
    with subprocess.Popen(
        [sys.executable, "-m", "embedded_aws", *options], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if not line.startswith("ready "):
                raise RuntimeError(f"the embedded AWS did not start: {line!r}")
            yield EmbeddedAWS(line.removeprefix("ready ").strip())
        finally:
            process.terminate()


@pytest.fixture(scope="session")
def embedded_aws_server() -> Iterator[EmbeddedAWS]:
    """The session's server. It keeps its state between tests: use ``aws`` in tests."""
    with running() as server:
        yield server


@pytest.fixture
def aws(embedded_aws_server: EmbeddedAWS) -> EmbeddedAWS:
    """The session's server with an empty account, no faults and no calls."""
    embedded_aws_server.reset()
    return embedded_aws_server
