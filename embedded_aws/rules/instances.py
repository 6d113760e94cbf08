# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Instances in EC2: launched from templates, and found by their instance profile."""

from __future__ import annotations

from typing import Any

from moto.ec2.utils import filter_dict_attribute_mapping

from .. import launching
from ..launching import find_template
from ..registry import answers, refuses
from ..strict import Call
from . import references

API = "botocore's ec2 service model"

# Moto knows no filter for the profile. This adds to its table, as the table is what moto reads.
filter_dict_attribute_mapping["iam-instance-profile.arn"] = "iam_instance_profile.Arn"
filter_dict_attribute_mapping["iam-instance-profile.id"] = "iam_instance_profile.Id"


def effective_settings(call: Call) -> dict[str, Any]:
    """What RunInstances launches: the launch template's version, and over it what the request says itself."""
    given = call.params.get("LaunchTemplate") or {}
    if not given:
        return dict(call.params)
    template = find_template(call.ec2, given.get("LaunchTemplateId"), given.get("LaunchTemplateName"))
    version = template.get_version(given.get("Version") or "$Default")
    settings = dict(version.data)
    for name, value in call.params.items():
        if name == "MetadataOptions":
            value = {**(settings.get(name) or {}), **value}
        settings[name] = value
    return settings


@refuses(
    "ec2", "RunInstances", when="the image does not exist", code="InvalidAMIID.NotFound",
    text="The image id '[{image}]' does not exist", source="EC2 API reference, 'Error codes', InvalidAMIID.NotFound",
)  # fmt: skip
def run_instances_image(call: Call) -> Any:
    image = effective_settings(call).get("ImageId")
    return {"image": image} if references.missing_image(call, image) else None


@refuses(
    "ec2", "RunInstances", when="the key pair does not exist", code="InvalidKeyPair.NotFound",
    text="The key pair '{key}' does not exist", source="EC2 API reference, 'Error codes', InvalidKeyPair.NotFound",
)  # fmt: skip
def run_instances_key_pair(call: Call) -> Any:
    key = effective_settings(call).get("KeyName")
    return {"key": key} if references.missing_key_pair(call, key) else None


@refuses(
    "ec2", "RunInstances", when="the instance type does not exist", code="InvalidParameterValue",
    text="Invalid value '{type}' for InstanceType.", source="quoted in getmoto/moto#1695",
)  # fmt: skip
def run_instances_type(call: Call) -> Any:
    given = effective_settings(call).get("InstanceType")
    return {"type": given} if references.missing_instance_type(given) else None


@refuses(
    "ec2", "RunInstances", when="there are network interfaces beside security groups", code="InvalidParameterCombination",
    text="Network interfaces and an instance-level security groups may not be specified on the same request",
    source="quoted in aws/aws-cli#518",
)  # fmt: skip
def run_instances_network_interfaces(call: Call) -> Any:
    return {} if references.has_interfaces_and_security_groups(effective_settings(call)) else None


@refuses(
    "ec2", "DeleteSecurityGroup", when="an instance, a network interface or the rule of another group has it", code="DependencyViolation",
    text="resource {group} has a dependent object",
    source="EC2 API reference, 'Error codes', DependencyViolation; text quoted in kubernetes/kops#6454",
)  # fmt: skip
def security_group_in_use(call: Call) -> Any:
    named = call.params.get("GroupId") or call.params.get("GroupName") or ""
    group = call.ec2.get_security_group_by_name_or_id(named)
    if group is None:
        return None
    instances = [item for item in call.ec2.all_instances() if item._state.name != "terminated"]
    held = [item.security_groups for item in instances] + [nic.group_set for nic in call.ec2.enis.values()]
    others = [other for groups in call.ec2.groups.values() for other in groups.values() if other is not group]
    rules = [rule for other in others for rule in [*other.ingress_rules, *other.egress_rules]]
    referred = {rule.source_group.get("GroupId") for rule in rules}
    in_use = group.id in referred or any(group.id == item.id for groups in held for item in groups)
    return {"group": group.id} if in_use else None


@answers(
    "ec2", "RunInstances", when="instances get all that the launch template and the request say, MaxCount of them",
    source="RunInstances in " + API + ": LaunchTemplate, IamInstanceProfile, MaxCount",
)  # fmt: skip
def run_instances(call: Call, moto_method: Any) -> Any:
    settings = effective_settings(call)
    if any(nic.get("NetworkInterfaceId") for nic in settings.get("NetworkInterfaces") or []):
        return moto_method()
    call.response.error_on_dryrun()
    tags = {}
    if given := call.params.get("LaunchTemplate"):
        template = find_template(call.ec2, given.get("LaunchTemplateId"), given.get("LaunchTemplateName"))
        version = template.get_version(given.get("Version") or "$Default")
        tags = {"aws:ec2launchtemplate:id": template.id, "aws:ec2launchtemplate:version": str(version.number)}
    from moto.core.responses import ActionResult

    count = int(call.params.get("MaxCount") or 1)
    return ActionResult(launching.launch(call.ec2, settings, count, subnet_id=settings.get("SubnetId"), tags=tags))
