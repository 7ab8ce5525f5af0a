"""Leaving the program while something is done by it, or followed."""

from rich.text import Text

from opsboard.ui.actions.activity_tracker import running_activities
from opsboard.ui.app_host import Host


def request_exit(host: Host) -> None:
    """End the program; where an act is just being sent, ask first and say why."""
    if host.acts is None or not host.acts.sending_count:
        exit_app(host)
        return
    from opsboard.ui.screens.confirm import ConfirmScreen  # noqa: PLC0415 - seldom asked

    count = host.acts.sending_count
    words = (
        f"{_acts(count)} just being sent. If the program ends before the answer is there, nobody "
        "knows whether it was done: the next start looks, and settles it."
    )

    def answered(yes: bool | None) -> None:
        if yes:
            exit_app(host)

    host.push_screen(
        ConfirmScreen("Leave now?", [Text(words)], "leave all the same", "stay"), answered
    )


def exit_app(host: Host) -> None:
    """End the program, and say what goes on at the next start."""
    count = len(running_activities(host.board)) if host.acts is not None else 0
    message = f"opsboard: {_acts(count)} still followed; the next start goes on with it."
    host.exit(0, message=message if count else None)


def _acts(count: int) -> str:
    return "1 act is" if count == 1 else f"{count} acts are"
