# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Odd options of each module without a network: the run ends in words. tests/reliability tries more, on the embedded AWS."""

from __future__ import annotations

import json
from types import SimpleNamespace

import boto3
import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.launchkit.aws.plugins.modules import (
    autoscaling_launch_configuration,
    autoscaling_launch_template_migration,
    ec2_launch_template,
    fleet,
    fleet_info,
    iam_instance_profile,
)
from ansible_collections.launchkit.aws.plugins.plugin_utils.fleet import module_arguments
from ansible_collections.launchkit.aws.tests.unit.plugins.modules import odd_options
from botocore.exceptions import EndpointConnectionError
from hypothesis import HealthCheck, given, settings

# Python warns of expressions whose meaning will change.
pytestmark = pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")
DRAWN = settings(max_examples=10, suppress_health_check=list(HealthCheck))


@pytest.fixture
def answering(run_module, real_clients, monkeypatch):
    """Return a function that lets another one answer all calls, and returns a function that runs modules."""
    answers = []
    session = SimpleNamespace(client=lambda service, *dummy, **dummy_arguments: real_clients[service])
    monkeypatch.setattr(boto3.session, "Session", lambda *dummy, **dummy_arguments: session)

    def begin(event, answer):
        answers.append((event, answer))
        for client in real_clients.values():
            client.meta.events.register(event, answer)
        return run_module

    yield begin
    for event, answer in answers:
        for client in real_clients.values():
            client.meta.events.unregister(event, answer)


@pytest.fixture
def run_unreachable(answering):
    """Run a module whose calls do not reach AWS."""

    def refuse(**dummy):
        raise EndpointConnectionError(endpoint_url="https://nowhere")

    return answering("before-send", refuse)


@pytest.mark.parametrize("has_lists", [False, True], ids=["no members", "empty lists"])
@pytest.mark.parametrize("module", odd_options.MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_empty_answers_end_in_words(answering, module, has_lists):
    """An empty list can stand where AWS documents an error for what does not exist."""

    def answer(model, **dummy):
        members = model.output_shape.members if has_lists and model.output_shape else {}
        lists = {name: [] for name, member in members.items() if member.type_name == "list"}
        return SimpleNamespace(status_code=200), {"ResponseMetadata": {"HTTPStatusCode": 200}, **lists}

    assert not odd_options.problems(answering("before-call", answer)(module, **odd_options.MODULES[module]))


@pytest.mark.parametrize("module", odd_options.MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_odd_options_end_in_words(run_unreachable, module):
    @DRAWN
    @given(odd_options.parameters(module))
    def try_some(parameters):
        assert not odd_options.problems(run_unreachable(module, **parameters))

    try_some()


@DRAWN
@given(odd_options.applications())
def test_odd_applications_end_in_words(run_unreachable, applications):
    try:
        arguments = module_arguments({"applications": applications}, odd_options.ONE_HOST)
    except AnsibleActionFail:
        return
    assert not odd_options.problems(run_unreachable(fleet, **arguments))


INFINITE = float("inf")
OTHER_TYPE = "the value, or one in it, has another type or is infinite."
WEB = {"application_name": "web", "application_image_id": "ami-1", "application_instance_type": "t3.small"}


@pytest.mark.parametrize(
    ("module", "parameters", "message"),
    [
        (ec2_launch_template, {"prune": 5}, f"prune: {OTHER_TYPE} Set a dictionary. No changes were made."),
        (iam_instance_profile, {"wait_timeout": INFINITE}, f"wait_timeout: {OTHER_TYPE} Set an integer."),
        (
            autoscaling_launch_configuration,
            {"volumes": [{"device_name": "/dev/sdf", "volume_size": INFINITE}], "user_data": "battery-staple"},
            f"volumes: {OTHER_TYPE}",
        ),
        (
            iam_instance_profile,
            {"aws_config": {"retires": {}}},
            "aws_config: Got unexpected keyword argument 'retires'.",
        ),
        (iam_instance_profile, {"aws_config": {"signature_version": 4}}, "aws_config: signature_version is not text."),
        (
            fleet_info,
            {"applications": json.dumps([{**WEB, "application_metadata_options": 5}])},
            "application_metadata_options: ",
        ),
        (
            fleet_info,
            {"applications": json.dumps([{**WEB, "application_group_max_size": INFINITE}])},
            "application_group_max_size: ",
        ),
        (fleet, {"progress_path": "/"}, "progress_path: '/' cannot be opened"),
        (autoscaling_launch_template_migration, {"template_names": {"web": 4711}}, "template_names: 4711 is not text."),
    ],
    ids=lambda value: str(value)[:60],
)
def test_odd_option_is_named(run_module, sessions, module, parameters, message):
    result = run_module(module, **{**odd_options.MODULES[module], **parameters})
    assert result["failed"]
    assert result["msg"].startswith(message)
    assert "battery-staple" not in result["printed"]
    assert sessions.clients == []
