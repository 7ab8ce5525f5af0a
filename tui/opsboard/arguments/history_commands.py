"""The commands that read joins and the history: ``at``, ``timeline``, ``delivery``, ``where``."""

import argparse
import re
from typing import Any, Final

from opsboard.arguments.board_options import add_config_option
from opsboard.arguments.command_options import (
    add_color_option,
    add_filter_option,
    add_wait_fresh_option,
)

_TIMES: Final = "14:02, 'yesterday 14:02', '2026-11-26 14:02', 2026-11-26T14:02:00Z or -2h"
_RELATIVE: Final = re.compile(r"-\d")

Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def add_at(commands: "Commands[Any]") -> None:
    """Add ``opsboard at``."""
    at = commands.add_parser(
        "at",
        help="print the board as it was at a time",
        description="Print the board as it was, from what was recorded: read-only, and it says "
        "what nobody watched then. Times are local, the last one past. Exit code, of what --pane "
        "and --filter leave: 0 all was ok, 1 something had failed, 2 something was not watched, 64 "
        "bad usage.",
    )
    _take_relative_times(at)
    add_config_option(at)
    at.add_argument("time", metavar="TIME", nargs="+", help=_TIMES)
    at.add_argument(
        "--as-seen",
        action="store_true",
        help="what was known then, rather than what was so as it turned out later",
    )
    _add_json(at)
    at.add_argument("--pane", metavar="PANE", help="only this table: builds, pods, drift, ...")
    add_filter_option(at, "only records that match, as `/` on the board: 'status:failed'")
    add_color_option(at)
    at.set_defaults(command="opsboard.commands.at:run")


def add_timeline(commands: "Commands[Any]") -> None:
    """Add ``opsboard timeline``."""
    timeline = commands.add_parser(
        "timeline",
        help="list what changed, was done or alerted, and when nobody watched",
        description="List what changed, newest first: deployments, aliases, builds, configuration, "
        "drift, alerts, and the acts done from here. Exit code: 0 listed, 1 nothing of that name "
        "is known, 64 bad usage.",
    )
    _take_relative_times(timeline)
    add_config_option(timeline)
    timeline.add_argument(
        "name", metavar="NAME", nargs="?", help="only records called so: checkout, shop/checkout"
    )
    _add_since(timeline, "24h")
    add_filter_option(timeline, "only events that match: 'kind:deploy env:production'")
    timeline.add_argument("--all", action="store_true", help="also progress on the way")
    timeline.add_argument(
        "--limit", type=int, default=500, metavar="N", help="only the newest N events"
    )
    _add_json(timeline)
    add_color_option(timeline)
    timeline.set_defaults(command="opsboard.commands.timeline:run")


def add_delivery(commands: "Commands[Any]") -> None:
    """Add ``opsboard delivery``."""
    delivery = commands.add_parser(
        "delivery",
        help="print what was deployed, what failed, and how long both took",
        description="Print the five measures of dora.dev for each service in each environment, and "
        "for each alias of a model, by what was recorded: lead time, deployments, fail rate, "
        "recovery time, rework rate, and when nobody watched. Exit code: 0 printed, 1 nothing of "
        "that name is known, or the history cannot be read, 64 bad usage.",
    )
    _take_relative_times(delivery)
    add_config_option(delivery)
    delivery.add_argument(
        "name", metavar="SERVICE", nargs="?", help="only this service or model, with each step"
    )
    delivery.add_argument(
        "--environment", "--env", metavar="ENV", help="only in this environment, or by this alias"
    )
    delivery.add_argument(
        "--window", metavar="LENGTH", default="30d", help="7d, 30d, 90d, ... (default: 30d)"
    )
    delivery.add_argument("--since", metavar="TIME", help=f"in place of --window: {_TIMES}")
    delivery.add_argument("--until", metavar="TIME", help="the end; without it, now")
    delivery.add_argument(
        "--fix-within",
        metavar="LENGTH",
        default="24h",
        help="how long after a deployment an alert is held against it (default: 24h)",
    )
    form = delivery.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print JSON (docs/delivery.md)")
    form.add_argument("--csv", action="store_true", help="print a row for each (docs/delivery.md)")
    form.add_argument(
        "--cdevents", action="store_true", help="print the steps as CDEvents, one a line"
    )
    add_color_option(delivery)
    delivery.set_defaults(command="opsboard.commands.delivery:run")


