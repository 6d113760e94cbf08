# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options with which the role ``application`` runs the modules of its steps: every one spelled out, with its type. Pure.
Private to the collection: names and shapes can change in any release.
They hold no user data: the role hands its own variables to the modules.
"""

from ..application.plan import ABSENT_STEPS
from ..application.planner import Planner
from ..application.removal import Removal
from ..autoscaling import group as auto_scaling_group
from ..autoscaling import group_plan
from ..iam import role
from ..launch.options import to_params


def module_options(application, index):
    """Return step or resource -> options of its module.

    :param index: the :class:`~observation.Index` that the plan was made from.
    """
    planner = Planner(application, index) if application.present else Removal(application, index)
    options = _present(planner) if application.present else _absent(planner)
    changed = [step.name for step in planner.plan().steps if step.changes]
    return dict(options, steps=changed, result=_result(planner))


def _present(planner):
    application, options = planner.application, planner.application.options
    attached, detached = role.managed_policy_changes(planner.role_target, planner.role)
    found = dict(
        all_steps=["iam_role", "inline_policies", "instance_profile"],
        iam_role=role.options(planner.role_target, is_new=planner.role is None),
        # amazon.aws.iam_role detaches before it attaches, and a refusal would leave the role without either.
        iam_role_attaches_first=bool(attached and detached),
        inline_policies=role.inline_options(planner.role_target, planner.role),
        all_inline_policies=role.inline_options(planner.role_target, planner.role, every=True),
        instance_profile=_profile(planner.profile_target),
    )
    if planner.launch_target is None:
        return found
    of_group = ["auto_scaling_group", *(["instance_refresh"] if options["refresh"] else [])]
    found["all_steps"] += ["launch_settings", *(of_group if application.group_name else []), "superseded"]
    found["launch"] = _launch(planner)
    found["superseded"] = _superseded(planner)
    if application.group_name:
        target = planner.group_step_target
        waits = dict(wait_for_instances=options["group_wait_for_instances"], wait_timeout=options["group_wait_timeout"])
        found["auto_scaling_group"] = {**group_plan.module_options(target, planner.group), **waits}
        former = planner.former and auto_scaling_group.source_of(planner.former)
        found["former_source"] = group_plan.source_options(former) if former else {}
        found["instance_refresh"] = planner.refresh_options
    return found


def _profile(target):
    given = dict(name=target.name, path=target.path, role=target.role.name, tags=target.tags)
    given = {name: value for name, value in given.items() if value is not None}
    return dict(given, purge_tags=target.purge_tags, on_drift=target.on_drift)


def _launch(planner):
    target, options = planner.launch_target, to_params(planner.launch_target.settings)
    if planner.application.launches_from_template:
        tags = {} if target.tags is None else dict(tags=dict(target.tags))
        user_data = target.settings.user_data
        cleared = {"user_data": ""} if user_data is not None and not user_data.size else {}
        return dict(
            name=target.name,
            purge_tags=target.purge_tags,
            version_description=target.version_description,
            default_version=target.default_version,
            **tags,
            **cleared,
            **options,
        )
    return dict(name=target.name, on_drift=target.on_drift, **options)


def _superseded(planner):
    changes = planner.step("superseded").changes
    names = [each.name for each in changes if each.resource == "launch_configuration"]
    templates = [each.name for each in changes if each.resource == "launch_template" and each.action == "delete"]
    prune = planner.application.options.get("launch_template_prune")
    by_template = planner.application.launches_from_template and planner.may_change("launch_template")
    versions = dict(name=planner.launch_target.name, prune=prune) if by_template and prune is not None else {}
    return dict(launch_configurations=names, launch_templates=templates, versions=versions)


def _absent(removal):
    names: dict = {}
    for change in removal.plan().changes:
        names.setdefault(change.resource, []).append(change.name)
    return dict(names, all_steps=list(ABSENT_STEPS) if names else [])


def _result(planner):
    """Return the names and ARNs of the application's resources; what only AWS can know of a new one is None."""
    application, observation = planner.application, planner.observation
    names: tuple[str, ...] = (
        "role_arn",
        "instance_profile_name",
        "instance_profile_arn",
        "launch_configuration_name",
        "launch_configuration_arn",
    )
    names += ("launch_template_name", "launch_template_id", "launch_template_version", "auto_scaling_group_name")
    result = dict(name=application.name, state=application.options["state"], **dict.fromkeys(names))
    if not application.present:
        return result
    prefix = f"arn:{observation.partition}:iam::{observation.account}"
    role_name, profile = application.options["role_name"], application.profile
    role_path = application.options.get("role_path") or "/"
    found = observation.profile(profile.name) or {}
    result.update(
        role_arn=(planner.role or {}).get("Arn") or f"{prefix}:role{role_path}{role_name}",
        instance_profile_name=found.get("InstanceProfileName") or profile.name,
        instance_profile_arn=found.get("Arn") or f"{prefix}:instance-profile{profile.path or '/'}{profile.name}",
        auto_scaling_group_name=application.group_name or None,
    )
    if planner.launch_target is None:
        return result
    if application.launches_from_template:
        specification = planner.group_target.source["LaunchTemplate"]
        return dict(
            result,
            launch_template_name=planner.launch_target.name,
            launch_template_id=specification.get("LaunchTemplateId"),
            launch_template_version=planner.launch_version,
        )
    name = planner.launch_target.name
    known = observation.launch_configurations.get(name) or {}
    return dict(result, launch_configuration_name=name, launch_configuration_arn=known.get("LaunchConfigurationARN"))
