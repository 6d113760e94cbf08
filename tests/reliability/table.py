# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Cases that were tried, those that passed, and which of them a run tries."""

from __future__ import annotations

import json
import os
import zlib
from collections import Counter
from pathlib import Path

# One case of so many is tried, chosen by a checksum of its text, so that it is the same in each run; 1 is all of them.
SAMPLE = int(os.environ.get("RELIABILITY_SAMPLE", "60"))
FILE = Path(__file__).resolve().parents[2] / ".build" / "reliability.json"

CASES: Counter = Counter()
PASSED: Counter = Counter()
FAILURES: list[dict] = []


def is_chosen(*case):
    """Return whether a run tries a case."""
    return zlib.crc32(" ".join(map(str, case)).encode()) % SAMPLE == 0


def sample(part, cases):
    """Return the first of the cases, and those that a run tries."""
    return [case for number, case in enumerate(cases) if number == 0 or is_chosen(part, *case)]


def count(part, subject, kind, problems):
    """Count a case, which passed if it has no problems."""
    CASES[part, subject, kind] += 1
    PASSED[part, subject, kind] += not problems
    if problems:
        FAILURES.append({"part": part, "subject": subject, "kind": kind, "problems": problems})


def lines():
    """Return the cases by subject, and last all of them, as a table."""
    rows: dict = {}
    for (part, subject, kind), cases in CASES.items():
        row = rows.setdefault((part, subject), [0, 0, set()])
        row[0], row[1] = row[0] + cases, row[1] + PASSED[part, subject, kind]
        row[2].add(kind)
    if not rows:
        return []
    width = max(len(f"{part}: {subject}") for part, subject in rows)
    table = [f"{'reliability':{width}}  cases  passed  kinds"]
    for (part, subject), (cases, passed, kinds) in rows.items():
        table.append(f"{f'{part}: {subject}':{width}}  {cases:5}  {passed:6}  {len(kinds):5}")
    kinds = {kind for dummy, dummy2, kind in CASES}
    return [*table, f"{'all':{width}}  {sum(CASES.values()):5}  {sum(PASSED.values()):6}  {len(kinds):5}"]


def write():
    """Write the cases to .build/reliability.json."""
    rows = [
        {"part": part, "subject": subject, "kind": kind, "cases": cases, "passed": PASSED[part, subject, kind]}
        for (part, subject, kind), cases in CASES.items()
    ]
    totals = {"cases": sum(CASES.values()), "passed": sum(PASSED.values())}
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(
        json.dumps({"sample": SAMPLE, **totals, "rows": rows, "failures": FAILURES}, indent=1), encoding="utf-8"
    )
