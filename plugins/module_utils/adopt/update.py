# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A fleet file that exists, with what the account has now. Its comments, its order and its other variables stay. Pure.
Private to the collection: names and shapes can change in any release."""

import io
from dataclasses import replace

from ansible.module_utils.basic import missing_required_lib

try:
    from ruamel.yaml import YAML
    from ruamel.yaml.comments import CommentedMap, TaggedScalar
    from ruamel.yaml.error import YAMLError
except ImportError:
    YAML = None  # type: ignore[assignment,misc]  # Reported below

from ..application.options import (
    APPLICATION_ARGUMENTS,
    PREFIX,
    given,
    with_derived,
)
from ..core.errors import InvalidOption
from ..fleet import parse
from ..fleet.plans import plans_of
from ..iam import role
from . import common, text

# Variables that say how, or that people choose. A description never has them.
_NOT_DESCRIBED = {
    *("state", "adopt", "trust_principal", "vpc_id", "user_data", "user_data_base64", "group_desired_capacity"),
    *("instance_profile_on_drift", "launch_configuration_on_drift", "used_in_regions", "wait_timeout"),
    *("purge_managed_policies", "purge_inline_policies", "purge_tags", "group_wait_for_instances"),
    *("group_wait_timeout", "group_force_delete", "launch_configuration_prune", "launch_template_prune"),
}
_DESCRIBED = {
    name
    for name in APPLICATION_ARGUMENTS
    if name.removeprefix(PREFIX) not in _NOT_DESCRIBED and not name.startswith(f"{PREFIX}refresh")
}


def updated(existing, path, going, described, observation):
    """Return the text of an updated fleet file, and the names of its applications that were not found.

    :param existing: its text.
    :param going: variables and notes of each application that is described, pairs.
    :param described: all descriptions, for the decisions at the end.
    :raises InvalidOption: it is no fleet file, or one that can't be updated.
    """
    if YAML is None:
        raise InvalidOption(_refusal(path, missing_required_lib("ruamel.yaml")))
    yaml = YAML()
    yaml.preserve_quotes, yaml.width, yaml.explicit_start = True, text.WIDTH, True
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        head = existing.partition(f"\n{text.DECISIONS}")[0]
        file = yaml.load(head)
    except YAMLError as error:
        raise InvalidOption(_refusal(path, f"It is not YAML: {' '.join(str(error).split())}.")) from error
    if not isinstance(file, dict) or not isinstance(file.get("fleet_applications"), list):
        raise InvalidOption(_refusal(path, "It has no list fleet_applications."))
    entries, defaults = _plain(file["fleet_applications"], path), _plain(file.get("fleet_defaults") or {}, path)
    try:
        applications = parse.parse(entries, defaults)
    except InvalidOption as mistake:
        raise InvalidOption(_refusal(path, mistake.message)) from mistake
    plans = plans_of(applications, replace(observation, policy_arns=_policy_arns(applications, observation)))
    known = {}
    for application, plan, entry, kept in zip(applications, plans, entries, file["fleet_applications"]):
        # What is to be deleted needs no description.
        differs = application.present and (plan.changes or plan.blockers)
        known[application.options["role_name"].casefold()] = (differs, entry, kept)
    found, is_changed = set(), False
    for variables, notes in going:
        options = with_derived({name.removeprefix(PREFIX): value for name, value in variables.items()})
        key = options["role_name"].casefold()
        found.add(key)
        differs, entry, kept = known.get(key, (True, None, None))
        if entry is None:
            is_changed = True
            new = CommentedMap(_changes(variables, {}, defaults))
            file["fleet_applications"].append(new)
            lines = "\n".join(line.removeprefix("#").strip() for note in notes for line in text.comment(note))
            if lines:
                last = len(file["fleet_applications"]) - 1
                file["fleet_applications"].yaml_set_comment_before_after_key(last, before=lines, indent=2)
        elif differs:
            changes = _changes(variables, entry, defaults)
            surplus = [each for each in entry if each in _DESCRIBED and each not in {**variables, **changes}]
            for name in surplus:
                del kept[name]
            kept.update(changes)
            is_changed = is_changed or bool(changes or surplus)
    missing = [entry[parse.NAME] for key, (dummy, entry, dummy) in known.items() if key not in found]
    if is_changed:
        output = io.StringIO()
        yaml.dump(file, output)
        head = output.getvalue()
    return head.rstrip("\n") + "\n".join(["", *text.decisions(described)]) + "\n", missing


def _changes(variables, entry, defaults):
    """Return the variables to set in an entry, so that together with the defaults it says what a description says."""
    effective = {**defaults, **given(entry)}
    is_named = f"{PREFIX}name"
    changes = {
        name: value
        for name, value in variables.items()
        if (name not in effective or common.canonical(effective[name]) != common.canonical(value))
        # People choose the name, and other names follow from it.
        and not (entry and name == is_named)
    }
    surplus = [name for name in defaults if name in _DESCRIBED and name not in variables]
    return {
        **changes,
        **{name: value for name, value in common.neutral(surplus, variables).items() if entry.get(name) != value},
    }


def _plain(value, path):
    """Return a value without what ruamel.yaml adds to it.

    :raises InvalidOption: it has templates, whose values are not known here.
    """
    if isinstance(value, dict):
        return {str(key): _plain(member, path) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member, path) for member in value]
    if isinstance(value, TaggedScalar):
        return str(value.value)
    if isinstance(value, str):
        if any(each in value for each in text.TEMPLATES):
            raise InvalidOption(_refusal(path, f"It has a template, whose value is not known here: {value}."))
        return str(value)
    # Numbers that remember how they were written.
    plain = (kind for kind in (bool, int, float) if isinstance(value, kind))
    return next((kind(value) for kind in plain), value)


def _policy_arns(applications, observation):
    """Return managed policy as it is written -> ARN, of those that roles have."""
    arns = {
        arn for detail in observation.roles.values() for arn in (*role.attached_policies(detail), role.boundary(detail))
    }
    names = {name: arn for arn in sorted(arns) for name in (arn, arn.partition(":policy/")[2], arn.rpartition("/")[2])}
    return {policy: names.get(policy) for each in applications for policy in each.policies}


def _refusal(path, reason):
    return f"path: '{path}' exists and can't be updated. {reason} Choose another path, and compare the two files."
