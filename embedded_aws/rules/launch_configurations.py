# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch configurations."""

from __future__ import annotations

from typing import Any

from ..registry import amends, refuses
from ..settings import SETTINGS
from ..strict import Call
from . import references

API = "botocore's autoscaling service model"
CREATE = "CreateLaunchConfiguration"


@refuses(
    "autoscaling", CREATE, when="the setting new_account is on", code="UnsupportedOperation",
    text="The Launch Configuration creation operation is not available in your account. Use launch templates to create "
    "configuration templates for your Auto Scaling groups.",
    source="EC2 Auto Scaling user guide, 'Auto Scaling launch configurations'",
)  # fmt: skip
def account_too_new(call: Call) -> Any:
    return {} if SETTINGS.new_account else None


@refuses(
    "autoscaling", CREATE, when="a launch configuration of that name exists", code="AlreadyExists",
    text="Launch Configuration by this name already exists - A launch configuration already exists with the name {name}",
    source="AlreadyExistsFault in " + API,
)  # fmt: skip
def launch_configuration_name_taken(call: Call) -> Any:
    name = call.params["LaunchConfigurationName"]
    return {"name": name} if name in call.autoscaling.launch_configurations else None


@refuses(
    "autoscaling", CREATE, when="the instance profile does not exist, or not for Auto Scaling yet", code="ValidationError",
    text="Invalid IamInstanceProfile: {profile}",
    source="terraform-provider-aws, internal/service/autoscaling/launch_configuration.go: the text it retries on",
)  # fmt: skip
def launch_configuration_profile(call: Call) -> Any:
    profile = call.params.get("IamInstanceProfile")
    return {"profile": profile} if references.invalid_profile(call, profile) else None


@refuses(
    "autoscaling", "DeleteLaunchConfiguration", when="there is none of that name", code="ValidationError",
    text="Launch configuration name not found - Launch configuration {name} not found",
    source="terraform-provider-aws, internal/service/autoscaling/launch_configuration.go",
)  # fmt: skip
def launch_configuration_missing(call: Call) -> Any:
    name = call.params["LaunchConfigurationName"]
    return None if name in call.autoscaling.launch_configurations else {"name": name}


@refuses(
    "autoscaling", "DeleteLaunchConfiguration", when="a group uses it", code="ResourceInUse",
    text="Cannot delete launch configuration {name} because it is attached to AutoScalingGroup {group}",
    source="ResourceInUseFault in " + API,
)  # fmt: skip
def launch_configuration_in_use(call: Call) -> Any:
    name = call.params["LaunchConfigurationName"]
    for group in call.autoscaling.autoscaling_groups.values():
        if group.launch_configuration_name == name:
            return {"name": name, "group": group.name}
    return None


@amends(
    "autoscaling",
    CREATE,
    when="the request is kept as it was sent",
    source="for what Describe answers and groups launch",
)
def keep_request(call: Call, result: Any) -> None:
    created = call.autoscaling.launch_configurations[call.params["LaunchConfigurationName"]]
    created.requested = dict(call.params)
