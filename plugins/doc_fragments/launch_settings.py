# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """The options that describe what an instance is launched with."""

    DOCUMENTATION = r"""
options:
  image_id:
    description:
      - The id of the Amazon Machine Image, or in a launch template also a parameter that holds it (V(resolve:ssm:/path/to/parameter)).
      - Required when O(state=present), unless O(instance_id) is given.
    type: str
  instance_type:
    description:
      - The instance type, for example V(t3.small).
      - Required when O(state=present), unless O(instance_id) is given.
    type: str
  instance_id:
    description:
      - The id of an instance to take all settings from that are not given, apart from its block devices.
      - It counts when something is made. What AWS took from the instance is not compared later.
    type: str
  instance_profile_name:
    description:
      - The name or the ARN of the instance profile that hands the instances their IAM role. Both forms compare as equal.
      - Before something new is made that names it, IAM is asked whether the profile exists and holds a role. If not, the task
        fails at once and says which.
    type: str
  key_name:
    description:
      - The name of the SSH key pair.
    type: str
  security_groups:
    description:
      - The security groups, as ids (V(sg-...)) or names. Names need O(vpc_id), and cost a call to EC2; ids alone do not.
      - The order does not matter.
    type: list
    elements: str
  vpc_id:
    description:
      - The VPC in which names in O(security_groups) are looked up.
    type: str
  user_data:
    description:
      - What the instances are handed at their first start, as plain text of at most 16383 bytes.
      - It appears in results, differences and logs by its SHA-256 digest and size only. Ansible puts asterisks wherever the same text
        appears in the result, so a very short text can hide part of a name.
      - Mutually exclusive with O(user_data_base64) and O(user_data_path).
    type: str
  user_data_base64:
    description:
      - The same, encoded in base64. Use this for content that is not text. Equal to O(user_data) if the decoded bytes are equal.
    type: str
  user_data_path:
    description:
      - The same, from a file on the host that runs the module. Its bytes are taken as they are.
    type: path
  volumes:
    description:
      - The block devices of the instances. When set, exactly these; when not set, those of the image are left as they are.
      - Each needs a O(volumes[].device_name), and one of O(volumes[].volume_size) or O(volumes[].snapshot) for an EBS volume,
        O(volumes[].ephemeral) or O(volumes[].no_device).
      - A O(volumes[].volume_size) below V(1) asks for no mapping at all.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: The name of the device, for example V(/dev/sdf). Devices are told apart by it.
        type: str
        required: true
      no_device:
        description: Whether to leave out the device of this name that the image would map.
        type: bool
      ephemeral:
        description: The instance store volume, for example V(ephemeral0).
        type: str
      snapshot:
        description: The id of the EBS snapshot to fill the volume from.
        type: str
      volume_size:
        description:
          - The size in GiB.
          - V(1) to V(16384), for V(io1) and V(io2) from V(4), for V(st1) and V(sc1) from V(125), for V(standard) to V(1024), and in a
            launch template for V(gp3) and V(io2) to V(65536).
        type: int
      volume_type:
        description:
          - The type, one of V(standard), V(gp2), V(gp3), V(io1), V(st1), V(sc1), and in a launch template V(io2).
          - AWS chooses when it is not set.
        type: str
      delete_on_termination:
        description: Whether the volume is deleted with its instance, which AWS does when this is not set.
        type: bool
      iops:
        description:
          - The provisioned operations per second. V(100) to V(20000); in a launch template V(3000) to V(80000) for V(gp3), V(100) to V(64000)
            for V(io1) and V(100) to V(256000) for V(io2).
          - Required for V(io1) and V(io2), possible for V(gp3).
        type: int
      throughput:
        description: The throughput in MiB per second, V(125) to V(1000), in a launch template to V(2000). For O(volumes[].volume_type=gp3) only.
        type: int
      encrypted:
        description: Whether the volume is encrypted, with the account's default key unless O(volumes[].kms_key_id) is given.
        type: bool
      kms_key_id:
        description: The KMS key to encrypt with, by id, alias or ARN. For launch templates only; refused in launch configurations.
        type: str
  metadata_options:
    description:
      - How instances reach their metadata service, which also hands out the credentials of the role.
      - When set, endpoint and tokens are always sent together, since AWS ignores the one without the other.
    type: dict
    suboptions:
      http_endpoint:
        description: Whether the metadata service answers at all.
        type: str
        choices: ["enabled", "disabled"]
        default: enabled
      http_tokens:
        description: Whether a session token is required (V(required), which is IMDSv2 only) or not.
        type: str
        choices: ["optional", "required"]
        default: optional
      http_put_response_hop_limit:
        description: How many network hops a response with a token may take, V(1) to V(64). Containers on the instance need V(2).
        type: int
      http_protocol_ipv6:
        description: Whether the service answers over IPv6. For launch templates only; refused in launch configurations.
        type: str
        choices: ["enabled", "disabled"]
      instance_metadata_tags:
        description: Whether the service shows the instance's tags. For launch templates only; refused in launch configurations.
        type: str
        choices: ["enabled", "disabled"]
  instance_monitoring:
    description:
      - Whether instances have detailed monitoring, which is billed.
      - AWS turns it on in launch configurations when this is not set.
    type: bool
  assign_public_ip:
    description:
      - Whether instances get a public IP address. When not set, the subnet decides.
    type: bool
  placement_tenancy:
    description:
      - Whether instances run on hardware of their own. When not set, the VPC decides.
    type: str
    choices: ["default", "dedicated"]
  spot_price:
    description:
      - The most to pay for a Spot Instance, in US dollars an hour, at least V(0.001). When not set, instances are on demand.
    type: float
  ebs_optimized:
    description:
      - Whether instances are optimized for EBS traffic. When not set, AWS does not ask for it.
    type: bool
  kernel_id:
    description:
      - The id of the kernel of the image.
    type: str
  ramdisk_id:
    description:
      - The id of the RAM disk of the image.
    type: str
  credit_specification:
    description:
      - How burstable instances pay for more than their baseline. For launch templates only; refused in launch configurations.
    type: dict
    suboptions:
      cpu_credits:
        description: Whether an instance may go on bursting for a fee.
        type: str
        choices: ["standard", "unlimited"]
        required: true
  tag_specifications:
    description:
      - Tags for what is launched. For launch templates only; refused in launch configurations.
    type: list
    elements: dict
    suboptions:
      resource_type:
        description: The kind of resource that gets the tags. Each kind once.
        type: str
        choices: ["instance", "volume", "network-interface", "spot-instances-request"]
        required: true
      tags:
        description: The tags.
        type: dict
        required: true
"""
