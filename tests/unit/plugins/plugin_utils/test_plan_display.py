# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The colors of a plan on the screen."""

from __future__ import annotations

from ansible import constants
from ansible_collections.launchkit.aws.plugins.plugin_utils import plan_display

LINES = [
    ("web", None),
    ("  + IAM role web", constants.COLOR_OK),
    ("      path: /", constants.COLOR_OK),
    ("  ~ Auto Scaling group web", constants.COLOR_CHANGED),
    ("  - launch template web", constants.COLOR_ERROR),
    ("  -/+ launch configuration web", constants.COLOR_ERROR),
    ("      image_id: ami-1 -> ami-2", constants.COLOR_ERROR),
    ("  warning: path: it is kept.", constants.COLOR_WARN),
    ("  note: nothing else", None),
    ("broken: blocked", None),
    ("  ! application_name: too", constants.COLOR_ERROR),
    ("    long.", constants.COLOR_ERROR),
    ("  planned once this is resolved:", None),
    ("    + IAM role broken", None),
    ("Plan: 1 to create.", None),
]


class Display:
    """Ansible's display, which records."""

    def __init__(self):
        self.calls = []

    def display(self, line, color=None):
        self.calls.append((line, color))


def test_show_colors_lines_by_their_signs():
    display = Display()
    plan_display.show(display, [line for line, dummy in LINES])
    assert display.calls == LINES


def test_show_begins_lines_with_the_host():
    display = Display()
    plan_display.show(display, ["  + IAM role web"], "[one] ")
    assert display.calls == [("[one]   + IAM role web", constants.COLOR_OK)]
