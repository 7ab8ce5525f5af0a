"""``opsboard demo``: an embedded world, shown or served."""

from argparse import Namespace
from datetime import UTC, datetime
from importlib import import_module

from opsboard.cli import Exit
from opsboard.commands.setup import complain


def run(options: Namespace) -> int:
    """Show the world on the board, or, with ``--serve``, only serve it and print a config."""
    from opsboard.demo.run import Demo, running, serve  # noqa: PLC0415 - a server, and seldom used
    from opsboard.demo.world.scale import Scale  # noqa: PLC0415

    try:
        scale = Scale.parse(options.scale, options.churn)
        demo = Demo(options.seed, options.port, _time(options.at), scale)
    except ValueError as error:
        complain(str(error))
        return Exit.USAGE
    try:
        if options.serve:
            serve(demo)
            return Exit.OK
        with running(demo) as config:
            options.config = str(config)
            shown: int = import_module("opsboard.commands.board").run(options)
            return shown
    except OSError as error:
        complain(f"cannot serve the demo on port {options.port}: {error.strerror or error}")
        return Exit.FAILED


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
