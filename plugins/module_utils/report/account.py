# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a report knows of an account and Region, and the applications in it, each with its chain. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass, field, replace
from typing import Any, Mapping, Optional, Tuple

from ..application.observation import Observation
from ..autoscaling.instance_refresh import version_numbers
from ..find.launch_template_specifications import (
    launch_templates_of,
)
from ..iam import policy_document
from ..launch.settings import (
    LaunchSettings,
    from_launch_configuration,
)
from ..launch.template_data import from_launch_template_data

CONFIGURATION, TEMPLATE = "launch_configuration", "launch_template"


@dataclass(frozen=True)
class Account:
    """What was read. A member that is None could not be read.

    :param observation: of the whole account and Region.
    :param versions: (launch template ID, number as text) -> version as DescribeLaunchTemplateVersions gives it.
    :param instances: the living instances of the Region by ID.
    :param images: ID -> image, None for one that does not exist.
    :param parameters: SSM parameter of an image -> parameter, None for one that does not exist.
    :param unencrypted: the IDs of attached volumes without encryption.
    :param policies: ARN of a customer managed policy -> document of its default version.
    :param decisions: ARN of a role -> results of SimulatePrincipalPolicy.
    :param denied: the operations that the credentials do not permit.
    """

    observation: Observation = field(default_factory=Observation)
    versions: Mapping[Tuple[str, str], Mapping] = field(default_factory=dict)
    instances: Optional[Mapping[str, Mapping]] = field(default_factory=dict)
    images: Optional[Mapping[str, Optional[Mapping]]] = field(default_factory=dict)
    parameters: Mapping[str, Optional[Mapping]] = field(default_factory=dict)
    unencrypted: Optional[frozenset] = frozenset()
    encrypts_by_default: Optional[bool] = False
    policies: Mapping[str, Any] = field(default_factory=dict)
    decisions: Mapping[str, Any] = field(default_factory=dict)
    denied: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Launch:
    """What a group launches from, or could.

    :param version: as the group names it; empty for a launch configuration.
    :param number: of the version, as text.
    :param settings: None for what does not exist.
    """

    kind: str
    name: str
    version: str = ""
    number: str = ""
    settings: Optional[LaunchSettings] = None

    @property
    def title(self):
        """The kind and name as people say it."""
        resolved = f" ({self.number})" if self.number not in ("", self.version) else ""
        return f"{self.kind.replace('_', ' ')} {self.name}" + (
            f" version {self.version}{resolved}" if self.version else ""
        )


@dataclass(frozen=True)
class Application:
    """One row of a report: a group with its chain, or what of a chain exists without a group.

    :param launches: what the group launches from; several with a mixed instances policy.
    :param profiles: name of each instance profile that they name -> profile, None for one that does not exist.
    :param roles: the roles in the profiles, as the account has them now.
    :param instances: the living instances.
    :param unused: names of launch configurations that name the profile and that no group names.
    """

    name: str
    group: Optional[Mapping] = None
    launches: Tuple[Launch, ...] = ()
    profiles: Mapping[str, Optional[Mapping]] = field(default_factory=dict)
    roles: Tuple[Mapping, ...] = ()
    instances: Tuple[Mapping, ...] = ()
    unused: Tuple[str, ...] = ()

    def is_unused(self, launch):
        """Return whether no group names these launch settings. A migrated launch template has the name of its launch configuration."""
        return launch.kind == CONFIGURATION and launch.name in self.unused

    @property
    def is_regional(self):
        """Whether it has anything in this Region: IAM is the same in all Regions."""
        return bool(self.group or self.launches or self.instances or self.unused)


def needed_versions(observation):
    """Return the pairs of launch template ID and number that groups name and that are not the newest version."""
    chains = Chains(Account(observation))
    named = [each for group in observation.groups.values() for each in launch_templates_of(group)]
    pairs = {(each.get("LaunchTemplateId"), chains.number(each)) for each in named}
    return sorted((key, number) for key, number in pairs if number and chains.version(key, number) is None)


