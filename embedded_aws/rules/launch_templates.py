# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Launch templates and their versions in EC2."""

from __future__ import annotations

import base64
import binascii
import copy
import re
from collections.abc import Callable
from typing import Any

from moto.ec2.models.launch_templates import LaunchTemplate
from moto.ec2.utils import convert_tag_spec, parse_user_data

from ..launching import find_template
from ..registry import Refusal, answers, corrects, refuses
from ..settings import SETTINGS
from ..strict import Call

API = "botocore's ec2 service model"
ERRORS = "EC2 API reference, 'Error codes for the Amazon EC2 API'"


def _template_of(call: Call) -> Any:
    return find_template(call.ec2, call.params.get("LaunchTemplateId"), call.params.get("LaunchTemplateName"))


@corrects(
    LaunchTemplate, "get_version", when="a version is looked up by its number, of which some may have been deleted",
    source=ERRORS + ", InvalidLaunchTemplateId.VersionNotFound",
)  # fmt: skip
def template_version_by_number(moto_method: Callable[..., Any], template: Any, num: Any) -> Any:
    wanted = str(num)
    if wanted == "$Latest":
        return template.versions[-1]
    if wanted == "$Default":
        wanted = str(template.default_version_number)
    for version in template.versions:
        if str(version.number) == wanted:
            return version
    raise Refusal(
        "InvalidLaunchTemplateId.VersionNotFound",
        f"Could not find the specified version {num} for the launch template with ID {template.id}.",
    )


@corrects(
    LaunchTemplate, "create_version", when="numbers of deleted versions are not used again",
    source="EC2 user guide, 'Manage launch template versions'",
)  # fmt: skip
def template_version_number(moto_method: Callable[..., Any], template: Any, data: Any, description: str) -> Any:
    version = moto_method(data, description)
    template.embedded_aws_last = version.number = getattr(template, "embedded_aws_last", 0) + 1
    return version


@refuses(
    "ec2", "CreateLaunchTemplate", when="the name has characters or a length that EC2 does not take",
    code="InvalidLaunchTemplateName.MalformedException",
    text="A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following "
    "characters: ( ) . / _ -",
    source="LaunchTemplateName in " + API + "; " + ERRORS + "; wording unverified",
)  # fmt: skip
def template_name(call: Call) -> Any:
    return None if re.fullmatch(r"[a-zA-Z0-9().\-/_]{3,128}", call.params["LaunchTemplateName"]) else {}


@refuses(
    "ec2", "CreateLaunchTemplate", "CreateLaunchTemplateVersion", when="the user data is over 16 KB, or not base64",
    code="InvalidUserData.Malformed", text="{why}",
    source=ERRORS + ", InvalidUserData.Malformed; EC2 user guide, 'Instance user data': 16 KB before encoding",
)  # fmt: skip
def template_user_data(call: Call) -> Any:
    given = (call.params.get("LaunchTemplateData") or {}).get("UserData")
    try:
        decoded = base64.b64decode(str(given or ""), validate=True)
    except binascii.Error:
        return {"why": "Invalid BASE64 encoding of user data."}
    return {"why": "User data is limited to 16384 bytes"} if len(decoded) > 16384 else None


@refuses(
    "ec2", "CreateLaunchTemplate", "CreateLaunchTemplateVersion", when="the data is empty", code="MissingParameter",
    text="No launch template data was provided. Launch template data is required to create a launch template.",
    source="quoted in awsdocs/aws-cloudformation-user-guide#453; that a version with a SourceVersion is refused alike is unverified",
)  # fmt: skip
def template_data(call: Call) -> Any:
    return None if call.params.get("LaunchTemplateData") else {}


@refuses(
    "ec2", "CreateLaunchTemplate", "CreateLaunchTemplateVersion", code="InvalidParameterCombination",
    when="the data has InstanceType beside InstanceRequirements",
    text="InstanceType and InstanceRequirements can't be specified together. Specify only one of them.",
    source="InstanceRequirements of RequestLaunchTemplateData in " + API + "; code and wording unverified, as is that what comes "
    "from the SourceVersion counts",
)  # fmt: skip
def template_type_or_requirements(call: Call) -> Any:
    data = call.params.get("LaunchTemplateData") or {}
    if call.params.get("SourceVersion"):
        data = {**_template_of(call).get_version(call.params["SourceVersion"]).data, **data}
    return {} if data.get("InstanceType") and data.get("InstanceRequirements") else None


