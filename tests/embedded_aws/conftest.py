# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import functools

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import backoff, clients
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import Fleets
from ansible_collections.launchkit.aws.tests.embedded_aws.peer import run
from ansible_collections.launchkit.aws.tests.embedded_aws.role_application import role

from embedded_aws.fixtures import aws, embedded_aws_server

# What pytest finds here by its name.
__all__ = ["aws", "embedded_aws_server", "role", "run"]

new_session = functools.cache(clients._new_session)


@pytest.fixture
def fleets(aws, monkeypatch):
    monkeypatch.setattr(entry, "warn", lambda dummy: None)
    # Reading the models of the services anew for each module takes longer than most of these tests.
    monkeypatch.setattr(clients, "_new_session", new_session)
    # What is here is shown at once, unless a test delays it.
    monkeypatch.setattr(backoff, "FIRST_PAUSE", 0.02)
    return Fleets(aws)
