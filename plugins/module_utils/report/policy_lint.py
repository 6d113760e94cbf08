# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The findings of parliament about policy documents, where it is installed: https://github.com/duo-labs/parliament.
Private to the collection: names and shapes can change in any release."""

import functools
import json


def linter():
    """Return a function that returns pairs of severity and sentence about a policy document, or None without parliament."""
    try:
        import parliament
    except ImportError:
        return None

    @functools.cache
    def sentences(text):
        found = []
        try:
            findings = parliament.analyze_policy_string(text).findings
        except Exception as error:  # noqa: BLE001 - a policy that it fails on must not end the report
            return (("low", f"parliament failed: {type(error).__name__}: {error}"),)
        for finding in findings:
            finding = parliament.enhance_finding(finding)
            # What it calls muted is what its own configuration leaves out.
            if finding.severity != "MUTED":
                detail = f": {finding.detail}" if finding.detail else ""
                found.append((finding.severity.lower(), f"{finding.title or finding.issue}{detail}"))
        return tuple(dict.fromkeys(found))

    return lambda document: sentences(json.dumps(document, sort_keys=True))
