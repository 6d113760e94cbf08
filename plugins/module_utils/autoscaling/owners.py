# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The tools that own Auto Scaling groups, by the groups' tags: they revert what changes without them. Pure.
Private to the collection: names and shapes can change in any release."""

import re

# Key of a tag, or the beginning of one with an asterisk -> a sentence about the owner, with the rest of the key or the tag's value.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags.html
# https://docs.aws.amazon.com/eks/latest/userguide/eks-using-tags.html, https://kops.sigs.k8s.io/operations/labels-and-tags/
# https://docs.aws.amazon.com/batch/latest/userguide/using-tags.html (unverified for groups)
_OWNERS = {
    "launchkit:application": (
        "application '{}' of the role application owns the group, and its next run would return the group to its launch "
        "configuration: set application_launch_with to launch_template in that application instead"
    ),
    "elasticbeanstalk:environment-name": (
        "Elastic Beanstalk environment {} owns the group: let the environment change to launch templates itself"
    ),
    "eks:nodegroup-name": "managed node group {} of EKS owns the group: update the node group",
    "kops.k8s.io/instancegroup": "instance group {} of kops owns the group: change it with kops",
    "kubernetes.io/cluster/*": "Kubernetes cluster {} owns the group: change it with the cluster's own tool",
    "KubernetesCluster": "Kubernetes cluster {} owns the group: change it with the cluster's own tool",
    "AWSBatchServiceTag": "AWS Batch owns the group: update the compute environment",
    "opsworks:*": "OpsWorks owns the group: change its stack",
    "pulumi:*": "Pulumi owns the group: change its program too, or its next run reverts the migration",
    "aws:cloudformation:stack-name": (
        "CloudFormation stack {} owns the group: change its template too, or its next update reverts the migration"
    ),
}
# Tools that mark what they own in words of the operator's choice.
_NAMED = {
    "terraform": "its tags name Terraform: change its configuration too, or its next run reverts the migration",
    "pulumi": _OWNERS["pulumi:*"],
    "opentofu": "its tags name OpenTofu: change its configuration too, or its next run reverts the migration",
}
_STACK = "aws:cloudformation:stack-name"
# CloudFormation ends the names that it chooses in such digits:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-name.html
_GENERATED = re.compile(r".+-[A-Z0-9]{12,13}")


def owners(group):
    """Return sentences about the tools that own a group, as the API returns it, the most specific first."""
    tags = {tag["Key"]: tag.get("Value") or "" for tag in group.get("Tags") or ()}
    sentences = []
    for pattern, sentence in _OWNERS.items():
        for key, value in tags.items():
            if key == pattern and value:
                sentences.append(sentence.format(value))
            elif pattern.endswith("*") and key.startswith(pattern[:-1]):
                sentences.append(sentence.format(key[len(pattern) - 1 :]))
    words = " ".join(f"{key} {value}" for key, value in tags.items()).casefold()
    sentences += [sentence for word, sentence in _NAMED.items() if word in words]
    return tuple(dict.fromkeys(sentences))


def owning_stack(configuration, groups):
    """Return why a launch configuration seems to belong to a CloudFormation stack, or None. It has no tags.

    :param configuration: its name.
    :param groups: all groups of the Region, as the API returns them: their tags name stacks.
    """
    stacks = {tag["Value"] for group in groups for tag in group.get("Tags") or () if tag["Key"] == _STACK}
    for stack in sorted(filter(None, stacks)):
        if configuration.startswith(f"{stack}-"):
            return f"its name is one that CloudFormation stack {stack} chooses"
    if _GENERATED.fullmatch(configuration):
        return "its name is one that CloudFormation chooses"
    return None
