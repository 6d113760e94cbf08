# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import json

import boto3
import pytest
from ansible_collections.launchkit.aws.plugins.module_utils.core.clients import Clients, ServiceLoader
from ansible_collections.launchkit.aws.plugins.module_utils.core.errors import CallFailed
from botocore.config import Config
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

CREDENTIALS = {"aws_access_key_id": "fake-access-key", "aws_secret_access_key": "not-a-secret"}


class Session:
    """Keeps how sessions and clients were made."""

    def __init__(self, monkeypatch):
        self.sessions, self.clients = [], []
        monkeypatch.setattr(boto3.session, "Session", self)

    def __call__(self, **arguments):
        del arguments["botocore_session"]
        self.sessions.append(arguments)
        return self

    def client(self, service, **arguments):
        self.clients.append((service, arguments))
        return object()


@pytest.fixture
def session(monkeypatch):
    return Session(monkeypatch)


def test_nothing_is_made_before_it_is_used(session):
    Clients(("us-east-1", None, CREDENTIALS))
    assert (session.sessions, session.clients) == ([], [])


def test_one_session_and_one_client_for_each_service(session):
    clients = Clients(("us-east-1", None, CREDENTIALS))
    iam, autoscaling = clients("iam"), clients("autoscaling")
    assert clients("iam") is iam
    assert autoscaling is not iam
    assert len(session.sessions) == 1
    assert [service for service, dummy in session.clients] == ["iam", "autoscaling"]


def test_connection_options_arrive(session):
    arguments = {**CREDENTIALS, "profile_name": "operations", "verify": False}
    Clients(("eu-west-1", "http://127.0.0.1:5000", arguments))("iam")
    assert session.sessions == [{"profile_name": "operations"}]
    ((service, made),) = session.clients
    config = made.pop("config")
    assert (service, made) == (
        "iam",
        {"region_name": "eu-west-1", "endpoint_url": "http://127.0.0.1:5000", "verify": False, **CREDENTIALS},
    )
    assert "launchkit.aws" in config.user_agent
    assert arguments == {**CREDENTIALS, "profile_name": "operations", "verify": False}


def test_aws_config_of_the_user_wins(session):
    Clients(("us-east-1", None, {"aws_config": Config(connect_timeout=7, user_agent="mine")}))("iam")
    config = session.clients[0][1]["config"]
    assert (config.connect_timeout, config.user_agent) == (7, "mine")


def test_clients_for_another_region(session):
    clients = Clients(("us-east-1", "http://127.0.0.1:5000", {**CREDENTIALS, "profile_name": "operations"}))
    assert clients.for_region("us-east-1") is clients
    clients.for_region("eu-west-1")("ec2")
    assert session.sessions == [{"profile_name": "operations"}]
    ((service, made),) = session.clients
    assert (service, made["region_name"], made["endpoint_url"]) == ("ec2", "eu-west-1", "http://127.0.0.1:5000")
    assert made["aws_access_key_id"] == "fake-access-key"


@pytest.fixture
def no_settings(monkeypatch, tmp_path):
    """Neither configuration files nor environment variables of whoever runs the tests."""
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        (("us-east-1", None, {"profile_name": "missing"}), "The config profile (missing) could not be found"),
        ((None, None, CREDENTIALS), "You must specify a region"),
        (("us-east-1", "not an url", CREDENTIALS), "Invalid endpoint: not an url"),
    ],
    ids=["profile", "region", "endpoint"],
)
@pytest.mark.usefixtures("no_settings")
def test_connections_that_cannot_be(connection, message):
    with pytest.raises(CallFailed) as raised:
        Clients(connection)("autoscaling")
    assert raised.value.message.startswith(f"Could not connect to autoscaling: {message}")
    assert raised.value.message.endswith(
        "Check the Region, the profile, the endpoint URL, aws_config and the AWS_* environment variables."
    )


@pytest.mark.parametrize("service", ["autoscaling", "ec2", "iam", "sso", "sts"])
@pytest.mark.parametrize("kind", ["service-2", "endpoint-rule-set-1", "paginators-1"])
def test_service_models_are_botocores(service, kind):
    assert ServiceLoader().load_service_model(service, kind) == Loader().load_service_model(service, kind)


@pytest.mark.parametrize(("service", "kind"), [("no-such-service", "service-2"), ("sso", "no-such-kind-1")])
def test_what_is_not_there_is_an_unknown_service(service, kind):
    """As with botocore's loader, which makes clients of services without endpoint rules on that."""
    for loader in (Loader(), ServiceLoader()):
        with pytest.raises(UnknownServiceError, match=service):
            loader.load_service_model(service, kind)


def test_no_other_service_is_looked_for(monkeypatch):
    looked = []
    loader = ServiceLoader()
    exists = loader.file_loader.exists
    monkeypatch.setattr(loader.file_loader, "exists", lambda path: looked.append(path) or exists(path))
    loader.load_service_model("iam", "service-2")
    assert looked
    assert all("/iam/" in path for path in looked)


@pytest.mark.usefixtures("no_settings")
def test_models_are_also_found_where_the_user_has_them(monkeypatch, tmp_path):
    model = tmp_path / "home-made" / "2026-01-01"
    model.mkdir(parents=True)
    metadata = {
        "apiVersion": "2026-01-01",
        "endpointPrefix": "home-made",
        "protocol": "query",
        "serviceId": "Home Made",
    }
    (model / "service-2.json").write_text(json.dumps({"metadata": metadata, "operations": {}, "shapes": {}}))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    made = Clients(("us-east-1", None, CREDENTIALS))("home-made")
    assert made.meta.service_model.service_id == "Home Made"


@pytest.mark.usefixtures("no_settings")
def test_a_service_that_is_not_there():
    with pytest.raises(CallFailed, match="Could not connect to no-such-service: Unknown service: 'no-such-service'"):
        Clients(("us-east-1", None, CREDENTIALS))("no-such-service")
