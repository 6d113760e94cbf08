# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One request to the embedded AWS, from the first byte to the answer, and what is noted about it on the way."""

from __future__ import annotations

import io
import re
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")

# The argument that says best what a call was about, the first one present. For the call log.
MAIN_ARGUMENTS = (
    "InstanceProfileName", "RoleName", "PolicyArn", "PolicyName", "UserName", "LaunchConfigurationName", "AutoScalingGroupName",
    "LaunchTemplateName", "LaunchTemplateId", "InstanceId", "PolicySourceArn", "Name",
    "LaunchConfigurationNames", "AutoScalingGroupNames", "LaunchTemplateNames", "LaunchTemplateIds", "InstanceIds", "Names",
)  # fmt: skip


@dataclass
class Exchange:
    """``outcome`` is ``ok``, an error code, or what a fault did to the connection.

    ``demanded`` holds the actions that were checked for a caller who is not the root user, in their order: the last one may be denied.
    """

    service: str
    operation: str
    region: str
    access_key: str
    started: float = field(default_factory=time.time)
    principal: str = ""
    main_argument: str = ""
    outcome: str = ""
    demanded: list[str] = field(default_factory=list)
    error: Any = None  # the fault to answer with instead of doing anything
    before: str = ""  # what happens to the connection before the effect: reset or timeout
    after: str = ""  # the same after the effect, when the answer is due
    body: Any = None  # the fault that replaces the body of the answer

    def note_arguments(self, params: dict[str, Any]) -> None:
        for name in MAIN_ARGUMENTS:
            value = params.get(name)
            if value:
                self.main_argument = ",".join(map(str, value)) if isinstance(value, list) else str(value)
                return


CURRENT: ContextVar[Exchange | None] = ContextVar("exchange", default=None)


def read_exchange(environ: dict[str, Any]) -> Exchange:
    """Read service, Region, key and operation off a signed request, and leave its body readable for moto."""
    service = region = access_key = operation = ""
    authorization = environ.get("HTTP_AUTHORIZATION", "")
    scope = authorization.partition("Credential=")[2].split(",", 1)[0].split("/")
    if len(scope) >= 5:
        # An access key may hold a slash only if it is a fake one; the last four parts are fixed.
        access_key, region, service = "/".join(scope[:-4]), scope[-3], scope[-2]
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        operation = target.rpartition(".")[2]
    else:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if length else b""
        environ["wsgi.input"] = io.BytesIO(body)
        found = _ACTION.search(body) or _ACTION.search(environ.get("QUERY_STRING", "").encode())
        operation = found.group(1).decode() if found else ""
    return Exchange(service, operation, region, access_key)
