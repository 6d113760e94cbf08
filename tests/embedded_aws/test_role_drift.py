# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The proof that the plan for a role does what amazon.aws does, without running its modules.

Random roles are created and read back in bulk. Targets are the same role, the same written differently, or another one. The modules
of amazon.aws, run in check mode, find something to change exactly when the plan has calls. After the plan's calls they find nothing,
and after their run the plan has no calls; both lead to the same role. Where the comparison of amazon.aws is wrong (fractions, null),
tests/unit/plugins/module_utils/test_policy_document.py has the cases.
"""

from __future__ import annotations

import copy
import json
from collections import Counter

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies
from ansible_collections.amazon.aws.plugins.modules import iam_policy, iam_role
from ansible_collections.launchkit.aws.plugins.module_utils.core.plan import Plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import policy_document, role_plan
from ansible_collections.launchkit.aws.plugins.module_utils.iam import role as application_role
from ansible_collections.launchkit.aws.plugins.module_utils.iam.role import RoleTarget
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

NAME = "web"
POLICIES = [
    f"arn:aws:iam::aws:policy/{name}" for name in ("AmazonS3ReadOnlyAccess", "ReadOnlyAccess", "PowerUserAccess")
]
VERSIONS = st.sampled_from([{"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {}])
PRINCIPALS = st.sampled_from(
    [
        {"Service": "ec2.amazonaws.com"},
        {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
        {"AWS": "arn:aws:iam::123456789012:root"},
        {"AWS": ["123456789012", "arn:aws:iam::123456789012:user/anna"], "Service": "ec2.amazonaws.com"},
        {"AWS": "*"},
        "*",
    ]
)
CONDITIONS = st.sampled_from(
    [
        {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
        {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}},
        {"StringEquals": {"aws:PrincipalTag/team": ["a", "b"], "aws:PrincipalOrgID": "o-1"}},
    ]
)


def some(strategy):
    """A list of one or two."""
    return st.lists(strategy, min_size=1, max_size=2)


TRUST_STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": PRINCIPALS,
        "Action": st.sampled_from(["sts:AssumeRole", ["sts:AssumeRole", "sts:TagSession"]]),
    },
    optional={"Condition": CONDITIONS, "Sid": st.just("")},
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.sampled_from(["s3:*", ["s3:GetObject", "s3:PutObject"], ["sqs:*"]]),
        "Resource": st.sampled_from(["*", ["arn:aws:s3:::a", "arn:aws:s3:::a b/größe%20+*"]]),
    },
    optional={"Condition": CONDITIONS},
)


def documents(statements, versions):
    return st.builds(
        lambda version, content: {**version, "Statement": content}, versions, some(statements).map(numbered)
    )


def numbered(statements):
    """The statements with a Sid of its own for each that has one."""
    return [
        {**statement, **({"Sid": f"Statement{number}"} if "Sid" in statement else {})}
        for number, statement in enumerate(statements)
    ]


# CloudFormation sets tags that begin with aws:, so the roles that it makes have them.
TAGS_THERE = st.dictionaries(st.sampled_from(["Owner", "stage", "aws:stack"]), st.sampled_from(["", "1", "b c"]))
TAGS = st.dictionaries(st.sampled_from(["Owner", "Stage", "größe"]), st.sampled_from(["", "1", "b c"]))
ATTACHED = st.lists(st.sampled_from(POLICIES), unique=True)
INLINE = st.dictionaries(
    st.sampled_from(["one", "two", "three"]), documents(STATEMENTS, st.just({"Version": "2012-10-17"})), max_size=2
)
ROLES = st.fixed_dictionaries(
    {
        "path": st.sampled_from(["/", "/ops/"]),
        "trust_policy": documents(TRUST_STATEMENTS, VERSIONS),
        "tags": TAGS_THERE,
        "managed_policies": ATTACHED,
        "permissions_boundary": st.sampled_from(["", *POLICIES[:2]]),
        "inline_policies": INLINE,
    },
    optional={
        "description": st.sampled_from(["", "What for <&>"]),
        "max_session_duration": st.sampled_from([3600, 7200]),
    },
)
OTHERS = {
    "path": st.sampled_from(["/", "/team/"]),
    "trust_policy": documents(TRUST_STATEMENTS, VERSIONS),
    "tags": TAGS,
    "managed_policies": ATTACHED,
    "permissions_boundary": st.sampled_from(["", *POLICIES]),
    "inline_policies": INLINE,
    "description": st.sampled_from(["", "Other"]),
    "max_session_duration": st.sampled_from([3600, 43200]),
}
DOCUMENTED = ("trust_policy", "inline_policies")


ALIKE = {
    "true": ["True"],
    "arn:aws:iam::123456789012:root": ["123456789012"],
    "123456789012": ["arn:aws:iam::123456789012:root"],
}


def rewritten(value, random, key=None):
    """The same policy in another of the many ways to write it, or something close to it: the peer is to say whether it counts."""
    if isinstance(value, dict):
        content = [(name, rewritten(item, random, name)) for name, item in value.items()]
        random.shuffle(content)
        return dict(content)
    if isinstance(value, list):
        content = [rewritten(item, random) for item in value]
        random.shuffle(content)
        return content[0] if len(content) == 1 and random.random() < 0.5 else content
    if key in ("Version", "Effect", "Sid"):
        return value
    if key == "Principal":
        return random.choice([value, {"AWS": value}])
    # What stands in a list cannot be one.
    return random.choice([value, value, *([[value]] if key else []), *ALIKE.get(value, [])])


def except_for(value, strategy):
    """The values of a strategy that are not this one."""
    return strategy.filter(lambda other: other != value)


@st.composite
def situations(draw, drifting):
    """A role as AWS is told to make it, what it shall be, and how it is read. Some things are not set, or written differently."""
    role = draw(ROLES)
    random = draw(st.randoms(use_true_random=False))
    target = {}
    for name, other in OTHERS.items():
        if name in drifting:
            target[name] = draw(except_for({"max_session_duration": 3600, **role}.get(name), other))
        elif name not in role or (name != "trust_policy" and draw(st.integers(0, 3)) == 0):
            continue
        elif name in DOCUMENTED and draw(st.booleans()):
            target[name] = rewritten(role[name], random)
        else:
            target[name] = copy.deepcopy(role[name])
    if "tags" in target:
        tags = list(target["tags"].items())
        random.shuffle(tags)
        target["tags"] = dict(tags)
    if "managed_policies" in target:
        random.shuffle(target["managed_policies"])
        target["managed_policies"] = tuple(target["managed_policies"])
    if "inline_policies" in target:
        target["inline_policies"] = {
            name: json.dumps(document) if draw(st.booleans()) else document
            for name, document in target["inline_policies"].items()
        }
    for flag in ("purge_tags", "purge_managed_policies", "purge_inline_policies"):
        target[flag] = draw(st.integers(0, 2)) > 0
    return None if "role" in drifting else role, RoleTarget(NAME, **target), draw(st.sampled_from([read, read_singly]))


@settings(deadline=None, derandomize=True, database=None)
@given(st.data(), st.randoms(use_true_random=False))
def test_policies_are_compared_as_the_modules_do(data, random):
    kinds = documents(TRUST_STATEMENTS, VERSIONS) | documents(STATEMENTS, VERSIONS)
    document = data.draw(kinds)
    other = rewritten(data.draw(st.just(document) | kinds), random)
    differs = policy_document.differs(document, other)
    assert differs == policy_document.differs(other, document) == compare_policies(document, other)
    assert not (differs and document == other)


def make(aws, role):
    """An account with the role only."""
    iam = aws.client("iam")
    aws.reset()
    aws.client("iam").create_user(UserName="anna")
    aws.set(disabled_rules=["reserved-tag"])
    if role is None:
        return
    members = {
        "Path": role["path"],
        "Description": role.get("description"),
        "MaxSessionDuration": role.get("max_session_duration"),
        "PermissionsBoundary": role["permissions_boundary"] or None,
    }
    iam.create_role(
        RoleName=NAME,
        AssumeRolePolicyDocument=json.dumps(role["trust_policy"]),
        Tags=[{"Key": key, "Value": value} for key, value in role["tags"].items()],
        **{member: value for member, value in members.items() if value is not None},
    )
    for arn in role["managed_policies"]:
        iam.attach_role_policy(RoleName=NAME, PolicyArn=arn)
    for name, document in role["inline_policies"].items():
        iam.put_role_policy(RoleName=NAME, PolicyName=name, PolicyDocument=json.dumps(document))


def read(aws):
    """The role as the two bulk reads give it."""
    iam = aws.client("iam")
    details = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    listed = iam.list_roles()["Roles"]
    if not details:
        return None
    (detail,), (role,) = details, listed
    assert not {"Description", "MaxSessionDuration"} & set(detail)
    return {**detail, **{key: role[key] for key in ("Description", "MaxSessionDuration") if key in role}}


def read_singly(aws):
    """The role as the reads of one role give it."""
    iam = aws.client("iam")
    try:
        role = iam.get_role(RoleName=NAME)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    names = iam.list_role_policies(RoleName=NAME)["PolicyNames"]
    return {
        **role,
        "AttachedManagedPolicies": iam.list_attached_role_policies(RoleName=NAME)["AttachedPolicies"],
        "RolePolicyList": [iam.get_role_policy(RoleName=NAME, PolicyName=name) for name in names],
    }


def changes(run, target, detail):
    """Whether the task of the role application would change the role, and the names of the inline policies that its tasks would."""
    result = run(iam_role, **application_role.options(target))
    assert bool(warnings(target, detail)) == any("path" in each for each in result["warnings"])
    role = {"iam_type": "role", "iam_name": NAME}
    changed = set()
    actual = application_role.inline_policies(detail)
    if detail is None or target.inline_policies is None:
        # The module needs a role; for a new one, all policies are put.
        return result["changed"], set(target.inline_policies or ())
    for name, document in target.inline_policies.items():
        if run(iam_policy, policy_name=name, policy_json=document, **role)["changed"]:
            changed.add(name)
    for name in set(actual) - set(target.inline_policies) if target.purge_inline_policies else ():
        if run(iam_policy, policy_name=name, state="absent", **role)["changed"]:
            changed.add(name)
    return result["changed"], changed


def warnings(target, detail):
    """The plan's warnings, which are about the path here."""
    warning = application_role.path_warning(target, detail)
    return (warning,) if warning else ()


