# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""ansible-core's check of options, also of values for which it raises. Pure.
Private to the collection: names and shapes can change in any release."""

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

# Raised by the check itself, for infinity in place of an integer and for a number in place of a dictionary with suboptions.
UNCHECKED = (ArithmeticError, AttributeError, RecursionError, TypeError, ValueError)
_KINDS = dict(
    bool="true or false", dict="a dictionary", float="a number", int="an integer", list="a list", raw="another value"
)


def validate(argument_spec, parameters):
    """Return the validated parameters, and a message for each mistake in them."""
    try:
        # A new validator for each: it keeps what it was given to validate.
        validated = ArgumentSpecValidator(argument_spec).validate(parameters)
    except UNCHECKED:
        return {}, unchecked(argument_spec, parameters)
    return validated.validated_parameters, [f"{message}." for message in validated.error_messages]


def unchecked(argument_spec, parameters):
    """Return a message for each parameter whose check raises. Values are not quoted: they can be secret."""
    messages = []
    for name, argument in argument_spec.items():
        if name in parameters:
            try:
                ArgumentSpecValidator({name: {**argument, "required": False}}).validate({name: parameters[name]})
            except UNCHECKED:
                kind = _KINDS.get(argument.get("type"), "text")
                messages.append(f"{name}: the value, or one in it, has another type or is infinite. Set {kind}.")
    return messages
