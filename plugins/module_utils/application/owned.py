# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What of an account belongs to an application, and what guards the rest of it. Pure.
Private to the collection: names and shapes can change in any release.

What the roles create has a tag. A launch configuration takes none, and is known by its name and its instance profile. An
instance profile belongs to the application whose role it holds, since lists leave out its tags; only without a role they tell."""

from dataclasses import replace

from ..autoscaling import group as auto_scaling_group
from ..core import ownership
from ..iam import instance_profile, policy_document, role
from ..iam import names as iam_names
from . import model
from .observation import Resources
from .options import PREFIX
from .plan import RESOURCES

FOREIGN = "exists and does not belong to this application"
ADOPT = f"{PREFIX}adopt=true (fleet_adopt=true for a whole fleet)"
# The variables that name the resources, and the resources whose changes are theirs.
_VARIABLES = {
    "iam_role": f"{PREFIX}role_name",
    "instance_profile": f"{PREFIX}instance_profile_name",
    "launch_configuration": f"{PREFIX}launch_configuration_name",
    "launch_template": f"{PREFIX}launch_template_name",
    "auto_scaling_group": f"{PREFIX}group_name",
}
_PARTS = {"iam_role": ("inline_policy",), "auto_scaling_group": ("instances",)}
# Characters of a value in a message. The plan has more of it.
_VALUE = 100


class OwnedResources(Resources):
    """The resources of one application, see :class:`~observation.Resources`, and whether they belong to it."""

    def tags(self, resource):
        """Return the tags of a resource, key -> value, or None if it does not exist."""
        if resource == "iam_role":
            return None if self.role is None else role.tags(self.role)
        if resource == "instance_profile":
            return None if self.profile is None else instance_profile.from_api(self.profile).tags
        if resource == "launch_template":
            template = self.index.template_state(self.application.options["launch_template_name"]).template
            return None if template is None else template.tags
        group = self.group
        return None if group is None else {key: tag[0] for key, tag in auto_scaling_group.tags_of(group).items()}

    def is_owned(self, resource):
        """Return whether a resource belongs to the application, or does not exist."""
        tags = self.tags(resource)
        if resource == "instance_profile" and self.profile and self.profile["Roles"]:
            tags = role.tags(self.observation.role(self.profile["Roles"][0]["RoleName"]) or {})
        return tags is None or ownership.is_owned(tags, self.application.owner)

    def may_change(self, resource):
        """Return whether a resource belongs to the application, or is taken over."""
        return self.application.adopts or self.is_owned(resource)

    def is_of_another_kind(self):
        """Return whether EC2 may not assume the role, which the application did not create for another service either."""
        if self.role is None or policy_document.lets_ec2_assume(self.role["AssumeRolePolicyDocument"]):
            return False
        wanted = model.trust_policy(self.application.options, self.observation.partition)
        return policy_document.lets_ec2_assume(wanted) or not self.is_owned("iam_role")

    def owns(self, settings):
        """Return whether launch settings name the instance profile of the application, which belongs to it."""
        is_named = iam_names.same_name(settings.profile_name, self.application.profile.name)
        return is_named and self.may_change("instance_profile")

    def owned_configurations(self, names):
        """Return those of the launch configurations that exist and are the application's."""
        known = self.index.configuration_state(names).configurations
        return [each for each in known.values() if self.owns(each.settings)]

    def ownership_tags(self, resource):
        """Return the collection's tags that a resource lacks: one that is new, or that is taken over."""
        tags = self.tags(resource)
        if tags is not None and (ownership.is_owned(tags, self.application.owner) or not self.application.adopts):
            return {}
        return {ownership.TAG: ownership.value(self.application.owner)}

    def tagged(self, resource, target):
        """Return the target of a resource with the collection's tags."""
        return ownership.with_tags(target, self.tags(resource) or {}, self.ownership_tags(resource))

    def guarded(self, step, resource, name, is_owned=None):
        """Return a step that leaves alone what does not belong to the application: blocked if it would change it.

        :param name: of the resource that the step changes, among others.
        :param is_owned: whether it belongs to the application; None to look at its tags.
        """
        changes = [each for each in step.changes if each.resource in (resource, *_PARTS.get(resource, ()))]
        if resource == "iam_role" and changes and self.is_of_another_kind():
            return replace(step, blockers=(*step.blockers, self._another_kind()))
        if self.application.adopts or (self.is_owned(resource) if is_owned is None else is_owned):
            return step
        subject = f"{RESOURCES[resource]} {name}"
        if not changes:
            return replace(step, not_owned=(subject,))
        found = [difference for change in changes for difference in change.differences]
        listed = "; ".join(f"{each.field}: {_cut(each.actual)} -> {_cut(each.wanted)}" for each in found)
        actions = ", ".join(f"{change.action} {RESOURCES[change.resource]} {change.name}" for change in changes)
        blocker = (
            f"{_VARIABLES[resource]}: {subject} {FOREIGN}, and differs: {listed or actions}. "
            f"Set {ADOPT} to take it over, or choose another name."
        )
        return replace(step, blockers=(*step.blockers, blocker))

    def kept(self, resource, name):
        """Return why a removal keeps a resource, or None."""
        subject = f"{RESOURCES[resource]} {name}"
        if resource == "iam_role" and self.is_of_another_kind():
            return f"{subject} is kept: EC2 may not assume it, so it is of another kind, which is never deleted."
        if self.may_change(resource):
            return None
        return f"{subject} {FOREIGN}: it is kept. Set {ADOPT} to delete it with the application."

    def _another_kind(self):
        trusted = policy_document.principals(self.role["AssumeRolePolicyDocument"])
        return (
            f"{_VARIABLES['iam_role']}: EC2 may not assume IAM role {self.role['RoleName']}, but {trusted}. "
            "A role of another kind is never changed. Choose another name."
        )


def _cut(text):
    return text if len(text) <= _VALUE else f"{text[:_VALUE]}..."
