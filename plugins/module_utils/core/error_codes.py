# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS's error answers mean, as tables: operation -> (code, part of the message). Pure.
Private to the collection: names and shapes can change in any release.
Code and message are matched together, because the services reuse codes: a bare ``ValidationError`` of Auto Scaling is
a user's mistake, and only a few of its texts pass by themselves. The texts and time limits follow the service models of
botocore, the user guides, and the create and delete retry tables of terraform-provider-aws.
"""

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


def codes(*names):
    """Return an :class:`ErrorCode` for each code, with any message."""
    return tuple(map(ErrorCode, names))


# Any operation. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html and the CommonErrors pages.
RETRYABLE_ALWAYS = codes(
    "Throttling",
    "ThrottlingException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "ServiceFailure",
    "ServiceUnavailable",
    "Unavailable",
    "InternalFailure",
    "InternalError",
    "ConcurrentModification",
    "ResourceContention",
    "ServiceLinkedRoleFailure",
)

_NO_ROLE = ErrorCode("NoSuchEntity", "role with name")
_NO_PROFILE = ErrorCode("NoSuchEntity", "instance profile")
# Auto Scaling does not know a new instance profile.
_UNKNOWN_PROFILE = ErrorCode("ValidationError", "Invalid IamInstanceProfile")
_UNKNOWN_PROFILE_IN_GROUP = ErrorCode("ValidationError", "Invalid IAM Instance Profile")
_NOT_AUTHORIZED = ErrorCode("ValidationError", "You are not authorized to perform this operation")
# Auto Scaling is about to launch or terminate instances.
_SCALING = ErrorCode("ScalingActivityInProgress")
# The role was removed a moment ago, and the deleting side does not know yet.
_HOLDS_ROLE = ErrorCode("DeleteConflict", "must remove roles")
_LOAD_BALANCERS = ("load_balancers", "load_balancer_target_groups")

# IAM's changes reach its own readers and Auto Scaling after a while.
RETRYABLE = {
    "add_role_to_instance_profile": (_NO_ROLE, _NO_PROFILE),
    "tag_instance_profile": (_NO_PROFILE,),
    **dict.fromkeys(
        ("attach_role_policy", "put_role_policy", "put_role_permissions_boundary", "tag_role"), (_NO_ROLE,)
    ),
    "create_launch_configuration": (_UNKNOWN_PROFILE, _NOT_AUTHORIZED),
    "create_auto_scaling_group": (_UNKNOWN_PROFILE_IN_GROUP,),
    "update_auto_scaling_group": (_UNKNOWN_PROFILE_IN_GROUP, _SCALING),
    **dict.fromkeys((f"{verb}_{kind}" for verb in ("attach", "detach") for kind in _LOAD_BALANCERS), (_SCALING,)),
    # A group that was repointed or deleted a moment ago is still named here.
    "delete_launch_configuration": (ErrorCode("ResourceInUse", "attached to AutoScalingGroup"),),
    "delete_instance_profile": (_HOLDS_ROLE,),
    "delete_role": codes("DeleteConflict"),
    # Its instances are terminating.
    "delete_auto_scaling_group": (_SCALING, ErrorCode("ResourceInUse")),
}

# Seconds for which an operation is retried, where that is not the wait timeout: waiting for a group to release a launch
# configuration, or a profile its role, rarely helps for longer.
RETRY_SECONDS = dict(delete_launch_configuration=10, delete_instance_profile=10, delete_role=10)

# The resource is deleted already.
IGNORABLE = {
    **dict.fromkeys(
        (
            "remove_role_from_instance_profile",
            "delete_instance_profile",
            "detach_role_policy",
            "delete_role_policy",
            "delete_role_permissions_boundary",
            "delete_role",
        ),
        codes("NoSuchEntity"),
    ),
    "delete_launch_configuration": (ErrorCode("ValidationError", "not found"),),
    "delete_auto_scaling_group": (ErrorCode("ValidationError", "not found"),),
    "delete_launch_template": codes("InvalidLaunchTemplateId.NotFound"),
    **dict.fromkeys((f"detach_{kind}" for kind in _LOAD_BALANCERS), (ErrorCode("ValidationError", "not part of"),)),
}

# The resource exists already: observe again before this counts as a failure.
CONFLICT = {
    "create_role": codes("EntityAlreadyExists"),
    "create_instance_profile": codes("EntityAlreadyExists"),
    # An instance profile holds one role, and this call has no other limit.
    "add_role_to_instance_profile": codes("LimitExceeded"),
    "create_launch_configuration": codes("AlreadyExists"),
    "create_launch_template": codes("InvalidLaunchTemplateName.AlreadyExistsException"),
    "create_auto_scaling_group": codes("AlreadyExists"),
    # Another run deleted it.
    "update_auto_scaling_group": (ErrorCode("ValidationError", "AutoScalingGroup name not found"),),
    "start_instance_refresh": codes("InstanceRefreshInProgress"),
}

# What to do next, where AWS's text leaves that open. No option is named, since a role has variables instead.
HINTS = {
    ErrorCode("AccessDenied", "iam:PassRole"): (
        "Allow iam:PassRole on the role for the credentials in use. "
        "Adding the role to an instance profile, or naming the profile in launch settings, requires it."
    ),
    ErrorCode("UnsupportedOperation", "Launch Configuration creation operation is not available"): (
        "This AWS account does not accept new launch configurations, and trying again will not help. "
        "Use a launch template instead, for example with launchkit.aws.ec2_launch_template."
    ),
    ErrorCode("LimitExceeded", "launch configuration"): (
        "Delete launch configurations that no group names, or ask AWS for a higher quota. "
        "launchkit.aws.autoscaling_launch_configuration_info lists those."
    ),
    _UNKNOWN_PROFILE: (
        "IAM has the instance profile, but Auto Scaling did not accept it within wait_timeout "
        "(application_wait_timeout in roles). Raise it and run the task again."
    ),
    _NOT_AUTHORIZED: (
        "The credentials in use lack a permission, such as autoscaling:CreateLaunchConfiguration or iam:PassRole on "
        "the role in the instance profile. If the profile is new, raise wait_timeout (application_wait_timeout in roles) "
        "and run the task again."
    ),
    # https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-launch-template.html. The code is unverified.
    **dict.fromkeys(
        (ErrorCode(code, "not authorized to use launch template") for code in ("ValidationError", "AccessDenied")),
        "Allow ec2:RunInstances for the credentials in use with all that the launch template names, iam:PassRole on the "
        "role of its instance profile, and ec2:CreateTags if it has tags.",
    ),
    ErrorCode("ResourceInUse", "launch configuration"): "Point the group to another launch configuration first.",
    _HOLDS_ROLE: "Another run added a role to it. Run the task again.",
    **dict.fromkeys(
        codes("AccessDenied", "AccessDeniedException", "UnauthorizedOperation"),
        "Allow the action for the credentials in use.",
    ),
    **dict.fromkeys(
        codes("ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "AuthFailure"),
        "Renew the credentials and run the task again.",
    ),
}
RETRIED = "The module retried until its time was over. Run the task again later."
UNREACHED = "Check the network, proxies and the endpoint URL, and run the task again."


def is_retryable(operation, error):
    """Return whether the same call of ``operation`` may succeed later."""
    return is_any((*RETRYABLE_ALWAYS, *RETRYABLE.get(operation, ())), error) or "Rate exceeded" in str(error)


def is_ignorable(operation, error):
    """Return whether the error says that nothing is left to do for ``operation``."""
    return is_any(IGNORABLE.get(operation, ()), error)


def is_conflict(operation, error):
    """Return whether the error says that what ``operation`` creates exists already."""
    return is_any(CONFLICT.get(operation, ()), error)


def has_known_outcome(error):
    """Return whether AWS answered: only then is it known that the call had no effect.

    A connection that breaks, a timeout, an answer that isn't AWS's, and an error of the service itself (HTTP 5xx) leave
    open whether the call took effect: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
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
    found = next((text for answer, text in HINTS.items() if answer.matches(error)), "")
    if not found and is_retryable("", error):
        return RETRIED
    return found if found or has_known_outcome(error) else UNREACHED


def is_any(answers, error):
    """Return whether a botocore error is one of the :class:`ErrorCode` answers."""
    return any(answer.matches(error) for answer in answers)
