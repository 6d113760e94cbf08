# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hypothesis strategies. Names, paths and ids come from small pools, so that targets and states often meet."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam_names import RoleReference
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from hypothesis import strategies as st

PROFILE_NAMES = st.sampled_from(["web", "Web"])
PATHS = st.sampled_from(["/", "/ops/"])
ROLES = st.sampled_from(
    [aws_answers.role("web"), aws_answers.role("web", "AROANEW"), aws_answers.role("api", "AROAAPI", "/ops/")]
)
TAGS = st.dictionaries(st.sampled_from(["Owner", "Stage", "größe"]), st.sampled_from(["", "1", "b c"]))
# AWS's own tags can be there, and letter case can differ from what a task says.
TAGS_THERE = st.dictionaries(st.sampled_from(["Owner", "stage", "aws:stack"]), st.sampled_from(["", "1"]))


@st.composite
def role_references(draw):
    """A role of the pool, in one of the ways to write it."""
    role = draw(ROLES)
    return draw(
        st.sampled_from(
            [
                RoleReference(role["RoleName"]),
                RoleReference(role["RoleName"], role["Path"]),
                RoleReference(role["RoleName"], role["Path"], "123456789012", "aws"),
            ]
        )
    )


@st.composite
def observed_profiles(draw):
    """An instance profile as GetInstanceProfile gives it."""
    roles = [{key: role[key] for key in aws_answers.role_in_profile()} for role in draw(st.lists(ROLES, max_size=1))]
    return aws_answers.instance_profile(draw(PROFILE_NAMES), draw(PATHS), roles, draw(TAGS_THERE))


@st.composite
def profile_targets(draw):
    """What a task can ask of an instance profile."""
    return instance_profile.Target(
        name=draw(PROFILE_NAMES),
        present=draw(st.sampled_from([True, True, True, False])),
        path=draw(st.none() | PATHS),
        role=draw(st.none() | st.just(instance_profile.NO_ROLE) | role_references()),
        tags=draw(st.none() | TAGS),
        purge_tags=draw(st.booleans()),
        on_drift=draw(st.sampled_from(["fail", "keep"])),
    )


@st.composite
def profile_situations(draw):
    """A target, and what was read for it: the profile or None, and the role that the target names or None."""
    target = draw(profile_targets())
    profile = draw(st.none() | observed_profiles())
    role = None
    if target.present and target.role not in (None, instance_profile.NO_ROLE):
        role = draw(st.none() | ROLES.filter(lambda role: role["RoleName"] == target.role.name))
    return target, profile, role