def add_where(commands: "Commands[Any]") -> None:
    """Add ``opsboard where``."""
    where = commands.add_parser(
        "where",
        help="print where a commit is: built, in which images, live, and not yet",
        description="Print where a commit is built, in which images it is, where it is live and "
        "since when, and where it is not yet. Guesses are listed apart. Exit code: 0 it is live, 1 "
        "it is not, or nothing knows of it, 2 the same while a source cannot tell, 64 bad usage, "
        "or several commits begin so.",
    )
    add_config_option(where)
    where.add_argument("sha", metavar="SHA", help="the commit, or its first 4 digits or more")
    _add_json(where)
    add_wait_fresh_option(where)
    where.set_defaults(command="opsboard.commands.where:run")


def add_handover(commands: "Commands[Any]") -> None:
    """Add ``opsboard handover``."""
    handover = commands.add_parser(
        "handover",
        help="print a page for the next shift, to paste",
        description="Print what the next shift has to know, as Markdown of 80 columns: alerts, "
        "what was acknowledged and done from here and why, what changed, what is snoozed, and what "
        "nobody watched. Exit code: 0 printed, 64 bad usage.",
    )
    _take_relative_times(handover)
    add_config_option(handover)
    _add_since(handover, "8h")
    _add_json(handover)
    add_wait_fresh_option(handover)
    handover.set_defaults(command="opsboard.commands.handover:run")


def _take_relative_times(command: argparse.ArgumentParser) -> None:
    """Let ``-2h`` be an argument, as argparse lets negative numbers."""
    command._negative_number_matcher = _RELATIVE  # noqa: SLF001


def _add_since(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--since",
        metavar="TIME",
        default=default,
        help=f"how far back: 8h, 2d, or a time such as 'yesterday 14:02' (default: {default})",
    )


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON (docs/history.md)")


def add_watch(commands: "Commands[Any]") -> None:
    """Add ``opsboard watch``."""
    watch = commands.add_parser(
        "watch",
        help="watch the sources without a screen; --record keeps history",
        description="Watch the sources without a screen, and print a line whenever one of them "
        "does better or worse. SIGTERM, SIGHUP and Ctrl-C end it. Exit code: 0 ended, 64 bad "
        "usage.",
    )
    add_config_option(watch)
    watch.add_argument("--record", action="store_true", help="record the history (docs/history.md)")
    watch.set_defaults(command="opsboard.commands.watch:run")


def add_history(commands: "Commands[Any]") -> None:
    """Add ``opsboard history``."""
    history = commands.add_parser(
        "history",
        help="say what is recorded, of whom and since when",
        description="Say what is recorded: of which sources and principals, since when, how much, "
        "and by which program now.",
    )
    add_config_option(history)
    history.set_defaults(command="opsboard.commands.history:show")
    actions = history.add_subparsers(title="actions", metavar="ACTION")
    info = actions.add_parser("info", help="the same as without an action")
    add_config_option(info)
    info.set_defaults(command="opsboard.commands.history:show")
    forget = actions.add_parser(
        "forget",
        help="delete what is recorded, for good",
        description="Delete what is recorded, for good. Exit code: 0 forgotten, 1 it could not be, "
        "3 not confirmed, 64 bad usage.",
    )
    add_config_option(forget)
    _take_relative_times(forget)
    forget.add_argument("--source", metavar="NAME", help="only that of this source")
    forget.add_argument("--before", metavar="TIME", help=f"only what is older: {_TIMES}")
    forget.add_argument("--all", action="store_true", help="that of all sources")
    forget.add_argument("--yes", action="store_true", help="do not ask")
    forget.set_defaults(command="opsboard.commands.history:run_forget")
