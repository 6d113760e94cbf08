# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The list of rules: where this server answers differently from plain moto, and on what ground.

Three kinds of rule, each naming the operations it applies to, a condition in words, and the AWS source:

* ``refuses``: returns None when the request is fine, otherwise the values for the rule's error text.
* ``answers``: answers the operation itself. Its second argument calls moto's own implementation, if there is one.
* ``amends``: runs after the operation succeeded, to put moto's state right.

A fourth, ``corrects``, replaces a method of one of moto's models, for behaviour that is not tied to one operation.
A source that says "unverified" marks what nobody could
confirm. Any rule can be switched off by name (the setting ``disabled_rules``), so that a test can prove it is needed.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .settings import SETTINGS


class Refusal(Exception):
    """An AWS error answer: ``code`` and ``message`` as AWS gives them, ``status`` the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400):
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


@dataclass(frozen=True)
class Rule:
    """One line of the list. ``code``, ``status`` and ``text`` are set for refusals only."""

    name: str
    kind: str
    service: str
    operations: tuple[str, ...]
    when: str
    source: str
    act: Callable[..., Any]
    code: str = ""
    status: int = 0
    text: str = ""

    @property
    def enabled(self) -> bool:
        return not SETTINGS.is_disabled(self.name)


RULES: dict[str, Rule] = {}
_BY_OPERATION: dict[tuple[str, str], list[Rule]] = {}


def _register(rule: Rule) -> None:
    if rule.name in RULES:
        raise ValueError(f"two rules are named {rule.name}")
    RULES[rule.name] = rule
    for service in rule.service.split(", "):
        for operation in rule.operations:
            _BY_OPERATION.setdefault((service, operation), []).append(rule)


def rules_for(service: str, operation: str) -> list[Rule]:
    """The rules of one operation, in the order in which they were written down; those of all operations come first."""
    return [*_BY_OPERATION.get((service, "*"), ()), *_BY_OPERATION.get((service, operation), ())]


def _name_of(function: Callable[..., Any]) -> str:
    return function.__name__.replace("_", "-")


def refuses(
    service: str, *operations: str, when: str, code: str, text: str, source: str, status: int = 400
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a refusal; the function's name is the rule's name. Several services are separated by commas."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _register(Rule(_name_of(function), "refuses", service, operations, when, source, function, code, status, text))
        return function

    return decorate


def answers(
    service: str, *operations: str, when: str, source: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register an operation that this server answers itself; the function takes the call and moto's method."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _register(Rule(_name_of(function), "answers", service, operations, when, source, function))
        return function

    return decorate


def amends(
    service: str, *operations: str, when: str, source: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register something to put right after an operation succeeded; the function takes the call and the result."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        _register(Rule(_name_of(function), "amends", service, operations, when, source, function))
        return function

    return decorate


def corrects(model: type, method: str, *, when: str, source: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Replace ``model.method``, which can be a property; the replacement gets moto's own as its first argument."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        declared = getattr(model, method)
        original: Any = declared.fget if isinstance(declared, property) else declared
        rule = Rule(
            _name_of(function),
            "corrects",
            model.__module__.split(".")[1],
            (f"{model.__name__}.{method}",),
            when,
            source,
            function,
        )
        _register(rule)

        @functools.wraps(original)
        def replacement(self: Any, *args: Any, **kwargs: Any) -> Any:
            if not rule.enabled:
                return original(self, *args, **kwargs)
            return function(functools.partial(original, self), self, *args, **kwargs)

        setattr(model, method, property(replacement) if isinstance(declared, property) else replacement)
        return function

    return decorate
