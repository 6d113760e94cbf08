# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The chain of an application, from group to policies: what is drawn, and the findings where it is broken. Pure.
Private to the collection: names and shapes can change in any release."""

import shlex

from ..iam import role as iam_role
from .account import CONFIGURATION
from .catalogue import Finding
from .launching import is_image_broken, listed

# States of a link: it exists; it exists and is wrong; something names it and it does not exist; nothing names it.
GOOD, BAD, MISSING, ABSENT = "good", "bad", "missing", "absent"
# Findings after which instances do not launch or have no credentials.
BREAKING = (
    "launch_settings_missing", "image_missing", "profile_missing", "profile_without_role", "role_replaced", "role_without_profile",
)  # fmt: skip
_POLICIES = ("administrator_access", "allows_everything")


def findings(row, account):
    """Yield the findings where the chain of an application is broken."""
    group = row.group and row.group["AutoScalingGroupName"]
    for launch in row.launches:
        if launch.settings is None:
            detail = f"Group {group} names {launch.title}, which does not exist."
            yield Finding(
                "launch_settings_missing",
                detail,
                "application_image_id and application_instance_type, with application_group_name",
            )
        elif group and not launch.settings.profile_name:
            yield Finding("profile_unset", f"{launch.title} names no instance profile.", f"application_name: {group}")
    for name, profile in row.profiles.items():
        if profile is None:
            detail = f"The launch settings name instance profile {name}, which does not exist."
            yield Finding("profile_missing", detail, f"application_instance_profile_name: {name}")
        elif not profile["Roles"]:
            yield Finding(
                "profile_without_role",
                f"Instance profile {name} contains no role.",
                f"application_instance_profile_name: {name}",
            )
        elif is_replaced(profile, account):
            command = f"ansible-playbook launchkit.aws.bootstrap -e application_name={shlex.quote(profile['Roles'][0]['RoleName'])}"
            yield Finding("role_replaced", f"Instance profile {name} holds a role that no longer exists.", command)
    for role in row.roles if not row.profiles else ():
        command = f"ansible-playbook launchkit.aws.bootstrap -e application_name={shlex.quote(role['RoleName'])}"
        yield Finding("role_without_profile", f"No instance profile contains role {role['RoleName']}.", command)


def is_replaced(profile, account):
    """Return whether an instance profile holds a role under whose name there is another one now, or none."""
    for held in profile["Roles"]:
        role = account.observation.role(held["RoleName"])
        if role is None or role["RoleId"] != held["RoleId"]:
            return True
    return False


def links(row, account, names):
    """Return the links of the chain, each with kind, title, name, detail and state.

    :param names: the names of the application's findings that are not accepted.
    """
    found = [_group(row), _launch(row, account), _profile(row, account), _role(row, account), _policies(row, names)]
    for before, link in zip(found, found[1:]):
        states = {before["state"], link["state"]}
        is_broken = MISSING in states or before.get("breaks") == "after" or link.get("breaks") == "before"
        link["edge"] = "broken" if is_broken else ABSENT if ABSENT in states else GOOD
    for link in found:
        link.pop("breaks", None)
    return found


def _link(kind, title, name="", detail="", state=GOOD, **more):
    return dict(kind=kind, title=title, name=name, detail=detail, state=state, **more)


def _group(row):
    title, group = "Auto Scaling group", row.group
    if group is None:
        return _link("group", title, "none", _number(row.instances, "instance"), ABSENT)
    sizes = f"{group.get('MinSize', 0)} to {group.get('MaxSize', 0)}"
    return _link(
        "group", title, group["AutoScalingGroupName"], f"{_number(group.get('Instances') or (), 'instance')}, {sizes}"
    )


def _launch(row, account):
    if not row.launches:
        return _link("launch", "Launch settings", "none", state=ABSENT)
    launch, others = row.launches[0], len(row.launches) - 1
    title = "Launch configuration" if launch.kind == CONFIGURATION else "Launch template"
    more = f", {others} more" if others else ""
    if launch.settings is None:
        return _link("launch", title, launch.name, f"does not exist{more}", MISSING)
    version = f"version {launch.version}, " if launch.version else ""
    broken = [each for each in row.launches if each.settings is None or is_image_broken(each, account)]
    if broken:
        return _link("launch", title, launch.name, f"image missing, {version}{more}".rstrip(", "), BAD, breaks="before")
    if row.is_unused(launch):
        return _link("launch", title, launch.name, f"no group names it{more}", BAD, breaks="before")
    return _link("launch", title, launch.name, f"{version}{launch.settings.image_id or 'no image'}{more}")


def _profile(row, account):
    title = "Instance profile"
    if not row.profiles:
        # A role that no profile contains, or a group whose instances have no role.
        return _link("profile", title, "none", state=MISSING if row.roles else ABSENT)
    name, profile = next(iter(row.profiles.items()))
    if profile is None:
        return _link("profile", title, name, "does not exist", MISSING)
    if is_replaced(profile, account):
        return _link("profile", title, name, "holds a former role", BAD, breaks="after")
    return _link("profile", title, name, profile["Path"] if profile["Path"] != "/" else "")


def _role(row, account):
    title = "IAM role"
    if row.roles:
        role, others = row.roles[0], len(row.roles) - 1
        details = [role["Path"] if role["Path"] != "/" else "", f"{others} more" if others else ""]
        return _link("role", title, role["RoleName"], ", ".join(filter(None, details)))
    return _link("role", title, "none", state=MISSING if any(row.profiles.values()) else ABSENT)


def _policies(row, names):
    title = "Policies"
    if not row.roles:
        return _link("policies", title, "none", state=ABSENT)
    attached = sorted({arn.rpartition("/")[2] for role in row.roles for arn in iam_role.attached_policies(role)})
    inline = sorted({name for role in row.roles for name in iam_role.inline_policies(role)})
    if not attached and not inline:
        return _link("policies", title, "none", "no permissions", ABSENT)
    state = BAD if set(_POLICIES) & set(names) else GOOD
    return _link(
        "policies", title, listed([*attached, *inline]), f"{len(attached)} managed, {len(inline)} inline", state
    )


def _number(items, noun):
    return f"{len(items)} {noun}{'' if len(items) == 1 else 's'}"
