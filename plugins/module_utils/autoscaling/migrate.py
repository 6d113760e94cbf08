# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Carries out the plan of a migration: templates, groups, instance refreshes, deletion; many groups at a time.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace

from ..core.converge import converge
from ..core.errors import LaunchkitError, MissingReference, SourceChanged
from ..core.executor import Executor
from ..core.plan_text import by_cause
from ..core.progress import Counter
from ..find import autoscaling as find_autoscaling
from ..find.paginate import in_batches
from . import instance_refresh_options, migration_deletion, migration_text, refresh_order, template_copy
from .migration_model import BLOCKED, MIGRATE, REVERT, SKIPPED
from .migration_plan import Planner
from .migration_read import MigrationReader
from .migration_resources import GroupSourceResource, LaunchConfigurationDeletion, TemplateCopyResource
from .refreshes import Refresh, Refreshes

# Groups that are read again together, immediately before they are updated: few, so that the time in between is short.
GROUPS_AT_ONCE = 20


class Migration:
    """One run of the migration.

    :param clients: see :class:`~clients.Clients`.
    :param options: see :class:`~migration.Options`.
    :param rollout: ``concurrency``, ``max_failures`` and ``canary`` of :class:`~refreshes.Refreshes`.
    :param times: ``timeout`` and ``poll_interval`` of each refresh.
    :param concurrency: calls at once.
    :param report: is called with a line about the plan and the progress, from several threads.
    :param with_details: see :func:`migration_text.lines`.
    """

    def __init__(
        self, clients, options, *, rollout, times, concurrency, check_mode, wait_timeout, report, with_details=False
    ):
        self._clients = clients
        self._options = options
        self._rollout = rollout
        self._times = times
        self._check_mode = check_mode
        self._report = report
        self._with_details = with_details
        self._reader = MigrationReader(clients, concurrency)
        self._executor = Executor(clients, timeout=wait_timeout)
        self._mode = dict(check_mode=False, wait_timeout=wait_timeout, concurrency=concurrency)
        # Name of a group -> arguments of migration_text.row().
        self._outcomes: dict = {}
        self._calls: list = []
        self._deletion = None
        self._is_changed = False
        self._failures: dict = {}
        # Sentences about groups that other runs have changed meanwhile.
        self.warnings: list = []

    def run(self, selection, skip_obstacles):
        """Migrate the selected groups, and return a module's result.

        :param selection: see :class:`~migration.Selection`.
        :raises MissingReference: a group does not exist, or can't be migrated. No changes were made.
        :raises LaunchkitError: something failed; the rest was carried out.
        """
        observation = self._reader.read(selection, self._options)
        plans = Planner(observation, self._options).plans()
        refresh_order.check_canary("refresh_canary", self._rollout["canary"], {plan.name for plan in plans})
        foreseen = self._foresee(plans, observation)
        lines = migration_text.lines(
            plans,
            foreseen,
            observation.configurations,
            is_check=self._check_mode,
            with_refresh=self._options.refresh is not None,
            with_details=self._with_details,
        )
        for line in lines:
            self._report(line)
        self._deletion = foreseen
        blocked = {plan.name: " ".join(plan.blockers) for plan in plans if plan.state == BLOCKED}
        if blocked and not skip_obstacles:
            for plan in plans:
                if plan.is_going:
                    self._outcomes[plan.name] = dict(action=migration_text.NOT_BEGUN)
            text = (
                f"on_obstacle: {len(blocked)} of {len(plans)} groups cannot be changed. Resolve the obstacles, or set "
                "on_obstacle=skip to skip these groups. No changes were made."
            )
            raise MissingReference(by_cause(text, blocked), **self._result(plans, lines))
        if self._check_mode:
            self._is_changed = any(plan.is_going for plan in plans) or bool(foreseen and foreseen.deleted)
            return self._result(plans, lines)
        self._carry_out([plan for plan in plans if plan.is_going])
        if self._options.delete:
            self._delete(plans, observation)
        result = self._result(plans, lines)
        if self._failures:
            total = len(plans)
            text = f"{len(self._failures)} of {total} groups failed; run the task again."
            raise LaunchkitError(by_cause(text, self._failures), **result)
        return result

    def _foresee(self, plans, observation):
        if not self._options.delete or self._options.is_reverted:
            return None
        return migration_deletion.judge(plans, observation, observation.groups, self._options, is_foreseen=True)

    def _carry_out(self, plans):
        """Bring each group as far as it can go."""
        migrated = [plan for plan in plans if plan.action == MIGRATE]
        specifications = self._create_templates(migrated)
        plans = [
            replace(plan, specification=specifications[plan.configuration]) if plan.action == MIGRATE else plan
            for plan in plans
            if plan.action != MIGRATE or plan.configuration in specifications
        ]
        refreshed = [plan for plan in plans if self._options.refresh is not None and plan.outdated]
        by_refresh = {plan.name for plan in refreshed if plan.action != REVERT}
        self._update_groups([plan for plan in plans if plan.name not in by_refresh])
        self._refresh([plan for plan in refreshed if not self._outcomes.get(plan.name, {}).get("reason")])

    def _create_templates(self, plans):
        """Return launch configuration -> id and version of its copy, of those that exist or were created."""
        copies = {plan.configuration: plan.copy for plan in plans}
        resources = [TemplateCopyResource(copy) for copy in copies.values()]
        outcomes = self._converge(
            resources, lambda some: self._reader.find_templates([each.copy for each in some]), "Launch template"
        )
        specifications: dict = {}
        for copy, outcome in zip(copies.values(), outcomes):
            if outcome.error is None:
                number = template_copy.number_of(copy, outcome.after)
                identity = outcome.after.template["LaunchTemplateId"]
                specifications[copy.configuration] = {"LaunchTemplateId": identity, "Version": str(number)}
                continue
            for plan in plans:
                if plan.configuration == copy.configuration:
                    self._fail(plan, outcome.error)
        return specifications

    def _update_groups(self, plans):
        """Set what groups launch from, if that is still what the plan saw."""
        counter = Counter(self._report, "Group", len(plans))
        for batch in in_batches(GROUPS_AT_ONCE, plans):
            resources = [GroupSourceResource(plan.name, plan.source, _target(plan)) for plan in batch]
            outcomes = self._converge(resources, self._find_groups, counter=counter)
            for plan, outcome in zip(batch, outcomes):
                if outcome.error is not None:
                    self._fail(plan, outcome.error)
                else:
                    done = migration_text.DONE[plan.action]
                    self._outcomes[plan.name] = dict(action=done, specification=plan.specification)

    def _refresh(self, plans):
        refreshes = [self._refresh_of(plan) for plan in plans]
        runner = Refreshes(self._clients, self._executor, report=self._report, **self._rollout)
        for plan, outcome in zip(plans, runner.run(refreshes, {plan.name: plan.size for plan in plans})):
            self._note(outcome.calls)
            row = dict(specification=plan.specification, refresh=outcome.refresh)
            if outcome.error is None:
                self._outcomes[plan.name] = dict(row, action=migration_text.DONE[plan.action])
            else:
                self._fail(plan, outcome.error, migration_text.FAILED if outcome.is_begun else migration_text.NOT_BEGUN)
                self._outcomes[plan.name] = {**row, **self._outcomes[plan.name]}

    def _refresh_of(self, plan):
        options = {**self._options.refresh, "group": plan.name}
        version = (plan.specification or {}).get("Version") or ""
        expected = plan.source
        if plan.action != REVERT and version.isdigit():
            options.update(launch_template_id=plan.specification["LaunchTemplateId"], launch_template_version=version)
        else:
            options.update(skip_matching=None)
        if plan.action == REVERT:
            expected = _target(plan)
        target = instance_refresh_options.from_params(options)
        return Refresh(plan.name, replace(target, expected=expected, back_to=plan.back_to), **self._times)

    def _delete(self, plans, observation):
        """Delete the launch configurations that the selected groups have left. One read of all groups decides."""
        groups = find_autoscaling.list_groups(self._clients)
        self._deletion = migration_deletion.judge(plans, observation, groups, self._options)
        resources = [LaunchConfigurationDeletion(name) for name in self._deletion.deleted]
        outcomes = self._converge(resources, self._find_configurations, "Launch configuration")
        failed = {each.name: outcome.error for each, outcome in zip(resources, outcomes) if outcome.error is not None}
        self._failures.update({f"launch configuration {name}": error.message for name, error in failed.items()})
        self._deletion = migration_deletion.Deletion(
            tuple(name for name in self._deletion.deleted if name not in failed),
            {**self._deletion.kept, **{name: error.message for name, error in failed.items()}},
        )

    def _converge(self, resources, observe, title="", counter=None):
        counter = counter or Counter(self._report, title, len(resources))

        def report(resource, calls, error):
            if calls or error is not None:
                counter.step(resource.name, error, ", ".join(call.operation for call in calls))

        outcomes = converge(resources, self._executor, observe=observe, report=report, **self._mode)
        for outcome in outcomes:
            self._note(outcome.calls)
            self._is_changed |= outcome.error is not None and outcome.error.details.get("changed", False)
        return outcomes

    def _find_groups(self, resources):
        groups = find_autoscaling.find_groups(self._clients, [each.name for each in resources])
        found = {group["AutoScalingGroupName"]: group for group in groups}
        return [found.get(each.name) for each in resources]

    def _find_configurations(self, resources):
        names = [each.name for each in resources]
        found = find_autoscaling.find_launch_configurations(self._clients, names)
        return [each.name in {one["LaunchConfigurationName"] for one in found} for each in resources]

    def _note(self, calls):
        self._calls += map(str, calls)
        self._is_changed |= bool(calls)

    def _fail(self, plan, error, action=migration_text.FAILED):
        # What another run did meanwhile stays, and is no failure of this one.
        if isinstance(error, SourceChanged):
            action = SKIPPED
            self.warnings.append(error.message)
        else:
            self._failures[plan.name] = error.message
        self._outcomes[plan.name] = dict(action=action, reason=error.message)

    def _result(self, plans, lines):
        rows = [migration_text.row(plan, **self._outcomes.get(plan.name, {})) for plan in plans]
        deletion = self._deletion or migration_deletion.Deletion()
        return dict(
            changed=self._is_changed,
            migrations=rows,
            totals=migration_text.totals(plans, self._deletion),
            plan=lines,
            markdown=migration_text.markdown(rows),
            deleted_launch_configurations=list(deletion.deleted),
            kept_launch_configurations=[dict(name=name, reason=reason) for name, reason in deletion.kept.items()],
            calls=self._calls,
            diff=migration_text.sources(plans),
        )


def _target(plan):
    """Return what the group of a plan is set to."""
    if plan.action == REVERT:
        return {"LaunchConfigurationName": plan.configuration}
    return {"LaunchTemplate": plan.specification}
