# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Brings the applications of a fleet to what is asked of them: stage by stage, several at a time, and looks once for all of them.

``converge()`` looks at one resource before and after; here one read shows a hundred of them, so that a stage is: plan all, make the
calls of all, and read until nothing is left to plan for any.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index
from ansible_collections.launchkit.aws.plugins.module_utils.core.backoff import backoff_until
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Conflict, LaunchkitError
from ansible_collections.launchkit.aws.plugins.module_utils.core.parallel import concurrently
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import report as fleet_view
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plan import STAGES, Planned
from ansible_collections.launchkit.aws.plugins.module_utils.iam.instance_profile_resource import InstanceProfileResource
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration_resource import (
    LaunchConfigurationResource,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_resource import LaunchTemplateResource

# stage -> what is read to see that it is done, and how many reads in a row have to agree
_KINDS = {
    "instance_profile": (("profiles",), InstanceProfileResource.consecutive_reads),
    "launch_settings": (("launch_configurations", "templates"), LaunchConfigurationResource.consecutive_reads),
    "auto_scaling_group": (("groups",), 1),
    "clean_up": (("launch_configurations", "templates", "groups"), 1),
}
# How many failures a message quotes; the result has all of them.
SHOWN_FAILURES = 10


@dataclass
class Progress:
    """What came of an application.

    :param done: the calls that were made, as ``operation subject``.
    :param error: why it could not be brought to its end, or None.
    :param left: the stages that were not gone through because of that.
    :param warnings: sentences.
    """

    done: list = field(default_factory=list)
    error: str | None = None
    left: list = field(default_factory=list)
    warnings: list = field(default_factory=list)


class Fleet:
    """Applies the plans of many applications.

    :param reading: see :class:`~fleet_reading.Reading`.
    :param executor: see :class:`~executor.Executor`.
    :param check_mode: plan and predict only.
    :param concurrency: applications at once.
    :param wait_timeout: seconds that AWS may take to show what a stage changed.
    :param report: is called with a line for each application that a stage changed, from several threads.
    """

    def __init__(self, reading, executor, *, check_mode, concurrency, wait_timeout, report):
        self._reading = reading
        self._executor = executor
        self._check_mode = check_mode
        self._concurrency = concurrency
        self._wait_timeout = wait_timeout
        self._report = report
        self._former = {}
        # The applications whose calls somebody else was faster with, in the present stage.
        self._overtaken = set()
        self.progress = {}

    def converge(self, applications):
        """Bring the applications to what is asked of them, or say what that would take; return a module's result.

        :raises LaunchkitError: some could not be brought to their end; the others were.
        """
        observation = self._reading.everything()
        self._former = observation.groups
        self.progress = {each.name: Progress() for each in applications}
        going = self._possible(applications, Index(observation))
        if not self._check_mode:
            observation = self._apply(going, observation)
        return self._result(applications, Index(observation))

    def _possible(self, applications, index):
        """Return the applications that can be brought to their end, as far as one can tell: the others are not begun."""
        possible = []
        for application in applications:
            row, dummy = fleet_view.row(application, index)
            progress = self.progress[application.name]
            progress.warnings = row["warnings"]
            if row["error"]:
                progress.error, progress.left = row["error"], list(STAGES)
                self._report(f"{application.name}: failed: {row['error']}")
                continue
            possible.append(application)
            if self._check_mode:
                progress.done = [_words(change) for change in row["changes"] if _is_made_here(change)]
        return possible

    def _apply(self, applications, observation):
        for stage in STAGES:
            going = [each for each in applications if self.progress[each.name].error is None]
            stopped = [self.progress[each.name] for each in applications if self.progress[each.name].error is not None]
            observation = self._go_through(stage, going, observation)
            for progress in stopped:
                progress.left.append(stage)
        return observation

    def _go_through(self, stage, applications, observation):
        self._overtaken = set()
        planned = self._plans(stage, applications, observation)
        self._run_all(stage, planned)
        changed = [application for application, dummy in planned if self.progress[application.name].error is None]
        return self._settle(stage, changed, observation) if changed else observation

    def _plans(self, stage, applications, observation):
        """Return the applications for which there is something to do, with their plans."""
        index, found = Index(observation), []
        for application in applications:
            progress = self.progress[application.name]
            try:
                plan = self._planned(application, index).plan(stage)
            except LaunchkitError as error:
                progress.error = error.message
                self._report(f"{stage.replace('_', ' ')}: {application.name}: failed: {error.message}")
                continue
            if plan.calls:
                found.append((application, plan))
        return found

    def _planned(self, application, index):
        return Planned(application, index, former=self._former.get(application.group_name))

    def _run_all(self, stage, planned):
        counter = itertools.count(1)

        def run(application, plan):
            line = self._run(application, plan)
            self._report(f"{stage.replace('_', ' ')} {next(counter)}/{len(planned)}: {application.name}: {line}")

        concurrently(self._concurrency, [partial(run, application, plan) for application, plan in planned])

    def _run(self, application, plan):
        """Make the calls of a plan and return what came of them in words.

        "Already exists" is no failure: somebody else was faster, and looking again tells what is left to do.
        """
        progress = self.progress[application.name]
        calls: list = []
        outcome = []
        try:
            self._executor.run(plan.calls, calls)
            self._overtaken.discard(application.name)
        except Conflict:
            self._overtaken.add(application.name)
            # Or an answer was lost on the way, and it was made here.
            outcome = [f"found {plan.calls[len(calls)].subject}, which somebody else made at the same time"]
        except LaunchkitError as error:
            progress.error = error.message
        done = [f"{call.operation} {call.subject}" for call in calls] + outcome
        progress.done += done
        return "; ".join(done + ([f"failed: {progress.error}"] if progress.error else []))

    def _settle(self, stage, applications, observation):
        """Read until nothing is left to plan in this stage for any of the applications; what does not come to an end has failed."""
        kinds, reads = _KINDS[stage]
        if "templates" in kinds and any(each.launches_from_template for each in applications):
            reads = LaunchTemplateResource.consecutive_reads
        agreed = 0
        waiting: list = []
        for dummy in backoff_until(self._wait_timeout):
            observation = self._reading.again(observation, *kinds)
            going = [each for each in applications if self.progress[each.name].error is None]
            waiting = self._plans(stage, going, observation)
            agreed = 0 if waiting else agreed + 1
            if agreed == reads:
                return observation
            # Whoever was faster may leave something to do. Where AWS has yet to show what was done here, nothing is done twice.
            self._run_all(stage, [(each, plan) for each, plan in waiting if each.name in self._overtaken])
        for application, plan in waiting:
            self.progress[application.name].error = (
                f"{plan.calls[-1].subject} was changed, but AWS did not show the change consistently within {self._wait_timeout} seconds. "
                "Nothing was undone: run the task again, or raise wait_timeout."
            )
        return observation

    def _result(self, applications, index):
        rows = [self._row(application) for application in applications]
        failed = [row for row in rows if row["failed"]]
        changed = sum(row["changed"] and not row["failed"] for row in rows)
        counts = dict(changed=changed, unchanged=len(rows) - changed - len(failed), failed=len(failed))
        result = dict(
            changed=any(row["changed"] for row in rows),
            applications=rows,
            totals=dict(applications=len(rows), **counts),
            **self._left_to_others(applications, index),
        )
        if failed:
            reasons = " ".join(f"[{row['name']}] {row['error']}" for row in failed[:SHOWN_FAILURES])
            further = f" {len(failed) - SHOWN_FAILURES} more are in the result." if len(failed) > SHOWN_FAILURES else ""
            raise LaunchkitError(
                f"{len(failed)} of {len(rows)} applications could not be brought to what they shall be; the others were. {reasons}{further}",
                **result,
            )
        warnings = [f"[{name}] {warning}" for name, progress in self.progress.items() for warning in progress.warnings]
        return dict(result, warnings=warnings)

    def _row(self, application):
        progress = self.progress[application.name]
        return dict(
            name=application.name,
            changed=bool(progress.done),
            done=progress.done,
            failed=progress.error is not None,
            error=progress.error,
            left=progress.left,
        )

    def _left_to_others(self, applications, index):
        """Return the options for amazon.aws.autoscaling_group, and the applications whose instances the role has to replace."""
        groups, refreshed = [], []
        for application in applications:
            if not application.group_name or self.progress[application.name].error is not None:
                continue
            planned = self._planned(application, index)
            if planned.needs_refresh():
                refreshed.append(application.name)
            elif planned.group_differences():
                groups.append(fleet_view.group_task(planned))
        return dict(autoscaling_groups=[each for each in groups if each], to_refresh=refreshed)


def _is_made_here(change):
    """Tell whether a change is not left to another module."""
    if change["resource"] == "auto_scaling_group":
        moves = any(each["field"] in ("launch_config_name", "launch_template") for each in change["differences"])
        return change["action"] == "change" and moves
    return change["resource"] in ("instance_profile", "launch_configuration", "launch_template")


def _words(change):
    return f"{change['action']} {fleet_view.WORDS[change['resource']]} '{change['name']}'"
