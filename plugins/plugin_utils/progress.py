# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lines that actions show while their module works, which writes them to a file: a module itself can show nothing before its end."""

from __future__ import annotations

import contextlib
import tempfile
import threading

# Seconds between two looks at the file.
INTERVAL = 0.5


def host_prefix(task_vars):
    """Return what lines begin with, so that one knows whose they are: nothing where the play has one host."""
    hosts = (task_vars or {}).get("ansible_play_hosts") or ()
    return f"[{task_vars['inventory_hostname']}] " if len(hosts) > 1 else ""


@contextlib.contextmanager
def shown(action, show):
    """Give the path of a file for the time of a ``with``, and call ``show`` with each line that is written to it.

    It is None where the controller couldn't read it: when the module runs on another host, or as another user. The file is gone
    as soon as the ``with`` is left, by which the module learns that the task has been stopped.

    :param action: the action plugin, of which the task and the connection are looked at.
    """
    if action._connection.transport != "local" or action._play_context.become:
        yield None
        return
    with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8", prefix="launchkit-") as lines:
        ended = threading.Event()
        thread = threading.Thread(target=_follow, args=(lines, show, ended), daemon=True)
        thread.start()
        try:
            yield lines.name
        finally:
            ended.set()
            thread.join()


def _follow(lines, show, ended):
    # One look after the end, for what came last.
    last_look = False
    while not last_look:
        last_look = ended.wait(INTERVAL)
        for line in lines:
            show(line.rstrip("\n"))
