# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What an Auto Scaling group launches from: a launch configuration, a launch template, or a mixed instances policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup

from .. import group_launching
from ..launching import find_template
from ..registry import Refusal, corrects, refuses
from ..strict import Call
from . import references

API = "botocore's autoscaling service model"
CREATE = "CreateAutoScalingGroup"
UPDATE = "UpdateAutoScalingGroup"

# A group that was made without a launch configuration has no such attribute in moto.
FakeAutoScalingGroup.launch_configuration_name = None  # type: ignore[assignment]


@refuses(
    "autoscaling", CREATE, UPDATE, when="the launch configuration does not exist", code="ValidationError",
    text="Launch configuration name not found - Launch configuration {name} not found",
    source="EC2 Auto Scaling API reference, common errors; text as terraform-provider-aws matches it ('not found')",
)  # fmt: skip
def group_launch_configuration(call: Call) -> Any:
    name = call.params.get("LaunchConfigurationName")
    return {"name": name} if name and name not in call.autoscaling.launch_configurations else None


@refuses(
    "autoscaling", CREATE, UPDATE, when="its launch configuration names a profile that does not exist", code="ValidationError",
    text="Value ({profile}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
    source="terraform-provider-aws, internal/service/autoscaling/group.go: the text it retries on",
)  # fmt: skip
def group_profile(call: Call) -> Any:
    configuration = call.autoscaling.launch_configurations.get(call.params.get("LaunchConfigurationName"))
    profile = configuration.iam_instance_profile if configuration else None
    return {"profile": profile} if references.invalid_profile(call, profile) else None


def template_specifications(params: dict[str, Any]) -> list[dict[str, Any]]:
    """The launch templates that a request names: by itself, in a mixed instances policy, or for a refresh."""
    params = {**params, **(params.get("DesiredConfiguration") or {})}
    mixed = (params.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    named = [params.get("LaunchTemplate"), mixed.get("LaunchTemplateSpecification")]
    named += [override.get("LaunchTemplateSpecification") for override in mixed.get("Overrides") or []]
    return [specification for specification in named if specification]


def settings_of_template(call: Call, specification: dict[str, Any]) -> dict[str, Any]:
    """Return the data of the version that a specification names; raises EC2's error if it does not exist."""
    template = find_template(call.ec2, specification.get("LaunchTemplateId"), specification.get("LaunchTemplateName"))
    return dict(template.get_version(specification.get("Version") or "$Default").data)


def _template_problem(call: Call, specification: dict[str, Any]) -> str | None:
    """What is wrong with the launch template and version that a group must launch from, in EC2's words."""
    try:
        return references.template_problem(call, settings_of_template(call, specification))
    except Refusal as refusal:
        return refusal.message


@refuses(
    "autoscaling", CREATE, UPDATE, "StartInstanceRefresh", code="ValidationError",
    when="a launch template is named by both id and name, or by neither; overrides and desired configurations too",
    text="Valid requests must contain either launchTemplateId or LaunchTemplateName",
    source="LaunchTemplateSpecification in " + API + "; text is moto's own for the group's template; unverified for overrides",
)  # fmt: skip
def template_by_id_or_name(call: Call) -> Any:
    named = [{"LaunchTemplateId", "LaunchTemplateName"} & set(item) for item in template_specifications(call.params)]
    return {} if any(len(names) != 1 for names in named) else None


@refuses(
    "autoscaling", CREATE, UPDATE, "StartInstanceRefresh", code="ValidationError",
    when="a launch template or version does not exist, or could not launch",
    text="You must use a valid fully-formed launch template. {problem}",
    source="quoted in Guimove/terraform-aws-bastion#173 for a key pair; the rest of the text is EC2's own",
)  # fmt: skip
def group_launch_template(call: Call) -> Any:
    problems = (_template_problem(call, specification) for specification in template_specifications(call.params))
    return next(({"problem": problem} for problem in problems if problem), None)


@refuses(
    "autoscaling", CREATE, UPDATE, code="ValidationError",
    when="a launch template has network interfaces beside security groups",
    text="You must use a valid fully-formed launch template. Network interfaces and an instance-level security groups may not "
    "be specified on the same request",
    source="EC2's text, quoted in aws/aws-cli#518; that a group's creation shows it so is unverified",
)  # fmt: skip
def group_network_interfaces(call: Call) -> Any:
    for specification in template_specifications(call.params):
        if references.has_interfaces_and_security_groups(settings_of_template(call, specification)):
            return {}
    return None


@refuses(
    "autoscaling", CREATE, UPDATE, code="ValidationError",
    when="the launch settings say AssociatePublicIpAddress, true or false, and the group has no subnet",
    text="AssociatePublicIpAddress field can not be specified without a subnet id",
    source="quoted in ansible/ansible#34794 for a launch configuration, and in hashicorp/terraform-provider-aws#7835 for a launch "
    "template; that an update is refused alike is unverified",
)  # fmt: skip
def public_address_needs_a_subnet(call: Call) -> Any:
    group = call.autoscaling.autoscaling_groups.get(call.params["AutoScalingGroupName"])
    if call.params.get("VPCZoneIdentifier") or (group and group.vpc_zone_identifier):
        return None
    configuration = call.autoscaling.launch_configurations.get(call.params.get("LaunchConfigurationName"))
    settings = [group_launching.settings_of_launch_configuration(configuration)] if configuration else []
    settings += [settings_of_template(call, specification) for specification in template_specifications(call.params)]
    interfaces = [interface for item in settings for interface in item.get("NetworkInterfaces") or []]
    return {} if any(item.get("AssociatePublicIpAddress") is not None for item in interfaces) else None


@corrects(
    FakeAutoScalingGroup, "_set_launch_configuration",
    when="a group has one of launch configuration, launch template and mixed instances policy",
    source="UpdateAutoScalingGroup in " + API + ": specifying one replaces the other",
)  # fmt: skip
def group_has_one_source(moto_method: Callable[..., Any], group: Any, *args: Any, **kwargs: Any) -> None:
    moto_method(*args, **kwargs)
    name, template = args[0], args[1]
    if name:
        group.ec2_launch_template = group.mixed_instances_policy = None
    elif template or group.mixed_instances_policy:
        group.launch_config = group.launch_configuration_name = None
        if template:
            group.mixed_instances_policy = None


@corrects(
    FakeAutoScalingGroup, "update",
    when="an update leaves the mixed instances policy, or the half of it that is not given, as it is",
    source="UpdateAutoScalingGroup in " + API + ": parameters that are not given stay unchanged; that this holds for "
    "InstancesDistribution is unverified",
)  # fmt: skip
def group_keeps_its_policy(moto_method: Callable[..., Any], group: Any, **kwargs: Any) -> None:
    kept = group.mixed_instances_policy
    names_source = (
        kwargs.get("launch_config_name") or kwargs.get("launch_template") or kwargs.get("mixed_instances_policy")
    )
    if kept and kwargs.get("mixed_instances_policy"):
        kwargs["mixed_instances_policy"] = {**kept, **kwargs["mixed_instances_policy"]}
    moto_method(**kwargs)
    if not names_source:
        group.mixed_instances_policy = kept


@corrects(
    FakeAutoScalingGroup, "launch_template", when="a group with a mixed instances policy shows the policy only",
    source="AutoScalingGroup in " + API + ": LaunchTemplate and MixedInstancesPolicy are members of their own",
)  # fmt: skip
def group_shows_its_policy_only(moto_method: Callable[..., Any], group: Any) -> Any:
    return None if group.mixed_instances_policy else moto_method()
