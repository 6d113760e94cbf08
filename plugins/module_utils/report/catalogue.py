# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The findings that a report can have: severity, title, meaning and AWS's page. Pure.
Private to the collection: names and shapes can change in any release."""

from dataclasses import dataclass
from typing import Optional

# The worst first.
SEVERITIES = ("critical", "high", "medium", "low")
_DOCS = "https://docs.aws.amazon.com/"
_EC2, _SCALING, _IAM = (
    f"{_DOCS}{path}" for path in ("AWSEC2/latest/UserGuide/", "autoscaling/ec2/userguide/", "IAM/latest/UserGuide/")
)
_PROFILES = f"{_IAM}id_roles_use_switch-role-ec2_instance-profiles.html"


@dataclass(frozen=True)
class Finding:
    """One finding about one application.

    :param name: a key of :data:`CATALOGUE`.
    :param detail: a sentence with the names and values that were found.
    :param fix: the variable or command that resolves it.
    :param severity: None for that of the catalogue.
    """

    name: str
    detail: str
    fix: str
    severity: Optional[str] = None

    @property
    def rank(self):
        """The position in :data:`SEVERITIES`."""
        return SEVERITIES.index(self.severity or CATALOGUE[self.name]["severity"])


def _entry(severity, title, meaning, url):
    return dict(severity=severity, title=title, meaning=meaning, url=url)


# The names are those that the option accepted_findings takes.
CATALOGUE = {
    "launch_settings_missing": _entry(
        "critical", "Launch settings do not exist",
        "The group cannot launch or replace an instance.", f"{_SCALING}launch-templates.html",
    ),
    "image_missing": _entry(
        "critical", "Image does not exist or is not available",
        "The group cannot launch or replace an instance.", f"{_EC2}deregister-ami.html",
    ),
    "profile_missing": _entry(
        "critical", "Instance profile does not exist", "New instances fail to launch, since they name an instance profile that does not exist.", _PROFILES
    ),
    "profile_without_role": _entry(
        "high", "Instance profile without role", "Instances get no AWS credentials.", _PROFILES
    ),
    "role_replaced": _entry(
        "high", "Instance profile holds a former role",
        "The role was deleted and created again. The instance profile still holds the former one, so that instances get no credentials.", _PROFILES,
    ),
    "administrator_access": _entry(
        "critical", "AdministratorAccess", "Code on an instance can do everything in the account.",
        f"{_DOCS}aws-managed-policy/latest/reference/AdministratorAccess.html",
    ),
    "allows_everything": _entry(
        "critical", "Allows * on *", "Code on an instance can do everything in the account.", f"{_IAM}best-practices.html#grant-least-privilege"
    ),
    "pass_role_everything": _entry(
        "high", "iam:PassRole on every role",
        "Code on an instance can pass any role of the account to a service, and so use the permissions of any role.", f"{_IAM}id_roles_use_passrole.html",
    ),
    "wildcard_trust": _entry(
        "critical", "Every AWS account can assume the role", "The trust policy names the principal *.", f"{_IAM}reference_policies_elements_principal.html"
    ),
    "unknown_account": _entry(
        "high", "An unknown account can assume the role",
        "The trust policy names an account that is neither this account nor a known one.", f"{_IAM}confused-deputy.html",
    ),
    "imdsv1": _entry(
        "high", "Instance metadata without IMDSv2",
        "A request that is forged through the application can read the credentials of the role.", f"{_EC2}configuring-instance-metadata-service.html",
    ),
    "unencrypted_volumes": _entry(
        "high", "Volumes without encryption", "Data and snapshots of the volumes are stored in plain form.",
        f"{_DOCS}ebs/latest/userguide/ebs-encryption.html",
    ),
    "action_unexpected": _entry(
        "high", "Permission differs from what is expected", "The policy simulation decides otherwise than the operator expects.",
        f"{_IAM}access_policies_testing-policies.html",
    ),
    "public_address": _entry(
        "medium", "Public IP addresses", "Instances can be reached from the internet if a security group permits it.", f"{_SCALING}asg-in-vpc.html"
    ),
    "hop_limit": _entry(
        "medium", "High hop limit of the metadata service",
        "Containers and proxies behind the instance can read the credentials of the role.", f"{_EC2}configuring-instance-metadata-options.html",
    ),
    "image_deprecated": _entry(
        "medium", "Deprecated image", "The owner of the image recommends not to use it, and can remove it.", f"{_EC2}ami-deprecate.html"
    ),
    "image_old": _entry(
        "medium", "Old image", "New instances lack the security updates since the image was created.", f"{_SCALING}asg-instance-refresh.html"
    ),
    "outdated_instances": _entry(
        "medium", "Outdated instances", "These instances were not launched from what the group launches from now.", f"{_SCALING}asg-instance-refresh.html"
    ),
    "health_check": _entry(
        "medium", "Health check without the load balancer",
        "Auto Scaling keeps instances that the load balancer finds unhealthy.", f"{_SCALING}ec2-auto-scaling-health-checks.html",
    ),
    "few_zones": _entry(
        "medium", "Too few Availability Zones", "A failure of one zone stops the application.", f"{_SCALING}auto-scaling-benefits.html"
    ),
    "launch_configuration": _entry(
        "medium", "Launch configuration left to migrate",
        "AWS adds no instance types to launch configurations and recommends launch templates.", f"{_SCALING}migrate-to-launch-templates.html",
    ),
    "drift": _entry(
        "medium", "Differs from the fleet file", "The next run of the fleet changes this, or is blocked.",
        f"{_DOCS}wellarchitected/latest/operational-excellence-pillar/ops_dev_integ_conf_mgmt_sys.html",
    ),
    "boundary_missing": _entry(
        "medium", "No permissions boundary", "Nothing limits the permissions that policies can give the role.", f"{_IAM}access_policies_boundaries.html"
    ),
    "parliament": _entry(
        "medium", "Policy check by parliament", "The tool parliament reports a mistake or a risk in a policy.",
        f"{_IAM}access-analyzer-policy-validation.html",
    ),
    "profile_unset": _entry(
        "low", "No instance profile", "Instances of the group have no role, so that they need credentials of another kind.", _PROFILES
    ),
    "role_without_profile": _entry(
        "low", "Role in no instance profile", "No instance can get the role.", _PROFILES
    ),
    "role_unused": _entry(
        "low", "Role not used", "Permissions that nobody uses are a risk without a benefit.", f"{_IAM}access_policies_last-accessed.html"
    ),
    "launch_configuration_unused": _entry(
        "low", "Launch configuration that no group names", "It counts towards the quota of 200 for each Region, and can be deleted.",
        f"{_SCALING}launch-configurations.html",
    ),
    "orphan": _entry(
        "low", "Orphan", "No application of the fleet file claims it.", f"{_IAM}best-practices.html#remove-credentials"
    ),
    "owner_missing": _entry(
        "low", "No owner", "It is not known whom to ask about the application.", f"{_SCALING}ec2-auto-scaling-tagging.html"
    ),
}  # fmt: skip
