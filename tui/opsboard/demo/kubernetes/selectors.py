"""Label and field selectors."""

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

SelectorTest: TypeAlias = Callable[[Mapping[str, str]], bool]

_SET: Final = re.compile(r"^(?P<key>[^\s!=]+)\s+(?P<word>in|notin)\s*\((?P<values>[^)]*)\)$")
_EQUAL: Final = re.compile(r"^(?P<key>[^\s!=]+)\s*(?P<word>==|=|!=)\s*(?P<value>[^\s]*)$")
_PRESENT: Final = re.compile(r"^(?P<word>!?)\s*(?P<key>[^\s!=()]+)$")
_COMMA: Final = re.compile(r",(?![^(]*\))")


def parse(text: str) -> SelectorTest:
    """Return the test that a selector stands for. Raises :exc:`ValueError` for a broken one."""
    tests = [_requirement(part.strip()) for part in _COMMA.split(text) if part.strip()]
    return lambda values: all(test(values) for test in tests)


def _requirement(text: str) -> SelectorTest:
    if found := _SET.match(text):
        options = frozenset(value.strip() for value in found["values"].split(","))
        return _member(found["key"], options, wanted=found["word"] == "in")
    if found := _EQUAL.match(text):
        return _member(found["key"], frozenset({found["value"]}), wanted=found["word"] != "!=")
    if found := _PRESENT.match(text):
        key, wanted = found["key"], not found["word"]
        return lambda values: (key in values) is wanted
    raise ValueError(f"unable to parse requirement: {text!r}")


def _member(key: str, options: frozenset[str], *, wanted: bool) -> SelectorTest:
    return lambda values: (values.get(key) in options) is wanted
