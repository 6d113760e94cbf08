# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hands the applications of a fleet to the module in a way that hides the user data in them and nothing else."""

from ansible.plugins.action import ActionBase

from ..plugin_utils.fleet import module_arguments


class ActionModule(ActionBase):
    """Runs the module."""

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        arguments = module_arguments(self._task.args, task_vars)
        return self._execute_module(module_name="launchkit.aws.report_info", module_args=arguments, task_vars=task_vars)
