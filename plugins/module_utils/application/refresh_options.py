# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""How the instances of an application are replaced. Pure.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.autoscaling import group as auto_scaling_group

_OPTIONS = (
    "min_healthy_percentage",
    "max_healthy_percentage",
    "instance_warmup",
    "scale_in_protected_instances",
    "standby_instances",
)


def module_options(planner):
    """Return the options for launchkit.aws.autoscaling_instance_refresh that replace the instances of an application."""
    options = planner.application.options
    given = {name: options.get(f"refresh_{name}") for name in _OPTIONS}
    specification = planner.group_target.source.get("LaunchTemplate")
    if specification:
        former = (auto_scaling_group.source_of(planner.former or {}).get("LaunchTemplate") or {}).get("Version", "1")
        given.update(
            launch_template_id=specification.get("LaunchTemplateId"),
            launch_template_version=specification["Version"],
            # Auto Scaling rolls back to numbered versions, and not where the image is an SSM parameter:
            # https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html
            auto_rollback=former.isdigit() and not options["image_id"].startswith("resolve:"),
        )
    timing = dict(wait_timeout=options["refresh_timeout"], poll_interval=options["refresh_poll_interval"])
    given = {name: value for name, value in given.items() if value is not None}
    return dict(group=planner.application.group_name, **given, **timing)
