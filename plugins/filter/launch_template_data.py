# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

DOCUMENTATION = r"""
name: launch_template_data
author: Contributors to the launchkit.aws project (@launchkit)
version_added: 0.1.0
short_description: Convert a launch configuration to the data of a launch template
description:
  - Converts a launch configuration to LaunchTemplateData of the EC2 API that launches the same instances.
  - Settings with another default in launch templates are set, such as the deletion of volumes with their instance.
options:
  _input:
    description: The launch configuration, as the API, the aws command line,
      M(launchkit.aws.autoscaling_launch_configuration_info) or M(community.aws.autoscaling_launch_config_info) returns
      it.
    type: dict
    required: true
  user_data:
    description: The user data in plain text, instead of that of the launch configuration. Required if the launch
      configuration has user data that its source does not return, such as
      M(launchkit.aws.autoscaling_launch_configuration_info).
    type: str
"""

EXAMPLES = r"""
- name: Read a launch configuration
  launchkit.aws.autoscaling_launch_configuration_info:
    name: my-lc-with-instance-profile
  register: result

- name: Show the launch template data
  ansible.builtin.debug:
    msg: "{{ result.launch_configurations[0] | launchkit.aws.launch_template_data }}"
"""

RETURN = r"""
_value:
  description: The LaunchTemplateData with the API's keys. It contains user data in base64.
  type: dict
"""

from collections.abc import Mapping

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ..module_utils.autoscaling.migration_obstacles import of_classic
from ..module_utils.launch import settings as launch_settings
from ..module_utils.launch.template_data import as_launched, to_launch_template_data
from ..module_utils.launch.user_data import UserData


def launch_template_data(facts, user_data=None):
    """Return the LaunchTemplateData for the facts of a launch configuration.

    :raises AnsibleFilterError: they are not such facts, lack their user data, or hold what no launch template can hold.
    """
    if not isinstance(facts, Mapping):
        raise AnsibleFilterError(
            f"launch_template_data: give the facts of one launch configuration, not {type(facts).__name__}."
        )
    answer = _as_api(facts)
    name = answer.get("LaunchConfigurationName", "")
    if not name:
        raise AnsibleFilterError(
            "launch_template_data: launch_configuration_name is missing. Give a launch configuration."
        )
    in_the_way = list(of_classic(answer))
    if in_the_way:
        raise AnsibleFilterError(f"launch_template_data: {' '.join(in_the_way)}")
    if user_data is not None:
        answer["UserData"] = UserData(user_data.encode()).encoded
    elif answer.get("UserData") == "hidden":
        raise AnsibleFilterError(
            f"launch_template_data: the facts of '{name}' do not hold its user data. Give it as user_data=..., or let "
            "launchkit.aws.ec2_launch_template read it with launch_configuration_name."
        )
    try:
        settings = launch_settings.from_launch_configuration(answer)
    except ValueError:
        raise AnsibleFilterError(
            f"launch_template_data: the user data of launch configuration '{name}' is not base64, as the API gives it."
        ) from None
    return to_launch_template_data(as_launched(settings))


def _as_api(facts):
    """Return the facts with the keys that the API has."""
    answer = _plain(facts)
    if "LaunchConfigurationName" not in answer:
        answer = snake_dict_to_camel_dict(answer, capitalize_first=True)
    # The conversion cannot know how the API writes these.
    for key in ("ClassicLinkVpcId", "ClassicLinkVpcSecurityGroups"):
        if key in answer:
            answer[key.replace("Vpc", "VPC", 1)] = answer.pop(key)
    if isinstance(answer.get("InstanceMonitoring"), bool):
        answer["InstanceMonitoring"] = {"Enabled": answer["InstanceMonitoring"]}
    return answer


def _plain(value):
    """Return a copy in plain types: the conversion cannot copy others, such as those of ansible-core's templates."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    # YAML reads the time of creation as one.
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


class FilterModule:
    """The filter ``launchkit.aws.launch_template_data``."""

    def filters(self):
        """Return the filters by name."""
        return {"launch_template_data": launch_template_data}
