# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of an instance refresh, and the target and preferences that they ask for. Pure.
Private to the collection: names and shapes can change in any release."""

from ..core.errors import InvalidOption
from .instance_refresh import PROTECTED, STANDBY, Target

# Option -> preference, for those that are sent as they are.
_PLAIN = {
    "min_healthy_percentage": "MinHealthyPercentage",
    "max_healthy_percentage": "MaxHealthyPercentage",
    "instance_warmup": "InstanceWarmup",
    "skip_matching": "SkipMatching",
    "bake_time": "BakeTime",
    "checkpoint_percentages": "CheckpointPercentages",
    "checkpoint_delay": "CheckpointDelay",
}
# Option -> the lowest and the highest value that AWS takes.
_RANGES = {
    "min_healthy_percentage": (0, 100),
    "max_healthy_percentage": (100, 200),
    "bake_time": (0, 172800),
    "checkpoint_delay": (0, 172800),
}


def from_params(params):
    """Return the target that options ask for. Options can be missing, apart from ``group``.

    :raises InvalidOption: AWS refuses a value.
    """
    given = {option: value for option, value in params.items() if value not in (None, [])}
    _check(given)
    preferences = {preference: given[option] for option, preference in _PLAIN.items() if option in given}
    if "scale_in_protected_instances" in given:
        preferences[PROTECTED] = given["scale_in_protected_instances"].capitalize()
    if "standby_instances" in given:
        # Here the API has another word.
        preferences[STANDBY] = given["standby_instances"].capitalize().replace("Refresh", "Terminate")
    if "alarms" in given:
        preferences["AlarmSpecification"] = {"Alarms": list(given["alarms"])}
    specification = None
    if "launch_template_id" in given:
        specification = {"LaunchTemplateId": given["launch_template_id"], "Version": given["launch_template_version"]}
        # Auto Scaling rolls back only to what a desired configuration replaces.
        preferences["AutoRollback"] = given.get("auto_rollback", True)
    return Target(given["group"], specification, preferences, _expected(given))


def _expected(given):
    if "expected_launch_configuration" in given:
        return {"LaunchConfigurationName": given["expected_launch_configuration"]}
    if "expected_launch_template_id" in given:
        version = given["expected_launch_template_version"]
        return {"LaunchTemplate": {"LaunchTemplateId": given["expected_launch_template_id"], "Version": version}}
    return None


def _check(given):
    for option, (lowest, highest) in _RANGES.items():
        if not lowest <= given.get(option, lowest) <= highest:
            raise InvalidOption(f"{option}: {given[option]} is out of range; AWS takes {lowest} to {highest}.")
    healthy = given.get("min_healthy_percentage", 100)
    if given.get("max_healthy_percentage", 100) - healthy > 100:
        raise InvalidOption(
            f"max_healthy_percentage: {given['max_healthy_percentage']} is more than 100 above min_healthy_percentage, "
            f"which is {healthy}. Lower it."
        )
    if given.get("instance_warmup", 0) < 0:
        raise InvalidOption(
            f"instance_warmup: {given['instance_warmup']} is negative. Set it to the warmup in seconds."
        )
    percentages = given.get("checkpoint_percentages", [])
    if percentages != sorted(set(percentages)) or not all(1 <= each <= 100 for each in percentages):
        raise InvalidOption("checkpoint_percentages: AWS takes ascending numbers from 1 to 100 here. Correct the list.")
    if "checkpoint_delay" in given and not percentages:
        raise InvalidOption("checkpoint_delay: requires checkpoint_percentages. Set both, or remove checkpoint_delay.")
    if "" in given.get("alarms", ()):
        raise InvalidOption("alarms: one of the values is empty. Remove it.")
    version = given.get("launch_template_version", "1")
    if not (version.isascii() and version.isdigit()):
        raise InvalidOption(
            f"launch_template_version: '{version}' is not a number. Auto Scaling rolls back to numbered versions only. "
            "Set the version's number."
        )
