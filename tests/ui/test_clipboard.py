"""Copying by OSC 52, and opening pages."""

from base64 import b64decode
from pathlib import Path

import pytest

from opsboard.ui.terminal.browser import has_browser, is_page, open_page
from opsboard.ui.terminal.clipboard import LIMIT, clipboard_text, copy_sequences

PLAIN = "\x1b]52;c;aMOp\x07"


def test_a_terminal_is_told_in_base64() -> None:
    assert list(copy_sequences("hé", {})) == [PLAIN]


def test_tmux_is_told_and_passed_through() -> None:
    plain, through = copy_sequences("hé", {"TMUX": "/tmp/tmux-0/default,1,0"})
    assert plain == PLAIN
    assert through == "\x1bPtmux;\x1b\x1b]52;c;aMOp\x07\x1b\\"


def test_screen_gets_short_pieces() -> None:
    pieces = list(copy_sequences("x" * 1_000, {"STY": "1.tty"}))
    assert len(pieces) > 1
    inner = "".join(piece.removeprefix("\x1bP").removesuffix("\x1b\\") for piece in pieces)
    assert b64decode(inner.removeprefix("\x1b]52;c;").removesuffix("\x07")) == b"x" * 1_000


def test_nothing_in_the_text_can_end_the_sequence() -> None:
    (sequence,) = copy_sequences("\x07\x1b\\ evil", {})
    assert sequence.count("\x07") == 1
    assert sequence.count("\x1b") == 1


def test_what_is_too_long_is_cut_between_characters() -> None:
    text, cut = clipboard_text("é" * LIMIT)
    assert cut
    assert set(text) == {"é"}
    assert len(text.encode()) <= LIMIT
    assert clipboard_text("short") == ("short", False)


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://example.org/x", True),
        ("http://localhost:1", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("http://[", False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_pages_are_opened(url: str | None, page: bool) -> None:
    assert is_page(url) is page


def test_a_browser_needs_a_display() -> None:
    assert has_browser({"DISPLAY": ":0"})
    assert has_browser({"WAYLAND_DISPLAY": "wayland-0"})
    assert not has_browser({"SSH_CONNECTION": "1 2 3 4"})


@pytest.mark.parametrize(("code", "taken"), [(0, True), (1, False)])
async def test_a_browser_that_wants_the_terminal_finds_none(
    tmp_path: Path, code: int, taken: bool
) -> None:
    """Such as a text browser, which BROWSER may name."""
    script, told = tmp_path / "browse", tmp_path / "told"
    script.write_text(
        f"#!/bin/sh\n(exec </dev/tty) 2>/dev/null && echo terminal > {told} || echo none > {told}\n"
        f'echo "$TERM $1" >> {told}\nexit {code}\n'
    )
    script.chmod(0o755)
    env = {"PATH": str(tmp_path), "BROWSER": str(script), "TERM": "xterm", "DISPLAY": ":0"}
    assert await open_page("https://x.test/1", env) is taken
    assert told.read_text() == "none\n https://x.test/1\n"
