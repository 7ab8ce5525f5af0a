"""Copying to the user's own clipboard, over any number of SSH hops: OSC 52."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Final

LIMIT: Final = 74_994
"""Bytes that every terminal with OSC 52 takes: xterm's limit of 100,000 characters of base64."""

_SCREEN_CHUNK: Final = 256


def clipboard_text(text: str) -> tuple[str, bool]:
    """Return as much of *text* as a clipboard takes, and whether that is less than all."""
    data = text.encode("utf-8")
    if len(data) <= LIMIT:
        return text, False
    return data[:LIMIT].decode("utf-8", "ignore"), True


def copy_sequences(text: str, env: Mapping[str, str]) -> Iterator[str]:
    """Yield what has to be written to the terminal for *text* to land in the clipboard.

    Inside tmux it is sent twice: for tmux itself (``set-clipboard on``), and through it
    (``allow-passthrough on``), since either may be off.
    """
    plain = f"\x1b]52;c;{b64encode(text.encode('utf-8')).decode('ascii')}\x07"
    if env.get("STY"):
        for start in range(0, len(plain), _SCREEN_CHUNK):
            yield f"\x1bP{plain[start : start + _SCREEN_CHUNK]}\x1b\\"
        return
    yield plain
    if env.get("TMUX"):
        doubled = plain.replace("\x1b", "\x1b\x1b")
        yield f"\x1bPtmux;{doubled}\x1b\\"
