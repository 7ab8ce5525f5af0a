"""Bytes of a keyboard: no key is lost, and no sequence is torn."""

import inspect
from collections.abc import Iterable

import pytest
from textual import events
from textual.drivers import linux_driver
from textual.message import Message

from opsboard.ui.terminal.keyboard import KeyboardParser, install_keyboard_parser


def _told(messages: Iterable[Message]) -> list[str]:
    return [
        message.key if isinstance(message, events.Key) else type(message).__name__
        for message in messages
    ]


def _parsed(*packets: str) -> list[str]:
    """Return what comes of *packets* before any time has passed."""
    parser = KeyboardParser()
    return [told for packet in packets for told in _told(parser.feed(packet))]


@pytest.mark.parametrize(
    ("packet", "keys"),
    [
        ("\x1b\r", ["escape", "enter"]),
        ("\x1b/", ["escape", "slash"]),
        ("\x1b:q", ["escape", "colon", "q"]),
        ("\x1b ", ["escape", "space"]),
        ("\x1b\x03", ["escape", "ctrl+c"]),
        ("\x1b?\x1b\r", ["escape", "question_mark", "escape", "enter"]),
    ],
)
def test_escape_is_a_key_before_what_begins_no_sequence(packet: str, keys: list[str]) -> None:
    assert _parsed(packet) == keys
    assert _parsed(*packet) == keys, "in packets of one byte, too"


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        ("\x1b[A", ["up"]),
        ("\x1bOA", ["up"]),
        ("\x1b[5~", ["pageup"]),
        ("\x1bOP", ["f1"]),
        ("\x1b[15~", ["f5"]),
        ("\x1b[1;5C", ["ctrl+right"]),
        ("\x1b[Z", ["shift+tab"]),
        ("\x1b[27u", ["escape"]),
        ("\x1b[97;5u", ["ctrl+a"]),
        ("\x1b[<0;10;5M", ["MouseDown"]),
        ("\x1b[I", ["AppFocus"]),
        ("\x1b[48;24;80;480;800t", ["Resize"]),
        ("\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput"]),
    ],
)
def test_sequences_stay_whole(packet: str, told: list[str]) -> None:
    assert _parsed(packet) == told
    assert _parsed(packet[:1], packet[1:]) == told, "cut behind the escape"
    assert _parsed(packet[:-1], packet[-1:]) == told, "cut before the end"


def test_a_paste_is_text_wherever_it_is_cut() -> None:
    whole = "\x1b[200~a\r/b\x1b[201~x"
    for cut in range(1, len(whole)):
        assert _parsed(whole[:cut], whole[cut:]) == ["Paste", "x"]


def test_the_driver_still_looks_up_its_parser_where_we_put_ours() -> None:
    install_keyboard_parser()
    assert vars(linux_driver)["XTermParser"] is KeyboardParser
    assert "XTermParser(" in inspect.getsource(linux_driver.LinuxDriver.run_input_thread)