def planned(target, detail):
    """The plans for the role and for its inline policies."""
    return role_plan.plan(target, detail), role_plan.plan_inline_policies(target, detail)


def execute(aws, calls):
    """Make the calls, without an executor."""
    for call in calls:
        getattr(aws.client(call.service), call.operation)(**call.arguments)


def comparable(detail):
    """The role without what differs between two roles of one name, and with policies and lists in one form."""
    if detail is None:
        return None
    # A description that was removed is empty.
    role = {"Description": "", "MaxSessionDuration": 3600, **detail}
    for member in ("RoleId", "CreateDate", "RoleLastUsed", "InstanceProfileList"):
        role.pop(member, None)
    role["AssumeRolePolicyDocument"] = Document(role["AssumeRolePolicyDocument"])
    role["RolePolicyList"] = {name: Document(policy) for name, policy in application_role.inline_policies(role).items()}
    role["AttachedManagedPolicies"] = sorted(application_role.attached_policies(role))
    role["Tags"] = application_role.tags(role)
    return role


class Document:
    """A policy that equals others of the same meaning."""

    def __init__(self, document):
        self.document = document

    def __eq__(self, other):
        return not policy_document.differs(self.document, other.document)

    def __repr__(self):
        return repr(self.document)


def field(difference):
    """The name of the inline policy that a difference is about."""
    return difference.field.removeprefix("inline_policies[").removesuffix("]")


