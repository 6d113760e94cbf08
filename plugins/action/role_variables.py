# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Refuses variables that begin like those of the collection's roles and don't exist. Runs on the controller only."""

from ansible.plugins.action import ActionBase

from ..plugin_utils.variables import refuse_unknown


class ActionModule(ActionBase):
    """Reads the names of the variables, and no value."""

    _requires_connection = False

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        self.validate_argument_spec(dict())
        refuse_unknown(task_vars or ())
        return dict(changed=False)
