# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from embedded_aws.fixtures import aws, embedded_aws_server

# What pytest finds here by its name.
__all__ = ["aws", "embedded_aws_server"]
