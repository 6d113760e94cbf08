# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who may do what. (Filled in by the authorization switch.)"""

from __future__ import annotations

from typing import Any


def authorize(call: Any) -> str:
    return ""
