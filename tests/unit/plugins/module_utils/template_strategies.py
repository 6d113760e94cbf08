# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Hypothesis strategies for launch templates and what is migrated to them."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.template_data import to_launch_template_data
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import strategies
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.template_answers import Stored
from hypothesis import strategies as st

KMS_KEYS = st.sampled_from(["alias/one", "arn:aws:kms:us-east-1:123456789012:key/1"])
SWITCHES = st.none() | st.sampled_from(["enabled", "disabled"])
# What a template can hold that settings do not know.
FOREIGN_DATA = st.sampled_from(
    [{}, {"HibernationOptions": {"Configured": True}, "InstanceInitiatedShutdownBehavior": "terminate"}]
)
TAG_SPECIFICATIONS = st.dictionaries(
    st.sampled_from(["instance", "volume"]),
    st.dictionaries(st.sampled_from(["Owner", "Stage"]), st.text("ab", max_size=2)),
)


@st.composite
def template_settings(draw, user_data=strategies.USER_DATA):
    """Settings that ``from_params`` can give for a launch template, with security groups as ids."""
    settings = draw(strategies.launch_settings(user_data, derived=False))
    options = settings.metadata_options
    if options is not None:
        options = MetadataOptions(
            options.http_endpoint,
            options.http_tokens,
            options.http_put_response_hop_limit,
            draw(SWITCHES),
            draw(SWITCHES),
        )
    volumes = settings.volumes
    if volumes and draw(st.booleans()):
        only_here = BlockDevice(
            "/dev/sdz", volume_size=8, volume_type="io2", iops=200, encrypted=True, kms_key_id=draw(KMS_KEYS)
        )
        volumes = (*volumes, only_here)
    if volumes and draw(st.booleans()):
        # The existing device of this name has the rest.
        volumes = (replace(volumes[0], volume_size=None, volume_type=None), *volumes[1:])
    return replace(
        settings,
        image_id=draw(st.none() | st.sampled_from(["ami-1", "ami-2", "resolve:ssm:/golden"])),
        instance_type=draw(st.none() | st.just(settings.instance_type)),
        spot_price=draw(st.just(settings.spot_price) | st.just("")),
        metadata_options=options,
        volumes=volumes,
        market_type=draw(st.none() | st.just("" if settings.spot_price == "" else "spot")),
        cpu_credits=draw(st.none() | st.sampled_from(["standard", "unlimited"])),
        tag_specifications=draw(st.none() | TAG_SPECIFICATIONS),
    )


@st.composite
def stored_templates(draw, settings):
    """A launch template in EC2, whose newest version has settings from the strategy, and something that settings do not know."""
    last = draw(st.integers(1, 6))
    kept = draw(st.sets(st.integers(1, last))) | {last}
    data = {**to_launch_template_data(draw(settings)), **draw(FOREIGN_DATA)}
    return Stored(
        "web",
        {number: data if number == last else {} for number in kept},
        default=draw(st.sampled_from(sorted(kept))),
        tags=draw(st.dictionaries(st.sampled_from(["Owner", "stage"]), st.sampled_from(["", "1"]))),
        last=last,
    )


@st.composite
def template_situations(draw, user_data=strategies.USER_DATA):
    """A target, what EC2 has or None, and name of group -> versions that it names."""
    settings = draw(template_settings(user_data))
    present = draw(st.sampled_from([True, True, True, True, False]))
    target = launch_template.Target(
        name="web",
        settings=settings,
        present=present,
        default_version=draw(st.sampled_from(["latest", "keep", 1, 3])),
        version_description=draw(st.sampled_from([None, "", "new"])),
        tags=draw(st.none() | st.dictionaries(st.sampled_from(["Owner", "Stage"]), st.sampled_from(["", "1"]))),
        purge_tags=draw(st.booleans()),
        keep=draw(st.none() | st.integers(0, 2)),
    )
    there = draw(st.sampled_from(["missing", "as asked for", "other"]))
    if there == "missing":
        return target, None, {}
    stored = draw(stored_templates(st.just(settings) if there == "as asked for" else template_settings(user_data)))
    versions = st.sampled_from([str(number) for number in stored.versions] + ["$Latest", "$Default"])
    groups = draw(st.dictionaries(st.sampled_from(["blue", "green"]), st.tuples(versions)))
    return target, stored, groups


@st.composite
def groups(draw, configurations):
    """Auto Scaling groups as the API gives them, which use the launch configurations or a launch template."""
    names = draw(st.sets(st.sampled_from(["api", "batch", "web"]), min_size=1))
    return [draw(group(name, configurations)) for name in sorted(names)]


@st.composite
def group(draw, name, configurations):
    """One group, with some instances from what it uses and some from something else."""
    source = draw(st.none() | st.sampled_from(sorted(configurations)))
    template = {
        "LaunchTemplateId": "lt-9",
        "LaunchTemplateName": "nine",
        "Version": draw(st.sampled_from(["1", "$Latest"])),
    }
    uses = {"LaunchConfigurationName": source} if source else {"LaunchTemplate": template}
    launched = st.sampled_from(
        [uses, {"LaunchConfigurationName": "gone"}, {"LaunchTemplate": {**template, "Version": "2"}}]
    )
    instances = [
        {"InstanceId": f"i-{name}-{index}", **each} for index, each in enumerate(draw(st.lists(launched, max_size=3)))
    ]
    tags = draw(st.sampled_from([[], [{"Key": "managed-by", "Value": "Terraform"}]]))
    return {"AutoScalingGroupName": name, "Instances": instances, "Tags": tags, **uses}
