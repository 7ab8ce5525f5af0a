"""The parser of the whole command line: every command and its options."""

import argparse

from opsboard import __version__
from opsboard.arguments.board_options import add_board_command, add_board_options, add_config_option
from opsboard.arguments.command_options import (
    add_color_option,
    add_filter_option,
    add_wait_fresh_option,
    seconds,
)
from opsboard.arguments.command_parser import CommandParser
from opsboard.arguments.history_commands import (
    add_at,
    add_delivery,
    add_handover,
    add_history,
    add_timeline,
    add_watch,
    add_where,
)
from opsboard.arguments.log_command import add_logs

_AGAIN = "carry it out although the outcome of an earlier action on the same is not known"
_ANYWAY = "carry it out although the plan says that it will not start"

OUTPUTS = ("table", "json", "yaml", "name")
"""What ``opsboard get`` can write."""

SHELLS = ("bash", "zsh", "fish")
"""Those that ``opsboard completion`` has a script for."""

JSON_VERSIONS = (1, 2)
"""Those of :mod:`opsboard.commands.json_versions`, which is imported by those who print."""


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = CommandParser(
        prog="opsboard",
        description="One board in a terminal for builds, deployments, models and drift.",
        epilog="Without a command, the board opens. `opsboard COMMAND --help` says more.",
    )
    top.add_argument("--version", action="version", version=f"opsboard {__version__}")
    add_board_command(top)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", parser_class=CommandParser)
    for add in (
        _add_status, _add_act, _add_get, _add_audit, add_at, add_timeline, add_delivery, add_where,
        add_handover, add_history, add_logs, add_watch, _add_doctor, _add_init, _add_config,
        _add_completion, _add_demo,
    ):  # fmt: skip
        add(commands)
    return top


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print JSON (docs/status-json.md)")
    command.add_argument(
        "--schema",
        type=int,
        choices=JSON_VERSIONS,
        default=JSON_VERSIONS[-1],
        help="version of the JSON; 1 is the earlier one, until opsboard 1.0",
    )


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def _add_status(commands: "_Commands[CommandParser]") -> None:
    status = commands.add_parser(
        "status",
        help="print the board once",
        description="Print the board once, what is wrong first: as wide as the terminal, in a "
        "pipe with nothing cut. Exit code, of what --pane and --filter leave: 0 all ok, 1 "
        "something failed, "
        "2 a source is unknown (unreachable, throttled, broken), 64 bad usage.",
    )
    add_config_option(status)
    _add_json(status)
    status.add_argument("--pane", metavar="PANE", help="only this table: builds, pods, drift, ...")
    add_filter_option(
        status, "only records that match, as `/` on the board: 'status:failed env:production'"
    )
    status.add_argument(
        "--watch", action="store_true", help="go on: a line for each change, on a terminal redrawn"
    )
    status.add_argument(
        "--interval",
        type=seconds,
        default=2.0,
        metavar="S",
        help="with --watch, at most once in S seconds (default: 2)",
    )
    add_color_option(status)
    add_wait_fresh_option(status)
    status.set_defaults(command="opsboard.commands.status:run")


def _add_get(commands: "_Commands[CommandParser]") -> None:
    get = commands.add_parser(
        "get",
        help="list what there is of one kind",
        description="List what there is of one kind: a table of the board, or anything that a "
        "server lists, as after `:` on the board. Exit code: 0 listed, 1 there is no such NAME, 2 "
        "a source that may have more did not answer, 64 bad usage.",
    )
    add_config_option(get)
    get.add_argument("kind", metavar="KIND", help="pods, deployments, nodes, svc, experiments, ...")
    get.add_argument(
        "name",
        metavar="NAME",
        nargs="*",
        default=[],  # without one, argparse names it among what is required
        help="only those called NAME, NAMESPACE/NAME, SOURCE:ID",
    )
    get.add_argument(
        "-o", "--output", choices=OUTPUTS, default="table", help="table, json, yaml or name"
    )
    add_filter_option(get, "only what matches, as `/` on the board: 'env:production'")
    add_color_option(get)
    add_wait_fresh_option(get)
    get.set_defaults(command="opsboard.commands.get:run")


def _add_act(commands: "_Commands[CommandParser]") -> None:
    act = commands.add_parser(
        "act",
        help="plan an action, confirm it, carry it out and follow it",
        description="Do what a key does on the board, the same way: plan, guard, confirmation, "
        "audit. Exit code: 0 succeeded, 1 failed, 2 a source is unreachable, 3 refused and "
        "nothing done, 4 outcome unknown, 5 no verdict in time, 64 bad usage, "
        "70 a fault of opsboard itself, or nowhere to write to.",
    )
    add_config_option(act)
    act.add_argument("action", metavar="ACTION", help="rollback, restart, retrain, ...")
    act.add_argument(
        "target", metavar="TARGET", nargs="+", help="name, NAMESPACE/NAME or SOURCE:ID of a record"
    )
    act.add_argument("--to", metavar="REV", help="the revision or version; short for --set to=REV")
    act.add_argument(
        "--set", metavar="K=V", action="append", default=[], dest="values", help="an input"
    )
    act.add_argument("--environment", metavar="E", help="only targets of this environment")
    act.add_argument("--reason", metavar="R", default="", help="why; goes into the audit trail")
    act.add_argument("--plan", action="store_true", help="print the plan and change nothing")
    act.add_argument("--yes", action="store_true", help="confirm what is planned without asking")
    act.add_argument("--again", action="store_true", help=_AGAIN)
    act.add_argument("--anyway", action="store_true", help=_ANYWAY)
    act.add_argument("--keep-going", action="store_true", help="do not stop at a target that fails")
    _add_json(act)
    act.add_argument(
        "--read-only", action="store_true", default=argparse.SUPPRESS, help="forbid every action"
    )
    add_wait_fresh_option(act)
    act.set_defaults(command="opsboard.commands.act:run")


