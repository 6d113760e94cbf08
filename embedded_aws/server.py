# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs the embedded AWS under werkzeug's threaded server, on a loopback address only."""

from __future__ import annotations

import gc
import ipaddress
import socket
from typing import Any

from .settings import SETTINGS


class NotLoopback(ValueError):
    """Raised for an address that other machines could reach."""


def check_loopback(host: str) -> None:
    """Raise NotLoopback unless every address that ``host`` stands for is a loopback address."""
    addresses = {info[4][0] for info in socket.getaddrinfo(host, None)}
    if not all(ipaddress.ip_address(address).is_loopback for address in addresses):
        raise NotLoopback(
            f"{host} is not a loopback address; the embedded AWS serves 127.0.0.1 or another loopback address only"
        )


def make_server(host: str, port: int, settings: dict[str, Any] | None = None) -> Any:
    """A werkzeug server with moto and all rules loaded; ``serve_forever`` runs it, port 0 picks a free one."""
    check_loopback(host)
    SETTINGS.start_with(settings or {})
    # Loading creates a million objects and no garbage: collecting in between doubles the time.
    gc.disable()
    try:
        from . import moto_setup

        moto_setup.load()
        from . import rules, strict

        rules.load()
        strict.install()
        from moto.moto_server.werkzeug_app import MotoRequestHandler
        from werkzeug import serving

        from .application import Application

        class QuietHandler(MotoRequestHandler):
            """Logs nothing: the call log has it all."""

            disable_nagle_algorithm = True

            def log_request(self, *_: Any, **__: Any) -> None:
                pass

        application = Application()
        application.warm_up()
        server = serving.make_server(host, port, application, threaded=True, request_handler=QuietHandler)
        server.daemon_threads = True  # type: ignore[attr-defined]
        gc.freeze()
    finally:
        # What is created in large numbers later is either kept or thrown away at a reset: look rarely.
        gc.set_threshold(50_000, 20, 100)
        gc.enable()
    return server


def url_of(server: Any) -> str:
    host, port = server.server_address[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
