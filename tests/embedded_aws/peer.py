# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs modules of amazon.aws in the process of the tests, as the oracle for the collection's own plans."""

from __future__ import annotations

import contextlib
import io
import json

import boto3
import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.launchkit.aws.tests.unit.module_arguments import patch_module_args

from embedded_aws.client import ACCESS_KEY, REGION, SECRET_KEY


def call(aws, module, check_mode, options):
    """Run a module's ``main()``, and return its result."""
    connection = {"region": REGION, "endpoint_url": aws.url, "access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    output = io.StringIO()
    with (
        patch_module_args({**connection, "_ansible_check_mode": check_mode, **options}),
        contextlib.redirect_stdout(output),
        pytest.raises(SystemExit),
    ):
        module.main()
    return json.loads(output.getvalue())


@pytest.fixture
def run(aws, monkeypatch):
    """Run a module of amazon.aws in this process, and return its result with its warnings."""
    real = boto3.session.Session

    class Sessions:
        def __new__(cls, botocore_session=None, **arguments):
            if botocore_session is None:
                return super().__new__(cls)
            # The collection's own.
            return real(botocore_session=botocore_session, **arguments)

        def __init__(self, **dummy):
            pass

        def client(self, service, **dummy):
            return aws.client(service)

    warnings = []
    monkeypatch.setattr(boto3.session, "Session", Sessions)
    # Within pytest Ansible takes the process for its controller, and would print warnings rather than return them.
    monkeypatch.setattr(AnsibleModule, "warn", lambda dummy, message: warnings.append(message))
    monkeypatch.setattr(AnsibleModule, "deprecate", lambda *dummy, **dummy_arguments: None)

    def run(module, check_mode=True, **options):
        warnings.clear()
        result = call(aws, module, check_mode, options)
        assert not result.get("failed"), result
        return {**result, "warnings": list(warnings)}

    return run
