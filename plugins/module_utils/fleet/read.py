# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads what many applications have of AWS in few calls, several at a time. Nothing here changes anything."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ansible_collections.launchkit.aws.plugins.module_utils.application.observation import Index, Observation
from ansible_collections.launchkit.aws.plugins.module_utils.application.options import PREFIX
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.core.parallel import concurrently
from ansible_collections.launchkit.aws.plugins.module_utils.find import autoscaling as find_autoscaling
from ansible_collections.launchkit.aws.plugins.module_utils.find import ec2 as find_ec2
from ansible_collections.launchkit.aws.plugins.module_utils.find import iam as find_iam
from ansible_collections.launchkit.aws.plugins.module_utils.find import sts as find_sts
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.plan import Planned
from ansible_collections.launchkit.aws.plugins.module_utils.iam import managed_policy, managed_policy_arns
from ansible_collections.launchkit.aws.plugins.module_utils.launch import security_groups

# Up to this many applications, their roles, profiles and templates are read one by one: two or three small calls for each. Reading all
# is a call or two, but the answer holds every policy document of the account's roles, a thousand by default.
FEW = 2
# Values that a filter of EC2 takes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html
FILTER_VALUES = 200


class Reading:
    """Reads for a list of applications.

    :param clients: see :class:`~clients.Clients`.
    :param applications: each an :class:`~application.Application`.
    :param concurrency: calls at once.
    :param all_roles: whether to read all roles and profiles, also those that no application claims.
    """

    def __init__(self, clients, applications, concurrency, all_roles=False):
        self._clients = clients
        self._applications = applications
        self._concurrency = concurrency
        self._few = len(applications) <= FEW and not all_roles
        self._whole = False
        self._launching = [each for each in applications if each.launch is not None]

    def everything(self):
        """Return the observation of all that the applications have."""
        reads = [self._policy_arns, self._roles, self._profiles, self._security_group_ids]
        reads += [self._launch_configurations, self._templates, self._groups]
        observation = Observation()
        for changes in concurrently(self._concurrency, reads):
            observation = replace(observation, **changes)
        observation = replace(observation, **self._account(observation))
        return self.what_nothing_uses(observation)

    def whole_region(self, observation):
        """Return the observation with all launch configurations, launch templates and groups, whoever they belong to."""
        self._whole, self._few = True, False
        return self.again(observation, "launch_configurations", "templates", "groups")

    def again(self, observation, *kinds):
        """Return the observation with some of its kinds read afresh.

        :param kinds: ``profiles``, ``launch_configurations``, ``templates`` or ``groups``.
        """
        reads = {
            "profiles": self._profiles,
            "launch_configurations": self._launch_configurations,
            "templates": partial(self._templates, also=tuple(observation.templates)),
            "groups": partial(self._groups, all_of_them=observation.has_all_groups),
        }
        for changes in concurrently(self._concurrency, [reads[kind] for kind in kinds]):
            observation = replace(observation, **changes)
        return observation if kinds == ("profiles",) else self.what_nothing_uses(observation)

    def what_nothing_uses(self, observation):
        """Return the observation with all groups and with the versions of templates, if something might have to go."""
        observation = replace(observation, templates={**observation.templates, **self._left_templates(observation)})
        index = Index(observation)
        stale = [template for template, dummy in observation.templates.values() if _is_stale(template)]
        removable = stale or any(self._may_remove(application, index) for application in self._launching)
        if removable and not observation.has_all_groups:
            observation = replace(observation, **self._groups(all_of_them=True))
        sought = [template["LaunchTemplateId"] for template in stale]
        listed = concurrently(
            self._concurrency, [partial(find_ec2.list_launch_template_versions, self._clients, each) for each in sought]
        )
        versions = {
            identity: tuple(sorted(each["VersionNumber"] for each in found)) for identity, found in zip(sought, listed)
        }
        return replace(observation, template_versions=versions)

    def _may_remove(self, application, index):
        """Tell whether there is a launch configuration or template that could be the application's and unused."""
        options = application.options
        known = index.observation.launch_configurations
        if not application.present or self._whole:
            return True
        if application.launches_from_template:
            fixed = options.get("launch_configuration_name")
            return fixed in known or bool(index.siblings(options["launch_configuration_name_prefix"]))
        if options["launch_template_name"] in index.observation.templates:
            return True
        if application.launch.name is not None:
            return application.launch.on_drift == "replace" and application.launch.name in known
        try:
            current = Planned(application, index).launch_target().name
        except MissingReference:
            return False
        others = [name for name in index.siblings(application.launch.prefix) if name != current]
        return bool(others)

    def _account(self, observation):
        """Return the account, which any role tells; only one without roles has to be asked."""
        for role in observation.roles.values():
            dummy, partition, dummy, dummy, account, dummy = role["Arn"].split(":", 5)
            return dict(partition=partition, account=account)
        partition, account = find_sts.find_account(self._clients)
        return dict(partition=partition, account=account)

    def _policy_arns(self):
        written = dict.fromkeys(policy for each in self._applications if each.present for policy in each.policies)
        references = {policy: managed_policy.parse(f"{PREFIX}managed_policies", policy) for policy in written}
        arns = managed_policy_arns.find_arns(self._clients, f"{PREFIX}managed_policies", references.values())
        return dict(policy_arns={policy: arns[reference] for policy, reference in references.items()})

    def _roles(self):
        if self._few:
            finders = [
                partial(find_iam.find_role_details, self._clients, name, self._has_inline_policies(name))
                for name in self._role_names()
            ]
            return dict(roles={role["RoleName"]: role for role in concurrently(self._concurrency, finders) if role})
        wants_more = any(
            each.present
            and (each.options.get("role_description") or each.options.get("role_max_session_duration")) is not None
            for each in self._applications
        )
        reads = [partial(find_iam.list_role_details, self._clients)]
        reads += [partial(find_iam.list_roles, self._clients)] if wants_more else []
        details, *listed = concurrently(self._concurrency, reads)
        more = {
            role["RoleName"]: {key: role[key] for key in ("Description", "MaxSessionDuration") if key in role}
            for role in (listed[0] if listed else ())
        }
        return dict(roles={role["RoleName"]: {**role, **more.get(role["RoleName"], {})} for role in details})

    def _role_names(self):
        return [each.options["role_name"] for each in self._applications]

    def _has_inline_policies(self, role_name):
        return any(
            each.options.get("inline_policies") is not None
            for each in self._applications
            if each.options["role_name"] == role_name
        )

    def _profiles(self):
        if self._few:
            finder = find_iam.find_instance_profile_ignoring_case
            found = concurrently(
                self._concurrency, [partial(finder, self._clients, each.profile.name) for each in self._applications]
            )
            return dict(profiles={_key(profile): profile for profile in found if profile})
        profiles = {_key(profile): profile for profile in find_iam.list_instance_profiles(self._clients)}
        # Lists leave tags out.
        tagged = [
            each.profile.name.casefold()
            for each in self._applications
            if each.present and each.profile.tags is not None
        ]
        names = [profiles[key]["InstanceProfileName"] for key in tagged if key in profiles]
        found = concurrently(
            self._concurrency, [partial(find_iam.find_instance_profile, self._clients, name) for name in names]
        )
        return dict(profiles={**profiles, **{_key(profile): profile for profile in found if profile}})

    def _launch_configurations(self):
        if not self._launching and not self._whole and all(each.present for each in self._applications):
            return {}
        fixed = [each.launch.name for each in self._launching if not each.launches_from_template]
        only_fixed = None not in fixed and len(fixed) == len(self._applications) and not self._whole
        found = find_autoscaling.find_launch_configurations(self._clients, fixed if only_fixed else None)
        return dict(launch_configurations={each["LaunchConfigurationName"]: each for each in found})

    def _templates(self, also=()):
        """Return the templates that the applications launch from.

        :param also: names of others that were read, and may be gone.
        """
        own = [each.options["launch_template_name"] for each in self._applications if self._may_have_template(each)]
        names = list(dict.fromkeys([*own, *also]))
        if not names and not self._whole:
            return {}
        if self._few:
            finders = [partial(find_ec2.find_launch_template, self._clients, name) for name in names]
            found = concurrently(self._concurrency, finders)
            return dict(templates={pair[0]["LaunchTemplateName"]: pair for pair in found if pair})
        reads = [partial(find_ec2.list_newest_launch_template_versions, self._clients)]
        if self._whole:
            reads.append(partial(find_ec2.list_launch_templates, self._clients))
        else:
            batches = (names[start : start + FILTER_VALUES] for start in range(0, len(names), FILTER_VALUES))
            reads += [partial(find_ec2.list_launch_templates, self._clients, batch) for batch in batches]
        versions, *lists = concurrently(self._concurrency, reads)
        newest = {version["LaunchTemplateId"]: version for version in versions}
        templates = [template for found in lists for template in found if template["LaunchTemplateId"] in newest]
        return dict(
            templates={
                template["LaunchTemplateName"]: (template, newest[template["LaunchTemplateId"]])
                for template in templates
            }
        )

    def _may_have_template(self, application):
        return application.launches_from_template or not application.present

    def _left_templates(self, observation):
        """Return the applications' own templates that their groups are about to leave for launch configurations."""
        names = [
            each.options["launch_template_name"]
            for each in self._launching
            if not each.launches_from_template
            and (observation.groups.get(each.group_name, {}).get("LaunchTemplate") or {}).get("LaunchTemplateName")
            == each.options["launch_template_name"]
        ]
        finders = [partial(find_ec2.find_launch_template, self._clients, name) for name in names]
        found = zip(names, concurrently(self._concurrency, finders))
        return {name: pair for name, pair in found if pair and name not in observation.templates}

    def _groups(self, all_of_them=False):
        names = sorted({each.group_name for each in self._applications if each.group_name})
        if all_of_them or self._whole or any(not each.present for each in self._applications):
            found, complete = find_autoscaling.list_groups(self._clients), True
        else:
            found, complete = find_autoscaling.find_groups(self._clients, names), False
        return dict(groups={each["AutoScalingGroupName"]: each for each in found}, has_all_groups=complete)

    def _security_group_ids(self):
        wanted: dict = {}
        for each in self._launching:
            names = security_groups.names_in(each.launch.settings.security_groups)
            if names:
                wanted.setdefault(each.options["vpc_id"], set()).update(names)
        reads = {
            vpc: partial(find_ec2.find_security_group_ids, self._clients, sorted(names), vpc)
            for vpc, names in wanted.items()
        }
        return dict(security_group_ids=dict(zip(reads, concurrently(self._concurrency, reads.values()))))


def _key(profile):
    return profile["InstanceProfileName"].casefold()


def _is_stale(template):
    return template["DefaultVersionNumber"] != template["LatestVersionNumber"]
