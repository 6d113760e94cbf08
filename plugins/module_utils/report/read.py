# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads an account and Region for a report, in bulk: about ten calls for a hundred applications. Nothing here changes anything.
Private to the collection: names and shapes can change in any release."""

from dataclasses import replace
from functools import partial

from ..application.observation import Observation
from ..core.error_codes import codes, is_any
from ..core.errors import CallFailed
from ..core.parallel import concurrently
from ..find import autoscaling as find_autoscaling
from ..find import ec2 as find_ec2
from ..find import iam as find_iam
from ..find import references as find_references
from .account import Account, Chains, needed_versions

_DENIED = codes("UnauthorizedOperation", "AccessDenied", "AccessDeniedException")
_SSM = "resolve:ssm:"


class AccountReader:
    """Reads an account and Region.

    :param clients: see :class:`~clients.Clients`.
    :param concurrency: calls at once.
    :param actions: what to simulate for each role in a chain: dictionaries of ``actions`` and ``resources``.
    """

    def __init__(self, clients, concurrency, actions=()):
        self._clients = clients
        self._concurrency = concurrency
        self._actions = actions
        self._denied: list = []

    def read(self):
        """Return the :class:`~account.Account`. What the credentials may not read of instances, volumes and policies is None.

        :raises CallFailed: AWS refused a read without which there is no chain, or was not reached.
        """
        clients = self._clients
        readers = [
            partial(find_iam.list_role_and_policy_details, clients),
            partial(find_iam.list_instance_profiles, clients),
            partial(find_autoscaling.list_groups, clients),
            partial(find_autoscaling.find_launch_configurations, clients),
            partial(find_ec2.list_launch_templates, clients),
            partial(find_ec2.list_newest_launch_template_versions, clients),
            partial(self._optional, "ec2:DescribeInstances", find_ec2.list_instances, clients),
            partial(self._optional, "ec2:DescribeVolumes", find_ec2.list_unencrypted_volumes, clients),
            partial(self._optional, "ec2:GetEbsEncryptionByDefault", find_ec2.is_encrypted_by_default, clients),
        ]
        answers = concurrently(self._concurrency, readers)
        (roles, policies), profiles, groups, configurations, templates, versions, instances, volumes, encrypts = answers
        newest = {version["LaunchTemplateId"]: version for version in versions}
        known = [each for each in templates if each["LaunchTemplateId"] in newest]
        observation = Observation(
            region=clients.region,
            roles={role["RoleName"].casefold(): role for role in roles},
            profiles={profile["InstanceProfileName"].casefold(): profile for profile in profiles},
            launch_configurations={each["LaunchConfigurationName"]: each for each in configurations},
            templates={each["LaunchTemplateName"]: (each, newest[each["LaunchTemplateId"]]) for each in known},
            groups={each["AutoScalingGroupName"]: each for each in groups},
            has_all_groups=True,
            **self._identity(roles),
        )
        account = Account(
            observation,
            versions=self._versions(observation),
            instances=None if instances is None else {each["InstanceId"]: each for each in instances},
            unencrypted=None if volumes is None else frozenset(each["VolumeId"] for each in volumes),
            encrypts_by_default=encrypts,
            policies={each["Arn"]: _document(each) for each in policies},
        )
        account = replace(account, **self._images(account), decisions=self._decisions(account))
        return replace(account, denied=tuple(sorted(self._denied)))

    def _optional(self, operation, function, *arguments):
        """Return what a function returns, or None where the credentials do not permit it."""
        try:
            return function(*arguments)
        except CallFailed as failure:
            if not is_any(_DENIED, failure.exception):
                raise
            if operation not in self._denied:
                self._denied.append(operation)
            return None

    def _identity(self, roles):
        """Return partition and account, which any role tells."""
        arn = roles[0]["Arn"].split(":") if roles else None
        partition, account = (arn[1], arn[4]) if arn else find_iam.find_account(self._clients)
        return dict(partition=partition, account=account)

    def _versions(self, observation):
        """Return the versions of launch templates that groups name and that are not the newest."""
        needed = needed_versions(observation)
        defaults = {
            each["LaunchTemplateId"]: str(each["DefaultVersionNumber"])
            for each, dummy in observation.templates.values()
        }
        found = []
        if any(defaults.get(template) == number for template, number in needed):
            found = find_ec2.list_default_launch_template_versions(self._clients)
        others = [pair for pair in needed if defaults.get(pair[0]) not in (None, pair[1])]
        finder = partial(find_ec2.find_launch_template_version, self._clients)
        found += concurrently(self._concurrency, [partial(finder, *pair) for pair in others])
        return {(each["LaunchTemplateId"], str(each["VersionNumber"])): each for each in found if each}

    def _images(self, account):
        launches = [launch for row in Chains(account).applications() for launch in row.launches if launch.settings]
        named = {launch.settings.image_id for launch in launches if launch.settings.image_id}
        parameters = {name[len(_SSM) :] for name in named if name.startswith(_SSM)}
        images = {name for name in named if not name.startswith("resolve:")}
        wanted = dict(images=images, ssm_parameters=parameters)
        found = find_references.find(self._clients, wanted, self._concurrency)
        return dict(images=found.get("images", {}), parameters=found.get("ssm_parameters", {}))

    def _decisions(self, account):
        """Return ARN of a role -> decisions, one call each: the only part of a report that grows with the applications."""
        if not self._actions:
            return {}
        actions = dict.fromkeys(action for each in self._actions for action in each["actions"])
        resources = dict.fromkeys(name for each in self._actions for name in each.get("resources") or ["*"])
        arns = list(dict.fromkeys(role["Arn"] for row in Chains(account).applications() for role in row.roles))
        finder = partial(self._optional, "iam:SimulatePrincipalPolicy", find_iam.simulate, self._clients)
        results = concurrently(self._concurrency, [partial(finder, arn, actions, resources) for arn in arns])
        return {arn: result for arn, result in zip(arns, results) if result is not None}


def _document(policy):
    """Return the document of the default version of a customer managed policy."""
    versions = [each for each in policy.get("PolicyVersionList") or () if each.get("IsDefaultVersion")]
    return versions[0].get("Document") if versions else None
