# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""One launch configuration with everything that it can hold, in the forms that it takes on its way."""

from __future__ import annotations

from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData

ARN = "arn:aws:iam::123456789012:instance-profile/ops/web"
EVERYTHING = LaunchSettings(
    image_id="ami-baba68d3",
    instance_type="t3.small",
    instance_profile_name="web",
    key_name="operations",
    security_groups=("sg-1", "sg-2"),
    user_data=UserData(b"#!/bin/sh\n"),
    volumes=(BlockDevice("/dev/sdf", volume_size=8), BlockDevice("/dev/sdg", no_device=True)),
    metadata_options=MetadataOptions("enabled", "required", 2),
    instance_monitoring=False,
    assign_public_ip=False,
    placement_tenancy="dedicated",
    spot_price="0.05",
    ebs_optimized=True,
    kernel_id="aki-1",
    ramdisk_id="ari-1",
)
EVERYTHING_AS_ARGUMENTS = {
    "ImageId": "ami-baba68d3",
    "InstanceType": "t3.small",
    "IamInstanceProfile": "web",
    "KeyName": "operations",
    "SecurityGroups": ["sg-1", "sg-2"],
    "UserData": b"#!/bin/sh\n",
    "BlockDeviceMappings": [
        {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 8}},
        {"DeviceName": "/dev/sdg", "NoDevice": True},
    ],
    "MetadataOptions": {"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 2},
    "InstanceMonitoring": {"Enabled": False},
    "AssociatePublicIpAddress": False,
    "PlacementTenancy": "dedicated",
    "SpotPrice": "0.05",
    "EbsOptimized": True,
    "KernelId": "aki-1",
    "RamdiskId": "ari-1",
}
EVERYTHING_AS_PARAMETERS = {
    "image_id": "ami-baba68d3",
    "instance_type": "t3.small",
    "instance_profile_name": "web",
    "key_name": "operations",
    "security_groups": ["sg-2", "sg-1", "sg-2"],
    "user_data": "#!/bin/sh\n",
    "volumes": [{"device_name": "/dev/sdg", "no_device": True}, {"device_name": "/dev/sdf", "volume_size": 8}],
    "metadata_options": {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 2},
    "instance_monitoring": False,
    "assign_public_ip": False,
    "placement_tenancy": "dedicated",
    "spot_price": 0.05,
    "ebs_optimized": True,
    "kernel_id": "aki-1",
    "ramdisk_id": "ari-1",
}
