# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import Drift, InvalidOption, MissingReference
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam.instance_profile import NO_ROLE, State, Target
from ansible_collections.launchkit.aws.plugins.module_utils.iam.names import RoleReference
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers

WEB, API = RoleReference("web"), RoleReference("api")
PARAMS = {
    "name": "web",
    "state": "present",
    "path": None,
    "role": None,
    "tags": None,
    "purge_tags": True,
    "on_drift": "fail",
}


def state(*, profile=None, role=None):
    return State(instance_profile.from_api(profile), role)


def holding(*roles, **members):
    """The observation of a profile that holds these roles."""
    return aws_answers.instance_profile(roles=[aws_answers.role_in_profile(*role) for role in roles], **members)


def calls(plan):
    """A plan's calls in short."""
    return [
        (call.operation, {key: value for key, value in call.arguments.items() if key != "InstanceProfileName"})
        for call in plan.calls
    ]


ADD_WEB = ("add_role_to_instance_profile", {"RoleName": "web"})
REMOVE_WEB = ("remove_role_from_instance_profile", {"RoleName": "web"})
REMOVE_API = ("remove_role_from_instance_profile", {"RoleName": "api"})
CREATE = ("create_instance_profile", {"Path": "/"})
DELETE = ("delete_instance_profile", {})


@pytest.mark.parametrize(
    ("target", "observed", "planned"),
    [
        pytest.param(Target("web"), state(), [CREATE], id="create"),
        pytest.param(
            Target("web", path="/ops/", tags={"A": "1"}),
            state(),
            [("create_instance_profile", {"Path": "/ops/", "Tags": [{"Key": "A", "Value": "1"}]})],
            id="create with path and tags in one call",
        ),
        pytest.param(
            Target("web", role=WEB), state(role=aws_answers.role()), [CREATE, ADD_WEB], id="create and add role"
        ),
        pytest.param(
            Target("web", role=WEB), state(), [CREATE, ADD_WEB], id="create and add a role that is not there yet"
        ),
        pytest.param(Target("web", role=NO_ROLE, tags={}), state(), [CREATE], id="create without role and tags"),
        pytest.param(
            Target("web", role=WEB), state(profile=holding(), role=aws_answers.role()), [ADD_WEB], id="add role"
        ),
        pytest.param(
            Target("web", role=WEB), state(profile=holding(("web",)), role=aws_answers.role()), [], id="same role"
        ),
        pytest.param(
            Target("web", role=WEB),
            state(profile=holding(("api", "AROAAPIAAAAAAAAAAAAAA")), role=aws_answers.role()),
            [ADD_WEB, REMOVE_API, ADD_WEB],
            id="replace role",
        ),
        pytest.param(
            Target("web", role=WEB),
            state(profile=holding(("web", "AROAOLDAAAAAAAAAAAAAA")), role=aws_answers.role()),
            [ADD_WEB, REMOVE_WEB, ADD_WEB],
            id="role recreated under its name",
        ),
        pytest.param(Target("web"), state(profile=holding(("api",), tags={"A": "1"})), [], id="unset means untouched"),
        pytest.param(Target("web", role=NO_ROLE), state(profile=holding(("web",))), [REMOVE_WEB], id="no role"),
        pytest.param(Target("web", role=NO_ROLE), state(profile=holding()), [], id="no role in it already"),
        pytest.param(Target("web", tags={"A": "1"}), state(profile=holding(tags={"A": "1"})), [], id="same tags"),
        pytest.param(
            Target("web", tags={"A": "2"}),
            state(profile=holding(tags={"A": "1", "B": "1"})),
            [
                ("untag_instance_profile", {"TagKeys": ["B"]}),
                ("tag_instance_profile", {"Tags": [{"Key": "A", "Value": "2"}]}),
            ],
            id="tags exactly so",
        ),
        pytest.param(
            Target("web", tags={"A": "2"}, purge_tags=False),
            state(profile=holding(tags={"A": "1", "B": "1"})),
            [("tag_instance_profile", {"Tags": [{"Key": "A", "Value": "2"}]})],
            id="tags added only",
        ),
        pytest.param(
            Target("web", tags={}),
            state(profile=holding(tags={"A": "1"})),
            [("untag_instance_profile", {"TagKeys": ["A"]})],
            id="no tags",
        ),
        pytest.param(Target("web", tags={}), state(profile=holding(tags={"aws:x": "1"})), [], id="AWS's own tags stay"),
        pytest.param(Target("web", present=False), state(), [], id="absent already"),
        pytest.param(Target("web", present=False), state(profile=holding()), [DELETE], id="delete"),
        pytest.param(
            Target("web", present=False),
            state(profile=holding(("web",))),
            [REMOVE_WEB, DELETE],
            id="take role out and delete",
        ),
        pytest.param(Target("web", path="/"), state(profile=holding()), [], id="same path"),
    ],
)
def test_plan(target, observed, planned):
    plan = instance_profile.plan(target, observed)
    assert calls(plan) == planned
    assert plan.warnings == ()
    assert {call.subject for call in plan.calls} <= {"instance profile 'web'"}


