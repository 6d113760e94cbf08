# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs one module many times, each time in a process that is forked from this one, which has imported what the module needs.

Four fifths of what a run of one of amazon.aws's modules costs is importing boto3 and the utilities of Ansible and of the collection.
Here that is done once. Nothing else is shared: each run has its process, its arguments and its output to itself.

A program, which module_runs starts: ``forked_runs.py FOLDER CONCURRENCY CHAIN ...``. A chain is the names of runs that go one after another,
with commas between. In the folder is what Ansible's wrapper of a module unpacks when it is told to ``explode``, and a folder for each run with
a wrapper that is told to ``execute``: the two commands that Ansible documents for debugging modules. Writes a line with name and exit status
for each run that ends. Standard library only.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import multiprocessing
import multiprocessing.connection
import os
import runpy
import sys
from pathlib import Path

UNPACKED = "debug_dir"
WRAPPER = "AnsiballZ_module.py"
STDOUT, STDERR = "stdout", "stderr"


def utilities(code):
    """Return the names of the utilities that came with a module, which are what Ansible found that it imports."""
    paths = (path.relative_to(code).with_suffix("") for path in sorted(code.glob("**/module_utils/**/*.py")))
    return [".".join(path.parts[:-1] if path.name == "__init__" else path.parts) for path in paths]


def run(folder):
    """Run the module as Ansible's wrapper does, with its output in files of the folder. Called in a process of its own."""
    for descriptor, name in ((1, STDOUT), (2, STDERR)):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    sys.argv = [str(folder / WRAPPER), "execute"]
    try:
        runpy.run_path(sys.argv[0], run_name="__main__")
    finally:
        # Such as the removal of temporary files. Up to Python 3.12, multiprocessing leaves it out.
        atexit._run_exitfuncs()


def main():
    folder, concurrency, chains = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    sys.path.insert(0, str(folder / UNPACKED))
    for name in utilities(folder / UNPACKED):
        # What can't be imported here can't be in the run either, which then says so if it needs it.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    # A run makes a hundred thousand objects that stay until its end, which the collector would go through again and again. Those that
    # are here by now it would go through in every run, and so copy the memory that the runs share.
    gc.set_threshold(100_000, 50, 100)
    gc.freeze()
    context = multiprocessing.get_context("fork")
    waiting = iter(chains)
    running: dict = {}

    def begin(chain):
        name, dummy, rest = chain.partition(",")
        process = context.Process(target=run, args=(folder / name,))
        process.start()
        running[process.sentinel] = name, rest, process

    while True:
        while len(running) < concurrency and (chain := next(waiting, None)) is not None:
            begin(chain)
        if not running:
            return
        for ended in multiprocessing.connection.wait(list(running)):
            name, rest, process = running.pop(ended)
            process.join()
            print(name, process.exitcode, flush=True)  # pylint: disable=ansible-bad-function
            if rest:
                begin(rest)


if __name__ == "__main__":
    main()
