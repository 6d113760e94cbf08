# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Talk to a running embedded AWS: clients of its APIs, and its control API."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

ACCESS_KEY, SECRET_KEY, REGION = "fake-access-key", "not-a-secret", "us-east-1"


class EmbeddedAWS:
    """A running embedded AWS by its URL. Clients are made once and kept; botocore doesn't retry for them."""

    def __init__(self, url: str):
        self.url = url
        self._clients: dict[tuple[str, ...], Any] = {}

    def client(
        self, service: str, region: str = REGION, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY
    ) -> Any:
        """A boto3 client of this server."""
        key = (service, region, access_key, secret_key)
        if key not in self._clients:
            import boto3
            from botocore.config import Config

            self._clients[key] = boto3.client(
                service, region_name=region, endpoint_url=self.url, aws_access_key_id=access_key,
                aws_secret_access_key=secret_key, config=Config(retries={"total_max_attempts": 1}),
            )  # fmt: skip
        return self._clients[key]

    def environment(self) -> dict[str, str]:
        """The environment variables that point boto3, the aws command line and Ansible at this server."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        }

    def reset(self) -> None:
        """An empty account, no faults, no calls, and the settings that the command line gave."""
        self.control("POST", "reset")

    def set(self, **settings: Any) -> dict[str, Any]:
        """Change settings; returns all of them. Raises ValueError when one is wrong."""
        return self.control("PUT", "settings", settings)

    def fault(self, kind: str, operation: str = "*", **more: Any) -> None:
        """Set a fault, see faults.Fault."""
        self.control("POST", "faults", {"kind": kind, "operation": operation, **more})

    def calls(self, **filters: str) -> list[dict[str, Any]]:
        """The call log, oldest first; filter by ``service``, ``operation``, ``outcome``."""
        query = "&".join(f"{name}={value}" for name, value in filters.items())
        return self.control("GET", f"calls?{query}")

    def counts(self) -> dict[str, Any]:
        """How many calls there were, in all and by operation, since the last reset."""
        return self.control("GET", "calls/counts")

    def reset_calls(self) -> None:
        self.control("DELETE", "calls")

    def action(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Make something happen behind the client's back, see actions.py."""
        return self.control("POST", "actions", {"action": action, **arguments})

    def control(self, method: str, page: str, content: Any = None) -> Any:
        """One request to the control API. Raises ValueError with the server's reason when it is refused."""
        body = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(
            f"{self.url}/embedded-aws/{page}", data=body, method=method, headers={"Content-Type": "application/json"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["error"]) from None
