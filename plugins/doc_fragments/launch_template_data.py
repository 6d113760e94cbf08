# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)


class ModuleDocFragment:
    """The options of launch templates that launch configurations do not have, with the names that amazon.aws gives them."""

    DOCUMENTATION = r"""
options:
  launch_template_data:
    description:
      - Members of LaunchTemplateData that have no option, with the names of the API, such as C(HibernationOptions).
      - Dictionaries are compared and changed member by member, other values as a whole. An empty value removes a member.
    type: dict
  block_device_mappings:
    description: The block devices, as M(amazon.aws.ec2_launch_template) takes them. O(volumes) describes the members.
    type: list
    elements: dict
    suboptions:
      device_name: {description: "The name of the device.", type: str}
      ebs:
        description: The EBS volume.
        type: dict
        suboptions:
          delete_on_termination: {description: "See O(volumes[].delete_on_termination).", type: bool}
          encrypted: {description: "See O(volumes[].encrypted).", type: bool}
          iops: {description: "See O(volumes[].iops).", type: int}
          kms_key_id: {description: "See O(volumes[].kms_key_id).", type: str}
          snapshot_id: {description: "See O(volumes[].snapshot).", type: str}
          throughput: {description: "See O(volumes[].throughput).", type: int}
          volume_size: {description: "See O(volumes[].volume_size).", type: int}
          volume_type: {description: "See O(volumes[].volume_type).", type: str}
      no_device: {description: "Any value leaves out this device of the image.", type: str}
      virtual_name: {description: "See O(volumes[].ephemeral).", type: str}
  cpu_options:
    description: The CPU options.
    type: dict
    suboptions:
      core_count: {description: "The number of cores.", type: int}
      threads_per_core: {description: "The number of threads of each core.", type: int}
  disable_api_termination:
    description: Whether to protect instances from termination by the API. Auto Scaling ignores it.
    type: bool
  elastic_gpu_specifications:
    description: The elastic GPUs, which AWS no longer offers.
    type: list
    elements: dict
    suboptions:
      type: {description: "The type.", type: str}
  instance_initiated_shutdown_behavior:
    description: What happens to an instance that shuts itself down.
    type: str
    choices: ["stop", "terminate"]
  instance_market_options:
    description: The market of the instances. O(market_type) and O(spot_price) are simpler.
    type: dict
    suboptions:
      market_type: {description: "The market, V(spot).", type: str}
      spot_options:
        description: The options of Spot Instances.
        type: dict
        suboptions:
          block_duration_minutes: {description: "The duration, which AWS no longer offers.", type: int}
          instance_interruption_behavior:
            description: What happens to an instance that is interrupted.
            type: str
            choices: ["hibernate", "stop", "terminate"]
          max_price: {description: "The maximum price in US dollars an hour.", type: str}
          spot_instance_type: {description: "The kind of request.", type: str, choices: ["one-time", "persistent"]}
  monitoring:
    description: Detailed monitoring, as O(instance_monitoring).
    type: dict
    suboptions:
      enabled: {description: "Whether to turn it on.", type: bool}
  network_interfaces:
    description: The network interfaces. They are compared as a whole. O(assign_public_ip) and O(security_groups) are simpler.
    type: list
    elements: dict
    suboptions:
      associate_public_ip_address: {description: "Whether the interface gets a public IP address.", type: bool}
      delete_on_termination: {description: "Whether the interface is deleted with its instance.", type: bool}
      description: {description: "The description.", type: str}
      device_index: {description: "The index of the device.", type: int}
      groups: {description: "The IDs of the security groups.", type: list, elements: str}
      ipv6_address_count: {description: "The number of IPv6 addresses.", type: int}
      ipv6_addresses: {description: "The IPv6 addresses.", type: list, elements: str}
      network_interface_id: {description: "The ID of an existing interface.", type: str}
      private_ip_address: {description: "The IPv4 address.", type: str}
      subnet_id: {description: "The ID of the subnet.", type: str}
  placement:
    description: The placement. O(placement_tenancy) is simpler where it is about the tenancy only.
    type: dict
    suboptions:
      affinity: {description: "The affinity to a Dedicated Host.", type: str}
      availability_zone: {description: "The Availability Zone.", type: str}
      group_name: {description: "The name of the placement group.", type: str}
      host_id: {description: "The ID of the Dedicated Host.", type: str}
      tenancy: {description: "The tenancy.", type: str}
"""
