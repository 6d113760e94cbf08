# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Running a module within the process of the tests."""

from __future__ import annotations

import json

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core import module as entry
from ansible_collections.launchkit.aws.tests.unit.module_arguments import patch_module_args


def call_main(module, monkeypatch, capsys, check_mode=False, **parameters):
    """Call a module's ``main()`` as Ansible does, and return its result, its warnings, and as ``printed`` all of its output."""
    warnings = []
    # Within pytest Ansible takes the process for its controller, and would print warnings rather than return them.
    for place in (entry, module):
        monkeypatch.setattr(place, "warn", warnings.append, raising=False)
    capsys.readouterr()
    with (
        patch_module_args({"_ansible_check_mode": check_mode, "_ansible_diff": True, **parameters}),
        pytest.raises(SystemExit),
    ):
        module.main()
    output = capsys.readouterr()
    return {**json.loads(output.out), "warnings": warnings, "printed": output.out + output.err}
