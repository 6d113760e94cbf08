# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The variables of the role ``application``: a table of them, their defaults, and what they have to be together. Pure.
Private to the collection: names and shapes can change in any release.
roles/application/meta/argument_specs.yml and defaults/main.yml say the same to Ansible; a unit test holds the two together.
"""

import re

from ..core import ownership
from ..launch.options import (
    LAUNCH_SETTINGS_ARGUMENTS,
    METADATA_ARGUMENTS,
)

PREFIX = "application_"
_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{1,64}")
_TRUTHS = ("yes", "no", "true", "false", "on", "off")
# Launch settings for which the role has no variable.
_NO_VARIABLES = ("instance_id",)

# The secure choice; the modules' own default is AWS's.
METADATA_DEFAULTS: dict = dict(http_endpoint="enabled", http_tokens="required")


def _prune(**defaults):
    return dict(type="dict", options={name: dict(type="int", default=value) for name, value in defaults.items()})


# The names are those of the role's variables without what they all begin with.
_ALL: dict = {
    **{name: argument for name, argument in LAUNCH_SETTINGS_ARGUMENTS.items() if name not in _NO_VARIABLES},
    **dict(
        name=dict(required=True),
        state=dict(choices=["present", "absent"], default="present"),
        adopt=dict(type="bool", default=False),
        role_name=dict(),
        role_path=dict(),
        role_description=dict(),
        role_max_session_duration=dict(type="int"),
        trust_principal=dict(),
        trust_policy=dict(type="json"),
        managed_policies=dict(type="list", elements="str"),
        purge_managed_policies=dict(type="bool", default=True),
        inline_policies=dict(type="dict"),
        purge_inline_policies=dict(type="bool", default=True),
        permissions_boundary=dict(),
        tags=dict(type="dict"),
        purge_tags=dict(type="bool", default=True),
        instance_profile_path=dict(),
        instance_profile_on_drift=dict(choices=["fail", "keep"], default="fail"),
        launch_configuration_name=dict(),
        launch_configuration_name_prefix=dict(),
        launch_configuration_on_drift=dict(choices=["fail", "keep", "replace"], default="fail"),
        launch_configuration_prune=_prune(keep=0, min_age=3600),
        launch_with=dict(choices=["launch_configuration", "launch_template"], default="launch_configuration"),
        launch_template_name=dict(),
        launch_template_version=dict(choices=["$Latest", "$Default"]),
        launch_template_prune=_prune(keep=0),
        keep_user_data=dict(type="bool", default=False),
        # An empty text is none, where null is the default.
        metadata_options=dict(
            type="dict",
            options=dict(
                METADATA_ARGUMENTS,
                http_endpoint=dict(choices=["", "enabled", "disabled"]),
                http_tokens=dict(choices=["", "optional", "required"]),
            ),
        ),
        credit_specification=dict(
            type="dict", options=dict(cpu_credits=dict(choices=["standard", "unlimited"], required=True))
        ),
        group_name=dict(),
        group_min_size=dict(type="int"),
        group_max_size=dict(type="int"),
        group_desired_capacity=dict(type="int"),
        group_subnets=dict(type="list", elements="str"),
        group_availability_zones=dict(type="list", elements="str"),
        group_load_balancers=dict(type="list", elements="str"),
        group_target_group_arns=dict(type="list", elements="str"),
        group_health_check_type=dict(choices=["EC2", "ELB"]),
        group_health_check_period=dict(type="int"),
        group_default_cooldown=dict(type="int"),
        group_termination_policies=dict(type="list", elements="str"),
        group_max_instance_lifetime=dict(type="int"),
        group_tags=dict(type="dict"),
        group_propagate_tags=dict(type="bool", default=True),
        group_wait_for_instances=dict(type="bool", default=True),
        group_wait_timeout=dict(type="int", default=600),
        group_force_delete=dict(type="bool", default=False),
        refresh=dict(type="bool", default=False),
        refresh_min_healthy_percentage=dict(type="int", default=100),
        refresh_max_healthy_percentage=dict(type="int", default=110),
        refresh_instance_warmup=dict(type="int"),
        refresh_scale_in_protected_instances=dict(choices=["refresh", "ignore", "wait"]),
        refresh_standby_instances=dict(choices=["refresh", "ignore", "wait"]),
        refresh_timeout=dict(type="int", default=3600),
        refresh_poll_interval=dict(type="int", default=15),
        used_in_regions=dict(type="list", elements="str", default=[]),
        wait_timeout=dict(type="int", default=120),
    ),
}
# What the role hands over for a variable that has no value: null and an empty text can be values.
UNSET = "launchkit-unset"
APPLICATION_ARGUMENTS = {PREFIX + name: argument for name, argument in _ALL.items()}

# Variables for which null is a value of its own, and not the same as leaving them out: nothing is pruned, or a setting stays as it is. Ansible
# refuses null for an argument that has a default, so their defaults are here, as the role's are in its defaults/main.yml only.
NULL_IS_A_VALUE: dict = {
    f"{PREFIX}launch_configuration_prune": dict(keep=0, min_age=3600),
    f"{PREFIX}launch_template_prune": dict(keep=0),
    f"{PREFIX}metadata_options": METADATA_DEFAULTS,
    f"{PREFIX}instance_monitoring": False,
    f"{PREFIX}assign_public_ip": False,
}
DEFAULTS: dict = {
    **{name: argument["default"] for name, argument in APPLICATION_ARGUMENTS.items() if "default" in argument},
    **NULL_IS_A_VALUE,
}


def given(variables):
    """Return the variables that say something.

    :param variables: under the names of the role's variables.
    """
    return {name: value for name, value in variables.items() if value is not None or name in NULL_IS_A_VALUE}


# What the role's defaults make of other variables: name -> how it is made of the options.
DERIVED: dict = {
    "role_name": lambda options: options["name"],
    "instance_profile_name": lambda options: options["role_name"],
    "launch_configuration_name_prefix": lambda options: f"{options['name']}-",
    "launch_template_name": lambda options: options["name"],
}


def with_derived(options):
    """Return the options with what the role's defaults make of other ones.

    :param options: names without :data:`PREFIX`.
    """
    filled = dict(options)
    for name, derive in DERIVED.items():
        if filled.get(name) is None:
            filled[name] = derive(filled)
    return filled


def type_mistakes(variables):
    """Return a message for each variable that YAML or a template gave another type than text, where text is required.

    :param variables: as they were given, with their prefix.
    """
    found = []
    name = variables.get(f"{PREFIX}name")
    if isinstance(name, bool) or name in ("True", "False"):
        found.append(
            f"{PREFIX}name: YAML reads {', '.join(_TRUTHS)} as a truth value, here {name}; quote it to use it as a name."
        )
    for variable in (f"{PREFIX}user_data", f"{PREFIX}user_data_base64"):
        if not isinstance(variables.get(variable, ""), str):
            # Ansible would write a dictionary as Python does.
            found.append(
                f"{variable}: has to be text. For JSON, write a block of text, or use {PREFIX}user_data_base64."
            )
    return found


def rule_mistakes(options):
    """Yield a message for each rule that the options break.

    :param options: the role's variables without :data:`PREFIX`, with their defaults.
    """
    if not _NAME.fullmatch(options["name"]):
        yield (
            f"{PREFIX}name: {options['name']!r} must be 1 to 64 letters, digits and any of _+=,.@- "
            "since it names IAM resources."
        )
    if options["state"] == "present":
        yield from (f"{PREFIX}{message}" for rule in (_together, _group, _negatives) for message in rule(options))


def _together(options):
    if options.get("trust_policy") and options.get("trust_principal"):
        yield f"trust_principal: {PREFIX}trust_policy is set and says who may assume the role. Set one of them."
    for name in ("tags", "group_tags"):
        for key in options.get(name) or ():
            if str(key).startswith(ownership.PREFIX):
                yield f"{name}: the key '{key}' begins with '{ownership.PREFIX}', which is the collection's. Choose another key."
    names = ("user_data", "user_data_base64", "user_data_path", "keep_user_data")
    user_data = [name for name in names if options.get(name)]
    if len(user_data) > 1:
        yield f"{user_data[0]}: {PREFIX}{user_data[1]} is set, too. Set one of them."
    if bool(options.get("image_id")) != bool(options.get("instance_type")):
        yield f"image_id and {PREFIX}instance_type: set both, or neither to manage role and instance profile only."
    elif options.get("group_name") and not options.get("image_id"):
        yield f"group_name: a group launches from an image; set {PREFIX}image_id and {PREFIX}instance_type."
    if options.get("group_subnets") and options.get("group_availability_zones"):
        yield f"group_availability_zones: the subnets of {PREFIX}group_subnets are in zones already. Set one of them."


def _group(options):
    if not options.get("group_name"):
        return
    smallest, largest, desired = (options.get(f"group_{name}") for name in ("min_size", "max_size", "desired_capacity"))
    if smallest is None or largest is None:
        yield f"group_name: set {PREFIX}group_min_size and {PREFIX}group_max_size as well."
    elif not 0 <= smallest <= (smallest if desired is None else desired) <= largest:
        yield (
            f"group_desired_capacity: 0, {PREFIX}group_min_size, the desired capacity and {PREFIX}group_max_size "
            "have to be in this order."
        )
    if options.get("assign_public_ip") and not options.get("group_subnets"):
        yield f"assign_public_ip: AWS takes this only for a group with subnets. Set {PREFIX}group_subnets."


def _negatives(options):
    prunes = ("launch_configuration_prune", "launch_template_prune")
    numbers = {f"{name}.{key}": value for name in prunes for key, value in (options.get(name) or {}).items()}
    numbers.update({name: options.get(name) for name in ("group_wait_timeout", "refresh_timeout", "wait_timeout")})
    for name, value in numbers.items():
        if value is not None and value < 0:
            yield f"{name}: {value} is negative. Set 0 or more{' seconds' if name.endswith('_timeout') else ''}."
