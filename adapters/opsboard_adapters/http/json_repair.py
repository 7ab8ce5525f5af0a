"""Almost-JSON: read by its structure alone, and repaired where a string or number is invalid.

Real servers write lone surrogates, raw control characters and ``NaN``. RFC 8259 forbids them, and a
strict parser rejects the whole response for one of them. Here the items of a list are told apart by
brackets and quotes only, so that each can be decoded, repaired or skipped by itself.
"""

import math
import re
from typing import Any, Final

import msgspec

MAX_ITEMS: Final = 50_000
"""Maximum records of a page."""
MAX_DEPTH: Final = 200_000
"""Brackets that may be open at a time in a list whose items are told apart. An item that is nested
too deeply to be parsed is skipped by itself; what is nothing but brackets is no list of items.
"""
MAX_PLAIN_VALUES: Final = 500_000
"""Values that are turned into plain Python ones, each of up to 200 bytes."""

# Possessive quantifiers: no character is read twice. An unfinished string reaches to the end.
_STRING: Final = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_TOKEN: Final = re.compile(_STRING + rb"|[\[\]{},]", re.DOTALL)
# Up to the next mark, over all strings: a list has few marks where it has many strings and commas.
_BETWEEN_ITEMS: Final = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")*+[\[\]{},]", re.DOTALL)
_IN_ITEM: Final = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+[\[\]{}]", re.DOTALL)
_SCALAR: Final = re.compile(_STRING + rb"|-?(?:NaN|Infinity|\d[\d.eE+-]*+)", re.DOTALL)
_USUAL_DIGITS: Final = 18
_COLON: Final = re.compile(rb"\s*:\s*\[")
_ESCAPE: Final = re.compile(
    rb"\\(?:u([0-9A-Fa-f]{4})(?:\\u([Dd][C-Fc-f][0-9A-Fa-f]{2}))?|(.))", re.DOTALL
)
_CONTROLS: Final = bytes.maketrans(bytes(range(32)), b" " * 32)
_REPLACEMENT: Final = b"\\ufffd"
_BLANK: Final = b" \t\r\n"
_DEEPER: Final = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


class TooManyItems(ValueError):
    """An array has more than :data:`MAX_ITEMS` items."""


def count_values(content: bytes) -> int:
    """Return roughly how many values *content* has, by counting commas and brackets."""
    return sum(map(content.count, (b",", b"{", b"[")))


def split_items(content: bytes, key: str | None) -> tuple[bytes, list[bytes]] | None:
    """Return *content* with the array under *key* emptied, and the items of that array.

    *key* is a key of the outermost object; ``None`` means that the outermost value is the array.
    Returns ``None`` where there is no such array, and where it does not end or is nested more than
    :data:`MAX_DEPTH` deep. Raises :exc:`TooManyItems` as soon as that is clear.
    """
    begin = _outermost(content) if key is None else _under(content, key)
    if begin is None:
        return None
    items: list[bytes] = []
    depth, since = 1, begin + 1
    end = since
    while token := (_BETWEEN_ITEMS if depth == 1 else _IN_ITEM).match(content, end):
        end = token.end()
        mark = content[end - 1 : end]
        depth += _DEEPER.get(mark, 0)
        if depth == 0 or mark == b",":
            if item := content[since : end - 1].strip(_BLANK):
                items.append(item)
                if len(items) > MAX_ITEMS:
                    raise TooManyItems
            since = end
        if depth == 0:
            return content[: begin + 1] + content[end - 1 :], items
        if depth > MAX_DEPTH:
            break
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
        if depth > MAX_DEPTH:
            break
    return None


def _is(wanted: bytes, content: bytes, token: re.Match[bytes]) -> bool:
    begin, end = token.span()
    return end - begin == len(wanted) and content.startswith(wanted, begin)


def _step(content: bytes, token: re.Match[bytes]) -> int:
    """Return by how much *token* changes the depth. The token is not copied: strings may be very
    long.
    """
    begin = token.start()
    if content.startswith((b"[", b"{"), begin):
        return 1
    return -1 if content.startswith((b"]", b"}"), begin) else 0


def parse_leniently(content: bytes) -> Any:
    """Return the repaired values of *content*, without nulls.

    Raises :exc:`ValueError` where it cannot be repaired, and :exc:`RecursionError`.
    """
    if count_values(content) > MAX_PLAIN_VALUES:
        raise ValueError(f"more than {MAX_PLAIN_VALUES:,} values")
    return without_nulls(msgspec.json.decode(repair_json(content)))


def repair_json(content: bytes) -> bytes:
    """Return *content* as JSON that a strict parser accepts, if its structure is JSON.

    Characters that no string may hold become U+FFFD or a space. Numbers that are invalid or too
    large become strings: that is an error only where a number is needed.
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
    """Tell whether *number* is valid JSON that fits into 64 bits."""
    if number.endswith((b"NaN", b"Infinity")):
        return False
    if number.lstrip(b"-").isdigit():
        return len(number) <= _USUAL_DIGITS
    try:
        return math.isfinite(float(number))
    except ValueError:
        return True  # invalid JSON: the parser reports it


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
    """Return *value* without null keys and items, so that defaults apply."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value if item is not None]
    return value
