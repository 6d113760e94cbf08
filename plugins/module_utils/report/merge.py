# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reports of several accounts and Regions as one, for a page. Pure.
Private to the collection: names and shapes can change in any release."""

from .catalogue import CATALOGUE, SEVERITIES


def merge(reports):
    """Return reports as one: the worst applications first, with account and Region, and what they have in common.

    IAM is the same in all Regions of an account: what has nothing in a Region is left out where another Region has it, and is otherwise
    there once.

    :param reports: as the module ``report_info`` returns them.
    """
    rows = sorted(_rows(reports), key=_rank)
    named = [(row, finding) for row in rows for finding in row["findings"]]
    return dict(
        created=max((report["created"] for report in reports), default=""),
        places=[dict(account=report["account"], region=report["region"]) for report in reports],
        applications=rows,
        catalogue=CATALOGUE,
        severities=[
            dict(
                name=severity,
                applications=sum(1 for row in rows if row["severity"] == severity),
                affected=len(
                    {id(row) for row, each in named if each["severity"] == severity and "accepted" not in each}
                ),
                findings=sum(1 for dummy, each in named if each["severity"] == severity and "accepted" not in each),
            )
            for severity in SEVERITIES
        ],
        findings=_by_name(rows),
        totals=dict(
            applications=len(rows),
            clean=sum(1 for row in rows if not row["severity"]),
            broken=sum(1 for row in rows if row["is_broken"]),
            groups=sum(1 for row in rows if row["group"]),
            instances=sum(row["instances"]["total"] for row in rows),
            outdated=sum(row["instances"]["outdated"] for row in rows),
            on_launch_configuration=sum(
                1 for row in rows for each in row["findings"] if each["name"] == "launch_configuration"
            ),
            accepted=sum(1 for dummy, each in named if "accepted" in each),
        ),
        **{kind: _with_place(reports, kind) for kind in ("orphans", "not_read", "unused_acceptances")},
    )


def _rows(reports):
    regional = {
        (report["account"], name.casefold())
        for report in reports
        for row in report["applications"]
        if row["is_regional"]
        for name in row["profiles"]
    }
    known: set = set()
    for report in reports:
        for row in report["applications"]:
            keys = {
                (report["account"], name.casefold()) for name in row["profiles"] or [f"{row['kind']} {row['name']}"]
            }
            if not row["is_regional"] and row["kind"] != "declared":
                if keys & (regional | known):
                    continue
                known |= keys
            yield dict(row, account=report["account"], region=report["region"])


def _rank(row):
    severity = SEVERITIES.index(row["severity"]) if row["severity"] else len(SEVERITIES)
    return severity, not row["is_broken"], row["name"].casefold(), row["account"], row["region"]


def _by_name(rows):
    """Return the findings that occur, the worst and the most frequent first."""
    counts: dict = {}
    for row in rows:
        worst = {each["name"]: each["severity"] for each in reversed(row["findings"]) if "accepted" not in each}
        for name, severity in worst.items():
            counts.setdefault(name, []).append(severity)
    found = [
        dict(name=name, severity=min(severities, key=SEVERITIES.index), applications=len(severities))
        for name, severities in counts.items()
    ]
    return sorted(found, key=lambda each: (SEVERITIES.index(each["severity"]), -each["applications"], each["name"]))


def _with_place(reports, kind):
    return [
        dict(account=report["account"], region=report["region"], text=text)
        for report in reports
        for text in report[kind]
    ]
