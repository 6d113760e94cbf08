# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Roles and profiles of many applications are read in bulk or by name, whichever costs less; calls are counted."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from ansible_collections.launchkit.aws.plugins.module_utils.fleet import parse
from ansible_collections.launchkit.aws.plugins.module_utils.fleet.read_iam import (
    FEW,
    MANY,
    ROLES_AN_APPLICATION,
    IamReader,
)
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from botocore.exceptions import ClientError


class Iam:
    """An account in which each application has its role and its profile. Counts the calls of each operation.

    :param roles_in_account: what GetAccountSummary says.
    :param denied: operations that are denied.
    :param hidden: names of roles that the bulk read doesn't show yet.
    """

    def __init__(self, names, roles_in_account=10, denied=(), hidden=()):
        self.calls: Counter = Counter()
        self._denied, self._roles_in_account = denied, roles_in_account
        self._profiles = {
            name: aws_answers.instance_profile(name, roles=[aws_answers.role_in_profile(name)]) for name in names
        }
        policies = {"AttachedManagedPolicies": [], "RolePolicyList": []}
        self._roles = {name: {**aws_answers.role(name), **policies} for name in names}
        self._listed = [
            {**role, "InstanceProfileList": [self._profiles[name]]}
            for name, role in self._roles.items()
            if name not in hidden
        ]

    def __call__(self, service):
        assert service == "iam"
        return self

    def __getattr__(self, operation):
        def call(**arguments):
            return self._answer(operation, arguments)

        return call

    def get_paginator(self, operation):
        def paginate(**arguments):
            return SimpleNamespace(build_full_result=lambda: self._answer(operation, arguments))

        return SimpleNamespace(paginate=paginate)

    def _answer(self, operation, arguments):
        self.calls[operation] += 1
        if operation in self._denied:
            raise self._error("AccessDenied", operation)
        name = arguments.get("RoleName") or arguments.get("InstanceProfileName")
        if name and name not in self._roles:
            raise self._error("NoSuchEntity", operation)
        return {
            "get_account_summary": lambda: {"SummaryMap": {"Roles": self._roles_in_account}},
            "get_account_authorization_details": lambda: {"RoleDetailList": self._listed},
            "list_roles": lambda: {"Roles": list(self._roles.values())},
            "list_instance_profiles": lambda: {"InstanceProfiles": list(self._profiles.values())},
            "list_instance_profiles_for_role": lambda: {"InstanceProfiles": [self._profiles[name]]},
            "list_attached_role_policies": lambda: {"AttachedPolicies": []},
            "list_role_policies": lambda: {"PolicyNames": []},
            "get_role": lambda: {"Role": self._roles[name]},
            "get_instance_profile": lambda: {"InstanceProfile": self._profiles[name]},
        }[operation]()

    @staticmethod
    def _error(code, operation):
        return ClientError({"Error": {"Code": code, "Message": "no"}}, operation)


def names(count):
    return [f"app-{number}" for number in range(count)]


def applications(count, **variables):
    given = {f"application_{name}": value for name, value in variables.items()}
    return parse.parse([{"application_name": name, **given} for name in names(count)])


BULK = {"get_account_authorization_details": 1}
SUMMARY = {"get_account_summary": 1}


def by_name(count):
    return dict.fromkeys(("get_role", "list_attached_role_policies", "get_instance_profile"), count)


