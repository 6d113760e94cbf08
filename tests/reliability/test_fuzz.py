# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Odd options of each module, and odd lists of applications: refused in words, or carried out."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.launchkit.aws.plugins.modules import fleet, fleet_info
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import module_arguments
from ansible_collections.launchkit.aws.tests.reliability import table
from ansible_collections.launchkit.aws.tests.reliability.scenarios import with_groups
from ansible_collections.launchkit.aws.tests.unit.plugins.modules import odd_options
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

# Python warns of expressions whose meaning will change.
pytestmark = pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
DRAWN = settings(
    max_examples=600 // table.SAMPLE,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def short(module):
    return module.__name__.rpartition(".")[2]


@pytest.mark.parametrize("module", odd_options.MODULES, ids=short)
def test_odd_options_end_in_words(laboratory, module):
    with_groups(laboratory)

    @DRAWN
    @given(odd_options.parameters(module), st.booleans())
    def try_some(parameters, check_mode):
        problems = odd_options.problems(laboratory.run(module, check_mode, **parameters))
        table.count("fuzz", short(module), "options", problems)
        assert not problems, problems

    try_some()


@pytest.mark.parametrize("module", [fleet, fleet_info], ids=short)
def test_odd_applications_end_in_words(laboratory, module):
    @DRAWN
    @given(odd_options.applications(), st.booleans())
    def try_some(applications, check_mode):
        try:
            # A short time for what AWS can never show.
            defaults = {"application_wait_timeout": 1}
            arguments = module_arguments({"applications": applications, "defaults": defaults}, odd_options.ONE_HOST)
        except AnsibleActionFail:
            return
        problems = odd_options.problems(laboratory.run(module, check_mode, **arguments))
        table.count("fuzz", short(module), "applications", problems)
        assert not problems, problems

    try_some()
