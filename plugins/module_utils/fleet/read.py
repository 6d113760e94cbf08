# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads what many applications have in AWS in few calls, several at a time. Nothing here changes anything.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace
from functools import partial

from ..application import references, superseded
from ..application.observation import Index, Observation
from ..application.planner import Planner
from ..core.errors import LaunchkitError
from ..core.parallel import concurrently
from ..find import autoscaling as find_autoscaling
from ..find import ec2 as find_ec2
from ..find import iam as find_iam
from ..find import references as find_references
from ..iam.instance_profile import loses_role
from ..iam.reads import find_carriers, find_users
from ..launch import options as launch_options
from ..launch.template import NAME
from .read_iam import FEW, IamReader


class FleetReader:
    """Reads for a list of applications.

    :param clients: see :class:`~clients.Clients`.
    :param applications: each an :class:`~model.Application`.
    :param concurrency: calls at once.
    :param whole: whether to read everything of the account and Region, to find orphans.
    :param claims: see :class:`~observation.Observation`.
    """

    def __init__(self, clients, applications, concurrency, *, whole=False, claims=None):
        self._clients = clients
        self._applications = applications
        self._concurrency = concurrency
        self._whole = whole
        self._claims = claims or {}
        self._iam = IamReader(clients, applications, concurrency, all_roles=whole)
        self._launching = [each for each in applications if each.launch is not None]
        self._absent = [each for each in applications if not each.present]

    def read_all(self):
        """Return the observation of all that the applications have."""
        reads = [self._read_iam, self._read_policies, self._read_security_groups]
        reads += [self._read_launch_configurations, self._read_templates, self._read_groups]
        observation = self._with(Observation(claims=self._claims, region=self._clients.region), reads)
        observation = replace(observation, **self._account(observation))
        observation = self._with(
            observation, [partial(self._read_zones, observation), partial(self._read_users, observation)]
        )
        return self._read_removable(observation)

    def read_references(self, observation, plans):
        """Return the observation with what AWS knows of what new and changed resources refer to; no call where there are none.

        :param plans: the plans of the applications.
        """
        by_name = {each.name: each for each in self._applications}
        losing = [plan for plan in plans if plan.state == "present" and loses_role(plan.step("instance_profile"))]
        if losing:
            profiles = [observation.profile(by_name[plan.name].profile.name) for plan in losing]
            observation = replace(observation, carriers=find_carriers(self._clients, profiles))
        index, needed, launched = Index(observation), [], []
        for plan in plans:
            if plan.state != "present" or plan.blockers:
                continue
            application = by_name[plan.name]
            settings = application.launch and Planner(application, index).launch_target.settings
            if plan.step("iam_role").changes:
                needed.append(references.of_policies(application.policies))
            if plan.step("launch_settings").changes:
                siblings = index.siblings(application.options["launch_configuration_name_prefix"])
                former = [index.observation.launch_configurations[name] for name in siblings]
                needed.append(references.of_launch_settings(settings, former))
                launched.append((settings, former))
            if plan.step("auto_scaling_group").changes:
                needed.append(references.of_group(application.options, settings))
        if not needed:
            return observation
        found = find_references.find(self._clients, references.merge(needed), self._concurrency)
        types = {each for settings, former in launched for each in references.undecided_types(settings, former, found)}
        if types:
            found.update(find_references.find(self._clients, {"instance_types": types}, self._concurrency))
        return replace(observation, references=found)

    def add_absent(self, observation, applications):
        """Return the observation with who uses the instance profiles of further applications that are absent, such as orphans."""
        self._absent = [*self._absent, *applications]
        return replace(observation, **self._read_users(observation))

    def refresh(self, observation, kinds, applications, attempt=0):
        """Return the observation with some kinds read again for some applications, by name where that costs less.

        :param kinds: of ``roles``, ``profiles``, ``launch`` and ``groups``.
        :param attempt: how many times this was read before; lists that lag behind are not asked for ever.
        """
        readers = {
            "roles": lambda: dict(roles=self._iam.roles(observation.roles, applications, attempt)),
            "profiles": lambda: dict(profiles=self._iam.profiles(observation.profiles, applications, attempt)),
            "configurations": lambda: self._refresh_launch_configurations(observation, applications),
            "templates": lambda: self._refresh_templates(observation, applications),
            "groups": lambda: self._refresh_groups(observation, applications),
        }
        return self._with(observation, [readers[kind] for kind in kinds])

    def _with(self, observation, reads):
        for changes in concurrently(self._concurrency, reads):
            observation = replace(observation, **changes)
        return observation

    def _account(self, observation):
        """Return the account, which any role tells; only one without roles has to be asked."""
        for role in observation.roles.values():
            dummy, partition, dummy, dummy, account, dummy = role["Arn"].split(":", 5)
            return dict(partition=partition, account=account)
        partition, account = find_iam.find_account(self._clients)
        return dict(partition=partition, account=account)

    def _read_iam(self):
        roles, profiles = self._iam.roles_and_profiles()
        return dict(roles={**roles, **self._iam.held_roles(roles, profiles)}, profiles=profiles)

    def _read_policies(self):
        return dict(policy_arns=self._iam.policy_arns())

    def _read_security_groups(self):
        wanted: dict = {}
        for each in self._launching:
            names = launch_options.named_security_groups(each.launch.settings.security_groups)
            if names:
                wanted.setdefault(each.options["vpc_id"], set()).update(names)
        finders = [
            partial(find_ec2.find_security_group_ids, self._clients, sorted(names), vpc)
            for vpc, names in wanted.items()
        ]
        return dict(security_group_ids=dict(zip(wanted, concurrently(self._concurrency, finders))))

    def _read_launch_configurations(self):
        if not self._launching and not self._whole and not self._absent:
            return {}
        fixed = [each.launch.name for each in self._launching if not each.launches_from_template]
        only_fixed = None not in fixed and len(fixed) == len(self._applications) and not self._whole
        found = find_autoscaling.find_launch_configurations(self._clients, fixed if only_fixed else None)
        return dict(launch_configurations={each["LaunchConfigurationName"]: each for each in found})

    def _read_templates(self):
        # One that launches from a launch configuration can have left its template behind.
        names = [each.options["launch_template_name"] for each in (*self._launching, *self._absent)]
        return dict(templates=self._templates(list(dict.fromkeys(names)))) if names or self._whole else {}

    def _templates(self, names):
        """Return name -> template and its newest version."""
        # The name of an application can be too short for a template, and EC2 refuses to look for it.
        names = [name for name in names if NAME.fullmatch(name)]
        if len(names) <= FEW and not self._whole:
            found = concurrently(
                self._concurrency, [partial(find_ec2.find_launch_template, self._clients, name) for name in names]
            )
            return {pair[0]["LaunchTemplateName"]: pair for pair in found if pair}
        some = None if self._whole or len(names) > find_ec2.FILTER_VALUES else names
        templates = find_ec2.list_launch_templates(self._clients, some)
        templates = [each for each in templates if self._whole or each["LaunchTemplateName"] in set(names)]
        finder = find_ec2.find_launch_template_version
        finders = [partial(finder, self._clients, each["LaunchTemplateId"], "$Latest") for each in templates]
        versions = (
            concurrently(self._concurrency, finders)
            if len(templates) <= FEW
            else find_ec2.list_newest_launch_template_versions(self._clients)
        )
        newest = {version["LaunchTemplateId"]: version for version in versions if version}
        pairs = [(each, newest.get(each["LaunchTemplateId"])) for each in templates]
        return {template["LaunchTemplateName"]: (template, version) for template, version in pairs if version}

    def _read_groups(self, all_groups=False):
        names = sorted({each.group_name for each in self._applications if each.group_name})
        complete = bool(all_groups or self._whole or self._absent)
        found = (
            find_autoscaling.list_groups(self._clients)
            if complete
            else find_autoscaling.find_groups(self._clients, names)
        )
        return dict(groups={each["AutoScalingGroupName"]: each for each in found}, has_all_groups=complete)

    def _read_zones(self, observation):
        """Return the zones of the Region where a new group has neither subnets nor zones."""
        new = [each for each in self._launching if each.group_name and each.group_name not in observation.groups]
        options = ("group_subnets", "group_availability_zones")
        if all(any(each.options.get(option) for option in options) for each in new):
            return {}
        return dict(zones=find_ec2.list_zones(self._clients))

    def _read_users(self, observation):
        """Return who uses the instance profiles of the applications that are absent, in this and in further Regions."""
        regions: dict = {}
        for each in self._absent:
            profile = observation.profile(each.profile.name)
            if profile is not None:
                for region in dict.fromkeys([self._clients.region, *each.options["used_in_regions"]]):
                    regions.setdefault(region, []).append(profile)
        finders = [
            partial(find_users, self._clients.for_region(region), region, profiles, self._concurrency)
            for region, profiles in regions.items()
        ]
        users: dict = {}
        for found in concurrently(self._concurrency, finders):
            for key, used in found.items():
                known = users.setdefault(key, dict(instances=[], groups=[]))
                users[key] = {kind: known[kind] + used[kind] for kind in known}
        return dict(users=users)

    def _read_removable(self, observation):
        """Return the observation with all groups and with the versions of templates, if something could be superseded."""
        index = Index(observation)
        names = {each.options["launch_template_name"] for each in (*self._launching, *self._absent)}
        stale = [each for each, dummy in observation.templates.values() if _is_stale(each)]
        stale = [each for each in stale if each["LaunchTemplateName"] in names]
        if not observation.has_all_groups and (
            stale or any(self._can_supersede(each, index) for each in self._launching)
        ):
            observation = replace(observation, **self._read_groups(all_groups=True))
        return self._read_versions(observation, stale)

    def _read_versions(self, observation, templates):
        ids = [template["LaunchTemplateId"] for template in templates]
        finders = [partial(find_ec2.list_launch_template_versions, self._clients, each) for each in ids]
        listed = concurrently(self._concurrency, finders)
        versions = {each: tuple(sorted(v["VersionNumber"] for v in found)) for each, found in zip(ids, listed)}
        return replace(observation, template_versions={**observation.template_versions, **versions})

    def _can_supersede(self, application, index):
        """Return whether something of the application has to go, unless a group uses it."""
        planner, target, by_template = (
            Planner(application, index),
            application.launch,
            application.launches_from_template,
        )
        try:
            if by_template:
                # A new version supersedes the one that is the default now.
                exists = application.options["launch_template_name"] in index.observation.templates
                if exists and planner.launch_plan.calls:
                    return True
            elif target.on_drift == "replace" and target.name in index.observation.launch_configurations:
                return True
            return superseded.leaves_template(planner) or bool(superseded.configurations(planner))
        except LaunchkitError:
            return False

    def _refresh_launch_configurations(self, observation, applications):
        index = Index(observation)
        names: set = set()
        for each in applications:
            options = each.options
            names.update(index.siblings(options["launch_configuration_name_prefix"]))
            names.update(filter(None, [options.get("launch_configuration_name")]))
            if each.launch is not None and not each.launches_from_template:
                names.add(Planner(each, index).launch_target.name)
        known = observation.launch_configurations
        # A call finds 50 by name or lists 100.
        by_name = len(names) * 2 <= max(len(known), 100)
        found = find_autoscaling.find_launch_configurations(self._clients, sorted(names) if by_name else None)
        kept = {name: each for name, each in known.items() if by_name and name not in names}
        return dict(launch_configurations={**kept, **{each["LaunchConfigurationName"]: each for each in found}})

    def _refresh_templates(self, observation, applications):
        names = list(dict.fromkeys(each.options["launch_template_name"] for each in applications))
        found = self._templates(names)
        kept = {name: pair for name, pair in observation.templates.items() if name not in set(names)}
        refreshed = replace(observation, templates={**kept, **found})
        # Versions that were read before may have been deleted since.
        known = observation.template_versions
        changed = [each for each, dummy in found.values() if _is_stale(each) or each["LaunchTemplateId"] in known]
        refreshed = self._read_versions(refreshed, changed)
        return dict(templates=refreshed.templates, template_versions=refreshed.template_versions)

    def _refresh_groups(self, observation, applications):
        names = sorted({each.group_name for each in applications if each.group_name})
        found = find_autoscaling.find_groups(self._clients, names)
        kept = {name: group for name, group in observation.groups.items() if name not in set(names)}
        return dict(groups={**kept, **{each["AutoScalingGroupName"]: each for each in found}})


def _is_stale(template):
    return template["DefaultVersionNumber"] != template["LatestVersionNumber"]
