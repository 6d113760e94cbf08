# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The variables of the collection's roles: those that begin like one of them and don't exist are mistakes.
Private to the collection: names and shapes can change in any release."""

import difflib
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.yaml import yaml_load

ROLES = Path(__file__).parents[2] / "roles"
RESULTS = ("adopt_result", "application_result", "fleet_result", "launch_template_migration_result")
# The argument specifications name each variable of a role.
SPECIFICATIONS = [yaml_load(path.read_text(encoding="utf-8")) for path in ROLES.glob("*/meta/argument_specs.yml")]
KNOWN = frozenset((*RESULTS, *(name for each in SPECIFICATIONS for name in each["argument_specs"]["main"]["options"])))
PREFIXES = ("adopt_", "application_", "fleet_", "launch_template_migration_")
# Others use this prefix as well, so that only what resembles a variable is a mistake.
COMMON_PREFIX = "report_"
SIMILARITY = 0.8


def refuse_unknown(names):
    """Refuse variables that begin like those of a role and don't exist.

    :param names: the names of all variables. Those with two underscores behind the prefix are the roles' own.
    :raises AnsibleActionFail: with all of them, each with the nearest variable that exists.
    """
    unknown = sorted(
        name
        for name in names
        if name not in KNOWN
        and (
            any(name.startswith(prefix) and name[len(prefix)] != "_" for prefix in PREFIXES if len(name) > len(prefix))
            or (name.startswith(COMMON_PREFIX) and _resembles(name))
        )
    )
    if unknown:
        sentences = [f"{name}: no such variable exists.{_suggestion(name)}" for name in unknown]
        raise AnsibleActionFail(f"{' '.join(sentences)} Correct or rename it. No changes were made.")


def _resembles(name):
    return name[len(COMMON_PREFIX) :][:1] != "_" and difflib.get_close_matches(name, KNOWN, 1, SIMILARITY)


def _suggestion(name):
    nearest = difflib.get_close_matches(name, KNOWN, n=1)
    return f" Did you mean {nearest[0]}?" if nearest else ""
