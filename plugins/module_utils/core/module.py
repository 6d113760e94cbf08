# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How a module of this collection begins and ends: connection, converge, result.
Private to the collection: names and shapes can change in any release."""

import atexit
import gc
import traceback

# A module run lives for a second, in which it imports, and makes of service models, a hundred thousand objects that
# stay. The collector would go through them again and again: a fifth of the time. So this stands before the imports.
gc.set_threshold(100_000, 50, 100)
atexit.register(gc.freeze)

try:
    from botocore.exceptions import BotoCoreError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible.module_utils.common.warnings import warn
from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from .arguments import UNCHECKED, unchecked
from .clients import Clients
from .converge import converge_one
from .errors import InvalidOption, LaunchkitError
from .executor import Executor

# Modules take it from here, so that the lines above come before all that it imports.
__all__ = ("WAIT_ARGUMENTS", "clients_for", "converge_module", "new_module", "run", "warn")

WAIT_ARGUMENTS = dict(wait=dict(type="bool", default=True), wait_timeout=dict(type="int", default=120))


def new_module(argument_spec, **settings):
    """Return the ``AnsibleAWSModule``. Options for which ansible-core's check raises end the module in words as well."""
    try:
        return AnsibleAWSModule(argument_spec=argument_spec, **settings)
    except UNCHECKED:
        kept = ("aliases", "no_log")
        raw = {
            name: {"type": "raw", **{key: argument[key] for key in kept if key in argument}}
            for name, argument in argument_spec.items()
        }
        module = AnsibleAWSModule(argument_spec=raw)
        given = {name: value for name, value in module.params.items() if value is not None}
        module.fail_json(msg=" ".join([*unchecked(argument_spec, given), "No changes were made."]))


def clients_for(module, **config):
    """Return the clients for the connection options of an ``AnsibleAWSModule``.

    :param config: see :class:`~clients.Clients`.
    :raises InvalidOption: ``aws_config`` is not what botocore takes.
    """
    try:
        clients = Clients(get_aws_connection_info(module), **config)
        if not isinstance(clients.config.signature_version, (str, type(None))):
            raise TypeError("signature_version is not text")  # botocore fails in its first call only
        return clients
    except (BotoCoreError, *UNCHECKED) as error:
        raise InvalidOption(
            f"aws_config: {error}. Set members of botocore's Config, as in "
            "https://docs.aws.amazon.com/botocore/latest/reference/config.html. No changes were made."
        ) from error


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
