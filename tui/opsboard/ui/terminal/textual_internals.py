"""What opsboard uses of Textual that Textual does not document, all in one place.

Textual may rename any of it in a minor release, so the version is pinned to those it was tested
with: :data:`TESTED_VERSIONS` is what pyproject.toml asks for, and the tests hold both to the
version that is installed. To allow a newer one: look for the names below in it, run tests/ui and
tests/terminal with it, then raise the pin here and there.

- :class:`DiffUpdate` needs the compositor's updates to see what would be sent to the terminal.
- The keyboard parser is extended, since Textual loses an Escape that shares a packet with a key.
- An app knows only privately whether it is between two batches of updates, and its driver.
- A screen lays itself out each time that it is told its size, up to three times as it opens.
- A screen draws only at the ticks of a private timer, so that a key may wait for the next one.
- A driver that takes over from a frame must not stop or continue before it has begun.
- What a driver writes is dropped while a program has the terminal, by its ``write``.
- An app prints tracebacks with the values of variables, unless ``_fatal_error`` is overridden.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.screen import Screen

__all__ = [
    "ATTRIBUTES", "OVERRIDES", "TESTED_VERSIONS", "ChopsUpdate", "CompositorUpdate", "LayoutUpdate",
    "LinuxDriver", "XTermParser", "abort", "draw_now", "driver_of", "is_batching", "is_laid_out",
    "is_running", "muted", "use_parser",
]  # fmt: skip

TESTED_VERSIONS: Final = ">=8.2,<8.3"
"""The versions of Textual that opsboard was tested with, as a requirement in pyproject.toml."""

OVERRIDES: Final[Mapping[type, tuple[str, ...]]] = {
    App: ("_display", "_fatal_error"),
    Screen: ("_compositor_refresh", "_screen_resized"),
    XTermParser: ("_sequence_to_key_events",),
    LinuxDriver: ("_sigcont_application", "_sigtstp_application"),
}
"""Private methods of Textual that a class of ours overrides."""

ATTRIBUTES: Final[Mapping[type, tuple[str, ...]]] = {
    App: (
        "_batch_count", "_close_messages_no_wait", "_closed", "_driver", "_exception",
        "_exit_renderables", "_return_code", "_running",
    ),
    Screen: (
        "_compositor", "_dirty_widgets", "_layout_required", "_on_timer_update",
        "_repaint_required", "_scroll_required",
    ),
    LayoutUpdate: ("strips", "region"),
    ChopsUpdate: ("chops", "spans", "chop_ends"),
}  # fmt: skip
"""Private attributes of Textual that are read or set here."""


def driver_of(app: App[Any]) -> Driver | None:
    """Return what *app* reads its terminal with and writes to it; ``None`` before it runs."""
    return app._driver


@contextmanager
def muted(driver: Driver) -> Iterator[None]:
    """Send nothing that *driver* is to write: a program has the terminal.

    A driver that is suspended has no thread that writes, and waits for one once it is full.
    """
    vars(driver)["write"] = lambda data: None
    try:
        yield
    finally:
        del vars(driver)["write"]


def is_batching(app: App[Any]) -> bool:
    """Return whether *app* collects updates now, to draw them together."""
    return bool(app._batch_count)


def is_laid_out(screen: Screen[Any], size: Size) -> bool:
    """Return whether *screen* was last laid out for *size*."""
    return screen in screen._compositor.widgets and screen._compositor.size == size


def draw_now(screen: Screen[Any]) -> None:
    """Draw what has changed on *screen*, if anything has, and not only at the next frame's time."""
    if (
        screen._dirty_widgets
        or screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
    ):
        screen._on_timer_update()


def is_running(app: App[Any]) -> bool:
    """Return whether *app* has begun and has not ended."""
    return app._running and not app._closed


def abort(app: App[Any], code: int, describe: Callable[[BaseException], str]) -> None:
    """End *app* with the exit code *code*, and print what ``describe(error)`` returns."""
    app._return_code = code
    if app._exception is not None:
        app._exit_renderables.append(describe(app._exception))
    app._close_messages_no_wait()


def use_parser(parser: type[XTermParser]) -> None:
    """Let Textual's driver parse what the terminal sends with *parser*.

    The driver takes no parser as an argument: it looks the class up by its name in its module.
    """
    setattr(linux_driver, XTermParser.__name__, parser)
