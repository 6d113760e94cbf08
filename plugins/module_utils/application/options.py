# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The variables of the role ``application`` as a table, and their defaults. Pure.

roles/application/meta/argument_specs.yml and defaults/main.yml say the same to Ansible; a unit test holds the two together.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import (
    METADATA_ARGUMENTS,
    TAG_SPECIFICATION_ARGUMENTS,
    VOLUME_ARGUMENTS,
)

PREFIX = "application_"

# The secure choice; the modules' own default is AWS's.
_METADATA = dict(
    METADATA_ARGUMENTS,
    http_endpoint=dict(choices=["enabled", "disabled"], default="enabled"),
    http_tokens=dict(choices=["optional", "required"], default="required"),
)


def _prune(*options):
    return dict(type="dict", options={name: dict(type="int", default=0) for name in options})


# The names are those of the role's variables without what they all begin with.
_ROLE: dict[str, dict] = dict(
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
    instance_profile_name=dict(),
    instance_profile_path=dict(),
    instance_profile_on_drift=dict(choices=["fail", "keep"], default="fail"),
)

_LAUNCH: dict[str, dict] = dict(
    launch_configuration_name=dict(),
    launch_configuration_name_prefix=dict(),
    launch_configuration_on_drift=dict(choices=["fail", "keep", "replace"], default="fail"),
    launch_configuration_prune=_prune("keep", "min_age"),
    launch_with=dict(choices=["launch_configuration", "launch_template"], default="launch_configuration"),
    launch_template_name=dict(),
    launch_template_prune=_prune("keep"),
    image_id=dict(),
    instance_type=dict(),
    key_name=dict(no_log=False),
    security_groups=dict(type="list", elements="str"),
    vpc_id=dict(),
    user_data=dict(no_log=True),
    user_data_base64=dict(no_log=True),
    user_data_path=dict(type="path"),
    volumes=dict(type="list", elements="dict", options=VOLUME_ARGUMENTS),
    metadata_options=dict(
        type="dict", options=_METADATA, default=dict(http_endpoint="enabled", http_tokens="required")
    ),
    instance_monitoring=dict(type="bool", default=False),
    assign_public_ip=dict(type="bool"),
    placement_tenancy=dict(choices=["", "default", "dedicated"]),
    spot_price=dict(),
    market_type=dict(choices=["", "spot"]),
    ebs_optimized=dict(type="bool"),
    credit_specification=dict(
        type="dict", options=dict(cpu_credits=dict(choices=["standard", "unlimited"], required=True))
    ),
    tag_specifications=dict(type="list", elements="dict", options=TAG_SPECIFICATION_ARGUMENTS),
)

_GROUP: dict[str, dict] = dict(
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
)

_ALL: dict[str, dict] = dict(
    name=dict(required=True),
    state=dict(choices=["present", "absent"], default="present"),
    **_ROLE,
    **_LAUNCH,
    **_GROUP,
    used_in_regions=dict(type="list", elements="str", default=[]),
    wait_timeout=dict(type="int", default=120),
)
# Variables of the role that are no part of the plan.
ROLE_ONLY = (f"{PREFIX}trust_plan",)
# What the role hands over for a variable that has no value: null and an empty text can be values.
UNSET = "launchkit-unset"
APPLICATION_ARGUMENTS = {PREFIX + name: argument for name, argument in _ALL.items()}

# Variables for which null is a value of its own, and not the same as leaving them out: nothing is pruned, or the subnet decides. Ansible
# refuses null for an argument that has a default, so their defaults are here, as the role's are in its defaults/main.yml only.
NULL_IS_A_VALUE: dict = {
    f"{PREFIX}launch_configuration_prune": dict(keep=0, min_age=0),
    f"{PREFIX}launch_template_prune": dict(keep=0),
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
