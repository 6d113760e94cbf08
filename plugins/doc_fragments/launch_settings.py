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
      - Required for launch configurations when O(state=present), unless O(instance_id) is given.
    type: str
  instance_type:
    description:
      - The instance type, for example V(t3.small). In a launch template it replaces instance requirements.
      - Required for launch configurations when O(state=present), unless O(instance_id) is given.
    type: str
  instance_id:
    description:
      - The id of an instance that supplies the settings that are not given, except block devices. For launch configurations only.
      - It is used at creation only. What AWS took from the instance is not compared later.
    type: str
  instance_profile_name:
    description:
      - The name or the ARN of the instance profile, through which instances receive their IAM role. Both forms compare as equal.
      - Before a creation, the module reads from IAM whether the profile exists and has a role, and fails at once if not.
    type: str
  key_name:
    description: The name of the SSH key pair.
    type: str
  security_groups:
    description:
      - The security groups, as ids (V(sg-...)) or names. Names need O(vpc_id), and cost a call to EC2; ids alone do not.
      - The order does not matter.
    type: list
    elements: str
  vpc_id:
    description: The VPC in which names in O(security_groups) are looked up.
    type: str
  user_data:
    description:
      - The user data of the instances, as plain text. At most 16383 bytes in a launch configuration, 16384 in a launch template.
      - An empty text removes the user data, unless O(user_data_base64) or O(user_data_path) is set.
      - Results, differences and logs show its SHA-256 digest and size only. Ansible masks the same text elsewhere in the result.
      - Mutually exclusive with O(user_data_base64) and O(user_data_path). An empty text in these is the same as unset.
    type: str
  user_data_base64:
    description: The same, encoded in base64, for content that is not text. Equal to O(user_data) if the decoded bytes are equal.
    type: str
  user_data_path:
    description: The same, from a file on the host that runs the module. Its bytes are taken as they are.
    type: path
  volumes:
    description:
      - The block devices of the instances. Devices that are not listed are removed. When not set, all are left as they are.
      - A new launch template version, and a launch configuration that replaces another one of its name, keep the members of a device
        that are not set. O(volumes[].iops) and O(volumes[].throughput) are removed if the new volume type cannot have them, and
        O(volumes[].kms_key_id) with O(volumes[].encrypted=false).
      - In a launch configuration, a device requires one of O(volumes[].volume_size), O(volumes[].snapshot), O(volumes[].ephemeral) and
        O(volumes[].no_device). In a launch template, a device without them changes the device of the image.
      - An empty text in a member is the same as unset.
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
          - The size in GiB. V(0) is the size of the snapshot, and requires O(volumes[].snapshot).
          - V(1) to V(16384), for V(io1) and V(io2) from V(4), for V(st1) and V(sc1) from V(125), for V(standard) to V(1024), and in a
            launch template for V(gp3) and V(io2) to V(65536).
        type: int
      volume_type:
        description:
          - One of V(standard), V(gp2), V(gp3), V(io1), V(st1), V(sc1), and in a launch template V(io2).
          - AWS chooses if it is not set.
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
        description: The KMS key to encrypt with, by id, alias or ARN. For launch templates only.
        type: str
  metadata_options:
    description:
      - The options of the instance metadata service, which also provides the credentials of the role.
      - Options that are not set stay as they are, and an empty dictionary changes nothing. For a new launch configuration,
        O(metadata_options.http_endpoint) is V(enabled) then and O(metadata_options.http_tokens) V(optional). For a new launch template,
        the image and the account decide.
      - O(metadata_options.http_tokens) is never sent without O(metadata_options.http_endpoint), because AWS ignores it then.
    type: dict
    suboptions:
      http_endpoint:
        description: Whether the metadata service is reachable.
        type: str
        choices: ["enabled", "disabled"]
      http_tokens:
        description: Whether a session token is required (V(required), which is IMDSv2 only) or not.
        type: str
        choices: ["optional", "required"]
      http_put_response_hop_limit:
        description: How many network hops a response with a token may take, V(1) to V(64). Containers on the instance need V(2).
        type: int
      http_protocol_ipv6:
        description: Whether the service answers over IPv6. For launch templates only.
        type: str
        choices: ["enabled", "disabled"]
      instance_metadata_tags:
        description: Whether the service shows the instance's tags. For launch templates only.
        type: str
        choices: ["enabled", "disabled"]
  instance_monitoring:
    description: Whether instances have detailed monitoring, which is billed. AWS turns it on in launch configurations by default.
    type: bool
  assign_public_ip:
    description: Whether instances get a public IP address. When not set, the subnet decides.
    type: bool
  placement_tenancy:
    description: Whether instances run on hardware of their own. When not set, the VPC decides.
    type: str
    choices: ["", "default", "dedicated"]
  spot_price:
    description:
      - The maximum price of a Spot Instance, in US dollars an hour, at least V(0.001). It requests Spot Instances.
      - An empty text or V(0) removes the price, and requests On-Demand Instances unless O(market_type=spot).
      - When not set, a new launch configuration or launch template requests On-Demand Instances.
    type: str
  market_type:
    description:
      - The market of the instances. V(spot) requests Spot Instances, with O(spot_price) or without a price, which means at most the
        On-Demand price. An empty text requests On-Demand Instances.
      - A launch configuration cannot request Spot Instances without O(spot_price).
    type: str
    choices: ["", "spot"]
  ebs_optimized:
    description: Whether instances are optimized for EBS traffic. When not set, AWS does not ask for it.
    type: bool
  kernel_id:
    description: The id of the kernel of the image.
    type: str
  ramdisk_id:
    description: The id of the RAM disk of the image.
    type: str
  credit_specification:
    description: The credit option of burstable instances. For launch templates only. An empty dictionary removes it.
    type: dict
    suboptions:
      cpu_credits:
        description: Whether an instance can burst beyond its credits for a fee.
        type: str
        choices: ["standard", "unlimited"]
  tag_specifications:
    description: Tags for what is launched. For launch templates only.
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
