# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


class ModuleDocFragment:
    """The options that describe the applications of a fleet."""

    DOCUMENTATION = r"""
options:
  applications:
    description:
      - The applications, a list with a dictionary of variables of the role P(launchkit.aws.application#role) for each,
        such as C(application_name) and C(application_image_id).
      - All applications are checked before the first call. The message names each mistake with its application.
      - C(application_user_data) and C(application_user_data_base64) are shown by digest and size only.
    type: raw
    required: true
  defaults:
    description:
      - Defaults for all applications, a dictionary of such variables. An application's own value takes precedence.
    type: raw
  state:
    description: The desired state of all applications. It takes precedence over their C(application_state).
    type: str
    choices: ["present", "absent"]
  adopt:
    description: The default of C(application_adopt), whether to take over what exists under the names of an application
      and does not belong to it. Such resources have no tag C(launchkit:application) with its name.
    type: bool
    default: false
  concurrency:
    description: The number of calls that are made at once, 1 to 64. While AWS throttles, all of them slow down.
    type: int
    default: 8
  orphan_path:
    description:
      - An IAM path, such as V(/web/). IAM roles and instance profiles under it that no application claims are orphans.
    type: str
  orphan_tags:
    description: Tags. IAM roles that have all of them and that no application claims are orphans. With O(orphan_path),
      both must match.
    type: dict
  account:
    description:
      - The ID of the account. The task fails before the first change if the credentials belong to another account.
    type: str
  include_details:
    description: Whether the plan shows long values in full, and policies line by line. C(--diff) sets it.
    type: bool
    default: false
  claims:
    description: The names of IAM roles and instance profiles that applications of other hosts use, each with the name
      of the host. They are not deleted, since IAM is the same in all Regions of an account. The task sets the option
      from the inventory.
    type: dict
    default: {}
"""
