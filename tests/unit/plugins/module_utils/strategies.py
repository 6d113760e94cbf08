# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hypothesis strategies. Names, paths and ids come from small pools, so that targets and states often meet."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.launchkit.aws.plugins.module_utils.iam import instance_profile
from ansible_collections.launchkit.aws.plugins.module_utils.iam.names import RoleReference
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import Prune
from ansible_collections.launchkit.aws.plugins.module_utils.launch.configuration import (
    Target as LaunchConfigurationTarget,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import (
    LaunchSettings,
    MetadataOptions,
    to_launch_configuration,
)
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from hypothesis import strategies as st

PROFILE_NAMES = st.sampled_from(["web", "Web"])
PATHS = st.sampled_from(["/", "/ops/"])
ROLES = st.sampled_from(
    [
        aws_answers.role("web"),
        aws_answers.role("web", "AROANEWAAAAAAAAAAAAAA"),
        aws_answers.role("api", "AROAAPIAAAAAAAAAAAAAA", "/ops/"),
    ]
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


@st.composite
def block_device(draw, name):
    """A block device that a launch configuration takes, as ``from_params`` gives it."""
    kind = draw(st.sampled_from(["ebs", "ebs", "ephemeral", "no_device"]))
    if kind == "ephemeral":
        return BlockDevice(name, ephemeral=f"ephemeral{draw(st.integers(0, 23))}")
    if kind == "no_device":
        return BlockDevice(name, no_device=True)
    volume_type = draw(st.sampled_from([None, "gp2", "gp3", "io1", "st1", "standard"]))
    provisioned = st.integers(100, 20000)
    return BlockDevice(
        name,
        snapshot=draw(st.none() | st.just("snap-1")),
        volume_size=draw(st.integers(125, 1024)),
        volume_type=volume_type,
        delete_on_termination=draw(st.none() | st.booleans()),
        iops=draw({"io1": provisioned, "gp3": st.none() | provisioned}.get(volume_type, st.none())),
        throughput=draw(st.none() | st.integers(125, 1000)) if volume_type == "gp3" else None,
        encrypted=draw(st.none() | st.booleans()),
    )


@st.composite
def volumes(draw):
    """Block devices in the order of their names."""
    names = draw(st.sets(st.sampled_from(["/dev/sda1", "/dev/sdf", "/dev/sdg"])))
    return tuple(draw(block_device(name)) for name in sorted(names))


METADATA_OPTIONS = st.builds(
    MetadataOptions,
    http_endpoint=st.none() | st.sampled_from(["enabled", "disabled"]),
    http_tokens=st.none() | st.sampled_from(["optional", "required"]),
    http_put_response_hop_limit=st.none() | st.integers(1, 64),
)
USER_DATA = st.builds(UserData, st.binary(max_size=20))
PROFILES = st.sampled_from(["", "web", "arn:aws:iam::123456789012:instance-profile/ops/web", "api"])


@st.composite
def launch_settings(draw, user_data=USER_DATA, derived=True):
    """Settings that ``from_params`` can give for a launch configuration, with security groups as ids."""
    instance_id = draw(st.none() | st.just("i-1")) if derived else None
    optional = st.none() if instance_id else st.nothing()
    return LaunchSettings(
        image_id=draw(optional | st.sampled_from(["ami-1", "ami-2"])),
        instance_type=draw(optional | st.sampled_from(["t3.small", "t3.large"])),
        instance_id=instance_id,
        instance_profile_name=draw(st.none() | PROFILES),
        key_name=draw(st.none() | st.sampled_from(["", "operations"])),
        security_groups=draw(
            st.none() | st.sets(st.sampled_from(["sg-1", "sg-2", "sg-3"])).map(lambda ids: tuple(sorted(ids)))
        ),
        user_data=draw(st.none() | user_data),
        volumes=draw(st.none() | volumes()),
        metadata_options=draw(st.none() | METADATA_OPTIONS),
        instance_monitoring=draw(st.none() | st.booleans()),
        assign_public_ip=draw(st.none() | st.booleans()),
        placement_tenancy=draw(st.none() | st.sampled_from(["default", "dedicated"])),
        spot_price=draw(st.none() | st.sampled_from(["", "0.05", "0.001", "10"])),
        ebs_optimized=draw(st.none() | st.booleans()),
        kernel_id=draw(st.none() | st.sampled_from(["", "aki-1"])),
        ramdisk_id=draw(st.none() | st.sampled_from(["", "ari-1"])),
    )


@st.composite
def launch_configuration_situations(draw, user_data=USER_DATA, derived=True):
    """A target, and what Auto Scaling has: name -> launch configuration as DescribeLaunchConfigurations gives it, and who uses it."""
    settings = draw(launch_settings(user_data, derived))
    prefix = draw(st.none() | st.just("web-"))
    present = draw(st.sampled_from([True, True, True, False]))
    prune = draw(st.none() | st.builds(Prune, st.integers(0, 2), st.sampled_from([0, 3600]))) if prefix else None
    target = LaunchConfigurationTarget(
        name="web" if prefix is None else None,
        settings=settings if present else LaunchSettings(),
        present=present,
        prefix=prefix,
        on_drift=draw(st.sampled_from(["fail", "keep", "replace"])),
        prune=prune,
    )
    target = launch_configuration.with_security_groups(target, target.settings.security_groups)
    siblings = draw(st.sets(st.sampled_from([f"web-{digit * 16}" for digit in "abc"]))) if prefix else set()
    answers = {
        name: draw(observed_launch_configurations(name, st.just(LaunchSettings("ami-1", "t3.small"))))
        for name in sorted(siblings)
    }
    own = draw(st.sampled_from(["missing", "as asked for", "other"])) if target.name else "missing"
    if own != "missing":
        there = launch_settings(derived=False) if own == "other" else st.just(target.settings)
        answers[target.name] = draw(observed_launch_configurations(target.name, there))
    used = draw(st.sets(st.sampled_from(sorted(answers)))) if answers else ()
    return target, answers, dict.fromkeys(used, ("group",))


@st.composite
def observed_launch_configurations(draw, name, settings):
    """A launch configuration as DescribeLaunchConfigurations gives it."""
    arguments = to_launch_configuration(draw(settings))
    created = aws_answers.CREATED - timedelta(minutes=draw(st.integers(0, 120)))
    answer = aws_answers.created_launch_configuration({"LaunchConfigurationName": name, **arguments})
    return {**answer, "CreatedTime": created}
