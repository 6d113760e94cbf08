# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Names, paths, ARNs, descriptions and tags of IAM: what they may look like, and the ways to write a role. Pure.

Private to the collection: names and shapes can change in any release.

Patterns and lengths: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Mapping, Optional

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption, MissingReference

PROFILE_NAME_LENGTH = 128
ROLE_NAME_LENGTH = 64
PATH_LENGTH = 512
TAG_COUNT = 50
TAG_KEY_LENGTH = 128
TAG_VALUE_LENGTH = 256
DESCRIPTION_LENGTH = 1000

_NAME = re.compile(r"[\w+=,.@-]+", re.ASCII)
_PATH = re.compile(r"/|/[\u0021-\u007e]+/")
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
_TAG = re.compile(r"[\w \u00a0.:/=+\-@]*")
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_DESCRIPTION = re.compile(r"[\t\n\r\u0020-\u007e\u00a1-\u00ff]*")
_ROLE_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):role(?P<path>/|/[!-~]+/)(?P<name>[^/]+)"
)
_PROFILE_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):instance-profile(?P<path>/|/[!-~]+/)(?P<name>[^/]+)"
)


@dataclass(frozen=True)
class RoleReference:
    """A role as a user wrote it; what was not written is None.

    :param name: the role's name.
    :param path: its path, when the role was written with one.
    :param account: the 12 digits of the account, when it was written as an ARN.
    :param partition: e.g. ``aws`` or ``aws-cn``, when it was written as an ARN.
    """

    name: str
    path: Optional[str] = None
    account: Optional[str] = None
    partition: Optional[str] = None

    def check(self, role):
        """Compare with the role that IAM knows by this name.

        :param role: the role as GetRole gives it.
        :raises MissingReference: path, account or partition are not those of the role.
        """
        for word, written, actual in (
            ("path", self.path, role["Path"]),
            ("account", self.account, role["Arn"].split(":")[4]),
            ("partition", self.partition, role["Arn"].split(":")[1]),
        ):
            if written is not None and written != actual:
                raise MissingReference(
                    f"role: the role '{self.name}' has the {word} '{actual}' ({role['Arn']}), not '{written}' as given. "
                    f"Correct the {word}, or give the role's name alone. Nothing was changed."
                )


def same_name(name, other):
    """Return whether IAM takes two names for the same: names are unique without regard to letter case."""
    return name.casefold() == other.casefold()


def case_warning(kind, wanted, actual):
    """Return a warning when a resource exists under a name in another letter case, or None.

    :param kind: ``IAM role`` or ``instance profile``.
    :param wanted: the name as the user wrote it.
    :param actual: the name as IAM has it.
    """
    if wanted == actual:
        return None
    return f"{kind} '{actual}': the name is given as '{wanted}', and IAM ignores letter case. Write it as '{actual}'."


def check_description(option, text):
    """Check the description of a role.

    :raises InvalidOption: it is too long or has characters that IAM refuses.
    """
    if len(text) > DESCRIPTION_LENGTH:
        raise InvalidOption(
            f"{option}: the text has {len(text)} characters; IAM takes at most {DESCRIPTION_LENGTH}. Shorten it."
        )
    refused = "".join(dict.fromkeys(character for character in text if not _DESCRIPTION.fullmatch(character)))
    if refused:
        raise InvalidOption(
            f"{option}: IAM refuses the characters {refused!r}. It takes Latin-1 text only; remove them."
        )
    return text


def check_name(option, name, longest):
    """Check the name of an IAM resource.

    :param option: the option that holds it, for the message.
    :param longest: the most characters that IAM takes.
    :raises InvalidOption: it is empty, too long, or has characters that IAM refuses.
    """
    if not 1 <= len(name) <= longest:
        raise InvalidOption(f"{option}: '{name}' has {len(name)} characters; IAM takes 1 to {longest}.")
    if not _NAME.fullmatch(name):
        raise InvalidOption(
            f"{option}: '{name}' holds characters that IAM refuses; it takes letters, digits and any of _+=,.@- only."
        )
    return name


