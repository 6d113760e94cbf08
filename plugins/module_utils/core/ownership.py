# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The tag by which the roles know what belongs to an application. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace

# Tags of these keys are the collection's: nothing removes them, and no variable can set them.
PREFIX = "launchkit:"
TAG = f"{PREFIX}application"


def value(application):
    """Return the tag's value for the name of an application. Values of IAM take no comma, and names have no slash."""
    return application.replace(",", "/")


def is_owned(tags, application):
    """Return whether tags, key -> value, say that a resource belongs to the application. Names differ by more than case."""
    return tags.get(TAG, "").casefold() == value(application).casefold()


def with_tags(target, current, added):
    """Return a target with the collection's tags among its tags: those that the resource has stay.

    :param target: has ``tags`` and ``purge_tags``.
    :param current: the tags of the resource, key -> value.
    :param added: the collection's tags to add.
    """
    if target.tags is None:
        return replace(target, tags=added or None, purge_tags=target.purge_tags and not added)
    kept = {key: value for key, value in current.items() if key.startswith(PREFIX)}
    return replace(target, tags={**target.tags, **kept, **added})
