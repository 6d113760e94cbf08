# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What was read of an account and Region for applications, and what of it belongs to one of them. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Mapping, Optional, Tuple

from ..core.errors import LaunchkitError
from ..find.launch_template_specifications import (
    launch_templates_of,
)
from ..launch import configuration as launch_configuration
from ..launch import template as launch_template
from ..launch import template_plan
from ..launch.settings import FINGERPRINT_LENGTH
from .plan import Step


@dataclass(frozen=True)
class Observation:
    """What was read. What does not exist is not in the mappings.

    :param region: the Region that was read.
    :param partition: of the account, e.g. ``aws``.
    :param account: its 12 digits.
    :param policy_arns: managed policy as it was written -> ARN, or None for one that does not exist.
    :param roles: name without regard to case -> role in the shape of GetAccountAuthorizationDetails, see ``iam/role.py``.
    :param profiles: name without regard to case -> instance profile as GetInstanceProfile gives it; without tags where none are set.
    :param launch_configurations: name -> as DescribeLaunchConfigurations gives it.
    :param templates: name -> the launch template and its newest version.
    :param template_versions: id of a launch template -> the numbers of its versions, where they matter.
    :param groups: name -> Auto Scaling group as the API gives it.
    :param has_all_groups: whether these are all groups of the Region, so that what none of them names is unused.
    :param security_group_ids: VPC -> name -> id.
    :param zones: Availability Zones of the Region, where a new group needs them.
    :param references: what AWS knows of what the applications refer to; None where that was not looked up.
    :param users: name of an instance profile without regard to case -> who uses it, see ``iam/instance_profile_usage.py``; for
        applications that are absent.
    :param carriers: name of an instance profile without regard to case -> the instances that carry it, in words, where it loses its role.
    :param claims: name of a role or instance profile without regard to case -> the host whose applications claim it.
    """

    region: str = ""
    partition: str = "aws"
    account: str = ""
    policy_arns: Mapping[str, Optional[str]] = field(default_factory=dict)
    roles: Mapping[str, Mapping] = field(default_factory=dict)
    profiles: Mapping[str, Mapping] = field(default_factory=dict)
    launch_configurations: Mapping[str, Mapping] = field(default_factory=dict)
    templates: Mapping[str, Tuple[Mapping, Mapping]] = field(default_factory=dict)
    template_versions: Mapping[str, Tuple[int, ...]] = field(default_factory=dict)
    groups: Mapping[str, Mapping] = field(default_factory=dict)
    has_all_groups: bool = False
    security_group_ids: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    zones: Tuple[str, ...] = ()
    references: Optional[Mapping[str, Mapping]] = None
    users: Mapping[str, Any] = field(default_factory=dict)
    carriers: Mapping[str, str] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)
    now: Any = field(default_factory=lambda: datetime.now(timezone.utc))

    def role(self, name):
        """Return an IAM role by its name in any letter case, as IAM does, or None."""
        return self.roles.get(name.casefold())

    def profile(self, name):
        """Return an instance profile by its name in any letter case, as IAM does, or None."""
        return self.profiles.get(name.casefold())


class Index:
    """An observation, with what one would otherwise search all of it for, for each application."""

    def __init__(self, observation):
        self.observation = observation
        self._siblings: dict = {}
        for name in observation.launch_configurations:
            prefix = name[:-FINGERPRINT_LENGTH]
            if launch_configuration.is_sibling(prefix, name):
                self._siblings.setdefault(prefix, []).append(name)
        self.groups_by_launch_configuration: dict = {}
        self._versions_by_template: dict = {}
        self._templates = {pair[0]["LaunchTemplateId"]: pair for pair in observation.templates.values()}
        for name, group in sorted(observation.groups.items()):
            if group.get("LaunchConfigurationName"):
                self.groups_by_launch_configuration.setdefault(group["LaunchConfigurationName"], []).append(name)
            for specification in launch_templates_of(group):
                for key in ("LaunchTemplateId", "LaunchTemplateName"):
                    if specification.get(key):
                        users = self._versions_by_template.setdefault(specification[key], {})
                        users.setdefault(name, set()).add(specification.get("Version", "$Default"))

    def source(self, source):
        """Return the launch configuration or launch template that a group launches from, or None where it was not read.

        :param source: with one of the members ``LaunchConfigurationName`` and ``LaunchTemplate``.
        """
        configuration = self.observation.launch_configurations.get(source.get("LaunchConfigurationName"))
        if configuration is not None:
            return launch_configuration.from_api(configuration)
        named = source.get("LaunchTemplate") or {}
        pair = self._templates.get(named.get("LaunchTemplateId"))
        pair = pair or self.observation.templates.get(named.get("LaunchTemplateName"))
        return None if pair is None else launch_template.from_api(*pair)

    def siblings(self, prefix):
        """Return the names of the launch configurations that are the prefix and a fingerprint."""
        return self._siblings.get(prefix, [])

    def groups_by_template(self, template):
        """Return the groups that name a launch template, each with the versions that it names."""
        found: dict = {}
        for key in ("LaunchTemplateId", "LaunchTemplateName"):
            for group, versions in self._versions_by_template.get(template[key], {}).items():
                found.setdefault(group, set()).update(versions)
        return {group: tuple(sorted(versions)) for group, versions in found.items()}

    def configuration_state(self, names):
        """Return the state of launch configurations of these names, as ``launch/configuration.py`` takes it."""
        known = self.observation.launch_configurations
        configurations = {name: launch_configuration.from_api(known[name]) for name in names if name in known}
        groups = self.groups_by_launch_configuration if self.observation.has_all_groups else None
        return launch_configuration.State(configurations, groups, self.observation.now)

    def template_state(self, name):
        """Return the state of the launch template of this name, as ``launch/template_plan.py`` takes it."""
        found = self.observation.templates.get(name)
        if found is None:
            return launch_template.State(None)
        template = launch_template.from_api(*found)
        groups = self.groups_by_template(found[0]) if self.observation.has_all_groups else None
        versions = self.observation.template_versions.get(template.identity["LaunchTemplateId"], ())
        return launch_template.State(template, versions, groups)


class Resources:
    """The resources of one application as they were read. A planner of its steps has a method for each of them.

    :param application: an :class:`~model.Application`.
    :param index: the :class:`Index` of what was read.
    """

    def __init__(self, application, index):
        self.application = application
        self.index = index
        self.observation = index.observation

    def step(self, name):
        """Return one step. What it can't do is a blocker."""
        try:
            return getattr(self, f"_{name}")()
        except LaunchkitError as error:
            return Step(name, blockers=(error.message,))

    @property
    def role(self):
        """The IAM role, or None."""
        return self.observation.role(self.application.options["role_name"])

    @property
    def profile(self):
        """The instance profile, or None."""
        return self.observation.profile(self.application.profile.name)

    @property
    def group(self):
        """The Auto Scaling group, or None."""
        return self.observation.groups.get(self.application.group_name)

    @property
    def template_state(self):
        """The state of the launch template."""
        return self.index.template_state(self.application.options["launch_template_name"])

    def deletions(self, configurations, template_state):
        """Return the calls that delete launch configurations and a launch template; none for what a group still names."""
        used = self.index.groups_by_launch_configuration
        calls = launch_configuration.delete([each for each in configurations if not used.get(each.name)])
        template = template_state.template
        if template is not None and not template_state.groups:
            target = launch_template.Target(template.name, present=False)
            calls += template_plan.plan(target, template_state).calls
        return calls
