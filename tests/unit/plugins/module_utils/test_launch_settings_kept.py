# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What is not given stays, what is given empty is cleared: templates and launch configurations, created and changed."""

from __future__ import annotations

import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import InvalidOption
from ansible_collections.launchkit.aws.plugins.module_utils.launch import configuration as launch_configuration
from ansible_collections.launchkit.aws.plugins.module_utils.launch import differences as launch_differences
from ansible_collections.launchkit.aws.plugins.module_utils.launch import options as launch_settings_options
from ansible_collections.launchkit.aws.plugins.module_utils.launch import settings as launch_settings
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template as launch_template
from ansible_collections.launchkit.aws.plugins.module_utils.launch import template_plan as launch_template_plan
from ansible_collections.launchkit.aws.plugins.module_utils.launch.block_devices import LAUNCH_TEMPLATE, BlockDevice
from ansible_collections.launchkit.aws.plugins.module_utils.launch.options import LAUNCH_SETTINGS_ARGUMENTS
from ansible_collections.launchkit.aws.plugins.module_utils.launch.settings import LaunchSettings, MetadataOptions
from ansible_collections.launchkit.aws.plugins.module_utils.launch.user_data import UserData
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils import aws_answers
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.launch_examples import (
    EVERYTHING,
    EVERYTHING_AS_PARAMETERS,
)
from ansible_collections.launchkit.aws.tests.unit.plugins.module_utils.template_answers import Stored, state_of

PARAMS = {
    **dict.fromkeys(LAUNCH_SETTINGS_ARGUMENTS),
    "name": "web",
    "state": "present",
    "prune": None,
    "version_description": None,
    "default_version": "keep",
    "tags": None,
    "purge_tags": True,
}
CONFIGURATION_PARAMS = {
    **dict.fromkeys(LAUNCH_SETTINGS_ARGUMENTS),
    "name": "web",
    "name_prefix": None,
    "state": "present",
    "prune": None,
    "on_drift": "replace",
    "classic_link_vpc_id": None,
    "classic_link_vpc_security_groups": None,
    "image_id": "ami-baba68d3",
    "instance_type": "t3.small",
}
SDF, SDG = "/dev/sdf", "/dev/sdg"
EBS = {
    "VolumeSize": 100,
    "VolumeType": "io1",
    "Iops": 1000,
    "Encrypted": True,
    "KmsKeyId": "alias/web",
    "DeleteOnTermination": False,
}
# A member that no option sets.
UNKNOWN = {"VolumeInitializationRate": 200}
DATA = {
    "ImageId": "ami-1",
    "BlockDeviceMappings": [{"DeviceName": SDF, "Ebs": {**EBS, **UNKNOWN}}, {"DeviceName": SDG, "NoDevice": ""}],
    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1},
    "InstanceRequirements": {"VCpuCount": {"Min": 2}, "MemoryMiB": {"Min": 1024}},
    "CreditSpecification": {"CpuCredits": "unlimited"},
    "InstanceMarketOptions": {"MarketType": "spot", "SpotOptions": {"MaxPrice": "0.05"}},
}


def sdf(**members):
    return {"volumes": [{"device_name": SDF, **members}]}


def new_template_data(data, params):
    """Return the data of the version that the plan creates, or None. Check mode predicts the same."""
    state = state_of(data and Stored("web", {1: data}))
    target = launch_template.from_params({**PARAMS, **params})
    plan = launch_template_plan.plan(target, state)
    if not plan.calls:
        return None
    (call,) = plan.calls
    after = launch_template_plan.predict(target, state, plan)
    assert after.template.data == call.arguments["LaunchTemplateData"]
    assert launch_template_plan.plan(target, after).calls == ()
    return call.arguments["LaunchTemplateData"]


