# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hands the applications to the module in a way that hides the user data in them and nothing else, and shows the plan."""

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.application.plan_text import result_lines
from ..plugin_utils.fleet import module_arguments
from ..plugin_utils.plan_display import show
from ..plugin_utils.progress import host_prefix

display = Display()


class ActionModule(ActionBase):
    """Runs the module."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = module_arguments(self._task.args, task_vars, diff=self._task.diff)
        result = self._execute_module(
            module_name="launchkit.aws.fleet_info", module_args=arguments, task_vars=task_vars
        )
        if boolean(arguments.get("display_plan") or False, strict=False):
            show(display, [*result.get("plan", ()), *_unchanged(result)], host_prefix(task_vars))
        return result


def _unchanged(result):
    """Return the names and ARNs of applications without changes: nothing else of a run would show them."""
    options = (result.get("module_options") or {}).values()
    return [line for each in options if not each["steps"] for line in result_lines(each["result"])]
