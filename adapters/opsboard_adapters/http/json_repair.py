"""JSON that is not quite: read by its structure alone, and repaired where a string or number is
odd.

Real servers write lone surrogates, raw control characters, ``NaN``. RFC 8259 forbids them, and a
strict parser gives up the whole answer for one of them. Here the items of a list are told apart
by brackets and quotes only, so that each can be decoded, repaired or left out by itself.
"""

import math
import re
from typing import Any, Final

import msgspec

MAX_PLAIN_VALUES: Final = 500_000
"""Values that are made plain ones, by brackets and commas: each may take 200 bytes."""

# An unfinished string reaches to the end: no letter is ever looked at twice.
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_TOKEN: Final = re.compile(_STRING + rb"|[\[\]{},]", re.DOTALL)
_SCALAR: Final = re.compile(_STRING + rb"|-?(?:NaN|Infinity|\d[\d.eE+-]*+)", re.DOTALL)
_USUAL_DIGITS: Final = 18
_COLON: Final = re.compile(rb"\s*:\s*\[")
_ESCAPE: Final = re.compile(
    rb"\\(?:u([0-9A-Fa-f]{4})(?:\\u([Dd][C-Fc-f][0-9A-Fa-f]{2}))?|(.))", re.DOTALL
)
_CONTROLS: Final = bytes.maketrans(bytes(range(32)), b" " * 32)
_REPLACEMENT: Final = b"\\ufffd"
_BLANK: Final = b" \t\r\n"


def count_values(content: bytes) -> int:
    """Return about how many values *content* has."""
    return sum(map(content.count, (b",", b"{", b"[")))


def split_items(content: bytes, key: str | None) -> tuple[bytes, list[bytes]] | None:
    """Return *content* with the array under *key* emptied, and the items of that array.

    The key is one of the outermost object; ``None`` stands for an outermost array. Returns
    ``None`` where there is no such array, or where it does not end.
    """
    begin = _outermost(content) if key is None else _under(content, key)
    if begin is None:
        return None
    items: list[bytes] = []
    depth, since = 0, begin + 1
    for token in _TOKEN.finditer(content, begin):
        depth += _step(content, token)
        if depth == 0 or (depth == 1 and content.startswith(b",", token.start())):
            if item := content[since : token.start()].strip(_BLANK):
                items.append(item)
            since = token.end()
        if depth == 0:
            return content[: begin + 1] + content[token.start() :], items
    return None


def _outermost(content: bytes) -> int | None:
    begin = len(content) - len(content.lstrip(_BLANK))
    return begin if content.startswith(b"[", begin) else None


def _under(content: bytes, key: str) -> int | None:
    depth, wanted = 0, b'"%s"' % key.encode()
    for token in _TOKEN.finditer(content):
        named = depth == 1 and _is(wanted, content, token)
        if named and (found := _COLON.match(content, token.end())):
            return found.end() - 1
        depth += _step(content, token)
    return None


def _is(wanted: bytes, content: bytes, token: re.Match[bytes]) -> bool:
    begin, end = token.span()
    return end - begin == len(wanted) and content.startswith(wanted, begin)


def _step(content: bytes, token: re.Match[bytes]) -> int:
    """Return how much deeper *token* leads. It is never copied: a string may be very long."""
    begin = token.start()
    if content.startswith((b"[", b"{"), begin):
        return 1
    return -1 if content.startswith((b"]", b"}"), begin) else 0


def parse_leniently(content: bytes) -> Any:
    """Return the values of *content*, repaired and without nulls.

    Raises :exc:`ValueError` for what cannot be repaired, and :exc:`RecursionError`.
    """
    if count_values(content) > MAX_PLAIN_VALUES:
        raise ValueError(f"more than {MAX_PLAIN_VALUES:,} values")
    return without_nulls(msgspec.json.decode(repair_json(content)))


def repair_json(content: bytes) -> bytes:
    """Return *content* as JSON that a strict parser takes, if it is JSON in its structure.

    What no string may hold becomes U+FFFD or a blank; what is no number, or too large for one,
    becomes a string: it is told where a number is needed, and does no harm anywhere else.
    """
    text = content.decode("utf-8", "replace").encode().removeprefix(b"\xef\xbb\xbf")
    return _SCALAR.sub(_scalar_mended, text.translate(_CONTROLS))


def _scalar_mended(token: re.Match[bytes]) -> bytes:
    found: bytes = token[0]
    if not found.startswith(b'"'):
        if _is_usual(found):
            return found
        return b'"%s"' % (found if len(found) <= _USUAL_DIGITS else found[:_USUAL_DIGITS] + b"...")
    return _ESCAPE.sub(_escape_mended, found) if b"\\" in found else found


def _is_usual(number: bytes) -> bool:
    """Tell whether *number* is one, as JSON has it, that a computer can hold."""
    if number.endswith((b"NaN", b"Infinity")):
        return False
    if number.lstrip(b"-").isdigit():
        return len(number) <= _USUAL_DIGITS
    try:
        return math.isfinite(float(number))
    except ValueError:
        return True  # no JSON: the parser says so


def _escape_mended(escape: re.Match[bytes]) -> bytes:
    first, second, single = escape[1], escape[2], escape[3]
    whole: bytes = escape[0]
    if first is None:
        return whole if single in b'"\\/bfnrt' else _REPLACEMENT
    code = int(first, 16)
    if not 0xD800 <= code <= 0xDFFF:
        return whole if second is None else whole[:6] + _REPLACEMENT
    return whole if second is not None and code < 0xDC00 else _REPLACEMENT


def without_nulls(value: Any) -> Any:
    """Return *value* without the keys and items that are null: their defaults stand for them."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value
