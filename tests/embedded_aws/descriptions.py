# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Random descriptions of an application."""

from __future__ import annotations

from ansible_collections.launchkit.aws.tests.embedded_aws.fleets import IMAGE, OTHER_IMAGE, ZONES, entry, plain
from hypothesis import event
from hypothesis import strategies as st

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
ARN = "arn:aws:iam::aws:policy/"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]},
    "Action": "sts:AssumeRole",
}
ROLE = {
    "tags": st.sampled_from([{}, {"Owner": "me"}, {"Owner": "you", "größe": "1"}]),
    "role_description": st.sampled_from(["For the website", ""]),
    "role_max_session_duration": st.sampled_from([3600, 7200]),
    "trust_policy": st.just({"Version": "2012-10-17", "Statement": [TRUST]}),
    "managed_policies": st.sampled_from([[], ["ReadOnlyAccess"], [f"{ARN}ReadOnlyAccess", f"{ARN}PowerUserAccess"]]),
    "purge_managed_policies": st.booleans(),
    "permissions_boundary": st.sampled_from(["", f"{ARN}PowerUserAccess"]),
    "inline_policies": st.sampled_from([{}, {"read": POLICY}, {"other": POLICY}]),
    "purge_inline_policies": st.booleans(),
}
# What can't change once it exists is the same in both descriptions.
NAMES = {
    "role_path": st.sampled_from(["/", "/ops/"]),
    "instance_profile_name": st.sampled_from(["own", "web"]),
    "instance_profile_path": st.sampled_from(["/profiles/", ""]),
    "launch_template_name": st.just("own-name"),
    "launch_configuration_name_prefix": st.just("own-"),
}
LAUNCHED = {
    "instance_type": st.sampled_from(["t3.small", "m5.large"]),
    "launch_configuration_prune": st.sampled_from([None, {"keep": 1}]),
    "launch_template_prune": st.sampled_from([None, {"keep": 1}]),
    "key_name": st.just("operations"),
    "security_groups": st.sampled_from([[], ["one"], ["two", "one"]]),
    "user_data": st.sampled_from(["", "#!/bin/sh\necho größe {{ not_a_template }}\n"]),
    "volumes": st.sampled_from(
        [
            [{"device_name": "/dev/sda1", "volume_size": 20, "volume_type": "gp3", "iops": 3000}],
            [{"device_name": "/dev/sdg", "ephemeral": "ephemeral0"}, {"device_name": "/dev/sdf", "volume_size": "8"}],
        ]
    ),
    "metadata_options": st.sampled_from([{"http_tokens": "optional"}, {"http_put_response_hop_limit": 2}, {}]),
    "instance_monitoring": st.booleans(),
    "placement_tenancy": st.sampled_from(["default", "dedicated"]),
    "spot_price": st.sampled_from([0.05, "0.1"]),
    "ebs_optimized": st.booleans(),
}
ONLY_TEMPLATES = {
    "tag_specifications": st.just([{"resource_type": "volume", "tags": {"Owner": "me"}}]),
}
GROUP = {
    "group_max_size": st.integers(1, 3),
    "group_desired_capacity": st.integers(0, 1),
    "group_health_check_type": st.sampled_from(["EC2", "ELB"]),
    "group_health_check_period": st.sampled_from([60, 300]),
    "group_default_cooldown": st.sampled_from([60, 300]),
    "group_termination_policies": st.sampled_from([["OldestInstance"], ["Default"]]),
    "group_max_instance_lifetime": st.just(86400),
    "group_tags": st.sampled_from([{}, {"Stage": "test"}]),
    "group_propagate_tags": st.booleans(),
}


@st.composite
def descriptions(draw, number):
    """Return descriptions of one application, with or without launch settings and group."""
    names = draw(st.fixed_dictionaries({}, optional=NAMES))
    kind = draw(st.sampled_from(["group", "launched", "nothing"]))
    event(kind)

    def description():
        variables = {**names, **draw(st.fixed_dictionaries({}, optional=ROLE))}
        if kind == "nothing":
            return plain("web", **variables)
        variables.update(draw(st.fixed_dictionaries({}, optional=LAUNCHED)))
        variables["image_id"] = draw(st.sampled_from([IMAGE, OTHER_IMAGE]))
        if draw(st.booleans()):
            variables.update(draw(st.fixed_dictionaries({}, optional=ONLY_TEMPLATES)), launch_with="launch_template")
        if kind == "group":
            sizes = {"group_name": "web", "group_min_size": 0, "group_max_size": 2, "group_availability_zones": ZONES}
            variables.update({**sizes, **draw(st.fixed_dictionaries({}, optional=GROUP))})
        # Null is a value for some, which the maker of entries leaves out.
        nulls = {f"application_{name}": None for name, value in variables.items() if value is None}
        return {**entry("web", **variables), **nulls}

    return [description() for dummy in range(number)]