def test_undo_restores_role_and_tags():
    observed = state(
        profile=holding(("api", "AROAAPIAAAAAAAAAAAAAA"), tags={"A": "1", "B": "1"}), role=aws_answers.role()
    )
    plan = instance_profile.plan(Target("web", role=WEB, tags={"B": "2", "C": ""}), observed)
    assert [(call.undo.operation, {**call.undo.arguments}) for call in plan.calls if call.undo] == [
        ("add_role_to_instance_profile", {"InstanceProfileName": "web", "RoleName": "api"}),
        ("remove_role_from_instance_profile", {"InstanceProfileName": "web", "RoleName": "web"}),
        ("tag_instance_profile", {"InstanceProfileName": "web", "Tags": [{"Key": "A", "Value": "1"}]}),
        ("tag_instance_profile", {"InstanceProfileName": "web", "Tags": [{"Key": "B", "Value": "1"}]}),
        ("untag_instance_profile", {"InstanceProfileName": "web", "TagKeys": ["C"]}),
    ]


@pytest.mark.parametrize(
    ("held", "observed"),
    [
        pytest.param([("api", "AROAAPIAAAAAAAAAAAAAA")], aws_answers.role(), id="another role"),
        pytest.param([("web", "AROAOLDAAAAAAAAAAAAAA")], aws_answers.role(), id="role recreated under its name"),
        pytest.param([("api", "AROAAPIAAAAAAAAAAAAAA")], None, id="role not seen yet"),
    ],
)
def test_replacing_a_role_first_shows_that_it_is_allowed(held, observed):
    probe, removal, addition = instance_profile.plan(
        Target("web", role=WEB), state(profile=holding(*held), role=observed)
    ).calls
    assert probe == replace(addition, needs=probe.needs, undo=None, expects_conflict=True)
    assert [len(call.needs) for call in (probe, removal, addition)] == [1, 0, 0]
    assert [removal.expects_conflict, addition.expects_conflict] == [False, False]


def test_undo_of_creation():
    (create,) = instance_profile.plan(Target("web"), state()).calls
    assert (create.undo.operation, create.undo.arguments) == ("delete_instance_profile", {"InstanceProfileName": "web"})


@pytest.mark.parametrize(
    ("observed", "met"), [(state(), False), (state(role=aws_answers.role()), True)], ids=["missing", "there"]
)
def test_the_role_is_needed(observed, met):
    (need,) = instance_profile.plan(Target("web", role=WEB), observed).calls[-1].needs
    assert (need.kind, need.name, need.option, need.satisfied) == ("role", "web", "role", met)


def test_path_drift_fails():
    with pytest.raises(Drift) as raised:
        instance_profile.plan(Target("web", path="/ops/"), state(profile=holding()))
    assert raised.value.message.startswith(
        "path: instance profile 'web' has the path '/', not '/ops/', and IAM cannot change it. Correct the path, keep the "
        "existing one with on_drift=keep, or choose another name."
    )
    assert raised.value.details == {"differences": [{"field": "path", "wanted": "/ops/", "actual": "/"}]}


def test_path_drift_keeps_an_absent_target_from_being_removed():
    with pytest.raises(Drift):
        instance_profile.plan(Target("web", present=False, path="/ops/"), state(profile=holding()))


