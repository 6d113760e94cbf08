# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What applications of other hosts of the inventory claim: IAM is the same in all Regions of an account.
Private to the collection: names and shapes can change in any release."""

from ansible.errors import AnsibleActionFail, AnsibleError

from ..module_utils.application.options import PREFIX, given, with_derived
from .wishes import VARIABLES

STATE = f"{PREFIX}state"
_IDENTITY = (f"{PREFIX}name", f"{PREFIX}role_name", f"{PREFIX}instance_profile_name", STATE)


def claims_of(entries):
    """Return the roles and instance profiles that applications use: name -> host.

    :param entries: pairs of a host and the variables of an application, see :func:`entries_of_others`.
    """
    claims: dict = {}
    for host, entry in entries:
        options = with_derived({name[len(PREFIX) :]: value for name, value in entry.items()})
        claims.update(dict.fromkeys((str(options["role_name"]), str(options["instance_profile_name"])), host))
    return claims


def entries_of_others(task_vars, is_absent, deletes=True):
    """Return the present applications of other hosts of the account, as pairs of the host and their variables.

    A host that is not in the play counts if it is another Region of the same inventory. ``fleet_state`` does not count for it: it can be an
    extra variable, which ``--limit`` keeps from being carried out there. Extra variables also give every host of an inventory the
    applications of ``localhost``, which is in none.

    :param is_absent: whether the play makes all applications of this host absent, and so those of its other hosts.
    :param deletes: whether something can be deleted, for which the applications of all hosts have to be known.
    :raises AnsibleActionFail: the applications of a host can't be read.
    """
    own, hostvars = task_vars["inventory_hostname"], task_vars["hostvars"]
    in_play = set(task_vars.get("ansible_play_hosts_all") or ())
    is_listed = own in (task_vars.get("groups") or {}).get("all", ())
    found: list = []
    for host in hostvars:
        if host == own or (is_absent if host in in_play else not is_listed):
            continue
        try:
            found += [(host, entry) for entry in _entries(hostvars[host], task_vars, host in in_play)]
        except (AnsibleError, AttributeError, TypeError, ValueError) as error:
            if not deletes:
                continue
            raise AnsibleActionFail(
                f"fleet_applications: the applications of host '{host}' can't be read, so what they use is not known: {error} "
                "Correct its variables. No changes were made."
            ) from error
    return found


def absent_by_play(task_vars, variable, value):
    """Return whether a state that is absent comes from the play rather than from the host's own variables.

    :param variable: the variable that sets it, such as ``fleet_state``.
    :param value: its value in the task.
    """
    own = task_vars["hostvars"].get(task_vars["inventory_hostname"]) or {}
    return value == "absent" and own.get(variable) != "absent"


def _entries(variables, task_vars, is_in_play):
    """Return the variables of the present applications of a host; none of a host of another account."""
    is_same_region = variables.get("aws_region") in (None, task_vars.get("aws_region"))
    if not _is_same_account(variables, task_vars) or (is_same_region and not is_in_play):
        return []
    names = [name for name in (*_IDENTITY, *VARIABLES) if name in variables] if _IDENTITY[0] in variables else ()
    entries = [{name: variables[name] for name in names}] if names else []
    defaults = given(variables.get("fleet_defaults") or {})
    state = variables.get("fleet_state") if is_in_play else None
    for entry in variables.get("fleet_applications") or []:
        entries.append({**defaults, **given(entry), **({STATE: state} if state else {})})
    return [entry for entry in entries if entry.get(STATE, "present") == "present"]


def _is_same_account(variables, task_vars):
    accounts = [str(each["fleet_account"]) for each in (variables, task_vars) if each.get("fleet_account")]
    if len(accounts) == 2:
        return accounts[0] == accounts[1]
    return variables.get("aws_profile") == task_vars.get("aws_profile")
