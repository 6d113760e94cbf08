# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import botocore.endpoint
import pytest
from ansible_collections.amazon.aws.plugins.module_utils import cloud
from ansible_collections.launchkit.aws.plugins.module_utils.core import backoff, clients
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.laboratory import Laboratory, ShortTime, wired_session

from embedded_aws.fixtures import aws, embedded_aws_server

# What pytest finds here by its name.
__all__ = ["aws", "embedded_aws_server"]


@pytest.fixture
def laboratory(aws, monkeypatch):
    """Runs of modules on an account that is empty at first."""
    short = ShortTime()
    for module in (backoff, cloud, botocore.endpoint):
        monkeypatch.setattr(module, "time", short)
    monkeypatch.setattr(entry, "warn", lambda dummy: None)
    monkeypatch.setattr(clients, "_new_session", lambda dummy: wired_session()[0])
    yield Laboratory(aws, short)
    wired_session()[1].strike = None


def pytest_terminal_summary(terminalreporter):
    """Print the table of cases, and write it to a file."""
    for line in table.lines():
        terminalreporter.write_line(line)
    table.write()
