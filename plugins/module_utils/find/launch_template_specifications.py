# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The launch templates that Auto Scaling groups name. Pure.
Private to the collection: names and shapes can change in any release."""


def launch_templates_of(group):
    """Return all launch template specifications of an Auto Scaling group, as the API gives them."""
    policy = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    specifications = [group.get("LaunchTemplate"), policy.get("LaunchTemplateSpecification")]
    specifications += [override.get("LaunchTemplateSpecification") for override in policy.get("Overrides") or ()]
    return [specification for specification in specifications if specification]