def new_configuration_arguments(existing, params):
    """Return the members of the launch configuration that the plan creates, or None. Check mode predicts the same."""
    configurations = existing and {"web": launch_configuration.from_api(existing)}
    state = launch_configuration.State(configurations or {}, {})
    target = launch_configuration.from_params({**CONFIGURATION_PARAMS, **params})
    plan = launch_configuration.plan(target, state)
    if not plan.calls:
        return None
    arguments = dict(plan.calls[-1].arguments)
    after = launch_configuration.predict(target, state, plan)
    real = launch_configuration.from_api(aws_answers.created_launch_configuration(arguments))
    shown, actual = (launch_configuration.render(each) for each in (after.configurations["web"], real))
    assert {**actual, **shown} == actual
    assert launch_configuration.plan(target, after).calls == ()
    return arguments


@pytest.mark.parametrize(
    ("params", "ebs"),
    [
        pytest.param(sdf(volume_size=200), {**EBS, "VolumeSize": 200}, id="size"),
        pytest.param(sdf(iops=2000), {**EBS, "Iops": 2000}, id="iops"),
        pytest.param(sdf(volume_type="io2"), {**EBS, "VolumeType": "io2"}, id="io2 keeps iops"),
        pytest.param(
            sdf(volume_type="gp2"),
            {name: value for name, value in {**EBS, "VolumeType": "gp2"}.items() if name != "Iops"},
            id="gp2 has no iops",
        ),
        pytest.param(
            sdf(encrypted=False),
            {name: value for name, value in {**EBS, "Encrypted": False}.items() if name != "KmsKeyId"},
            id="unencrypted has no key",
        ),
        pytest.param(sdf(kms_key_id="alias/two"), {**EBS, "KmsKeyId": "alias/two"}, id="key"),
        pytest.param(
            sdf(snapshot="snap-1", volume_size=0),
            {**{name: value for name, value in EBS.items() if name != "VolumeSize"}, "SnapshotId": "snap-1"},
            id="size of the snapshot",
        ),
        pytest.param(sdf(delete_on_termination=True), {**EBS, "DeleteOnTermination": True}, id="deleted"),
    ],
)
def test_template_volume_keeps_members(params, ebs):
    data = new_template_data(DATA, params)
    assert data["BlockDeviceMappings"] == [{"DeviceName": SDF, "Ebs": {**ebs, **UNKNOWN}}]
    assert {name: value for name, value in data.items() if name != "BlockDeviceMappings"} == {
        name: value for name, value in DATA.items() if name != "BlockDeviceMappings"
    }


@pytest.mark.parametrize(
    ("params", "mappings"),
    [
        pytest.param(sdf(no_device=True), [{"DeviceName": SDF, "NoDevice": ""}], id="no device"),
        pytest.param(sdf(ephemeral="ephemeral0"), [{"DeviceName": SDF, "VirtualName": "ephemeral0"}], id="ephemeral"),
        pytest.param(
            {"volumes": [{"device_name": SDG, "volume_size": 8}, {"device_name": SDF}]},
            [DATA["BlockDeviceMappings"][0], {"DeviceName": SDG, "Ebs": {"VolumeSize": 8}}],
            id="volume instead of no device",
        ),
        pytest.param({"volumes": []}, None, id="none"),
    ],
)
def test_template_device_changes_its_kind(params, mappings):
    assert new_template_data(DATA, params).get("BlockDeviceMappings") == mappings


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        pytest.param(
            {"metadata_options": {"http_put_response_hop_limit": 2}},
            {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2},
            id="hop limit",
        ),
        pytest.param({"metadata_options": {}}, None, id="empty changes nothing"),
        pytest.param({"metadata_options": {"http_tokens": "required"}}, None, id="the same"),
    ],
)
def test_template_metadata_options_keep_members(params, expected):
    data = new_template_data(DATA, params)
    assert (data and data["MetadataOptions"]) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        # What a new template does not set is AWS's choice: the account can require tokens.
        pytest.param({"http_put_response_hop_limit": 2}, {"HttpPutResponseHopLimit": 2}, id="hop limit"),
        pytest.param({"http_tokens": "required"}, {"HttpTokens": "required", "HttpEndpoint": "enabled"}, id="tokens"),
        pytest.param({}, None, id="empty"),
    ],
)
def test_metadata_options_of_a_new_template(options, expected):
    data = new_template_data(None, {"image_id": "ami-1", "metadata_options": options})
    assert data.get("MetadataOptions") == expected


