# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Reads the IAM roles, instance profiles and managed policies of many applications, in bulk or one by one, whichever costs less.
Private to the collection: names and shapes can change in any release."""

from functools import partial

from ..application.options import PREFIX
from ..core.error_codes import codes, is_any
from ..core.errors import CallFailed
from ..core.parallel import concurrently
from ..find import iam as find_iam
from ..iam import managed_policy
from ..iam import reads as iam_reads

# Up to this many applications are read one by one, from so many on in bulk. Between the two it depends on the number of roles in the
# account: reading one application by name is about four calls, and in bulk every role's policies are transferred and parsed, which takes
# as long as half a call for each role. See `make benchmark`.
FEW, MANY = 2, 100
ROLES_AN_APPLICATION = 8
_DENIED = codes("AccessDenied", "AccessDeniedException")


class IamReader:
    """Reads what applications have in IAM.

    :param clients: see :class:`~clients.Clients`.
    :param applications: all of them, present or absent.
    :param concurrency: calls at once.
    :param all_roles: whether all roles and profiles of the account are needed, to find orphans.
    """

    def __init__(self, clients, applications, concurrency, all_roles=False):
        self._clients = clients
        self._applications = applications
        self._concurrency = concurrency
        self._all_roles = all_roles
        self._is_bulk_denied = False

    def policy_arns(self):
        """Return managed policy as it was written -> ARN, or None for one that does not exist."""
        written = dict.fromkeys(policy for each in self._applications if each.present for policy in each.policies)
        references = {policy: managed_policy.parse(f"{PREFIX}managed_policies", policy) for policy in written}
        arns = iam_reads.find_policy_arns(self._clients, f"{PREFIX}managed_policies", references.values())
        return {policy: arns[reference] for policy, reference in references.items()}

    def roles_and_profiles(self):
        """Return the roles and the instance profiles, each by name without regard to case."""
        if self._is_by_name():
            return self._by_name(self._applications)
        try:
            roles = self._bulk_roles(self._applications)
        except CallFailed as failure:
            if self._all_roles or not is_any(_DENIED, failure.exception):
                raise
            self._is_bulk_denied = True
            return self._by_name(self._applications)
        # Every profile that holds a role is listed with that role. Lists leave out tags.
        held = {_key(profile): profile for role in roles.values() for profile in role.get("InstanceProfileList") or ()}
        if self._all_roles or any(each.profile.name.casefold() not in held for each in self._applications):
            held = {_key(profile): profile for profile in find_iam.list_instance_profiles(self._clients)}
        return roles, {**held, **self._tagged_profiles(self._applications, held)}

    def held_roles(self, roles, profiles):
        """Return the roles that the applications' profiles hold and that are not among those that were read.

        They tell whose a profile is. One that the caller may not read is left out, as if it did not exist.
        """
        keys = map(_profile_key, self._applications)
        held = {role["RoleName"] for key in keys if key in profiles for role in profiles[key]["Roles"]}
        unknown = sorted(name for name in held if name.casefold() not in roles)
        found = concurrently(self._concurrency, [partial(self._readable_role, name) for name in unknown])
        return {role["RoleName"].casefold(): role for role in found if role}

    def roles(self, known, applications, attempt):
        """Return the roles, with those of some applications read again.

        :param attempt: how many times they were read before.
        """
        if len(applications) <= FEW or self._is_by_name():
            return {**_without(known, map(_role_key, applications)), **self._roles_by_name(applications)}
        roles = self._bulk_roles(applications)
        late = [each for each in applications if _is_late(each, _role_key(each), known, roles, attempt)]
        # Of others, what they settled with counts: a list can be behind that.
        others = _without(known, map(_role_key, applications))
        return {**_without(roles, map(_role_key, late)), **others, **self._roles_by_name(late)}

    def profiles(self, known, applications, attempt):
        """Return the instance profiles, with those of some applications read again, see :meth:`roles`."""
        keys = [_profile_key(each) for each in applications]
        if len(applications) <= FEW or self._is_by_name():
            return {**_without(known, keys), **self._profiles_by_name(applications)}
        listed = {_key(profile): profile for profile in find_iam.list_instance_profiles(self._clients)}
        late = [each for each in applications if _is_late(each, _profile_key(each), known, listed, attempt)]
        finders = [partial(find_iam.find_instance_profile, self._clients, each.profile.name) for each in late]
        by_name = {_key(profile): profile for profile in concurrently(self._concurrency, finders) if profile}
        others = _without(known, keys)
        return {
            **_without(listed, map(_profile_key, late)),
            **others,
            **self._tagged_profiles(applications, listed),
            **by_name,
        }

    def _is_by_name(self):
        number = len(self._applications)
        if number <= FEW or self._is_bulk_denied:
            return not self._all_roles
        if self._all_roles or number >= MANY:
            return False
        if not hasattr(self, "_roles_in_account"):
            try:
                self._roles_in_account = find_iam.count_roles(self._clients)
            except CallFailed:
                self._roles_in_account = 0
        return number * ROLES_AN_APPLICATION <= self._roles_in_account

    def _by_name(self, applications):
        readers = [partial(self._roles_by_name, applications), partial(self._profiles_by_name, applications)]
        return concurrently(self._concurrency, readers)

    def _readable_role(self, name):
        try:
            return find_iam.find_role_details(self._clients, name, True)
        except CallFailed as failure:
            if not is_any(_DENIED, failure.exception):
                raise
            return None

    def _roles_by_name(self, applications):
        finders = [
            partial(find_iam.find_role_details, self._clients, each.options["role_name"], _needs_inline_policies(each))
            for each in applications
        ]
        return {role["RoleName"].casefold(): role for role in concurrently(self._concurrency, finders) if role}

    def _profiles_by_name(self, applications):
        finder = find_iam.find_instance_profile_ignoring_case
        finders = [partial(finder, self._clients, each.profile.name) for each in applications]
        # A role can be in other profiles, too, which a removal has to know of.
        absent = [each.options["role_name"] for each in applications if not each.present]
        finders += [partial(find_iam.list_instance_profiles, self._clients, role=name) for name in absent]
        found = concurrently(self._concurrency, finders)
        profiles = [profile for each in found for profile in (each if isinstance(each, list) else [each]) if profile]
        return {_key(profile): profile for profile in reversed(profiles)}

    def _bulk_roles(self, applications):
        wants_more = any(
            each.present
            and any(each.options.get(f"role_{name}") is not None for name in ("description", "max_session_duration"))
            for each in applications
        )
        readers = [partial(find_iam.list_role_details, self._clients)]
        readers += [partial(find_iam.list_roles, self._clients)] if wants_more else []
        details, *listed = concurrently(self._concurrency, readers)
        more = {
            role["RoleName"]: {key: role[key] for key in ("Description", "MaxSessionDuration") if key in role}
            for role in (listed[0] if listed else ())
        }
        return {role["RoleName"].casefold(): {**role, **more.get(role["RoleName"], {})} for role in details}

    def _tagged_profiles(self, applications, listed):
        # Where tags are set, or tell whose a profile without a role is.
        tagged = {_profile_key(each) for each in applications if each.present and _needs_tags(each)}
        keys = {_profile_key(each) for each in applications} & set(listed)
        names = [
            listed[key]["InstanceProfileName"]
            for key in (listed if self._all_roles else sorted(keys))
            if key in tagged or not listed[key]["Roles"]
        ]
        finders = [partial(find_iam.find_instance_profile, self._clients, name) for name in names]
        return {_key(profile): profile for profile in concurrently(self._concurrency, finders) if profile}


def _needs_inline_policies(application):
    return not application.present or application.options.get("inline_policies") is not None


def _needs_tags(application):
    return application.profile.tags is not None or application.adopts


def _role_key(application):
    return application.options["role_name"].casefold()


def _is_late(application, key, known, listed, attempt):
    """Return whether a list is behind reads by name: it lacks what was seen before, or shows after some reads what was deleted."""
    if application.present:
        return key not in listed and (key in known or attempt > 2)
    return key in listed and attempt > 2


def _profile_key(application):
    return application.profile.name.casefold()


def _key(profile):
    return profile["InstanceProfileName"].casefold()


def _without(mapping, keys):
    gone = set(keys)
    return {key: value for key, value in mapping.items() if key not in gone}
