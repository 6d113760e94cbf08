# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""EC2's launch templates as the tests of pure functions need them: what it stores, answers, and makes of a call."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field

from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.aws_answers import CREATED


@dataclass
class Stored:
    """A launch template in EC2: version number -> LaunchTemplateData, and version number -> description."""

    name: str
    versions: dict = field(default_factory=lambda: {1: {}})
    default: int = 1
    tags: dict = field(default_factory=dict)
    descriptions: dict = field(default_factory=dict)
    last: int = 1

    def describe(self):
        """The template as DescribeLaunchTemplates gives it, and its newest version as DescribeLaunchTemplateVersions does."""
        latest = max(self.versions)
        template = {
            "LaunchTemplateId": "lt-1",
            "LaunchTemplateName": self.name,
            "CreateTime": CREATED,
            "CreatedBy": "arn:aws:iam::123456789012:root",
            "DefaultVersionNumber": self.default,
            "LatestVersionNumber": latest,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }
        version = {
            "LaunchTemplateId": "lt-1",
            "LaunchTemplateName": self.name,
            "VersionNumber": latest,
            "CreateTime": CREATED,
            "DefaultVersion": latest == self.default,
            "LaunchTemplateData": copy.deepcopy(self.versions[latest]),
        }
        if self.descriptions.get(latest):
            version["VersionDescription"] = self.descriptions[latest]
        return template, version


def state_of(stored, groups=None, look_at_versions=True):
    """What is observed of a stored template, or of None."""
    if stored is None:
        return launch_template.State(None)
    versions = tuple(sorted(stored.versions)) if look_at_versions else ()
    return launch_template.State(launch_template.from_api(*stored.describe()), versions, groups)


def call_ec2(calls, stored):
    """Return what EC2 has after a plan's calls. Its refusals are assertions."""
    stored = copy.deepcopy(stored)
    for call in calls:
        assert call.service == "ec2"
        arguments = copy.deepcopy(call.arguments)
        if call.operation == "create_launch_template":
            assert stored is None
            tags = {tag["Key"]: tag["Value"] for each in arguments.get("TagSpecifications", ()) for tag in each["Tags"]}
            stored = Stored(arguments["LaunchTemplateName"], {1: arguments["LaunchTemplateData"]}, tags=tags)
            stored.descriptions[1] = arguments.get("VersionDescription", "")
            continue
        assert stored is not None
        if call.operation in ("create_tags", "delete_tags"):
            assert arguments["Resources"] == ["lt-1"]
            for tag in arguments["Tags"]:
                if call.operation == "create_tags":
                    stored.tags[tag["Key"]] = tag["Value"]
                else:
                    del stored.tags[tag["Key"]]
            continue
        assert arguments["LaunchTemplateId"] == "lt-1"
        if call.operation == "create_launch_template_version":
            stored.last += 1
            stored.versions[stored.last] = arguments["LaunchTemplateData"]
            stored.descriptions[stored.last] = arguments.get("VersionDescription", "")
        elif call.operation == "modify_launch_template":
            stored.default = int(arguments["DefaultVersion"])
            assert stored.default in stored.versions
        elif call.operation == "delete_launch_template_versions":
            for number in map(int, arguments["Versions"]):
                assert number != stored.default
                del stored.versions[number]
        else:
            assert call.operation == "delete_launch_template"
            stored = None
    return stored