@pytest.mark.parametrize(
    ("params", "ebs"),
    [
        pytest.param({"encrypted": True}, {"Encrypted": True}, id="encrypted"),
        pytest.param({"delete_on_termination": False}, {"DeleteOnTermination": False}, id="kept"),
        pytest.param({"snapshot": "snap-1", "volume_size": 0}, {"SnapshotId": "snap-1"}, id="size of the snapshot"),
        pytest.param({"volume_size": 20, "snapshot": ""}, {"VolumeSize": 20}, id="empty snapshot"),
    ],
)
def test_volume_of_a_new_template(params, ebs):
    data = new_template_data(None, {"image_id": "ami-1", **sdf(**params)})
    assert data["BlockDeviceMappings"] == [{"DeviceName": SDF, "Ebs": ebs}]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({}, "image_id: required. launch template 'web' would be empty", id="nothing"),
        pytest.param({"metadata_options": {}, "key_name": "", "volumes": []}, "image_id: required.", id="all empty"),
        pytest.param(sdf(), "volumes (/dev/sdf): no setting is given.", id="bare device"),
        pytest.param(sdf(volume_type="io1"), "volumes (/dev/sdf): volume_type io1 requires iops.", id="io1"),
        pytest.param(sdf(iops=3000), "volumes (/dev/sdf): iops requires volume_type gp3 or io1 or io2.", id="iops"),
        pytest.param(sdf(kms_key_id="a"), "volumes (/dev/sdf): kms_key_id requires encrypted=true.", id="key"),
    ],
)
def test_new_template_is_refused(params, message):
    with pytest.raises(InvalidOption) as refused:
        new_template_data(None, params)
    assert refused.value.message.startswith(message)


def test_template_is_not_emptied():
    with pytest.raises(InvalidOption, match=r"^image_id: required\."):
        new_template_data({"KeyName": "k"}, {"key_name": ""})


def test_instance_type_replaces_instance_requirements():
    data = new_template_data(DATA, {"instance_type": "t3.small"})
    assert data == {**{k: v for k, v in DATA.items() if k != "InstanceRequirements"}, "InstanceType": "t3.small"}
    template = state_of(Stored("web", {1: DATA})).template
    shown = launch_differences.differences(
        LaunchSettings(instance_type="t3.small"), template.settings, launch_differences.LAUNCH_TEMPLATE_DEFAULTS
    )
    assert shown == (
        ("instance_type", "t3.small", "none"),
        ("instance_requirements", "none", "MemoryMiB: Min: 1024, VCpuCount: Min: 2"),
    )
    requirements = {"v_cpu_count": {"min": 2}, "memory_mi_b": {"min": 1024}}
    assert launch_template.render_version(template)["instance_requirements"] == requirements


SPOT = {"MarketType": "spot"}
PRICED = {**SPOT, "SpotOptions": {"MaxPrice": "0.05"}}


@pytest.mark.parametrize(
    ("market", "params", "expected"),
    [
        pytest.param(PRICED, {"spot_price": ""}, None, id="empty price"),
        pytest.param(PRICED, {"spot_price": "0"}, None, id="price 0"),
        pytest.param(PRICED, {"spot_price": 0.0}, None, id="price 0.0"),
        pytest.param(PRICED, {"market_type": ""}, None, id="on demand"),
        pytest.param(PRICED, {"market_type": "spot", "spot_price": ""}, SPOT, id="spot without a price"),
        pytest.param(PRICED, {"market_type": "spot"}, "same", id="price stays"),
        pytest.param(PRICED, {"spot_price": "0.050"}, "same", id="same price"),
        pytest.param(SPOT, {"spot_price": "0.05"}, PRICED, id="price"),
        pytest.param(SPOT, {"spot_price": ""}, None, id="empty price ends spot"),
        pytest.param(SPOT, {"market_type": "spot"}, "same", id="same type"),
        pytest.param(None, {"market_type": "spot"}, SPOT, id="spot"),
        pytest.param(None, {"spot_price": ""}, "same", id="on demand already"),
        pytest.param({"MarketType": "capacity-block"}, {"market_type": "spot"}, SPOT, id="no capacity block"),
    ],
)
def test_market_options_of_a_template(market, params, expected):
    data = {"ImageId": "ami-1", **({"InstanceMarketOptions": market} if market else {})}
    changed = new_template_data(data, params)
    assert ("same" if changed is None else changed.get("InstanceMarketOptions")) == expected


