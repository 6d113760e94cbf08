# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What applications of other hosts of the inventory claim: IAM is the same in all Regions of an account."""

from __future__ import annotations

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX, given, with_derived

STATE = f"{PREFIX}state"


def claims_of_others(task_vars, is_absent):
    """Return the roles and instance profiles that present applications of other hosts use: name -> host.

    Hosts of the inventory count whether they are in the play or not. Hosts with another ``fleet_account`` don't.

    :param is_absent: whether a variable of the play makes all applications of this host absent, and so those of the play's other hosts.
    :raises AnsibleActionFail: the applications of a host can't be read.
    """
    own, hostvars = task_vars["inventory_hostname"], task_vars["hostvars"]
    claims: dict = {}
    for host in hostvars:
        if host == own or (is_absent and host in task_vars.get("ansible_play_hosts_all", ())):
            continue
        try:
            entries = _entries(hostvars[host], task_vars.get("fleet_account"))
        except (AnsibleError, TypeError, ValueError) as error:
            raise AnsibleActionFail(
                f"fleet_applications: the applications of host '{host}' can't be read, so what they use is not known: {error} "
                "Correct its variables. Nothing was changed."
            ) from error
        for entry in entries:
            options = with_derived({name[len(PREFIX) :]: value for name, value in entry.items()})
            claims.update(dict.fromkeys((options["role_name"], options["instance_profile_name"]), host))
    return claims


def absent_by_play(task_vars, variable, value):
    """Return whether a state that is absent comes from the play rather than from the host's own variables.

    :param variable: the variable that sets it, such as ``fleet_state``.
    :param value: its value in the task.
    """
    own = task_vars["hostvars"].get(task_vars["inventory_hostname"]) or {}
    return value == "absent" and own.get(variable) != "absent"


def _entries(variables, account):
    """Return the variables of the present applications of a host."""
    if None not in (account, variables.get("fleet_account")) and str(account) != str(variables["fleet_account"]):
        return []
    single = {
        name: variables[name] for name in variables if name.startswith(PREFIX) and not name.startswith(f"{PREFIX}_")
    }
    entries = [single] if f"{PREFIX}name" in single else []
    defaults, state = given(variables.get("fleet_defaults") or {}), variables.get("fleet_state")
    for entry in variables.get("fleet_applications") or []:
        entries.append({**defaults, **given(entry), **({STATE: state} if state else {})})
    return [entry for entry in entries if entry.get(STATE, "present") == "present"]
