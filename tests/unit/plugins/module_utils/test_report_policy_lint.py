# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The findings of parliament, which is not among the development tools: a stand-in has the parts of it that are used."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.report import policy_lint


@pytest.fixture
def parliament(monkeypatch):
    def enhance(finding):
        return SimpleNamespace(**{"title": "", "detail": "", "severity": "LOW", **finding})

    module = SimpleNamespace(enhance_finding=enhance, texts=[])

    def analyze(text):
        module.texts.append(text)
        return SimpleNamespace(findings=module.findings)

    module.analyze_policy_string = analyze
    monkeypatch.setitem(sys.modules, "parliament", module)
    return module


def test_linter_without_parliament_is_none(monkeypatch):
    monkeypatch.setitem(sys.modules, "parliament", None)
    assert policy_lint.linter() is None


def test_linter_returns_severity_and_sentence(parliament):
    parliament.findings = [
        {"issue": "UNKNOWN_ACTION", "title": "Unknown action", "detail": "s3:GetObjet"},
        {"issue": "RESOURCE_MISMATCH", "severity": "MEDIUM"},
        {"issue": "SILENT", "severity": "MUTED"},
    ]
    lint = policy_lint.linter()
    expected = (("low", "Unknown action: s3:GetObjet"), ("medium", "RESOURCE_MISMATCH"))
    assert lint({"a": 1, "b": 2}) == lint({"b": 2, "a": 1}) == expected
    # The same policy of many roles is analyzed once.
    assert len(parliament.texts) == 1


def test_linter_goes_on_if_parliament_fails(parliament):
    parliament.findings = None
    parliament.analyze_policy_string = lambda text: text.missing
    ((severity, sentence),) = policy_lint.linter()({})
    assert severity == "low"
    assert "AttributeError" in sentence
