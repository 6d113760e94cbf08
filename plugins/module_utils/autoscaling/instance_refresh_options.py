# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of an instance refresh, and the target and preferences that they ask for. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling.instance_refresh import (
    PROTECTED,
    STANDBY,
    Target,
)
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption

# option -> preference, for those that are sent as they are
_PLAIN = {
    "min_healthy_percentage": "MinHealthyPercentage",
    "max_healthy_percentage": "MaxHealthyPercentage",
    "instance_warmup": "InstanceWarmup",
    "skip_matching": "SkipMatching",
    "bake_time": "BakeTime",
    "checkpoint_percentages": "CheckpointPercentages",
    "checkpoint_delay": "CheckpointDelay",
}
_HIGHEST = {"min_healthy_percentage": 100, "bake_time": 172800, "checkpoint_delay": 172800}


def from_params(params):
    """Return the target that a module's parameters ask for.

    :raises InvalidOption: a percentage or number that AWS refuses.
    """
    for option, highest in _HIGHEST.items():
        if params.get(option) is not None and not 0 <= params[option] <= highest:
            raise InvalidOption(f"{option}: {params[option]} is out of range; AWS takes 0 to {highest}.")
    if params["max_healthy_percentage"] is not None:
        _check_largest(params["max_healthy_percentage"], params["min_healthy_percentage"])
    if params["instance_warmup"] is not None and params["instance_warmup"] < 0:
        raise InvalidOption(
            f"instance_warmup: {params['instance_warmup']} is negative. Give the seconds that an instance needs to warm up."
        )
    _check_checkpoints(params.get("checkpoint_percentages") or [], params.get("checkpoint_delay"))
    if "" in (params.get("alarms") or ()):
        raise InvalidOption("alarms: one of the values is empty. Remove it.")
    version = params["launch_template_version"]
    if version is not None and not (version.isascii() and version.isdigit()):
        raise InvalidOption(
            f"launch_template_version: '{version}' is not a number. Auto Scaling rolls back to numbered versions only, so name one by number."
        )
    specification = None
    if params["launch_template_id"] is not None:
        specification = {"LaunchTemplateId": params["launch_template_id"], "Version": version}
    preferences = {
        preference: params[option] for option, preference in _PLAIN.items() if params.get(option) not in (None, [])
    }
    if params.get("scale_in_protected_instances"):
        preferences[PROTECTED] = params["scale_in_protected_instances"].capitalize()
    if params.get("standby_instances"):
        # Here the API has another word.
        preferences[STANDBY] = params["standby_instances"].capitalize().replace("Refresh", "Terminate")
    if params.get("alarms"):
        preferences["AlarmSpecification"] = {"Alarms": list(params["alarms"])}
    if specification is not None:
        # Auto Scaling rolls back only where it is told what to launch.
        preferences["AutoRollback"] = params["auto_rollback"]
    return Target(params["group"], specification, preferences)


def _check_largest(largest, smallest):
    if not 100 <= largest <= 200:
        raise InvalidOption(f"max_healthy_percentage: {largest} is out of range; AWS takes 100 to 200.")
    if largest - smallest > 100:
        raise InvalidOption(
            f"max_healthy_percentage: {largest} is more than 100 above min_healthy_percentage, which is {smallest}; AWS takes no more. Lower it."
        )


def _check_checkpoints(percentages, delay):
    if not all(1 <= each <= 100 for each in percentages) or any(
        one >= other for one, other in zip(percentages, percentages[1:])
    ):
        raise InvalidOption("checkpoint_percentages: AWS takes ascending numbers from 1 to 100 here. Correct the list.")
    if delay is not None and not percentages:
        raise InvalidOption("checkpoint_delay: requires checkpoint_percentages. Set both, or remove checkpoint_delay.")
