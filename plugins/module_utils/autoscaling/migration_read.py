# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads what the plan of a migration needs, in bulk. Nothing here changes anything.
Private to the collection: names and shapes can change in any release."""

from __future__ import annotations

from datetime import datetime, timezone
from functools import partial

from ..core.error_codes import codes, is_any
from ..core.errors import CallFailed
from ..core.parallel import concurrently
from ..find import autoscaling as find_autoscaling
from ..find import ec2 as find_ec2
from ..find import iam as find_iam
from ..find import references as find_references
from ..find.launch_template_specifications import (
    launch_templates_of,
)
from ..find.paginate import in_batches
from . import (
    migration_obstacles,
    template_copy,
)
from .migration import template_name
from .migration_model import Observation

_DENIED = codes("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
# The most names of launch templates that a filter takes.
_NAMES = 200
# From so many launch templates on, the newest versions of all templates of the Region are read.
_BULK = 4


class MigrationReader:
    """Reads AWS.

    :param clients: see :class:`~clients.Clients`.
    :param concurrency: calls at once.
    """

    def __init__(self, clients, concurrency):
        self._clients = clients
        self._concurrency = concurrency

    def read(self, selection, options):
        """Return the :class:`Observation` that the plan is made from.

        :raises MissingReference: a selected group does not exist.
        """
        groups = find_autoscaling.list_groups(self._clients)
        chosen = selection.choose(groups)
        templates = {each["LaunchTemplateName"]: each for each in find_ec2.list_launch_templates(self._clients)}
        by_id = {each["LaunchTemplateId"]: each for each in templates.values()}
        used = sorted({group["LaunchConfigurationName"] for group in chosen if group.get("LaunchConfigurationName")})
        named = [by_id[identity] for identity in sorted(_template_ids(chosen)) if identity in by_id]
        sources = {template_copy.source_of(each) for each in named} - {None}
        configurations = {
            each["LaunchConfigurationName"]: each
            for each in find_autoscaling.find_launch_configurations(self._clients, [*used, *sorted(sources)])
        }
        targets = {options.template_names.get(name) or template_name(name) for name in used}
        matter = [each for each in named if template_copy.source_of(each)]
        if not options.is_reverted:
            matter += [templates[name] for name in sorted(targets) if name in templates]
        versions = self._versions(matter, configurations, chosen, options)
        moving = [group for group in chosen if _matters(group, by_id, options)]
        moved = [] if options.is_reverted else used
        return Observation(
            datetime.now(timezone.utc),
            tuple(groups),
            tuple(chosen),
            configurations,
            templates,
            versions,
            self._of_groups(find_autoscaling.find_newest_instance_refresh, moving),
            self._of_groups(find_autoscaling.find_lifecycle_hooks, moving) if options.refresh is not None else {},
            self._profiles() if moved else None,
            self._references([configurations[name] for name in moved if name in configurations]),
        )

    def find_templates(self, copies):
        """Return the :class:`~template_copy.State` of the template of each copy, in order."""
        names = sorted({copy.name for copy in copies})
        found = [
            each for batch in in_batches(_NAMES, names) for each in find_ec2.list_launch_templates(self._clients, batch)
        ]
        templates = {each["LaunchTemplateName"]: each for each in found}
        newest = self._newest(found)
        states = []
        for copy in copies:
            template = templates.get(copy.name)
            if template is None:
                states.append(template_copy.State())
                continue
            identity = template["LaunchTemplateId"]
            state = template_copy.State(template, newest.get(identity, {}))
            is_ours = template_copy.name_taken(copy, template) is None
            if is_ours and template_copy.number_of(copy, state) is None and template["LatestVersionNumber"] > 1:
                state = template_copy.State(template, self._all_versions(identity))
            states.append(state)
        return states

    def _versions(self, templates, configurations, groups, options):
        """Return the versions of templates: the newest, or all where the newest does not answer the questions of the plan."""
        templates = list({each["LaunchTemplateId"]: each for each in templates}.values())
        newest = self._newest(templates)
        named: dict = {}
        for group in groups:
            template = group.get("LaunchTemplate") or {}
            named.setdefault(template.get("LaunchTemplateId"), set()).add(template.get("Version"))
        unclear = []
        for template in templates:
            identity, configuration = (
                template["LaunchTemplateId"],
                configurations.get(template_copy.source_of(template)),
            )
            versions = newest.get(identity, {})
            data = configuration and template_copy.data_of(configuration, options.tags)
            is_copy = configuration and any(template_copy.is_same(each.data, data) for each in versions.values())
            others = {int(each) for each in named.get(identity, ()) if each and each.isdigit()} - set(versions)
            if configuration and (not is_copy or others) and template["LatestVersionNumber"] > 1:
                unclear.append(identity)
        every = concurrently(self._concurrency, [partial(self._all_versions, identity) for identity in unclear])
        return {**newest, **dict(zip(unclear, every))}

    def _newest(self, templates):
        """Return id of a template -> number -> version: the newest, or all where that is as cheap."""
        ids = [each["LaunchTemplateId"] for each in templates]
        if len(ids) < _BULK:
            return {identity: self._all_versions(identity) for identity in ids}
        found = find_ec2.list_newest_launch_template_versions(self._clients)
        return {each["LaunchTemplateId"]: _numbered([each]) for each in found if each["LaunchTemplateId"] in set(ids)}

    def _all_versions(self, identity):
        return _numbered(find_ec2.list_launch_template_versions(self._clients, identity))

    def _of_groups(self, find, groups):
        names = [group["AutoScalingGroupName"] for group in groups]
        answers = concurrently(
            self._concurrency, [partial(self._unless_denied, partial(find, self._clients, name)) for name in names]
        )
        return {name: answer for name, answer in zip(names, answers) if answer is not None}

    def _profiles(self):
        found = self._unless_denied(partial(find_iam.list_instance_profiles, self._clients))
        return (
            None if found is None else {each["InstanceProfileName"].casefold(): bool(each["Roles"]) for each in found}
        )

    def _references(self, configurations):
        kinds: dict = {}
        for configuration in configurations:
            for kind, names in migration_obstacles.references_of(configuration).items():
                kinds.setdefault(kind, set()).update(names)
        return find_references.find(self._clients, kinds, self._concurrency)

    def _unless_denied(self, function):
        """Return what a function returns; None if the caller may not read it."""
        try:
            return function()
        except CallFailed as failure:
            if is_any(_DENIED, failure.exception):
                return None
            raise


def _numbered(versions):
    return {
        each["VersionNumber"]: template_copy.Version(each["LaunchTemplateData"], each.get("CreateTime"))
        for each in versions
    }


def _template_ids(groups):
    return {each.get("LaunchTemplateId") for group in groups for each in launch_templates_of(group)} - {None}


def _matters(group, templates, options):
    """Return whether the plan can change a group: only then is more of it read."""
    if group.get("LaunchConfigurationName"):
        return not options.is_reverted or options.refresh is not None
    template = templates.get((group.get("LaunchTemplate") or {}).get("LaunchTemplateId"), {})
    is_moved = template_copy.source_of(template) is not None
    from_before = any(each.get("LaunchConfigurationName") for each in group.get("Instances") or ())
    return is_moved and (options.is_reverted or (options.refresh is not None and from_before))
