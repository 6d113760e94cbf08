# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Looks up what applications refer to, in bulk. Nothing here changes anything.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from functools import partial

from ansible_collections.launchkit.aws.plugins.module_utils.core.error_codes import codes, is_any
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from ansible_collections.launchkit.aws.plugins.module_utils.core.parallel import concurrently
from ansible_collections.launchkit.aws.plugins.module_utils.find import iam as find_iam
from ansible_collections.launchkit.aws.plugins.module_utils.find.paginate import in_batches, read, read_pages
from ansible_collections.launchkit.aws.plugins.module_utils.find.reference_kinds import KINDS, Found, is_image_id

# EC2's, IAM's and Elastic Load Balancing's, and Systems Manager's.
_DENIED = codes("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
# Where a name that does not exist, or is malformed, is an error for the whole call.
_NOT_FOUND = codes("TargetGroupNotFound", "LoadBalancerNotFound", "ValidationError", "ValidationException")
# Kind -> operation, member of the answer, filter, member that holds the name or ID, arguments.
# EC2 filters leave out what does not exist. A deprecated image can be launched, and a disabled one exists:
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
_EC2 = {
    "images": (
        "describe_images", "Images", "image-id", "ImageId", dict(IncludeDeprecated=True, IncludeDisabled=True),
    ),
    "instance_types": ("describe_instance_types", "InstanceTypes", "instance-type", "InstanceType", {}),
    "security_groups": ("describe_security_groups", "SecurityGroups", "group-id", "GroupId", {}),
    "subnets": ("describe_subnets", "Subnets", "subnet-id", "SubnetId", {}),
    "snapshots": ("describe_snapshots", "Snapshots", "snapshot-id", "SnapshotId", {}),
}  # fmt: skip
# Kind -> service, operation, member of the answer, argument, member that holds the name or ARN.
_LOAD_BALANCING = {
    "target_groups": ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArns", "TargetGroupArn"),
    "load_balancers": (
        "elb", "describe_load_balancers", "LoadBalancerDescriptions", "LoadBalancerNames", "LoadBalancerName",
    ),
}  # fmt: skip
# Names that a call takes. A filter of EC2 takes 200 values, of which a key pair needs two:
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
_BATCH = dict(
    dict.fromkeys(_EC2, 200), key_pairs=100, ssm_parameters=10, target_groups=20, load_balancers=20, policies=1
)


def find(clients, references, concurrency):
    """Return :class:`~reference_kinds.Found`: what AWS has of the references. A kind without any costs no call.

    An image that an SSM parameter names is looked up as well. What the caller may not read is unknown.

    :raises CallFailed: AWS refused a call for another reason, or could not be reached.
    """
    parameters = _find_kinds(clients, {"ssm_parameters": references.ssm_parameters}, concurrency)
    values = {parameter["Value"] for parameter in parameters.get("ssm_parameters", {}).values() if parameter}
    wanted = {kind: getattr(references, kind) for kind in KINDS if kind != "ssm_parameters"}
    wanted["images"] = wanted["images"] | {value for value in values if is_image_id(value)}
    return Found(**parameters, **_find_kinds(clients, wanted, concurrency))


def _find_kinds(clients, wanted, concurrency):
    batches = [(kind, batch) for kind, names in wanted.items() for batch in in_batches(_BATCH[kind], sorted(names))]
    found: dict = {}
    answers = concurrently(concurrency, [partial(_find_batch, clients, *batch) for batch in batches])
    for (kind, dummy), answer in zip(batches, answers):
        found.setdefault(kind, {}).update(answer)
    return found


def _find_batch(clients, kind, names):
    """Return name -> resource, or None where there is none; nothing where the caller may not read."""
    try:
        return _READERS.get(kind, partial(_resources, kind))(clients, names)
    except CallFailed as failure:
        if is_any(_DENIED, failure.exception):
            return {}
        if not is_any(_NOT_FOUND, failure.exception):
            raise
        if len(names) == 1:
            return dict.fromkeys(names)
    # AWS does not say which of the names it is.
    return {name: answer for each in names for name, answer in _find_batch(clients, kind, [each]).items()}


def _resources(kind, clients, names):
    if kind in _LOAD_BALANCING:
        service, operation, key, argument, member = _LOAD_BALANCING[kind]
        arguments = {argument: names}
    else:
        service = "ec2"
        operation, key, name_filter, member, arguments = _EC2[kind]
        arguments = {**arguments, "Filters": [{"Name": name_filter, "Values": names}]}
    found = read_pages(clients(service), operation, key, kind.replace("_", " "), **arguments)
    return {**dict.fromkeys(names), **{each[member]: each for each in found}}


def _key_pairs(clients, names):
    """Return the key pairs of these names, and those that begin alike: one can be meant by a misspelt name."""
    values = list(dict.fromkeys([*names, *(f"{name[:3]}*" for name in names)]))
    filters = [{"Name": "key-name", "Values": values}]
    pairs = read(clients("ec2"), "describe_key_pairs", "KeyPairs", "key pairs", Filters=filters)
    return {**dict.fromkeys(names), **{each["KeyName"]: each for each in pairs}}


def _ssm_parameters(clients, names):
    answer = read(clients("ssm"), "get_parameters", None, "SSM parameters", Names=names)
    found = dict.fromkeys(answer.get("InvalidParameters", ()))
    for parameter in answer["Parameters"]:
        # Version and label are apart from the name, and a parameter of another account is asked for by its ARN.
        selector = parameter.get("Selector", "").lstrip(":")
        endings = (f":{selector}",) if selector else ("", f":{parameter['Version']}")
        texts = (parameter[key] + ending for key in ("Name", "ARN") if key in parameter for ending in endings)
        found.update(dict.fromkeys(texts, parameter))
    return {name: found[name] for name in names if name in found}


def _policies(clients, arns):
    return {arn: find_iam.find_managed_policy(clients, arn) for arn in arns}


_READERS = {"key_pairs": _key_pairs, "ssm_parameters": _ssm_parameters, "policies": _policies}
