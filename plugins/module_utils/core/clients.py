# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Clients for AWS's services, from one session.
Private to the collection: names and shapes can change in any release."""

import threading
from pathlib import Path

try:
    import boto3
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, DataNotFoundError, UnknownServiceError
    from botocore.loaders import Loader
except ImportError:
    Loader = object  # Reported by AnsibleAWSModule

from ansible.module_utils.ansible_release import __version__ as ansible_version

from .errors import CallFailed


class ServiceLoader(Loader):
    """botocore's loader of service models, without its search for all services that have one.

    botocore reads the folders of all four hundred services, twice for each client: a tenth of a module's time.
    """

    def list_available_services(self, type_name):
        """Return the names of all folders, of which some may hold no file of the type."""
        folders = (folder for folder in map(Path, self.search_paths) if folder.is_dir())
        return sorted({service.name for folder in folders for service in folder.iterdir()})

    def determine_latest_version(self, service_name, type_name):
        """Return the latest version of the API with a file of the type, or raise as botocore's search would."""
        try:
            return super().determine_latest_version(service_name, type_name)
        except DataNotFoundError as error:
            raise UnknownServiceError(
                service_name=service_name, known_service_names=f"those with a file {type_name}"
            ) from error


class Clients:
    """Creates each service's client once, when it is first used.

    ``AnsibleAWSModule.client()`` starts a session for each client, which reads the configuration files and service
    models again: more than half of the time that a second and third client take.

    :param connection: Region, endpoint URL and further arguments, from amazon.aws's ``get_aws_connection_info()``.
    :param config: members of botocore's ``Config``. The user's ``aws_config`` takes precedence.
    """

    def __init__(self, connection, **config):
        self.region, self._endpoint_url, arguments = connection
        self._arguments = dict(arguments)
        self._profile = self._arguments.pop("profile_name", None)
        own = Config(user_agent=f"APN/1.0 Ansible/{ansible_version} launchkit.aws", **config)
        self.config = own.merge(self._arguments.pop("aws_config", None) or Config())
        self._session = None
        self._clients = {}
        # Clients may be shared between threads, and sessions may not:
        # https://docs.aws.amazon.com/boto3/latest/guide/clients.html
        self._lock = threading.Lock()

    def __call__(self, service):
        """Return the client for a service.

        :raises CallFailed: no Region, no such profile, or another setting that botocore cannot work with, in ``aws_config`` for example.
        """
        with self._lock:
            if service not in self._clients:
                try:
                    self._clients[service] = self._new(service)
                except (BotoCoreError, AttributeError, TypeError, ValueError) as error:
                    raise CallFailed(
                        f"Could not connect to {service}: {error}. "
                        "Check the Region, the profile, the endpoint URL, aws_config and the AWS_* environment variables.",
                        error,
                    ) from error
            return self._clients[service]

    def _new(self, service):
        self._session = self._session or _new_session(self._profile)
        return self._session.client(
            service, region_name=self.region, endpoint_url=self._endpoint_url, config=self.config, **self._arguments
        )

    def for_region(self, region):
        """Return clients for another Region of the same account; itself for its own Region."""
        if region == self.region:
            return self
        return Clients(
            (region, self._endpoint_url, dict(self._arguments, profile_name=self._profile, aws_config=self.config))
        )


def _new_session(profile):
    """Return a session that reads service models with :class:`ServiceLoader`, from where botocore would read them."""
    session = botocore.session.get_session()
    paths = list(session.get_component("data_loader").search_paths)
    session.register_component(
        "data_loader", ServiceLoader(extra_search_paths=paths, include_default_search_paths=False)
    )
    return boto3.session.Session(botocore_session=session, profile_name=profile)
