# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans on the screen, in the colors of their signs.
Private to the collection: names and shapes can change in any release."""

from ansible import constants

COLORS = {
    "+": constants.COLOR_OK,
    "~": constants.COLOR_CHANGED,
    "-": constants.COLOR_ERROR,
    "-/+": constants.COLOR_ERROR,
    "!": constants.COLOR_ERROR,
    "warning:": constants.COLOR_WARN,
}


def show(display, lines, host_prefix=""):
    """Display the lines of ``plan_text``, each in the color of its sign or of the sign that it is indented under.

    :param display: Ansible's ``Display``.
    :param host_prefix: what each line begins with where a play has several hosts.
    """
    color = None
    for line in lines:
        if not line.startswith("    "):
            color = COLORS.get(line[2:].split(" ", 1)[0]) if line.startswith("  ") else None
        display.display(host_prefix + line, color=color)
