# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


class ModuleDocFragment:
    """The options that describe what an instance is launched with."""

    DOCUMENTATION = r"""
options:
  image_id:
    description:
      - The ID of the image. A launch template also takes an SSM parameter (V(resolve:ssm:/path/to/parameter)).
      - Required for launch configurations when O(state=present), unless O(instance_id) is set.
    type: str
  instance_type:
    description:
      - The instance type, for example V(t3.small). In a launch template it replaces instance requirements.
      - Required for launch configurations when O(state=present), unless O(instance_id) is set.
    type: str
  instance_id:
    description:
      - The ID of an instance that supplies other settings, except block devices. For launch configurations only.
      - It applies to the creation only. The settings that AWS takes from the instance are not compared later.
    type: str
  instance_profile_name:
    description:
      - The name or the ARN of the instance profile with the IAM role of the instances. Both forms are equal.
      - Before the creation, the module reads from IAM whether the profile exists and has a role.
    aliases: ["iam_instance_profile"]
    type: str
  key_name: {description: "The name of the key pair.", type: str}
  security_groups:
    description: The security groups, in any order, as IDs (V(sg-...)) or names. Names require O(vpc_id) and a call.
    aliases: ["security_group_ids"]
    type: list
    elements: str
  vpc_id: {description: "The ID of the VPC that has the names in O(security_groups).", type: str}
  user_data:
    description:
      - The user data as plain text. At most 16383 bytes in a launch configuration, 16384 in a launch template.
      - An empty text removes the user data, unless O(user_data_base64) or O(user_data_path) is set.
      - Results, differences and logs show its SHA-256 digest and size only. Ansible masks the same text in results.
      - Mutually exclusive with O(user_data_base64) and O(user_data_path). An empty text in these is the same as unset.
    type: str
  user_data_base64:
    description: The user data in base64, for content that is not text. The decoded bytes are compared.
    type: str
  user_data_path:
    description: The path of a file with the user data, on the host that runs the module. Its bytes are not changed.
    type: path
  volumes:
    description:
      - The block devices of the instances. Devices that are not listed are removed. By default, all are kept.
      - A new launch template version, and a launch configuration that replaces another one, keep members that are not set.
        O(volumes[].iops) and O(volumes[].throughput) are removed if the new volume type cannot have them, and
        O(volumes[].kms_key_id) with O(volumes[].encrypted=false).
      - In a launch configuration, a device requires O(volumes[].volume_size), O(volumes[].snapshot),
        O(volumes[].ephemeral) or O(volumes[].no_device). In a launch template, others change the device of the image.
      - An empty text in a member is the same as unset.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: The name of the device, for example V(/dev/sdf). It identifies the device.
        type: str
        required: true
      no_device: {description: "Whether to leave out this device of the image.", type: bool}
      ephemeral: {description: "The instance store volume, for example V(ephemeral0).", type: str}
      snapshot: {description: "The ID of the EBS snapshot of the volume.", type: str}
      volume_size:
        description:
          - The size in GiB. V(0) is the size of the snapshot, and requires O(volumes[].snapshot).
          - V(1) to V(16384), for V(io1) and V(io2) from V(4), for V(st1) and V(sc1) from V(125), for V(standard) to
            V(1024), and in a launch template for V(gp3) and V(io2) to V(65536).
        type: int
      volume_type:
        description: V(standard), V(gp2), V(gp3), V(io1), V(st1), V(sc1), or in a launch template V(io2). By default,
          AWS decides.
        type: str
      delete_on_termination:
        description: Whether the volume is deleted with its instance, which is the default in launch configurations.
        type: bool
      iops:
        description:
          - The provisioned operations per second. V(100) to V(20000); in a launch template V(3000) to V(80000) for V(gp3),
            V(100) to V(64000) for V(io1) and V(100) to V(256000) for V(io2).
          - Required for V(io1) and V(io2), possible for V(gp3).
        type: int
      throughput:
        description: The MiB per second of V(gp3) volumes, V(125) to V(1000), in a launch template to V(2000).
        type: int
      encrypted:
        description: Whether the volume is encrypted. O(volumes[].kms_key_id) replaces the account's default key.
        type: bool
      kms_key_id: {description: "The KMS key, by ID, alias or ARN. For launch templates only.", type: str}
  metadata_options:
    description:
      - The options of the instance metadata service, which also provides the credentials of the role.
      - Options that are not set stay as they are. A new launch configuration has V(enabled) and V(optional) by default,
        and for a new launch template the image and the account decide.
      - O(metadata_options.http_tokens) is sent with O(metadata_options.http_endpoint), since AWS ignores it alone.
    type: dict
    suboptions:
      http_endpoint: {description: "The state of the metadata service.", type: str, choices: ["enabled", "disabled"]}
      http_tokens:
        description: The use of session tokens. V(required) is IMDSv2 only.
        type: str
        choices: ["optional", "required"]
      http_put_response_hop_limit:
        description: The number of network hops of a response with a token, V(1) to V(64). Containers need V(2).
        type: int
      http_protocol_ipv6:
        description: The state of the metadata service's IPv6 endpoint. For launch templates only.
        type: str
        choices: ["enabled", "disabled"]
      instance_metadata_tags:
        description: The access to instance tags by the metadata service. For launch templates only.
        type: str
        choices: ["enabled", "disabled"]
  instance_monitoring:
    description: Whether to turn on detailed monitoring, which AWS bills. It is the default in launch configurations.
    type: bool
  assign_public_ip:
    description: Whether instances get a public IP address. By default, the subnet decides.
    type: bool
  placement_tenancy:
    description: The tenancy of instances. By default, the VPC decides.
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
      - The market of the instances. V(spot) requests Spot Instances, at most at O(spot_price) or the On-Demand price.
      - An empty text requests On-Demand Instances. In launch configurations, V(spot) requires O(spot_price).
    type: str
    choices: ["", "spot"]
  ebs_optimized:
    description: Whether instances are EBS-optimized. By default, they are not, unless the instance type always is.
    type: bool
  kernel_id: {description: "The ID of the kernel of the image.", type: str}
  ramdisk_id:
    description: The ID of the RAM disk of the image.
    aliases: ["ram_disk_id"]
    type: str
  credit_specification:
    description: The credit option of burstable instances. For launch templates only. An empty dictionary removes it.
    type: dict
    suboptions:
      cpu_credits:
        description: The credit option. AWS bills surplus credits of V(unlimited).
        type: str
        choices: ["standard", "unlimited"]
  tag_specifications:
    description: The tags of what is launched. For launch templates only.
    type: list
    elements: dict
    suboptions:
      resource_type:
        description: The kind of resource that gets the tags. Each kind can occur once.
        type: str
        choices: ["instance", "volume", "network-interface", "spot-instances-request"]
        default: instance
      tags:
        description: The tags.
        type: dict
        required: true
"""
