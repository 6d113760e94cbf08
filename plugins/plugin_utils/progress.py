# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lines that actions show while they work."""

from __future__ import annotations


def host_prefix(task_vars):
    """Return what lines begin with, so that one knows whose they are: nothing where the play has one host."""
    hosts = (task_vars or {}).get("ansible_play_hosts") or ()
    return f"[{task_vars['inventory_hostname']}] " if len(hosts) > 1 else ""
