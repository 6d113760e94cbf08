# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The WSGI application: control API, faults, call log, and behind them moto's own server application."""

from __future__ import annotations

import contextlib
import select
import socket
import struct
import threading
import time
from collections.abc import Iterable
from typing import Any, NoReturn

from moto.core.utils import get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from . import control
from .bodies import plain_error, replaced, unknown_action
from .call_log import CALL_LOG
from .exchange import CURRENT, read_exchange
from .faults import FAULTS

RESET_PATH = "/moto-api/reset"
LOST = {"reset": "the answer was lost", "timeout": "no answer came"}
# No client waits longer; the thread ends at last.
MOST_SECONDS_OF_SILENCE = 600


class Application:
    """Serves AWS's APIs through moto, one call at a time, and the control API beside them."""

    def __init__(self) -> None:
        self.moto = DomainDispatcherApplication(create_backend_app)
        # Moto's backends are plain dicts and lists that are read and changed without a lock of their own.
        self.lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(control.PREFIX):
            with self.lock:
                if path.strip("/") == "embedded-aws/reset":
                    environ["PATH_INFO"] = RESET_PATH
                    return self._reset(environ, start_response)
                return control.respond(environ)(environ, start_response)
        if path.startswith("/moto-api"):
            with self.lock:
                if path == RESET_PATH:
                    return self._reset(environ, start_response)
                return self.moto(environ, start_response)
        return self._call(environ, start_response)

    def warm_up(self) -> None:
        """Make the applications of the chain's services now rather than at the first request."""
        for service in ("iam", "sts", "ec2", "autoscaling", "moto_api"):
            self.moto.app_instances[service] = create_backend_app(service)
        for service in ("iam", "ec2", "autoscaling"):
            get_service_model(service)

    def _reset(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self.moto(environ, start_response)
        control.reset()
        return answer

    def _call(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        exchange = read_exchange(environ)
        delay = FAULTS.strike(exchange)
        if delay:
            time.sleep(delay)
        if exchange.before:
            exchange.outcome = f"{exchange.before} before the effect"
            CALL_LOG.add(exchange)
            _end(exchange.before, environ)
        if exchange.body and not exchange.body.effect:
            exchange.outcome = f"{exchange.body.kind} before the effect"
            CALL_LOG.add(exchange)
            return replaced(exchange.body, 200, b"")(environ, start_response)
        if (refusal := unknown_action(exchange)) is not None:
            exchange.outcome = refusal.code
            CALL_LOG.add(exchange)
            return plain_error(exchange, refusal)(environ, start_response)
        answer: list[bytes] = []
        held: list[Any] = []

        def hold_response(status: str, headers: Any, exc_info: Any = None) -> Any:
            held[:] = [status, headers]
            return answer.append

        token = CURRENT.set(exchange)
        try:
            with self.lock:
                body = self.moto(environ, hold_response)
                answer.extend(body)
                if hasattr(body, "close"):
                    body.close()
        finally:
            CURRENT.reset(token)
        if not exchange.outcome:
            exchange.outcome = held[0].split(" ", 1)[0]
        if exchange.after:
            exchange.outcome = f"{exchange.outcome}, then {LOST[exchange.after]}"
            CALL_LOG.add(exchange)
            _end(exchange.after, environ)
        if exchange.body:
            exchange.outcome = f"{exchange.outcome}, then {exchange.body.kind}"
            CALL_LOG.add(exchange)
            status = int(held[0].split(" ", 1)[0])
            return replaced(exchange.body, status, b"".join(answer))(environ, start_response)
        CALL_LOG.add(exchange)
        start_response(*held)
        return answer


def _end(how: str, environ: dict[str, Any]) -> NoReturn:
    """End a connection without an answer: at once, or only when the client has given up."""
    if how == "timeout":
        connection: socket.socket = environ["werkzeug.socket"]
        end = time.monotonic() + MOST_SECONDS_OF_SILENCE
        while time.monotonic() < end:
            readable, _writable, _failed = select.select([connection], [], [], 0.5)
            # A client that has gone away is readable and has nothing to read.
            if readable and not connection.recv(1, socket.MSG_PEEK):
                break
    _reset_connection(environ)


def _reset_connection(environ: dict[str, Any]) -> NoReturn:
    """Break the TCP connection with RST, as a load balancer or a failing host does."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with contextlib.suppress(OSError):
        # The file objects of the handler keep the descriptor open; detaching makes close() send the RST now.
        socket.socket(fileno=connection.detach()).close()
    raise ConnectionResetError("a fault reset this connection")
