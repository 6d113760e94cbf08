# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Looks up what applications refer to, in bulk. Nothing here changes anything.
Private to the collection: names and shapes can change in any release."""

from functools import partial

from ..core.error_codes import codes, is_any
from ..core.errors import CallFailed
from ..core.parallel import concurrently
from . import iam as find_iam
from .paginate import in_batches, read, read_pages

# EC2's, IAM's and Elastic Load Balancing's, and Systems Manager's.
_DENIED = codes("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
# Where a name that does not exist, or is malformed, is an error for the whole call.
_NOT_FOUND = codes("TargetGroupNotFound", "LoadBalancerNotFound", "ValidationError", "ValidationException")
# Kind -> service, operation, member of the answer, member that holds the name, id or ARN, filter of EC2 or argument. Filters leave out what
# does not exist.
_DESCRIBED = {
    "images": ("ec2", "describe_images", "Images", "ImageId", "image-id"),
    "instance_types": ("ec2", "describe_instance_types", "InstanceTypes", "InstanceType", "instance-type"),
    "security_groups": ("ec2", "describe_security_groups", "SecurityGroups", "GroupId", "group-id"),
    "subnets": ("ec2", "describe_subnets", "Subnets", "SubnetId", "subnet-id"),
    "snapshots": ("ec2", "describe_snapshots", "Snapshots", "SnapshotId", "snapshot-id"),
    "target_groups": ("elbv2", "describe_target_groups", "TargetGroups", "TargetGroupArn", "TargetGroupArns"),
    "load_balancers": (
        "elb", "describe_load_balancers", "LoadBalancerDescriptions", "LoadBalancerName", "LoadBalancerNames",
    ),
}  # fmt: skip
# Kind -> names that a call takes. A filter of EC2 takes 200 values, of which a key pair needs two:
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
_BATCH = {
    **dict.fromkeys(_DESCRIBED, 200),
    **dict(key_pairs=100, ssm_parameters=10, target_groups=20, load_balancers=20, policies=1),
}


def find(clients, references, concurrency):
    """Return kind -> name -> the resource as the API gives it, None for one that does not exist.

    An image that an SSM parameter names is looked up as well. What the caller may not read is left out: it is unknown.

    :param references: kind -> names of instance types, key pairs and Classic Load Balancers; ids; ARNs of target groups and policies; SSM
        parameters with version or label where one is given, as in ``resolve:ssm:NAME:LABEL``. A kind that is left out costs no call.
    :param concurrency: calls at once.
    :raises CallFailed: AWS refused a call for another reason, or could not be reached.
    """
    others = dict(references)
    found = _find_kinds(clients, {"ssm_parameters": others.pop("ssm_parameters", ())}, concurrency)
    values = {parameter["Value"] for parameter in found.get("ssm_parameters", {}).values() if parameter}
    others["images"] = {*others.get("images", ()), *(value for value in values if value.startswith("ami-"))}
    return {**found, **_find_kinds(clients, others, concurrency)}


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
    service, operation, key, member, argument = _DESCRIBED[kind]
    arguments: dict = {"Filters": [{"Name": argument, "Values": names}]} if service == "ec2" else {argument: names}
    if kind == "images":
        # A deprecated image can be launched, and a disabled one exists:
        # https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html
        arguments.update(IncludeDeprecated=True, IncludeDisabled=True)
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
