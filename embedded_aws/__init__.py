# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The embedded AWS: moto's server, made as strict as AWS on the chain that this collection manages.

Run it with ``python -m embedded_aws``; ``docs/embedded-aws.md`` is the manual. It is for the demo and the tests
and is not part of the collection that users install.
"""
