# Copyright: Contributors to launchkit.aws
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Serve AWS's APIs of this collection on 127.0.0.1, as strictly as AWS does. See docs/embedded-aws.md."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from typing import Any

from .settings import Values


def _settings_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "what it can be told", "start values; PUT /embedded-aws/settings changes them later"
    )
    for item in dataclasses.fields(Values):
        option = "--" + item.name.replace("_", "-")
        default = getattr(Values(), item.name)
        text = item.metadata["help"].replace("%", "%%")
        if isinstance(default, bool):
            group.add_argument(option, action="store_true", default=None, help=text)
        elif isinstance(default, list):
            group.add_argument(option, action="append", default=None, metavar="NAME", help=text)
        else:
            group.add_argument(option, type=type(default), default=None, help=f"{text} Default: {default}.")


def _serving_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="loopback address to serve on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to serve on (default: 0, a free one)")
    parser.add_argument("--ready-file", metavar="PATH", help="holds the URL while the server is ready")
    parser.add_argument("--pid-file", metavar="PATH", help="holds the process id while the server runs")
    _settings_options(parser)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m embedded_aws", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    _serving_options(
        commands.add_parser("serve", allow_abbrev=False, help="serve in the foreground (also without a command)")
    )
    start = commands.add_parser(
        "start", allow_abbrev=False, help="serve in the background; returns when ready and prints the ready line"
    )
    _serving_options(start)
    start.add_argument("--log-file", metavar="PATH", help="takes what the server prints (default: nowhere)")
    start.add_argument("--timeout", type=float, default=60.0, help="seconds to wait until ready (default: %(default)s)")
    stop = commands.add_parser(
        "stop", allow_abbrev=False, help="stop the server of a process id file; returns when it has ended"
    )
    stop.add_argument("--pid-file", metavar="PATH", required=True)
    stop.add_argument("--timeout", type=float, default=10.0, help="seconds to wait (default: %(default)s)")
    commands.add_parser("rules", help="print the list of rules with their conditions, errors and AWS sources")
    return parser


def _print_rules() -> int:
    from . import moto_setup, rules
    from .registry import RULES

    moto_setup.load()
    rules.load()
    for rule in RULES.values():
        operations = ", ".join(rule.operations)
        print(f"{rule.name}: {rule.service} {operations}\n  {rule.kind} when {rule.when}")
        if rule.kind == "refuses":
            print(f"  {rule.code} ({rule.status}): {rule.text}")
        print(f"  source: {rule.source}\n")
    return 0


def main(arguments: list[str] | None = None) -> int:
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] not in ("serve", "start", "stop", "rules", "-h", "--help"):
        given = ["serve", *given]
    options = build_parser().parse_args(given)
    if options.command == "rules":
        return _print_rules()
    from . import process

    try:
        if options.command == "stop":
            return process.stop(options.pid_file, options.timeout)
        if options.command == "start":
            return process.start(options)
        settings: dict[str, Any] = {
            item.name: getattr(options, item.name)
            for item in dataclasses.fields(Values)
            if getattr(options, item.name) is not None
        }
        return process.serve(options.host, options.port, settings, options.ready_file, options.pid_file)
    except (OSError, ValueError) as error:
        print(f"embedded_aws: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
