# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Plans as lines of text: what the plans of applications and of migrations have in common. Pure.
Private to the collection: names and shapes can change in any release."""

import textwrap

WIDTH = 120
# Characters that are kept before the first one that differs.
CONTEXT = 12
# The longest message of a failure, in characters; the result has all errors.
MESSAGE_LENGTH = 3500
NAMES_SHOWN = 20


def wrapped(start, text, **limits):
    """Return a text as lines that fit, after a start; only an attribute is broken within a word."""
    indent = " " * (len(start) - len(start.lstrip()) + 2)
    return textwrap.wrap(
        escaped(text),
        WIDTH - 2,  # Changes of a blocked application are indented further.
        initial_indent=start,
        subsequent_indent=indent,
        break_long_words=bool(limits),
        break_on_hyphens=False,
        **limits,
    )


def transition(difference, width):
    """Return old and new value, cut to the width around the first character that differs."""
    actual, wanted = escaped(difference.actual), escaped(difference.wanted)
    width = max(width, 40) - len(" -> ")
    pairs = enumerate(zip(actual, wanted))
    shorter = min(len(actual), len(wanted))
    start = next((index for index, (old, new) in pairs if old != new), shorter) - CONTEXT
    if len(actual) + len(wanted) > width and start > 0:
        actual, wanted = f"...{actual[start:]}", f"...{wanted[start:]}"
    actual = cut(actual, max(width // 2, width - len(wanted)))
    return f"{actual} -> {cut(wanted, width - len(actual))}"


def cut(text, width):
    """Return a text, its end left out where it is longer than the width."""
    return text if len(text) <= width else f"{text[: width - 3]}..."


def count(number, noun):
    """Return a number with its noun, such as ``2 groups``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def escaped(text):
    """Return a text without characters that could break the layout or hide something in it."""
    text = str(text)
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def by_cause(text, errors):
    """Return a text with the messages of errors behind it, grouped by cause and not longer than a message may be.

    :param errors: name -> message.
    """
    for names, message in grouped(errors):
        part = f" [{some(names)}] {message}"
        if len(text) + len(part) > MESSAGE_LENGTH:
            return f"{text[:MESSAGE_LENGTH]} The result lists all errors."
        text += part
    return text


def grouped(messages):
    """Return pairs of names and the message that they share but for their own names.

    :param messages: name -> message.
    """
    causes: dict = {}
    for name, message in messages.items():
        causes.setdefault(message.replace(name, "{name}"), []).append(name)
    return [(names, messages[names[0]]) for names in causes.values()]


def some(names, shown=NAMES_SHOWN):
    """Return names as text, the first ones where they are many."""
    hidden = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {hidden} more" if hidden > 0 else "")