def subjects(differences):
    """What differs: trust_policy, tags, inline_policies ..."""
    return {difference.field.partition("[")[0] for difference in differences}


def assert_both_ways_lead_to_the_same_role(aws, run, target, detail):
    """Make the calls of the plans, undo them, and then have the modules change the role."""
    plans = planned(target, detail)
    calls = [call for plan in plans for call in plan.calls]
    execute(aws, calls)
    ours = read(aws)
    assert planned(target, ours) == (Plan(warnings=warnings(target, ours)), Plan())
    assert changes(run, target, ours) == (False, set())
    execute(aws, [call.undo for call in reversed(calls)])
    assert comparable(read(aws)) == comparable(detail)

    # Only what differs is run.
    if plans[0].calls:
        run(iam_role, check_mode=False, **application_role.options(target, is_new=detail is None))
    for options in application_role.inline_options(target, detail):
        run(iam_policy, check_mode=False, **options)
    theirs = read(aws)
    assert [plan.calls for plan in planned(target, theirs)] == [(), ()]
    assert comparable(theirs) == comparable(ours)

    if detail is None:
        execute(aws, role_plan.plan_removal(theirs).calls)
        assert read(aws) is None


# What the examples have been about.
SEEN: Counter[str] = Counter()
RAN = set()
DRIFT = {"nothing": (), **{name: (name,) for name in OTHERS}, "everything": tuple(OTHERS), "role": ("role",)}


@pytest.mark.parametrize("drifting", DRIFT.values(), ids=DRIFT)
@settings(
    max_examples=2,
    # Every example is a dozen calls, so a failing one is shown as it was found.
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_plan_does_what_the_modules_would_do(aws, run, drifting, data):
    RAN.add(drifting)
    role, target, reads = data.draw(situations(drifting))
    make(aws, role)
    detail = reads(aws)
    before = copy.deepcopy((target, detail))

    found = application_role.differences(target, detail)
    inline = application_role.inline_differences(target, detail)
    plans = planned(target, detail)
    assert (bool(plans[0].calls), bool(plans[1].calls)) == (bool(found), bool(inline))
    assert changes(run, target, detail) == (bool(found), {field(difference) for difference in inline})
    assert (target, detail) == before

    if found or inline:
        assert_both_ways_lead_to_the_same_role(aws, run, target, detail)

    about = subjects(found) | subjects(inline)
    SEEN.update(about or ["nothing"])
    SEEN["path"] += bool(warnings(target, detail))
    SEEN["written differently"] += not about & {"role", "trust_policy"} and target.trust_policy != role["trust_policy"]


def test_the_examples_were_about_everything():
    """Runs after the proof: one over roles that never drift, or always, would prove nothing."""
    if len(RAN) < len(DRIFT):
        pytest.skip("it judges what all examples of the proof covered, and only a part of them was run")
    rare = {name: SEEN[name] for name in (*DRIFT, "written differently") if name != "everything" and SEEN[name] < 2}
    assert not rare, SEEN
