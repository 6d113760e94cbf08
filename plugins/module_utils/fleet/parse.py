# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A list of applications, checked as a whole before the first call. Pure.
Private to the collection: names and shapes can change in any release."""

import ast
import contextlib
import difflib
import json
from typing import NamedTuple

from ansible.module_utils.common.validation import check_type_dict

from ..application import model as application_model
from ..application.options import (
    APPLICATION_ARGUMENTS,
    DEFAULTS,
    METADATA_DEFAULTS,
    PREFIX,
    given,
    type_mistakes,
    with_derived,
)
from ..core.arguments import validate
from ..core.errors import InvalidOption
from ..launch import configuration as launch_configuration
from ..launch.settings import FINGERPRINT_LENGTH

NAME = f"{PREFIX}name"
_METADATA = f"{PREFIX}metadata_options"


class Mistake(NamedTuple):
    """What is wrong with an entry of the list."""

    application: str
    message: str


def parse(entries, defaults=None, state=None, adopt=False):
    """Return the applications of a list.

    :param entries: a dictionary for each, with the variables of the role ``application``.
    :param defaults: such variables for every application that does not say otherwise.
    :param state: ``present`` or ``absent`` for all of them; None for the state in each of them.
    :param adopt: whether those that do not say otherwise take over what exists.
    :raises InvalidOption: with all mistakes of all entries at once; ``mistakes`` in its details lists them.
    """
    defaults = {f"{PREFIX}adopt": adopt, **given(defaults or {})}
    mistakes = _unknown("defaults", defaults)
    if NAME in defaults:
        mistakes.append(Mistake("defaults", f"{NAME}: each application has its own. Remove it from the defaults."))
    applications, claims = [], []
    for number, entry in enumerate(entries, start=1):
        found, wrong = _parse_entry(number, entry, defaults, state)
        mistakes += wrong
        if found is not None:
            applications.append(found)
            claims.append((found.name, _claims(found)))
        elif isinstance(entry, dict) and isinstance(entry.get(NAME), str):
            # Of what has other mistakes, the name at least is known.
            claims.append((entry[NAME], [("name", entry[NAME])]))
    mistakes += [*_collisions(claims), *_names_within_prefixes(applications)]
    if mistakes:
        raise InvalidOption(_message(mistakes, len(entries)), mistakes=[each._asdict() for each in mistakes])
    return tuple(applications)


def _message(mistakes, number):
    if number == 1:
        return " ".join([*dict.fromkeys(mistake.message for mistake in mistakes), "No changes were made."])
    listed = " ".join(f"[{mistake.application}] {mistake.message}" for mistake in mistakes)
    count = "one mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    return f"applications: {count}. {listed} No changes were made."


def _parse_entry(number, entry, defaults, state):
    """Return the application of an entry, or None where it can't be one, and what is wrong with it."""
    if not isinstance(entry, dict):
        return None, [Mistake(f"entry {number}", f"is no dictionary with {NAME} and other variables of the role.")]
    label = str(entry.get(NAME) or f"entry {number}")
    mistakes = _unknown(label, entry)
    # The validator copies what it is given, and fills suboptions into defaults of its own without copying them first.
    known = {**DEFAULTS, **defaults, **given(entry)}
    known = {
        name: _as_list(APPLICATION_ARGUMENTS[name], value)
        for name, value in known.items()
        if name in APPLICATION_ARGUMENTS
    }
    known[_METADATA] = _completed(known[_METADATA])
    if state is not None:
        known[f"{PREFIX}state"] = state
    mistakes += [Mistake(label, message) for message in type_mistakes(known)]
    validated, messages = validate(APPLICATION_ARGUMENTS, known)
    if messages:
        return None, [*mistakes, *(Mistake(label, message) for message in messages)]
    options = with_derived({name[len(PREFIX) :]: value for name, value in validated.items()})
    try:
        return application_model.from_options(options), mistakes
    except InvalidOption as mistake:
        return None, [*mistakes, *(Mistake(label, message) for message in mistake.details["mistakes"])]


