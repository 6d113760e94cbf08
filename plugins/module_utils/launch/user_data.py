# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""User data of instances. It often holds secrets, so it is shown by digest and size only.
Private to the collection: names and shapes can change in any release."""

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import InvalidOption

OPTIONS = ("user_data", "user_data_base64", "user_data_path")


@dataclass(frozen=True)
class UserData:
    """User data as instances see it, decoded. The content never appears in ``repr``."""

    content: bytes = field(repr=False)

    @property
    def sha256(self):
        """The hexadecimal SHA-256 digest of the content; empty for no content."""
        return hashlib.sha256(self.content).hexdigest() if self.content else ""

    @property
    def size(self):
        """The number of bytes."""
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
    except ValueError:
        raise ValueError("not base64") from None


def from_params(params, largest):
    """Return the user data that the options set, or None. An empty text is unset, except ``user_data`` alone.

    :param largest: most bytes that AWS takes.
    :raises InvalidOption: several are set, the file cannot be read, the text is not base64, or too long.
    """
    given = [name for name in OPTIONS if params.get(name)]
    if len(given) > 1:
        raise InvalidOption(f"{given[0]}: mutually exclusive with {' and '.join(given[1:])}. Set only one of them.")
    if not given:
        return None if params.get("user_data") is None else UserData(b"")
    (option,) = given
    if option == "user_data_path":
        try:
            user_data = UserData(Path(params[option]).read_bytes())
        except OSError as error:
            raise InvalidOption(
                f"{option}: '{params[option]}' cannot be read: {error.strerror}. "
                "It is read on the host that runs the module."
            ) from error
    elif option == "user_data":
        user_data = UserData(params[option].encode("utf-8", "surrogateescape"))
    else:
        try:
            user_data = from_base64(params[option])
        except ValueError:
            raise InvalidOption(f"{option}: the value is not base64. Encode it, or use user_data for text.") from None
    if user_data.size > largest:
        raise InvalidOption(
            f"{option}: the user data has {user_data.size} bytes; AWS takes at most {largest} before encoding. "
            "Compress it, or keep it elsewhere and let a short script fetch it."
        )
    return user_data
