# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Who else manages a resource, as its tags tell. Pure.
Private to the collection: names and shapes can change in any release."""

# Key of a tag that a service or tool sets itself -> words in front of the tag's value.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
# https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/using-features.tagging.html
# https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/asg-capacity-providers.html
_KEYS = {
    "aws:cloudformation:stack-name": "CloudFormation stack",
    "elasticbeanstalk:environment-name": "Elastic Beanstalk environment",
    "eks:nodegroup-name": "EKS node group",
    "aws:autoscaling:groupName": "Auto Scaling group",
    "AmazonECSManaged": "ECS capacity provider",
}
# A convention, by which people tell it: managed-by = terraform, Terraform = true.
_TOOLS = ("terraform", "opentofu", "pulumi")


def owners(tags):
    """Return in words who manages what has these tags, key -> value; none of them is this collection."""
    found = [f"{words} {tags[key]}".strip() for key, words in _KEYS.items() if key in tags]
    for tool in _TOOLS:
        is_named = tool in (value.casefold() for value in tags.values())
        is_true = any(key.casefold() == tool and value.casefold() in ("true", "yes") for key, value in tags.items())
        if is_named or is_true:
            found.append(tool.capitalize())
    return tuple(found)
