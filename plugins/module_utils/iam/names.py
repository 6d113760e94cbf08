# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Names, paths, ARNs, descriptions and tags of IAM: what they may look like, and the ways to write a role. Pure.
Private to the collection: names and shapes can change in any release.
Patterns and lengths: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

import re
from dataclasses import dataclass
from typing import Mapping, Optional

from ..core.errors import InvalidOption, MissingReference

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
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account>\d{12}):"
    r"(?P<kind>role|instance-profile)(?P<path>/|/[!-~]+/)(?P<name>[^/]+)"
)


@dataclass(frozen=True)
class RoleReference:
    """A role as a user wrote it; what was not written is None.

    :param partition: e.g. ``aws`` or ``aws-cn``.
    """

    name: str
    path: Optional[str] = None
    account: Optional[str] = None
    partition: Optional[str] = None

    def check(self, option, role):
        """Compare with the role of this name, as GetRole gives it.

        :raises MissingReference: path, account or partition are not those of the role.
        """
        dummy, partition, dummy, dummy, account, dummy = role["Arn"].split(":")
        for word, written, actual in (
            ("path", self.path, role["Path"]),
            ("account", self.account, account),
            ("partition", self.partition, partition),
        ):
            if written is not None and written != actual:
                raise MissingReference(
                    f"{option}: the role '{self.name}' has the {word} '{actual}' ({role['Arn']}), not '{written}'. "
                    f"Correct the {word}, or give the role's name alone. No changes were made."
                )


def same_name(name, other):
    """Return whether IAM takes two names for the same: names are unique without regard to letter case."""
    return name.casefold() == other.casefold()


def case_warning(kind, wanted, actual):
    """Return a warning when a resource exists under a name in another letter case, or None.

    :param kind: ``IAM role`` or ``instance profile``.
    """
    if wanted == actual:
        return None
    return f"{kind} '{actual}': the name is given as '{wanted}', and IAM ignores letter case. Write it as '{actual}'."


def check_description(option, text):
    """Return the description of a role.

    :raises InvalidOption: it is too long or has characters that IAM refuses.
    """
    if len(text) > DESCRIPTION_LENGTH:
        raise InvalidOption(
            f"{option}: the text has {len(text)} characters; IAM takes at most {DESCRIPTION_LENGTH}. Shorten it."
        )
    refused = "".join(dict.fromkeys(character for character in text if not _DESCRIPTION.fullmatch(character)))
    if refused:
        raise InvalidOption(f"{option}: IAM refuses the characters {refused!r}. Remove them: it takes Latin-1 only.")
    return text


def check_name(option, name, longest):
    """Return the name of an IAM resource.

    :param longest: the most characters that IAM takes.
    :raises InvalidOption: it is empty, too long, or has characters that IAM refuses.
    """
    if not 1 <= len(name) <= longest:
        raise InvalidOption(f"{option}: '{name}' has {len(name)} characters; IAM takes 1 to {longest}.")
    if not _NAME.fullmatch(name):
        raise InvalidOption(
            f"{option}: '{name}' has characters that IAM refuses. Use letters, digits and _+=,.@- only."
        )
    return name


def check_path(option, path):
    """Return an IAM path.

    :raises InvalidOption: it does not begin and end with a slash, is too long, or has characters that IAM refuses.
    """
    if not (path.startswith("/") and path.endswith("/")):
        example = f"/{path.strip('/') or 'applications'}/"
        raise InvalidOption(f"{option}: '{path}' must begin and end with a slash, for example '{example}'.")
    if len(path) > PATH_LENGTH:
        raise InvalidOption(f"{option}: the path has {len(path)} characters; IAM takes at most {PATH_LENGTH}.")
    if not _PATH.fullmatch(path) or "//" in path:
        raise InvalidOption(
            f"{option}: '{path}' has characters that IAM refuses. "
            "Remove blanks, control characters, non-ASCII letters and empty parts."
        )
    return path


def check_path_prefix(option, prefix):
    """Return the beginning of IAM paths.

    :raises InvalidOption: it does not begin with a slash, is too long, or has characters that IAM refuses.
    """
    if not prefix.startswith("/"):
        raise InvalidOption(f"{option}: '{prefix}' must begin with a slash, for example '/{prefix}'.")
    check_path(option, prefix if prefix.endswith("/") else f"{prefix}/")
    return prefix


def check_tags(option, tags, for_ec2=False):
    """Return tags, key -> value, with both as text.

    :param for_ec2: EC2 tells keys apart by letter case and takes any character, unlike IAM:
        https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
    :raises InvalidOption: AWS would refuse them, or a value is no text.
    """
    if len(tags) > TAG_COUNT:
        raise InvalidOption(f"{option}: {len(tags)} tags are given; AWS takes at most {TAG_COUNT}.")
    checked: dict = {}
    for key, value in tags.items():
        if isinstance(value, (Mapping, list, tuple)):
            kind = "dictionary" if isinstance(value, Mapping) else "list"
            raise InvalidOption(f"{option}: the value of '{key}' is a {kind}. Tags have text only; write text.")
        key, value = str(key), "" if value is None else str(value)
        mistake = _tag_mistake(key, value) or (None if for_ec2 else _iam_tag_mistake(key, value, checked))
        if mistake:
            raise InvalidOption(f"{option}: {mistake}")
        checked[key] = value
    return checked


def _tag_mistake(key, value):
    if not 1 <= len(key) <= TAG_KEY_LENGTH:
        return f"the key '{key}' has {len(key)} characters; AWS takes 1 to {TAG_KEY_LENGTH}."
    if len(value) > TAG_VALUE_LENGTH:
        return f"the value of '{key}' has {len(value)} characters; AWS takes at most {TAG_VALUE_LENGTH}."
    if key.casefold().startswith("aws:"):
        return f"the key '{key}' begins with 'aws:', which AWS keeps for itself. Choose another key."
    return None


def _iam_tag_mistake(key, value, others):
    if not (_TAG.fullmatch(key) and _TAG.fullmatch(value)):
        return f"'{key}: {value}' has characters that IAM refuses. Use letters, digits, blanks and _.:/=+-@ only."
    other = next((other for other in others if same_name(other, key)), None)
    if other is not None:
        return f"the keys '{other}' and '{key}' differ in case only, and IAM takes one of them. Remove one."
    return None


def parse_role(option, text):
    """Return the :class:`RoleReference` of a name, a name with its path (``/ops/web`` or ``ops/web``), or an ARN.

    :raises InvalidOption: it is none of these.
    """
    path, slash, name = text.rpartition("/")
    if text.startswith("arn:"):
        match = _parse_arn(option, text, "role", "an IAM role")
        reference = RoleReference(match["name"], match["path"], match["account"], match["partition"])
    elif slash:
        reference = RoleReference(name, check_path(option, f"{path}/" if text.startswith("/") else f"/{path}/"))
    else:
        reference = RoleReference(name)
    check_name(option, reference.name, ROLE_NAME_LENGTH)
    return reference


def instance_profile_name(option, text):
    """Return the name of an instance profile that is written as a name or an ARN.

    :raises InvalidOption: it is neither.
    """
    if text.startswith("arn:"):
        text = _parse_arn(option, text, "instance-profile", "an instance profile")["name"]
    return check_name(option, text, PROFILE_NAME_LENGTH)


def _parse_arn(option, text, kind, noun):
    match = _ARN.fullmatch(text)
    if match is None or match["kind"] != kind:
        raise InvalidOption(
            f"{option}: '{text}' is not the ARN of {noun}. Write one such as 'arn:aws:iam::123456789012:{kind}/web'."
        )
    return match
