"""Decoding text: config files, tokens, the output of programs.

All of it should be UTF-8. Windows puts a byte order mark before it (Notepad), or writes UTF-16
(``>`` of PowerShell 5), ends lines with CRLF and, long ago, files with Ctrl-Z. All of these are
unambiguous and are read; other encodings (Windows-1252, say) are not guessed.
"""

import codecs
import re
from pathlib import Path
from typing import Final

MAX_BYTES: Final = 16_777_216
"""Largest file that is read, in bytes; no config or credential is as large."""

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # begins as the mark of UTF-16 does, so it comes first
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNMARKED: Final = (
    (re.compile(rb"\0\0\0[^\0]"), "utf-32-be"),
    (re.compile(rb"[^\0]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0[^\0]"), "utf-16-be"),
    (re.compile(rb"[^\0]\0[^\0]"), "utf-16-le"),
)
"""How a first character of ASCII looks in an encoding that no mark tells of (YAML 1.2.2, §5.2)."""

_NAMES: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16", "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32", "utf-32-be": "UTF-32",
}  # fmt: skip

_AROUND: Final = "\0\x1a\ufeff"
"""Characters around a text that are not part of it: padding, DOS's end of file, a byte order
mark."""

ENCODING_HINT: Final = "save it as UTF-8"


class NotTextError(ValueError):
    """The bytes are no text: ``is not UTF-8 text (line 3, byte 7)``. None of them is quoted."""


def decode_text(data: bytes) -> str:
    """Return *data* as text, its lines ended by LF alone. Raises :exc:`NotTextError`."""
    mark, encoding = _encoding(data)
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise NotTextError(f"is not {_NAMES[encoding]} text ({_where(error)})") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path) -> str:
    """Return the text of the file *path*. Raises :exc:`OSError` and :exc:`NotTextError`."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise NotTextError(f"has more than {MAX_BYTES:,} bytes")
    return decode_text(data)


def as_utf8(data: bytes) -> bytes:
    """Return *data* in UTF-8 without a mark where it is text in UTF-16 or UTF-32, else as it is.

    For PEM files, whose comments may be in any encoding.
    """
    mark, encoding = _encoding(data)
    try:
        return data[len(mark) :].decode(encoding).encode()
    except UnicodeError:
        return data[len(mark) :] if encoding == "utf-8" else data


def strip_secret(text: str) -> str:
    """Return *text*, a password or token, without white space and padding around it."""
    before = None
    while text != before:
        before, text = text, text.strip().strip(_AROUND)
    return text


def _encoding(data: bytes) -> tuple[bytes, str]:
    """Return the byte order mark that *data* begins with, and the encoding it is in."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return mark, encoding
    for looks, encoding in _UNMARKED:
        if looks.match(data):
            return b"", encoding
    return b"", "utf-8"


def _where(error: UnicodeDecodeError) -> str:
    before = error.object[: error.start]
    if error.encoding != "utf-8":
        return f"byte {len(before) + 1:,}"
    line = before.count(b"\n") + 1
    column = len(before) - before.rfind(b"\n")
    return f"line {line:,}, byte {column:,}"