def _completed(metadata_options):
    """Return metadata options with the defaults of members that have no value; None as it is."""
    try:
        given = {} if metadata_options is None else check_type_dict(metadata_options)
    except TypeError:
        return metadata_options
    given = {name: value for name, value in given.items() if value is not None}
    return None if metadata_options is None else {**METADATA_DEFAULTS, **given}


def _as_list(argument, value):
    """Return a list that was given as text: JSON, what a template without native types returns, or parts between commas."""
    if argument.get("type") != "list" or not isinstance(value, str):
        return value
    for read in (json.loads, ast.literal_eval) if value.lstrip().startswith("[") else ():
        # A text of a thousand brackets is too deep for either.
        with contextlib.suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            if isinstance(found := read(value.strip()), list):
                return found
    return [part.strip() for part in value.split(",") if part.strip()] if argument.get("elements") == "str" else value


def _unknown(label, entry):
    """Return a mistake for each key that is not a variable of the role, with the nearest one that is."""
    mistakes = []
    for key in entry:
        if key in APPLICATION_ARGUMENTS:
            continue
        key = str(key)
        nearest = [PREFIX + key] if PREFIX + key in APPLICATION_ARGUMENTS else []
        nearest += difflib.get_close_matches(key, APPLICATION_ARGUMENTS, n=1)
        nearest += difflib.get_close_matches(PREFIX + key, APPLICATION_ARGUMENTS, n=1)
        hint = f" Did you mean {nearest[0]}?" if nearest else " The variables of the role application are possible."
        mistakes.append(Mistake(label, f"{key}: no such variable exists.{hint}"))
    return mistakes


def _collisions(claims):
    """Return a mistake for each application whose names another one before it has taken.

    :param claims: for each application, its name and the result of :func:`_claims`.
    """
    mistakes = []
    taken: dict = {}
    for application, claimed in claims:
        for option, name in claimed:
            # IAM compares names without regard to letter case, and so do people.
            key = (option, name.casefold() if option in _WITHOUT_CASE else name)
            if key in taken:
                message = f"{PREFIX}{option}: '{name}' is taken by the application '{taken[key]}' as well. Names have to differ."
                mistakes.append(Mistake(application, message))
                # The other names are made of this one.
                break
            taken[key] = application
    return mistakes


_WITHOUT_CASE = ("name", "role_name", "instance_profile_name")


def _claims(application):
    """Return what belongs to an application alone, as pairs of option and name, of both kinds of launch settings."""
    options = application.options
    claims = {name: options.get(name) for name in ("name", "role_name", "instance_profile_name", "group_name")}
    if application.launch is not None or not application.present:
        claims["launch_template_name"] = options["launch_template_name"]
        claims["launch_configuration_name"] = options.get("launch_configuration_name")
        claims["launch_configuration_name_prefix"] = _prefix(application)
    return [(option, name) for option, name in claims.items() if name]


def _prefix(application):
    """Return the prefix by which an application prunes launch configurations, or None."""
    prunes = application.launches_from_template or not application.options.get("launch_configuration_name")
    return application.options["launch_configuration_name_prefix"] if prunes else None


def _names_within_prefixes(applications):
    """Return a mistake for each fixed name that another application would take for one of its own, and prune."""
    launching = [each for each in applications if each.launch is not None or not each.present]
    prefixes = {_prefix(each): each.name for each in launching if _prefix(each)}
    mistakes = []
    for each in launching:
        name = each.options.get("launch_configuration_name") or ""
        prefix = name[:-FINGERPRINT_LENGTH]
        if prefixes.get(prefix, each.name) != each.name and launch_configuration.is_sibling(prefix, name):
            message = (
                f"{PREFIX}launch_configuration_name: '{name}' looks like one that the application '{prefixes[prefix]}' "
                "creates by its prefix, and would be pruned with these. Choose another name."
            )
            mistakes.append(Mistake(each.name, message))
    return mistakes
