# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of the connection are amazon.aws's, and none that it adds is forgotten."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.modules import aws_argument_spec
from ansible_collections.launchkit.aws.plugins.plugin_utils import connection_options


def test_connection_options_are_those_of_amazon_aws():
    specification = {name: set(option.get("aliases", ())) for name, option in aws_argument_spec().items()}
    assert {name: set(aliases) for name, aliases in connection_options.CONNECTION_OPTIONS.items()} == specification


def test_connection_options_leave_out_others():
    arguments = {"group": "web", "aws_region": "us-east-1", "wait": True}
    assert connection_options.connection_options(arguments) == {"aws_region": "us-east-1"}
