# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS's error answers mean, as tables: operation -> (code, part of the message). Pure.

Code and message are matched together, because the services reuse codes: a bare ``ValidationError`` of Auto Scaling is a user's
mistake, and only a few of its texts pass by themselves. The texts and time limits follow the service models of botocore, the
user guides, and the create and delete retry tables of terraform-provider-aws.

Private to the collection: names and shapes can change in any release.
"""

from __future__ import annotations

from typing import Mapping, NamedTuple


class ErrorCode(NamedTuple):
    """An error answer of AWS: its code, and what its message contains."""

    code: str
    text: str = ""

    def matches(self, error):
        """Return whether a botocore error is this answer. Letter case is ignored in the text."""
        # botocore's HTTPClientError has a response, too, which is None when the connection broke.
        response = getattr(error, "response", None)
        answer = (response.get("Error") if isinstance(response, Mapping) else None) or {}
        return answer.get("Code") == self.code and self.text.casefold() in str(answer.get("Message", "")).casefold()


# Any operation. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and the CommonErrors pages.
RETRYABLE_ALWAYS = (
    ErrorCode("Throttling"),
    ErrorCode("ThrottlingException"),
    ErrorCode("RequestLimitExceeded"),
    ErrorCode("TooManyRequestsException"),
    ErrorCode("ServiceFailure"),
    ErrorCode("ServiceUnavailable"),
    ErrorCode("Unavailable"),
    ErrorCode("InternalFailure"),
    ErrorCode("InternalError"),
    ErrorCode("ConcurrentModification"),
    ErrorCode("ResourceContention"),
    ErrorCode("ServiceLinkedRoleFailure"),
)

# IAM's changes reach its own readers and Auto Scaling after a while.
RETRYABLE = {
    "add_role_to_instance_profile": (
        ErrorCode("NoSuchEntity", "role with name"),
        ErrorCode("NoSuchEntity", "instance profile"),
    ),
    "tag_instance_profile": (ErrorCode("NoSuchEntity", "instance profile"),),
    # A role that was created a moment ago.
    "attach_role_policy": (ErrorCode("NoSuchEntity", "role with name"),),
    "put_role_policy": (ErrorCode("NoSuchEntity", "role with name"),),
    "put_role_permissions_boundary": (ErrorCode("NoSuchEntity", "role with name"),),
    "tag_role": (ErrorCode("NoSuchEntity", "role with name"),),
    "create_launch_configuration": (
        ErrorCode("ValidationError", "Invalid IamInstanceProfile"),
        ErrorCode("ValidationError", "You are not authorized to perform this operation"),
    ),
    # Auto Scaling does not know a new instance profile, or is about to launch instances.
    "create_auto_scaling_group": (ErrorCode("ValidationError", "Invalid IAM Instance Profile"),),
    "update_auto_scaling_group": (
        ErrorCode("ValidationError", "Invalid IAM Instance Profile"),
        ErrorCode("ScalingActivityInProgress"),
    ),
    **dict.fromkeys(
        (
            "attach_load_balancers",
            "attach_load_balancer_target_groups",
            "detach_load_balancers",
            "detach_load_balancer_target_groups",
        ),
        (ErrorCode("ScalingActivityInProgress"),),
    ),
    # A group that was repointed or deleted a moment ago is still named here.
    "delete_launch_configuration": (ErrorCode("ResourceInUse", "attached to AutoScalingGroup"),),
    # The role was removed a moment ago, and the deleting side does not know yet.
    "delete_instance_profile": (ErrorCode("DeleteConflict", "must remove roles"),),
    "delete_role": (ErrorCode("DeleteConflict"),),
    # Its instances are terminating.
    "delete_auto_scaling_group": (ErrorCode("ScalingActivityInProgress"), ErrorCode("ResourceInUse")),
}

# Seconds for which an operation is retried, where that is not the module's wait_timeout: waiting for a group to release a
# launch configuration, or a profile its role, rarely helps for longer.
RETRY_SECONDS = {
    "delete_launch_configuration": 10,
    "delete_instance_profile": 10,
    "delete_role": 10,
}

# The resource is deleted already.
IGNORABLE = {
    "remove_role_from_instance_profile": (ErrorCode("NoSuchEntity"),),
    "delete_instance_profile": (ErrorCode("NoSuchEntity"),),
    "delete_launch_configuration": (ErrorCode("ValidationError", "not found"),),
    "delete_launch_template": (ErrorCode("InvalidLaunchTemplateId.NotFound"),),
    "detach_role_policy": (ErrorCode("NoSuchEntity"),),
    "delete_role_policy": (ErrorCode("NoSuchEntity"),),
    "delete_role_permissions_boundary": (ErrorCode("NoSuchEntity"),),
    "delete_role": (ErrorCode("NoSuchEntity"),),
    "delete_auto_scaling_group": (ErrorCode("ValidationError", "not found"),),
    "detach_load_balancers": (ErrorCode("ValidationError", "not part of"),),
    "detach_load_balancer_target_groups": (ErrorCode("ValidationError", "not part of"),),
}

# The resource exists already: observe again before this counts as a failure.
CONFLICT = {
    "create_role": (ErrorCode("EntityAlreadyExists"),),
    "create_instance_profile": (ErrorCode("EntityAlreadyExists"),),
    "add_role_to_instance_profile": (ErrorCode("LimitExceeded", "InstanceSessionsPerInstanceProfile"),),
    "create_launch_configuration": (ErrorCode("AlreadyExists"),),
    "create_launch_template": (ErrorCode("InvalidLaunchTemplateName.AlreadyExistsException"),),
    "create_auto_scaling_group": (ErrorCode("AlreadyExists"),),
    # Another run deleted it.
    "update_auto_scaling_group": (ErrorCode("ValidationError", "AutoScalingGroup name not found"),),
    "start_instance_refresh": (ErrorCode("InstanceRefreshInProgress"),),
}

# What to do next, where AWS's own text leaves that open.
HINTS = (
    (
        ErrorCode("AccessDenied", "iam:PassRole"),
        "Allow iam:PassRole on the role for the credentials in use: adding a role to an instance profile, or naming the profile in launch "
        "settings, needs it.",
    ),
    (
        ErrorCode("UnsupportedOperation", "Launch Configuration creation operation is not available"),
        "This AWS account does not accept new launch configurations, and trying again will not help. Use a launch template "
        "instead, for example with launchkit.aws.ec2_launch_template, and name it in the Auto Scaling group.",
    ),
    (
        ErrorCode("LimitExceeded", "launch configuration"),
        "Remove launch configurations that no group names (see the prune option, or autoscaling_launch_configuration_info with "
        "unused=true), or ask AWS for a higher quota.",
    ),
    (
        ErrorCode("ValidationError", "Invalid IamInstanceProfile"),
        "IAM knows the instance profile, but Auto Scaling did not accept it within wait_timeout. Raise wait_timeout and run again.",
    ),
    (
        ErrorCode("ValidationError", "You are not authorized to perform this operation"),
        "The credentials in use lack a permission, such as autoscaling:CreateLaunchConfiguration or iam:PassRole on the role in the "
        "instance profile, or the instance profile was completed only a moment ago: raise wait_timeout and run again.",
    ),
    (
        ErrorCode("ResourceInUse", "launch configuration"),
        "Point the group to another launch configuration first.",
    ),
    (
        ErrorCode("DeleteConflict", "must remove roles"),
        "Something else attached a role to it meanwhile.",
    ),
)


def is_retryable(operation, error):
    """Return whether the same call of ``operation`` may succeed later."""
    return (
        _is_any(RETRYABLE_ALWAYS, error)
        or _is_any(RETRYABLE.get(operation, ()), error)
        or "Rate exceeded" in str(error)
    )


def is_ignorable(operation, error):
    """Return whether the error says that nothing is left to do for ``operation``."""
    return _is_any(IGNORABLE.get(operation, ()), error)


def is_conflict(operation, error):
    """Return whether the error says that what ``operation`` creates exists already."""
    return _is_any(CONFLICT.get(operation, ()), error)


def has_known_outcome(error):
    """Return whether AWS answered: only then is it known that the call had no effect.

    A connection that breaks, a timeout and an answer that isn't AWS's leave open whether the call took effect. Neither does an error of
    the service itself (HTTP 5xx) tell: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
    """
    response = getattr(error, "response", None)
    if not isinstance(response, Mapping):
        return False
    return (response.get("ResponseMetadata") or {}).get("HTTPStatusCode", 400) < 500


def refused_in_part(response):
    """Return what AWS refused in an answer that says success as a whole, in words; empty for nothing.

    DeleteLaunchTemplateVersions answers for each version:
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteLaunchTemplateVersions.html
    """
    refused = [
        (each["VersionNumber"], each["ResponseError"])
        for each in response.get("UnsuccessfullyDeletedLaunchTemplateVersions") or ()
        # Another run deleted it, or the answer was lost and the call was repeated.
        if each["ResponseError"].get("Code")
        not in ("launchTemplateVersionDoesNotExist", "launchTemplateIdDoesNotExist")
    ]
    return "; ".join(f"version {number}: {error.get('Message', '')}" for number, error in refused)


def hint(error):
    """Return what to do next about a botocore error, or an empty string where AWS's text is enough."""
    return next((text for answer, text in HINTS if answer.matches(error)), "")


def _is_any(answers, error):
    return any(answer.matches(error) for answer in answers)