def test_credits_can_be_cleared():
    assert "CreditSpecification" not in new_template_data(DATA, {"credit_specification": {}})


CONFIGURATION = {
    "SpotPrice": "0.05",
    "BlockDeviceMappings": [{"DeviceName": SDF, "Ebs": {"VolumeSize": 8, "Encrypted": True}}],
    "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 1},
}


@pytest.mark.parametrize(
    ("params", "changed"),
    [
        pytest.param(
            sdf(volume_size=20),
            {"BlockDeviceMappings": [{"DeviceName": SDF, "Ebs": {"VolumeSize": 20, "Encrypted": True}}]},
            id="volume size",
        ),
        pytest.param(
            {"metadata_options": {"http_put_response_hop_limit": 2}},
            {"MetadataOptions": {**CONFIGURATION["MetadataOptions"], "HttpPutResponseHopLimit": 2}},
            id="hop limit",
        ),
        pytest.param({"metadata_options": {}}, None, id="empty metadata options"),
        pytest.param({"spot_price": ""}, {"SpotPrice": None}, id="empty price"),
        pytest.param({"spot_price": 0}, {"SpotPrice": None}, id="price 0"),
        pytest.param({"market_type": ""}, {"SpotPrice": None}, id="on demand"),
        pytest.param({"market_type": "spot", "spot_price": "0.05"}, None, id="the same"),
        pytest.param(sdf(), None, id="bare device"),
    ],
)
def test_replaced_launch_configuration_keeps_members(params, changed):
    """With on_drift=replace: what is not given is that of the launch configuration that is replaced."""
    arguments = new_configuration_arguments(aws_answers.launch_configuration("web", **CONFIGURATION), params)
    if changed is None:
        assert arguments is None
    else:
        expected = {**CONFIGURATION, **changed}
        assert {name: arguments.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            {"http_put_response_hop_limit": 2},
            {"HttpEndpoint": "enabled", "HttpTokens": "optional", "HttpPutResponseHopLimit": 2},
            id="hop limit",
        ),
        pytest.param({"http_tokens": "required"}, {"HttpEndpoint": "enabled", "HttpTokens": "required"}, id="tokens"),
        pytest.param({}, None, id="empty"),
    ],
)
def test_metadata_options_of_a_new_launch_configuration(options, expected):
    assert new_configuration_arguments(None, {"metadata_options": options}).get("MetadataOptions") == expected


@pytest.mark.parametrize(
    ("params", "message"),
    [
        pytest.param({"on_drift": "fail", **sdf(encrypted=True)}, "volumes[0] (/dev/sdf): AWS requires", id="strict"),
        pytest.param(sdf(encrypted=True), "volumes (/dev/sdf): AWS requires volume_size, snapshot", id="nothing there"),
        pytest.param({"market_type": "spot"}, "market_type: a launch configuration cannot hold this.", id="spot"),
        pytest.param({"market_type": "", "spot_price": "1"}, "market_type: empty means On-Demand", id="both"),
    ],
)
def test_new_launch_configuration_is_refused(params, message):
    with pytest.raises(InvalidOption) as refused:
        new_configuration_arguments(None, params)
    assert refused.value.message.startswith(message)


@pytest.mark.parametrize("price", ["abc", "1e999999", "NaN", "-1", "1_0e9"])
def test_what_is_no_price(price):
    with pytest.raises(InvalidOption, match=r"^spot_price: "):
        launch_settings_options.from_params({"spot_price": price})


