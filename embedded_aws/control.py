# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The control API: what the embedded AWS can be told over HTTP. Paths start with /embedded-aws/."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from . import actions, instance_refresh, lifecycle
from .call_log import CALL_LOG
from .faults import FAULTS
from .registry import RULES
from .settings import SETTINGS

PREFIX = "/embedded-aws/"


def reset() -> None:
    """Forget faults and calls, and put the settings back to what the command line said. Moto resets its own state."""
    SETTINGS.reset()
    FAULTS.reset()
    CALL_LOG.reset()
    instance_refresh.reset()
    lifecycle.reset()


def _json(request: Request) -> Any:
    """Return the body with any content type; curl says that it is a form."""
    return request.get_json(force=True)


def _settings(request: Request) -> Any:
    if request.method in ("PUT", "POST", "PATCH"):
        SETTINGS.change(_json(request))
    elif request.method == "DELETE":
        SETTINGS.reset()
    return SETTINGS.as_dict()


def _faults(request: Request) -> Any:
    if request.method in ("PUT", "POST"):
        given = _json(request)
        for fault in given if isinstance(given, list) else [given]:
            FAULTS.add(fault)
    elif request.method == "DELETE":
        FAULTS.reset()
    return FAULTS.as_list()


def _calls(request: Request) -> Any:
    if request.method == "DELETE":
        CALL_LOG.reset()
    query = {name: values[0] for name, values in parse_qs(request.query_string.decode()).items()}
    return CALL_LOG.read(**{name: query[name] for name in ("service", "operation", "outcome") if name in query})


def _counts(request: Request) -> Any:
    return CALL_LOG.counts()


def _rules(request: Request) -> Any:
    names = ("name", "kind", "service", "operations", "when", "code", "status", "text", "source")
    return [{name: getattr(rule, name) for name in names} for rule in RULES.values()]


def _actions(request: Request) -> Any:
    given = _json(request)
    return actions.perform(given.pop("action", ""), given)


_PAGES: dict[str, Callable[[Request], Any]] = {
    "settings": _settings,
    "faults": _faults,
    "calls": _calls,
    "calls/counts": _counts,
    "rules": _rules,
    "actions": _actions,
}


def respond(environ: dict[str, Any]) -> Response:
    """Answer a request to the control API; a mistake in it is 400 with its reason."""
    request = Request(environ)
    page = _PAGES.get(request.path[len(PREFIX) :].strip("/"))
    if page is None:
        answer, status = {"error": f"there are: {', '.join(PREFIX + name for name in _PAGES)}"}, 404
    else:
        try:
            answer, status = page(request), 200
        except (ValueError, TypeError, KeyError, BadRequest) as error:
            answer, status = {"error": str(error)}, 400
    return Response(json.dumps(answer) + "\n", status=status, content_type="application/json")
