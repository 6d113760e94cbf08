# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How an instance refresh goes on and ends, in words. Pure.

Refreshes are dictionaries with the API's keys in snake case, see ``instance_refresh.render()``.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.instance_refresh import ACTIVE, SUCCESSFUL


def is_active(refresh):
    """Return whether a refresh goes on."""
    return refresh["status"] in ACTIVE


def progress(group, refresh):
    """Return how far a refresh of a group is, as one line."""
    parts = [f"{group}: instance refresh {refresh['status']}"]
    if refresh.get("percentage_complete") is not None:
        parts.append(f"{refresh['percentage_complete']} %")
    if refresh.get("instances_to_update"):
        parts.append(f"{refresh['instances_to_update']} instances left")
    if refresh.get("status_reason"):
        parts.append(refresh["status_reason"])
    return ", ".join(parts)


def failure(group, refresh):
    """Return why a refresh did not succeed, or None."""
    if refresh["status"] == SUCCESSFUL:
        return None
    reason = refresh.get("status_reason") or "AWS gives no reason; see the group's scaling activities"
    reason = (refresh.get("rollback_details") or {}).get("rollback_reason") or reason
    subject = f"group: the instance refresh {refresh['instance_refresh_id']} of '{group}'"
    if is_active(refresh):
        return f"{subject} did not end within wait_timeout and goes on. Run the task again to wait for it."
    if refresh["status"] == "RollbackSuccessful":
        return f"{subject} failed and was rolled back; the group launches what it did before. {reason}"
    return f"{subject} ended as {refresh['status']}; some instances were replaced and others were not. {reason}"
