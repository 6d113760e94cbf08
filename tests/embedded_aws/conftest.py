# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import sys
from pathlib import Path

# The package lies at the repository's root, which is on the path only when pytest is run as a module from there.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from embedded_aws.fixtures import aws, embedded_aws_server  # noqa: F401