@pytest.mark.parametrize(
    ("target", "warning"),
    [
        (
            Target("web", path="/ops/", on_drift="keep"),
            "path: instance profile 'web' has the path '/', not '/ops/', and IAM cannot change it; it is kept because of on_drift=keep.",
        ),
        (
            Target("Web"),
            "instance profile 'web': the name is given as 'Web', and IAM ignores letter case. Write it as 'web'.",
        ),
    ],
    ids=["path", "letter case"],
)
def test_warnings(target, warning):
    plan = instance_profile.plan(target, state(profile=holding()))
    assert plan == Plan((), (warning,))


def test_role_in_another_letter_case_is_the_same():
    observed = state(profile=holding(("web",)), role=aws_answers.role())
    assert instance_profile.plan(Target("web", role=RoleReference("WEB")), observed) == Plan(
        (), ("IAM role 'web': the name is given as 'WEB', and IAM ignores letter case. Write it as 'web'.",)
    )


def test_calls_name_the_profile_as_iam_does():
    plan = instance_profile.plan(Target("WEB", present=False), state(profile=holding(("web",))))
    assert {call.arguments["InstanceProfileName"] for call in plan.calls} == {"web"}


def test_role_of_another_path():
    target = Target("web", role=RoleReference("web", path="/ops/"))
    with pytest.raises(MissingReference, match="has the path '/' "):
        instance_profile.plan(target, state(role=aws_answers.role()))


def test_render_has_the_keys_of_amazon_aws():
    profile = holding(("web",), tags={"A": "1"})
    rendered = instance_profile.render(instance_profile.from_api(profile))
    json.dumps(rendered)
    (role,) = rendered.pop("roles")
    assert rendered == {
        "arn": "arn:aws:iam::123456789012:instance-profile/web",
        "create_date": "2026-11-23T15:20:47+00:00",
        "instance_profile_id": "AIPAWEBAAAAAAAAAAAAAA",
        "instance_profile_name": "web",
        "path": "/",
        "tags": {"A": "1"},
    }
    assert role == {
        "arn": "arn:aws:iam::123456789012:role/web",
        "assume_role_policy_document": aws_answers.TRUST,
        "create_date": "2026-11-23T15:20:47+00:00",
        "path": "/",
        "role_id": "AROAWEBAAAAAAAAAAAAAA",
        "role_name": "web",
        "tags": {},
    }


def test_render_of_nothing():
    assert instance_profile.render(instance_profile.from_api(None)) is None


def test_render_of_what_is_yet_to_be_made():
    target = Target("web", path="/ops/", role=WEB, tags={"A": "1"})
    predicted = instance_profile.predict(target, state(), instance_profile.plan(target, state()))
    assert instance_profile.render(predicted.profile) == {
        "instance_profile_name": "web",
        "path": "/ops/",
        "roles": [{"role_name": "web", "tags": {}}],
        "tags": {"A": "1"},
    }


@pytest.mark.parametrize(
    ("params", "target"),
    [
        ({}, Target("web")),
        (
            {"state": "absent", "on_drift": "keep", "purge_tags": False},
            Target("web", present=False, on_drift="keep", purge_tags=False),
        ),
        ({"path": "/ops/", "role": "/ops/web"}, Target("web", path="/ops/", role=RoleReference("web", "/ops/"))),
        ({"role": ""}, Target("web", role=NO_ROLE)),
        ({"tags": {"A": 1}}, Target("web", tags={"A": "1"})),
        ({"tags": {}}, Target("web", tags={})),
    ],
    ids=["name alone", "absent", "path and role", "no role", "tags", "no tags"],
)
def test_from_params(params, target):
    assert instance_profile.from_params({**PARAMS, **params}) == target


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"name": "my web"}, "name: 'my web' has characters that IAM refuses"),
        ({"name": "w" * 129}, f"name: '{'w' * 129}' has 129 characters; IAM takes 1 to 128."),
        ({"path": "ops"}, "path: 'ops' must begin and end with a slash"),
        (
            {"role": "arn:aws:iam::123456789012:user/web"},
            "role: 'arn:aws:iam::123456789012:user/web' is not the ARN of an IAM role",
        ),
        ({"tags": {f"k{number}": "" for number in range(51)}}, "tags: 51 tags are given; AWS takes at most 50."),
    ],
    ids=["name", "long name", "path", "role", "tags"],
)
def test_from_params_refuses(params, message):
    with pytest.raises(InvalidOption) as raised:
        instance_profile.from_params({**PARAMS, **params})
    assert raised.value.message.startswith(message)
