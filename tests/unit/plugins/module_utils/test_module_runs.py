# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Modules that are run for many items, in real processes. In place of what Ansible makes of a module is a program with the same two commands.

That Ansible's own does the same is for the integration target.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils import module_runs
from ansible_collections.launchkit.aws.plugins.module_utils.module_runs import ModuleRuns, NotRun

# What it does when it is run is the option "do" of the item.
PROGRAM = """
import json, os, pathlib, sys
unpacked = pathlib.Path(os.path.abspath(os.path.dirname(__file__))) / "debug_dir"
if sys.argv[1] == "explode":
    utilities = unpacked / "ansible_collections/an/other/plugins/module_utils"
    utilities.mkdir(parents=True)
    (utilities / "shared.py").write_text("import os\\nloaded_by = os.getpid()\\nmarks = []\\n")
    (utilities / "broken.py").write_text("import nothing_of_that_name\\n")
    (unpacked / "args").write_text(ARGUMENTS)
else:
    assert sys.argv[1] == "execute"
    arguments = json.loads((unpacked / "args").read_text())["ANSIBLE_MODULE_ARGS"]
    exec(arguments["do"])
"""
SAY = "print(json.dumps({'changed': True, 'arguments': arguments}))"
SPAN = "import time; began = time.monotonic(); time.sleep(0.2); print(json.dumps(dict(span=[began, time.monotonic()])))"
SHARED = "from ansible_collections.an.other.plugins.module_utils import shared\n"


class Runs:
    """Runs the program for items that each are what it does, and keeps what was reported."""

    def __init__(self, folder):
        self.folder = folder
        self.reported = []

    def __call__(self, *items, retry_on=(), retry_timeout=0, concurrency=2, serial_by=None, **arguments):
        arguments = {"ANSIBLE_MODULE_ARGS": {"items": [{"do": item} for item in items], **arguments}}
        payload = f"ARGUMENTS = {json.dumps(arguments)!r}\n{PROGRAM}"
        return ModuleRuns(payload, self.folder, concurrency, serial_by, self.report).all(retry_on, retry_timeout)

    def report(self, index, result):
        self.reported.append((index, result))


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path)


def test_each_run_has_its_own_arguments_beside_ansible_s(runs, tmp_path):
    first, second = runs(SAY, f"{SAY} # second", _ansible_check_mode=True, _ansible_tmpdir="/elsewhere")
    assert (first["arguments"]["do"], second["arguments"]["do"]) == (SAY, f"{SAY} # second")
    assert first["arguments"]["_ansible_check_mode"] is True
    assert "items" not in first["arguments"]
    assert first["arguments"]["_ansible_tmpdir"] == str(tmp_path / "0")
    assert sorted(runs.reported) == [(0, first), (1, second)]
    # What was read is gone: it may hold secrets.
    assert not (tmp_path / "0").exists()


def test_utilities_are_imported_once_and_runs_share_nothing_else(runs):
    say = (
        "shared.marks.append(1)\nprint(json.dumps({'by': shared.loaded_by, 'me': os.getpid(), 'marks': shared.marks}))"
    )
    results = runs(*[SHARED + say] * 3)
    assert len({result["by"] for result in results}) == 1
    assert len({result["me"] for result in results} | {results[0]["by"]}) == 4
    assert [result["marks"] for result in results] == [[1], [1], [1]]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_so_many_run_at_a_time(runs, concurrency):
    spans = [result["span"] for result in runs(*[SPAN] * (2 * concurrency), concurrency=concurrency)]
    at_once = [sum(began <= moment < ended for began, ended in spans) for moment, dummy in spans]
    assert max(at_once) == concurrency


def test_runs_of_one_resource_go_one_after_another(runs):
    same, other = SPAN, f"{SPAN} # of another"
    first, beside, second, third = (
        result["span"] for result in runs(same, other, same, same, concurrency=4, serial_by="do")
    )
    assert first[1] <= second[0]
    assert second[1] <= third[0]
    assert beside[0] < first[1]


@pytest.mark.parametrize(
    ("indices", "serial_by", "chains"),
    [
        pytest.param([0, 1, 2, 3], None, [[0], [1], [2], [3]], id="no option"),
        pytest.param([0, 1, 2, 3], "role", [[0, 2], [1], [3]], id="in their order"),
        pytest.param([1, 2], "role", [[1], [2]], id="of some"),
        pytest.param([0, 1, 2, 3], "tags", [[0, 1], [2], [3]], id="a value that is a dictionary"),
        pytest.param([], "role", [], id="none"),
    ],
)
def test_chains(indices, serial_by, chains):
    items = [
        {"role": "a", "tags": {"x": 1, "y": 2}},
        {"role": "b", "tags": {"y": 2, "x": 1}},
        {"role": "a"},
        {"role": None},
    ]
    assert module_runs.chains_of(items, indices, serial_by) == chains


