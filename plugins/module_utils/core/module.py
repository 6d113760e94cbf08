# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a module of this collection begins and ends: connection, converge, result.

Private to the collection: names and shapes can change in any release.
"""

import atexit
import gc
import traceback

# A module run lives for a second, in which it imports, and makes of service models, a hundred thousand objects that
# stay. The collector would go through them again and again: a fifth of the time. So this stands before the imports.
gc.set_threshold(100_000, 50, 100)
atexit.register(gc.freeze)

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.launchkit.aws.plugins.module_utils.core.clients import Clients
from ansible_collections.launchkit.aws.plugins.module_utils.core.converge import converge_one
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.core.executor import Executor

# Modules take it from here, so that the lines above come before all that it imports.
__all__ = ("WAIT_ARGUMENTS", "AnsibleAWSModule", "clients_for", "converge_module", "run", "warn")

WAIT_ARGUMENTS = dict(wait=dict(type="bool", default=True), wait_timeout=dict(type="int", default=120))


def clients_for(module):
    """Return the clients for the connection options of an ``AnsibleAWSModule``."""
    return Clients(get_aws_connection_info(module))


def run(module, function):
    """Call ``function(module)``, which returns the result, and end the module with it or with the failure it raised."""
    try:
        if (module.params.get("wait_timeout") or 0) < 0:
            raise InvalidOption(
                f"The wait timeout is negative: {module.params['wait_timeout']}. Set 0 seconds or more."
            )
        result = function(module)
    except LaunchkitError as error:
        answer = camel_dict_to_snake_dict(getattr(error.exception, "response", None) or {})
        module.fail_json(msg=error.message, exception=traceback.format_exc(), **{**answer, **error.details})
    except Exception as error:  # noqa: BLE001 - no failure may end without words
        module.fail_json(
            msg=f"Unexpected {type(error).__name__}: {error}. This is a defect of the collection: report it with the "
            "traceback. What was changed before it is not known: run the task again in check mode.",
            exception=traceback.format_exc(),
        )
    module.exit_json(**result)


def converge_module(module, resource, clients, preconditions):
    """Return the :class:`~converge.Outcome` of a resource with a module's options, and pass its warnings on."""
    wait, timeout = module.params["wait"], module.params["wait_timeout"]
    executor = Executor(clients, preconditions, timeout=timeout, wait=wait)
    outcome = converge_one(resource, executor, check_mode=module.check_mode, wait=wait, wait_timeout=timeout)
    # AnsibleAWSModule.warn() hands warnings to exit_json() as well, which ansible-core has deprecated.
    for warning in outcome.warnings:
        warn(warning)
    return outcome
