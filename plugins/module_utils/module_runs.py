# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Runs one module for many items, on the host where it shall run: its runs are forked, and what they say is read."""

from __future__ import annotations

import contextlib
import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path

from ansible.module_utils.json_utils import _filter_non_json_lines
from ansible_collections.launchkit.aws.plugins.module_utils import forked_runs
from ansible_collections.launchkit.aws.plugins.module_utils.concurrent_loop import passes_by_itself, with_message
from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import backoff_until
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import LaunchkitError

PROGRAM = "forked_runs.py"


class NotRun(LaunchkitError):
    """The module can't be run here; the text says why."""


def unpack(payload, folder):
    """Unpack a module that Ansible wrapped, and return the arguments that came with it.

    :param payload: the program that Ansible made of the module, as text.
    :param folder: a folder that nobody else can read, since user data and the like come with it.
    :returns: the options of each run as a list, and Ansible's own arguments as a dictionary.
    :raises NotRun: the program did not unpack.
    """
    wrapper = folder / forked_runs.WRAPPER
    wrapper.write_text(payload, encoding="utf-8")
    done = subprocess.run([sys.executable, wrapper, "explode"], capture_output=True, text=True, check=False)
    path = folder / forked_runs.UNPACKED / "args"
    if not path.is_file():
        raise NotRun(f"The module could not be unpacked: {done.stderr or done.stdout or done.returncode}")
    arguments = json.loads(path.read_text(encoding="utf-8"))["ANSIBLE_MODULE_ARGS"]
    path.unlink()
    items = arguments.pop("items")
    (folder / PROGRAM).write_text(inspect.getsource(forked_runs), encoding="utf-8")
    return items, arguments


def prepare(folder, arguments):
    """Make the folder of a run.

    :param folder: a folder in the one in which the module was unpacked.
    :param arguments: all arguments of the run.
    """
    unpacked = folder / forked_runs.UNPACKED
    unpacked.mkdir(parents=True)
    (folder / forked_runs.WRAPPER).symlink_to(folder.parent / forked_runs.WRAPPER)
    # A folder for the temporary files of the run, which goes away with it.
    content = {"ANSIBLE_MODULE_ARGS": {**arguments, "_ansible_tmpdir": str(folder)}}
    (unpacked / "args").write_text(json.dumps(content), encoding="utf-8")


def result_of(folder, status):
    """Return what a run that ended said, in the form in which JSON holds it. What failed has a message.

    :param folder: the folder of the run.
    :param status: its exit status, negative if a signal ended it.
    """
    stdout, stderr = (
        (folder / name).read_text(encoding="utf-8", errors="replace") if (folder / name).exists() else ""
        for name in (forked_runs.STDOUT, forked_runs.STDERR)
    )
    try:
        result = json.loads(_filter_non_json_lines(stdout, objects_only=True)[0])
    except ValueError:
        words = f"MODULE FAILURE: it ended with status {status} and no result."
        last_words = stderr.strip().rpartition("\n")[2]
        result = dict(
            failed=True, rc=status, module_stdout=stdout, module_stderr=stderr, msg=f"{words} {last_words}".strip()
        )
    return with_message(result)


def chains_of(items, indices, serial_by):
    """Return lists of indices: each holds those that run one after another, in their order.

    :param items: the options of each run.
    :param indices: of the items that are to be run.
    :param serial_by: an option; items in which it is the same go one after another, those that don't have it don't.
    """
    chains: dict = {}
    for index in indices:
        value = items[index].get(serial_by)
        key = index if value is None else json.dumps(value, sort_keys=True)
        chains.setdefault(key, []).append(index)
    return list(chains.values())


class ModuleRuns:
    """The runs of one module.

    :param payload: the program that Ansible made of the module, with the options of all runs as its argument ``items``.
    :param folder: an empty folder that nobody else can read.
    :param concurrency: how many runs there are at a time.
    :param serial_by: an option of the items; those in which it is the same run one after another. None for none.
    :param report: is called with index and result of each run that is not tried again, as soon as it has ended. What it raises stops
      the runs that have not begun.
    """

    def __init__(self, payload, folder, concurrency, serial_by, report):
        self._folder = Path(folder)
        self._items, self._arguments = unpack(payload, self._folder)
        self._concurrency = concurrency
        self._serial_by = serial_by
        self._report = report

    def all(self, retry_on, retry_timeout):
        """Run the module for each item, and again where it fails in a way that passes by itself.

        :param retry_on: regular expressions for the messages of such failures.
        :param retry_timeout: seconds, from the end of the first round on.
        :returns: the last results in the order of the items, with ``attempts`` where there were several.
        """
        results: dict = {}
        left = self._round(range(len(self._items)), results, retry_on)
        rounds = backoff_until(retry_timeout)
        next(rounds)  # which has been
        for dummy in rounds if left else ():
            left = self._round(left, results, retry_on)
            if not left:
                break
        for index in left:
            self._report(index, results[index])
        return [results[index] for index in range(len(self._items))]

    def _round(self, indices, results, retry_on):
        """Run the module for these items, put the results where they belong, and return which are to be tried again."""
        again = []
        with contextlib.closing(self._run(indices)) as ended:
            for index, status in ended:
                folder = self._folder / str(index)
                result = result_of(folder, status)
                shutil.rmtree(folder)
                if index in results:
                    result["attempts"] = results[index].get("attempts", 1) + 1
                results[index] = result
                if passes_by_itself(result, retry_on):
                    again.append(index)
                else:
                    self._report(index, result)
        return again

    def _run(self, indices):
        """Run the module for these items, and yield index and exit status of each when it has ended."""
        for index in indices:
            prepare(self._folder / str(index), {**self._arguments, **self._items[index]})
        left = dict.fromkeys(indices)
        chains = [",".join(map(str, chain)) for chain in chains_of(self._items, indices, self._serial_by)]
        command = list(map(str, (sys.executable, self._folder / PROGRAM, self._folder, self._concurrency, *chains)))
        with (self._folder / forked_runs.STDERR).open("w+", encoding="utf-8") as errors:
            with subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True
            ) as forking:
                try:
                    for line in forking.stdout or ():
                        index, status = map(int, line.split())
                        del left[index]
                        yield index, status
                finally:
                    if left:
                        forking.terminate()  # so that no more begin; those that have begun go on
            errors.seek(0)
            last_words = errors.read()
        for index in left:
            with (self._folder / str(index) / forked_runs.STDERR).open("a", encoding="utf-8") as stderr:
                stderr.write(last_words)
            yield index, forking.returncode
