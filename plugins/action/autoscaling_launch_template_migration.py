# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Shows the plan and the progress of the module on the controller."""

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..plugin_utils.plan_display import show
from ..plugin_utils.progress import host_prefix, shown

MODULE = "launchkit.aws.autoscaling_launch_template_migration"

display = Display()


class ActionModule(ActionBase):
    """Runs the module, and shows the lines that it writes meanwhile, or where they can't be read its plan at the end."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        details = {"include_details": True} if self._task.diff else {}
        arguments, prefix = {**details, **self._task.args}, host_prefix(task_vars)
        if arguments.get("progress_path"):
            return self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        with shown(self, lambda line: show(display, [line], prefix)) as path:
            arguments["progress_path"] = path
            result = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        if path is None:
            show(display, result.get("plan", ()), prefix)
        return result
