"""The command that prints a log: ``logs``."""

import argparse
from typing import Any, Final

from opsboard.arguments.board_options import add_config_option
from opsboard.arguments.command_options import add_color_option, add_wait_fresh_option

_TAIL: Final = 1_000
_MOST: Final = 1_000_000


def add_logs(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add ``opsboard logs``."""
    logs = commands.add_parser(
        "logs",
        help="print the log of a workload, a pod, a job or a build",
        description="Print a log: of a workload, of all its pods in the order of their times. "
        "Secrets are masked, and escapes taken out. In a pipe each line has its pod and "
        "container in full, where there are several. Exit code: 0 printed, 1 none, "
        "or several, are called so, or it has no log, 2 its source is unreachable, 64 bad usage.",
    )
    add_config_option(logs)
    logs.add_argument(
        "target", metavar="TARGET", help="name, NAMESPACE/NAME or SOURCE:ID of a record"
    )
    logs.add_argument("-f", "--follow", action="store_true", help="go on with what is added")
    logs.add_argument(
        "--tail",
        type=_count,
        default=_TAIL,
        metavar="N",
        help=f"the last N lines of all parts together (default: {_TAIL:,})",
    )
    logs.add_argument("--since", metavar="TIME", default="", help="none before: 15m, 14:02")
    logs.add_argument(
        "-c",
        "--container",
        metavar="NAME",
        action="append",
        default=[],
        dest="parts",
        help="only this container, pod or step; may be given several times",
    )
    logs.add_argument(
        "-p", "--previous", action="store_true", help="the instances before the present ones"
    )
    logs.add_argument("--init", action="store_true", help="also init containers that are done")
    logs.add_argument(
        "--whole", action="store_true", help="of a build: all of its jobs, and not one alone"
    )
    logs.add_argument(
        "--grep",
        metavar="WORDS",
        default="",
        help="only lines that match, as `/` in a log: 'level>=warn pod:9k2' (docs/filter.md)",
    )
    logs.add_argument("--timestamps", action="store_true", help="each line with its time in UTC")
    logs.add_argument("--environment", metavar="E", default="", help="of what is called so there")
    add_color_option(logs)
    add_wait_fresh_option(logs)
    logs.set_defaults(command="opsboard.commands.logs:run")


def _count(text: str) -> int:
    """Return *text* as a number of lines. Raises :exc:`argparse.ArgumentTypeError`."""
    if not text.isdecimal() or len(text) > 7 or int(text) > _MOST:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of lines from 0 to {_MOST:,}")
    return int(text)