def _add_audit(commands: "_Commands[CommandParser]") -> None:
    audit = commands.add_parser(
        "audit",
        help="list the actions done from here: who, when, why, outcome",
    )
    _add_json(audit)
    audit.add_argument("--last", type=int, default=50, metavar="N", help="only the last N actions")
    audit.set_defaults(command="opsboard.commands.audit:show")
    actions = audit.add_subparsers(title="actions", metavar="ACTION", parser_class=CommandParser)
    check = actions.add_parser(
        "verify",
        help="check that the audit trail is complete and unchanged",
    )
    add_config_option(check)
    check.add_argument(
        "--head", metavar="N:HASH", help="a head that an earlier check printed, noted elsewhere"
    )
    check.set_defaults(command="opsboard.commands.audit:check")
    settle = actions.add_parser(
        "settle",
        help="find out the outcome of an unfinished action, and follow it",
        description="Continue an unfinished action, also one that another host may still be "
        "working on. It is never sent again. Exit code: that of `opsboard act`.",
    )
    add_config_option(settle)
    settle.add_argument(
        "plan_id", metavar="PLAN", help="plan id of the action, or its first characters"
    )
    add_wait_fresh_option(settle)
    settle.set_defaults(command="opsboard.commands.settle:run")


def _add_doctor(commands: "_Commands[CommandParser]") -> None:
    doctor = commands.add_parser(
        "doctor",
        help="test each source and say how to fix it",
        description="Check the config, test each source, and say how to fix what fails. Exit code: "
        "0 all is well, 2 something failed, 64 bad usage.",
    )
    add_config_option(doctor)
    doctor.add_argument("source", nargs="*", help="only these sources")
    doctor.set_defaults(command="opsboard.commands.doctor:run")


def _add_init(commands: "_Commands[CommandParser]") -> None:
    about = "write a config file from what is found here"
    init = commands.add_parser("init", help=about, description=f"{about.capitalize()}.")
    add_config_option(init)
    init.add_argument("--print", action="store_true", dest="to_stdout", help="print it instead")
    init.set_defaults(command="opsboard.commands.config:init")


def _add_config(commands: "_Commands[CommandParser]") -> None:
    config = commands.add_parser(
        "config",
        help="print the config's path or its JSON Schema",
    )
    actions = config.add_subparsers(
        title="actions", metavar="ACTION", required=True, parser_class=CommandParser
    )
    schema = actions.add_parser("schema", help="print its JSON Schema")
    schema.set_defaults(command="opsboard.commands.config:schema")
    path = actions.add_parser("path", help="print which file is read")
    add_config_option(path)
    path.set_defaults(command="opsboard.commands.config:path")


def _add_completion(commands: "_Commands[CommandParser]") -> None:
    completion = commands.add_parser(
        "completion",
        help="print what lets a shell complete opsboard's commands",
        description="Print the script that lets a shell complete commands, options, sources, "
        "actions, targets and fields of filters. What sources have is taken from the last known "
        "board: nothing is asked.",
        epilog='bash: eval "$(opsboard completion bash)" in ~/.bashrc; zsh: the same in ~/.zshrc, '
        "after compinit; fish: opsboard completion fish > "
        "~/.config/fish/completions/opsboard.fish",
    )
    completion.add_argument("shell", choices=SHELLS, metavar="SHELL", help=", ".join(SHELLS))
    completion.set_defaults(command="opsboard.commands.completion:run")


def _add_demo(commands: "_Commands[CommandParser]") -> None:
    demo = commands.add_parser(
        "demo",
        help="show a simulated company; nothing of yours is touched",
    )
    add_board_options(demo, default=argparse.SUPPRESS)
    demo.add_argument(
        "--serve", action="store_true", help="serve the demo without a board, and print a config"
    )
    demo.add_argument("--port", type=_port, default=0, help="loopback port (default: a free one)")
    demo.add_argument(
        "--seed", type=int, default=7, help="random seed: each number gives another company"
    )
    demo.add_argument("--at", metavar="TIME", help="stop the demo's clock at this ISO 8601 time")
    demo.add_argument("--scale", default="", help="pods=10000,builds=5000,models=1000")
    demo.add_argument(
        "--churn", type=_share, default=0.0, metavar="F", help="share of rows that change a second"
    )
    # how the demo starts its own server: it reports by a pipe and ends with its parent process
    demo.add_argument("--tied", action="store_true", help=argparse.SUPPRESS)
    demo.set_defaults(command="opsboard.commands.demo:run")


def _share(text: str) -> float:
    """Return *text* as a part of a whole. Raises :exc:`argparse.ArgumentTypeError`."""
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return found


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)