@pytest.mark.parametrize(
    ("limits", "largest"), [((), 16383), ((LAUNCH_TEMPLATE,), 16384)], ids=["launch configuration", "template"]
)
def test_largest_user_data(limits, largest):
    settings = launch_settings_options.from_params({"user_data": "u" * largest}, *limits)
    assert settings.user_data.size == largest
    with pytest.raises(InvalidOption, match=f"AWS takes at most {largest} before encoding"):
        launch_settings_options.from_params({"user_data": "u" * (largest + 1)}, *limits)


def test_cleared():
    """A template of cleared settings launches what a new launch configuration of the same settings does."""
    assert launch_settings.cleared(LaunchSettings(image_id="ami-1")) == LaunchSettings(
        image_id="ami-1",
        instance_profile_name="",
        key_name="",
        security_groups=(),
        user_data=UserData(b""),
        volumes=(),
        placement_tenancy="",
        spot_price="",
        market_type="",
        ebs_optimized=False,
        kernel_id="",
        ramdisk_id="",
        cpu_credits="",
        tag_specifications={},
    )
    full = launch_settings.cleared(EVERYTHING)
    assert {name for name in launch_settings.FIELDS if getattr(full, name) != getattr(EVERYTHING, name)} == {
        "cpu_credits",
        "market_type",
        "tag_specifications",
    }
    assert full.market_type == "spot"


@pytest.mark.parametrize("settings", [LaunchSettings(image_id="ami-1"), EVERYTHING], ids=["little", "much"])
def test_template_loses_what_is_cleared(settings):
    there = {
        **DATA,
        "Placement": {"Tenancy": "dedicated"},
        "SecurityGroupIds": ["sg-9"],
        "KeyName": "old",
        "UserData": "b25l",
    }
    state = state_of(Stored("web", {1: there}))
    target = launch_template.Target("web", launch_settings.cleared(settings), default_version="keep")
    plan = launch_template_plan.plan(target, state)
    after = launch_template_plan.predict(target, state, plan)
    assert launch_template_plan.plan(target, after).calls == ()
    launched = after.template.settings
    new = launch_settings.filled_by_aws(settings)
    kept = {"metadata_options", "instance_monitoring", "instance_type", "instance_requirements", "volumes"}
    for name in set(launch_settings.FIELDS) - kept:
        assert (getattr(launched, name) or None) == (getattr(new, name) or None), name


def test_fingerprints_are_what_they_were():
    """Another fingerprint renames the launch configurations of everyone who changed nothing."""
    assert launch_differences.fingerprint(EVERYTHING) == "55accf39f84e2fd3"
    assert (
        launch_differences.fingerprint(launch_settings_options.from_params(EVERYTHING_AS_PARAMETERS))
        == "55accf39f84e2fd3"
    )


@pytest.mark.parametrize(
    ("params", "fingerprint"),
    [
        # Defaults of http_endpoint and http_tokens were written out once.
        pytest.param({"metadata_options": {"http_put_response_hop_limit": 2}}, "93fa47f12a268c5d", id="hop limit"),
        pytest.param({"metadata_options": {}}, "ec155d2b54f78bdd", id="empty metadata options"),
        pytest.param({"metadata_options": {"http_tokens": "required"}}, "2aee9c49441845a2", id="tokens"),
        pytest.param({"spot_price": "0.05"}, "1e01c03ebc10f35f", id="price"),
        pytest.param({"user_data": "", "security_groups": [], "volumes": []}, "786589de0b3bf394", id="empty"),
    ],
)
def test_fingerprint_of_parameters_is_what_it_was(params, fingerprint):
    params = {"image_id": "ami-1", "instance_type": "t3.small", **params}
    assert launch_differences.fingerprint(launch_settings_options.from_params(params)) == fingerprint


def test_fingerprint_of_a_snapshots_size():
    one, other = (
        LaunchSettings(volumes=(BlockDevice(SDF, snapshot="snap-1", volume_size=size),)) for size in (0, None)
    )
    assert launch_differences.fingerprint(one) == launch_differences.fingerprint(other)
    assert launch_settings.to_launch_configuration(one) == launch_settings.to_launch_configuration(other)


def test_metadata_options_complete():
    assert MetadataOptions().completed() == {"http_endpoint": "enabled", "http_tokens": "optional"}
