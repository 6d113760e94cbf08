# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options that describe what an instance is launched with, as modules take them. See the documentation fragment ``launch_settings``."""

from __future__ import annotations

VOLUME_ARGUMENTS = dict(
    device_name=dict(required=True),
    no_device=dict(type="bool"),
    ephemeral=dict(),
    snapshot=dict(),
    volume_size=dict(type="int"),
    volume_type=dict(),
    delete_on_termination=dict(type="bool"),
    iops=dict(type="int"),
    throughput=dict(type="int"),
    encrypted=dict(type="bool"),
)

METADATA_ARGUMENTS = dict(
    http_endpoint=dict(choices=["enabled", "disabled"], default="enabled"),
    http_tokens=dict(choices=["optional", "required"], default="optional"),
    http_put_response_hop_limit=dict(type="int"),
)

LAUNCH_SETTINGS_ARGUMENTS = dict(
    image_id=dict(),
    instance_type=dict(),
    instance_id=dict(),
    instance_profile_name=dict(),
    key_name=dict(no_log=False),
    security_groups=dict(type="list", elements="str"),
    vpc_id=dict(),
    user_data=dict(no_log=True),
    user_data_base64=dict(no_log=True),
    user_data_path=dict(type="path"),
    volumes=dict(type="list", elements="dict", options=VOLUME_ARGUMENTS),
    metadata_options=dict(type="dict", options=METADATA_ARGUMENTS),
    instance_monitoring=dict(type="bool"),
    assign_public_ip=dict(type="bool"),
    placement_tenancy=dict(choices=["default", "dedicated"]),
    spot_price=dict(type="float"),
    ebs_optimized=dict(type="bool"),
    kernel_id=dict(),
    ramdisk_id=dict(),
)

MUTUALLY_EXCLUSIVE = [("user_data", "user_data_base64", "user_data_path")]
