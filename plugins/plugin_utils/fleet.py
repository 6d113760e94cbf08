# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the actions fleet and fleet_info have in common."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail
from ansible.plugins.filter.core import to_json

KINDS: dict = {"applications": (list, "a list of dictionaries"), "defaults": (dict, "a dictionary")}


def as_text(arguments):
    """Return a task's arguments with those that hold user data as JSON.

    What a module hides, it hides wherever it shows up, and of a list that is each of its values: names, words, numbers. Of a text it is the
    text as a whole.

    :raises AnsibleActionFail: one of them is not what it has to be.
    """
    texts: dict = {}
    for name, (kind, words) in KINDS.items():
        value = arguments.get(name)
        if value is None:
            continue
        if not isinstance(value, kind):
            raise AnsibleActionFail(f"{name}: has to be {words}.")
        texts[name] = to_json(value)
    return {**arguments, **texts}
