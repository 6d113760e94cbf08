# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which instance refreshes of a run come first, and the options that decide it. Pure.
Private to the collection: names and shapes can change in any release."""

from ..core.errors import InvalidOption

SMALLEST = "smallest"


def first(canary, sizes):
    """Return the names of the refreshes that run to their end before the others begin.

    :param canary: names, or a list of :data:`SMALLEST`; None or empty for no canary.
    :param sizes: name of each refresh -> the number of instances.
    """
    if list(canary or ()) == [SMALLEST]:
        return {min(sizes, key=lambda name: (sizes[name], name))} if len(sizes) > 1 else set()
    return set(canary or ()) & set(sizes)


def check_canary(option, canary, names):
    """Check the names of a canary. A misspelt one would be none at all.

    :raises InvalidOption: a name is not among those of the run.
    """
    unknown = sorted(set(canary or ()) - {SMALLEST} - set(names))
    if unknown:
        raise InvalidOption(
            f"{option}: {', '.join(unknown)} is not part of this run. Correct the name, or set {SMALLEST}. "
            "No changes were made."
        )


def check_failures(option, number):
    """Check a number of failures.

    :raises InvalidOption: it is less than one.
    """
    if number < 1:
        raise InvalidOption(f"{option}: {number} is out of range. Set 1 or more.")
