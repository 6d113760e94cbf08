# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The progress and the outcome of an instance refresh in words. Pure.

Refreshes are dictionaries with the API's keys in snake case, see ``instance_refresh.render()``.
Private to the collection: names and shapes can change in any release."""

from .instance_refresh import ACTIVE


def follow(group, refreshes, show):
    """Return the refresh as last read: when it has ended, or else the last of the reads.

    :param refreshes: reads of the refresh, one after the other.
    :param show: is called with a line whenever the progress changes.
    """
    shown = None
    for refresh in refreshes:
        line = _progress(group, refresh)
        if line != shown:
            show(line)
            shown = line
        if refresh["status"] not in ACTIVE:
            break
    return refresh


def continues(group, identity):
    """Return what a reader needs to know when the task is interrupted, which leaves it no time to say so."""
    return (
        f"{group}: instance refresh {identity} continues if this task is interrupted. Run the task again to wait for it, or "
        "cancel it with amazon.aws.autoscaling_instance_refresh and state=cancelled."
    )


def failure(group, refresh, blocking, timeout_option="wait_timeout (application_refresh_timeout in roles)"):
    """Return why a refresh did not succeed, or None.

    :param blocking: see :func:`instance_refresh.blocking`.
    :param timeout_option: what the user sets the time with.
    """
    status = refresh["status"]
    if status == "Successful":
        return None
    reason = refresh.get("status_reason") or "AWS gives no reason; see the group's scaling activities."
    reason = (refresh.get("rollback_details") or {}).get("rollback_reason") or reason
    if status in ACTIVE:
        end = f"did not end within {timeout_option} and continues. Run the task again to wait for it."
    elif status == "RollbackSuccessful":
        end = f"failed and was rolled back; the group launches what it did before. {reason}"
    else:
        end = f"ended as {status}; some instances were replaced and others were not. {reason}"
    return f"Instance refresh {refresh['instance_refresh_id']} of group '{group}' {end}{_waits(blocking)}"


def _progress(group, refresh):
    percentage, remaining = refresh.get("percentage_complete"), refresh.get("instances_to_update")
    parts = (
        f"{group}: instance refresh {refresh['status']}",
        "" if percentage is None else f"{percentage} %",
        f"{remaining} instances left" if remaining else "",
        refresh.get("status_reason"),
    )
    return ", ".join(filter(None, parts))


def _waits(blocking):
    instances = [f"{', '.join(ids)} (see {option})" for option, ids in sorted(blocking.items()) if ids]
    if not instances:
        return ""
    return (
        f" A refresh waits for instances that are protected from scale-in or in standby: {'; '.join(instances)}. "
        "Set the option to refresh or ignore, remove the protection, or return the instances to service."
    )
