# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The values that most applications have in common, for ``fleet_defaults``. Pure.
Private to the collection: names and shapes can change in any release."""

import json

from ..application.options import DEFAULTS, PREFIX

# Variables of one application alone, and those by which a new one would be less secure than it would be without defaults.
_OWN = {
    *("metadata_options", "inline_policies", "trust_policy"),
    *("name", "role_name", "instance_profile_name", "launch_configuration_name", "launch_configuration_name_prefix"),
    *("launch_template_name", "group_name", "user_data_path", "keep_user_data"),
}
# What an application without the variable sets instead, where another value is the default. It is what AWS has then.
_NEUTRAL = {
    **{name.removeprefix(PREFIX): value for name, value in DEFAULTS.items()},
    "role_path": "/",
    "role_max_session_duration": 3600,
    "managed_policies": [],
    "permissions_boundary": "",
    "group_load_balancers": [],
    "group_target_group_arns": [],
    "group_health_check_type": "EC2",
    "group_health_check_period": 300,
    "group_default_cooldown": 300,
    "group_termination_policies": ["Default"],
    "group_max_instance_lifetime": 0,
}
# Begins with this -> an application to which it means something has this variable.
_NEEDED = {"group_": "group_name", "role_": "name", "": "image_id"}
_ROLE = ("managed_policies", "inline_policies", "permissions_boundary", "trust_policy", "tags", "instance_profile_path")


def with_defaults(entries):
    """Return the defaults and the entries without them. The two together say what the entries say alone.

    :param entries: a dictionary of the role's variables for each application.
    """
    defaults, common = {}, [dict(entry) for entry in entries]
    names = dict.fromkeys(name for entry in entries for name in entry)
    for name in names:
        short = name.removeprefix(PREFIX)
        concerned = [less for entry, less in zip(entries, common) if _concerns(short, entry)]
        value, number = _most_frequent([entry[name] for entry in concerned if name in entry])
        others = [entry for entry in concerned if name not in entry]
        if short in _OWN or number < 2 or number * 2 <= len(concerned) or (others and short not in _NEUTRAL):
            continue
        # An application that launches nothing would have an image without an instance type.
        if short in ("image_id", "instance_type") and len(concerned) < len(common):
            continue
        defaults[name] = value
        for entry in others:
            entry[name] = _NEUTRAL[short]
        for entry in concerned:
            if canonical(entry[name]) == canonical(value):
                del entry[name]
    return defaults, common


def _concerns(short, entry):
    """Return whether a variable means something to an application."""
    if short in _ROLE:
        return True
    needed = next(variable for prefix, variable in _NEEDED.items() if short.startswith(prefix))
    return f"{PREFIX}{needed}" in entry


def _most_frequent(values):
    """Return the value that occurs most often, and how often."""
    counts: dict = {}
    for value in values:
        first, number = counts.get(canonical(value), (value, 0))
        counts[canonical(value)] = (first, number + 1)
    return max(counts.values(), key=lambda pair: pair[1], default=(None, 0))


def neutral(names, entry):
    """Return what an application sets for variables that it does not have, where another value is the default."""
    short = {name: name.removeprefix(PREFIX) for name in names}
    return {name: _NEUTRAL[key] for name, key in short.items() if key in _NEUTRAL and _concerns(key, entry)}


def canonical(value):
    """Return a text that is the same for equal values."""
    return json.dumps(value, sort_keys=True)