class Chains:
    """The applications of an account.

    :param account: an :class:`Account`.
    """

    def __init__(self, account):
        self.account = account
        self.observation = account.observation
        pairs = self.observation.templates.values()
        self._newest = {template["LaunchTemplateId"]: version for template, version in pairs}
        self._numbers = version_numbers([template for template, dummy in pairs])
        self._living = account.instances or {}
        self._by_profile: dict = {}
        for instance in self._living.values():
            self._by_profile.setdefault((instance.get("IamInstanceProfile") or {}).get("Arn"), []).append(instance)

    def applications(self):
        """Return the applications: groups, then profiles, roles and launch configurations that no group leads to."""
        observation = self.observation
        rows = [self._of_group(group) for dummy, group in sorted(observation.groups.items())]
        named = {launch.name for row in rows for launch in row.launches if launch.kind == CONFIGURATION}
        unnamed: dict = {}
        for name in sorted(set(observation.launch_configurations) - named):
            launch = self._configuration(name)
            unnamed.setdefault(launch.settings.profile_name.casefold(), []).append(launch)
        templates: dict = {}
        for template, version in observation.templates.values():
            number, settings = str(version["VersionNumber"]), from_launch_template_data(version["LaunchTemplateData"])
            launch = Launch(TEMPLATE, template["LaunchTemplateName"], number, number, settings)
            templates.setdefault(settings.profile_name.casefold(), []).append(launch)
        reached: set = set()
        for position, row in enumerate(rows):
            # The first row of a profile shows the launch configurations that name it.
            new = {name.casefold() for name in row.profiles} - reached
            reached |= new
            unused = tuple(launch.name for key in sorted(new) for launch in unnamed.pop(key, ()))
            rows[position] = replace(row, unused=unused)
        for key, profile in sorted(observation.profiles.items()):
            if key not in reached:
                configurations = unnamed.pop(key, [])
                launches = (*configurations, *templates.get(key, ()))
                unused = tuple(launch.name for launch in configurations)
                instances = tuple(self._by_profile.get(profile["Arn"], ()))
                rows.append(self._row(profile["InstanceProfileName"], None, launches, instances, unused, [profile]))
        held = {role["RoleName"].casefold() for profile in observation.profiles.values() for role in profile["Roles"]}
        for key, role in sorted(observation.roles.items()):
            if key not in held and _is_for_ec2(role):
                rows.append(Application(role["RoleName"], roles=(role,)))
        for launches in unnamed.values():
            rows += [self._row(launch.name, None, (launch,), (), (launch.name,)) for launch in launches]
        return rows

    def number(self, specification):
        """Return the number of the version that a group names, as text; empty if it is not known."""
        version = specification.get("Version", "$Default")
        return version if version.isdigit() else self._numbers.get((specification.get("LaunchTemplateId"), version), "")

    def version(self, template_id, number):
        """Return a version of a launch template, or None."""
        newest = self._newest.get(template_id)
        is_newest = newest is not None and str(newest["VersionNumber"]) == number
        return newest if is_newest else self.account.versions.get((template_id, number))

    @property
    def numbers(self):
        """See :func:`~instance_refresh.version_numbers`."""
        return self._numbers

    def _of_group(self, group):
        launches = (
            [self._configuration(group["LaunchConfigurationName"])] if group.get("LaunchConfigurationName") else []
        )
        # Overrides of a mixed instances policy can name one launch template many times.
        launches += {launch.title: launch for launch in map(self._template, launch_templates_of(group))}.values()
        ids = [each["InstanceId"] for each in group.get("Instances") or ()]
        instances = tuple(self._living[each] for each in ids if each in self._living)
        return self._row(group["AutoScalingGroupName"], group, launches, instances)

    def _row(self, name, group, launches, instances, unused=(), profiles=()):
        found = {profile["InstanceProfileName"]: profile for profile in profiles}
        for launch in () if profiles else launches:
            if launch.settings and launch.settings.profile_name:
                profile = self.observation.profile(launch.settings.profile_name)
                found[profile["InstanceProfileName"] if profile else launch.settings.profile_name] = profile
        held = [role["RoleName"] for profile in found.values() if profile for role in profile["Roles"]]
        roles = tuple(role for role in map(self.observation.role, dict.fromkeys(held)) if role)
        return Application(name, group, tuple(launches), found, roles, instances, unused)

    def _configuration(self, name):
        answer = self.observation.launch_configurations.get(name)
        return Launch(CONFIGURATION, name, settings=answer and from_launch_configuration(answer))

    def _template(self, specification):
        identifier, number = specification.get("LaunchTemplateId"), self.number(specification)
        version = self.version(identifier, number)
        settings = version and from_launch_template_data(version["LaunchTemplateData"])
        name = specification.get("LaunchTemplateName") or identifier
        return Launch(TEMPLATE, name, specification.get("Version", "$Default"), number, settings)


def resolved_image(account, settings):
    """Return the ID of the image that settings name; an empty text for none, None if its parameter is not known."""
    image = settings.image_id or ""
    if not image.startswith("resolve:ssm:"):
        return image
    parameter = account.parameters.get(image[len("resolve:ssm:") :])
    return parameter and parameter["Value"]


def _is_for_ec2(role):
    return "ec2.amazonaws.com" in policy_document.principals(role["AssumeRolePolicyDocument"])
