# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""User data: what an instance is handed at its first start. It often holds secrets, so it is shown by digest and size only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption

# EC2 takes 16 KB before encoding, and Auto Scaling's model takes 21847 characters after it, to which 16383 bytes encode (to 21844)
# and 16384 do not: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateLaunchConfiguration.html
LARGEST = 16383


@dataclass(frozen=True)
class UserData:
    """User data in the form that instances see, which is decoded.

    :param content: the bytes. They never appear in ``repr``.
    """

    content: bytes = field(repr=False)

    @property
    def sha256(self):
        """The hexadecimal SHA-256 digest of the content; empty for no content."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""

    @property
    def size(self):
        """The content's bytes."""
        return len(self.content)

    @property
    def encoded(self):
        """The content in base64, as the API gives and EC2 takes it."""
        return base64.b64encode(self.content).decode("ascii")

    def __repr__(self):
        return f"UserData(sha256={self.sha256!r}, size={self.size})"

    def __str__(self):
        return f"{self.size} bytes, sha256 {self.sha256}" if self.content else "none"


def from_base64(text):
    """Return the user data in the API's encoded form.

    :raises ValueError: the text is not base64. The error does not quote it.
    """
    try:
        return UserData(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


def from_params(params):
    """Return what ``user_data``, ``user_data_base64`` or ``user_data_path`` give, or None when none of them is set.

    :raises InvalidOption: the file cannot be read, the text is not base64, or there are more bytes than AWS takes.
    """
    if params.get("user_data") is not None:
        option, user_data = "user_data", UserData(params["user_data"].encode("utf-8", "surrogateescape"))
    elif params.get("user_data_base64") is not None:
        option = "user_data_base64"
        try:
            user_data = from_base64(params["user_data_base64"])
        except ValueError:
            raise InvalidOption(
                "user_data_base64: the value is not base64. Encode it, or use user_data for plain text."
            ) from None
    elif params.get("user_data_path") is not None:
        option, user_data = "user_data_path", _read(params["user_data_path"])
    else:
        return None
    if user_data.size > LARGEST:
        raise InvalidOption(
            f"{option}: the user data has {user_data.size} bytes; AWS takes at most {LARGEST} before encoding. "
            "Compress it, or keep it elsewhere and let a short script fetch it."
        )
    return user_data


def _read(path):
    try:
        return UserData(Path(path).read_bytes())
    except OSError as error:
        raise InvalidOption(
            f"user_data_path: '{path}' cannot be read: {error.strerror}. It is read on the host that runs the module."
        ) from error
