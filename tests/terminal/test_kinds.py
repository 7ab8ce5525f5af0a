"""Terminals of every kind and size; what is pasted into them, and copied out of them."""

import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from opsboard.demo.options import DemoOptions
from opsboard.demo.process import running_demo
from tests.terminal.tmux import Terminal, terminal

pytestmark = pytest.mark.terminal

SGR = re.compile(r"\x1b\[([\d;:]*)m")
COLOURS = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
"""Codes that set a colour; 39 and 49 go back to the terminal's own."""
MOUSE = re.compile(rb"\x1b\[\?(?:9|100[012356]|1015|1016)h")


@pytest.fixture(scope="module")
def config() -> Iterator[Path]:
    """Serve one demo, which stands still, for all of the boards here; return its config."""
    with running_demo(DemoOptions(at=datetime.now(UTC))) as file:
        yield file


@contextmanager
def _board(
    folder: Path,
    config: Path,
    *words: str,
    size: tuple[int, int] = (80, 24),
    env: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Terminal]:
    """Show a board until the context is left, then see it end well."""
    with terminal(folder) as it:
        settings = [f"{name}={value}" for name, value in env.items()]
        program = [sys.executable, "-m", "opsboard", "--config", str(config), *words]
        it.start(["env", *settings, *program], *size, record=folder / "sent")
        it.shows("4 Alerts" if min(size) > 10 else "small: ")
        yield it
        it.packet("q")
        assert it.ended() == 0
        assert it.is_clean
        assert "Traceback" not in it.screen()


def _colours(screen: str) -> set[int]:
    codes = {int(code) for found in SGR.findall(screen) for code in re.findall(r"\d+", found)}
    return codes & COLOURS


@pytest.mark.parametrize(
    ("env", "failed"),
    [({"NO_COLOR": "1"}, "✗"), ({"TERM": "xterm-mono"}, "✗"), ({"TERM": "vt100"}, "x")],
    ids=["NO_COLOR", "xterm-mono", "vt100"],
)
def test_no_colour_is_sent_where_none_is_wanted_or_known(
    tmp_path: Path, config: Path, env: dict[str, str], failed: str
) -> None:
    with _board(tmp_path, config, env=env) as it:
        it.shows(f"{failed} checkout")
        assert _colours(it.screen(colours=True)) == set()
    sent = (tmp_path / "sent").read_text("utf-8", "replace")
    assert _colours(sent) == set()


@pytest.mark.parametrize(("term", "failed"), [("linux", "x"), ("screen", "✗")])
def test_terminals_of_few_colours_are_sent_no_others(
    tmp_path: Path, config: Path, term: str, failed: str
) -> None:
    with _board(tmp_path, config, env={"TERM": term}) as it:
        it.shows(f"{failed} checkout")
        assert _colours(it.screen(colours=True)) - {38, 48}
    assert not re.search(rb"[34]8[;:][25][;:]", (tmp_path / "sent").read_bytes())


def test_the_mouse_is_left_to_the_terminal_if_so_asked(tmp_path: Path, config: Path) -> None:
    with _board(tmp_path, config, "--no-mouse") as it:
        assert it.state("mouse_any_flag") == "0"
    assert not MOUSE.search((tmp_path / "sent").read_bytes())


def test_copies_and_pastes(tmp_path: Path, config: Path) -> None:
    with _board(tmp_path, config) as it:
        assert it.state("mouse_any_flag") == "1"
        it.until(lambda _: MOUSE.search((tmp_path / "sent").read_bytes()) is not None, "the mouse")
        it.tmux("set-option", "-s", "set-clipboard", "on")
        it.shows("✗ checkout")
        it.packet("2/name:checkout\rcg\r")
        it.shows("Copied")
        it.until(lambda _: "checkout" in it.tmux("list-buffers"), "what was copied in the buffer")
        assert it.tmux("show-buffer").strip() == "checkout"

        it.paste("q\n:pods\nq\n")
        it.packet("/\x15")  # the prompt, emptied
        it.paste("name:pay\nq\n")
        it.until(lambda screen: re.search(r"Deployments\s+\d+/\d+.*pay", screen) is not None, "it")
        it.packet("\x1b")


def test_a_board_is_readable_at_every_size_that_it_is_given(tmp_path: Path, config: Path) -> None:
    with _board(tmp_path, config, size=(20, 5)) as it:
        for width, height in ((80, 24), (20, 5), (300, 100), (80, 24)):
            it.resize(width, height)
            _readable(it, width, height)


def _readable(it: Terminal, width: int, height: int) -> None:
    if (width, height) == (20, 5):
        screen = it.until(lambda seen: "small: 20x5" in seen and "Alerts" not in seen, "the word")
    else:
        panes = ("1 Builds", "2 Deployments", "3 Models", "4 Alerts", "Help")
        screen = it.until(lambda seen: all(pane in seen for pane in panes), "all panes")
    assert max(map(len, screen.splitlines())) <= width
    assert len(screen.splitlines()) <= height
    assert "Traceback" not in screen