def test_what_a_run_leaves_for_its_exit_is_done(runs, tmp_path):
    leave = f"import atexit; atexit.register(pathlib.Path({str(tmp_path / 'left')!r}).touch)"
    runs(f"{leave}; {SAY}; sys.exit(0)")
    assert (tmp_path / "left").exists()


FAILURES = [
    pytest.param("print('no JSON'); sys.exit(3)", 3, "status 3 and no result.", id="no result"),
    pytest.param("raise OSError('no disk')", 1, "status 1 and no result. OSError: no disk", id="a crash"),
    pytest.param("os.kill(os.getpid(), 9)", -9, "status -9 and no result.", id="killed"),
]


@pytest.mark.parametrize(("does", "status", "message"), FAILURES)
def test_a_run_without_a_result_fails_and_the_others_go_on(runs, does, status, message):
    failed, fine = runs(does, SAY)
    assert (failed["failed"], failed["rc"]) == (True, status)
    assert failed["msg"] == f"MODULE FAILURE: it ended with {message}"
    assert fine["changed"] is True


def test_other_output_around_the_result_does_no_harm(runs):
    (result,) = runs(f"print('Welcome'); {SAY}; print('Bye')")
    assert result["changed"] is True


FAILS_TWICE = """
tries = pathlib.Path({folder!r}) / "tries"
count = len(tries.read_text()) + 1 if tries.exists() else 1
tries.write_text("x" * count)
print(json.dumps(dict(failed=count < 3, msg="Throttling", changed=False)))
"""


@pytest.mark.parametrize(
    ("retry", "attempts", "failed", "backoff_until"),
    [
        pytest.param({"retry_on": ["Throttl"], "retry_timeout": 60}, 3, False, [0.2, 0.32], id="until it succeeds"),
        pytest.param({"retry_on": ["Throttl"], "retry_timeout": 0.1}, 2, True, [0.1], id="no time left"),
        pytest.param({"retry_on": ["Throttl"]}, None, True, [], id="no time at all"),
        pytest.param({"retry_on": ["Denied"], "retry_timeout": 60}, None, True, [], id="another message"),
    ],
)
def test_what_passes_by_itself_is_tried_again(runs, clock, tmp_path, retry, attempts, failed, backoff_until):
    fine, result = runs(SAY, FAILS_TWICE.format(folder=str(tmp_path)), **retry)
    assert (result.get("attempts"), result["failed"]) == (attempts, failed)
    assert "attempts" not in fine
    assert clock.pauses == pytest.approx(backoff_until)
    # Each is reported once, when it has ended for good.
    assert sorted(index for index, dummy in runs.reported) == [0, 1]
    assert dict(runs.reported)[1] == result


def test_what_has_not_begun_does_not_begin_when_the_task_is_stopped(runs, tmp_path):
    begin = f"(pathlib.Path({str(tmp_path)!r}) / f'begun-{{os.getpid()}}').touch()\n{SAY}"

    class Stopped(Exception):
        pass

    def stop(index, result):
        raise Stopped

    runs.report = stop
    with pytest.raises(Stopped):
        runs(*[f"{begin}\nimport time; sys.stdout.flush(); time.sleep(0.2)"] * 40, concurrency=1)
    time.sleep(0.5)  # in which two more would begin
    begun = len(list(Path(tmp_path).glob("begun-*")))
    assert begun <= 3


def test_a_stopped_task_does_not_wait_for_what_has_begun(runs):
    def stop(index, result):
        raise InterruptedError

    runs.report = stop
    began = time.monotonic()
    with pytest.raises(InterruptedError):
        runs(SAY, "import time; time.sleep(6)", concurrency=2)
    assert time.monotonic() - began < 5


def test_when_the_program_that_forks_ends_too_early_what_did_not_end_failed(runs, monkeypatch):
    monkeypatch.setattr(module_runs.inspect, "getsource", lambda dummy: "raise SystemExit('no memory')")
    results = runs(SAY, SAY)
    assert [result["msg"] for result in results] == [
        "MODULE FAILURE: it ended with status 1 and no result. no memory"
    ] * 2
    assert len(runs.reported) == 2


def test_what_does_not_unpack_is_told(tmp_path):
    with pytest.raises(NotRun, match=r"could not be unpacked: .*no room"):
        ModuleRuns("raise SystemExit('no room')", tmp_path, 1, None, None)
