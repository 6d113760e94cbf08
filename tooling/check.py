# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Run steps of `make test`, three at a time: all of them, or those named.

Prints a line for each step when it ends, the output of those that failed, and last `N passed, N failed`: pytest's tests,
and one for every other step.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import signal
import sys
import time
import traceback

from project import ROOT
from step import Failed, Step
from steps import OTHER_STEPS, STEPS

# One more than cores: integration, molecule and readme wait for groups and for IAM much of their time.
AT_A_TIME = 3
SHOWN_LINES = 100
ALL = {**STEPS, **OTHER_STEPS}


def perform(step: Step) -> float:
    """Run one step; returns its seconds. What fails is counted and written to its log."""
    began = time.monotonic()
    try:
        ALL[step.name](step)
        if step.passed is None:
            step.count(1, 0)
        elif not step.passed and not step.failed:
            raise Failed("no test ran")
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is one step's failure, the others go on
        step.passed, step.failed = step.passed or 0, step.failed or 1
        with step.log.open("a", encoding="utf-8") as log:
            log.write(f"{error}\n" if isinstance(error, Failed) else traceback.format_exc())
    return time.monotonic() - began


def report(step: Step, seconds: float) -> None:
    counted = f"{step.passed} passed, {step.failed} failed"
    print(
        f"{'FAILED' if step.failed else 'ok':6}  {step.name:12}  {seconds:5.1f} s  {counted}",
        *step.notes,
        sep="  ",
        flush=True,
    )
    lines = step.log.read_text(encoding="utf-8", errors="replace").splitlines()
    if step.failed:
        print(
            f"--- {step.log.relative_to(ROOT)}, its last {SHOWN_LINES} lines:",
            *lines[-SHOWN_LINES:],
            "---",
            sep="\n",
            flush=True,
        )
    elif step.name == "units":
        print(lines[-1], flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0] if __doc__ else None)
    parser.add_argument(
        "steps", nargs="*", metavar="STEP", help=f"one of {', '.join(ALL)}; those of `make test` when none is given"
    )
    chosen = parser.parse_args().steps
    unknown = set(chosen) - set(ALL)
    if unknown:
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    # As Ctrl-C does: stop what the steps started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    steps = [Step(name) for name in (ALL if chosen else STEPS) if name in chosen or not chosen]
    pool = concurrent.futures.ThreadPoolExecutor(AT_A_TIME)
    try:
        running = {pool.submit(perform, step): step for step in steps}
        for done in concurrent.futures.as_completed(running):
            report(running[done], done.result())
    except KeyboardInterrupt:
        print("stopped", flush=True)
        return 130
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for step in steps:
            step.stop()
    passed, failed = sum(step.passed or 0 for step in steps), sum(step.failed for step in steps)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
