# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The rules, by what they are about. Importing a module puts its rules on the list."""

from __future__ import annotations

import importlib

MODULES = (
    "requests",
    "constraints",
    "iam",
    "iam_policies",
    "instance_profiles",
    "launch_configurations",
    "launch_templates",
    "instances",
    "group_sources",
    "groups",
    "instance_lifecycle",
    "instance_refreshes",
)


def load() -> None:
    """Put all rules on the list; ``registry.RULES`` then holds them."""
    for module in MODULES:
        importlib.import_module(f"{__name__}.{module}")