CHOICES = {
    "one": (1, 10, {}, by_name(1)),
    "few": (FEW, 10, {}, by_name(FEW)),
    "more in a small account": (FEW + 1, 10, {}, {**SUMMARY, **BULK}),
    "more in a large account": (20, 20 * ROLES_AN_APPLICATION, {}, {**SUMMARY, **by_name(20)}),
    "just too many by name": (20, 20 * ROLES_AN_APPLICATION - 1, {}, {**SUMMARY, **BULK}),
    "many": (MANY, 10**6, {}, BULK),
    "description": (MANY, 10, {"role_description": "One"}, {**BULK, "list_roles": 1}),
    "empty description": (MANY, 10, {"role_description": ""}, {**BULK, "list_roles": 1}),
    "session": (MANY, 10, {"role_max_session_duration": 3600}, {**BULK, "list_roles": 1}),
    "tags of profiles": (MANY, 10, {"tags": {"Owner": "me"}}, {**BULK, "get_instance_profile": MANY}),
    "inline policies": (1, 10, {"inline_policies": {}}, {**by_name(1), "list_role_policies": 1}),
    "absent": (
        1,
        10,
        {"state": "absent"},
        {**by_name(1), "list_role_policies": 1, "list_instance_profiles_for_role": 1},
    ),
}


@pytest.mark.parametrize(("count", "roles", "variables", "calls"), CHOICES.values(), ids=CHOICES)
def test_iam_reader_chooses_what_costs_less(count, roles, variables, calls):
    iam = Iam(names(count), roles)
    found, profiles = IamReader(iam, applications(count, **variables), 1).roles_and_profiles()
    assert iam.calls == calls
    assert sorted(found) == sorted(profiles) == sorted(names(count))


def test_iam_reader_for_orphans_reads_all():
    iam = Iam(names(1), 10**6)
    IamReader(iam, applications(1), 1, all_roles=True).roles_and_profiles()
    assert iam.calls == {**BULK, "list_instance_profiles": 1}


def test_iam_reader_summary_denied_reads_in_bulk():
    iam = Iam(names(5), denied=["get_account_summary"])
    IamReader(iam, applications(5), 1).roles_and_profiles()
    assert iam.calls == {**SUMMARY, **BULK}


def test_iam_reader_bulk_denied_reads_by_name():
    iam = Iam(names(5), denied=["get_account_authorization_details"])
    reader = IamReader(iam, applications(5), 1)
    roles, dummy = reader.roles_and_profiles()
    assert sorted(roles) == names(5)
    assert iam.calls == {**SUMMARY, **BULK, **by_name(5)}
    # It isn't tried a second time.
    reader.roles(roles, applications(5), 1)
    assert iam.calls["get_account_authorization_details"] == 1


def test_iam_reader_for_orphans_fails_where_bulk_is_denied():
    iam = Iam(names(5), denied=["get_account_authorization_details"])
    with pytest.raises(CallFailed, match="AccessDenied"):
        IamReader(iam, applications(5), 1, all_roles=True).roles_and_profiles()


def test_iam_reader_profile_without_its_role_is_listed():
    """A profile that holds no role isn't among those of the roles."""
    iam = Iam(names(5))
    del iam._listed[0]["InstanceProfileList"]
    dummy, profiles = IamReader(iam, applications(5), 1).roles_and_profiles()
    assert sorted(profiles) == names(5)
    assert iam.calls["list_instance_profiles"] == 1


# K13: lists lag behind reads by name. What was seen before counts, and after some looks all are read by name.
@pytest.mark.parametrize(("was_seen", "attempt", "is_found"), [(True, 1, True), (False, 1, False), (False, 3, True)])
def test_iam_reader_role_that_a_list_lacks(was_seen, attempt, is_found):
    iam = Iam(names(5), hidden=["app-0"])
    roles = IamReader(iam, applications(5), 1).roles({"app-0": {}} if was_seen else {}, applications(5), attempt)
    assert ("app-0" in roles) is is_found
    assert iam.calls["get_role"] == is_found


def test_iam_reader_few_are_read_again_by_name():
    iam = Iam(names(5))
    reader = IamReader(iam, applications(5), 1)
    known, profiles = reader.roles_and_profiles()
    iam.calls.clear()
    (one, *dummy) = applications(5)
    assert sorted(reader.roles(known, [one], 1)) == names(5)
    assert sorted(reader.profiles(profiles, [one], 1)) == names(5)
    assert set(iam.calls) == set(by_name(1))
