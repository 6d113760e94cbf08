# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the actions ``fleet`` and ``fleet_info`` have in common.
Private to the collection: names and shapes can change in any release."""

from ansible.errors import AnsibleActionFail
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.filter.core import to_json

from ..module_utils.application.options import (
    APPLICATION_ARGUMENTS,
    PREFIX,
    UNSET,
    given,
)
from .claims import absent_by_play, claims_of, entries_of_others
from .wishes import contradict

KINDS: dict = {"applications": (list, "a list of dictionaries"), "defaults": (dict, "a dictionary")}


def module_arguments(arguments, task_vars, *, diff=False):
    """Return the arguments for the module: applications as JSON, and what other hosts claim where something can be deleted.

    What other hosts ask of the same roles and instance profiles must not contradict it.

    A module hides the values of secret options wherever they occur, and in a list that is each of its values: names, words, numbers. Of a
    text it is the text as a whole.

    :param diff: whether the task runs with ``--diff``.
    :raises AnsibleActionFail: an argument has the wrong type, the claims can't be read, or hosts contradict each other.
    """
    arguments = {**({"include_details": True} if diff else {}), **arguments}
    for name, (kind, words) in KINDS.items():
        if arguments.get(name) is not None and not isinstance(arguments[name], kind):
            raise AnsibleActionFail(f"{name}: has to be {words}.")
    entries = [_without_unset(entry) for entry in arguments.get("applications") or []]
    state = arguments.get("state")
    states = {
        entry.get(f"{PREFIX}state") for entry in (*entries, arguments.get("defaults") or {}) if isinstance(entry, dict)
    }
    deletes = "absent" in (state, *states) or boolean(arguments.get("prune_orphans") or False, strict=False)
    if "claims" not in arguments:
        # The role application hands over every variable, a fleet what its entries have.
        is_role = [
            set(entry) == set(APPLICATION_ARGUMENTS)
            for entry in arguments.get("applications") or []
            if isinstance(entry, dict)
        ]
        single = entries[0].get(f"{PREFIX}state") if is_role == [True] else None
        by_play = absent_by_play(task_vars, "fleet_state", state) or absent_by_play(task_vars, f"{PREFIX}state", single)
        others = entries_of_others(task_vars, by_play, deletes)
        if deletes:
            arguments["claims"] = claims_of(others)
        _refuse_contradictions(entries, arguments, task_vars, others)
    if arguments.get("applications") is not None:
        arguments["applications"] = entries
    return {**arguments, **{name: to_json(arguments[name]) for name in KINDS if arguments.get(name) is not None}}


def _refuse_contradictions(entries, arguments, task_vars, others):
    defaults = given(arguments.get("defaults") or {})
    own = [{**defaults, **given(entry)} for entry in entries if isinstance(entry, dict)] if others else []
    own = [entry for entry in own if (arguments.get("state") or entry.get(f"{PREFIX}state")) != "absent"]
    sentences = contradict(task_vars["inventory_hostname"], own, others) if own else ""
    if sentences:
        raise AnsibleActionFail(f"{sentences} No changes were made.")


def _without_unset(entry):
    """Return an entry without the variables that the role ``application`` has no value for."""
    if not isinstance(entry, dict):
        return entry
    return {name: value for name, value in entry.items() if not (isinstance(value, str) and value == UNSET)}
