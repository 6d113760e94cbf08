# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The goals of `make benchmark`: each at its limit, beyond it, and not measured."""

from __future__ import annotations

import pytest

from benchmarks.goals import LATENCY, goals
from benchmarks.results import Place, Results, Run, Used, quotient, times

PROFILE, PEER_PROFILE = "launchkit.aws.iam_instance_profile", "amazon.aws.iam_instance_profile"
OTHER, PEER_OTHER = "launchkit.aws.other", "amazon.aws.other"


def run(part, applications, what, who, wall=1.0, calls=1, memory=100, latency=LATENCY):
    return Run(part, applications, latency, what, who, Used(wall, wall, memory, calls, {}))


def verdicts(runs, text):
    return [goal.reached for goal in goals(Results(runs)) if text in goal.text]


def pair(part, applications, what, other, **ours):
    """This collection with some figures beside a run of 1 s and 10 calls."""
    return [run(part, applications, what, "launchkit", **ours), run(part, applications, what, other, calls=10)]


def unchanged(wall):
    """Beside a script of 1 s, with a start-up of 0.5 s."""
    return [
        *pair("fleet", 100, "unchanged", "by_hand", wall=wall),
        run("fleet", 100, "start_up", "launchkit", wall=0.5),
    ]


def module(name, other, **ours):
    return [run("modules", 0, name, name, **ours), run("modules", 0, name, other, calls=2)]


@pytest.mark.parametrize(
    ("text", "reached", "missed"),
    [
        (
            "ms: unchanged at most 0.55x of the existing modules' time",
            pair("application", 1, "unchanged", "peer", wall=0.55),
            pair("application", 1, "unchanged", "peer", wall=0.56),
        ),
        (
            "ms: bootstrap at most 1.2x of the existing modules' time",
            pair("application", 1, "bootstrap", "peer", wall=1.2),
            pair("application", 1, "bootstrap", "peer", wall=1.21),
        ),
        (
            "unchanged with fewer API calls",
            pair("application", 1, "unchanged", "peer", calls=9),
            pair("application", 1, "unchanged", "peer", calls=10),
        ),
        (
            "bootstrap of 100 at least 30x faster",
            pair("fleet", 100, "bootstrap", "peer", wall=1 / 31),
            pair("fleet", 100, "bootstrap", "peer", wall=1 / 29),
        ),
        (
            "unchanged of 100 at least 50x faster",
            pair("fleet", 100, "unchanged", "peer", wall=1 / 51),
            pair("fleet", 100, "unchanged", "peer", wall=1 / 49),
        ),
        (
            "bootstrap of 100 with at most 1.2x the script's API calls",
            pair("fleet", 100, "bootstrap", "by_hand", calls=12),
            pair("fleet", 100, "bootstrap", "by_hand", calls=13),
        ),
        (
            "unchanged 100 with at most 15 API calls",
            pair("fleet", 100, "unchanged", "by_hand", calls=15),
            pair("fleet", 100, "unchanged", "by_hand", calls=16),
        ),
        (
            "report of 100 applications with groups with at most 12 API calls",
            [run("groups", 100, "report", "launchkit", calls=12)],
            [run("groups", 100, "report", "launchkit", calls=13)],
        ),
        ("less ansible-playbook's start-up, at most 2x", unchanged(2.5), unchanged(2.6)),
        (
            "bootstrap of 1000 at most 1.6x",
            pair("fleet", 1000, "bootstrap", "by_hand", wall=1.6),
            pair("fleet", 1000, "bootstrap", "by_hand", wall=1.61),
        ),
        (
            "one change among 1000 with at most 15 API calls",
            pair("fleet", 1000, "one_changed", "by_hand", calls=15),
            pair("fleet", 1000, "one_changed", "by_hand", calls=16),
        ),
        (
            "at 1000 applications at most 400 MB",
            pair("fleet", 1000, "bootstrap", "by_hand", memory=400),
            pair("fleet", 1000, "bootstrap", "by_hand", memory=401),
        ),
        (
            "unchanged at 1000 at most 100 times as long as at 10",
            [run("fleet", 10, "unchanged", "launchkit"), run("fleet", 1000, "unchanged", "launchkit", wall=100)],
            [run("fleet", 10, "unchanged", "launchkit"), run("fleet", 1000, "unchanged", "launchkit", wall=101)],
        ),
        (
            "removal of 100 with groups at most 3x",
            pair("removal", 100, "removal", "by_hand", wall=3),
            pair("removal", 100, "removal", "by_hand", wall=3.1),
        ),
    ],
)
def test_goal_at_and_beyond_its_limit(text, reached, missed):
    assert verdicts(reached, text) == [True]
    assert verdicts(missed, text) == [False]
    assert verdicts([], text) == [None]


@pytest.mark.parametrize(
    ("name", "other", "figures", "expected"),
    [
        (PROFILE, PEER_PROFILE, {"wall": 0.9, "calls": 2}, [True, True]),
        (PROFILE, PEER_PROFILE, {"wall": 0.84, "calls": 3}, [False, True]),
        (PROFILE, PEER_PROFILE, {"wall": 0.91, "calls": 2}, [True, False]),
        # Without a limit of its own.
        (OTHER, PEER_OTHER, {"wall": 0.9, "calls": 2}, [True, True]),
        (OTHER, PEER_OTHER, {"wall": 0.91, "calls": 2}, [True, False]),
    ],
)
def test_goals_of_single_modules(name, other, figures, expected):
    assert verdicts(module(name, other, **figures), f"{name} at 80 ms") == expected


def test_other_latency_and_number_do_not_count():
    runs = [
        run("removal", 100, "removal", "launchkit", latency=0),
        run("removal", 100, "removal", "by_hand", latency=0),
        *pair("removal", 10, "removal", "by_hand"),
    ]
    assert verdicts(runs, "removal of 100") == [None]


def test_one_application_has_goals_at_each_latency():
    runs = [
        run("application", 1, "bootstrap", who, wall=wall, latency=latency)
        for latency in (0, LATENCY)
        for who, wall in (("launchkit", 1.0 + latency * 10), ("peer", 1.0))
    ]
    assert verdicts(runs, "bootstrap at most 1.2x of") == [True, False]


def test_figures_are_medians_of_time_and_maxima_of_calls():
    results = Results(
        [run("fleet", 10, "unchanged", "launchkit", wall=wall, calls=calls) for wall, calls in ((1, 3), (9, 2), (2, 4))]
    )
    place = Place("fleet", 10, LATENCY)
    assert results.places() == [place]
    assert results.wall(place, "unchanged", "launchkit") == 2
    assert results.calls(place, "unchanged", "launchkit") == 4
    assert results.ratio(place, "unchanged", "launchkit", "peer") is None


@pytest.mark.parametrize(
    ("value", "divisor", "shown"), [(1, 2, "0.50x"), (33, 1, "33x"), (0, 2, "0.00x"), (1, None, "-"), (1, 0, "-")]
)
def test_ratio_is_shown_with_two_digits_below_ten(value, divisor, shown):
    assert times(quotient(value, divisor)) == shown
