# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shows the lines that a module writes to a file while it works: a module itself can show nothing before its end.
Private to the collection: names and shapes can change in any release."""

import contextlib
import tempfile
import threading

# Seconds between two reads of the file.
INTERVAL = 0.5


def host_prefix(task_vars):
    """Return the host that lines begin with; nothing if the play has one host."""
    hosts = (task_vars or {}).get("ansible_play_hosts") or ()
    return f"[{task_vars['inventory_hostname']}] " if len(hosts) > 1 else ""


@contextlib.contextmanager
def shown(action, show):
    """Yield the path of a file, and call ``show`` with each line that is written to it.

    The path is None if the module runs on another host or as another user: the controller couldn't read the file.

    :param action: the action plugin.
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
    # One read after the end, for the last lines.
    is_last = False
    while not is_last:
        is_last = ended.wait(INTERVAL)
        for line in lines:
            show(line.rstrip("\n"))
