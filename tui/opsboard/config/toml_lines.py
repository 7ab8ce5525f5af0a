"""Find the line of a key in a TOML file, for error messages.

``tomllib`` keeps no positions. This scans for table headers and keys and lets ``tomllib`` itself
read each of them, so that quoting and dots are understood as TOML understands them. A key inside
an inline table is found at the line of the key that holds the table. A table
in an array of tables is named by its number in the path; without one, the first is meant.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

_HEADER = re.compile(r"\s*(\[\[?.+?\]\]?)\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of(text: str, path: tuple[str, ...]) -> int | None:
    """Return the 1-based line of *path*, or of the nearest table around it."""
    places: dict[tuple[str, ...], int] = {}
    for number, key in _numbered(text):
        for depth in range(1, len(key) + 1):
            places.setdefault(key[:depth], number)
    for depth in range(len(path), 0, -1):
        if (found := places.get(path[:depth])) is not None:
            return found
    return None


def _numbered(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield line and path of each key; in arrays of tables, also with the number of the table."""
    array: tuple[str, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    for number, key, header in _keys(text):
        yield number, key
        if header:
            array = key if header.startswith("[[") else ()
            counts[array] = counts.get(array, -1) + 1
        if array and key[: len(array)] == array:
            yield number, (*array, str(counts[array]), *key[len(array) :])


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...], str]]:
    """Yield the line and path of each key, and the header's text if it is one."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := _HEADER.match(line):
            table = _parse(header[1]) or table
            yield number, table, header[1]
        elif key := _KEY.match(line):
            yield number, table + _parse(f"{key[1]} = 0"), ""


def _parse(source: str) -> tuple[str, ...]:
    try:
        node: Any = tomllib.loads(source)
    except tomllib.TOMLDecodeError:
        return ()
    path: list[str] = []
    while node:
        if isinstance(node, list):
            node = node[0]
        elif isinstance(node, dict):
            key, node = next(iter(node.items()))
            path.append(key)
        else:
            break
    return tuple(path)
