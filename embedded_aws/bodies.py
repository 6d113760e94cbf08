# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Answers that moto has no part in: errors of requests that it can't read, and bodies that are not AWS's."""

from __future__ import annotations

from xml.sax.saxutils import escape

from werkzeug.wrappers import Response

from .exchange import Exchange
from .faults import Fault
from .registry import RULES, Refusal

ERROR = (
    "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>request-id</RequestId></ErrorResponse>"
)
EC2_ERROR = (
    "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>request-id</RequestID></Response>"
)


def unknown_action(exchange: Exchange) -> Refusal | None:
    """The refusal of an action that its service doesn't have; the rule says for which services."""
    rule = RULES["unknown-action"]
    if not exchange.operation or exchange.service not in rule.service.split(", ") or not rule.enabled:
        return None
    values = rule.act(exchange)
    return None if values is None else Refusal(rule.code, rule.text.format(**values), rule.status)


HTML = (
    "<!doctype html>\n<html><head><title>{0}</title></head><body><h1>{0}</h1>The proxy has no answer.</body></html>\n"
)


def replaced(fault: Fault, status: int, body: bytes) -> Response:
    """The answer that comes instead of one with this status and body."""
    status = fault.status or status
    if fault.kind == "html":
        return Response(HTML.format(f"{status} Gateway"), status=status, content_type="text/html")
    if fault.kind == "not_xml":
        return Response("upstream connect error or disconnect", status=status, content_type="text/plain")
    kept = body[: len(body) // 2] if fault.kind == "truncated" else b""
    return Response(kept, status=status, content_type="text/xml")


def plain_error(exchange: Exchange, refusal: Refusal) -> Response:
    template = EC2_ERROR if exchange.service == "ec2" else ERROR
    body = template.format(code=refusal.code, message=escape(refusal.message))
    return Response(body, status=refusal.status, content_type="text/xml")
