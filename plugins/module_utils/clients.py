# -*- coding: utf-8 -*-

# Copyright: Contributors to the launchkit.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Clients for AWS's services: made when first used, and all from one session."""

from __future__ import annotations

import gc

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError
except ImportError:
    pass  # Reported by AnsibleAWSModule

from ansible.module_utils.ansible_release import __version__ as ansible_version
from ansible_collections.launchkit.aws.plugins.module_utils.errors import CallFailed


class Clients:
    """Makes each service's client once, when it is first asked for.

    ``AnsibleAWSModule.client()`` starts a session for each client, which reads the configuration files and service models again:
    more than half of the time that a second and third client take.

    :param connection: what amazon.aws's ``get_aws_connection_info()`` returns: Region, endpoint URL and further arguments.
    """

    def __init__(self, connection):
        self._region, self._endpoint_url, arguments = connection
        self._arguments = dict(arguments)
        self._profile = self._arguments.pop("profile_name", None)
        self._config = Config(user_agent=f"APN/1.0 Ansible/{ansible_version} launchkit.aws").merge(
            self._arguments.pop("aws_config", None) or Config()
        )
        self._session = None
        self._clients = {}

    def __call__(self, service):
        """Return the client for a service.

        :param service: boto3's name of it, e.g. ``iam``.
        :raises CallFailed: no Region, no such profile, or another setting that botocore cannot work with.
        """
        if service not in self._clients:
            try:
                self._clients[service] = self._new(service)
            except (BotoCoreError, ValueError) as error:
                raise CallFailed(
                    f"Could not connect to {service}: {error}. "
                    "Check the region, profile and endpoint_url options and the AWS_* environment variables.",
                    error,
                ) from error
        return self._clients[service]

    def _new(self, service):
        self._session = self._session or boto3.session.Session(profile_name=self._profile)
        # Reading a service's model makes a hundred thousand objects, all of which stay, and the collector would go through them
        # several times: a third of the time that a client takes.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return self._session.client(
                service,
                region_name=self._region,
                endpoint_url=self._endpoint_url,
                config=self._config,
                **self._arguments,
            )
        finally:
            if collecting:
                gc.enable()

    def for_region(self, region):
        """Return clients for another Region of the same account; itself for its own Region."""
        if region == self._region:
            return self
        return Clients(
            (region, self._endpoint_url, dict(self._arguments, profile_name=self._profile, aws_config=self._config))
        )
