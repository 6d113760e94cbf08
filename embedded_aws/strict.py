# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Puts the rules between moto's request parsing and moto's own implementation of each operation."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse, EmptyResult
from moto.core.utils import camelcase_to_underscores
from moto.sts.responses import TokenResponse
from werkzeug.exceptions import HTTPException

from . import instance_refresh, lifecycle
from .authorization import authorize
from .exchange import CURRENT, Exchange
from .registry import RULES, Refusal, Rule, rules_for

# The code of an answer that is not AWS's but a defect in here or in moto.
FAILURE = "EmbeddedAWSFailure"


class Call:
    """One API call as a rule sees it: the parsed parameters, and the state of the account in the call's Region."""

    def __init__(self, response: BaseResponse, operation: str, exchange: Exchange):
        # Moto's response class of the service, which has more methods than the one they all come from.
        self.response: Any = response
        self.service = response.service_name or ""
        self.operation = operation
        self.exchange = exchange
        self.params: dict[str, Any] = getattr(response, "params", None) or {}
        self.account = response.current_account
        self.region = response.region
        self.partition = response.partition

    @property
    def iam(self) -> Any:
        from moto.iam.models import iam_backends

        return iam_backends[self.account][self.partition]

    @property
    def autoscaling(self) -> Any:
        from moto.autoscaling.models import autoscaling_backends

        return autoscaling_backends[self.account][self.region]

    @property
    def ec2(self) -> Any:
        from moto.ec2.models import ec2_backends

        return ec2_backends[self.account][self.region]


def perform(call: Call, rules: list[Rule], moto_method: Callable[[], Any] | None) -> Any:
    """Apply an operation's rules in order: refusals, then the answer, then the amendments."""
    for rule in rules:
        if rule.kind == "refuses" and rule.enabled:
            values = rule.act(call)
            if values is not None:
                raise Refusal(rule.code, rule.text.format(**values), rule.status)
    answer = next((rule for rule in rules if rule.kind == "answers" and rule.enabled), None)
    if answer is not None:
        result = answer.act(call, moto_method)
        if not isinstance(result, ActionResult):
            result = EmptyResult() if result is None else ActionResult(result)
    elif moto_method is not None:
        result = moto_method()
    else:
        # Nobody has written it: the call log and the client are told so, by a failure that is never AWS's answer.
        raise NotImplementedError(f"The {call.operation} action has not been implemented")
    for rule in rules:
        if rule.kind == "amends" and rule.enabled:
            rule.act(call, result)
    return result


def _serialized_refusal(response: BaseResponse, refusal: Refusal) -> Any:
    _status, headers, body = response.serialized(ActionResult(refusal))
    return refusal.status, {**headers, "status": refusal.status}, body


def _guarded(call: Call, moto_method: Callable[[], Any] | None) -> Any:
    """What moto calls instead of its own method for the operation."""
    exchange = call.exchange
    exchange.note_arguments(call.params)
    try:
        if exchange.error is not None:
            raise exchange.error
        lifecycle.advance()
        instance_refresh.advance()
        authorize(call)
        rules = rules_for(call.service, call.operation)
        result = perform(call, rules, moto_method) if rules else (moto_method and moto_method())
        exchange.outcome = "ok"
        return result
    except Refusal as refusal:
        exchange.outcome = refusal.code
        return _serialized_refusal(call.response, refusal)
    except ServiceException as error:
        exchange.outcome = error.code
        raise
    except HTTPException as error:
        exchange.outcome = str(getattr(error, "error_type", error.code))
        raise
    except Exception as error:  # noqa: BLE001
        # Neither AWS's answer nor worth a retry: say what went wrong in here instead of moto's HTML page.
        traceback.print_exc()
        exchange.outcome = FAILURE
        return _serialized_refusal(
            call.response, Refusal(FAILURE, f"{call.operation}: {type(error).__name__}: {error}")
        )


def install() -> None:
    """Hook the rules into moto. Called once, after the modules of ``rules`` have been imported."""
    original = BaseResponse.call_action
    # Moto warns about codes that botocore's models don't list; the rules give the source of theirs.
    warnings.filterwarnings("ignore", message="Exception.*does not match an error shape")

    def call_action(self: BaseResponse) -> Any:
        exchange = CURRENT.get()
        operation = self._get_action()
        if exchange is None or not operation:
            return original(self)
        method_name = camelcase_to_underscores(operation)
        moto_method = getattr(self, method_name, None)
        call = Call(self, operation, exchange)
        if moto_method is None:
            exchange.outcome = FAILURE
            refusal = Refusal(FAILURE, f"neither moto nor the embedded AWS knows {call.service}:{operation}")
            status, headers, body = _serialized_refusal(self, refusal)
            return status, {**headers, "status": str(status)}, body
        setattr(self, method_name, lambda: _guarded(call, moto_method))
        return original(self)

    BaseResponse.call_action = call_action  # type: ignore[method-assign]
    # Moto's own access control, which is off, asks for the resource, and fails where a parameter is missing.
    TokenResponse._determine_resource = lambda self: "*"  # type: ignore[method-assign]
    _announce_new_operations()


def _announce_new_operations() -> None:
    """Moto looks for an operation on the class before it calls it, so operations it lacks get a place holder there."""
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.ec2.responses import EC2Response
    from moto.iam.responses import IamResponse

    def missing(self: Any) -> Any:
        raise NotImplementedError

    classes = {"autoscaling": AutoScalingResponse, "ec2": EC2Response, "iam": IamResponse, "sts": TokenResponse}
    for rule in RULES.values():
        if rule.kind != "answers":
            continue
        for operation in rule.operations:
            name = camelcase_to_underscores(operation)
            if not hasattr(classes[rule.service], name):
                setattr(classes[rule.service], name, missing)