def _remembered(call: Call, make: Callable[[], Any]) -> Any:
    """What was made with this ClientToken before, or what is made now."""
    token = call.params.get("ClientToken")
    if not token:
        return make()
    tokens = call.ec2.__dict__.setdefault("embedded_aws_tokens", {})
    asked = {name: value for name, value in copy.deepcopy(call.params).items() if name != "ClientToken"}
    if token in tokens:
        before, made = tokens[token]
        if repr(before) != repr(asked):
            raise Refusal(
                "IdempotentParameterMismatch", "The client token you have provided is associated with a resource that is already "
                "deleted, or with other parameters. Please use a different client token.",
            )  # fmt: skip
        return made
    made = make()
    tokens[token] = (asked, made)
    return made


@answers(
    "ec2", "CreateLaunchTemplate",
    when="the data is kept as sent, apart from the template's own tags; a ClientToken makes a repetition harmless",
    source="ClientToken and TagSpecifications of CreateLaunchTemplate in " + API,
)  # fmt: skip
def create_launch_template(call: Call, moto_method: Any) -> dict[str, Any]:
    def make() -> Any:
        return call.ec2.create_launch_template(
            call.params["LaunchTemplateName"],
            call.params.get("VersionDescription"),
            _kept_data(call.params.get("LaunchTemplateData")),
            convert_tag_spec(call.params.get("TagSpecifications") or []),
        )

    call.response.error_on_dryrun()
    return {"LaunchTemplate": _described(call, _remembered(call, make))}


@answers(
    "ec2", "CreateLaunchTemplateVersion",
    when="SourceVersion is what the new version starts from; a ClientToken makes a repetition harmless",
    source="SourceVersion and ClientToken of CreateLaunchTemplateVersion in " + API,
)  # fmt: skip
def create_launch_template_version(call: Call, moto_method: Any) -> dict[str, Any]:
    call.response.error_on_dryrun()
    template = _template_of(call)

    def make() -> Any:
        source = call.params.get("SourceVersion")
        start = dict(template.get_version(source).data) if source else {}
        data = _kept_data({**start, **(call.params.get("LaunchTemplateData") or {})})
        return template.create_version(data, call.params.get("VersionDescription"))

    return {"LaunchTemplateVersion": _described_version(call, template, _remembered(call, make))}


def _kept_data(data: dict[str, Any] | None) -> dict[str, Any]:
    kept = {name: value for name, value in copy.deepcopy(data or {}).items() if value is not None}
    if kept.get("UserData"):
        kept["UserData"] = parse_user_data(str(kept["UserData"]))
    return kept


def _described(call: Call, template: Any) -> dict[str, Any]:
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "CreateTime": template.create_time,
        "CreatedBy": f"arn:{call.partition}:iam::{call.account}:root",
        "DefaultVersionNumber": template.default_version_number,
        "LatestVersionNumber": template.latest_version_number,
        "Tags": template.get_tags(),
    }


def _described_version(call: Call, template: Any, version: Any) -> dict[str, Any]:
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "VersionNumber": version.number,
        "VersionDescription": version.description,
        "CreateTime": version.create_time,
        "CreatedBy": f"arn:{call.partition}:iam::{call.account}:root",
        "DefaultVersion": version.number == template.default_version_number,
        "LaunchTemplateData": version.data,
    }


def _page(call: Call, items: list[Any], default: int) -> tuple[list[Any], str | None]:
    start = int(call.params.get("NextToken") or 0)
    end = start + SETTINGS.most_of_a_page(call.params.get("MaxResults") or default)
    return items[start:end], str(end) if end < len(items) else None