def check_path(option, path):
    """Check an IAM path.

    :raises InvalidOption: it does not begin and end with a slash, is too long, or has characters that IAM refuses.
    """
    if not (path.startswith("/") and path.endswith("/")):
        raise InvalidOption(
            f"{option}: '{path}' must begin and end with a slash, for example '/{path.strip('/') or 'applications'}/'."
        )
    if len(path) > PATH_LENGTH:
        raise InvalidOption(f"{option}: the path has {len(path)} characters; IAM takes at most {PATH_LENGTH}.")
    if not _PATH.fullmatch(path) or "//" in path:
        raise InvalidOption(
            f"{option}: '{path}' holds characters that IAM refuses: "
            "blanks, control characters, non-ASCII letters or an empty part."
        )
    return path


def check_path_prefix(option, prefix):
    """Check the beginning of IAM paths.

    :raises InvalidOption: it does not begin with a slash, is too long, or has characters that IAM refuses.
    """
    if not prefix.startswith("/"):
        raise InvalidOption(f"{option}: '{prefix}' must begin with a slash, as paths do; for example '/{prefix}'.")
    check_path(option, prefix if prefix.endswith("/") else f"{prefix}/")
    return prefix


def check_tags(option, tags, for_ec2=False):
    """Check tags and return them with their values as text.

    :param tags: key -> value, as the user gave them.
    :param for_ec2: EC2 tells keys apart by letter case and takes any character, unlike IAM:
        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
    :raises InvalidOption: too many, too long, reserved, a list or dictionary, two keys that differ in case only, or
        characters that IAM refuses.
    """
    if len(tags) > TAG_COUNT:
        raise InvalidOption(f"{option}: {len(tags)} tags are given; AWS takes at most {TAG_COUNT}.")
    checked: dict = {}
    seen: dict = {}
    for key, value in tags.items():
        if isinstance(value, (Mapping, list, tuple)):
            kind = "dictionary" if isinstance(value, Mapping) else "list"
            raise InvalidOption(f"{option}: the value of '{key}' is a {kind}. Tags have text only; write text.")
        key, value = str(key), "" if value is None else str(value)
        if not 1 <= len(key) <= TAG_KEY_LENGTH:
            raise InvalidOption(
                f"{option}: the key '{key}' has {len(key)} characters; AWS takes 1 to {TAG_KEY_LENGTH}."
            )
        if len(value) > TAG_VALUE_LENGTH:
            raise InvalidOption(
                f"{option}: the value of '{key}' has {len(value)} characters; AWS takes at most {TAG_VALUE_LENGTH}."
            )
        if key.casefold().startswith("aws:"):
            raise InvalidOption(
                f"{option}: the key '{key}' begins with 'aws:', which AWS keeps for itself. Choose another key."
            )
        checked[key] = value
        if for_ec2:
            continue
        if not (_TAG.fullmatch(key) and _TAG.fullmatch(value)):
            raise InvalidOption(
                f"{option}: '{key}: {value}' holds characters that IAM refuses; "
                "it takes letters, digits, blanks and any of _.:/=+-@ only."
            )
        if key.casefold() in seen:
            raise InvalidOption(
                f"{option}: the keys '{seen[key.casefold()]}' and '{key}' differ in case only, "
                "and IAM takes one of them. Remove one."
            )
        seen[key.casefold()] = key
    return checked


def parse_role(option, text):
    """Read a role written as a name, a name with its path (``/ops/web`` or ``ops/web``), or an ARN.

    :raises InvalidOption: it is none of these.
    """
    reference = RoleReference(text)
    if text.startswith("arn:"):
        match = _ROLE_ARN.fullmatch(text)
        if match is None:
            raise InvalidOption(
                f"{option}: '{text}' is not the ARN of an IAM role; "
                "one looks like 'arn:aws:iam::123456789012:role/ops/web'."
            )
        reference = RoleReference(match["name"], match["path"], match["account"], match["partition"])
    elif "/" in text:
        path, dummy, name = text.rpartition("/")
        path = f"{path}/" if text.startswith("/") else f"/{path}/"
        reference = RoleReference(name, check_path(option, path))
    check_name(option, reference.name, ROLE_NAME_LENGTH)
    return reference


def instance_profile_name(option, text):
    """Return the name of an instance profile that is written as a name or an ARN.

    :raises InvalidOption: it is neither.
    """
    if text.startswith("arn:"):
        match = _PROFILE_ARN.fullmatch(text)
        if match is None:
            raise InvalidOption(
                f"{option}: '{text}' is not the ARN of an instance profile; "
                "one looks like 'arn:aws:iam::123456789012:instance-profile/web'."
            )
        text = match["name"]
    return check_name(option, text, PROFILE_NAME_LENGTH)
