# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a module ends."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift


class Ended(BaseException):
    pass


class Module:
    """Stands in for AnsibleAWSModule, and keeps the result."""

    params = {"wait_timeout": 1}  # noqa: RUF012

    def exit_json(self, **result):
        self.result = result
        raise Ended

    def fail_json(self, **result):
        self.exit_json(failed=True, **result)


UNEXPECTED = (
    "Unexpected KeyError: 'Roles'. This is a defect of the collection: report it with the traceback. "
    "What was changed before it is not known: run the task again in check mode."
)


@pytest.mark.parametrize(
    ("error", "message", "details"),
    [
        (Drift("it differs", differences=["one"]), "it differs", {"differences": ["one"]}),
        (KeyError("Roles"), UNEXPECTED, {}),
    ],
    ids=["ours", "unexpected"],
)
def test_module_failure_is_worded_with_traceback(error, message, details):
    module = Module()

    def function(dummy):
        raise error

    with pytest.raises(Ended):
        entry.run(module, function)
    traceback = module.result.pop("exception")
    assert module.result == {"failed": True, "msg": message, **details}
    assert traceback.startswith("Traceback")
    assert type(error).__name__ in traceback


def test_module_result_is_returned():
    module = Module()
    with pytest.raises(Ended):
        entry.run(module, lambda dummy: {"changed": False})
    assert module.result == {"changed": False}
