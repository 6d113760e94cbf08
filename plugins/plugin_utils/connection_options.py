# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options by which amazon.aws's modules and ours reach AWS, for actions that hand them on to other modules."""

from __future__ import annotations

# Option -> its aliases. amazon.aws computes them with botocore at hand, which the controller may not have; a test compares.
CONNECTION_OPTIONS = {
    "access_key": ("aws_access_key_id", "aws_access_key"),
    "aws_ca_bundle": (),
    "aws_config": (),
    "debug_botocore_endpoint_logs": (),
    "endpoint_url": ("aws_endpoint_url",),
    "profile": ("aws_profile",),
    "region": ("aws_region",),
    "secret_key": ("aws_secret_access_key", "aws_secret_key"),
    "session_token": ("aws_session_token",),
    "validate_certs": (),
}
_OPTION_OF = {spelling: option for option, aliases in CONNECTION_OPTIONS.items() for spelling in (option, *aliases)}
CONNECTION_NAMES = frozenset(_OPTION_OF)
_STATIC_KEYS = frozenset({"access_key", "secret_key", "session_token"})


def connection_options(arguments):
    """Return those of a task's options that are about the connection to AWS, spelled as they are there."""
    return {name: value for name, value in arguments.items() if name in CONNECTION_NAMES}


def with_connection(options, connection):
    """Return ``options`` with those of ``connection`` that they don't say otherwise themselves, by whatever alias.

    Keys belong together, and amazon.aws refuses them beside a profile: options that bring either of them get neither.
    """
    said = {_OPTION_OF[name] for name in options if name in CONNECTION_NAMES}
    if said & (_STATIC_KEYS | {"profile"}):
        said |= _STATIC_KEYS | {"profile"}
    inherited = {name: value for name, value in connection.items() if _OPTION_OF[name] not in said}
    return {**inherited, **options}