@answers(
    "ec2", "DescribeLaunchTemplates", when="tags are today's, an unknown id is an error, and pages have a token",
    source="DescribeLaunchTemplates in " + API + "; " + ERRORS,
)  # fmt: skip
def describe_launch_templates(call: Call, moto_method: Any) -> dict[str, Any]:
    call.response.error_on_dryrun()
    backend = call.ec2
    for name in call.params.get("LaunchTemplateIds") or []:
        find_template(backend, name, None)
    found = backend.describe_launch_templates(
        template_names=call.params.get("LaunchTemplateNames"),
        template_ids=call.params.get("LaunchTemplateIds"),
        filters=call.response._filters_from_querystring(),
    )
    page, token = _page(call, found, 200)
    return {"LaunchTemplates": [_described(call, template) for template in page], "NextToken": token}


@answers(
    "ec2", "DescribeLaunchTemplateVersions",
    when="versions are found by number, newest first, and pages have a token",
    source="DescribeLaunchTemplateVersions in " + API + "; the order as in the examples of the AWS CLI reference",
)  # fmt: skip
def describe_launch_template_versions(call: Call, moto_method: Any) -> Any:
    call.response.error_on_dryrun()
    wanted = call.params.get("Versions") or []
    if call.params.get("LaunchTemplateId") or call.params.get("LaunchTemplateName"):
        templates = [_template_of(call)]
    elif wanted and set(wanted) <= {"$Latest", "$Default"}:
        templates = list(call.ec2.launch_templates.values())
    else:
        return moto_method()
    found = []
    for template in templates:
        chosen = {version.number: version for version in map(template.get_version, wanted)} if wanted else None
        lowest, highest = int(call.params.get("MinVersion") or 1), int(call.params.get("MaxVersion") or 10**9)
        for version in reversed(template.versions):
            if version.number in chosen if chosen is not None else lowest <= version.number <= highest:
                found.append(_described_version(call, template, version))
    page, token = _page(call, found, 200)
    return {"LaunchTemplateVersions": page, "NextToken": token}


@answers(
    "ec2", "ModifyLaunchTemplate", when="the template or the version does not exist, or tags changed since",
    source="ModifyLaunchTemplate in " + API + "; " + ERRORS,
)  # fmt: skip
def modify_launch_template(call: Call, moto_method: Any) -> dict[str, Any]:
    call.response.error_on_dryrun()
    template = _template_of(call)
    if call.params.get("DefaultVersion"):
        template.default_version_number = template.get_version(call.params["DefaultVersion"]).number
    return {"LaunchTemplate": _described(call, template)}


@answers(
    "ec2", "DeleteLaunchTemplate", when="a template that does not exist is called by EC2's error",
    source="DeleteLaunchTemplate in " + API + "; " + ERRORS,
)  # fmt: skip
def delete_launch_template(call: Call, moto_method: Any) -> dict[str, Any]:
    call.response.error_on_dryrun()
    template = _template_of(call)
    call.ec2.delete_launch_template(None, template.id)
    return {"LaunchTemplate": _described(call, template)}


@answers(
    "ec2", "DeleteLaunchTemplateVersions",
    when="each version is deleted or reported by itself; the default version stays",
    source="DeleteLaunchTemplateVersions in " + API + ", LaunchTemplateErrorCode; EC2 user guide: the default version can't be "
    "deleted (its error code is unverified)",
)  # fmt: skip
def delete_launch_template_versions(call: Call, moto_method: Any) -> dict[str, Any]:
    call.response.error_on_dryrun()
    template = _template_of(call)
    deleted, kept = [], []
    for wanted in call.params.get("Versions") or []:
        item = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name, "VersionNumber": int(wanted)}
        version = next((version for version in template.versions if str(version.number) == str(wanted)), None)
        if version is None:
            error = (
                "launchTemplateVersionDoesNotExist",
                f"Could not find the specified version {wanted} for the launch template",
            )
        elif version.number == template.default_version_number:
            error = (
                "unexpectedError",
                f"Cannot delete version {wanted}: it is the default version of the launch template",
            )
        else:
            template.versions.remove(version)
            deleted.append(item)
            continue
        kept.append({**item, "ResponseError": {"Code": error[0], "Message": error[1]}})
    return {"SuccessfullyDeletedLaunchTemplateVersions": deleted, "UnsuccessfullyDeletedLaunchTemplateVersions": kept}
